// Package pull has what a Pull does in any connector that keeps a Local Copy: when everything is to be read anew, from which time on to
// ask for what has changed, which records are gone, and how many there are.
package pull

import (
	"fmt"
	"time"

	"github.com/reconcilehq/reconcile/plugins/sdk"
)

// FullRefresh is a setting full_refresh: how old the last full read may be when a Local Copy is refreshed. After that, everything is
// read again, since a refresh does not see what changes without a date.
type FullRefresh struct {
	text string
	age  time.Duration
}

// ParseFullRefresh reads the setting. path is where it stands. The error is an *sdk.SettingError.
func ParseFullRefresh(text string, path ...string) (FullRefresh, error) {
	age, err := time.ParseDuration(text)
	if err != nil || age < 0 {
		return FullRefresh{}, &sdk.SettingError{Path: path, Summary: "full_refresh is not a span of time",
			Detail: `It reads like "24h" or "90m"; "0s" reads everything each time.`}
	}
	return FullRefresh{text, age}, nil
}

// Due returns when everything is to be read again, for CopyUpdate.FullDue. began is when the last full read began.
func (f FullRefresh) Due(began time.Time) time.Time { return began.Add(f.age) }

// Over returns an error with sdk.ErrNeedFull if the last full read, which began at began, is too old. Both times are by this machine's
// clock; if that was set back meanwhile, the read is too old as well.
func (f FullRefresh) Over(began, now time.Time) error {
	if age := now.Sub(began); age >= f.age || age < 0 {
		return fmt.Errorf("the last full read began at %s, and full_refresh is %s: %w", began.Format(time.RFC3339), f.text, sdk.ErrNeedFull)
	}
	return nil
}

// Overlap is how far before the last pull a refresh asks for changes again. A change may become visible so long after its own date, and
// the clocks of a platform's servers may differ by so much.
const Overlap = 5 * time.Minute

// ChangedSince returns the time from which on to ask for changes: Overlap before last, when the last pull began by the platform's clock.
//
// If newest, the latest date of a change that the copy knows, is older, it is one second after that: this finds the same, even where
// the platform dates changes by another clock than its answers. newest is the zero time if the copy knows none.
func ChangedSince(last, newest time.Time) time.Time {
	at := last.Add(-Overlap)
	if next := newest.Add(time.Second); !newest.IsZero() && next.Before(at) {
		return next
	}
	return at
}
