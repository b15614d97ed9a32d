package near

import (
	"encoding/binary"
	"math/bits"
	"strings"
)

// hashes stand for a key without what the mild kinds take from it, and without what all do. Keys that differ in nothing else have
// equal ones. Keys of which kinds leave nothing have one of the numbers below instead.
type hashes struct{ mild, loose uint64 }

const (
	noneOfMild        = 0 // the mild kinds leave nothing of it
	noneOfDashes      = 1 // without its dashes nothing is left
	noneOfApostrophes = 2
	firstHash         = 3
)

// lost reports whether the kinds may leave nothing of a key.
func (h hashes) lost(k set) bool {
	return h.mild == noneOfMild && k&(mild&^caseBit) != 0 || h.loose == noneOfDashes && k&dashesBit != 0 ||
		h.loose == noneOfApostrophes && k&apostropheBit != 0
}

// fold is what a byte counts as: 0 for nothing at all, upper case for letters.
var fold = func() (f [256]byte) {
	for c := range f {
		if c >= 0x80 {
			f[c] = byte(c)
			continue
		}
		if !blank(rune(c)) && !hidden(rune(c)) {
			f[c] = byte(c)
		}
		if 'a' <= c && c <= 'z' {
			f[c] = byte(c) - 'a' + 'A'
		}
	}
	return f
}()

func hash(key string) hashes {
	if len(key) <= longest {
		for i := range len(key) {
			if key[i] >= 0x80 {
				plain := mild.of(key)
				return hashes{hashLetters(plain).mild, hashLetters(unifyDashes(plain)).loose}
			}
		}
		return hashLetters(key)
	}
	if key = every.of(key); key == "" {
		return hashes{noneOfMild, noneOfDashes}
	}
	return hashLetters(key) // such a key is none of a person's: it counts as different sooner
}

// longest is how many bytes of a key count.
const longest = 96

// hashLetters hashes a key of which what is beyond ASCII counts as it is.
func hashLetters(key string) hashes {
	var mild, loose [longest]byte
	m, l := 0, 0
	leading, dashes, zeros := true, false, false
	for i := range min(len(key), longest) {
		c := fold[key[i]]
		if c == 0 {
			continue
		}
		mild[m] = c
		m++
		switch {
		case c == '-' || c == '_' || c == '\'': // every apostrophe, so that it does not matter which kinds are dropped first
			dashes = dashes || c != '\''
			continue
		case leading && c == '0':
			zeros = true
			continue
		}
		leading = false
		loose[l] = c
		l++
	}
	if l == 0 && zeros {
		loose[0], l = '0', 1
	}
	h := hashes{sum(mild[:m]), sum(loose[:l])}
	switch {
	case m == 0 || l > 0:
	case dashes:
		h.loose = noneOfDashes
	default:
		h.loose = noneOfApostrophes
	}
	return h
}

// sum hashes bytes, eight at a time; nothing has the hash 0.
func sum(b []byte) uint64 {
	if len(b) == 0 {
		return 0
	}
	const prime = 0x9e3779b97f4a7c15
	h := uint64(len(b)) * prime
	for ; len(b) >= 8; b = b[8:] {
		h = mix(h ^ binary.LittleEndian.Uint64(b))
	}
	var last [8]byte
	copy(last[:], b)
	return max(mix(h^binary.LittleEndian.Uint64(last[:])), firstHash)
}

func mix(h uint64) uint64 {
	high, low := bits.Mul64(h^0xd1b54a32d192ed03, 0x9e3779b97f4a7c15)
	return high ^ low
}

// sameLook reports whether all kinds together make one of two keys.
func sameLook(a, b string) bool {
	a, b = every.of(a), every.of(b)
	return a == b && strings.TrimSpace(a) != ""
}
