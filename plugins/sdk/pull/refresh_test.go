package pull_test

import (
	"errors"
	"testing"
	"time"

	"github.com/reconcilehq/reconcile/plugins/sdk"
	"github.com/reconcilehq/reconcile/plugins/sdk/pull"
)

func TestChangedSince(t *testing.T) {
	last := time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)
	for _, c := range []struct {
		name         string
		newest, want time.Time
	}{
		{"nothing is dated", time.Time{}, last.Add(-5 * time.Minute)},
		{"changed a minute before", last.Add(-time.Minute), last.Add(-5 * time.Minute)},
		{"changed a minute later, by another clock", last.Add(time.Minute), last.Add(-5 * time.Minute)},
		{"changed a day before, by this or another clock", last.Add(-24 * time.Hour), last.Add(time.Second - 24*time.Hour)},
	} {
		if got := pull.ChangedSince(last, c.newest); !got.Equal(c.want) {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}

func TestFullRefresh(t *testing.T) {
	began := time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)
	day, err := pull.ParseFullRefresh("24h", "full_refresh")
	if err != nil {
		t.Fatal(err)
	}
	if due := day.Due(began); !due.Equal(began.Add(24 * time.Hour)) {
		t.Errorf("due at %s", due)
	}
	for _, c := range []struct {
		name  string
		after time.Duration
		over  bool
	}{
		{"at once", 0, false},
		{"just before", 24*time.Hour - time.Second, false},
		{"when it is due", 24 * time.Hour, true},
		{"by a clock that was set back", -time.Second, true},
	} {
		if err := day.Over(began, began.Add(c.after)); errors.Is(err, sdk.ErrNeedFull) != c.over {
			t.Errorf("%s: error %v", c.name, err)
		}
	}
	for _, text := range []string{"", "a day", "-1h"} {
		var wrong *sdk.SettingError
		if _, err := pull.ParseFullRefresh(text, "since", "full_refresh"); !errors.As(err, &wrong) || len(wrong.Path) != 2 {
			t.Errorf("%q: error %v", text, err)
		}
	}
}
