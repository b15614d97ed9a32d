package delimited

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/reconcilehq/reconcile/plugins/sdk/table/content"
)

// The encodings of text files, by their names in the settings.
const (
	encodingAuto        = "auto"
	encodingUTF8        = "utf-8"
	encodingUTF16       = "utf-16"
	encodingWindows1252 = "windows-1252"
)

// encoding says how a file's bytes are text.
type encoding struct {
	name string
	mark int64 // the length of the byte order mark
	big  bool  // UTF-16, the high byte first
}

// String returns the encoding's name for people.
func (e encoding) String() string {
	if e.mark > 0 {
		return e.name + " with byte order mark"
	}
	return e.name
}

// Encodings says which encoding a file has, once for each state of the file. It is safe for concurrent use.
type Encodings struct {
	setting string

	mu       sync.Mutex
	detected encoding // of the file as it was with size and modified
	size     int64
	modified time.Time
}

// NewEncodings returns the encodings of one file. setting is auto, utf-8, utf-16 or windows-1252; "" is auto.
func NewEncodings(setting string) *Encodings {
	return &Encodings{setting: cmp.Or(setting, encodingAuto)}
}

// of detects the encoding, or remembers it.
func (e *Encodings) of(ctx context.Context, c *content.Content) (encoding, error) {
	e.mu.Lock()
	known := e.detected
	same := e.size == c.Size && e.modified.Equal(c.Modified)
	e.mu.Unlock()
	if known.name != "" && same {
		return known, nil
	}
	found, err := detect(ctx, c, e.setting)
	if err != nil {
		return found, err
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.detected, e.size, e.modified = found, c.Size, c.Modified
	return found, nil
}

// detect finds a file's encoding. A byte order mark decides; without one, a file that is UTF-8 from start to end is
// UTF-8, and one with bytes beyond ASCII of which none are a character in UTF-8 is Windows-1252. One that is UTF-8 in some
// places and not in others is damaged: it is read as nothing. A setting other than auto is taken at its word, and is an
// error if the bytes contradict it.
func detect(ctx context.Context, c *content.Content, setting string) (encoding, error) {
	var head [4]byte
	n, err := c.ReadAt(head[:], 0)
	if err != nil && err != io.EOF {
		return encoding{}, err
	}
	e := marked(head[:n])
	if e.name == "" {
		e.name = setting
	} else if setting != encodingAuto && setting != e.name {
		return e, fmt.Errorf("its byte order mark says %s, the setting encoding says %s", e.name, setting)
	}
	if e.name == encodingUTF16 {
		if (c.Size-e.mark)%2 != 0 {
			return e, errors.New("it is cut off in the middle of a UTF-16 character")
		}
		return e, nil // the rest shows when it is decoded
	}
	s := scan{}
	whole := func() io.Reader { return io.NewSectionReader(c, e.mark, c.Size-e.mark) }
	if err := s.read(ctx, whole()); err != nil {
		return e, err
	}
	if s.nul {
		return e, fmt.Errorf("line %d has a NUL byte, so it is no text file in %s: save it as UTF-8, or as UTF-16 with a byte order mark",
			s.nulLine, "UTF-8 or Windows-1252")
	}
	switch {
	case e.name == encodingWindows1252:
		return e, in1252(ctx, whole())
	case !s.invalid && s.cut == 0:
		e.name = encodingUTF8
	case !s.invalid && (s.wide || e.name == encodingUTF8):
		return e, errors.New("it is cut off in the middle of a UTF-8 character")
	case e.name == encodingUTF8:
		return e, fmt.Errorf("line %d is not valid UTF-8", s.invalidLine)
	case s.wide:
		return e, fmt.Errorf("line %d is not valid UTF-8, though other places are: mend what is damaged there, or say what the file is with encoding, such as encoding = \"windows-1252\"", s.invalidLine)
	default:
		e.name = encodingWindows1252
		return e, in1252(ctx, whole())
	}
	return e, nil
}

// in1252 returns an error if a text cannot be Windows-1252.
func in1252(ctx context.Context, r io.Reader) error {
	const undefined = "\x81\x8d\x8f\x90\x9d"
	buf := make([]byte, 256<<10)
	for line := 1; ; {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		n, err := r.Read(buf)
		for at, c := range buf[:n] {
			if c >= utf8.RuneSelf && strings.IndexByte(undefined, c) >= 0 {
				return fmt.Errorf("line %d has the byte 0x%X, which is no character in Windows-1252, and the file is not UTF-8: save it as UTF-8, or mend what is damaged there",
					line+bytes.Count(buf[:at], []byte{'\n'}), c)
			}
		}
		line += bytes.Count(buf[:n], []byte{'\n'})
		if err == io.EOF {
			return nil
		} else if err != nil {
			return err
		}
	}
}

// marked returns the encoding that a file's first bytes declare; its name is "" if they do not.
func marked(head []byte) encoding {
	switch {
	case bytes.HasPrefix(head, []byte{0xEF, 0xBB, 0xBF}):
		return encoding{name: encodingUTF8, mark: 3}
	case bytes.HasPrefix(head, []byte{0xFF, 0xFE, 0, 0}), bytes.HasPrefix(head, []byte{0, 0, 0xFE, 0xFF}):
		return encoding{name: "utf-32", mark: 4}
	case bytes.HasPrefix(head, []byte{0xFF, 0xFE}):
		return encoding{name: encodingUTF16, mark: 2}
	case bytes.HasPrefix(head, []byte{0xFE, 0xFF}):
		return encoding{name: encodingUTF16, mark: 2, big: true}
	}
	return encoding{}
}

// scan is what one pass over a file's bytes finds.
type scan struct {
	nul, invalid, wide   bool // wide: there are valid characters beyond ASCII
	nulLine, invalidLine int
	cut                  int // bytes of a character at the end that is not complete
}

func (s *scan) read(ctx context.Context, r io.Reader) error {
	buf := make([]byte, 256<<10)
	line, held := 1, 0
	for {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		n, err := r.Read(buf[held:])
		chunk := buf[:held+n]
		if err != nil && err != io.EOF {
			return err
		}
		whole := completeRunes(chunk)
		s.chunk(chunk[:whole], line)
		line += bytes.Count(chunk[:whole], []byte{'\n'})
		held = copy(buf, chunk[whole:])
		if err == io.EOF {
			s.cut = held
			return nil
		}
	}
}

// chunk looks at whole characters that start in the given line.
func (s *scan) chunk(b []byte, line int) {
	if at := bytes.IndexByte(b, 0); at >= 0 && !s.nul {
		s.nul, s.nulLine = true, line+bytes.Count(b[:at], []byte{'\n'})
	}
	if s.wide && s.invalid {
		return
	}
	if utf8.Valid(b) {
		s.wide = s.wide || !isASCII(b)
		return
	}
	for at := 0; at < len(b); {
		r, n := utf8.DecodeRune(b[at:])
		if r == utf8.RuneError && n == 1 {
			if !s.invalid {
				s.invalid, s.invalidLine = true, line+bytes.Count(b[:at], []byte{'\n'})
			}
		} else if n > 1 {
			s.wide = true
		}
		at += n
	}
}

// completeRunes returns the length of b without a UTF-8 character at its end that goes on behind it.
func completeRunes(b []byte) int {
	for n := 1; n < utf8.UTFMax && n <= len(b); n++ {
		if at := len(b) - n; utf8.RuneStart(b[at]) {
			if !utf8.FullRune(b[at:]) {
				return at
			}
			break
		}
	}
	return len(b)
}
