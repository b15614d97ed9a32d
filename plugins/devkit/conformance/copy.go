package conformance

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"

	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/engine/fault"
	"github.com/reconcilehq/reconcile/plugins/host/patience"
	"github.com/reconcilehq/reconcile/plugins/proto"
	sourcev1 "github.com/reconcilehq/reconcile/plugins/proto/source/v1"
)

// records is a Local Copy in memory: values by kind and key.
type records map[string]map[string][]byte

func (r records) put(kind, key string, value []byte) {
	if r[kind] == nil {
		r[kind] = map[string][]byte{}
	}
	r[kind][key] = value
}

func (r records) counts() map[string]int64 {
	counts := map[string]int64{}
	for kind, keys := range r {
		counts[kind] = int64(len(keys))
	}
	return counts
}

// checkCopy checks the calls for the Local Copy.
func (s *suite) checkCopy(ctx context.Context, c *readSource) {
	if !slices.Contains(s.description.GetCapabilities(), proto.Incremental) {
		s.skipAll("8.", "the connector has no capability incremental")
		return
	}
	kinds := s.description.GetRecordKinds()
	if sorted := slices.Sorted(slices.Values(kinds)); len(kinds) == 0 || slices.Contains(kinds, "") || len(slices.Compact(sorted)) != len(kinds) {
		s.fail("8.1", "record_kinds is %q", kinds)
		return
	}
	s.pass("8.1", "%q", kinds)
	s.log("pulling")
	p := s.startConfigured(ctx, c.configuration)
	if p == nil {
		return
	}
	defer p.close()
	// A sandbox inside the process may have its own data. So compare only what this same process gives.
	read := &readSource{configuration: c.configuration, schema: c.schema, first: newContents(c.first.seed, c.schema)}
	if r := s.read(ctx, p, c.schema, read.first); r.number != "" {
		s.fail(r.number, "in another process: %s", r.fault)
		return
	}
	held := records{}
	cursor, ok := s.pullChecked(ctx, p, c, "8.2", held, nil)
	if !ok {
		return
	}
	s.pass("8.2", "%v", held.counts())
	if text := s.assembled(ctx, p, read, c.schema, held); text != "" {
		s.fail("8.3", "%s", text)
		return
	}
	s.pass("8.3", "")
	if cursor == nil {
		s.skip("8.4", "the pull gave no cursor, so that each is a full one")
	} else if _, ok := s.pullChecked(ctx, p, c, "8.4", held, cursor); ok {
		if text := s.assembled(ctx, p, read, c.schema, held); text != "" {
			s.fail("8.4", "after it %s", text)
		} else {
			s.pass("8.4", "")
		}
	}
	for _, field := range c.schema.Fields() {
		if text := s.assembled(ctx, p, read, catalog.MustSchema(field), held); text != "" {
			s.fail("8.5", "%s alone: %s", field.Name, text)
		}
	}
	if !s.failed("8.5") {
		s.pass("8.5", "")
	}
	s.cancelPull(ctx, p, c)
}

// pullChecked pulls into held. If something is wrong, it notes a failure of the demand.
func (s *suite) pullChecked(ctx context.Context, p *peer, c *readSource, number string, held records, cursor []byte) (next []byte, ok bool) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	w := &pulling{suite: s, peer: p, held: held, schema: c.schema}
	next, err := w.pull(ctx, cancel, cursor)
	var full *needFull
	switch {
	case errors.As(err, &full) && cursor != nil:
		s.skip(number, "the connector asks to read everything anew: %s", full.reason)
		return nil, false
	case err != nil:
		s.fail(number, "%v%s", err, p.lastWords())
		return nil, false
	}
	return next, true
}

type needFull struct{ reason string }

func (n *needFull) Error() string { return "the connector asks to read everything anew: " + n.reason }

// pulling is one pull.
type pulling struct {
	suite  *suite
	peer   *peer
	schema *catalog.Schema
	held   records
	stream sourcev1.Source_PullClient

	patience *patience.Timer
	numbers  patience.Numbers // of the last Progress

	completed     map[string]map[string]bool // the keys that were put in this pull, by kind
	puts, deletes int64
}

