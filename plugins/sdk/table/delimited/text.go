package delimited

import (
	"bytes"
	"context"
	"io"
	"unsafe"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/transform"

	"github.com/reconcilehq/reconcile/engine/catalog"
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
func (t *text) reader() io.Reader { return &textReader{text: t} }

type textReader struct {
	*text
	raw io.Reader // the file's bytes; nil before the first Read
	at  int64     // how many of them, the mark aside, were read
	as  io.Reader // what they are decoded by, once that is known
}

// Read implements io.Reader.
func (r *textReader) Read(p []byte) (int, error) {
	if r.as != nil {
		return r.as.Read(p)
	}
	if r.raw == nil {
		var head [4]byte
		n, err := r.content.ReadAt(head[:], 0)
		if err != nil && err != io.EOF {
			return 0, err
		}
		if r.encodings.setting == encodingUTF16 || marked(head[:n]).name != "" {
			return r.settle(p)
		}
		r.raw = io.NewSectionReader(r.content, 0, r.content.Size)
	}
	n, err := r.raw.Read(p)
	if !isASCII(p[:n]) || bytes.IndexByte(p[:n], 0) >= 0 {
		return r.settle(p)
	}
	r.at += int64(n)
	return n, err
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

func isASCII(b []byte) bool { return catalog.IsASCII(unsafe.String(unsafe.SliceData(b), len(b))) }
