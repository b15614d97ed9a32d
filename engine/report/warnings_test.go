package report

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestWarn(t *testing.T) {
	var r Result
	if got := r.AllWarnings(); len(got) != 0 {
		t.Errorf("warnings of nothing: %v", got)
	}
	first, last := Warning{Source: "web", Text: "0"}, Warning{Text: "and 1,234 more warnings"}
	for range 2 {
		r.Warn(first)
	}
	for i := range maxWarnings - 1 + 1234 {
		r.Warn(Warning{Text: fmt.Sprint(i)})
	}
	got := r.AllWarnings()
	if len(got) != maxWarnings+1 {
		t.Fatalf("%d warnings are kept, want %d", len(got), maxWarnings+1)
	}
	if diff := cmp.Diff([]Warning{first, last}, []Warning{got[0], got[maxWarnings]}); diff != "" {
		t.Errorf("first and last (-want +got):\n%s", diff)
	}
}

func TestWarningAsJSON(t *testing.T) {
	for _, c := range []struct {
		why  string
		w    Warning
		want string
	}{
		{"the run's own has no source", Warning{Text: "a \"b\"\n"}, `{"text": "a \"b\"\n"}`},
		{"a source's", Warning{Source: "web", Text: "late"}, `{"source": "web", "text": "late"}`},
		{"programs can tell guesses from warnings", Warning{Source: "web", Text: "utf-8", Notice: true}, `{"source": "web", "notice": true, "text": "utf-8"}`},
		{"nothing acts on a terminal", Warning{Text: "\x1b[2J"}, `{"text": "\u001b[2J"}`},
	} {
		t.Run(c.why, func(t *testing.T) {
			if got := string(appendWarning(nil, c.w)); got != c.want {
				t.Errorf("%s, want %s", got, c.want)
			}
		})
	}
}