func (w *pulling) pull(ctx context.Context, cancel context.CancelCauseFunc, cursor []byte) (next []byte, err error) {
	if w.stream, err = w.peer.calls.Pull(ctx); err != nil {
		return nil, fmt.Errorf("pull answers with an error: %s", messageOf(err))
	}
	began := timestamppb.Now()
	start := &sourcev1.PullStart{Fields: w.schema.Names(), Cursor: cursor, Held: w.held.counts(), BeganAt: began}
	if cursor != nil {
		start.RefreshedAt, start.FullAt = began, began
	}
	if err := w.stream.Send(&sourcev1.PullRequest{Message: &sourcev1.PullRequest_Start{Start: start}}); err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	w.completed = map[string]map[string]bool{}
	var done *sourcev1.PullDone
	w.patience = patience.Start(w.suite.timeout, func() { cancel(errSilent) })
	defer w.patience.Stop()
	for {
		w.patience.Receive()
		m, err := w.stream.Recv()
		w.patience.Received()
		switch {
		case errors.Is(err, io.EOF) && done == nil:
			return nil, errors.New("the stream ended without PullDone")
		case errors.Is(err, io.EOF):
			return done.GetCursor(), w.count(done)
		case errors.Is(context.Cause(ctx), errSilent):
			return nil, fmt.Errorf("for %s nothing came, or nothing that showed that it got on", w.suite.timeout)
		case err != nil:
			return nil, fmt.Errorf("pull ends with an error: %s", messageOf(err))
		case done != nil:
			return nil, errors.New("something was sent after PullDone")
		}
		if done = m.GetDone(); done == nil {
			if err := w.take(m); err != nil {
				return nil, err
			}
			if w.gotOn(m) {
				w.patience.Progress()
			}
		}
	}
}

// gotOn reports whether a message shows that the connector has got on.
func (w *pulling) gotOn(m *sourcev1.PullResponse) bool {
	switch m := m.GetMessage().(type) {
	case *sourcev1.PullResponse_Put:
		return len(m.Put.GetRecords()) > 0
	case *sourcev1.PullResponse_Delete:
		return len(m.Delete.GetKeys()) > 0
	case *sourcev1.PullResponse_Progress:
		return w.numbers.Moved(m.Progress)
	case *sourcev1.PullResponse_Lookup:
		return true
	}
	return false
}

func (w *pulling) take(m *sourcev1.PullResponse) error {
	switch m := m.GetMessage().(type) {
	case *sourcev1.PullResponse_Full:
		clear(w.held)
		clear(w.completed)
		w.puts, w.deletes = 0, 0
	case *sourcev1.PullResponse_Put:
		for _, r := range m.Put.GetRecords() {
			if r.GetKey() == "" {
				return fmt.Errorf("a record of kind %q has an empty key", m.Put.GetKind())
			}
			w.held.put(m.Put.GetKind(), r.GetKey(), r.GetValue())
			if w.completed[m.Put.GetKind()] == nil {
				w.completed[m.Put.GetKind()] = map[string]bool{}
			}
			w.completed[m.Put.GetKind()][r.GetKey()] = true
			w.puts++
		}
		return w.known(m.Put.GetKind())
	case *sourcev1.PullResponse_Delete:
		for _, key := range m.Delete.GetKeys() {
			delete(w.held[m.Delete.GetKind()], key)
			w.deletes++
		}
		return w.known(m.Delete.GetKind())
	case *sourcev1.PullResponse_Complete:
		kind := m.Complete.GetKind()
		maps.DeleteFunc(w.held[kind], func(key string, _ []byte) bool { return !w.completed[kind][key] })
		return w.known(kind)
	case *sourcev1.PullResponse_Checkpoint:
		if len(m.Checkpoint.GetCursor()) == 0 {
			return errors.New("a checkpoint has no cursor")
		}
	case *sourcev1.PullResponse_Lookup:
		if err := w.known(m.Lookup.GetKind()); err != nil {
			return err
		}
		err := w.stream.Send(&sourcev1.PullRequest{Message: &sourcev1.PullRequest_Held{Held: w.answer(m.Lookup)}})
		if err != nil && !errors.Is(err, io.EOF) {
			return err
		}
	case *sourcev1.PullResponse_Progress:
		w.peer.texts.addLine(m.Progress.GetText())
	case *sourcev1.PullResponse_Waiting:
		if text := takeWaiting(w.peer, w.patience, m.Waiting); text != "" {
			return errors.New(text)
		}
	case *sourcev1.PullResponse_Warning:
		w.peer.texts.addLine(m.Warning.GetText())
	case *sourcev1.PullResponse_NeedFull:
		return &needFull{m.NeedFull.GetReason()}
	}
	return nil
}

func (w *pulling) known(kind string) error {
	if slices.Contains(w.suite.description.GetRecordKinds(), kind) {
		return nil
	}
	return fmt.Errorf("it speaks of records of kind %q, which Describe does not name", kind)
}

