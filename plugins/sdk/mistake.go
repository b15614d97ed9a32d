package sdk

import "fmt"

// mistake is an error that is the connector's own: it broke a rule of this package, whatever the platform has. The host then
// says that its maker is to be told, and not whoever set it up.
type mistake struct{ error }

// Unwrap returns the error.
func (m *mistake) Unwrap() error { return m.error }

// mistaken is fmt.Errorf for a mistake.
func mistaken(format string, args ...any) error { return &mistake{fmt.Errorf(format, args...)} }
