package conformance

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/plugins/proto"
	sourcev1 "github.com/reconcilehq/reconcile/plugins/proto/source/v1"
)

// receiver is the receiving side of Read and of Assemble.
type receiver interface {
	Recv() (*sourcev1.ReadResponse, error)
}

// reading is what came of one read.
type reading struct {
	asked    *catalog.Schema
	items    int64
	unread   int64 // items that were told to be unreadable
	batches  int
	largest  int   // bytes of the largest message
	bytes    int64 // of all batches
	warnings int
	notices  int
	talk     int // messages without an item since the last with one
	empty    int // batches among them
	silence  time.Duration
	done     *sourcev1.Done

	// What went wrong: the demand that fails, and what was seen. A read that went wrong is of no further use.
	number, fault string
}

// follower takes a read's batches as they come.
type follower interface {
	batch(b *catalog.Batch, raw []byte) error
}

// read reads the fields to the end.
func (s *suite) read(ctx context.Context, p *peer, asked *catalog.Schema, f follower) *reading {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	stream, err := p.calls.Read(ctx, &sourcev1.ReadRequest{Fields: asked.Names()})
	r := &reading{asked: asked}
	if err != nil {
		r.fails("6.1", "Read answers with an error: %s", messageOf(err))
		return r
	}
	s.follow(ctx, cancel, p, stream, r, f)
	return r
}

var errSilent = errors.New("silent")

// follow takes what a stream of items brings.
func (s *suite) follow(ctx context.Context, cancel context.CancelCauseFunc, p *peer, stream receiver, r *reading, f follower) {
	patience := time.AfterFunc(s.timeout, func() { cancel(errSilent) })
	defer patience.Stop()
	for r.number == "" {
		patience.Reset(s.timeout)
		waiting := time.Now()
		m, err := stream.Recv()
		patience.Stop()
		r.silence = max(r.silence, time.Since(waiting))
		switch {
		case errors.Is(err, io.EOF):
			r.ended()
			return
		case err != nil:
			r.broken(ctx, p, s.timeout, err)
		default:
			s.take(p, r, m, f)
		}
	}
}

func (r *reading) fails(number, format string, args ...any) {
	if r.number == "" {
		r.number, r.fault = number, fmt.Sprintf("after %d items: ", r.items)+fmt.Sprintf(format, args...)
	}
}

// broken says what a stream's error means.
func (r *reading) broken(ctx context.Context, p *peer, timeout time.Duration, err error) {
	switch code := status.Code(err); {
	case errors.Is(context.Cause(ctx), errSilent):
		r.fails("6.16", "nothing came for %s%s", timeout, p.lastWords())
	case code == codes.ResourceExhausted:
		r.fails("6.5", "a message is too large, or the connector thinks so: %s", status.Convert(err).Message())
	case p.ended(map[bool]time.Duration{true: time.Second}[code == codes.Unavailable]) != "":
		r.fails("6.1", "the program ended (%s)%s", p.ended(0), p.lastWords())
	default:
		p.said.say(status.Convert(err).Message())
		r.fails("6.1", "Read ends with an error: %s%s", messageOf(err), p.lastWords())
	}
}

func (s *suite) take(p *peer, r *reading, m *sourcev1.ReadResponse, f follower) {
	if r.done != nil {
		r.fails("6.3", "something was sent after Done")
		return
	}
	r.talk++
	switch m := m.GetMessage().(type) {
	case *sourcev1.ReadResponse_Batch:
		s.takeBatch(r, m.Batch.GetArrow(), f)
	case *sourcev1.ReadResponse_Progress:
		p.said.say(m.Progress.GetText())
		if n := len(m.Progress.GetText()); n > proto.MaxText {
			r.fails("6.17", "a progress text has %d bytes", n)
		}
	case *sourcev1.ReadResponse_Warning:
		p.said.say(m.Warning.GetText())
		if n := len(m.Warning.GetText()); n > proto.MaxText {
			r.fails("6.17", "a warning has %d bytes", n)
		}
		if r.warnings++; r.warnings > proto.MaxWarnings {
			r.fails("6.17", "there are more than %d warnings, the last: %s", proto.MaxWarnings, printable(m.Warning.GetText()))
		}
	case *sourcev1.ReadResponse_Notice:
		p.said.say(m.Notice.GetText())
		if n := len(m.Notice.GetText()); n > proto.MaxText {
			r.fails("6.17", "a notice has %d bytes", n)
		}
		if r.notices++; r.notices > proto.MaxNotices {
			r.fails("6.17", "there are more than %d notices, the last: %s", proto.MaxNotices, printable(m.Notice.GetText()))
		}
	case *sourcev1.ReadResponse_Unreadable:
		s.takeUnreadable(p, r, m.Unreadable.GetItems())
	case *sourcev1.ReadResponse_Done:
		r.done = m.Done
	}
	if r.talk > proto.MaxMessagesWithoutItem {
		r.fails("6.17", "%d messages brought no item", r.talk)
	}
}

func (s *suite) takeUnreadable(p *peer, r *reading, items []*sourcev1.UnreadableItem) {
	for _, it := range items {
		p.said.say(it.GetReason())
		if it.GetSku() == "" {
			r.fails("6.4", "an item was told to be unreadable without its SKU")
		}
		if n := len(it.GetReason()); n > proto.MaxText {
			r.fails("6.17", "why an item is unreadable takes %d bytes", n)
		}
	}
	if len(items) > 0 {
		r.talk = 0
	}
	if r.unread += int64(len(items)); r.items+r.unread > s.maxItems {
		r.fails("6.18", "more than %d items came, and no end was in sight", s.maxItems)
	}
}

func (s *suite) takeBatch(r *reading, raw []byte, f follower) {
	r.batches++
	r.bytes += int64(len(raw))
	r.largest = max(r.largest, len(raw))
	b, err := proto.DecodeBatch(raw, r.asked)
	if err != nil {
		number := "6.2"
		if errors.Is(err, proto.ErrNotUTF8) {
			number = "6.6"
		}
		r.fails(number, "batch %d: %v", r.batches, err)
		return
	}
	if b.Len() > 0 {
		r.talk, r.empty = 0, 0
	} else if r.empty++; r.empty > proto.MaxEmptyBatches {
		r.fails("6.17", "%d batches in a row brought no item", r.empty)
	}
	if err := f.batch(b, raw); err != nil {
		r.fails("6.2", "batch %d: %v", r.batches, err)
	}
	if r.items += int64(b.Len()); r.items > s.maxItems {
		r.fails("6.18", "more than %d items came, and no end was in sight", s.maxItems)
	}
}

// ended looks at how a stream ended that ended well for gRPC.
func (r *reading) ended() {
	switch {
	case r.done == nil:
		r.fails("6.3", "the stream ended without Done")
	case r.done.GetItems() != r.items:
		r.fails("6.4", "Done says %d items, and %d came", r.done.GetItems(), r.items)
	case r.done.GetUnreadable() != r.unread:
		r.fails("6.4", "Done says %d unreadable items, and %d were told", r.done.GetUnreadable(), r.unread)
	case r.done.GetSkipped() < 0:
		r.fails("6.4", "Done says %d rows were skipped", r.done.GetSkipped())
	}
}
