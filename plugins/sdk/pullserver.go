package sdk

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"strings"
	"sync"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/plugins/proto"
	sourcev1 "github.com/reconcilehq/reconcile/plugins/proto/source/v1"
)

// incremental returns the configured source as one that keeps a Local Copy.
func (s *server) incremental() (Source, Incremental, error) {
	source, err := s.configured()
	if err != nil {
		return nil, nil, err
	}
	inc, ok := source.(Incremental)
	if !ok {
		return nil, nil, status.Error(codes.Unimplemented, "the connector cannot read incrementally")
	}
	return source, inc, nil
}

// keepsCopy reports whether the host can keep a Local Copy of a configured source.
func keepsCopy(source Source) bool {
	if _, ok := source.(Incremental); !ok {
		return false
	}
	d, ok := source.(CopyDecider)
	return !ok || d.KeepsCopy()
}

func (s *server) Pull(stream sourcev1.Source_PullServer) (err error) {
	defer s.recovered(&err)
	source, inc, err := s.incremental()
	if err != nil {
		return err
	}
	first, err := stream.Recv()
	if err != nil {
		return err
	}
	start := first.GetStart()
	if start == nil {
		return status.Error(codes.InvalidArgument, "Pull begins with a PullStart")
	}
	ctx := s.told(stream.Context())
	p := &pullStream{stream: stream}
	changes := &CopyUpdate{ctx: ctx, kinds: inc.CopyRules().Kinds, writer: p}
	if changes.schema, err = schemaOf(ctx, source); err != nil {
		return toStatus(ctx, err)
	}
	done, err := runPull(ctx, inc, PullRequest{
		Fields: start.GetFields(), Cursor: start.GetCursor(), Resumed: start.GetResumed(), Held: start.GetHeld(),
		RefreshedAt: timeOf(start.GetRefreshedAt()), FullAt: timeOf(start.GetFullAt()), BeganAt: timeOf(start.GetBeganAt()),
		Log: s.log, progress: p.progress(), warn: p.warn, finder: flushingFinder{p, changes},
	}, changes)
	switch {
	case errors.Is(err, ErrNeedFull):
		return p.send(&sourcev1.PullResponse{Message: &sourcev1.PullResponse_NeedFull{NeedFull: &sourcev1.NeedFull{Reason: err.Error()}}})
	case err != nil:
		return toStatus(ctx, err)
	}
	return p.send(&sourcev1.PullResponse{Message: &sourcev1.PullResponse_Done{Done: &sourcev1.PullDone{
		Cursor: done.cursor, ReadAt: timestampOf(done.readAt), FullDue: timestampOf(done.fullDue), Expected: done.expected,
		Puts: done.puts, Deletes: done.deletes,
	}}})
}

func timeOf(t *timestamppb.Timestamp) time.Time {
	if !t.IsValid() {
		return time.Time{}
	}
	return t.AsTime()
}

func timestampOf(t time.Time) *timestamppb.Timestamp {
	if t.IsZero() {
		return nil
	}
	return timestamppb.New(t)
}

// pullStream sends changes, messages and lookups to the host.
type pullStream struct {
	stream sourcev1.Source_PullServer
	mu     sync.Mutex // held while a message is sent: a stream allows one Send at a time
	asking sync.Mutex // held during a lookup: answers have no number, and come in the order of the lookups
}

func (p *pullStream) send(m *sourcev1.PullResponse) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.stream.Send(m)
}

func (p *pullStream) full() error {
	return p.send(&sourcev1.PullResponse{Message: &sourcev1.PullResponse_Full{Full: &sourcev1.Full{}}})
}

func (p *pullStream) put(kind string, records []Record) error {
	m := &sourcev1.Records{Kind: kind, Records: make([]*sourcev1.Record, len(records))}
	made := make([]sourcev1.Record, len(records))
	for i, r := range records {
		made[i].Key, made[i].Value = r.Key, r.Value
		m.Records[i] = &made[i]
	}
	return p.send(&sourcev1.PullResponse{Message: &sourcev1.PullResponse_Put{Put: m}})
}

