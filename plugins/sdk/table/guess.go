package table

import (
	"fmt"
	"strings"

	"github.com/reconcilehq/reconcile/plugins/sdk"
	"github.com/reconcilehq/reconcile/plugins/sdk/table/grid"
)

// guesser are Rows of which something had to be guessed.
type guesser interface {
	// Guesses returns what was guessed so far. All of it is known when the last row was read.
	Guesses() []grid.Guess
}

// doubter are Rows of which something is to be doubted that can be meant as it was read.
type doubter interface {
	// Doubts returns a warning for each such thing in the rows that were read.
	Doubts() []string
}

// noter are Rows that leave something out that nobody may miss.
type noter interface {
	// Notes returns a notice for each such thing in the rows that were read.
	Notes() []string
}

// guessed tells people what was guessed about rows and how to say otherwise; "" if nothing was.
func guessed(rows grid.Rows) string {
	g, ok := rows.(guesser)
	if !ok {
		return ""
	}
	var what, settings []string
	for _, guess := range g.Guesses() {
		what, settings = append(what, guess.What), append(settings, guess.Setting)
	}
	if len(what) == 0 {
		return ""
	}
	return fmt.Sprintf("%s (guessed; can be set with %s)", strings.Join(what, ", "), strings.Join(settings, ", "))
}

// tell says what was guessed about rows that were read, what of them was left out, and what is to be doubted.
func tell(req sdk.ReadRequest, input Input, rows grid.Rows) {
	if text := guessed(rows); text != "" {
		req.Notice("%s: %s", input.Name(), text)
	}
	if n, ok := rows.(noter); ok {
		for _, text := range n.Notes() {
			req.Notice("%s", text)
		}
	}
	if d, ok := rows.(doubter); ok {
		for _, text := range d.Doubts() {
			req.Warn("%s", text)
		}
	}
}
