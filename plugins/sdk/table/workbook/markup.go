package workbook

import (
	"bytes"
	"errors"
)

// markup reads what begins with <.
func (s *scanner) markup() (kind, error) {
	if ok, err := s.has("</"); err != nil {
		return 0, err
	} else if ok {
		return s.closeTag()
	}
	if ok, err := s.has("<!--"); err != nil {
		return 0, err
	} else if ok {
		return 0, s.comment()
	}
	if ok, err := s.has("<![CDATA["); err != nil {
		return 0, err
	} else if ok {
		return s.cdata()
	}
	if ok, err := s.has("<?"); err != nil {
		return 0, err
	} else if ok {
		return 0, s.instruction()
	}
	if ok, err := s.has("<!"); err != nil {
		return 0, err
	} else if ok {
		return 0, s.wrong("there is a document type, which no part of a workbook may have")
	}
	return s.openTag()
}

func (s *scanner) comment() error {
	n, err := s.find(4, "--", "a comment")
	if err != nil {
		return err
	}
	s.decoded = s.decoded[:0]
	if _, err := s.decode(s.buf[s.pos+4:s.pos+n], asData); err != nil {
		return err
	}
	s.pos += n
	if ok, err := s.has("-->"); err != nil || !ok {
		return errors.Join(err, s.wrong("there is -- in a comment"))
	}
	s.pos += 3
	return nil
}

func (s *scanner) cdata() (kind, error) {
	const before = len("<![CDATA[")
	n, err := s.find(before, "]]>", "a CDATA section")
	if err != nil {
		return 0, err
	}
	if len(s.starts) == 0 {
		return 0, s.wrong("there is text outside of the root element")
	}
	s.decoded = s.decoded[:0]
	if s.text, err = s.decode(s.buf[s.pos+before:s.pos+n], asData); err != nil {
		return 0, err
	}
	s.pos += n + 3
	return chars, nil
}

func (s *scanner) instruction() error {
	n, err := s.find(2, "?>", "a processing instruction")
	if err != nil {
		return err
	}
	raw := s.buf[s.pos+2 : s.pos+n]
	target := raw[:nameLength(raw)]
	if len(target) == 0 || bytes.EqualFold(target, []byte("xml")) || len(raw) > len(target) && bytes.IndexByte(spaceBytes, raw[len(target)]) < 0 {
		return s.wrong("there is a processing instruction without a proper name")
	}
	s.decoded = s.decoded[:0]
	if _, err := s.decode(raw, asData); err != nil {
		return err
	}
	s.pos += n + 2
	return nil
}
