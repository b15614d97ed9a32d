package delimited

import "golang.org/x/sys/cpu"

// markAll notes in each of dst which of 64 bytes matter; text has 64 bytes for each, and one more. It reports whether
// there is a carriage return among them that no line end follows.
func markAll(dst []marks64, text []byte, delimiter, quote byte) (stray bool) {
	if !cpu.X86.HasAVX2 || len(dst) == 0 {
		return markWords(dst, text, delimiter, quote)
	}
	_ = text[64*len(dst)]
	return markVectors(&dst[0], &text[0], len(dst), delimiter, quote)
}

// markVectors is markAll for n of dst, in vectors of 32 bytes.
//
//go:noescape
func markVectors(dst *marks64, text *byte, n int, delimiter, quote byte) (stray bool)
