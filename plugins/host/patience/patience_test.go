package patience

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/reconcilehq/reconcile/plugins/proto"
	sourcev1 "github.com/reconcilehq/reconcile/plugins/proto/source/v1"
)

// TestTimer says when a connector's time is over. The clock is the test's own.
func TestTimer(t *testing.T) {
	const timeout = 2 * time.Minute
	// message waits for a message that comes after that time.
	message := func(p *Timer, after time.Duration) {
		p.Receive()
		time.Sleep(after)
		p.Received()
	}
	for _, c := range []struct {
		name string
		play func(p *Timer) // until it receives for good
		want time.Duration  // after what time the call is ended
	}{
		{"nothing comes", func(p *Timer) {}, timeout},
		{"the host takes its time", func(p *Timer) {
			p.Received()
			time.Sleep(time.Hour)
		}, time.Hour + timeout},
		{"messages without progress", func(p *Timer) {
			for range 100 {
				message(p, time.Second)
			}
		}, timeout},
		{"progress", func(p *Timer) {
			for range 100 {
				message(p, timeout-time.Second)
				p.Progress()
			}
		}, 100*(timeout-time.Second) + timeout},
		{"it waits", func(p *Timer) {
			message(p, time.Minute)
			p.Waiting(time.Now().Add(10 * time.Minute))
		}, 12 * time.Minute},
		{"it waits and is told so again and again", func(p *Timer) {
			until := time.Now().Add(10 * time.Minute)
			for range 300 {
				p.Waiting(until)
				message(p, time.Second)
			}
		}, 12 * time.Minute},
		{"it waits until a time that has passed", func(p *Timer) {
			for range 100 {
				p.Waiting(time.Now().Add(-time.Hour))
				message(p, time.Second)
			}
		}, timeout},
		{"it says no time", func(p *Timer) { p.Waiting(time.Time{}) }, timeout},
		{"it waits for longer than it may", func(p *Timer) { p.Waiting(time.Now().Add(1000 * time.Hour)) }, proto.MaxWaiting + timeout},
		{"it waits for ever, little by little", func(p *Timer) {
			for range 15 * 60 {
				p.Waiting(time.Now().Add(time.Minute))
				message(p, time.Second)
			}
			p.Waiting(time.Now().Add(time.Minute))
		}, proto.MaxWaiting + timeout},
		{"progress lets it wait anew", func(p *Timer) {
			for range 2 {
				p.Waiting(time.Now().Add(time.Hour))
				message(p, 14*time.Minute)
				p.Progress()
			}
			p.Waiting(time.Now().Add(time.Hour))
		}, 28*time.Minute + proto.MaxWaiting + timeout},
		{"it waits no longer after all", func(p *Timer) {
			p.Waiting(time.Now().Add(10 * time.Minute))
			p.Waiting(time.Now())
		}, timeout},
		{"it waits while the host is busy", func(p *Timer) {
			p.Received()
			p.Waiting(time.Now().Add(10 * time.Minute))
			time.Sleep(20 * time.Minute)
		}, 20*time.Minute + timeout},
		{"it waits while the host takes records from elsewhere", func(p *Timer) {
			time.Sleep(time.Minute)
			p.Progress() // the host still receives
			p.Waiting(time.Now().Add(10 * time.Minute))
		}, 11*time.Minute + timeout},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				began, over := time.Now(), make(chan time.Time, 1)
				p := Start(timeout, func() { over <- time.Now() })
				defer p.Stop()
				c.play(p)
				select {
				case at := <-over:
					t.Fatalf("ended after %s, while it went on", at.Sub(began))
				default:
				}
				p.Receive()
				select {
				case at := <-over:
					if got := at.Sub(began); got != c.want {
						t.Errorf("ended after %s, want %s", got, c.want)
					}
				case <-time.After(10000 * time.Hour):
					t.Error("never ended")
				}
			})
		})
	}
}

// TestWaitedTooLong says that a call that ends because of waiting can be told from another.
func TestWaitedTooLong(t *testing.T) {
	for until, want := range map[time.Duration]bool{time.Minute: false, time.Hour: true} {
		synctest.Test(t, func(t *testing.T) {
			over := make(chan struct{})
			p := Start(time.Minute, func() { close(over) })
			defer p.Stop()
			p.Waiting(time.Now().Add(until))
			<-over
			synctest.Wait()
			if got := p.WaitedTooLong(); got != want {
				t.Errorf("%s: %v", until, got)
			}
		})
	}
}

func TestMoved(t *testing.T) {
	var n Numbers
	for i, c := range []struct {
		p    *sourcev1.Progress
		want bool
	}{
		{&sourcev1.Progress{}, false},
		{&sourcev1.Progress{Text: "still there"}, false},
		{&sourcev1.Progress{Items: 1}, true},
		{&sourcev1.Progress{Items: 1, Text: "another text"}, false},
		{&sourcev1.Progress{Items: 1, Total: 10}, true},
		{&sourcev1.Progress{Items: 1, Total: 10, Steps: 1}, true},
		{&sourcev1.Progress{Items: 1, Total: 10, Steps: 1}, false},
		{&sourcev1.Progress{Steps: 1}, true}, // the next thing is counted from the start
	} {
		if got := n.Moved(c.p); got != c.want {
			t.Errorf("message %d: %v", i, got)
		}
	}
}
