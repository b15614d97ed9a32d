package host

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	protobuf "google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/reconcilehq/reconcile/plugins/host/patience"
	"github.com/reconcilehq/reconcile/plugins/proto"
	sourcev1 "github.com/reconcilehq/reconcile/plugins/proto/source/v1"
)

// Record is a piece of a platform's data, in the form that its connector chose.
type Record struct {
	Key   string
	Value []byte
}

// PullRequest says what the connector has to pull, and what the Local Copy holds.
type PullRequest struct {
	Fields      []string         // the fields that items made of the records must have
	Cursor      []byte           // pull what has changed since then; nil: everything
	Resumed     bool             // Cursor is that of a checkpoint
	Held        map[string]int64 // the number of records in the copy, by kind
	RefreshedAt time.Time        // the time at which the platform had the data in the copy; zero: the copy is empty
	FullAt      time.Time        // RefreshedAt as it was after the last full pull
	BeganAt     time.Time        // when this pull began; in the past if it is resumed
}

// CopyWriter writes what a pull receives into a Local Copy. Its methods are called from the goroutine that pulls, in the
// order of the connector's messages; source.proto says what each message means. The first error ends the pull. Nothing of
// this counts before Pull has returned without an error and its caller has made the pull the good copy.
type CopyWriter interface {
	Full() error
	Put(kind string, records []Record) error
	Delete(kind string, keys []string) error
	Complete(kind string) error
	Checkpoint(cursor []byte) error

	// Lookup returns records of the copy, including what this pull has put and deleted: the records with these keys, or, if
	// keys is empty, the next ones whose key is greater than after, in the order of the keys' bytes. more reports whether
	// there are more.
	Lookup(kind string, keys []string, after string, keysOnly bool) (records []Record, more bool, err error)
}

// PullResult is the outcome of a complete pull.
type PullResult struct {
	Cursor   []byte           // for the next pull; nil: the next pull must be a full one
	ReadAt   time.Time        // the time at which the platform had these data
	FullDue  time.Time        // when the next full pull is due; zero: never
	Expected map[string]int64 // the number of records that the copy must have now, by kind; other kinds are not checked
}

// NeedFullError says that a connector cannot continue from the cursor in the request.
type NeedFullError struct{ Reason string }

// Error returns the connector's reason.
func (e *NeedFullError) Error() string { return e.Reason }

// KeepsCopy reports whether the host can keep a Local Copy of the source. Call it after Configure.
func (p *Process) KeepsCopy() bool {
	return slices.Contains(p.description.Capabilities, proto.Incremental) && !p.noCopy
}

// checkKinds checks the kinds of records in a connector's description.
func (p *Process) checkKinds() error {
	if !slices.Contains(p.description.Capabilities, proto.Incremental) {
		return nil
	}
	kinds := p.description.RecordKinds
	sorted := slices.Sorted(slices.Values(kinds))
	if len(kinds) == 0 || slices.Contains(kinds, "") || len(slices.Compact(sorted)) != len(kinds) {
		return &Failure{Label: p.label, Action: "describe itself", Fault: Connector,
			Text: p.safeText(fmt.Sprintf("it can read incrementally, but its kinds of records are %q", kinds))}
	}
	return nil
}

// Pull asks the connector for what has changed and writes it to copy. It returns an error unless the connector has said
// that it sent all of it. A *NeedFullError asks the caller to call Pull again without a cursor.
func (p *Process) Pull(ctx context.Context, req PullRequest, w Watcher, copy CopyWriter) (PullResult, error) {
	r := &pulling{process: p, request: req, watcher: w, copy: copy}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	r.patience = patience.Start(p.timeout, func() { cancel(errSilent) })
	defer r.patience.Stop()
	defer p.limitRead(cancel)()
	stream, err := p.calls.Pull(ctx)
	if err == nil {
		r.stream = stream
		err = stream.Send(&sourcev1.PullRequest{Message: &sourcev1.PullRequest_Start{Start: &sourcev1.PullStart{
			Fields: req.Fields, Cursor: req.Cursor, Resumed: req.Resumed, Held: req.Held, RefreshedAt: timestamp(req.RefreshedAt),
			FullAt: timestamp(req.FullAt), BeganAt: timestamp(req.BeganAt),
		}}})
	}
	if err != nil && !errors.Is(err, io.EOF) { // after io.EOF, Recv returns the real error
		return PullResult{}, r.callError(ctx, err)
	}
	for {
		m, err := receive(r.patience, stream.Recv)
		if errors.Is(err, io.EOF) {
			return r.result()
		}
		if err != nil {
			return PullResult{}, r.callError(ctx, err)
		}
		gotOn, err := r.handle(m)
		if err != nil {
			return PullResult{}, err
		}
		if gotOn {
			r.patience.Progress()
		}
	}
}

