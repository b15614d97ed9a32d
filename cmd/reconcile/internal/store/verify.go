package store

import (
	"context"
	"errors"
	"fmt"
)

// Finding is something that is wrong with the audit trail.
type Finding struct {
	Number int64 // of the entry; 0 if it is about no entry alone
	Text   string
}

// Verify goes through the whole audit trail and returns what is wrong with it: entries that were changed, removed, put in or cut
// off, or a head that is damaged. Whoever can write all files of the data folder can make a trail that is right: then only the head in
// an export or a backup tells.
func (s *Store) Verify(ctx context.Context) (h Head, findings []Finding, err error) {
	var first, last Entry
	pruned := "" // what the last entry about that says
	say := func(number int64, format string, args ...any) {
		findings = append(findings, Finding{number, fmt.Sprintf(format, args...)})
	}
	h, err = s.Trail(ctx, func(e Entry) error {
		if last.Number == 0 {
			first = e // what is before it the head says
		} else {
			switch missing := e.Number - last.Number - 1; {
			case missing == 1:
				say(e.Number, "the entry before it is missing")
			case missing > 1:
				say(e.Number, "%d entries before it are missing", missing)
			case string(e.Previous) != string(last.Sum):
				say(e.Number, "it does not follow the entry before it: one of the two was changed or put in")
			}
		}
		if string(e.sum()) != string(e.Sum) {
			say(e.Number, "it was changed")
		}
		if e.Salt == nil && e.Address != "" || e.Salt != nil && string(addressSum(e.Salt, e.Address)) != string(e.AddressSum) {
			say(e.Number, "its address was changed")
		}
		if e.What == mismatch {
			say(e.Number, "when it was written, the trail did not fit its head: the head said %s, and there were %s", e.Before, e.After)
		}
		if e.What == prune && e.Before != "" {
			pruned = e.Before
		}
		last = e
		return nil
	})
	var damaged *HeadError
	switch {
	case errors.As(err, &damaged):
		say(0, "its head, %s, is damaged: %s. Whether entries are missing at the beginning or the end cannot be told. Put the file back from a backup", damaged.Path, damaged.What)
		return h, findings, nil
	case err != nil:
		return h, nil, err
	case h.fits(last):
	case h.Count > last.Number:
		say(0, "the end is cut off: the head says %s, and there are %d", h, last.Number)
	case h.Count < last.Number:
		say(0, "there are entries behind the head: it says %s, and there are %d", h, last.Number)
	default:
		say(last.Number, "it is not the entry that the head says: %s", h)
	}
	base := h.Base
	if base == nil {
		base = &Base{}
	}
	switch {
	case last.Number == 0:
	case first.Number != base.Count+1:
		say(first.Number, "it is the first that is there, and should be entry %d: what is before it was removed or put in", base.Count+1)
	case string(first.Previous) != string(base.Sum):
		say(first.Number, "it does not follow what the head says was before it")
	}
	if h.Base != nil && pruned != h.Base.String() {
		say(0, "the head says that entries were pruned, %s, and no entry says so", h.Base)
	}
	return h, findings, nil
}
