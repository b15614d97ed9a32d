package conformance

import (
	"context"
	"fmt"
	"hash/maphash"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	protobuf "google.golang.org/protobuf/proto"

	"github.com/reconcilehq/reconcile/engine/catalog"
	sourcev1 "github.com/reconcilehq/reconcile/plugins/proto/source/v1"
)

// catalogue is a source that could be read.
type catalogue struct {
	configuration
	schema *catalog.Schema
	first  *contents
	full   *reading
}

func (p *peer) schema(ctx context.Context) (*sourcev1.SchemaResponse, error) {
	ctx, cancel := p.call(ctx)
	defer cancel()
	m, err := p.calls.Schema(ctx, &sourcev1.SchemaRequest{})
	if err != nil {
		p.said.say(status.Convert(err).Message())
	}
	return m, err
}

// reading goes through one source: its schema, its check, its items in all the ways in which they can be asked for. It
// returns nil if they could not be read.
func (s *suite) reading(ctx context.Context, config configuration) *catalogue {
	p := s.ready(ctx, config)
	if p == nil {
		return nil
	}
	defer p.close()
	schema := s.fields(ctx, p)
	s.checking(ctx, p)
	if schema == nil {
		return nil
	}
	s.log("reading %s", config.name)
	c := &catalogue{configuration: config, schema: schema}
	if !s.readAll(ctx, p, c) {
		return nil
	}
	s.readAgain(ctx, p, c)
	s.readSingly(ctx, p, c)
	s.readUnknown(ctx, p, c)
	return c
}

// fields looks at Schema; nil if it cannot be used.
func (s *suite) fields(ctx context.Context, p *peer) *catalog.Schema {
	m, err := p.schema(ctx)
	if err != nil {
		s.fail("4.1", "Schema answers with an error: %s%s", messageOf(err), p.lastWords())
		return nil
	}
	var fields []catalog.Field
	for _, f := range m.GetFields() {
		t, err := catalog.ParseType(f.GetType())
		if err != nil || t.String() != f.GetType() {
			s.fail("4.1", "field %q has the type %q", f.GetName(), f.GetType())
		}
		if known, ok := catalog.KnownField(f.GetName()); ok && known.Type != t && err == nil {
			s.fail("4.2", "field %q is a %s, and a %s everywhere else", f.GetName(), t, known.Type)
		}
		fields = append(fields, catalog.Field{Name: f.GetName(), Type: t, Doc: f.GetDoc()})
	}
	if len(fields) == 0 {
		s.fail("4.1", "there are no fields")
		return nil
	}
	if s.failed("4.1") {
		return nil
	}
	schema, err := catalog.NewSchema(fields...)
	if err != nil {
		s.fail("4.1", "%v", err)
		return nil
	}
	s.pass("4.1", "%d fields", schema.Len())
	s.pass("4.2", "")
	again, err := p.schema(ctx)
	if err != nil || !protobuf.Equal(m, again) {
		s.fail("4.3", "the second time: %s", func() string {
			if err != nil {
				return messageOf(err)
			}
			return firstDifference(m, again)
		}())
	} else {
		s.pass("4.3", "")
	}
	if s.failed("4.2") {
		return nil
	}
	return schema
}

func (s *suite) checking(ctx context.Context, p *peer) {
	ctx, cancel := p.call(ctx)
	defer cancel()
	m, err := p.calls.Check(ctx, &sourcev1.CheckRequest{})
	if err != nil {
		p.said.say(status.Convert(err).Message())
		s.fail("5.1", "Check answers with an error: %s%s", messageOf(err), p.lastWords())
		return
	}
	var facts []string
	for _, f := range m.GetFacts() {
		p.said.say(f.GetName() + ": " + f.GetValue())
		if strings.TrimSpace(f.GetName()) == "" {
			s.fail("5.1", "a fact has no name: its value is %q", printable(f.GetValue()))
		}
		facts = append(facts, printable(f.GetName()+": "+f.GetValue()))
	}
	s.pass("5.1", "%s", strings.Join(facts, ", "))
}

