package sdk

import "fmt"

// misuseError says that the connector broke a rule of this package. The platform and the settings are not to blame; so the
// host advises to tell whoever makes the connector.
type misuseError struct{ error }

// Unwrap returns the error.
func (m *misuseError) Unwrap() error { return m.error }

// misuse is fmt.Errorf for a misuseError.
func misuse(format string, args ...any) error { return &misuseError{fmt.Errorf(format, args...)} }
