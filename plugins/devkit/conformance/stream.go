package conformance

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"golang.org/x/text/unicode/norm"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/plugins/host/patience"
	"github.com/reconcilehq/reconcile/plugins/proto"
	sourcev1 "github.com/reconcilehq/reconcile/plugins/proto/source/v1"
)

// receiver is the receiving side of Read and of Assemble.
type receiver interface {
	Recv() (*sourcev1.ReadResponse, error)
}

// reading is the result of one read.
type reading struct {
	asked        *catalog.Schema
	items        int64
	unread       int64 // items that were told to be unreadable
	batches      int
	largest      int   // bytes of the largest message
	bytes        int64 // of all batches
	warnings     int
	notices      int
	withoutItem  int // messages without an item since the last with one
	emptyBatches int // batches among them
	silence      time.Duration
	sinceGotOn   int // messages since the last that showed that it got on
	patience     *patience.Timer
	numbers      patience.Numbers // of the last Progress
	counts       bool             // it was asked which orders it counts
	counted      []string         // these orders
	done         *sourcev1.Done

	// If the read failed: the number of the demand, and what happened. Nothing else of such a read is used.
	number, fault string
}

// batchReceiver receives the batches of a read.
type batchReceiver interface {
	batch(b *catalog.Batch, raw []byte) error
}