// readAll reads all fields, and looks closely. It reports whether what came can be compared with.
func (s *suite) readAll(ctx context.Context, p *peer, c *catalogue) bool {
	seed := maphash.MakeSeed()
	c.first = newContents(seed, c.schema)
	c.first.inspect = newInspection(seed)
	c.full = s.read(ctx, p, c.schema, c.first)
	if c.full.number != "" {
		s.fail(c.full.number, "%s", c.full.fault)
		s.passUpTo(c.full.number)
		return false
	}
	for _, number := range []string{"6.1", "6.2", "6.3"} {
		s.pass(number, "")
	}
	s.pass("6.4", "%d items", c.full.items)
	s.pass("6.5", "the largest batch has %s", size(int64(c.full.largest)))
	s.pass("6.16", "the longest wait was %s", c.full.silence.Round(time.Millisecond))
	s.pass("6.17", "%d warnings", c.full.warnings)
	s.pass("6.18", "")
	s.inspected(c)
	s.readAt(c.full.done)
	s.currencies(c)
	if c.full.items == 0 {
		s.pass("6.10", "")
	} else {
		s.skip("6.10", "no source of the configuration is empty: add one")
	}
	return true
}

// passUpTo passes what a read that went wrong has shown to hold.
func (s *suite) passUpTo(number string) {
	switch number {
	case "6.4":
		s.pass("6.3", "")
		fallthrough
	case "6.3":
		s.pass("6.1", "")
		fallthrough
	case "6.18":
		s.pass("6.2", "")
	}
}

func (s *suite) currencies(c *catalogue) {
	told := c.full.done.GetCurrencies()
	for _, field := range slices.Sorted(maps.Keys(told)) {
		at := c.schema.Index(field)
		if at < 0 || c.schema.Field(at).Type != catalog.Number {
			s.fail("6.26", "%q has a currency, and is no number field", printable(field))
		} else if _, ok := catalog.ValidCurrency(told[field]); !ok {
			s.fail("6.26", "field %q is said to be in %q", field, printable(told[field]))
		} else {
			s.pass("6.26", "%s is in %s", field, told[field])
		}
	}
	if len(told) == 0 {
		s.skip("6.26", "it does not say what its amounts are in")
	}
}

func (s *suite) readAt(done *sourcev1.Done) {
	switch at := done.GetReadAt(); {
	case at == nil:
		s.skip("6.23", "read_at is left out")
	case !at.IsValid():
		s.fail("6.23", "read_at is no time")
	case at.AsTime().After(time.Now().Add(time.Second)):
		s.fail("6.23", "read_at is %s, and now it is %s", at.AsTime().Format(time.RFC3339), time.Now().UTC().Format(time.RFC3339))
	default:
		s.pass("6.23", "")
	}
}

// inspected says what the first read has shown.
func (s *suite) inspected(c *catalogue) {
	n := c.first.inspect
	switch {
	case n.notNFC != "":
		s.fail("6.6", "%s", n.notNFC)
	case n.unicode == 0:
		s.skip("6.6", "there was only ASCII to see: give a source with é or ü in its names")
	default:
		s.pass("6.6", "%d texts with more than ASCII", n.unicode)
	}
	switch {
	case n.notLF != "":
		s.fail("6.24", "%s", n.notLF)
	case n.items > 0:
		s.pass("6.24", "")
	default:
		s.skip("6.24", "there were no items")
	}
	for field, empty := range n.empty {
		if was, seen := s.empty[field]; !seen || was {
			s.empty[field] = empty
		}
	}
	switch {
	case n.holes != "":
		s.fail("6.7", "%s", n.holes)
	case n.nested == 0:
		s.skip("6.7", "no list or map had an element")
	default:
		s.pass("6.7", "%d elements of lists and maps; %d numbers and bools were null", n.nested, n.nulls)
	}
	switch {
	case n.twice != "":
		s.fail("6.8", "%s", n.twice)
	case !n.hasSKU:
		s.skip("6.8", "there is no field sku")
	case c.full.items == 0:
		s.skip("6.8", "there were no items")
	case n.twins > 0:
		s.pass("6.8", "%d items have the sku of another and an id of their own: the host will report them as duplicates", n.twins)
	default:
		s.pass("6.8", "")
	}
	if n.longest < large {
		s.skip("6.9", "the longest text had %s: give a source with one of %s", size(int64(n.longest)), size(large))
	}
}

