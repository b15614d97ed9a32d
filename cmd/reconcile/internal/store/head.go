package store

import (
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"

	"github.com/reconcilehq/reconcile/engine/replace"
	"github.com/reconcilehq/reconcile/engine/strict"
)

// Head says how the audit trail begins and ends. It is kept apart from it, so that a trail of which the end was cut off does not look
// whole.
type Head struct {
	Count int64 `json:"count"` // the number of the last entry
	Sum   Sum   `json:"sum"`   // of the last entry

	Base *Base `json:"base,omitempty"` // nil: it begins with the first entry that there ever was
}

// Base is the last of the entries that were pruned.
type Base struct {
	Count int64 `json:"count"` // its number
	Sum   Sum   `json:"sum"`
}

// String implements fmt.Stringer.
func (h Head) String() string {
	if h.Count == 0 {
		return "no entries"
	}
	text := fmt.Sprintf("%d entries, the last %s", h.Count, h.Sum)
	if h.Base != nil {
		text += fmt.Sprintf(", the first %d of them pruned", h.Base.Count)
	}
	return text
}

// String implements fmt.Stringer.
func (b *Base) String() string { return fmt.Sprintf("up to entry %d, %s", b.Count, b.Sum) }

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
func (h *head) at(e Entry) { h.Count, h.Sum = e.Number, e.Sum }

// HeadError says that the file that keeps the head is no head. Nothing is added to the trail then: whether its end is there nobody could
// tell any more.
type HeadError struct {
	Path string
	What string
}

// Error implements error.
func (e *HeadError) Error() string {
	return fmt.Sprintf("the head of the audit trail, %s, is damaged (%s), so nothing can be added to the trail, and nothing is changed that is to stand in it: put the file back from a backup. Without one, move it away: the trail goes on then, with an entry that says that its head was missing, which reconcile audit verify tells from then on", e.Path, e.What)
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
	h, what := parseHead(text)
	if what != "" {
		return head{}, &HeadError{Path: path, What: what}
	}
	return h, nil
}

// parseHead reads what writeHead has written, and nothing else. what says why it cannot be that; "" if it is.
func parseHead(text []byte) (h head, what string) {
	if len(text) == 0 {
		return h, "it is empty"
	}
	switch err := strict.Decode(text, &h); {
	case errors.Is(err, strict.ErrMore):
		return h, "there is more behind its end"
	case err != nil:
		return h, "it is not what was written"
	}
	heads := []Head{h.Head}
	if h.Before != nil {
		heads = append(heads, *h.Before)
	}
	for _, of := range heads {
		base := of.Base
		if base == nil {
			base = &Base{}
		}
		for _, at := range []Base{{of.Count, of.Sum}, *base} {
			if at.Count < 0 || (at.Count == 0) != (len(at.Sum) == 0) || at.Count > 0 && len(at.Sum) != sha256.Size {
				return h, "a hash in it is none"
			}
		}
		if base.Count > of.Count {
			return h, "it begins behind its end"
		}
	}
	return h, ""
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
