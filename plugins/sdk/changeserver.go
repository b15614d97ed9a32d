package sdk

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"sync"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/plugins/proto"
	sourcev1 "github.com/reconcilehq/reconcile/plugins/proto/source/v1"
)

// describeChanges adds to a description what the connector can do beside reading everything.
func (s *server) describeChanges(res *sourcev1.DescribeResponse) {
	source := s.connector.New()
	if _, ok := source.(Fetcher); ok {
		res.Capabilities = append(res.Capabilities, proto.Fetch)
	}
	if _, ok := source.(OrderReader); ok {
		res.Capabilities = append(res.Capabilities, proto.Orders)
	}
	if a, ok := source.(Applier); ok {
		res.Capabilities = append(res.Capabilities, proto.Apply)
		res.Writable = proto.FromWritable(a.Writable())
	}
}

func (s *server) Fetch(req *sourcev1.FetchRequest, stream sourcev1.Source_FetchServer) (err error) {
	defer s.recovered(&err)
	source, err := s.configured()
	if err != nil {
		return err
	}
	if _, ok := source.(Fetcher); !ok {
		return status.Error(codes.Unimplemented, "the connector cannot read single items")
	}
	refs, err := proto.ToRefs(req.GetItems())
	if err != nil {
		return status.Error(codes.InvalidArgument, err.Error())
	}
	ctx := s.told(stream.Context())
	out := &readStream{send: stream.SendMsg}
	request := out.request(&sourcev1.ReadRequest{Fields: req.GetFields()}, s.log)
	items, err := FetchAll(ctx, source, FetchRequest{ReadRequest: request, Items: refs}, out.batch)
	if err != nil {
		return toStatus(ctx, err)
	}
	done := request.done(items)
	request.dated(done)
	return out.message(&sourcev1.ReadResponse{Message: &sourcev1.ReadResponse_Done{Done: done}})
}

// applier returns the configured source if it can be changed, and was configured for that.
func (s *server) applier() (Source, Applier, error) {
	source, err := s.configured()
	if err != nil {
		return nil, nil, err
	}
	a, ok := source.(Applier)
	if !ok {
		return nil, nil, status.Error(codes.Unimplemented, "the connector cannot change its platform")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.applies {
		return nil, nil, status.Error(codes.FailedPrecondition, "the source was configured to be read: there are no changes without apply in the ConfigureRequest")
	}
	return source, a, nil
}

// receiveChanges receives all changes of a call.
func receiveChanges(ctx context.Context, source Source, a Applier, recv func() (*sourcev1.ChangeRequest, error)) ([]Change, error) {
	offered, err := schemaOf(ctx, source)
	if err != nil {
		return nil, toStatus(ctx, err)
	}
	writable, err := settable(ctx, a)
	if err != nil {
		return nil, toStatus(ctx, err)
	}
	typeOf := func(field string) (Type, error) {
		at := offered.Index(field)
		if _, ok := writable[field]; !ok || at < 0 {
			return catalog.Invalid, errors.New("the connector cannot set that field")
		}
		return offered.Field(at).Type, nil
	}
	var changes []Change
	for {
		m, err := recv()
		switch {
		case errors.Is(err, io.EOF):
			return changes, nil
		case err != nil:
			return nil, err
		case len(changes) == proto.MaxChanges:
			return nil, status.Errorf(codes.InvalidArgument, "there are more than %d changes in a call", proto.MaxChanges)
		}
		c, err := proto.ToChange(m.GetChange(), typeOf)
		if err != nil {
			return nil, status.Error(codes.InvalidArgument, err.Error())
		}
		changes = append(changes, c)
	}
}

func (s *server) Prepare(stream sourcev1.Source_PrepareServer) (err error) {
	defer s.recovered(&err)
	source, a, err := s.applier()
	if err != nil {
		return err
	}
	ctx := s.told(stream.Context())
	changes, err := receiveChanges(ctx, source, a, stream.Recv)
	if err != nil {
		return err
	}
	out := &changeStream[*sourcev1.PrepareResponse]{send: stream.Send, wrap: prepareMessage}
	cost, err := PrepareAll(ctx, a, ApplyRequest{ReadRequest: out.request(s.log), Changes: changes}, func(p Prepared) error {
		if p.Problem == "" {
			s.remember(p.Key, p.Will)
		}
		return out.message(&sourcev1.PrepareResponse{Message: &sourcev1.PrepareResponse_Prepared{Prepared: proto.FromPrepared(p)}})
	})
	if err != nil {
		return toStatus(ctx, err)
	}
	return out.message(&sourcev1.PrepareResponse{Message: &sourcev1.PrepareResponse_Done{Done: proto.FromCost(cost, int64(len(changes)))}})
}

// remember keeps what the platform will hold after a change.
func (s *server) remember(key string, will Value) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.wills[key] = will
}

