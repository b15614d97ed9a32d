package report

import (
	"strings"
	"testing"
	"time"
)

func TestLag(t *testing.T) {
	at := time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC)
	for _, tc := range []struct {
		name       string
		pos, store time.Time
		skew       time.Duration
		want       string
	}{
		{"as old as it may be", at, at.Add(-15 * time.Minute), 15 * time.Minute, ""},
		{"an older store", at, at.Add(-15*time.Minute - time.Second), 15 * time.Minute,
			"The data of bigcommerce.web are 15 minutes older than those of amberpos.shop, more than max_skew (15m): differences may be mere lag."},
		{"an older point of sale", at.Add(-49 * time.Hour), at, 90 * time.Minute,
			"The data of amberpos.shop are 2 days older than those of bigcommerce.web, more than max_skew (1h30m): differences may be mere lag."},
		{"in milliseconds", at, at.Add(-5 * time.Millisecond), time.Millisecond,
			"The data of bigcommerce.web are 5ms older than those of amberpos.shop, more than max_skew (1ms): differences may be mere lag."},
		{"no limit", at, at.AddDate(-1, 0, 0), 0, ""},
		{"one that is not known", time.Time{}, at, time.Minute, ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			r := &Result{Pos: Source{Connector: "amberpos", Name: "shop", ReadAt: tc.pos},
				Store: Source{Connector: "bigcommerce", Name: "web", ReadAt: tc.store}, MaxSkew: tc.skew}
			if got := r.Lag(); got != tc.want {
				t.Errorf("got %q, want %q", got, tc.want)
			}
		})
	}
}

func TestAges(t *testing.T) {
	r := &Result{MadeAt: time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC)}
	for _, tc := range []struct {
		age  time.Duration
		copy bool
		file string
		want string
	}{
		{245 * 24 * time.Hour, false, "items.csv", "file of 2026-03-23 10:00 UTC, 245 days old"},
		{2 * time.Second, false, "", "read 2026-11-23 09:59 UTC, just now"},
		{25*time.Minute + time.Second, true, "", "Local Copy of 2026-11-23 09:34 UTC, 25 minutes old"},
		{time.Hour, true, "", "Local Copy of 2026-11-23 09:00 UTC, 1 hour old"},
		{3*time.Hour + time.Minute, true, "", "Local Copy of 2026-11-23 06:59 UTC, 3 hours 1 minute old"},
		{3 * 24 * time.Hour, true, "", "Local Copy of 2026-11-20 10:00 UTC, 3 days old"},
	} {
		if got := r.age(&Source{ReadAt: r.MadeAt.Add(-tc.age), Copy: tc.copy, File: tc.file}); got != tc.want {
			t.Errorf("got %q, want %q", got, tc.want)
		}
	}
	r = &Result{Pos: Source{Connector: "file", Name: "pos", ReadAt: r.MadeAt.Add(-20 * time.Minute), File: "a\tb.csv"},
		Store: Source{Connector: "file", Name: "web", ReadAt: r.MadeAt, File: "web.csv"}, MadeAt: r.MadeAt, MaxSkew: 15 * time.Minute}
	if got, want := r.Lag(), "The file a␉b.csv was last changed at 2026-11-23 09:40 UTC: export it again."; !strings.HasSuffix(got, want) {
		t.Errorf("got %q, want it to end with %q", got, want)
	}
	if got := (&Result{}).age(&Source{ReadAt: r.MadeAt}); strings.Contains(got, "old") || got == "" {
		t.Errorf("without the time of the report: %q", got)
	}
}

func TestOld(t *testing.T) {
	for age, want := range map[time.Duration]string{
		0: "just now", -30 * time.Second: "just now", 25 * time.Minute: "25 minutes old",
		-49 * time.Hour: "2 days ahead of this machine's clock",
	} {
		if got := Old(age); got != want {
			t.Errorf("%s: %q, want %q", age, got, want)
		}
	}
}
