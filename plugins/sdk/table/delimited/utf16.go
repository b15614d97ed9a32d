package delimited

import (
	"fmt"
	"unicode/utf16"
	"unicode/utf8"

	"golang.org/x/text/transform"
)

// utf16Decoder turns UTF-16 into UTF-8. Unlike the decoders at hand it fails on what is not UTF-16 in place of putting
// a replacement character there, which would become part of a name.
type utf16Decoder struct{ big bool }

// damage is something in a text that is none.
type damage struct {
	text string
	line int // 0: not known yet
}

// Error implements error.
func (d *damage) Error() string {
	if d.line == 0 {
		return d.text
	}
	return fmt.Sprintf("line %d: %s", d.line, d.text)
}

func errHalfPair() error {
	return &damage{text: "it is not valid UTF-16: half of a surrogate pair stands alone"}
}

func errNUL() error { return &damage{text: "it has a NUL character, so it is no text file"} }

// Reset implements transform.Transformer.
func (*utf16Decoder) Reset() {}

// Transform implements transform.Transformer.
func (d *utf16Decoder) Transform(dst, src []byte, atEOF bool) (nDst, nSrc int, err error) {
	for nSrc < len(src) {
		r, n := d.decode(src[nSrc:])
		switch {
		case n == 0 && !atEOF:
			return nDst, nSrc, transform.ErrShortSrc
		case n == 0 || r == utf8.RuneError && n < 0:
			return nDst, nSrc, errHalfPair()
		case r == 0:
			return nDst, nSrc, errNUL()
		case nDst+utf8.RuneLen(r) > len(dst):
			return nDst, nSrc, transform.ErrShortDst
		}
		nDst += utf8.EncodeRune(dst[nDst:], r)
		nSrc += n
	}
	return nDst, nSrc, nil
}

// decode returns the first character and its length in bytes: 0 if it is not all there, -1 if it is none.
func (d *utf16Decoder) decode(b []byte) (rune, int) {
	if len(b) < 2 {
		return 0, 0
	}
	first := d.unit(b)
	if !utf16.IsSurrogate(first) {
		return first, 2
	}
	if first >= 0xDC00 {
		return utf8.RuneError, -1
	}
	if len(b) < 4 {
		return 0, 0
	}
	if r := utf16.DecodeRune(first, d.unit(b[2:])); r != utf8.RuneError {
		return r, 4
	}
	return utf8.RuneError, -1
}

func (d *utf16Decoder) unit(b []byte) rune {
	if d.big {
		return rune(b[0])<<8 | rune(b[1])
	}
	return rune(b[1])<<8 | rune(b[0])
}
