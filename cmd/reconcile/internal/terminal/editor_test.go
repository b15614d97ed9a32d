package terminal

import (
	"io"
	"strings"
	"testing"
)

// TestClearing says that Ctrl-C arrives as what clears the line, whatever the size of the buffer.
func TestClearing(t *testing.T) {
	var got []byte
	in := clearing{strings.NewReader("ab\x03\x03c")}
	for {
		p := make([]byte, 3)
		n, err := in.Read(p)
		got = append(got, p[:n]...)
		if err == io.EOF {
			break
		}
	}
	if string(got) != "ab\x05\x15\x05\x15c" {
		t.Errorf("%q", got)
	}
}
