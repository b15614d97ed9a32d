package rules

import (
	"bytes"
	"fmt"
	"slices"
	"strconv"
	"time"
)

// Until returns the text with another last day in the blocks of these names; with the zero day they hold for ever. All else that stands
// in it stays as it is, comments too. It is an error if there is no block of such a name.
func (a *AcceptedText) Until(names []string, last time.Time) ([]byte, error) {
	for _, name := range names {
		if !slices.Contains(a.Names(), name) {
			return nil, fmt.Errorf("there is no block %q", name)
		}
	}
	var text []byte
	at := 0
	for _, b := range a.blocks {
		if !slices.Contains(names, b.name) {
			continue
		}
		from, to, day := b.day(a.Text, last)
		text = append(append(text, a.Text[at:from]...), day...)
		at = to
	}
	return append(text, a.Text[at:]...), nil
}

// day returns which part of the text another last day replaces, and by what.
func (b *acceptedBlock) day(text []byte, last time.Time) (from, to int, day string) {
	day = strconv.Quote(last.Format(time.DateOnly))
	from, to = b.expiry.Start.Byte, b.expiry.End.Byte
	switch has := to > 0; {
	case has && !last.IsZero():
		return from, to, day
	case has:
		from, to = lineStart(text, b.expires.Start.Byte), len(text)
		if n := bytes.IndexByte(text[b.expiry.End.Byte:], '\n'); n >= 0 {
			to = b.expiry.End.Byte + n + 1
		}
		return from, to, "" // with a comment behind it
	case last.IsZero():
		return b.to, b.to, ""
	}
	brace := b.to - len("}")
	line, end := lineStart(text, brace), "\n"
	if bytes.HasSuffix(text[:line], []byte("\r\n")) {
		end = "\r\n"
	}
	return line, line, "  expires = " + day + end
}