// some is the number of records in one answer to a Lookup without keys: few, so that the connector must ask for more.
const some = 100

func (w *pulling) answer(l *sourcev1.Lookup) *sourcev1.Held {
	keys, more := l.GetKeys(), false
	if len(keys) == 0 {
		keys = slices.DeleteFunc(slices.Sorted(maps.Keys(w.held[l.GetKind()])), func(key string) bool { return key <= l.GetAfter() })
		if more = len(keys) > some; more {
			keys = keys[:some]
		}
	}
	m := &sourcev1.Records{Kind: l.GetKind()}
	for _, key := range slices.Sorted(slices.Values(keys)) {
		value, ok := w.held[l.GetKind()][key]
		if !ok {
			continue
		}
		if l.GetKeysOnly() {
			value = nil
		}
		m.Records = append(m.Records, &sourcev1.Record{Key: key, Value: value})
	}
	return &sourcev1.Held{Records: m, More: more}
}

// count compares the counts in PullDone with what has arrived.
func (w *pulling) count(done *sourcev1.PullDone) error {
	if done.GetPuts() != w.puts || done.GetDeletes() != w.deletes {
		return fmt.Errorf("PullDone says %d puts and %d deletes, and %d and %d came", done.GetPuts(), done.GetDeletes(), w.puts, w.deletes)
	}
	for kind, n := range done.GetExpected() {
		if got := int64(len(w.held[kind])); got != n {
			return fmt.Errorf("PullDone expects %d records of kind %q, and there are %d", n, kind, got)
		}
	}
	return nil
}

// assembled lets the connector make items of the records, and says how they differ from the items of a read; "" if they do
// not.
func (s *suite) assembled(ctx context.Context, p *peer, read *readSource, asked *catalog.Schema, held records) string {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	stream, err := p.calls.Assemble(ctx)
	if err != nil {
		return "Assemble answers with an error: " + messageOf(err)
	}
	var sent int64
	sending := make(chan struct{})
	fault.Go(func() {
		defer close(sending)
		sent = s.sendRecords(stream, asked, held)
	})
	r, now := &reading{asked: asked}, newContents(read.first.seed, asked)
	s.follow(ctx, cancel, p, stream, r, now)
	cancel(nil)
	<-sending
	switch {
	case r.number != "":
		return r.fault
	case r.done.GetRecords() != sent:
		return fmt.Sprintf("Done says that %d records were received, and %d were sent", r.done.GetRecords(), sent)
	}
	return read.first.differs(now)
}

func (s *suite) sendRecords(stream sourcev1.Source_AssembleClient, asked *catalog.Schema, held records) (sent int64) {
	start := &sourcev1.AssembleRequest{Message: &sourcev1.AssembleRequest_Start{Start: &sourcev1.ReadRequest{Fields: asked.Names()}}}
	if stream.Send(start) != nil {
		return 0 // receiving reports the error
	}
	for _, kind := range s.description.GetRecordKinds() {
		for keys := range slices.Chunk(slices.Sorted(maps.Keys(held[kind])), some) {
			m := &sourcev1.Records{Kind: kind}
			for _, key := range keys {
				m.Records = append(m.Records, &sourcev1.Record{Key: key, Value: held[kind][key]})
			}
			if stream.Send(&sourcev1.AssembleRequest{Message: &sourcev1.AssembleRequest_Records{Records: m}}) != nil {
				return sent
			}
			sent += int64(len(keys))
		}
	}
	_ = stream.CloseSend()
	return sent
}

// cancelPull cancels a pull at its first message. The process must still work after it.
func (s *suite) cancelPull(ctx context.Context, p *peer, c *readSource) {
	pulling, cancel := context.WithCancel(ctx)
	defer cancel()
	stream, err := p.calls.Pull(pulling)
	if err == nil {
		err = stream.Send(&sourcev1.PullRequest{Message: &sourcev1.PullRequest_Start{Start: &sourcev1.PullStart{Fields: c.schema.Names(), BeganAt: timestamppb.Now()}}})
	}
	if err == nil {
		_, err = stream.Recv()
	}
	if err != nil {
		s.fail("8.6", "the pull to be cancelled fails by itself: %s", messageOf(err))
		return
	}
	cancel()
	if rested, doing := p.rest(restTime); !rested {
		s.fail("8.6", "%s%s", doing, p.lastWords())
		return
	}
	if _, ok := s.pullChecked(ctx, p, c, "8.6", records{}, nil); ok {
		s.pass("8.6", "")
	}
}
