// Package cron tells the times of a schedule: five fields as cron has them, in a time zone.
//
// A time is one of the clock on the wall. Where clocks go forward, a time that they skip is at the moment at which they do. Where they go
// back, a time that they show twice counts once, the first time. So what is to be done each night is done once each night.
package cron

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	_ "time/tzdata" // some systems have no time zones of their own

	"github.com/adhocore/gronx"
)

// Times are the times of a schedule.
type Times struct {
	expr string
	zone *time.Location
}

// Time is one time of a schedule.
type Time struct {
	Wall string    // what the clock shows, such as "2026-11-29T02:30"
	At   time.Time // when that is
}

// tags are short for fields.
var tags = map[string]string{"@hourly": "0 * * * *", "@daily": "0 0 * * *", "@weekly": "0 0 * * 0", "@monthly": "0 0 1 * *"}

// Parse returns the times of a schedule. zone is a name of the time zone database, such as "Europe/Paris". The errors are for whoever wrote it.
func Parse(text string, zone *time.Location) (*Times, error) {
	fields := strings.Fields(text)
	if len(fields) == 1 && tags[strings.ToLower(fields[0])] != "" {
		fields = strings.Fields(tags[strings.ToLower(fields[0])])
	}
	if len(fields) != 5 {
		return nil, errors.New(`it has five fields: minute, hour, day of the month, month, day of the week, such as "30 2 * * *" for half past two each night; or it is @hourly, @daily, @weekly or @monthly`)
	}
	expr := strings.Join(fields, " ")
	if !gronx.IsValid(expr) {
		return nil, errors.New(`one of its fields cannot be read: they are minute (0-59), hour (0-23), day of the month (1-31), month (1-12), day of the week (0-6, 0 is Sunday), each a number, a list (1,3), a range (1-5), a step (*/15) or *`)
	}
	if err := checkSteps(fields); err != nil {
		return nil, err
	}
	t := &Times{expr: expr, zone: zone}
	if _, err := t.Next(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)); err != nil {
		return nil, errors.New("no day has such a date")
	}
	return t, nil
}

// checkSteps refuses a step that is longer than its field: */90 minutes would be once an hour.
func checkSteps(fields []string) error {
	for i, most := range []int{59, 23, 31, 12, 7} {
		for part := range strings.SplitSeq(fields[i], ",") {
			_, step, _ := strings.Cut(part, "/")
			if n, err := strconv.Atoi(step); err == nil && n > most {
				return fmt.Errorf("the step of %s is longer than its field, where %d is the most: it would mean another time than it seems to", part, most)
			}
		}
	}
	return nil
}

// Zone returns the time zone of that name. "Local" is none: each machine has another one.
func Zone(name string) (*time.Location, error) {
	zone, err := time.LoadLocation(name)
	if err != nil || name == "" || name == "Local" {
		return nil, fmt.Errorf("there is no time zone %q: write one such as Europe/Paris, America/Toronto or UTC", name)
	}
	return zone, nil
}

// Last returns the last time of the schedule that is not after now; false if there is none within a few years.
func (t *Times) Last(now time.Time) (Time, bool) {
	// Beyond now the clock on the wall may show less, where it goes back. So the search begins a day later, and goes back to what is not after
	// now.
	wall := t.wall(now).Add(24 * time.Hour)
	for incl := true; ; incl = false {
		before, err := gronx.PrevTickBefore(t.expr, wall, incl)
		if err != nil || now.Sub(before) > 10*366*24*time.Hour {
			return Time{}, false
		}
		if found := t.at(before); !found.At.After(now) {
			return found, true
		}
		wall = before
	}
}

// Next returns the first time of the schedule that is after now.
func (t *Times) Next(now time.Time) (Time, error) {
	wall := t.wall(now).Add(-24 * time.Hour)
	for incl := true; ; incl = false {
		after, err := gronx.NextTickAfter(t.expr, wall, incl)
		if err != nil {
			return Time{}, fmt.Errorf("find the next time of %q: %w", t.expr, err)
		}
		if found := t.at(after); found.At.After(now) {
			return found, nil
		}
		wall = after
	}
}

// wall returns what the clock on the wall shows, as a time in UTC: there no clock is changed.
func (t *Times) wall(at time.Time) time.Time {
	local := at.In(t.zone)
	return time.Date(local.Year(), local.Month(), local.Day(), local.Hour(), local.Minute(), local.Second(), 0, time.UTC)
}

// at returns when the clock on the wall shows a time.
func (t *Times) at(wall time.Time) Time {
	found := Time{Wall: wall.Format("2006-01-02T15:04")}
	before, after := t.offset(wall.Add(-36*time.Hour)), t.offset(wall.Add(36*time.Hour))
	moments := []time.Time{wall.Add(-before), wall.Add(-after)}
	slices.SortFunc(moments, time.Time.Compare)
	for _, at := range moments {
		if t.wall(at).Equal(wall) {
			found.At = at
			return found
		}
	}
	// The clock does not show it: it is the moment at which the clock was changed, between the two.
	_, found.At = moments[0].In(t.zone).ZoneBounds()
	return found
}

// offset returns by how much the clock on the wall is before UTC.
func (t *Times) offset(at time.Time) time.Duration {
	_, seconds := at.In(t.zone).Zone()
	return time.Duration(seconds) * time.Second
}
