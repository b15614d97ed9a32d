package workbook

import (
	"bytes"
	"encoding/xml"
	"strings"
	"unicode/utf8"
)

// spaceBytes are what XML calls white space.
var spaceBytes = []byte(" \t\r\n")

// openTag reads the tag that begins an element.
func (s *scanner) openTag() (kind, error) {
	n, err := s.tagEnd()
	if err != nil {
		return 0, err
	}
	if s.rooted && len(s.starts) == 0 {
		return 0, s.wrong("there is a second root element")
	}
	if len(s.starts) == mostDepth {
		return 0, s.wrong("more than %d elements stand within one another", mostDepth)
	}
	raw := s.buf[s.pos+1 : s.pos+n]
	empty := len(raw) > 0 && raw[len(raw)-1] == '/'
	if empty {
		raw = raw[:len(raw)-1]
	}
	length := nameLength(raw)
	if length == 0 {
		return 0, s.wrong("a < begins no tag")
	}
	name := raw[:length]
	if err := s.attributes(raw[length:]); err != nil {
		return 0, err
	}
	s.starts = append(s.starts, len(s.stack))
	s.stack = append(s.stack, name...)
	if err := s.declare(); err != nil {
		return 0, err
	}
	if s.space, s.name, err = s.resolve(name, true); err != nil {
		return 0, err
	}
	s.spaces = append(s.spaces, s.space)
	s.pos += n + 1
	s.rooted, s.empty = true, empty
	return opening, nil
}

// tagEnd returns where the > of the tag at pos stands, counted from pos. One within quotes is none.
func (s *scanner) tagEnd() (int, error) {
	var quote byte
	for n := 1; ; n++ {
		if s.pos+n == s.end {
			if err := s.more(); err != nil || s.pos+n == s.end {
				return 0, s.broken(err, "a tag")
			}
		}
		switch c := s.buf[s.pos+n]; {
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '"' || c == '\'':
			quote = c
		case c == '>':
			return n, nil
		}
	}
}

// mostAttributes is how many attributes a tag may have. Those of workbooks have a dozen.
const mostAttributes = 1000

// attributes reads the attributes of a tag into attrs, names with their prefixes.
func (s *scanner) attributes(raw []byte) error {
	s.attrs, s.decoded = s.attrs[:0], s.decoded[:0]
	for {
		rest := bytes.TrimLeft(raw, " \t\r\n")
		if len(rest) == 0 {
			return nil
		}
		if len(rest) == len(raw) {
			return s.wrong("there is no blank before an attribute")
		}
		n := nameLength(rest)
		name := rest[:n]
		rest = bytes.TrimLeft(rest[n:], " \t\r\n")
		if n == 0 || len(rest) == 0 || rest[0] != '=' {
			return s.wrong("an attribute has no name or no value")
		}
		rest = bytes.TrimLeft(rest[1:], " \t\r\n")
		if len(rest) < 2 || rest[0] != '"' && rest[0] != '\'' {
			return s.wrong("the value of attribute %s is not quoted", name)
		}
		end := bytes.IndexByte(rest[1:], rest[0])
		if end < 0 {
			return s.wrong("the value of attribute %s does not end", name)
		}
		value, err := s.decode(rest[1:1+end], asAttribute)
		if err != nil {
			return err
		}
		for i := range s.attrs {
			if bytes.Equal(s.attrs[i].name, name) {
				return s.wrong("attribute %s is given twice", name)
			}
		}
		if len(s.attrs) == mostAttributes {
			return s.wrong("a tag has more than %d attributes", mostAttributes)
		}
		s.attrs = append(s.attrs, attr{none, name, value})
		raw = rest[end+2:]
	}
}

// closeTag reads the tag that ends an element.
func (s *scanner) closeTag() (kind, error) {
	n, err := s.find(2, ">", "a tag")
	if err != nil {
		return 0, err
	}
	raw := bytes.TrimRight(s.buf[s.pos+2:s.pos+n], " \t\r\n")
	if len(s.starts) == 0 {
		return 0, s.wrong("</%s> ends nothing", shortened(raw))
	}
	if top := s.stack[s.starts[len(s.starts)-1]:]; !bytes.Equal(raw, top) {
		return 0, s.wrong("<%s> is ended by </%s>", top, shortened(raw))
	}
	s.pos += n + 1
	return s.leave()
}

// leave ends the innermost element.
func (s *scanner) leave() (kind, error) {
	last := len(s.starts) - 1
	name := s.stack[s.starts[last]:]
	if i := bytes.IndexByte(name, ':'); i >= 0 {
		name = name[i+1:]
	}
	s.name, s.space = name, s.spaces[last]
	s.stack, s.starts, s.spaces = s.stack[:s.starts[last]], s.starts[:last], s.spaces[:last]
	for n := len(s.bindings); n > 0 && s.bindings[n-1].depth > last; n-- {
		s.bindings = s.bindings[:n-1]
	}
	return closing, nil
}

// broken is the error where the document ends, or cannot be read on, within something.
func (s *scanner) broken(err error, what string) error {
	if s.ended {
		return s.wrong("%s does not end", what)
	}
	if err == nil {
		err = s.wrong("%s does not end", what)
	}
	return err
}

// nameLength returns how many bytes of b are a name, with at most one colon within.
func nameLength(b []byte) int {
	colon, ascii := false, true
	n := 0
	for ; n < len(b); n++ {
		c := b[n]
		switch {
		case 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || c == '_':
		case n > 0 && b[n-1] != ':' && ('0' <= c && c <= '9' || c == '-' || c == '.'):
		case c == ':' && n > 0 && !colon:
			colon = true
		case c >= utf8.RuneSelf:
			ascii = false
		default:
			return checkedName(b[:n], ascii)
		}
	}
	return checkedName(b, ascii)
}

// checkedName returns the length of what may be a name, or 0 where it is none.
func checkedName(b []byte, ascii bool) int {
	if len(b) > 0 && b[len(b)-1] == ':' || !ascii && !isName(b) {
		return 0
	}
	return len(b)
}

// isName asks encoding/xml whether it takes a text for a name: which letters XML allows in one is a long list, and workbooks
// have hardly any but those of ASCII. The text has no blank and none of <, > and / in it.
func isName(b []byte) bool {
	_, err := xml.NewDecoder(strings.NewReader("<" + string(b) + "/>")).RawToken()
	return err == nil
}

// shortened returns as much of a text as fits a message.
func shortened(b []byte) []byte {
	if len(b) > 40 {
		return append(bytes.Clone(b[:40]), "..."...)
	}
	return b
}
