package history

import (
	"fmt"
	"sync"

	"github.com/reconcilehq/reconcile/engine/fault"
	"github.com/reconcilehq/reconcile/engine/report"
)

// handed is how many items are handed over at a time.
const handed = 512

// Follow returns the writer's result for whoever shows it. The items that are shown first are appended on the way, so that reading them
// back is done once. Close appends them if nobody has asked for them. Append is not to be called.
func (w *Writer) Follow() *report.Result {
	w.follows = true
	result := *w.result
	var once sync.Once
	isFirst := func() (first bool) {
		once.Do(func() { first = true })
		return first
	}
	result.Items = func(yield func(*report.Item, error) bool) {
		if isFirst() {
			w.follow(yield)
		} else {
			w.result.Items(yield)
		}
	}
	if pages := w.result.Pages(); pages != nil {
		result.SetPages(func(to ...report.PageWriter) error {
			if !isFirst() {
				return pages(to...)
			}
			w.followed = true
			err := pages(append(to, w.pages())...)
			if err != nil {
				w.failed = fmt.Errorf("keep a run: %w", err)
			}
			return err
		})
	}
	return &result
}

// pages returns what appends items in several goroutines.
func (w *Writer) pages() report.PageWriter {
	return report.PageWriter{
		Fork: func() report.Appender { return w.newEncoder().append },
		Write: func(items []byte) error {
			_ = w.add(items) // Close says so
			return nil
		},
	}
}

// appendAll appends all items, which nobody else has asked for.
func (w *Writer) appendAll() {
	pages := w.result.Pages()
	if pages == nil {
		w.follow(func(*report.Item, error) bool { return false })
		return
	}
	if err := pages(w.pages()); err != nil {
		w.failed = fmt.Errorf("keep a run: %w", err)
	}
}

// follow passes all items on, and appends them. Where the caller wants no more of them it appends the rest.
func (w *Writer) follow(yield func(*report.Item, error) bool) {
	w.followed = true
	parts := make(chan []*report.Item, 4)
	var appending sync.WaitGroup
	appending.Go(fault.Caught(func() {
		for part := range parts {
			for _, it := range part {
				if w.Append(it) != nil {
					break // Close says so
				}
			}
		}
	}))
	defer appending.Wait()
	defer close(parts)
	wanted := true
	part := make([]*report.Item, 0, handed)
	for it, err := range w.result.Items {
		if err != nil {
			w.failed = fmt.Errorf("keep a run: %w", err)
		} else if part = append(part, it); len(part) == handed {
			parts <- part
			part = make([]*report.Item, 0, handed)
		}
		if wanted && !yield(it, err) {
			wanted = false
		}
	}
	parts <- part
}
