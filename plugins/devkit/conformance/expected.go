package conformance

import (
	"context"
	"errors"
	"fmt"
	"hash/maphash"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"
	"time"

	"google.golang.org/grpc/status"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/plugins/devkit/conformance/expect"
	"github.com/reconcilehq/reconcile/plugins/proto"
	sourcev1 "github.com/reconcilehq/reconcile/plugins/proto/source/v1"
)

// skipUnexpected skips the demands about what no source is expected to be.
func (s *suite) skipUnexpected() {
	skip := func(number, what, example string, said func(*expect.Expectation) bool) {
		if !slices.ContainsFunc(slices.Concat(s.sources, s.failing), func(c configuration) bool { return said(c.expected) }) {
			s.skip(number, `no expect block of the configuration says %s: expect "SOURCE" { %s }`, what, example)
		}
	}
	changes := func(e *expect.Expectation) bool { return len(e.Change) > 0 }
	skip("6.28", "how many items there are", "count = 7", func(e *expect.Expectation) bool { return e.Count != nil })
	skip("6.29", "which items there are", `items = "items.jsonl"`, func(e *expect.Expectation) bool { return e.Items != nil })
	skip("6.30", "which source must fail", `must_fail = "401"`, (*expect.Expectation).Fails)
	skip("6.31", "how the platform changes", `change = ["COMMAND", "ARGUMENT"]`, changes)
	if slices.Contains(s.description.GetCapabilities(), proto.Incremental) {
		skip("8.7", "how the platform changes", `change = ["COMMAND", "ARGUMENT"]`, changes)
	}
}

// checkExpected holds the first read against what is expected of the source.
func (s *suite) checkExpected(c *readSource) {
	switch want := c.expected.Count; {
	case want == nil:
	case *want != c.full.items:
		s.fail("6.28", "%d items came, and %d are expected", c.full.items, *want)
	default:
		s.pass("6.28", "%d items", c.full.items)
	}
	items := c.expected.Items
	if items == nil {
		return
	}
	if !c.first.few {
		s.skip("6.29", "the catalogue is too large to be held against a file: it has more than %s", size(shownBytes))
		return
	}
	if text := items.Differs(c.schema, c.first.items(), c.first.at); text != "" {
		s.fail("6.29", "%s", text)
	} else {
		s.pass("6.29", "%d items of %s", items.Len(), items.Name)
	}
}

// at returns a value of the first read, whose values are all kept.
func (c *contents) at(field string, i int) catalog.Value {
	for _, b := range c.kept {
		if i < b.Len() {
			return b.Value(field, i)
		}
		i -= b.Len()
	}
	return catalog.Value{}
}

// checkFailing checks the sources that must fail.
func (s *suite) checkFailing(ctx context.Context) {
	for _, c := range s.failing {
		s.source = c.name
		s.log("%s must fail", c.name)
		both, calls := c.expected.MustFail != nil, []string{"Read"}
		want := c.expected.ReadMustFail
		if both {
			want, calls = c.expected.MustFail, []string{"Check", "Read"}
		}
		says, err := s.refusals(ctx, c.json, calls, true)
		if err != nil {
			s.fail("6.30", "%v", err)
			continue
		}
		for call, text := range says {
			if !strings.Contains(text, *want) {
				s.fail("6.30", "%s fails, but does not say %q: %s", call, *want, printable(text))
			} else {
				s.pass("6.30", "%s: %s", call, printable(text))
			}
		}
	}
	s.source = ""
}

// checkWrongCredentials gives the connector each source with other secrets than its own. Half a catalogue, or an empty one, is
// what some platforms show to strangers.
func (s *suite) checkWrongCredentials(ctx context.Context) {
	s.skip("5.2", "no source sets a sensitive setting")
	for _, c := range s.sources {
		given, wrong := parse(c.json), false
		for _, path := range sensitive(s.settings, nil) {
			if secret, ok := given.at(path).(string); ok && secret != "" {
				given, wrong = given.with(path, marked), true
			}
		}
		if !wrong {
			continue
		}
		if len(s.sources) > 1 {
			s.source = c.name
		}
		s.log("wrong credentials")
		if _, err := s.refusals(ctx, given.json(), []string{"Check", "Read"}, false); err != nil {
			s.fail("5.2", "with another value for each sensitive setting: %v", err)
		} else {
			s.pass("5.2", "")
		}
	}
	s.source = ""
}