// will returns what Prepare said that the platform will hold after a change; false if it was not asked.
func (s *server) will(key string) (Value, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	v, ok := s.wills[key]
	return v, ok
}

func (s *server) Apply(stream sourcev1.Source_ApplyServer) (err error) {
	defer s.recovered(&err)
	source, a, err := s.applier()
	if err != nil {
		return err
	}
	ctx := s.told(stream.Context())
	changes, err := receiveChanges(ctx, source, a, stream.Recv)
	if err != nil {
		return err
	}
	out := &changeStream[*sourcev1.ApplyResponse]{send: stream.Send, wrap: applyMessage}
	counts := map[string]int64{}
	err = applyAll(ctx, a, ApplyRequest{ReadRequest: out.request(s.log), Changes: changes}, s.will, func(o Outcome) error {
		counts[proto.FromKind(o.Kind).String()]++
		return out.message(&sourcev1.ApplyResponse{Message: &sourcev1.ApplyResponse_Outcome{Outcome: proto.FromOutcome(o)}})
	})
	if err != nil {
		return toStatus(ctx, err)
	}
	return out.message(&sourcev1.ApplyResponse{Message: &sourcev1.ApplyResponse_Done{Done: &sourcev1.ApplyDone{Outcomes: counts}}})
}

// changeStream sends the answers of Prepare or Apply, which are of type M.
type changeStream[M any] struct {
	send func(M) error
	wrap func(said any) M // makes a message of a *Progress, *Warning or *Waiting

	mu sync.Mutex // held while a message is sent: a stream allows one Send at a time
}

func (c *changeStream[M]) message(m M) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.send(m)
}

// say sends what is not an answer. If the stream is broken, the next answer will say so.
func (c *changeStream[M]) say(said any) { _ = c.message(c.wrap(said)) }

func (c *changeStream[M]) request(log *slog.Logger) ReadRequest {
	return ReadRequest{
		Log: log, units: &units{}, unreadable: &unreadableItems{}, counted: &countedOrders{},
		progress: &progress{
			tell: func(items, total, steps int64, text string) {
				c.say(&sourcev1.Progress{Items: items, Total: total, Steps: steps, Text: text})
			},
			wait: func(until time.Time, why string) { c.say(&sourcev1.Waiting{Until: timestampOf(until), Why: why}) },
		},
		warn:   func(text string) { c.say(&sourcev1.Warning{Text: text}) },
		notice: func(text string) { log.Info(text) },
	}
}

func prepareMessage(said any) *sourcev1.PrepareResponse {
	switch said := said.(type) {
	case *sourcev1.Progress:
		return &sourcev1.PrepareResponse{Message: &sourcev1.PrepareResponse_Progress{Progress: said}}
	case *sourcev1.Warning:
		return &sourcev1.PrepareResponse{Message: &sourcev1.PrepareResponse_Warning{Warning: said}}
	}
	return &sourcev1.PrepareResponse{Message: &sourcev1.PrepareResponse_Waiting{Waiting: said.(*sourcev1.Waiting)}}
}

func applyMessage(said any) *sourcev1.ApplyResponse {
	switch said := said.(type) {
	case *sourcev1.Progress:
		return &sourcev1.ApplyResponse{Message: &sourcev1.ApplyResponse_Progress{Progress: said}}
	case *sourcev1.Warning:
		return &sourcev1.ApplyResponse{Message: &sourcev1.ApplyResponse_Warning{Warning: said}}
	}
	return &sourcev1.ApplyResponse{Message: &sourcev1.ApplyResponse_Waiting{Waiting: said.(*sourcev1.Waiting)}}
}
