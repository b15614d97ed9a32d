package signs

import (
	"fmt"
	"io"
	"sync"
	"unicode/utf8"
)

// Door is a writer that lets through only what does not act on a terminal: the last one before it, whatever was forgotten on the
// way. What hides or acts becomes its sign; a text's line ends and tabs stay. Several goroutines may write: what one writes at once
// stays together.
type Door struct {
	To io.Writer

	Paint   bool // lets codes for colours through, of whoever has cleaned what stands between them
	Escapes bool // for JSON: writes \u202e for a character that acts, which says the same to a program

	mu   sync.Mutex // of what follows, and of To
	rest []byte     // the beginning of a character of which the end is still to come
	out  []byte     // what is written, for the next time
}

// Write implements io.Writer.
func (d *Door) Write(p []byte) (int, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	text := p
	if len(d.rest) > 0 {
		text = append(d.rest, p...)
		d.rest = nil
	}
	d.out = d.out[:0]
	for len(text) > 0 {
		if c := text[0]; c >= 0x20 && c < 0x7f || c == '\n' || c == '\t' {
			d.out, text = append(d.out, c), text[1:]
			continue
		}
		if !utf8.FullRune(text) {
			d.rest = append([]byte(nil), text...)
			break
		}
		if n := colour(text); n > 0 && d.Paint {
			d.out, text = append(d.out, text[:n]...), text[n:]
			continue
		}
		r, size := utf8.DecodeRune(text)
		acts := r < 0xa0 || Hides(r)
		switch {
		case d.Escapes && acts && r <= 0xffff:
			d.out = fmt.Appendf(d.out, `\u%04x`, r)
		case acts && !d.Escapes:
			d.out = utf8.AppendRune(d.out, Sign(r))
		case r == utf8.RuneError && size == 1:
			d.out = utf8.AppendRune(d.out, Hidden)
		default:
			d.out = append(d.out, text[:size]...)
		}
		text = text[size:]
	}
	if _, err := d.To.Write(d.out); err != nil {
		return 0, err
	}
	return len(p), nil
}

// colour returns how long the code for a colour is that the text begins with; 0 if it begins with none.
func colour(text []byte) int {
	if len(text) < 3 || text[0] != 0x1b || text[1] != '[' {
		return 0
	}
	for i, c := range text[2:] {
		switch {
		case c == 'm':
			return i + 3
		case c != ';' && (c < '0' || c > '9'):
			return 0
		}
	}
	return 0
}
