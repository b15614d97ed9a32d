package catalog

import (
	"encoding/binary"
	"unicode/utf8"
	"unsafe"
)

// IsASCII reports whether a text is ASCII, as most text is: then it is UTF-8 and in NFC, and each byte is a character.
func IsASCII(text string) bool {
	const high = 0x8080808080808080
	b := unsafe.Slice(unsafe.StringData(text), len(text))
	for len(b) >= 32 {
		all := binary.LittleEndian.Uint64(b) | binary.LittleEndian.Uint64(b[8:]) |
			binary.LittleEndian.Uint64(b[16:]) | binary.LittleEndian.Uint64(b[24:])
		if all&high != 0 {
			return false
		}
		b = b[32:]
	}
	for _, c := range b {
		if c >= utf8.RuneSelf {
			return false
		}
	}
	return true
}