// read reads all items with these fields.
func (s *suite) read(ctx context.Context, p *peer, asked *catalog.Schema, f batchReceiver) *reading {
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

// follow receives all messages of a stream of items.
func (s *suite) follow(ctx context.Context, cancel context.CancelCauseFunc, p *peer, stream receiver, r *reading, f batchReceiver) {
	r.patience = patience.Start(s.timeout, func() { cancel(errSilent) })
	defer r.patience.Stop()
	for r.number == "" {
		r.patience.Receive()
		waiting := time.Now()
		m, err := stream.Recv()
		r.patience.Received()
		r.silence = max(r.silence, time.Since(waiting))
		switch {
		case errors.Is(err, io.EOF):
			r.checkEnd()
			return
		case err != nil:
			r.streamError(ctx, p, s.timeout, err)
		default:
			r.sinceGotOn++
			if s.handle(p, r, m, f) {
				r.sinceGotOn = 0
				r.patience.Progress()
			}
		}
	}
}

func (r *reading) fails(number, format string, args ...any) {
	if r.number == "" {
		r.number, r.fault = number, fmt.Sprintf("after %d items: ", r.items)+fmt.Sprintf(format, args...)
	}
}

// streamError finds out which demand a stream's error breaks.
func (r *reading) streamError(ctx context.Context, p *peer, timeout time.Duration, err error) {
	switch code := status.Code(err); {
	case errors.Is(context.Cause(ctx), errSilent) && r.sinceGotOn > 0:
		r.fails("6.27", "for %s it did not get on: what came were %d messages without an item and without a number that moved%s", timeout, r.sinceGotOn, p.lastWords())
	case errors.Is(context.Cause(ctx), errSilent):
		r.fails("6.16", "nothing came for %s%s", timeout, p.lastWords())
	case code == codes.ResourceExhausted:
		r.fails("6.5", "a message is too large, or the connector thinks so: %s", status.Convert(err).Message())
	case code == codes.Internal && strings.Contains(status.Convert(err).Message(), proto.TooHeavy):
		r.fails("6.5", "%s", status.Convert(err).Message())
	case p.ended(map[bool]time.Duration{true: time.Second}[code == codes.Unavailable]) != "":
		r.fails("6.1", "the program ended (%s)%s", p.ended(0), p.lastWords())
	default:
		p.texts.addLine(status.Convert(err).Message())
		r.fails("6.1", "Read ends with an error: %s%s", messageOf(err), p.lastWords())
	}
}

// handle takes a message. It reports whether the connector has got on.
func (s *suite) handle(p *peer, r *reading, m *sourcev1.ReadResponse, f batchReceiver) (gotOn bool) {
	if r.done != nil {
		r.fails("6.3", "something was sent after Done")
		return false
	}
	r.withoutItem++
	switch m := m.GetMessage().(type) {
	case *sourcev1.ReadResponse_Batch:
		s.handleBatch(r, m.Batch.GetArrow(), f)
		gotOn = r.withoutItem == 0
	case *sourcev1.ReadResponse_Waiting:
		if text := takeWaiting(p, r.patience, m.Waiting); text != "" {
			r.fails("6.27", "%s", text)
		}
	case *sourcev1.ReadResponse_Progress:
		gotOn = r.numbers.Moved(m.Progress)
		p.texts.addLine(m.Progress.GetText())
		if n := len(m.Progress.GetText()); n > proto.MaxText {
			r.fails("6.17", "a progress text has %d bytes", n)
		}
	case *sourcev1.ReadResponse_Warning:
		p.texts.addLine(m.Warning.GetText())
		if n := len(m.Warning.GetText()); n > proto.MaxText {
			r.fails("6.17", "a warning has %d bytes", n)
		}
		if r.warnings++; r.warnings > proto.MaxWarnings {
			r.fails("6.17", "there are more than %d warnings, the last: %s", proto.MaxWarnings, printable(m.Warning.GetText()))
		}
	case *sourcev1.ReadResponse_Notice:
		p.texts.addLine(m.Notice.GetText())
		if n := len(m.Notice.GetText()); n > proto.MaxText {
			r.fails("6.17", "a notice has %d bytes", n)
		}
		if r.notices++; r.notices > proto.MaxNotices {
			r.fails("6.17", "there are more than %d notices, the last: %s", proto.MaxNotices, printable(m.Notice.GetText()))
		}
	case *sourcev1.ReadResponse_Unreadable:
		s.handleUnreadable(p, r, m.Unreadable.GetItems())
		gotOn = len(m.Unreadable.GetItems()) > 0
	case *sourcev1.ReadResponse_Counted:
		if !r.counts {
			r.fails("11.2", "it tells which orders it counts, and nobody asked for that")
		}
		r.counted = append(r.counted, m.Counted.GetOrders()...)
		gotOn = len(m.Counted.GetOrders()) > 0
	case *sourcev1.ReadResponse_Done:
		r.done = m.Done
	}
	if r.withoutItem > proto.MaxMessagesWithoutItem {
		r.fails("6.17", "%d messages brought no item", r.withoutItem)
	}
	return gotOn
}

func (s *suite) handleUnreadable(p *peer, r *reading, items []*sourcev1.UnreadableItem) {
	for _, it := range items {
		p.texts.addLine(it.GetReason())
		if it.GetSku() == "" {
			r.fails("6.4", "an item was told to be unreadable without its SKU")
		}
		// It is compared with the SKUs of the other side, as those of items are.
		if sku := it.GetSku(); sku != catalog.NormalText(sku) {
			number := "6.6"
			if norm.NFC.IsNormalString(sku) {
				number = "6.24"
			}
			r.fails(number, "the SKU of an item that cannot be read is %+q, and should be %+q", clip(sku), clip(catalog.NormalText(sku)))
		}
		if n := len(it.GetReason()); n > proto.MaxText {
			r.fails("6.17", "why an item is unreadable takes %d bytes", n)
		}
	}
	if len(items) > 0 {
		r.withoutItem = 0
	}
	if r.unread += int64(len(items)); r.items+r.unread > s.maxItems {
		r.fails("6.18", "more than %d items came, and no end was in sight", s.maxItems)
	}
}

func (s *suite) handleBatch(r *reading, raw []byte, f batchReceiver) {
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
		r.withoutItem, r.emptyBatches = 0, 0
	} else if r.emptyBatches++; r.emptyBatches > proto.MaxEmptyBatches {
		r.fails("6.17", "%d batches in a row brought no item", r.emptyBatches)
	}
	if err := f.batch(b, raw); err != nil {
		r.fails("6.2", "batch %d: %v", r.batches, err)
	}
	if r.items += int64(b.Len()); r.items > s.maxItems {
		r.fails("6.18", "more than %d items came, and no end was in sight", s.maxItems)
	}
}

// checkEnd checks whether a stream that ended without an error was complete.
func (r *reading) checkEnd() {
	switch {
	case r.done == nil:
		r.fails("6.3", "the stream ended without Done")
	case r.done.GetItems() != r.items:
		r.fails("6.4", "Done says %d items, and %d came", r.done.GetItems(), r.items)
	case r.done.GetUnreadable() != r.unread:
		r.fails("6.4", "Done says %d unreadable items, and %d were told", r.done.GetUnreadable(), r.unread)
	case r.done.GetCounted() != int64(len(r.counted)):
		r.fails("11.2", "Done says that %d orders are counted, and %d were told", r.done.GetCounted(), len(r.counted))
	case r.done.GetSkipped() < 0:
		r.fails("6.4", "Done says %d rows were skipped", r.done.GetSkipped())
	}
}
