package delimited

import (
	"bytes"
	"encoding/binary"
)

// marker finds the bytes of a text that matter to a splitter, 64 at a time: delimiters, quotes and line ends.
type marker struct {
	delimiter, quote byte
	ahead            [markedAhead]uint64
	at, n            int  // the next of ahead, and how many there are
	stray            bool // a carriage return without a line end was looked at
}

// markedAhead is how many times 64 bytes are looked at in one go.
const markedAhead = 64

// begin starts at a new place.
func (m *marker) begin() { m.at, m.n, m.stray = 0, 0, false }

// next returns which of the 64 bytes at from matter; the first is the lowest bit. Each call is about the bytes behind those
// of the last. The text ends at end, and Tail bytes behind it can be read.
func (m *marker) next(text []byte, from, end int) uint64 {
	if m.at == m.n {
		m.look(text, from, end)
	}
	m.at++
	return m.ahead[(m.at-1)%markedAhead]
}

func (m *marker) look(text []byte, from, end int) {
	m.at, m.n = 0, min(markedAhead, max(1, (end-from+63)/64))
	m.stray = markAll(m.ahead[:m.n], text[from:from+64*m.n+1], m.delimiter, m.quote) || m.stray
}

// pattern returns a word of eight times the byte.
func pattern(b byte) uint64 { return uint64(b) * 0x0101010101010101 }

// markWords is markAll where the processor has nothing better.
func markWords(dst []uint64, text []byte, delimiter, quote byte) (stray bool) {
	delimiters, quotes := pattern(delimiter), pattern(quote)
	for i := range dst {
		dst[i] = marks((*[64]byte)(text[64*i:]), delimiters, quotes)
	}
	for rest := text[:64*len(dst)+1]; ; {
		at := bytes.IndexByte(rest, '\r')
		if at < 0 || at+1 == len(rest) {
			return false
		}
		if rest[at+1] != '\n' {
			return true
		}
		rest = rest[at+1:]
	}
}

// marks returns which of 64 bytes matter.
func marks(b *[64]byte, delimiters, quotes uint64) uint64 {
	return marks8(binary.LittleEndian.Uint64(b[0:]), delimiters, quotes) |
		marks8(binary.LittleEndian.Uint64(b[8:]), delimiters, quotes)<<8 |
		marks8(binary.LittleEndian.Uint64(b[16:]), delimiters, quotes)<<16 |
		marks8(binary.LittleEndian.Uint64(b[24:]), delimiters, quotes)<<24 |
		marks8(binary.LittleEndian.Uint64(b[32:]), delimiters, quotes)<<32 |
		marks8(binary.LittleEndian.Uint64(b[40:]), delimiters, quotes)<<40 |
		marks8(binary.LittleEndian.Uint64(b[48:]), delimiters, quotes)<<48 |
		marks8(binary.LittleEndian.Uint64(b[56:]), delimiters, quotes)<<56
}

// marks8 is marks for eight bytes.
func marks8(word, delimiters, quotes uint64) uint64 {
	const low, high = 0x7f7f7f7f7f7f7f7f, 0x8080808080808080
	d, q, n := word^delimiters, word^quotes, word^(0x0101010101010101*'\n')
	// The high bit of a byte of x&low+low|x is clear where the byte of x is zero.
	m := ^((d&low + low | d) & (q&low + low | q) & (n&low + low | n)) & high
	return m >> 7 * 0x0102040810204080 >> 56 // the eight high bits side by side
}