func (p *pullStream) delete(kind string, keys []string) error {
	return p.send(&sourcev1.PullResponse{Message: &sourcev1.PullResponse_Delete{Delete: &sourcev1.Delete{Kind: kind, Keys: keys}}})
}

func (p *pullStream) complete(kind string) error {
	return p.send(&sourcev1.PullResponse{Message: &sourcev1.PullResponse_Complete{Complete: &sourcev1.Complete{Kind: kind}}})
}

func (p *pullStream) checkpoint(cursor []byte) error {
	return p.send(&sourcev1.PullResponse{Message: &sourcev1.PullResponse_Checkpoint{Checkpoint: &sourcev1.Checkpoint{Cursor: cursor}}})
}

func (p *pullStream) progress() *progress {
	return &progress{
		tell: func(items, total, steps int64, text string) {
			_ = p.send(&sourcev1.PullResponse{Message: &sourcev1.PullResponse_Progress{
				Progress: &sourcev1.Progress{Items: items, Total: total, Steps: steps, Text: text}}})
		},
		wait: func(until time.Time, why string) {
			_ = p.send(&sourcev1.PullResponse{Message: &sourcev1.PullResponse_Waiting{
				Waiting: &sourcev1.Waiting{Until: timestampOf(until), Why: why}}})
		},
	}
}

func (p *pullStream) warn(text string) {
	_ = p.send(&sourcev1.PullResponse{Message: &sourcev1.PullResponse_Warning{Warning: &sourcev1.Warning{Text: text}}})
}

func (p *pullStream) lookup(_ context.Context, l lookupRequest) ([]Record, bool, error) {
	p.asking.Lock()
	defer p.asking.Unlock()
	if err := p.send(&sourcev1.PullResponse{Message: &sourcev1.PullResponse_Lookup{Lookup: &sourcev1.Lookup{
		Kind: l.kind, Keys: l.keys, After: l.after, KeysOnly: l.keysOnly}}}); err != nil {
		return nil, false, err
	}
	m, err := p.stream.Recv()
	switch {
	case errors.Is(err, io.EOF):
		return nil, false, errors.New("the host answers no more")
	case err != nil:
		return nil, false, err
	case m.GetHeld() == nil:
		return nil, false, errors.New("the host answered something else than what it holds")
	}
	return recordsOf(m.GetHeld().GetRecords()), m.GetHeld().GetMore(), nil
}

func recordsOf(m *sourcev1.Records) []Record {
	records := make([]Record, len(m.GetRecords()))
	for i, r := range m.GetRecords() {
		records[i] = Record{r.GetKey(), r.GetValue()}
	}
	return records
}

func (s *server) Assemble(stream sourcev1.Source_AssembleServer) (err error) {
	defer s.recovered(&err)
	source, inc, err := s.incremental()
	if err != nil {
		return err
	}
	first, err := stream.Recv()
	if err != nil {
		return err
	}
	start := first.GetStart()
	if start == nil {
		return status.Error(codes.InvalidArgument, "Assemble begins with a ReadRequest")
	}
	records := &Records{kinds: inc.CopyRules().Kinds, next: func() (string, []Record, error) {
		m, err := stream.Recv()
		if err != nil {
			return "", nil, err
		}
		return m.GetRecords().GetKind(), recordsOf(m.GetRecords()), nil
	}}
	ctx := s.told(stream.Context())
	out := s.readStream(ctx, stream.SendMsg)
	req := out.request(start, s.log)
	sieve := out.sieve(start)
	items, err := writeAll(ctx, source, req, sieve.batch, func(w *Writer) error {
		return assemble(ctx, inc, req, records, w)
	})
	if err != nil {
		return toStatus(ctx, err)
	}
	done := req.done(items)
	sieve.done(done)
	done.Records = records.received
	return out.message(&sourcev1.ReadResponse{Message: &sourcev1.ReadResponse_Done{Done: done}})
}

