package sdk

import (
	"sync"
	"time"
)

// progress is what a read or a pull tells of how far it is. It is for several goroutines.
type progress struct {
	tell func(items, total, steps int64, text string)
	wait func(until time.Time, why string)

	mu                  sync.Mutex
	items, total, steps int64 // that were told last
}

// untold is the progress of a read that nobody watches.
func untold() *progress {
	return &progress{tell: func(int64, int64, int64, string) {}, wait: func(time.Time, string) {}}
}

func (p *progress) numbers(items, total int64, text string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.items, p.total = items, total
	p.tell(p.items, p.total, p.steps, text)
}

func (p *progress) step(text string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.steps++
	p.tell(p.items, p.total, p.steps, text)
}

func (p *progress) waiting(until time.Time, why string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.wait(until, why)
}

// Progress shows people how far the read is: the number of items, the total (0 if it is not known), and what is being done.
// It also shows the host that the connector gets on, but only if one of the numbers is another than the last time: call it,
// or Step, if minutes may pass between two items.
func (r ReadRequest) Progress(items, total int64, text string) {
	r.progress.numbers(items, total, text)
}

// Step shows people what is being done, and counts it: it shows the host that the connector gets on although there are no
// new items, because it has made a request, say. Do not call it from a clock: a read that hangs must come to an end.
func (r ReadRequest) Step(text string) { r.progress.step(text) }

// Waiting shows people, and the host, that the connector waits for the platform until then, and for what: "the shop's quota".
// The wait does not count as silence, as long as it is not more than 15 minutes in a row. If the platform asks to wait for
// longer, return an error that says so.
func (r ReadRequest) Waiting(until time.Time, why string) { r.progress.waiting(until, why) }

// OnProgress returns a copy of the request whose progress goes to take, for tests. steps is how often Step was called.
func (r ReadRequest) OnProgress(take func(items, total, steps int64, text string)) ReadRequest {
	r.progress = &progress{tell: take, wait: r.progress.wait}
	return r
}

// OnWaiting returns a copy of the request whose waits go to take, for tests.
func (r ReadRequest) OnWaiting(take func(until time.Time, why string)) ReadRequest {
	r.progress = &progress{tell: r.progress.tell, wait: take}
	return r
}

// Progress shows people how far the pull is: the number of records, the total (0 if it is not known), and what is being
// done. It also shows the host that the connector gets on, but only if one of the numbers is another than the last time: call
// it, or Step, if minutes may pass between two records.
func (r PullRequest) Progress(records, total int64, text string) {
	r.progress.numbers(records, total, text)
}

// Step is like ReadRequest.Step.
func (r PullRequest) Step(text string) { r.progress.step(text) }

// Waiting is like ReadRequest.Waiting.
func (r PullRequest) Waiting(until time.Time, why string) { r.progress.waiting(until, why) }
