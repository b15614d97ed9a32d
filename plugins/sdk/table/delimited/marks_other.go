//go:build !amd64

package delimited

// markAll notes in each of dst which of 64 bytes matter; text has 64 bytes for each, and one more. It reports whether
// there is a carriage return among them that no line end follows.
func markAll(dst []marks64, text []byte, delimiter, quote byte) (stray bool) {
	return markWords(dst, text, delimiter, quote)
}