// done sends the unreadable items that still wait, and returns the last message of a complete read.
func (r ReadRequest) done(items int64) *sourcev1.Done {
	told, skipped := r.unreadable.finish()
	return &sourcev1.Done{Items: items, Unreadable: told, Skipped: skipped, Currencies: r.Currencies(), Units: r.Units(), Counted: r.counted.finish()}
}

// dated sets how old the data are.
func (r ReadRequest) dated(done *sourcev1.Done) {
	at, file := r.age.get()
	done.ReadAt, done.File = timestamppb.New(at), strings.ToValidUTF8(file, "\ufffd")
}

// readStream sends the answer of Read and Assemble.
type readStream struct {
	ctx  context.Context
	send func(any) error // a *sourcev1.ReadResponse, or a *proto.Encoded
	mu   sync.Mutex      // held while a message is sent: a stream allows one Send at a time
	own  *proto.Owner    // of the places in shared memory that hold its batches
}

func (s *server) readStream(ctx context.Context, send func(any) error) *readStream {
	return &readStream{ctx: ctx, send: send, own: s.places.NewOwner()}
}

func (r *readStream) message(m any) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.send(m)
}

func (r *readStream) batch(b *catalog.Batch) error {
	encoded, err := proto.Encode(b)
	if err != nil {
		return err
	}
	var m any = encoded
	if place, size, ok := r.own.Put(r.ctx, encoded); ok {
		m = &sourcev1.ReadResponse{Message: &sourcev1.ReadResponse_Batch{Batch: &sourcev1.Batch{Shared: &sourcev1.Shared{Place: place, Size: size}}}}
	}
	if err := r.message(m); err != nil {
		return err
	}
	b.Release() // it was copied, into the place or by the codec
	return nil
}

func (r *readStream) request(req *sourcev1.ReadRequest, log *slog.Logger) ReadRequest {
	return ReadRequest{
		Fields: req.GetFields(),
		Log:    log,
		units:  &units{},
		age:    &age{began: time.Now()},
		counted: &countedOrders{asked: req.GetCounted(), send: func(ids []string) {
			_ = r.message(&sourcev1.ReadResponse{Message: &sourcev1.ReadResponse_Counted{Counted: &sourcev1.Counted{Orders: ids}}})
		}},
		unreadable: &unreadableItems{send: func(list []catalog.Unreadable) {
			m := &sourcev1.Unreadable{Items: make([]*sourcev1.UnreadableItem, len(list))}
			for i, it := range list {
				m.Items[i] = &sourcev1.UnreadableItem{Sku: it.SKU, Reason: it.Reason}
			}
			_ = r.message(&sourcev1.ReadResponse{Message: &sourcev1.ReadResponse_Unreadable{Unreadable: m}})
		}},
		progress: &progress{
			tell: func(items, total, steps int64, text string) {
				_ = r.message(&sourcev1.ReadResponse{Message: &sourcev1.ReadResponse_Progress{
					Progress: &sourcev1.Progress{Items: items, Total: total, Steps: steps, Text: text}}})
			},
			wait: func(until time.Time, why string) {
				_ = r.message(&sourcev1.ReadResponse{Message: &sourcev1.ReadResponse_Waiting{
					Waiting: &sourcev1.Waiting{Until: timestampOf(until), Why: why}}})
			},
		},
		warn: func(text string) {
			_ = r.message(&sourcev1.ReadResponse{Message: &sourcev1.ReadResponse_Warning{Warning: &sourcev1.Warning{Text: text}}})
		},
		notice: func(text string) {
			_ = r.message(&sourcev1.ReadResponse{Message: &sourcev1.ReadResponse_Notice{Notice: &sourcev1.Notice{Text: text}}})
		},
	}
}
