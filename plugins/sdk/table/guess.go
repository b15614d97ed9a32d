package table

import (
	"fmt"
	"strings"

	"github.com/reconcilehq/reconcile/plugins/sdk"
)

// guess is something about how a table is to be read that no setting says, and that was found out.
type guess struct {
	what    string // fields parted by ";"
	setting string // the setting that says otherwise
}

// guesser are Rows of which something had to be guessed.
type guesser interface {
	// guesses returns what was guessed so far. All of it is known when the last row was read.
	guesses() []guess
}

// doubter are Rows of which something is to be doubted that can be meant as it was read.
type doubter interface {
	// doubts returns a warning for each such thing in the rows that were read.
	doubts() []string
}

// guessed tells people what was guessed about rows and how to say otherwise; "" if nothing was.
func guessed(rows Rows) string {
	g, ok := rows.(guesser)
	if !ok {
		return ""
	}
	var what, settings []string
	for _, guess := range g.guesses() {
		what, settings = append(what, guess.what), append(settings, guess.setting)
	}
	if len(what) == 0 {
		return ""
	}
	return fmt.Sprintf("%s (guessed; can be set with %s)", strings.Join(what, ", "), strings.Join(settings, ", "))
}

// tell says what was guessed about rows that were read, and what is to be doubted.
func tell(req sdk.ReadRequest, input Input, rows Rows) {
	if text := guessed(rows); text != "" {
		req.Notice("%s: %s", input.Name(), text)
	}
	if d, ok := rows.(doubter); ok {
		for _, text := range d.doubts() {
			req.Warn("%s", text)
		}
	}
}
