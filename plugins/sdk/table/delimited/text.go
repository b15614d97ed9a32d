package delimited

import (
	"context"
	"io"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/transform"

	"github.com/reconcilehq/reconcile/plugins/sdk/table/content"
)

// text is a file's text. Its encoding is looked for only when that matters, which takes a pass over the whole file:
// ASCII reads alike in all encodings that have no byte order mark.
type text struct {
	ctx       context.Context // of the Rows that read it
	content   *content.Content
	encodings *Encodings

	settled encoding // what it turned out to be; without a name while there was only ASCII
}

// reader returns the text, as UTF-8, from the start. It has no NUL characters.
func (t *text) reader() *textReader { return &textReader{text: t} }

type textReader struct {
	*text
	raw io.Reader // the file's bytes; nil before anything was read
	at  int64     // how many of them, the mark aside, were read
	as  io.Reader // what they are decoded by, once that is known
}

// read reads something. known says that it is ASCII without a Ctrl-Z, and that so many lines end in it.
func (r *textReader) read(p []byte) (n, lines int, known bool, err error) {
	if r.as != nil {
		n, err = r.as.Read(p)
		return n, 0, false, err
	}
	if r.raw == nil {
		var head [4]byte
		n, err := r.content.ReadAt(head[:], 0)
		if err != nil && err != io.EOF {
			return 0, 0, false, err
		}
		if r.encodings.setting == encodingUTF16 || marked(head[:n]).name != "" {
			n, err = r.settle(p)
			return n, 0, false, err
		}
		r.raw = io.NewSectionReader(r.content, 0, r.content.Size)
	}
	n, err = r.raw.Read(p)
	s := survey(p[:n])
	if s.foreign {
		n, err = r.settle(p)
		return n, 0, false, err
	}
	r.at += int64(n)
	return n, s.lines, !s.stops, err
}

// settle finds out the encoding and reads on from what was read before.
func (r *textReader) settle(p []byte) (int, error) {
	e, err := r.encodings.of(r.ctx, r.content)
	if err != nil {
		return 0, err
	}
	r.settled = e
	from := e.mark + r.at
	r.as = io.NewSectionReader(r.content, from, r.content.Size-from)
	switch e.name {
	case encodingUTF16:
		r.as = transform.NewReader(r.as, &utf16Decoder{big: e.big})
	case encodingWindows1252:
		r.as = charmap.Windows1252.NewDecoder().Reader(r.as)
	}
	return r.as.Read(p)
}
