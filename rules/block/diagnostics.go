package block

import (
	"fmt"
	"strings"

	"github.com/hashicorp/hcl/v2"
)

// Mistake returns an error at a place in the files.
func Mistake(at hcl.Range, summary, format string, args ...any) *hcl.Diagnostic {
	return &hcl.Diagnostic{Severity: hcl.DiagError, Summary: summary, Detail: fmt.Sprintf(format, args...), Subject: &at}
}

// Warning returns a warning at a place in the files.
func Warning(at hcl.Range, summary, format string, args ...any) *hcl.Diagnostic {
	d := Mistake(at, summary, format, args...)
	d.Severity = hcl.DiagWarning
	return d
}

// Place returns a file and a line, for people.
func Place(r hcl.Range) string { return fmt.Sprintf("%s:%d", r.Filename, r.Start.Line) }

// Sentence returns the text with a capital letter at its beginning, as diagnostics have.
func Sentence(s string) string {
	if s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}

// Compare orders ranges as they stand in the files.
func Compare(a, b hcl.Range) int {
	if c := strings.Compare(a.Filename, b.Filename); c != 0 {
		return c
	}
	return a.Start.Byte - b.Start.Byte
}
