package screen

import (
	"sync"
	"time"

	"github.com/reconcilehq/reconcile/engine/fault"
	"github.com/reconcilehq/reconcile/engine/history"
)

// How many runs stay open, those included that somebody looks at, and how many items these may have: a million take up to 20 MB of memory.
const (
	mostOpen  = 64
	mostItems = 4_500_000
)

// Shelf keeps runs open from one request to the next: what was found out about one, such as its order by name, need not be found out
// again. It is for many goroutines.
type Shelf struct {
	mu   sync.Mutex
	runs map[string]*Run // by path

	preparing sync.Mutex // one run after the other
}

// NewShelf returns a shelf without runs.
func NewShelf() *Shelf { return &Shelf{runs: map[string]*Run{}} }

// Run is a run that is looked at.
type Run struct {
	*history.Run
	Kept
	shelf *Shelf

	opening sync.Once
	asked   sync.Once // for Prepare
	err     error
	users   int // this and what follows: held by the shelf's lock
	last    time.Time
	size    int // items; 0 until it was given back once

	lists   lists
	counts  func() (*counts, error)
	impacts func() (*Impacts, error)
}

// Open opens a kept run, which is to be given back with Done.
func (s *Shelf) Open(kept Kept) (*Run, error) {
	s.mu.Lock()
	r := s.runs[kept.Path]
	if r == nil {
		r = &Run{Kept: kept, shelf: s}
		s.runs[kept.Path] = r
	}
	r.users++
	s.mu.Unlock()
	r.opening.Do(func() {
		if r.Run, r.err = history.Open(kept.Path); r.err == nil {
			r.counts = sync.OnceValues(r.count)
			r.impacts = sync.OnceValues(r.weigh)
		}
	})
	if r.err != nil {
		s.mu.Lock()
		if s.runs[kept.Path] == r {
			delete(s.runs, kept.Path) // the next one tries anew
		}
		s.mu.Unlock()
		return nil, r.Failed(r.err)
	}
	return r, nil
}

// Prepare makes in the background what takes a second or two of a million items the first time: the order by name, and that by SKU. Who
// looks at the first page has not asked for them yet.
func (r *Run) Prepare() {
	r.asked.Do(func() {
		s := r.shelf
		s.mu.Lock()
		r.users++
		s.mu.Unlock()
		fault.Go(func() {
			defer r.Done()
			s.preparing.Lock()
			defer s.preparing.Unlock()
			for _, column := range []history.Column{history.Name, history.SKU} {
				if _, err := r.Sort(nil, history.By{Column: column}); err != nil {
					return // who asks for the order is told
				}
			}
		})
	})
}

// Done says that the run is looked at no more.
func (r *Run) Done() {
	s := r.shelf
	s.mu.Lock()
	defer s.mu.Unlock()
	r.users--
	r.last, r.size = time.Now(), r.Items()
	for s.full() {
		var oldest *Run
		for _, other := range s.runs {
			if other.users == 0 && (oldest == nil || other.last.Before(oldest.last)) {
				oldest = other
			}
		}
		if oldest == nil {
			return
		}
		s.drop(oldest)
	}
}

// full reports whether a run has to go. One always may stay.
func (s *Shelf) full() bool {
	items := 0
	for _, r := range s.runs {
		if r.users == 0 { // others may be opening still
			items += r.size
		}
	}
	return len(s.runs) > mostOpen || len(s.runs) > 1 && items > mostItems
}

// drop lets go of a run that nobody uses.
func (s *Shelf) drop(r *Run) {
	delete(s.runs, r.Path)
	if r.Run != nil {
		_ = r.Run.Close() // it was only read
	}
}

// Close lets go of all runs.
func (s *Shelf) Close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, r := range s.runs {
		s.drop(r)
	}
}
