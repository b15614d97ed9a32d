package store

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"

	"github.com/reconcilehq/reconcile/engine/replace"
)

// Head says how the audit trail ends. It is kept apart from it, so that a trail of which the end was cut off does not look whole.
type Head struct {
	Count int64 `json:"count"` // the number of the last entry
	Sum   Sum   `json:"sum"`   // of the last entry
}

// String implements fmt.Stringer.
func (h Head) String() string {
	if h.Count == 0 {
		return "no entries"
	}
	return fmt.Sprintf("%d entries, the last %s", h.Count, h.Sum)
}

// head is the file that keeps the head. While an entry is being written it holds what was before it, too: a process may be killed
// after it has written this file and before the database has the entry.
type head struct {
	Head
	Before *Head `json:"before,omitempty"`
}

// fits reports whether the trail ends with that entry.
func (h Head) fits(last Entry) bool {
	return h.Count == last.Number && string(h.Sum) == string(last.Sum)
}

// settled returns the head without what was before it: that of the two that the trail has.
func (h head) settled(last Entry) head {
	if h.Before != nil && h.Before.fits(last) {
		return head{Head: *h.Before}
	}
	return head{Head: h.Head}
}

// at puts the head at an entry, whatever it was.
func (h *head) at(last Entry) { *h = head{Head: Head{last.Number, last.Sum}} }

// next puts the head at the entry that is being written.
func (h *head) next(e Entry) {
	if h.Before == nil {
		before := h.Head
		h.Before = &before
	}
	h.Head = Head{e.Number, e.Sum}
}

func (s *Store) readHead() (head, error) {
	path := filepath.Join(s.dir, headName)
	text, err := replace.Read(path)
	if errors.Is(err, fs.ErrNotExist) {
		return head{}, nil // as that of a trail without entries, which fits no other
	}
	if err != nil {
		return head{}, fmt.Errorf("read the head of the audit trail: %w", err)
	}
	var h head
	if json.Unmarshal(text, &h) != nil {
		h = head{} // spoilt is as if it were missing: a finding, and nobody is locked out
	}
	return h, nil
}

func (s *Store) writeHead(h head) error {
	text, err := json.Marshal(h)
	if err != nil {
		return fmt.Errorf("write the head of the audit trail: %w", err)
	}
	if err := replace.WritePlain(filepath.Join(s.dir, headName), append(text, '\n'), 0o600); err != nil {
		return fmt.Errorf("write the head of the audit trail: %w", err)
	}
	return nil
}
