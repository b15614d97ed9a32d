package conformance

import (
	"context"
	"fmt"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	sourcev1 "github.com/reconcilehq/reconcile/plugins/proto/source/v1"
)

const (
	restTime = 5 * time.Second        // how long a process may still work after a read was cancelled
	restStep = 200 * time.Millisecond // a process is at rest if it does nothing for so long

	// buffered is how many bytes a connector may send although nobody receives them: the buffers of gRPC at both ends, and
	// one batch.
	buffered = 4*window + 128<<10

	// slack is how many bytes a process's memory may grow without being a leak: garbage collectors need some room.
	slack = 64 << 20

	reads = 4 // the number of reads between which memory is compared
)

// checkStress checks slow readers, memory and cancelling, with the largest source.
func (s *suite) checkStress(ctx context.Context, c *readSource) {
	if s.failed("6.14") {
		for _, number := range []string{"6.19", "6.20", "6.21", "6.22"} {
			s.skip(number, "there is nothing to compare with, because of 6.14")
		}
		return
	}
	s.log("waiting, memory, cancelling")
	p := s.startConfigured(ctx, c.configuration)
	if p == nil {
		return
	}
	defer p.close()
	// A sandbox inside the process may have its own data. So compare only what this same process gives.
	if c = s.checkSlowReader(ctx, p, c); c == nil {
		return
	}
	s.checkMemory(ctx, p, c)
	s.checkDeadline(ctx, p, c)
	s.checkCancel(ctx, p, c)
}

// rest waits until a process does no more than when it was idle. It reports whether that happened in time and, if not, what
// the process does. On systems that do not show this it returns true.
func (p *peer) rest(limit time.Duration) (bool, string) {
	const idleBusy, idleWakes = restStep / 20, 40 // in one step: garbage collection and timers never stop
	var busy time.Duration
	var wakes int64
	for deadline := time.Now().Add(limit); time.Now().Before(deadline); {
		before := p.observe()
		select {
		case <-p.program.Done():
			return false, "the program ended (" + p.program.Ended() + ")"
		case <-time.After(restStep):
		}
		after := p.observe()
		if !after.known {
			return true, ""
		}
		busy, wakes = after.busy-before.busy, after.wakes-before.wakes
		if busy <= idleBusy && wakes <= idleWakes && !after.runnable { // on a machine that is loaded, what works may have to wait, too
			return true, ""
		}
	}
	return false, fmt.Sprintf("after %s it still works: in %s its threads ran for %s and were woken %d times",
		limit, restStep, busy.Round(time.Millisecond), wakes)
}

// startRead starts a read and receives its first message. It returns false if the read may be over already.
func (s *suite) startRead(ctx context.Context, p *peer, c *readSource) (bool, error) {
	stream, err := p.calls.Read(ctx, &sourcev1.ReadRequest{Fields: c.schema.Names()})
	if err != nil {
		return false, err
	}
	var taken int64
	for taken == 0 {
		m, err := stream.Recv()
		if err != nil {
			return false, err
		}
		if m.GetDone() != nil {
			return false, nil
		}
		taken += int64(len(m.GetBatch().GetArrow()))
	}
	return c.full.bytes-taken > buffered, nil
}

const tooSmall = "the largest source has %s in %d batches, which is over before it can be stopped: give one with some thousands of items"

func (s *suite) checkCancel(ctx context.Context, p *peer, c *readSource) {
	reading, cancel := context.WithCancel(ctx)
	defer cancel()
	under, err := s.startRead(reading, p, c)
	if err != nil {
		s.fail("6.19", "the read to be cancelled fails by itself: %s", messageOf(err))
		return
	}
	cancel()
	if !under {
		s.skip("6.19", tooSmall, size(c.full.bytes), c.full.batches)
		return
	}
	rested, doing := p.rest(restTime)
	if !rested {
		s.fail("6.19", "%s%s", doing, p.lastWords())
		return
	}
	if text := s.readAndCompare(ctx, p, c, c.schema); text != "" {
		s.fail("6.19", "the next read: %s", text)
		return
	}
	if !p.observe().known {
		s.pass("6.19", "this system does not show whether it came to rest")
		return
	}
	s.pass("6.19", "")
}

