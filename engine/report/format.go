package report

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"sync"
)

// Format is one way to show a result.
type Format struct {
	Name   string // as --format takes it
	Suffix string // of files in it, with the dot; "" if no suffix stands for it
	Other  string // another suffix of such files; "" if there is none
	Doc    string // what it is for, for people

	// Rows is how many items it shows at most where Options.MaxRows says nothing; 0: it shows all, always.
	Rows int

	// BOM says that Options.BOM means something to it.
	BOM bool

	// Binary says that a terminal can do nothing with it.
	Binary bool

	// Values says that it shows the values of all items.
	Values bool

	// open writes what stands before the first item.
	open func(*bufio.Writer, *Result, Options) (itemWriter, error)
}

// itemWriter writes a result in one format. Its writer is flushed by whoever opened it. After an error it is not used any more.
type itemWriter interface {
	// item writes an item. It is called in the order of the result, and may keep the item.
	item(*Item) error

	// end writes what stands behind the last item.
	end(rest) error
}

// Formats returns all formats, the default first. A new format is an entry here and a file of its own.
func Formats() []Format {
	return []Format{
		{Name: "table", Rows: 200, Doc: "a table and a worklist for people, coloured in a terminal", open: newTable},
		{Name: "json", Suffix: ".json", Doc: "everything, for programs; stable, see format_version", open: newJSON},
		{Name: "ndjson", Suffix: ".ndjson", Other: ".jsonl", Doc: "the same, a line an item: what was compared first, the summary last", open: newNDJSON},
		CSV(),
		{Name: "markdown", Suffix: ".md", Other: ".markdown", Rows: 200, Doc: "counts, worklist and items, to be pasted into an issue", open: newMarkdown},
		{Name: "html", Suffix: ".html", Other: ".htm", Rows: 10_000, Doc: "a page for a browser, for a phone and for print, in one file", open: newHTML},
		{Name: "xlsx", Suffix: ".xlsx", Doc: "a spreadsheet with colours and filters, and what there is to do on a sheet of its own", Binary: true, Values: true, open: newXLSX},
	}
}

// CSV returns the format of lines for spreadsheets.
func CSV() Format {
	return Format{Name: "csv", Suffix: ".csv", Doc: "a line for each item with the values that were compared, for spreadsheets", BOM: true, Values: true, open: newCSV}
}

// FormatOf returns the format of which the file's suffix speaks.
func FormatOf(file string) (Format, bool) {
	suffix := strings.ToLower(filepath.Ext(file))
	formats := Formats()
	at := slices.IndexFunc(formats, func(f Format) bool { return suffix != "" && (f.Suffix == suffix || f.Other == suffix) })
	if at < 0 {
		return Format{}, false
	}
	return formats[at], true
}

// Write writes what the options leave of the result. It returns the writer's first error; what was written until then is no
// result. It changes nothing in the result, so one result can be written any number of times.
func (f Format) Write(w io.Writer, r *Result, o Options) error {
	if o.All && r.Brief && f.Values {
		return fmt.Errorf("write the run as %s: %w", f.Name, ErrNoValues)
	}
	out := bufio.NewWriterSize(w, buffer)
	items, err := f.open(out, r, o)
	if err != nil {
		return err
	}
	if forked, ok := items.(forker); ok && r.inPages(f, o) {
		if err := r.writePages(forked, o); err != nil {
			return err
		}
		if err := items.end(rest{}); err != nil {
			return err
		}
		return out.Flush()
	}
	shown, left := 0, rest{}
	for it, err := range r.Shown(o) {
		if err != nil {
			return err
		}
		if f.Rows > 0 && o.MaxRows > 0 && shown >= o.MaxRows {
			left.add(it)
			continue
		}
		shown++
		if err := items.item(it); err != nil {
			return err
		}
	}
	if err := items.end(left); err != nil {
		return err
	}
	return out.Flush()
}

// ErrNoValues means that values were asked for that are not kept.
var ErrNoValues = errors.New("the values of items with which nothing is wrong are not kept: leave these items out, or run the reconciliation anew")

// buffer is how many bytes are written at a time.
const buffer = 64 << 10

// Pages is a way to a result's items that is faster than Items where each becomes some bytes: it passes them on as they are kept, in
// several goroutines, each with appenders of its own. What these append goes to the writer that they are of, some hundred items at a time,
// in the order of the items. Items are valid only while they are appended, and are in no batches. Pages returns the first error.
type Pages func(to ...PageWriter) error

// PageWriter takes items from Pages.
type PageWriter struct {
	Fork  func() Appender         // makes an appender for one goroutine; all are made before the first Write
	Write func(made []byte) error // takes what an appender has made of some items, nothing perhaps; it may not keep made
}

// Appender appends what is made of an item.
type Appender = func(dst []byte, it *Item) []byte

// forker is an itemWriter that can be shared among goroutines.
type forker interface {
	itemWriter

	// fork returns what appends items in one goroutine. All forks are there before the first block.
	fork() Appender

	// block writes what a fork has appended. There is something.
	block(lines []byte) error

	// join is called before end, with the number of items in all blocks.
	join(items int)
}

// Pages returns what SetPages has set; nil where there is none for r.
func (r *Result) Pages() Pages {
	if r.pagesOf != r {
		return nil
	}
	return r.pages
}

// SetPages has formats that can do so write the items by p, which has to have the same items as r.Items. A copy of r with other Items
// does not know of it.
func (r *Result) SetPages(p Pages) { r.pages, r.pagesOf = p, r }

// inPages reports whether the items that the options leave can be written by Pages. What is asked why needs batches.
func (r *Result) inPages(f Format, o Options) bool {
	return r.Pages() != nil && !o.Details && !(f.Rows > 0 && o.MaxRows > 0)
}

// writePages writes the items that the options leave.
func (r *Result) writePages(to forker, o Options) error {
	columns := r.columnsOf(o)
	var mu sync.Mutex
	var counts []*int
	fork := func() Appender {
		add, n := to.fork(), new(int)
		mu.Lock()
		counts = append(counts, n)
		mu.Unlock()
		return func(dst []byte, it *Item) []byte {
			if !o.shows(r, it, columns) {
				return dst
			}
			*n++
			return add(dst, it)
		}
	}
	err := r.pages(PageWriter{fork, func(lines []byte) error {
		if len(lines) == 0 {
			return nil
		}
		return to.block(lines)
	}})
	items := 0
	for _, n := range counts {
		items += *n
	}
	to.join(items)
	return err
}

// columnsOf returns the places of the rules that the options name.
func (r *Result) columnsOf(o Options) (columns []int) {
	for i, rule := range r.Rules {
		if slices.Contains(o.Rules, rule.Code) {
			columns = append(columns, i)
		}
	}
	return columns
}
