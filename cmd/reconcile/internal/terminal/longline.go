package terminal

import (
	"bytes"
	"unicode/utf8"

	"github.com/hashicorp/hcl/v2"
)

// Lines that are longer than longestLine, in bytes, are not shown whole: of them, only what is near the place that a diagnostic is
// about. Nobody reads a line of a megabyte, and a terminal takes long for it.
const (
	longestLine = 2000
	before      = 100
	behind      = 300
)

// cutLine returns the diagnostic, and its file, with lines and the name of a block that can be shown.
func cutLine(file *hcl.File, diag *hcl.Diagnostic) (*hcl.File, *hcl.Diagnostic) {
	r := diag.Subject
	if file == nil || r == nil || r.Start.Byte > len(file.Bytes) || r.End.Byte > len(file.Bytes) || r.Start.Byte > r.End.Byte {
		return file, diag
	}
	shown := *r
	if diag.Context != nil {
		shown = hcl.RangeOver(shown, *diag.Context)
	}
	block := inBlock(nameOfBlock(file, r.Start.Byte))
	if !hasLongLine(file.Bytes, shown) {
		copied := *file
		copied.Nav = block
		return &copied, diag
	}
	text := file.Bytes
	from := bytes.LastIndexByte(text[:r.Start.Byte], '\n') + 1
	to := len(text)
	if i := bytes.IndexByte(text[r.Start.Byte:], '\n'); i >= 0 {
		to = r.Start.Byte + i
	}
	first := startOfRune(text, max(from, r.Start.Byte-before))
	last := startOfRune(text, min(to, r.Start.Byte+behind))
	const mark = "…"
	cut := append([]byte(nil), text[:from]...)
	if first > from {
		cut = append(cut, mark...)
	}
	at := len(cut) + r.Start.Byte - first
	cut = append(cut, text[first:last]...)
	subject := *r
	subject.Start.Byte, subject.End.Byte = at, min(at+r.End.Byte-r.Start.Byte, len(cut))
	if last < to {
		cut = append(cut, mark...)
	}
	copied, short := *diag, *file
	copied.Subject, copied.Context = &subject, nil
	short.Bytes, short.Nav = append(cut, '\n'), block
	return &short, &copied
}

// hasLongLine reports whether a line that a range lies in is too long.
func hasLongLine(text []byte, r hcl.Range) bool {
	start, end := max(0, min(r.Start.Byte, len(text))), max(0, min(r.End.Byte, len(text)))
	from := bytes.LastIndexByte(text[:start], '\n') + 1
	for from < len(text) {
		length := bytes.IndexByte(text[from:], '\n')
		if length < 0 {
			length = len(text) - from
		}
		if length > longestLine {
			return true
		}
		if from += length + 1; from > end {
			return false
		}
	}
	return false
}

func startOfRune(text []byte, at int) int {
	for at > 0 && at < len(text) && !utf8.RuneStart(text[at]) {
		at--
	}
	return at
}

// inBlock is the name of the block that a place is in, as diagnostics show it.
type inBlock string

// ContextString implements what the writer of diagnostics asks a file's Nav for.
func (b inBlock) ContextString(int) string { return string(b) }

// nameOfBlock returns the name of the block that a place of a file is in; "" if it is in none, or if the name is too long.
func nameOfBlock(file *hcl.File, at int) string {
	nav, ok := file.Nav.(interface{ ContextString(int) string })
	if !ok {
		return ""
	}
	if name := nav.ContextString(at); len(name) <= longestLine {
		return name
	}
	return ""
}
