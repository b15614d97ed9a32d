package conformance

import (
	"context"
	"fmt"
	"hash/maphash"
	"maps"
	"slices"
	"strings"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/engine/change"
	"github.com/reconcilehq/reconcile/plugins/proto"
	sourcev1 "github.com/reconcilehq/reconcile/plugins/proto/source/v1"
)

// noSuchItem is a SKU that no platform has.
const noSuchItem = "conformance-no-such-item"

func (s *suite) can(capability string) bool {
	return slices.Contains(s.description.GetCapabilities(), capability)
}

// checkFetch checks the reading of single items, and what is said of the fields that can be set.
func (s *suite) checkFetch(ctx context.Context, c *readSource) {
	s.checkWritable(c)
	if !s.can(proto.Fetch) {
		for _, number := range []string{"9.2", "9.3", "9.4"} {
			s.skip(number, "the connector has no capability fetch")
		}
		return
	}
	s.log("fetching single items")
	p := s.startConfigured(ctx, c.configuration)
	if p == nil {
		return
	}
	defer p.close()
	// A sandbox inside the process may have its own data. So compare only what this same process gives.
	read := newContents(c.first.seed, c.schema)
	if r := s.read(ctx, p, c.schema, read); r.number != "" {
		s.fail(r.number, "in another process: %s", r.fault)
		return
	}
	f := &fetching{suite: s, peer: p, schema: c.schema, read: read.lines()}
	f.compare(ctx, "9.2", "sku", func(value string) *sourcev1.Ref { return &sourcev1.Ref{Sku: value} })
	f.compare(ctx, "9.3", "id", func(value string) *sourcev1.Ref { return &sourcev1.Ref{Id: value} })
	lines, text := f.fetch(ctx, &sourcev1.Ref{Sku: noSuchItem})
	switch {
	case text != "":
		s.fail("9.4", "%s", text)
	case c.schema.Index("sku") >= 0 && len(f.having(lines, "sku", noSuchItem)) > 0:
		s.fail("9.4", "an item of the SKU %q came", noSuchItem)
	default:
		s.pass("9.4", "")
	}
}

// checkWritable checks what Describe says of the fields that can be set.
func (s *suite) checkWritable(c *readSource) {
	if !s.can(proto.Apply) {
		s.skip("9.1", "the connector has no capability apply")
		return
	}
	writable, err := proto.ToWritable(s.description.GetWritable())
	switch {
	case err != nil:
		s.fail("9.1", "%v", err)
	case !s.can(proto.Fetch):
		s.fail("9.1", "it has apply, and not fetch")
	case len(writable) == 0:
		s.fail("9.1", "it has apply, and no field that can be set")
	case !slices.ContainsFunc(c.schema.Names(), func(name string) bool { _, ok := writable[name]; return ok }):
		s.fail("9.1", "none of the fields that can be set, it says, is in Schema: %s", printable(strings.Join(slices.Sorted(maps.Keys(writable)), ", ")))
	default:
		s.pass("9.1", "%s", strings.Join(slices.Sorted(maps.Keys(writable)), ", "))
	}
}

// line is an item: its values by field, as JSON.
type line map[string]string

// lines returns all items; nil if there are too many to have been kept.
func (c *contents) lines() (list []line) {
	for _, b := range c.kept {
		for i := range b.Len() {
			l := line{}
			for f := range c.schema.Len() {
				text, err := b.Column(f).Value(i).MarshalJSON()
				if err != nil {
					text = []byte(err.Error())
				}
				l[c.schema.Field(f).Name] = string(text)
			}
			list = append(list, l)
		}
	}
	return list
}

// fetching holds what is fetched against what was read.
type fetching struct {
	*suite
	peer   *peer
	schema *catalog.Schema
	read   []line
}

// fetch reads single items. text says what went wrong; "" if nothing did.
func (f *fetching) fetch(ctx context.Context, items ...*sourcev1.Ref) (lines []line, text string) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	stream, err := f.peer.calls.Fetch(ctx, &sourcev1.FetchRequest{Items: items, Fields: f.schema.Names()})
	if err != nil {
		return nil, "Fetch answers with an error: " + messageOf(err)
	}
	r, got := &reading{asked: f.schema}, newContents(maphash.MakeSeed(), f.schema)
	f.follow(ctx, cancel, f.peer, stream, r, got)
	if r.number != "" {
		return nil, r.fault
	}
	return got.lines(), ""
}

// having returns the items with a value of a field, which is text.
func (f *fetching) having(lines []line, field, value string) (list []line) {
	text, _ := catalog.StringValue(value).MarshalJSON() // text is always written
	for _, l := range lines {
		if l[field] == string(text) {
			list = append(list, l)
		}
	}
	return list
}

// compare fetches some items that have a value in a field, each alone and all of them at once.
func (f *fetching) compare(ctx context.Context, number, field string, ref func(value string) *sourcev1.Ref) {
	var values []string
	at := f.schema.Index(field)
	for i := 0; at >= 0 && f.schema.Field(at).Type == catalog.String && i < len(f.read); i += max(len(f.read)/4, 1) {
		value, err := change.ParseValue(catalog.String, []byte(f.read[i][field]))
		if err == nil && value.Str() != "" && !slices.Contains(values, value.Str()) {
			values = append(values, value.Str())
		}
	}
	if len(values) == 0 {
		f.skip(number, "there was no item with %s to ask for", catalog.WithArticle(field))
		return
	}
	var all []*sourcev1.Ref
	for _, value := range values {
		all = append(all, ref(value))
	}
	for i, value := range values {
		for _, asked := range [][]*sourcev1.Ref{{all[i]}, all} {
			lines, text := f.fetch(ctx, asked...)
			if text == "" {
				text = differ(f.having(f.read, field, value), f.having(lines, field, value))
			}
			if text != "" {
				f.fail(number, "%s %q, one of %d that were asked for: %s", field, printable(value), len(asked), text)
				return
			}
		}
	}
	f.pass(number, "%d items", len(values))
}

// differ says how items that were fetched differ from those that were read, in any order; "" if they do not.
func differ(read, fetched []line) string {
	if len(read) != len(fetched) {
		return fmt.Sprintf("Read gives %d items of it, Fetch %d", len(read), len(fetched))
	}
	for _, l := range read {
		if !slices.ContainsFunc(fetched, func(other line) bool { return maps.Equal(l, other) }) {
			for _, field := range slices.Sorted(maps.Keys(l)) {
				if l[field] != fetched[0][field] {
					return fmt.Sprintf("field %q: Fetch gives %s, Read %s", field, printable(clip(fetched[0][field])), printable(clip(l[field])))
				}
			}
		}
	}
	return ""
}
