package workbook

import (
	"fmt"
	"strconv"
	"unsafe"
)

// mostShared is how many shared strings are read. A sheet of spreadsheet programs has a million rows.
const mostShared = 50_000_000

// sharedStrings are the texts that cells name by number.
type sharedStrings struct {
	all  string
	ends []uint32 // where in all each ends
}

// at returns the text of that number.
func (t *sharedStrings) at(n int) (string, bool) {
	if t == nil || n < 0 || n >= len(t.ends) {
		return "", false
	}
	from := uint32(0)
	if n > 0 {
		from = t.ends[n-1]
	}
	return t.all[from:t.ends[n]], true
}

func (t *sharedStrings) count() int {
	if t == nil {
		return 0
	}
	return len(t.ends)
}

// readStrings reads the table of shared strings, if there is one. A table that is shorter than it says is an error. A
// longer one has lost nothing: programs that add texts forget to count them.
func (b *Book) readStrings(related map[string]relation) (*sharedStrings, error) {
	name, err := b.related(related, "sharedStrings")
	if err != nil || name == "" {
		return nil, err
	}
	p, err := b.archive.open(name, mostStrings)
	if err != nil {
		return nil, err
	}
	defer p.close()
	t, err := readStrings(newScanner(p))
	if err != nil {
		return nil, p.wrap(err)
	}
	return t, nil
}

func readStrings(s *scanner) (*sharedStrings, error) {
	k, err := s.next()
	if err != nil {
		return nil, err
	}
	if k != opening || s.space != main || string(s.name) != "sst" {
		return nil, s.wrong("it is no table of strings")
	}
	promised := 0
	if told, ok := s.attr("uniqueCount"); ok {
		if promised, err = strconv.Atoi(told); err != nil {
			return nil, s.wrong("its count of strings is %q", told)
		}
	}
	t := &sharedStrings{}
	var all []byte
	for {
		k, err := s.next()
		switch {
		case err != nil:
			return nil, err
		case k == done:
			if len(t.ends) < promised {
				return nil, fmt.Errorf("it has %d strings and not %d, as it says", len(t.ends), promised)
			}
			t.all = unsafe.String(unsafe.SliceData(all), len(all)) // which nobody changes from here on
			return t, nil
		case k == chars && !isSpace(s.text):
			return nil, s.wrong("there is text between the strings")
		case k != opening:
		case s.space == main && string(s.name) == "si":
			if all, err = s.richText(all); err != nil {
				return nil, err
			}
			if len(t.ends) == mostShared {
				return nil, fmt.Errorf("%w: more than %d strings", ErrTooLarge, mostShared)
			}
			t.ends = append(t.ends, uint32(len(all)))
		case s.space == main && string(s.name) == "extLst":
			if err := s.skip(); err != nil {
				return nil, err
			}
		default:
			return nil, s.wrong("<%s> does not belong there", shortened(s.name))
		}
	}
}

// richText appends the text of the element that was just opened, which has it in one piece or in runs of different
// looks. How it is pronounced does not count.
func (s *scanner) richText(to []byte) ([]byte, error) {
	depth := s.depth()
	from := len(to)
	inRun := false
	for {
		k, err := s.next()
		switch {
		case err != nil:
			return to, err
		case k == closing && s.depth() < depth:
			return unescape(to, from), nil
		case k == closing:
			inRun = false
		case k == chars && !isSpace(s.text):
			return to, s.wrong("there is text outside of <t>")
		case k != opening:
		case s.space != main:
			return to, s.wrong("<%s> does not belong there", shortened(s.name))
		default:
			switch string(s.name) {
			case "t":
				if to, err = s.leaf(to); err != nil {
					return to, err
				}
			case "r":
				if inRun {
					return to, s.wrong("a run of text is within another")
				}
				inRun = true
			case "rPr", "rPh", "phoneticPr":
				if err := s.skip(); err != nil {
					return to, err
				}
			default:
				return to, s.wrong("<%s> does not belong there", shortened(s.name))
			}
		}
	}
}

// leaf appends the text of the element that was just opened, which has no elements in it.
func (s *scanner) leaf(to []byte) ([]byte, error) {
	for {
		k, err := s.next()
		switch {
		case err != nil:
			return to, err
		case k == closing:
			return to, nil
		case k == opening:
			return to, s.wrong("<%s> does not belong there", shortened(s.name))
		}
		to = append(to, s.text...)
	}
}

// skip passes over the element that was just opened.
func (s *scanner) skip() error {
	for depth := s.depth(); s.depth() >= depth; {
		if _, err := s.next(); err != nil {
			return err
		}
	}
	return nil
}

// isSpace reports whether a text is white space alone.
func isSpace(text []byte) bool {
	for _, c := range text {
		if c != ' ' && c != '\n' && c != '\t' && c != '\r' {
			return false
		}
	}
	return true
}
