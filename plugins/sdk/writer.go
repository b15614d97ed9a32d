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

// Writer takes items field by field and sends them in batches. Set the fields of one item, each at most once, then call
// End. Fields go by their place in the request's Fields. A field that was not set is null, "" or empty.
//
// A Writer is for one goroutine. An error that it meets is kept and returned by End.
type Writer struct {
	ctx     context.Context
	builder *catalog.Builder
	send    func(*catalog.Batch) error
	items   int64
	err     error
	spent   bool

	offered    *catalog.Schema // the fields that an Item may have
	currencies *currencies
}

// NewWriter returns a Writer of items with the given fields that hands each full batch to send. Connectors get theirs
// from the SDK; making one is for tests. Call Flush at the end.
func NewWriter(ctx context.Context, fields []Field, send func(*catalog.Batch) error) (*Writer, error) {
	schema, err := catalog.NewSchema(fields...)
	if err != nil {
		return nil, err
	}
	return &Writer{ctx: ctx, builder: catalog.NewBuilder(schema), send: send, offered: schema, currencies: &currencies{}}, nil
}

// Fields returns the fields to be written, in order.
func (w *Writer) Fields() []Field { return w.builder.Schema().Fields() }

// Items returns how many items were ended.
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

// Map sets field i, a map, given as entries in any order; of entries with one key the last counts. Keys that become one
// when they are brought to NFC are an error. It keeps no reference to the slice.
func (w *Writer) Map(i int, entries []Entry) {
	clean := entries
	keys := false // some changed
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
			if err := meets(seen, e.Key, clean[j].Key); err != nil {
				w.fail(fmt.Errorf("item %d, field %q: %w", w.items+1, w.builder.Schema().Field(i).Name, err))
			}
		}
	}
	w.builder.SetMap(i, clean)
}

// text brings s to the form that catalog.NormalText describes. ASCII, which most text is, is in that form already, but for
// its line ends.
func (w *Writer) text(i int, s string) string {
	for at := range len(s) {
		if s[at] >= utf8.RuneSelf || s[at] == '\r' {
			if !utf8.ValidString(s) {
				w.fail(mistaken("item %d, field %q: %q is not valid UTF-8", w.items+1, w.builder.Schema().Field(i).Name, s))
				return ""
			}
			return catalog.NormalText(s)
		}
	}
	return s
}

// Batch writes n whole items at once, behind those that were ended: a column of n values for each field, in their order.
// It keeps the columns, unless Spent says that it has not; only text that is not in NFC, or has other line ends than LF, is laid
// out anew. It is for
// connectors that have columns to begin with. Its error is like that of End.
func (w *Writer) Batch(n int, columns []catalog.Column) error {
	if err := w.Flush(); err != nil {
		return err
	}
	schema := w.builder.Schema()
	if len(columns) != schema.Len() {
		w.fail(mistaken("a batch has %d columns for %d fields", len(columns), schema.Len()))
		return w.err
	}
	clean := make([]catalog.Column, len(columns))
	for i, c := range columns {
		f := schema.Field(i)
		if c.Type() != f.Type || c.Len() != n {
			w.fail(mistaken("a batch has %d values of type %s for field %q, which is a %s of %d items", c.Len(), c.Type(), f.Name, f.Type, n))
			return w.err
		}
		var err error
		if clean[i], err = normalised(c); err != nil {
			w.fail(fmt.Errorf("items %d to %d, field %q: %w", w.items+1, w.items+int64(n), f.Name, err))
			return w.err
		}
	}
	w.items += int64(n)
	batch := catalog.NewBatch(schema, n, clean)
	w.spent = false
	batch.OnRelease(func() { w.spent = true })
	w.deliver(batch, proto.SizeOf(clean))
	return w.err
}

// Spent reports whether nobody needs the columns of the last Batch any more, so that the connector may put the next items
// where they lie. Where it is false, somebody has kept them, and the next items need columns of their own.
func (w *Writer) Spent() bool { return w.spent }

func (w *Writer) fail(err error) {
	if w.err == nil {
		w.err = err
	}
}

// End ends the current item. Its error, also that of an earlier item, means that reading is to stop; return it.
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

// Flush sends what has been ended and not been sent yet. The SDK calls it after ReadColumns has returned; call it where
// items come slowly and should be seen.
func (w *Writer) Flush() error {
	if w.err == nil && w.builder.Len() > 0 {
		size := w.builder.Size()
		w.deliver(w.builder.Batch(), size)
	}
	return w.err
}

// deliver sends a batch of about that many bytes.
func (w *Writer) deliver(b *catalog.Batch, size int) {
	if size > proto.MaxMessage-(1<<20) {
		w.fail(fmt.Errorf("item %d has about %d MiB, more than a message takes (%d MiB)", w.items, size>>20, proto.MaxMessage>>20))
	} else if err := w.ctx.Err(); err != nil {
		w.fail(context.Cause(w.ctx))
	} else if err := w.send(b); err != nil {
		w.fail(err)
	}
}

// item writes one Item.
func (w *Writer) item(it Item) error {
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
	if known < len(it) { // the others were not asked for, or are misspelt
		for name := range it {
			if w.offered.Index(name) < 0 {
				sku, _ := it["sku"].(string)
				w.fail(fmt.Errorf("item %d (SKU %q): %w", w.items+1, sku, noField(name, w.offered)))
			}
		}
	}
	return w.End()
}

// ReadAll runs a source's read without a host and hands each batch to send; it returns the number of items. Both the
// plugin server and tests of connectors call it.
func ReadAll(ctx context.Context, source Source, req ReadRequest, send func(*catalog.Batch) error) (int64, error) {
	return writeAll(ctx, source, req, send, func(w *Writer) error {
		switch s := source.(type) {
		case ColumnReader:
			return s.ReadColumns(ctx, req, w)
		case Reader:
			return s.Read(ctx, req, w.item)
		case Incremental:
			return ReadRecords(ctx, s, req, w)
		}
		return mistaken("the connector implements none of sdk.Reader, sdk.ColumnReader and sdk.Incremental")
	})
}

// unknownFieldError is a request for fields that there are not.
type unknownFieldError struct{ error }

// writeAll has write write all items, with the fields that were asked for.
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
	if req.currencies != nil {
		w.currencies = req.currencies
	}
	if err = write(w); err == nil {
		err = w.Flush()
	}
	if err == nil {
		err = w.currencies.settle(offered)
	}
	return w.Items(), err
}
