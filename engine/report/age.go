package report

import (
	"fmt"
	"strings"
	"time"
)

const timeLayout = "2006-01-02 15:04 MST"

// age says how old a side is; "" if it is not known.
func (r *Result) age(s *Source) string {
	if s.ReadAt.IsZero() {
		return ""
	}
	text := "read "
	switch {
	case s.Copy:
		text = "Local Copy of "
	case s.File != "":
		text = "file of "
	}
	text += s.ReadAt.Format(timeLayout)
	if r.MadeAt.IsZero() {
		return text
	}
	return text + ", " + Old(r.MadeAt.Sub(s.ReadAt))
}

// Lag says that the sides are so far apart in age that differences between them may be mere lag; "" if they are not.
func (r *Result) Lag() string {
	apart := r.Pos.ReadAt.Sub(r.Store.ReadAt)
	older, younger := &r.Store, &r.Pos
	if apart < 0 {
		apart, older, younger = -apart, younger, older
	}
	if r.MaxSkew == 0 || apart <= r.MaxSkew || r.Pos.ReadAt.IsZero() || r.Store.ReadAt.IsZero() {
		return ""
	}
	text := fmt.Sprintf("The data of %s are %s older than those of %s, more than max_skew (%s): differences may be mere lag.",
		clean(older.Connector+"."+older.Name), Span(apart), clean(younger.Connector+"."+younger.Name), shortest(r.MaxSkew))
	if older.File != "" {
		text += fmt.Sprintf(" The file %s was last changed at %s: export it again.", clean(older.File), older.ReadAt.Format(timeLayout))
	}
	return text
}

// shortest writes a duration as the configuration does: 15m, not 15m0s.
func shortest(d time.Duration) string {
	s := d.String()
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}

// Old says how old something is: "just now", "25 minutes old". What is of a time to come says that a clock is wrong.
func Old(age time.Duration) string {
	if age < -time.Minute {
		return Span(age) + " ahead of this machine's clock"
	}
	if age < time.Minute {
		return "just now"
	}
	return Span(age) + " old"
}

// Span says how long something is, in its largest unit; the next one too where that says more.
func Span(d time.Duration) string {
	d = d.Abs()
	part := func(n int64, unit string) string {
		if n == 1 {
			return "1 " + unit
		}
		return fmt.Sprintf("%s %ss", count(int(n)), unit)
	}
	const day = 24 * time.Hour
	switch {
	case d < time.Second:
		return d.Round(time.Millisecond).String()
	case d < time.Minute:
		return part(int64(d/time.Second), "second")
	case d < time.Hour:
		return part(int64(d/time.Minute), "minute")
	case d < 10*time.Hour && d%time.Hour >= time.Minute:
		return part(int64(d/time.Hour), "hour") + " " + part(int64(d%time.Hour/time.Minute), "minute")
	case d < 2*day:
		return part(int64(d/time.Hour), "hour")
	}
	return part(int64(d/day), "day")
}
