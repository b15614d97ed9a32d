package webapi

import (
	"strings"
	"testing"
	"time"
)

func TestAdviceOnBrokenAnswers(t *testing.T) {
	const patience = 10 * time.Second
	for _, c := range []struct {
		why   string
		quiet time.Duration // since something came
		late  bool
		want  string
	}{
		{"the connection was closed", 0, false, "ended the connection in the middle of an answer, when 53 bytes had come"},
		{"nothing more came", patience, true, "53 bytes had come, and then nothing more: the API, or a proxy before it, stopped"},
		{"it came too slowly", time.Second, true, "53 bytes had come, and it was going on: the network is slow, or the API is"},
	} {
		a := arriving{bytes: 53, last: time.Now().Add(-c.quiet)}
		if got := a.advice(patience, c.late); !strings.Contains(got, c.want) {
			t.Errorf("%s: %s", c.why, got)
		}
	}
}
