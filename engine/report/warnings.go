package report

import "fmt"

// Warning is something that people should know about a run and that no item says.
type Warning struct {
	Source string // the name of the source that it is about; "" for the run itself
	Text   string // one sentence or more; whatever a source put into it is not cleaned yet
	Notice bool   // says only how something was read that had to be guessed
}

// maxWarnings is how many warnings a result keeps. Whoever warns groups and counts; this is for the case that nobody did.
const maxWarnings = 1000

// Warn adds a warning to the result. The same warning is kept once.
func (r *Result) Warn(w Warning) {
	for _, other := range r.Warnings {
		if other == w {
			return
		}
	}
	switch {
	case len(r.Warnings) < maxWarnings:
		r.Warnings = append(r.Warnings, w)
	default:
		r.warningsLeftOut++
	}
}

// AllWarnings returns the warnings, the last of them saying how many were too many to keep.
func (r *Result) AllWarnings() []Warning {
	if r.warningsLeftOut == 0 {
		return r.Warnings
	}
	return append(r.Warnings[:len(r.Warnings):len(r.Warnings)], Warning{Text: fmt.Sprintf("and %s more warnings", count(r.warningsLeftOut))})
}

// told is a part of what is said of a run: the warnings, or the notices.
type told struct {
	title   string
	notices bool
	list    []Warning
}

// toldParts returns the warnings and, after them, the notices: how a file was read is no warning. Parts without any are left out.
func (r *Result) toldParts() (parts []told) {
	for _, part := range []told{{title: "Warnings"}, {title: "How the sources were read", notices: true}} {
		for _, w := range r.AllWarnings() {
			if w.Notice == part.notices {
				part.list = append(part.list, w)
			}
		}
		if len(part.list) > 0 {
			parts = append(parts, part)
		}
	}
	return parts
}

// appendWarning appends a warning as JSON.
func appendWarning(dst []byte, w Warning) []byte {
	dst = append(dst, '{')
	if w.Source != "" {
		dst = append(appendQuoted(append(dst, `"source": `...), w.Source), ", "...)
	}
	if w.Notice {
		dst = append(dst, `"notice": true, `...)
	}
	return append(appendQuoted(append(dst, `"text": `...), w.Text), '}')
}
