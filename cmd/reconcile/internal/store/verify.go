package store

import (
	"context"
	"fmt"
)

// Finding is something that is wrong with the audit trail.
type Finding struct {
	Number int64 // of the entry; 0 if it is about no entry alone
	Text   string
}

// Verify goes through the whole audit trail and returns what is wrong with it: entries that were changed, removed, put in or cut
// off. Whoever can write all files of the data folder can make a trail that is right: then only the head in an export or a backup
// tells.
func (s *Store) Verify(ctx context.Context) (h Head, findings []Finding, err error) {
	var last Entry
	say := func(number int64, format string, args ...any) {
		findings = append(findings, Finding{number, fmt.Sprintf(format, args...)})
	}
	h, err = s.Trail(ctx, func(e Entry) error {
		switch missing := e.Number - last.Number - 1; {
		case missing == 1:
			say(e.Number, "the entry before it is missing")
		case missing > 1:
			say(e.Number, "%d entries before it are missing", missing)
		case string(e.Previous) != string(last.Sum):
			say(e.Number, "it does not follow the entry before it: one of the two was changed or put in")
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
		last = e
		return nil
	})
	switch {
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
	return h, findings, nil
}
