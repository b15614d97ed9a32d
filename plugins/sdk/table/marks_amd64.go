package table

import "golang.org/x/sys/cpu"

// markAll notes in each word of dst which of 64 bytes matter; text has 64 bytes for each.
func markAll(dst []uint64, text []byte, delimiter, quote byte) {
	if !cpu.X86.HasAVX2 || len(dst) == 0 {
		markWords(dst, text, delimiter, quote)
		return
	}
	_ = text[64*len(dst)-1]
	markVectors(&dst[0], &text[0], len(dst), delimiter, quote)
}

// markVectors is markAll for n words, in vectors of 32 bytes.
//
//go:noescape
func markVectors(dst *uint64, text *byte, n int, delimiter, quote byte)
