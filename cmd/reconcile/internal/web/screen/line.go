package screen

import (
	"math"
	"strconv"
	"strings"
	"time"
)

// Line is how a count went from run to run, as a line in a picture that is LineWidth wide and LineHeight high.
type Line struct {
	Points      string // of the line, as SVG has them
	Area        string // below it; "" if the picture does not begin at 0
	Least, Most int
	Last        int
	Change      int // since the run before; 0 if there is none
	X, Y        float64
}

// The size of the picture of a line.
const (
	LineWidth  = 200
	LineHeight = 40
)

// Point is a count at a time.
type Point struct {
	At    time.Time
	Count int
}

// LineOf draws counts, the oldest first; nil if there are fewer than two. It begins at 0, unless all are far from it.
func LineOf(points []Point) *Line {
	if len(points) < 2 {
		return nil
	}
	l := &Line{Least: points[0].Count, Most: points[0].Count, Last: points[len(points)-1].Count, Change: points[len(points)-1].Count - points[len(points)-2].Count}
	for _, p := range points {
		l.Least, l.Most = min(l.Least, p.Count), max(l.Most, p.Count)
	}
	const margin = 3.0
	from, first, whole := 0, points[0].At, points[len(points)-1].At.Sub(points[0].At)
	if l.Least < l.Most && l.Most-l.Least < l.Most/4 {
		from = l.Least - max((l.Most-l.Least)/2, 1) // so that the least does not look like none at all
	}
	x := func(i int) float64 {
		if whole <= 0 {
			return margin + (LineWidth-2*margin)*float64(i)/float64(len(points)-1)
		}
		return margin + (LineWidth-2*margin)*float64(points[i].At.Sub(first))/float64(whole)
	}
	y := func(n int) float64 {
		if l.Most == from {
			return LineHeight - margin
		}
		return LineHeight - margin - (LineHeight-2*margin)*float64(n-from)/float64(l.Most-from)
	}
	var line []string
	for i, p := range points {
		l.X, l.Y = short(x(i)), short(y(p.Count))
		line = append(line, number(l.X)+","+number(l.Y))
	}
	l.Points = strings.Join(line, " ")
	if from > 0 {
		return l // an area would say how much there is
	}
	l.Area = number(short(x(0))) + "," + strconv.Itoa(LineHeight) + " " + l.Points + " " + number(l.X) + "," + strconv.Itoa(LineHeight)
	return l
}

func short(f float64) float64 { return math.Round(f*10) / 10 }

func number(f float64) string { return strconv.FormatFloat(f, 'f', -1, 64) }