func timestamp(t time.Time) *timestamppb.Timestamp {
	if t.IsZero() {
		return nil
	}
	return timestamppb.New(t)
}

// pulling is the state of one Pull.
type pulling struct {
	process *Process
	request PullRequest
	watcher Watcher
	copy    CopyWriter
	stream  sourcev1.Source_PullClient

	puts, deletes, moved int64 // records put and deleted since the last Full; moved: records put in the whole pull
	patience             *patience.Timer
	numbers              patience.Numbers // of the last progress
	doing                string           // the last that the connector said it was doing
	lastText             string           // the last that it said, of what it does or waits for
	lastLookup           *sourcev1.Lookup
	withoutRecord        int // messages since the last that brought a record or took one away
	warnings             warnings
	done                 *sourcev1.PullDone
	needFull             *sourcev1.NeedFull
}

// handle takes a message. It reports whether the connector has got on.
func (r *pulling) handle(m *sourcev1.PullResponse) (gotOn bool, err error) {
	if r.done != nil || r.needFull != nil {
		return false, r.protocolError("the connector went on after it had said that it was done")
	}
	if r.withoutRecord++; r.withoutRecord > proto.MaxMessagesWithoutItem {
		return false, r.protocolError(fmt.Sprintf("the connector sent %d messages in a row without a record", proto.MaxMessagesWithoutItem))
	}
	switch m := m.GetMessage().(type) {
	case *sourcev1.PullResponse_Full:
		r.puts, r.deletes = 0, 0
		return false, r.copy.Full()
	case *sourcev1.PullResponse_Put:
		return len(m.Put.GetRecords()) > 0, r.handlePut(m.Put)
	case *sourcev1.PullResponse_Delete:
		return len(m.Delete.GetKeys()) > 0, r.handleDelete(m.Delete)
	case *sourcev1.PullResponse_Complete:
		if err := r.checkKind(m.Complete.GetKind()); err != nil {
			return false, err
		}
		return false, r.copy.Complete(m.Complete.GetKind())
	case *sourcev1.PullResponse_Checkpoint:
		if len(m.Checkpoint.GetCursor()) == 0 {
			return false, r.protocolError("the connector sent a checkpoint without a cursor")
		}
		return false, r.copy.Checkpoint(m.Checkpoint.GetCursor())
	case *sourcev1.PullResponse_Lookup:
		return r.answerLookup(m.Lookup)
	case *sourcev1.PullResponse_Progress:
		r.doing = r.process.safeText(m.Progress.GetText())
		r.lastText = r.doing
		r.watcher.Progress(m.Progress.GetItems(), m.Progress.GetTotal(), r.lastText)
		return r.numbers.Moved(m.Progress), nil
	case *sourcev1.PullResponse_Waiting:
		var until time.Time
		until, r.lastText = r.process.waiting(m.Waiting, r.patience)
		r.watcher.Waiting(until, r.lastText)
	case *sourcev1.PullResponse_Warning:
		r.warnings.pass(r.watcher, r.process.safeText(m.Warning.GetText()))
	case *sourcev1.PullResponse_Done:
		r.done = m.Done
	case *sourcev1.PullResponse_NeedFull:
		r.needFull = m.NeedFull
	default: // it may change records in a way that we do not know
		return false, r.protocolError("the connector sent a message that this version of reconcile does not know")
	}
	return false, nil
}