// checkDeadline makes each call with a time limit that has passed already.
func (s *suite) checkDeadline(ctx context.Context, p *peer, c *readSource) {
	late, cancel := context.WithTimeout(ctx, time.Millisecond)
	defer cancel()
	_, _ = p.calls.Check(late, &sourcev1.CheckRequest{})
	_, _ = p.calls.Schema(late, &sourcev1.SchemaRequest{})
	if stream, err := p.calls.Read(late, &sourcev1.ReadRequest{Fields: c.schema.Names()}); err == nil {
		for err == nil {
			_, err = stream.Recv()
		}
		if code := status.Code(err); code == codes.Unavailable {
			s.fail("6.20", "Read answers %s", answerOf(err))
			return
		}
	}
	if _, err := p.schema(ctx); err != nil {
		s.fail("6.20", "the next Schema answers %s%s", answerOf(err), p.lastWords())
		return
	}
	if text := s.readAndCompare(ctx, p, c, c.schema); text != "" {
		s.fail("6.20", "the next read: %s", text)
		return
	}
	s.pass("6.20", "")
}

// checkSlowReader receives one message and then nothing for a while. It checks that the connector waits. It returns the
// source with what was read.
func (s *suite) checkSlowReader(ctx context.Context, p *peer, c *readSource) *readSource {
	before := p.observe()
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	stream, err := p.calls.Read(ctx, &sourcev1.ReadRequest{Fields: c.schema.Names()})
	if err != nil {
		s.fail("6.21", "Read answers with an error: %s", messageOf(err))
		return nil
	}
	var during activity
	slow := &pausingReceiver{receiver: stream, pause: func() {
		_, _ = p.rest(restTime)
		during = p.observe()
	}}
	r := &reading{asked: c.schema}
	read := &readSource{configuration: c.configuration, schema: c.schema, first: newContents(c.first.seed, c.schema), full: r}
	s.follow(ctx, cancel, p, slow, r, read.first)
	if r.number != "" {
		s.fail("6.21", "%s", r.fault)
		return nil
	}
	if text := s.readAndCompare(ctx, p, read, c.schema); text != "" {
		s.fail("6.21", "a read that is not made to wait: %s", text)
		return nil
	}
	limit := int64(slack) + 4*c.full.bytes
	grown := max(during.resident-before.resident, 0)
	switch {
	case c.full.bytes <= 2*buffered:
		s.skip("6.21", tooSmall, size(c.full.bytes), c.full.batches)
	case !during.known:
		s.pass("6.21", "this system does not show its memory")
	case grown > limit:
		s.fail("6.21", "while it waited its memory had grown by %s, for a catalogue of %s", size(grown), size(c.full.bytes))
	default:
		s.pass("6.21", "while it waited its memory had grown by %s, for a catalogue of %s", size(grown), size(c.full.bytes))
	}
	return read
}

// pausingReceiver pauses after the first message.
type pausingReceiver struct {
	receiver
	pause func()
}

func (p *pausingReceiver) Recv() (*sourcev1.ReadResponse, error) {
	m, err := p.receiver.Recv()
	if p.pause != nil {
		p.pause()
		p.pause = nil
	}
	return m, err
}

// checkMemory reads several times and compares memory. Allocators keep memory that they have once used, so growth counts as
// a leak only if it happens twice.
func (s *suite) checkMemory(ctx context.Context, p *peer, c *readSource) {
	if !p.observe().known {
		s.skip("6.22", "this system does not show a process's memory")
		return
	}
	sizes := make([]int64, 3)
	for i := range sizes {
		for range reads {
			if text := s.readAndCompare(ctx, p, c, c.schema); text != "" {
				s.fail("6.14", "a later read: %s", text)
				return
			}
		}
		sizes[i] = p.observe().resident
		if i > 0 && sizes[i]-sizes[i-1] < slack/4 {
			s.pass("6.22", "%s after %d reads, %s after %d", size(sizes[i-1]), i*reads, size(sizes[i]), (i+1)*reads)
			return
		}
	}
	s.fail("6.22", "after %d reads it has %s, after %d reads %s, after %d reads %s",
		reads, size(sizes[0]), 2*reads, size(sizes[1]), 3*reads, size(sizes[2]))
}
