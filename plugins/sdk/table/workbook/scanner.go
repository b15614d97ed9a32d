package workbook

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
)

// kind is what the scanner has come to.
type kind byte

const (
	opening kind = iota + 1 // an element begins: name, space and attrs hold
	closing                 // an element ends: name and space hold
	chars                   // a piece of text: text holds. A text may come in several pieces
	done                    // the document is over, and so is what it was read from
)

const (
	mostToken = 4 << 20  // bytes of one tag or one text between two tags
	mostDepth = 200      // elements within one another
	window    = 64 << 10 // bytes read at a time
)

// scanner reads an XML document and fails where it is not well-formed. It is stricter than encoding/xml, which does not
// look behind the root element, and several times as fast. done is told only where the reader has ended, too: a part
// whose checksum is wrong fails then. Documents with a DOCTYPE, or in another encoding than UTF-8, are refused: no part
// of a workbook may be so.
type scanner struct {
	from     io.Reader
	buf      []byte
	pos, end int   // what is still to be looked at
	passed   int64 // bytes before buf[0]
	ended    bool  // from has no more

	started, rooted bool    // something was read; the root element has begun
	empty           bool    // the element that began ends at once
	stack           []byte  // the names of the open elements, one behind the other
	starts          []int   // where in stack each begins
	spaces          []space // the namespace of each
	bindings        []binding

	name    []byte // without its prefix
	space   space
	attrs   []attr
	text    []byte
	decoded []byte // room for texts that are not as they stand
}

// attr is an attribute of an element. Those that declare namespaces are not listed.
type attr struct {
	space       space
	name, value []byte
}

func newScanner(from io.Reader) *scanner {
	return &scanner{from: from, buf: make([]byte, window)}
}

// attr returns the value of an attribute without a namespace, and whether it is there.
func (s *scanner) attr(name string) (string, bool) { return s.attrIn(none, name) }

func (s *scanner) attrIn(in space, name string) (string, bool) {
	for i := range s.attrs {
		if s.attrs[i].space == in && string(s.attrs[i].name) == name {
			return string(s.attrs[i].value), true
		}
	}
	return "", false
}

// depth is how many elements are open.
func (s *scanner) depth() int { return len(s.starts) }

// wrong is an error at the place that the scanner has come to.
func (s *scanner) wrong(format string, args ...any) error {
	return fmt.Errorf("byte %d: %w", s.passed+int64(s.pos), fmt.Errorf(format, args...))
}

// more reads on. What begins at pos stays, but moves to the front of buf. It returns io.ErrUnexpectedEOF where there is
// no more.
func (s *scanner) more() error {
	if s.ended {
		return io.ErrUnexpectedEOF
	}
	copy(s.buf, s.buf[s.pos:s.end])
	s.passed, s.end, s.pos = s.passed+int64(s.pos), s.end-s.pos, 0
	if s.end == len(s.buf) {
		if len(s.buf) >= mostToken {
			return s.wrong("more than %d bytes without an end", mostToken)
		}
		s.buf = append(s.buf, make([]byte, len(s.buf))...)
	}
	for range 100 {
		n, err := s.from.Read(s.buf[s.end:])
		s.end += n
		switch {
		case err == io.EOF:
			s.ended = true
			return nil
		case err != nil:
			return err
		case n > 0:
			return nil
		}
	}
	return io.ErrNoProgress
}

// find returns where sep stands next, counted from pos, at skip or behind.
func (s *scanner) find(skip int, sep string, what string) (int, error) {
	for {
		if s.pos+skip <= s.end {
			if i := bytes.Index(s.buf[s.pos+skip:s.end], []byte(sep)); i >= 0 {
				return skip + i, nil
			}
			skip = max(skip, s.end-s.pos-len(sep)+1)
		}
		if err := s.more(); errors.Is(err, io.ErrUnexpectedEOF) {
			return 0, s.wrong("%s does not end", what)
		} else if err != nil {
			return 0, err
		}
	}
}

// has reports whether the text is what comes next.
func (s *scanner) has(text string) (bool, error) {
	for s.end-s.pos < len(text) && !s.ended {
		if err := s.more(); err != nil {
			return false, err
		}
	}
	return bytes.HasPrefix(s.buf[s.pos:s.end], []byte(text)), nil
}

