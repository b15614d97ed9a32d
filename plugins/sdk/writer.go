package sdk

import (
	"context"
	"fmt"
	"unicode/utf8"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/plugins/proto"
)

// A batch is sent when it has this many items or bytes, whichever comes first.
const (
	batchItems = 8192
	batchBytes = 1 << 20
)

// Writer receives items field by field and sends them in batches. Set the fields of one item, each at most once, and then
// call End. Field i is the one at index i of the request's Fields. A field that was not set is null, "" or empty.
//
// A Writer is for one goroutine. It keeps its first error; End returns it.
type Writer struct {
	ctx         context.Context
	builder     *catalog.Builder
	send        func(*catalog.Batch) error
	items       int64
	err         error
	columnsFree bool

	offered *catalog.Schema // the fields that an Item may have
	units   *units
}

// NewWriter returns a Writer for items with these fields that passes each full batch to send. It is for tests: connectors
// get their Writer from the SDK. Call Flush at the end.
func NewWriter(ctx context.Context, fields []Field, send func(*catalog.Batch) error) (*Writer, error) {
	schema, err := catalog.NewSchema(fields...)
	if err != nil {
		return nil, err
	}
	return &Writer{ctx: ctx, builder: catalog.NewBuilder(schema), send: send, offered: schema, units: &units{}}, nil
}

// Fields returns the fields of the items, in order.
func (w *Writer) Fields() []Field { return w.builder.Schema().Fields() }

// Items returns the number of items that were written.
func (w *Writer) Items() int64 { return w.items }

// String sets field i, a string.
func (w *Writer) String(i int, s string) { w.builder.SetString(i, w.text(i, s)) }

// Number sets field i, a number.
func (w *Writer) Number(i int, d Decimal) { w.builder.SetNumber(i, d) }

// Bool sets field i, a bool.
func (w *Writer) Bool(i int, b bool) { w.builder.SetBool(i, b) }

// List sets field i, a list of strings. It keeps no reference to the slice.
func (w *Writer) List(i int, list []string) {
	clean := list
	for j, s := range list {
		if t := w.text(i, s); t != s {
			if &clean[0] == &list[0] {
				clean = append([]string(nil), list...)
			}
			clean[j] = t
		}
	}
	w.builder.SetList(i, clean)
}

// Map sets field i, a map. The entries may have any order; of entries with the same key the last counts. It is an error if
// two different keys become equal in Unicode NFC. Map keeps no reference to the slice.
func (w *Writer) Map(i int, entries []Entry) {
	clean := entries
	keys := false // whether a key has changed
	for j, e := range entries {
		if c := (Entry{Key: w.text(i, e.Key), Value: w.text(i, e.Value)}); c != e {
			if &clean[0] == &entries[0] {
				clean = append([]Entry(nil), entries...)
			}
			clean[j] = c
			keys = keys || c.Key != e.Key
		}
	}
	if keys {
		seen := make(map[string]string, len(entries))
		for j, e := range entries {
			if err := checkKeyDistinct(seen, e.Key, clean[j].Key); err != nil {
				w.fail(fmt.Errorf("item %d, field %q: %w", w.items+1, w.builder.Schema().Field(i).Name, err))
			}
		}
	}
	w.builder.SetMap(i, clean)
}

// text returns s in the form of catalog.NormalText. Most text is ASCII without CR, which has that form already.
func (w *Writer) text(i int, s string) string {
	if len(s) > proto.MaxField {
		w.fail(tooLarge(fmt.Sprintf("item %d", w.items+1), w.builder.Schema().Field(i).Name, len(s)))
		return ""
	}
	for at := range len(s) {
		if s[at] >= utf8.RuneSelf || s[at] == '\r' {
			if !utf8.ValidString(s) {
				w.fail(misuse("item %d, field %q: %q is not valid UTF-8", w.items+1, w.builder.Schema().Field(i).Name, s))
				return ""
			}
			return catalog.NormalText(s)
		}
	}
	return s
}

// Batch writes n whole items at once: columns has a column with n values for each field, in the order of the fields. It is
// for connectors that have columns already. Batch may keep the columns: see CanReuseColumns. It copies only columns with
// text that is not in the form of catalog.NormalText. Its error is like that of End.
func (w *Writer) Batch(n int, columns []catalog.Column) error {
	if err := w.Flush(); err != nil {
		return err
	}
	schema := w.builder.Schema()
	if len(columns) != schema.Len() {
		w.fail(misuse("a batch has %d columns for %d fields", len(columns), schema.Len()))
		return w.err
	}
	clean := make([]catalog.Column, len(columns))
	for i, c := range columns {
		f := schema.Field(i)
		if c.Type() != f.Type || c.Len() != n {
			w.fail(misuse("a batch has %d values of type %s for field %q, which is a %s of %d items", c.Len(), c.Type(), f.Name, f.Type, n))
			return w.err
		}
		if row, size := largest(c); size > proto.MaxField {
			w.fail(tooLarge(fmt.Sprintf("item %d", w.items+1+int64(row)), f.Name, size))
			return w.err
		}
		var err error
		if clean[i], err = normaliseColumn(c); err != nil {
			w.fail(fmt.Errorf("items %d to %d, field %q: %w", w.items+1, w.items+int64(n), f.Name, err))
			return w.err
		}
	}
	w.items += int64(n)
	batch := catalog.NewBatch(schema, n, clean)
	w.columnsFree = false
	batch.OnRelease(func() { w.columnsFree = true })
	w.sendBatch(batch, proto.SizeOf(clean))
	return w.err
}

