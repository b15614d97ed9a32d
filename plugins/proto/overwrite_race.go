//go:build race

package proto

// overwrite fills memory that nobody may read any more with other bytes. So tests under the race detector fail if somebody
// reads it.
func overwrite(b []byte) {
	for i := range b {
		b[i] = 0xff
	}
}
