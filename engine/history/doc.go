// Package history keeps runs: a file each, written once while the run's result is written, and never changed. A file can be
// looked through, filtered, sorted and searched at any place without reading all of it, written out again in every format, and
// compared with that of another run.
//
//	w, err := history.Create(path, result)   // the file begins, under another name
//	format.Write(out, w.Follow(), options)   // items are appended while they are shown; or w.Append(item) each, in the order of the report
//	err = w.Close()                          // the rest is written, and the file gets its name; or w.Discard()
//
//	run, err := history.Open(path)           // to be closed; several goroutines may use it
//	run.Items()                              // how many items there are: positions count from 0, in the order of the report
//	run.Row(i), run.Rows(positions)          // SKU, name, status, class and cells of items
//	run.Item(i)                              // with both sides' values, where they were kept
//	run.Filter(Filter{...})                  // the positions of items, in order
//	run.Sort(positions, By{...})
//	run.Search(text)                         // the positions of items with that in SKU or name
//	run.Find(sku), run.FindNear(sku, i)      // the positions of items with exactly that SKU
//	run.Result()                             // for package report, which writes it in each format
//	Compare(before, after)                   // what is new, updated, as it was, resolved, judged anew
//
// A result that is kept has to be a whole one, with the items that are synchronized. Of each item its SKU, its name, its key and its
// cells are kept. The values of both sides are kept only of items with an N or I, of those of which something was unknown, and of those
// that are not matched: a Row says whether they are there. They are also kept where an item's row on either side has another SKU.
//
// # The file
//
// Integers are little-endian, "varint" is unsigned LEB128, "text" is a varint length and UTF-8 bytes. Each section but the first and
// the last has a checksum (CRC-32C), and each begins where the one before it ends, so that there is no byte that is not checked.
//
//	section     bytes
//	head        "reconcile-run\n", u16 version
//	then, for each 256 items:
//	texts       the items' outcomes, then the lengths of their SKUs, of their names, and of their keys plus one (0: the key is the SKU), all
//	            varints; then all SKUs, all names, all keys
//	values      for each item of which values are kept, a varint length and: flags (bits 0 and 1: it has a row in pos and store; 2 and 3: a
//	            row that could not be read; 4: a list of what was unknown), what the flags announce in that order. A row is its place
//	            among the items of its source, a bit for each field that says that it is the same as in the pos row or, where there is
//	            none before it, as the item's SKU or name; then the other fields. What could not be read is two texts, SKU and
//	            reason. What was unknown is a varint count, then rule (varint), side (byte), field and reason (texts) of each
//	after each 65,536 items, and after the last:
//	cells       a byte of status for each item (bits 0 to 2: status, 3 and 4: class, 5: parent, 6: meant to be, 7: values are kept), then
//	            for each rule four bits an item, the first item in the lower ones: see Mark
//	at the end:
//	outcomes    a line of JSON for each outcome: what the cells come from
//	about       JSON: what was compared, rules, summary, warnings (see about.go)
//	index       for each texts and values: u32 length, u32 checksum; then for each cells the same
//	tail        for outcomes, about and index: u64 length, u32 checksum; u64 items, u16 version, u32 checksum of the tail so
//	            far, "end-of-run\n"
//
// A field's value is: of text, a text; of a number, 0 for null, or 2 plus its scale and its coefficient as a zigzag varint, or 1 and
// a text where those are too large; of a bool, 0 for null, 1 for true, 2 for false; of a list, a varint count and texts; of a map, a
// varint count and twice as many texts, each key before its value.
//
// The version is 1. A file of a newer version is refused (ErrNewer). A change of anything above is a new version, and files of the
// older ones stay readable. What is damaged is a *DamageError, whatever it would read as.
package history
