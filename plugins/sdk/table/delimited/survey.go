package delimited

import (
	"bytes"
	"unsafe"

	"github.com/reconcilehq/reconcile/engine/catalog"
)

// seen is what one look at some text finds.
type seen struct {
	lines   int  // how many end in it
	foreign bool // something in it is beyond ASCII, or a NUL
	stops   bool // a Ctrl-Z is in it
}

// surveyBytes is survey where the processor has nothing better.
func surveyBytes(text []byte) seen {
	return seen{
		lines:   bytes.Count(text, []byte{'\n'}),
		foreign: !isASCII(text) || bytes.IndexByte(text, 0) >= 0,
		stops:   bytes.IndexByte(text, endOfText) >= 0,
	}
}

func isASCII(b []byte) bool { return catalog.IsASCII(unsafe.String(unsafe.SliceData(b), len(b))) }
