package report

import "io"

// Format is one way to show a result.
type Format struct {
	Name string // as --format takes it
	Doc  string // what it is for, for people

	// Write writes what the options leave of the result. It returns the writer's first error; what was written until
	// then is no result. It changes nothing in the result, so one result can be written any number of times.
	Write func(io.Writer, *Result, Options) error
}

// Formats returns all formats, the default first. A new format is an entry here and a file of its own.
func Formats() []Format {
	return []Format{
		{"table", "a table and a worklist for people, coloured in a terminal", Table},
		{"json", "everything, for programs; stable, see format_version", JSON},
		{"csv", "a line for each item with the values that were compared, for spreadsheets", CSV},
	}
}