func (r *pulling) handlePut(m *sourcev1.Records) error {
	if err := r.checkKind(m.GetKind()); err != nil {
		return err
	}
	records := make([]Record, len(m.GetRecords()))
	for i, record := range m.GetRecords() {
		if record.GetKey() == "" {
			return r.protocolError(fmt.Sprintf("the connector sent a record of kind %q with an empty key", m.GetKind()))
		}
		records[i] = Record{record.GetKey(), record.GetValue()}
	}
	if len(records) > 0 {
		r.withoutRecord = 0
	}
	r.puts += int64(len(records))
	r.moved += int64(len(records))
	r.watcher.Progress(r.moved, 0, r.doing)
	return r.copy.Put(m.GetKind(), records)
}

func (r *pulling) handleDelete(m *sourcev1.Delete) error {
	if err := r.checkKind(m.GetKind()); err != nil {
		return err
	}
	if len(m.GetKeys()) > 0 {
		r.withoutRecord = 0
	}
	r.deletes += int64(len(m.GetKeys()))
	return r.copy.Delete(m.GetKind(), m.GetKeys())
}

// answerLookup answers what the connector asks of the copy. It has got on if it gets records, and asks for others than the
// last time.
func (r *pulling) answerLookup(m *sourcev1.Lookup) (gotOn bool, err error) {
	if err := r.checkKind(m.GetKind()); err != nil {
		return false, err
	}
	records, more, err := r.copy.Lookup(m.GetKind(), m.GetKeys(), m.GetAfter(), m.GetKeysOnly())
	if err != nil {
		return false, err
	}
	gotOn = len(records) > 0 && !protobuf.Equal(m, r.lastLookup)
	r.lastLookup = m
	err = r.stream.Send(&sourcev1.PullRequest{Message: &sourcev1.PullRequest_Held{Held: &sourcev1.Held{
		Records: recordsToMessage(m.GetKind(), records), More: more}}})
	if errors.Is(err, io.EOF) {
		return false, nil // the connector has ended the stream, and Recv returns the error
	}
	return gotOn, err
}

func recordsToMessage(kind string, records []Record) *sourcev1.Records {
	m := &sourcev1.Records{Kind: kind, Records: make([]*sourcev1.Record, len(records))}
	made := make([]sourcev1.Record, len(records))
	for i, r := range records {
		made[i].Key, made[i].Value = r.Key, r.Value
		m.Records[i] = &made[i]
	}
	return m
}

func (r *pulling) checkKind(kind string) error {
	if slices.Contains(r.process.description.RecordKinds, kind) {
		return nil
	}
	return r.protocolError(fmt.Sprintf("the connector speaks of records of kind %q, which are not among its kinds: %q", kind, r.process.description.RecordKinds))
}

func (r *pulling) result() (PullResult, error) {
	r.warnings.passCount(r.watcher)
	switch {
	case r.needFull != nil && len(r.request.Cursor) == 0:
		return PullResult{}, r.protocolError("the connector asks to read everything anew, which it was doing: " + r.process.safeText(r.needFull.GetReason()))
	case r.needFull != nil:
		return PullResult{}, &NeedFullError{Reason: r.process.safeText(r.needFull.GetReason())}
	case r.done == nil:
		return PullResult{}, r.protocolError("the connector stopped sending without saying that it was done")
	case r.done.GetPuts() != r.puts || r.done.GetDeletes() != r.deletes:
		return PullResult{}, r.protocolError(fmt.Sprintf("the connector says that it sent %d records and deleted %d, but %d and %d arrived",
			r.done.GetPuts(), r.done.GetDeletes(), r.puts, r.deletes))
	}
	for kind := range r.done.GetExpected() {
		if err := r.checkKind(kind); err != nil {
			return PullResult{}, err
		}
	}
	pulled := PullResult{Cursor: r.done.GetCursor(), ReadAt: r.request.BeganAt, Expected: r.done.GetExpected()}
	if at := r.done.GetReadAt(); at.IsValid() {
		pulled.ReadAt = at.AsTime()
	}
	if due := r.done.GetFullDue(); due.IsValid() {
		pulled.FullDue = due.AsTime()
	}
	return pulled, nil
}

func (r *pulling) actionSoFar() string { return fmt.Sprintf("pull (after %d records)", r.moved) }

func (r *pulling) protocolError(text string) error {
	return &Failure{Label: r.process.label, Action: r.actionSoFar(), Text: text, Fault: Connector}
}

func (r *pulling) callError(ctx context.Context, err error) error {
	return r.process.streamError(ctx, r.actionSoFar(), r.lastText, r.patience, err)
}
