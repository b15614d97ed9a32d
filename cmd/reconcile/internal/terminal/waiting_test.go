package terminal

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"
)

// TestWaits says which waits are told where no progress is shown: each that is not short, and those of a quota once a minute.
func TestWaits(t *testing.T) {
	var w waits
	w.begin([]string{"shop", "web"})
	now := time.Date(2026, 11, 28, 10, 0, 0, 0, time.UTC)
	var got []string
	tellOf := func(what string, source int, at, until time.Duration) {
		text := "waiting for " + what + " until " + now.Add(until).Format(time.TimeOnly)
		if name, ok := w.worth(source, now.Add(at), now.Add(until), text); ok {
			got = append(got, fmt.Sprintf("%s at %s until %s", name, at, until))
		}
	}
	tell := func(source int, at, until time.Duration) { tellOf("a quota", source, at, until) }
	tell(1, 0, time.Second) // short
	for at := time.Duration(0); at < 3*time.Minute; at += time.Second {
		tell(1, at, at.Truncate(30*time.Second)+30*time.Second) // a quota of half a minute
	}
	tell(0, time.Minute, 2*time.Minute) // the other source
	tell(1, 3*time.Minute, 10*time.Minute)
	tell(7, 3*time.Minute, 10*time.Minute) // there is no such source
	w.begin([]string{"web"})
	tell(0, 4*time.Minute, 5*time.Minute)
	tellOf("try 2", 0, 5*time.Minute, 5*time.Minute+time.Second)
	tellOf("try 3", 0, 5*time.Minute+time.Second, 5*time.Minute+3*time.Second)
	tellOf("try 3", 0, 5*time.Minute+2*time.Second, 5*time.Minute+4*time.Second)
	tellOf("try 4", 0, 5*time.Minute+3*time.Second, 5*time.Minute+7*time.Second)
	if name, ok := w.worth(0, now, time.Time{}, "nothing came after 2s"); !ok || name != "web" {
		t.Error("a wait of which nobody knows how long it is was not told")
	}
	if _, ok := w.worth(0, now, time.Time{}, "nothing came after 2s"); ok {
		t.Error("it was told twice")
	}
	want := "web at 0s until 30s\nweb at 1m0s until 1m30s\nweb at 2m0s until 2m30s\nshop at 1m0s until 2m0s\nweb at 3m0s until 10m0s\nweb at 4m0s until 5m0s\nweb at 5m1s until 5m3s\nweb at 5m3s until 5m7s"
	if strings.Join(got, "\n") != want {
		t.Errorf("got:\n%s", strings.Join(got, "\n"))
	}
}

// TestWaitingIsTold says that a wait is told in words where nobody watches the progress, without what a terminal would obey.
func TestWaitingIsTold(t *testing.T) {
	var out bytes.Buffer
	term := New(func(s string) string { return strings.ReplaceAll(s, "s3cret", "(sensitive)") })
	term.open(&out, &out)
	term.Begin([]string{"shop", "web"})
	term.Waiting(1, time.Now().Add(time.Hour), "waiting for \x1b[31ms3cret's quota until 10:04:12")
	term.End()
	if got := out.String(); !strings.HasPrefix(got, "web: waiting for ") || !strings.HasSuffix(got, "(sensitive)'s quota until 10:04:12\n") || strings.Contains(got, "\x1b") {
		t.Errorf("%q", got)
	}
}

// TestWaitsAreBounded says that a connector which waits for another thing each time does not fill the screen.
func TestWaitsAreBounded(t *testing.T) {
	var w waits
	w.begin([]string{"web"})
	now := time.Date(2026, 11, 28, 10, 0, 0, 0, time.UTC)
	told := 0
	for i := range 10 * mostTold {
		if _, ok := w.worth(0, now, now.Add(time.Hour), fmt.Sprintf("waiting for %d", i)); ok {
			told++
		}
	}
	if told != mostTold {
		t.Errorf("%d lines", told)
	}
}
