//go:build !amd64

package table

// markAll notes in each word of dst which of 64 bytes matter; text has 64 bytes for each.
func markAll(dst []uint64, text []byte, delimiter, quote byte) {
	markWords(dst, text, delimiter, quote)
}
