package cron

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func zone(t rapid.TB, name string) *time.Location {
	t.Helper()
	z, err := Zone(name)
	if err != nil {
		t.Fatal(err)
	}
	return z
}

// TestTimes looks at nights on which clocks are changed, among others.
func TestTimes(t *testing.T) {
	for _, test := range []struct {
		name, cron, zone string
		from, to         string // both in UTC
		want             string // what the clock shows, and when that is in UTC
	}{
		{"each night", "30 2 * * *", "Europe/Paris", "2026-11-27T12:00", "2026-11-29T12:00", "2026-11-28T02:30=01:30 2026-11-29T02:30=01:30"},
		{"the clock skips it", "30 2 * * *", "Europe/Paris", "2026-03-28T00:00", "2026-03-30T12:00", "2026-03-28T02:30=01:30 2026-03-29T02:30=01:00 2026-03-30T02:30=00:30"},
		{"the clock shows it twice", "30 2 * * *", "Europe/Paris", "2026-10-24T00:00", "2026-10-26T12:00", "2026-10-24T02:30=00:30 2026-10-25T02:30=00:30 2026-10-26T02:30=01:30"},
		{"west of Greenwich, skipped", "15 2 * * *", "America/Toronto", "2026-03-07T12:00", "2026-03-09T12:00", "2026-03-08T02:15=07:00 2026-03-09T02:15=06:15"},
		{"west of Greenwich, twice", "30 1 * * *", "America/Toronto", "2026-10-31T12:00", "2026-11-02T12:00", "2026-11-01T01:30=05:30 2026-11-02T01:30=06:30"},
		{"half an hour", "15 2 * * *", "Australia/Lord_Howe", "2026-10-02T00:00", "2026-10-04T12:00", "2026-10-03T02:15=15:45 2026-10-04T02:15=15:30"},
		{"midnight is skipped", "0 0 * * *", "America/Santiago", "2026-09-05T00:00", "2026-09-07T12:00", "2026-09-05T00:00=04:00 2026-09-06T00:00=04:00 2026-09-07T00:00=03:00"},
		{"Mondays", "0 6 * * 1", "UTC", "2026-11-20T00:00", "2026-12-01T00:00", "2026-11-23T06:00=06:00 2026-11-30T06:00=06:00"},
		{"a leap day", "0 0 29 2 *", "UTC", "2026-01-01T00:00", "2033-01-01T00:00", "2028-02-29T00:00=00:00 2032-02-29T00:00=00:00"},
		{"a tag", "@daily", "UTC", "2026-11-28T12:00", "2026-11-29T12:00", "2026-11-29T00:00=00:00"},
	} {
		t.Run(test.name, func(t *testing.T) {
			times, err := Parse(test.cron, zone(t, test.zone))
			if err != nil {
				t.Fatal(err)
			}
			at, _ := time.Parse("2006-01-02T15:04", test.from)
			end, _ := time.Parse("2006-01-02T15:04", test.to)
			var got []string
			for {
				next, err := times.Next(at)
				if err != nil {
					t.Fatal(err)
				}
				if next.At.After(end) {
					break
				}
				got = append(got, fmt.Sprintf("%s=%s", next.Wall, next.At.UTC().Format("15:04")))
				at = next.At
			}
			if strings.Join(got, " ") != test.want {
				t.Errorf("%v, not %s", got, test.want)
			}
		})
	}
}

// TestLastIsNext holds the last time against the next ones, everywhere and at any time.
func TestLastIsNext(t *testing.T) {
	zones := []string{"UTC", "Europe/Paris", "America/Toronto", "Australia/Lord_Howe", "America/Santiago", "Pacific/Apia", "Asia/Kathmandu", "Africa/Casablanca"}
	crons := []string{"30 2 * * *", "0 0 * * *", "*/15 * * * *", "5 1,2,3 * * *", "0 3 * * 0", "0 0 1 * *", "59 23 31 12 *"}
	rapid.Check(t, func(t *rapid.T) {
		times, err := Parse(rapid.SampledFrom(crons).Draw(t, "cron"), zone(t, rapid.SampledFrom(zones).Draw(t, "zone")))
		if err != nil {
			t.Fatal(err)
		}
		now := time.Unix(rapid.Int64Range(1_262_304_000, 2_000_000_000).Draw(t, "now"), 0) // 2010 to 2033
		last, ok := times.Last(now)
		if !ok || last.At.After(now) {
			t.Fatalf("the last before %v is %v", now, last)
		}
		next, err := times.Next(last.At)
		if err != nil || !next.At.After(now) {
			t.Errorf("after %v comes %v, which is not after %v: %v", last, next, now, err)
		}
		if again, ok := times.Last(next.At); !ok || again.At != next.At {
			t.Errorf("the last at %v is %v", next, again)
		}
	})
}

func TestMistakes(t *testing.T) {
	for _, wrong := range []string{"", "* * * *", "* * * * * *", "60 * * * *", "* 24 * * *", "a * * * *", "0 0 31 2 *", "@yearly at noon", "0 0 30 2 *", "*/90 * * * *", "0 1,*/24 * * *", "0 0 1/32 * *"} {
		if _, err := Parse(wrong, time.UTC); err == nil {
			t.Errorf("%q has times", wrong)
		}
	}
	for _, wrong := range []string{"", "Local", "Paris", "Europe/paris2", "../etc/passwd"} {
		if _, err := Zone(wrong); err == nil {
			t.Errorf("%q is a time zone", wrong)
		}
	}
}
