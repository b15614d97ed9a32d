package conformance

import (
	"context"
	"fmt"
	"hash/maphash"
	"slices"
	"strings"
	"sync"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	protobuf "google.golang.org/protobuf/proto"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/engine/fault"
	sourcev1 "github.com/reconcilehq/reconcile/plugins/proto/source/v1"
)

// readSource is a source with what its first read gave.
type readSource struct {
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
		p.texts.addLine(status.Convert(err).Message())
	}
	return m, err
}

// checkSource checks one source: Schema, Check, and Read with the fields in several selections. It returns nil if the source
// could not be read.
func (s *suite) checkSource(ctx context.Context, config configuration) *readSource {
	p := s.startConfigured(ctx, config)
	if p == nil {
		return nil
	}
	defer p.close()
	schema := s.checkSchema(ctx, p)
	s.checkCheck(ctx, p)
	if schema == nil {
		return nil
	}
	s.log("reading %s", config.name)
	c := &readSource{configuration: config, schema: schema}
	if !s.checkFirstRead(ctx, p, c) {
		return nil
	}
	s.checkRepeatedReads(ctx, p, c)
	s.checkSingleFields(ctx, p, c)
	s.checkUnknownField(ctx, p, c)
	return c
}

// checkSchema checks the answer to Schema. It returns nil if the answer cannot be used.
func (s *suite) checkSchema(ctx context.Context, p *peer) *catalog.Schema {
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
	p.texts.addLine(m.GetItemPage())
	s.checkItemPage(schema, m.GetItemPage())
	return schema
}

// checkItemPage checks the address of an item's page, which people follow.
func (s *suite) checkItemPage(schema *catalog.Schema, text string) {
	if text == "" {
		s.skip("4.4", "Schema has none")
		return
	}
	page, err := catalog.ParseItemPage(text)
	if err == nil {
		err = page.Check(schema)
	}
	if err != nil {
		s.fail("4.4", "%q: %v", printable(text), err)
		return
	}
	s.pass("4.4", "%s", printable(text))
}

func (s *suite) checkCheck(ctx context.Context, p *peer) {
	ctx, cancel := p.call(ctx)
	defer cancel()
	m, err := p.calls.Check(ctx, &sourcev1.CheckRequest{})
	if err != nil {
		p.texts.addLine(status.Convert(err).Message())
		s.fail("5.1", "Check answers with an error: %s%s", messageOf(err), p.lastWords())
		return
	}
	var facts []string
	for _, f := range m.GetFacts() {
		p.texts.addLine(f.GetName() + ": " + f.GetValue())
		if strings.TrimSpace(f.GetName()) == "" {
			s.fail("5.1", "a fact has no name: its value is %q", printable(f.GetValue()))
		}
		facts = append(facts, printable(f.GetName()+": "+f.GetValue()))
	}
	s.pass("5.1", "%s", strings.Join(facts, ", "))
}

// checkFirstRead reads all fields and inspects the values. It reports whether later reads can be compared with this one.
func (s *suite) checkFirstRead(ctx context.Context, p *peer, c *readSource) bool {
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
	s.pass("6.27", "")
	s.reportInspection(c)
	s.checkExpected(c)
	s.checkReadAt(c.full.done)
	s.checkCurrencies(c)
	if c.full.items == 0 {
		s.pass("6.10", "")
	} else {
		s.skip("6.10", "no source of the configuration is empty: add one")
	}
	return true
}

// passUpTo passes the demands before that of a failed read: the read has kept them.
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

// readAndCompare reads these fields once more, and says how the result differs from the first read; "" if it does not.
func (s *suite) readAndCompare(ctx context.Context, p *peer, c *readSource, asked *catalog.Schema) string {
	now := newContents(c.first.seed, asked)
	if r := s.read(ctx, p, asked, now); r.number != "" {
		return r.fault
	}
	return c.first.differs(now)
}

// checkRepeatedReads reads twice more, and then twice at the same time.
func (s *suite) checkRepeatedReads(ctx context.Context, p *peer, c *readSource) {
	if text := s.readAndCompare(ctx, p, c, c.schema); text != "" {
		s.fail("6.14", "%s", text)
		return
	}
	s.pass("6.14", "")
	var both sync.WaitGroup
	texts := make([]string, 2)
	for i := range texts {
		both.Go(fault.Caught(func() { texts[i] = s.readAndCompare(ctx, p, c, c.schema) }))
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

// checkSingleFields reads each field alone, and then all fields in reverse order.
func (s *suite) checkSingleFields(ctx context.Context, p *peer, c *readSource) {
	if s.failed("6.14") {
		return
	}
	for _, field := range c.schema.Fields() {
		if text := s.readAndCompare(ctx, p, c, catalog.MustSchema(field)); text != "" {
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
	if text := s.readAndCompare(ctx, p, c, catalog.MustSchema(fields...)); text != "" {
		s.fail("6.12", "%s", text)
	} else {
		s.pass("6.12", "")
	}
}

// checkUnknownField asks for a field that does not exist.
func (s *suite) checkUnknownField(ctx context.Context, p *peer, c *readSource) {
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

// size returns a number of bytes as text.
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