// CanReuseColumns reports whether the columns of the last Batch are free: the connector may then write the next items into
// them. If it is false, somebody still reads them, and the next items need new columns.
func (w *Writer) CanReuseColumns() bool { return w.columnsFree }

func (w *Writer) fail(err error) {
	if w.err == nil {
		w.err = err
	}
}

// End ends the current item. If it returns an error, which may be about an earlier item, stop reading and return the error.
func (w *Writer) End() error {
	if w.err != nil {
		return w.err
	}
	w.builder.End()
	w.items++
	if w.builder.Len() >= batchItems || w.builder.Size() >= batchBytes {
		return w.Flush()
	}
	return nil
}

// Flush sends the items that were not sent yet. The SDK calls it after ReadColumns. Call it yourself if items come slowly.
func (w *Writer) Flush() error {
	if w.err == nil && w.builder.Len() > 0 {
		size := w.builder.Size()
		w.sendBatch(w.builder.Batch(), size)
	}
	return w.err
}

// sendBatch sends a batch. size is its approximate size in bytes.
func (w *Writer) sendBatch(b *catalog.Batch, size int) {
	if size > proto.MaxMessage-(1<<20) {
		w.fail(fmt.Errorf("item %d has about %d MiB, more than a message takes (%d MiB)", w.items, size>>20, proto.MaxMessage>>20))
	} else if err := w.ctx.Err(); err != nil {
		w.fail(context.Cause(w.ctx))
	} else if err := w.send(b); err != nil {
		w.fail(err)
	}
}

// writeItem writes one Item.
func (w *Writer) writeItem(it Item) error {
	schema := w.builder.Schema()
	known := 0
	for i := range schema.Len() {
		f := schema.Field(i)
		raw, given := it[f.Name]
		if !given {
			continue
		}
		known++
		v, err := valueOf(f.Type, raw)
		if err != nil {
			sku, _ := it["sku"].(string)
			w.fail(fmt.Errorf("item %d (SKU %q), field %q: %w", w.items+1, sku, f.Name, err))
			return w.err
		}
		switch {
		case v.IsNull():
		case f.Type == String:
			w.String(i, v.Str())
		case f.Type == Number:
			w.Number(i, v.Number())
		case f.Type == Bool:
			w.Bool(i, v.Bool())
		case f.Type == List:
			w.List(i, v.List())
		case f.Type == Map:
			w.Map(i, v.Entries())
		}
	}
	if known < len(it) { // the other fields were not asked for, or are misspelt
		for name := range it {
			if w.offered.Index(name) < 0 {
				sku, _ := it["sku"].(string)
				w.fail(fmt.Errorf("item %d (SKU %q): %w", w.items+1, sku, noField(name, w.offered)))
			}
		}
	}
	return w.End()
}

// ReadAll reads a source and passes each batch to send; it returns the number of items. The SDK reads connectors with it.
// Tests of connectors are shorter with package sdktest, which needs no batches.
func ReadAll(ctx context.Context, source Source, req ReadRequest, send func(*catalog.Batch) error) (int64, error) {
	return writeAll(ctx, source, req, send, func(w *Writer) error {
		switch s := source.(type) {
		case ColumnReader:
			return s.ReadColumns(ctx, req, w)
		case Reader:
			return s.Read(ctx, req, w.writeItem)
		case Incremental:
			return ReadRecords(ctx, s, req, w)
		}
		return misuse("the connector implements none of sdk.Reader, sdk.ColumnReader and sdk.Incremental")
	})
}

// unknownFieldError says that the request asks for a field that the source does not have.
type unknownFieldError struct{ error }

// writeAll makes a Writer for the fields that were asked for, calls write with it, and returns the number of items.
func writeAll(ctx context.Context, source Source, req ReadRequest, send func(*catalog.Batch) error, write func(*Writer) error) (int64, error) {
	offered, err := schemaOf(ctx, source)
	if err != nil {
		return 0, err
	}
	asked, err := offered.Select(req.Fields)
	if err != nil {
		return 0, &unknownFieldError{err}
	}
	w, err := NewWriter(ctx, asked.Fields(), send)
	if err != nil {
		return 0, err
	}
	w.offered = offered
	if req.units != nil {
		w.units = req.units
	}
	if err = write(w); err == nil {
		err = w.Flush()
	}
	if err == nil {
		err = w.units.check(offered)
	}
	return w.Items(), err
}
