package delimited

import (
	"bytes"
	"fmt"
	"io"
)

// What a row can be. No honest file comes near; docs/limits.md lists them.
const (
	mostRow     = 64 << 20 // bytes
	mostField   = 16 << 20 // bytes
	mostColumns = 16384    // as in a workbook
)

const (
	windowSize = 256 << 10 // bytes, to begin with: what stays in a processor's cache

	endOfText = 0x1a // what DOS programs end a file with
)

// Tail is how many bytes behind each field of a block can be read, whatever they hold.
const Tail = 64

var (
	errLongRow = fmt.Errorf("a row is longer than %d MiB (max_row): look for a quote that is not closed, and for line ends", mostRow>>20)
	errWideRow = fmt.Errorf("a row has more than %d fields (max_columns)", mostColumns)
)

// window is the part of a text that is in memory: it moves along the text, and grows where a row needs it.
type window struct {
	from *textReader

	// buf[:end] is text. The second half of buf is room for fields that do not stand in the text as they are meant.
	buf    []byte
	pos    int  // where the next row starts
	end    int  // of the text that is in memory
	eof    bool // nothing of the text is behind it
	forced bool // the last line end is not the text's own
	spare  int  // where the free room in the second half starts

	line, counted int // buf[counted] is in that line

	odd    odd
	looked int // buf[:looked] was looked at for odd characters

	plain     int // buf[:plain] has none, as far as it was not looked at
	plainLine int // buf[plain] is in that line
}

func newWindow(from *textReader, size int) *window {
	return &window{from: from, buf: make([]byte, 2*size+2*Tail), line: 1, plainLine: 1}
}

// size is how much text there is room for.
func (w *window) size() int { return (len(w.buf) - 2*Tail) / 2 }

// fill reads on. What is before pos is given up, and so is what was set aside.
func (w *window) fill() error {
	w.look(w.pos)
	if w.pos == 0 && w.end >= mostRow {
		return errLongRow
	}
	w.move()
	for w.end < w.size() && !w.eof {
		if err := w.read(); err == io.EOF {
			w.eof = true
		} else if err != nil {
			return err
		}
	}
	for w.eof && w.end > w.pos && w.buf[w.end-1] == endOfText {
		w.end--
	}
	if w.eof {
		w.look(w.end)
	}
	if w.eof && w.end > 0 && w.buf[w.end-1] != '\n' {
		w.buf[w.end] = '\n' // there is room behind the text
		w.end, w.forced = w.end+1, true
	}
	return nil
}

// mayEnd reports whether the text may end at a place, as far as is in memory: there is nothing behind it, or only what programs end a file with.
func (w *window) mayEnd(at int) bool {
	return len(bytes.TrimLeft(w.buf[at:w.end], string(rune(endOfText)))) == 0
}

// move makes room behind the text.
func (w *window) move() {
	line := 0
	if w.plain == w.end && w.plain > w.counted { // a row's lines are counted sooner than a window's
		line = w.plainLine - bytes.Count(w.buf[w.pos:w.end], []byte{'\n'})
	} else {
		line = w.lineOf(w.pos) // lines behind it may have been counted, too
	}
	to := w.buf
	if w.pos == 0 && w.end == w.size() {
		to = make([]byte, 2*min(2*w.size(), mostRow)+2*Tail)
	}
	copy(to, w.buf[w.pos:w.end])
	w.buf = to
	w.end, w.looked, w.plain, w.pos = w.end-w.pos, max(0, w.looked-w.pos), w.plain-w.pos, 0
	w.line, w.counted = line, 0
	w.spare = w.size() + Tail
}

// read reads something, or says why not.
func (w *window) read() error {
	for range 100 {
		n, lines, known, err := w.from.read(w.buf[w.end:w.size()])
		if known && w.plain == w.end {
			w.plain, w.plainLine = w.end+n, w.plainLine+lines
		}
		if w.end += n; n > 0 || err != nil {
			return err
		}
	}
	return io.ErrNoProgress
}

// lineOf returns the number of the line, counted from 1, that a place in the text is in.
func (w *window) lineOf(at int) int {
	if at < w.counted {
		return w.line - bytes.Count(w.buf[at:w.counted], []byte{'\n'})
	}
	w.line += bytes.Count(w.buf[w.counted:at], []byte{'\n'})
	w.counted = at
	return w.line
}
