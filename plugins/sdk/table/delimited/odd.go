package delimited

import (
	"bytes"
	"fmt"
)

// odd are the lines of the first characters in a text that seldom stand there on purpose; 0: there is none.
type odd struct {
	replaced int // U+FFFD, which stands for a character that was lost
	end      int // 0x1A, which some programs take for the end of a file
}

// replacement is the character U+FFFD.
var replacement = []byte("\ufffd")

// look looks for odd characters up to a place in the text. What was looked at already is not looked at again.
func (w *window) look(to int) {
	if to <= w.plain {
		w.looked = max(w.looked, to)
	}
	if w.looked >= to {
		return
	}
	if w.odd.replaced == 0 {
		if at := bytes.Index(w.buf[w.looked:min(to+len(replacement)-1, w.end)], replacement); at >= 0 {
			w.odd.replaced = w.lineOf(w.looked + at)
		}
	}
	if w.odd.end == 0 {
		if at := bytes.IndexByte(w.buf[w.looked:to], endOfText); at >= 0 {
			w.odd.end = w.lineOf(w.looked + at)
		}
	}
	w.looked = to
}

// warnings are what to tell about them.
func (o odd) warnings(name string) (list []string) {
	if o.replaced > 0 {
		list = append(list, fmt.Sprintf("%s, line %d: the character U+FFFD stands there, and perhaps in later lines, in place of one that was lost when the file was written: what it is a part of compares as it stands; export the file anew, in UTF-8",
			name, o.replaced))
	}
	if o.end > 0 {
		list = append(list, fmt.Sprintf("%s, line %d: the character 0x1A (Ctrl-Z) stands there, which some programs take for the end of a file; what is behind it was read, too", name, o.end))
	}
	return list
}
