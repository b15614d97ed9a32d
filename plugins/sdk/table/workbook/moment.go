package workbook

import (
	"math"
	"strings"
	"time"

	"github.com/xuri/excelize/v2"
)

// latest is the number of the last day that there is a date for: 9999-12-31.
const latest = 2958465

// longest is how many days are shown in hours at most: further ones do not fit into a time.Duration.
const longest = 100_000

// isMoment reports whether the section shows a date or time.
func (s *section) isMoment() bool { return s.parts != "" }

// second is the moment of a number, to the second: what is below is noise.
func second(v float64, date1904 bool) (time.Time, error) {
	t, err := excelize.ExcelDateToTime(v, date1904)
	return t.Round(time.Second), err
}

// fraction returns a moment in ISO's form with its thousandths of a second, and "" if it has none.
func fraction(v float64, date1904 bool) string {
	day := math.Floor(v)
	t, err := excelize.ExcelDateToTime(day, date1904)
	t = t.Add(time.Duration(math.Round((v-day)*24*60*60*1000)) * time.Millisecond)
	switch {
	case err != nil || t.Nanosecond() == 0:
		return ""
	case v < 1:
		return t.Format("15:04:05.000")
	}
	return t.Format("2006-01-02 15:04:05.000")
}

// tells reports whether the section shows all that the number says of a moment.
func (s *section) tells(v float64, date1904 bool) bool {
	t, err := second(v, date1904)
	if err != nil || s.foreign {
		return false
	}
	has := func(part string) bool { return strings.Contains(s.parts, part) }
	if has("e") { // hours may be all that there are, but minutes are not behind none
		return (t.Second() == 0 || has("s")) && (t.Minute() == 0 || has("n") || has("s"))
	}
	return (v < 1 || has("Y") && has("m") && (has("d") || t.Day() == 1)) &&
		(t.Hour() == 0 || has("h")) && (t.Minute() == 0 || has("n")) && (t.Second() == 0 || has("s"))
}

// isoCode is the format by which a moment is shown whose own loses some of it.
func isoCode(v float64, date1904 bool) string {
	const clock = "hh:mm:ss"
	t, err := second(v, date1904)
	switch {
	case err == nil && v < 1:
		return clock
	case err != nil || t.Hour()+t.Minute()+t.Second() == 0:
		return "yyyy-mm-dd"
	}
	return "yyyy-mm-dd " + clock
}
