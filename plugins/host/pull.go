package host

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/reconcilehq/reconcile/plugins/proto"
	sourcev1 "github.com/reconcilehq/reconcile/plugins/proto/source/v1"
)

// Record is something that a platform told, as its connector writes it.
type Record struct {
	Key   string
	Value []byte
}

// PullRequest is what a connector is asked for, and told of what is held.
type PullRequest struct {
	Fields      []string         // that items must have which are made of the records
	Cursor      []byte           // nil: everything
	Resumed     bool             // Cursor is a checkpoint's
	Held        map[string]int64 // how many records are held, by kind
	RefreshedAt time.Time        // when the data that are held were as they are; zero: nothing is held
	FullAt      time.Time        // the same, of the last full pull
	BeganAt     time.Time        // when this pull began; before now if it is resumed
}

// Keeper keeps what a pull tells. Its methods are called from the goroutine that pulls, in the order of the connector's
// messages, and what they mean is said in source.proto. The first error ends the pull. Nothing counts until the caller of
// Pull, which then has returned no error, makes it count.
type Keeper interface {
	Full() error
	Put(kind string, records []Record) error
	Delete(kind string, keys []string) error
	Complete(kind string) error
	Checkpoint(cursor []byte) error

	// Lookup returns what is held, with what was put and deleted in this pull: the records of keys, or without keys some of
	// all those whose key is greater than after, in the order of their bytes. more reports that there are more.
	Lookup(kind string, keys []string, after string, keysOnly bool) (records []Record, more bool, err error)
}

// Pulled is what a complete pull amounts to.
type Pulled struct {
	Cursor   []byte           // for the next pull; nil: that is to be a full one
	ReadAt   time.Time        // when the data were as they now are
	FullDue  time.Time        // from when on a full pull is due; zero: never
	Expected map[string]int64 // how many records of a kind there must be now; kinds left out are not to be checked
}

// NeedFullError says that a connector cannot go on from the cursor that it was given.
type NeedFullError struct{ Reason string }

// Error returns the connector's reason.
func (e *NeedFullError) Error() string { return e.Reason }

// KeepsCopy reports whether a Local Copy can be kept of the source. It is known after Configure.
func (p *Process) KeepsCopy() bool {
	return slices.Contains(p.about.Capabilities, proto.Incremental) && !p.noCopy
}

// checkKinds checks what a connector says of its records.
func (p *Process) checkKinds() error {
	if !slices.Contains(p.about.Capabilities, proto.Incremental) {
		return nil
	}
	kinds := p.about.RecordKinds
	sorted := slices.Sorted(slices.Values(kinds))
	if len(kinds) == 0 || slices.Contains(kinds, "") || len(slices.Compact(sorted)) != len(kinds) {
		return &Failure{Label: p.label, Doing: "describe itself", Fault: Connector,
			Text: p.words(fmt.Sprintf("it can read incrementally, but its kinds of records are %q", kinds))}
	}
	return nil
}

// Pull has the connector tell keeper what has changed. It returns an error unless the connector itself has said that this
// was all; a *NeedFullError asks for another Pull without a cursor.
func (p *Process) Pull(ctx context.Context, req PullRequest, w Watcher, keeper Keeper) (Pulled, error) {
	r := &pulling{process: p, request: req, watcher: w, keeper: keeper}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	patience := newPatience(p.timeout, func() { cancel(errSilent) })
	defer patience.end()
	stream, err := p.calls.Pull(ctx)
	if err == nil {
		r.stream = stream
		err = stream.Send(&sourcev1.PullRequest{Message: &sourcev1.PullRequest_Start{Start: &sourcev1.PullStart{
			Fields: req.Fields, Cursor: req.Cursor, Resumed: req.Resumed, Held: req.Held, RefreshedAt: timestamp(req.RefreshedAt),
			FullAt: timestamp(req.FullAt), BeganAt: timestamp(req.BeganAt),
		}}})
	}
	if err != nil && !errors.Is(err, io.EOF) { // io.EOF: Recv knows better
		return Pulled{}, r.failed(ctx, err)
	}
	for {
		patience.wait()
		m, err := stream.Recv()
		patience.pause()
		if errors.Is(err, io.EOF) {
			return r.ended()
		}
		if err != nil {
			return Pulled{}, r.failed(ctx, err)
		}
		moved := r.moved
		if err := r.take(m); err != nil {
			return Pulled{}, err
		}
		if r.alive(m, moved) {
			patience.sign()
		}
	}
}

// alive reports whether a message, which was taken, is a sign of progress; moved is how many records there were before.
func (r *pulling) alive(m *sourcev1.PullResponse, moved int64) bool {
	switch m.GetMessage().(type) {
	case *sourcev1.PullResponse_Warning:
		return false
	case *sourcev1.PullResponse_Put:
		return r.moved > moved
	}
	return true
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
	keeper  Keeper
	stream  sourcev1.Source_PullClient

	puts, deletes, moved int64  // moved: those before a Full, too
	said                 string // the last that the connector said it was doing
	talk                 int    // messages since the last that brought a record or took one away
	warnings             warnings
	done                 *sourcev1.PullDone
	needFull             *sourcev1.NeedFull
}

