package grid

import "fmt"

// BadRow says why a row cannot be read.
type BadRow struct {
	Column string // the column's name as it stands in the header; "" if the row as a whole is bad
	Err    error
	Cure   string // what the settings can do about it, if the value is meant so: set unknown = ["n/a"] if ...; "" if nothing is known
	Fatal  bool   // rows behind it may be affected: it must not be skipped
}

// Error returns the reason with the column's name.
func (e *BadRow) Error() string {
	if e.Column == "" {
		return e.Err.Error()
	}
	return fmt.Sprintf("column %q: %v", e.Column, e.Err)
}

// Unwrap returns the reason.
func (e *BadRow) Unwrap() error { return e.Err }

// At returns the error with the row's place before it, and the cure behind.
func (e *BadRow) At(place string) error {
	if e.Cure == "" {
		return e.Listed(place)
	}
	return fmt.Errorf("%w; %s", e.Listed(place), e.Cure)
}

// Listed returns the error with the row's place before it, without the cure: for lists of rows, which mostly share one.
func (e *BadRow) Listed(place string) error {
	if e.Column == "" {
		return fmt.Errorf("%s: %w", place, e)
	}
	return fmt.Errorf("%s, %w", place, e)
}

// Quote quotes a value for a message, cut short if it is long.
func Quote(text string) string {
	const most = 60
	runes := 0
	for i := range text {
		if runes++; runes > most {
			return fmt.Sprintf("%q…", text[:i])
		}
	}
	return fmt.Sprintf("%q", text)
}