// refusals gives settings to a new process and returns what it says in an error to these calls, or in problems to Configure. If it
// succeeds where it must not, that is the error; so is an item before the failure, unless items may come first.
func (s *suite) refusals(ctx context.Context, settings []byte, calls []string, itemsFirst bool) (says map[string]string, err error) {
	p := s.launch(ctx, s.command.Dir)
	if p == nil {
		return nil, errors.New("it did not start")
	}
	defer p.close()
	problems, err := p.configure(ctx, settings)
	if err != nil {
		return nil, fmt.Errorf("its Configure answers with an error instead of a problem: %s", messageOf(err))
	}
	if refused(problems) {
		return map[string]string{"Configure": problemText(problems)}, nil
	}
	says = map[string]string{}
	for _, call := range calls {
		items, err := p.mustFail(ctx, call)
		if how := p.ended(0); how != "" {
			return nil, fmt.Errorf("%s: the program ended (%s)%s", call, how, p.lastWords())
		}
		switch {
		case err == nil && call == "Read":
			return nil, fmt.Errorf("its Read succeeds, with %d items", items)
		case err == nil:
			return nil, fmt.Errorf("its %s succeeds", call)
		case items > 0 && !itemsFirst:
			return nil, fmt.Errorf("its Read gives %d items before it fails", items)
		}
		says[call] = status.Convert(err).Message()
		p.texts.addLine(says[call])
	}
	return says, nil
}

// mustFail makes a call that has to fail, and returns its error and, of Read, how many items came before.
func (p *peer) mustFail(ctx context.Context, call string) (items int64, err error) {
	ctx, cancel := p.call(ctx)
	defer cancel()
	if call == "Check" {
		_, err = p.calls.Check(ctx, &sourcev1.CheckRequest{})
		return 0, err
	}
	m, err := p.schema(ctx)
	if err != nil {
		return 0, err // a source that must fail may fail there
	}
	asked, err := proto.ToSchema(m.GetFields())
	if err != nil {
		return 0, err
	}
	stream, err := p.calls.Read(ctx, &sourcev1.ReadRequest{Fields: asked.Names()})
	for err == nil {
		var r *sourcev1.ReadResponse
		if r, err = stream.Recv(); r.GetBatch() != nil {
			if b, err := proto.DecodeBatch(r.GetBatch().GetArrow(), asked); err == nil {
				items += int64(b.Len())
			}
		}
	}
	if errors.Is(err, io.EOF) {
		return items, nil
	}
	return items, err
}

// checkChange changes the platform between two reads, and between two pulls, of each source whose expectation says how. It is the
// last that is done with the sources: afterwards they are not what they were.
func (s *suite) checkChange(ctx context.Context) {
	for _, c := range s.sources {
		if len(c.expected.Change) == 0 {
			continue
		}
		if len(s.sources) > 1 {
			s.source = c.name
		}
		s.log("changing the platform")
		if p := s.startConfigured(ctx, c); p != nil {
			s.changeBetween(ctx, p, c)
			p.close()
		}
	}
	s.source = ""
}

func (s *suite) changeBetween(ctx context.Context, p *peer, c configuration) {
	schema := s.checkSchema(ctx, p)
	if schema == nil {
		return
	}
	seed := maphash.MakeSeed()
	source := &readSource{configuration: c, schema: schema, first: newContents(seed, schema)}
	if r := s.read(ctx, p, schema, source.first); r.number != "" {
		s.fail(r.number, "before the change: %s", r.fault)
		return
	}
	held, pulls := records{}, slices.Contains(s.description.GetCapabilities(), proto.Incremental) && !s.failed("8.1", "8.2", "8.3")
	var cursor []byte
	if pulls {
		if cursor, pulls = s.pullChecked(ctx, p, source, "8.2", held, nil); !pulls {
			return
		}
	}
	if err := s.change(ctx, c.expected.Change); err != nil {
		s.fail("6.31", "%v", err)
		return
	}
	now := &readSource{configuration: c, schema: schema, first: newContents(seed, schema)}
	switch r := s.read(ctx, p, schema, now.first); {
	case r.number != "":
		s.fail(r.number, "after the change: %s", r.fault)
		return
	case source.first.differs(now.first) == "":
		s.fail("6.31", "after %s a read gives what it gave before. Either that changes nothing, or the connector keeps what it has read", shown(c.expected.Change))
		return
	}
	s.pass("6.31", "")
	if !pulls {
		return
	}
	if _, ok := s.pullChecked(ctx, p, source, "8.7", held, cursor); !ok {
		return
	}
	if text := s.assembled(ctx, p, now, schema, held); text != "" {
		s.fail("8.7", "after %s, and a pull: %s", shown(c.expected.Change), text)
	} else {
		s.pass("8.7", "")
	}
}

// change runs the command in the configuration's folder.
func (s *suite) change(ctx context.Context, words []string) error {
	ctx, cancel := context.WithTimeout(ctx, s.timeout)
	defer cancel()
	cmd := exec.CommandContext(ctx, words[0], words[1:]...)
	cmd.Dir, cmd.Env, cmd.WaitDelay = s.command.Dir, os.Environ(), time.Second
	said := &output{}
	cmd.Stdout, cmd.Stderr = said, said
	if err := cmd.Run(); err != nil {
		if ctx.Err() != nil {
			return fmt.Errorf("the command that changes the platform, %s, was not done within %s", shown(words), s.timeout)
		}
		return fmt.Errorf("the command that changes the platform, %s, failed: %w; it said: %s", shown(words), err, said.tail(4))
	}
	return nil
}

func shown(words []string) string { return printable(strings.Join(words, " ")) }