// emptyFields names the fields that had no value in any source.
func (s *suite) emptyFields() {
	var empty []string
	for field := range s.empty {
		if s.empty[field] {
			empty = append(empty, field)
		}
	}
	slices.Sort(empty)
	switch {
	case len(empty) > 0:
		s.skip("6.25", "null or empty in every item: %s. Look whether their values are read as the platform has them, or give a source where they have one",
			strings.Join(empty, ", "))
	case len(s.empty) > 0:
		s.pass("6.25", "")
	default:
		s.skip("6.25", "there were no items")
	}
}

// again reads some fields once more, and says how it differs from the first read; "" if it does not.
func (s *suite) again(ctx context.Context, p *peer, c *catalogue, asked *catalog.Schema) string {
	now := newContents(c.first.seed, asked)
	if r := s.read(ctx, p, asked, now); r.number != "" {
		return r.fault
	}
	return c.first.differs(now)
}

// readAgain reads twice more, and then two at once.
func (s *suite) readAgain(ctx context.Context, p *peer, c *catalogue) {
	if text := s.again(ctx, p, c, c.schema); text != "" {
		s.fail("6.14", "%s", text)
		return
	}
	s.pass("6.14", "")
	var both sync.WaitGroup
	texts := make([]string, 2)
	for i := range texts {
		both.Go(func() { texts[i] = s.again(ctx, p, c, c.schema) })
	}
	both.Wait()
	for i, text := range texts {
		if text != "" {
			s.fail("6.15", "read %d of two at once: %s", i+1, text)
		}
	}
	if !s.failed("6.15") {
		s.pass("6.15", "")
	}
}

// readSingly asks for each field alone, and for all in the opposite order.
func (s *suite) readSingly(ctx context.Context, p *peer, c *catalogue) {
	if s.failed("6.14") {
		return
	}
	for _, field := range c.schema.Fields() {
		if text := s.again(ctx, p, c, catalog.MustSchema(field)); text != "" {
			s.fail("6.11", "%s alone: %s", field.Name, text)
		}
	}
	if !s.failed("6.11") {
		s.pass("6.11", "")
		if c.first.inspect.longest >= large {
			s.pass("6.9", "the longest text has %s", size(int64(c.first.inspect.longest)))
		}
	}
	fields := c.schema.Fields()
	slices.Reverse(fields)
	if text := s.again(ctx, p, c, catalog.MustSchema(fields...)); text != "" {
		s.fail("6.12", "%s", text)
	} else {
		s.pass("6.12", "")
	}
}

// readUnknown asks for a field that there is not.
func (s *suite) readUnknown(ctx context.Context, p *peer, c *catalogue) {
	const unknown = "conformance_no_such_field"
	ctx, cancel := p.call(ctx)
	defer cancel()
	stream, err := p.calls.Read(ctx, &sourcev1.ReadRequest{Fields: append(c.schema.Names()[:1:1], unknown)})
	for err == nil {
		var m *sourcev1.ReadResponse
		if m, err = stream.Recv(); m.GetDone() != nil {
			s.fail("6.13", "the read goes on to its end as if there were such a field")
			return
		}
	}
	switch {
	case p.ended(0) != "":
		s.fail("6.13", "the program ended (%s)%s", p.ended(0), p.lastWords())
	case status.Code(err) != codes.InvalidArgument:
		s.fail("6.13", "Read answers %s", answerOf(err))
	case !strings.Contains(status.Convert(err).Message(), unknown):
		s.fail("6.13", "the message does not name the field: %s", status.Convert(err).Message())
	default:
		s.pass("6.13", "")
	}
}

// size writes a number of bytes.
func size(n int64) string {
	switch {
	case n >= 10<<20:
		return fmt.Sprintf("%d MiB", n>>20)
	case n >= 1<<20:
		return fmt.Sprintf("%.1f MiB", float64(n)/(1<<20))
	case n >= 1<<10:
		return fmt.Sprintf("%d KiB", n>>10)
	}
	return fmt.Sprintf("%d bytes", n)
}
