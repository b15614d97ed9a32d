package delimited

import (
	"bytes"
	"encoding/binary"
)

// marker finds the bytes of a text that matter to a splitter, 64 at a time.
type marker struct {
	delimiter, quote byte
	text             []byte
	end              int
	ahead            [markedAhead]marks64
	at, n            int  // the next of ahead, and how many there are
	stray            bool // a carriage return without a line end was looked at
}

// marks64 is which of 64 bytes matter; the first is the lowest bit.
type marks64 struct {
	all  uint64 // delimiters, quotes and line ends
	ends uint64 // quotes and line ends
}

// markedAhead is how many times 64 bytes are looked at in one go.
const markedAhead = 64

// begin starts at a new place of a text that ends at end. Tail bytes behind it can be read.
func (m *marker) begin(text []byte, end int) {
	m.text, m.end, m.at, m.n, m.stray = text, end, 0, 0, false
}

// next returns which of the 64 bytes at from matter. Each call is about the bytes behind those of the last.
func (m *marker) next(from int) marks64 {
	if m.at == m.n {
		m.look(from)
	}
	m.at++
	return m.ahead[(m.at-1)%markedAhead]
}

func (m *marker) look(from int) {
	m.at, m.n = 0, min(markedAhead, max(1, (m.end-from+63)/64))
	m.stray = markAll(m.ahead[:m.n], m.text[from:from+64*m.n+1], m.delimiter, m.quote) || m.stray
}

// pattern returns a word of eight times the byte.
func pattern(b byte) uint64 { return uint64(b) * 0x0101010101010101 }

// markWords is markAll where the processor has nothing better.
func markWords(dst []marks64, text []byte, delimiter, quote byte) (stray bool) {
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
func marks(b *[64]byte, delimiters, quotes uint64) (m marks64) {
	for i := range 8 {
		word := binary.LittleEndian.Uint64(b[8*i:])
		ends := equal8(word, quotes) | equal8(word, pattern('\n'))
		m.ends |= gathered(ends) << (8 * i)
		m.all |= gathered(ends|equal8(word, delimiters)) << (8 * i)
	}
	return m
}

// equal8 returns a word whose bytes have their high bit set where those of word are the pattern's, and no other.
func equal8(word, pattern uint64) uint64 {
	const low = 0x7f7f7f7f7f7f7f7f
	x := word ^ pattern
	return ^(x&low + low | x | low)
}

// gathered returns the high bits of a word's bytes side by side.
func gathered(word uint64) uint64 { return word >> 7 * 0x0102040810204080 >> 56 }