func (r *pulling) take(m *sourcev1.PullResponse) error {
	if r.done != nil || r.needFull != nil {
		return r.broken("the connector went on after it had said that it was done")
	}
	if r.talk++; r.talk > proto.MaxTalk {
		return r.broken(fmt.Sprintf("the connector sent %d messages in a row without a record", proto.MaxTalk))
	}
	switch m := m.GetMessage().(type) {
	case *sourcev1.PullResponse_Full:
		r.puts, r.deletes = 0, 0
		return r.keeper.Full()
	case *sourcev1.PullResponse_Put:
		return r.put(m.Put)
	case *sourcev1.PullResponse_Delete:
		r.deletes += int64(len(m.Delete.GetKeys()))
		if len(m.Delete.GetKeys()) > 0 {
			r.talk = 0
		}
		if err := r.known(m.Delete.GetKind()); err != nil {
			return err
		}
		return r.keeper.Delete(m.Delete.GetKind(), m.Delete.GetKeys())
	case *sourcev1.PullResponse_Complete:
		if err := r.known(m.Complete.GetKind()); err != nil {
			return err
		}
		return r.keeper.Complete(m.Complete.GetKind())
	case *sourcev1.PullResponse_Checkpoint:
		if len(m.Checkpoint.GetCursor()) == 0 {
			return r.broken("the connector sent a checkpoint without a cursor")
		}
		return r.keeper.Checkpoint(m.Checkpoint.GetCursor())
	case *sourcev1.PullResponse_Lookup:
		return r.answer(m.Lookup)
	case *sourcev1.PullResponse_Progress:
		r.said = r.process.words(m.Progress.GetText())
		r.watcher.Progress(m.Progress.GetItems(), m.Progress.GetTotal(), r.said)
	case *sourcev1.PullResponse_Warning:
		r.warnings.take(r.watcher, r.process.words(m.Warning.GetText()))
	case *sourcev1.PullResponse_Done:
		r.done = m.Done
	case *sourcev1.PullResponse_NeedFull:
		r.needFull = m.NeedFull
	default: // what it would have done to the records, nobody knows
		return r.broken("the connector sent a message that this version of reconcile does not know")
	}
	return nil
}

func (r *pulling) put(m *sourcev1.Records) error {
	if err := r.known(m.GetKind()); err != nil {
		return err
	}
	records := make([]Record, len(m.GetRecords()))
	for i, record := range m.GetRecords() {
		if record.GetKey() == "" {
			return r.broken(fmt.Sprintf("the connector sent a record of kind %q with an empty key", m.GetKind()))
		}
		records[i] = Record{record.GetKey(), record.GetValue()}
	}
	if len(records) > 0 {
		r.talk = 0
	}
	r.puts += int64(len(records))
	r.moved += int64(len(records))
	r.watcher.Progress(r.moved, 0, r.said)
	return r.keeper.Put(m.GetKind(), records)
}

func (r *pulling) answer(m *sourcev1.Lookup) error {
	if err := r.known(m.GetKind()); err != nil {
		return err
	}
	records, more, err := r.keeper.Lookup(m.GetKind(), m.GetKeys(), m.GetAfter(), m.GetKeysOnly())
	if err != nil {
		return err
	}
	err = r.stream.Send(&sourcev1.PullRequest{Message: &sourcev1.PullRequest_Held{Held: &sourcev1.Held{
		Records: recordsMessage(m.GetKind(), records), More: more}}})
	if errors.Is(err, io.EOF) {
		return nil // the connector has ended; Recv knows how
	}
	return err
}

func recordsMessage(kind string, records []Record) *sourcev1.Records {
	m := &sourcev1.Records{Kind: kind, Records: make([]*sourcev1.Record, len(records))}
	made := make([]sourcev1.Record, len(records))
	for i, r := range records {
		made[i].Key, made[i].Value = r.Key, r.Value
		m.Records[i] = &made[i]
	}
	return m
}

func (r *pulling) known(kind string) error {
	if slices.Contains(r.process.about.RecordKinds, kind) {
		return nil
	}
	return r.broken(fmt.Sprintf("the connector speaks of records of kind %q, which are not among its kinds: %q", kind, r.process.about.RecordKinds))
}

func (r *pulling) ended() (Pulled, error) {
	r.warnings.end(r.watcher)
	switch {
	case r.needFull != nil && len(r.request.Cursor) == 0:
		return Pulled{}, r.broken("the connector asks to read everything anew, which it was doing: " + r.process.words(r.needFull.GetReason()))
	case r.needFull != nil:
		return Pulled{}, &NeedFullError{Reason: r.process.words(r.needFull.GetReason())}
	case r.done == nil:
		return Pulled{}, r.broken("the connector stopped sending without saying that it was done")
	case r.done.GetPuts() != r.puts || r.done.GetDeletes() != r.deletes:
		return Pulled{}, r.broken(fmt.Sprintf("the connector says that it sent %d records and deleted %d, but %d and %d arrived",
			r.done.GetPuts(), r.done.GetDeletes(), r.puts, r.deletes))
	}
	for kind := range r.done.GetExpected() {
		if err := r.known(kind); err != nil {
			return Pulled{}, err
		}
	}
	pulled := Pulled{Cursor: r.done.GetCursor(), ReadAt: r.request.BeganAt, Expected: r.done.GetExpected()}
	if at := r.done.GetReadAt(); at.IsValid() {
		pulled.ReadAt = at.AsTime()
	}
	if due := r.done.GetFullDue(); due.IsValid() {
		pulled.FullDue = due.AsTime()
	}
	return pulled, nil
}

func (r *pulling) doing() string { return fmt.Sprintf("pull (after %d records)", r.moved) }

func (r *pulling) broken(text string) error {
	return &Failure{Label: r.process.label, Doing: r.doing(), Text: text, Fault: Connector}
}

func (r *pulling) failed(ctx context.Context, err error) error {
	if errors.Is(context.Cause(ctx), errSilent) {
		return r.process.silent(r.doing(), r.said)
	}
	return r.process.explain(ctx, r.doing(), err)
}
