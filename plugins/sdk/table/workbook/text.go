package workbook

import (
	"bytes"
	"strconv"
	"unicode"
	"unicode/utf8"
)

// use is what a piece of a document is, which decides what stands for itself in it.
type use byte

const (
	asText      use = iota // references are resolved
	asAttribute            // so they are; white space is blanks, and < may not occur
	asData                 // nothing is resolved: CDATA sections, comments
)

// plain are the bytes that stand for themselves everywhere.
var plain = func() (p [256]bool) {
	for c := 0x20; c < utf8.RuneSelf; c++ {
		p[c] = c != '&' && c != '<'
	}
	return p
}()

// decode returns the text that raw stands for: raw itself, or what was put behind s.decoded. Bytes that are no UTF-8
// and characters that XML does not allow are errors.
func (s *scanner) decode(raw []byte, as use) ([]byte, error) {
	i := 0
	for i < len(raw) && plain[raw[i]] {
		i++
	}
	if i == len(raw) {
		return raw, nil
	}
	from := len(s.decoded)
	s.decoded = append(s.decoded, raw[:i]...)
	for i < len(raw) {
		c := raw[i]
		n := 1
		switch {
		case plain[c]:
			for i+n < len(raw) && plain[raw[i+n]] {
				n++
			}
			s.decoded = append(s.decoded, raw[i:i+n]...)
		case c == '&' && as != asData:
			r, length := reference(raw[i:])
			if length == 0 {
				return nil, s.wrong("%q is no reference that a workbook may have", shortened(raw[i:]))
			}
			s.decoded = utf8.AppendRune(s.decoded, r)
			n = length
		case c == '<' && as == asAttribute:
			return nil, s.wrong("there is a < in the value of an attribute")
		case c == '\r' || (c == '\t' || c == '\n') && as == asAttribute: // XML reads each kind of line end as a line feed, and as a blank in an attribute
			to := byte('\n')
			if as == asAttribute {
				to = ' '
			}
			s.decoded = append(s.decoded, to)
			if c == '\r' && i+1 < len(raw) && raw[i+1] == '\n' {
				n = 2
			}
		case c < utf8.RuneSelf && (c >= 0x20 || c == '\t' || c == '\n'):
			s.decoded = append(s.decoded, c)
		default:
			r, size := utf8.DecodeRune(raw[i:])
			if r == utf8.RuneError && size <= 1 {
				return nil, s.wrong("byte 0x%02x is no UTF-8", c)
			}
			if !isLegal(r) {
				return nil, s.wrong("the character U+%04X may not be there", r)
			}
			s.decoded = append(s.decoded, raw[i:i+size]...)
			n = size
		}
		i += n
	}
	return s.decoded[from:len(s.decoded):len(s.decoded)], nil
}

// isLegal reports whether XML allows the character.
func isLegal(r rune) bool {
	return r == '\t' || r == '\n' || r == '\r' || 0x20 <= r && r <= 0xD7FF || 0xE000 <= r && r <= 0xFFFD || 0x10000 <= r && r <= 0x10FFFF
}

// reference returns the character that b begins with a reference to, and the reference's length, which is 0 if it is
// none.
func reference(b []byte) (rune, int) {
	end := bytes.IndexByte(b[:min(len(b), 12)], ';')
	if end < 2 {
		return 0, 0
	}
	switch name := string(b[1:end]); {
	case name == "lt":
		return '<', end + 1
	case name == "gt":
		return '>', end + 1
	case name == "amp":
		return '&', end + 1
	case name == "quot":
		return '"', end + 1
	case name == "apos":
		return '\'', end + 1
	case name[0] == '#':
		digits, base := name[1:], 10
		if len(digits) > 0 && digits[0] == 'x' {
			digits, base = digits[1:], 16
		}
		if n, err := strconv.ParseUint(digits, base, 32); err == nil && n <= unicode.MaxRune && isLegal(rune(n)) {
			return rune(n), end + 1
		}
	}
	return 0, 0
}