// next steps on.
func (s *scanner) next() (kind, error) {
	if s.empty {
		s.empty = false
		return s.leave()
	}
	if !s.started {
		if err := s.start(); err != nil {
			return 0, err
		}
	}
	for {
		if s.pos == s.end && s.ended {
			return s.over()
		}
		if s.pos == s.end {
			if err := s.more(); err != nil {
				return 0, err
			}
			continue
		}
		var k kind
		var err error
		if s.buf[s.pos] == '<' {
			k, err = s.markup()
		} else {
			k, err = s.characters()
		}
		if k != 0 || err != nil {
			return k, err
		}
	}
}

// over is the document's end.
func (s *scanner) over() (kind, error) {
	switch {
	case !s.rooted:
		return 0, s.wrong("the document is empty")
	case len(s.starts) > 0:
		return 0, s.wrong("the document ends within <%s>", s.stack[s.starts[len(s.starts)-1]:])
	}
	return done, nil
}

// start skips a byte order mark and reads the XML declaration.
func (s *scanner) start() error {
	s.started = true
	if mark, err := s.has("\ufeff"); err != nil {
		return err
	} else if mark {
		s.pos += 3
	}
	for _, mark := range []string{"\xff\xfe", "\xfe\xff"} {
		if wide, err := s.has(mark); err != nil {
			return err
		} else if wide {
			return s.wrong("it is in UTF-16, and not in UTF-8")
		}
	}
	declared, err := s.has("<?xml")
	if err != nil || !declared {
		return err
	}
	n, err := s.find(0, "?>", "the XML declaration")
	if err != nil {
		return err
	}
	if bytes.IndexByte(spaceBytes, s.buf[s.pos+5]) < 0 { // <?xml-stylesheet
		return nil
	}
	if err := s.attributes(s.buf[s.pos+5 : s.pos+n]); err != nil {
		return err
	}
	if err := s.declaration(); err != nil {
		return err
	}
	s.pos += n + 2
	return nil
}

// declaration checks what the XML declaration says: a version, then perhaps an encoding, then perhaps standalone, and nothing else.
func (s *scanner) declaration() error {
	rest := s.attrs
	said := func(name string) (value string, ok bool) {
		if len(rest) == 0 || string(rest[0].name) != name {
			return "", false
		}
		value, rest = string(rest[0].value), rest[1:]
		return value, true
	}
	if version, ok := said("version"); !ok {
		return s.wrong("the XML declaration does not begin with a version")
	} else if version != "1.0" {
		return s.wrong("its version of XML is %q, and not 1.0", version)
	}
	if encoding, ok := said("encoding"); ok && !strings.EqualFold(encoding, "utf-8") {
		return s.wrong("its encoding is %q, and not UTF-8", encoding)
	}
	if alone, ok := said("standalone"); ok && alone != "yes" && alone != "no" {
		return s.wrong("its standalone is %q, and neither yes nor no", alone)
	}
	if len(rest) > 0 {
		return s.wrong("there is no attribute %s at this place of an XML declaration", rest[0].name)
	}
	return nil
}

// characters reads the text up to the next tag.
func (s *scanner) characters() (kind, error) {
	n := 0
	for {
		if i := bytes.IndexByte(s.buf[s.pos+n:s.end], '<'); i >= 0 {
			n += i
			break
		}
		n = s.end - s.pos
		if s.ended {
			break
		}
		if err := s.more(); err != nil {
			return 0, err
		}
	}
	raw := s.buf[s.pos : s.pos+n]
	if len(s.starts) == 0 {
		if len(bytes.Trim(raw, string(spaceBytes))) > 0 {
			return 0, s.wrong("there is text outside of the root element")
		}
		s.pos += n
		return 0, nil
	}
	if bytes.Contains(raw, []byte("]]>")) {
		return 0, s.wrong("there is ]]> in a text")
	}
	s.decoded = s.decoded[:0]
	text, err := s.decode(raw, asText)
	if err != nil {
		return 0, err
	}
	s.pos += n
	s.text = text
	return chars, nil
}
