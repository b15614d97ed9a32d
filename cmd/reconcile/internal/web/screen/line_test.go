package screen

import (
	"testing"
	"time"
)

func TestLineOf(t *testing.T) {
	at := time.Date(2026, 11, 28, 12, 0, 0, 0, time.UTC)
	points := func(hours []int, counts ...int) (list []Point) {
		for i, n := range counts {
			list = append(list, Point{at.Add(time.Duration(hours[i]) * time.Hour), n})
		}
		return list
	}
	for name, c := range map[string]struct {
		points []Point
		want   string
	}{
		"from nothing up":            {points([]int{0, 1, 4}, 0, 5, 10), "3,37 51.5,20 197,3"}, // by time, not by run
		"nothing at all":             {points([]int{0, 1}, 0, 0), "3,37 197,37"},
		"far from nothing":           {points([]int{0, 1}, 1000, 1020), "3,25.7 197,3"}, // a change that would not be seen else
		"all at once":                {points([]int{0, 0, 0}, 2, 1, 2), "3,3 100,20 197,3"},
		"one less, far from nothing": {points([]int{0, 1}, 16, 15), "3,3 197,20"}, // not down to where none would be
		"the same, far from nothing": {points([]int{0, 1}, 7, 7), "3,3 197,3"},
		"the same, near to nothing":  {points([]int{0, 1}, 2, 2), "3,3 197,3"},
	} {
		l := LineOf(c.points)
		if l == nil || l.Points != c.want {
			t.Errorf("%s: %+v, want %s", name, l, c.want)
		}
		if from0 := name != "far from nothing" && name != "one less, far from nothing"; (l.Area != "") != from0 { // an area says how much there is
			t.Errorf("%s: the area is %q", name, l.Area)
		}
	}
	if l := LineOf(points([]int{0, 1, 2}, 4, 9, 2)); l.Least != 2 || l.Most != 9 || l.Last != 2 || l.Change != -7 || l.X != 197 {
		t.Errorf("%+v", l)
	}
	if LineOf(points([]int{0}, 1)) != nil {
		t.Error("one run is a line")
	}
}
