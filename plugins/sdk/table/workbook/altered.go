package workbook

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// ShowsAnother reports whether a cell's format shows another number than the cell holds: 12 for 12000 in 0, and 15 for 5 in "1"0. Fewer
// decimals, words in its place, and nothing at all are no other number. inWords says that words beside it may say what it is: 12K.
func (r *Rows) ShowsAnother(c Cell) (is, inWords bool) {
	f := r.Format(c)
	if f == nil || !f.alters || c.Kind != Number {
		return false, false
	}
	v, inRange := floatOf(c.stored)
	s, unsigned, ok := f.of(v)
	switch {
	case !inRange || !ok:
		return false, false
	case s.altered, unsigned && s.bare(), s.minus && !unsigned && v != 0:
		return true, false
	}
	return s.thousands, s.hasWords()
}

// hasWords reports whether letters stand beside the number.
func (s *section) hasWords() bool {
	for _, literal := range s.literals {
		if strings.ContainsFunc(literal, unicode.IsLetter) {
			return true
		}
	}
	return false
}

// Beside returns what a cell's format shows before and behind its number, trimmed, in the section for that number: in [<1]0" g";0" kg" only one of them.
// Where that shows nothing, or cannot be told, it is what any section does. Marks that part digits are not among it, words between them are.
func (r *Rows) Beside(c Cell) []string {
	f := r.Format(c)
	if f == nil {
		return nil
	}
	if v, inRange := floatOf(c.stored); inRange {
		if s, _, ok := f.of(v); ok && len(s.texts) > 0 {
			return s.texts
		}
	}
	var all []string
	for i := range f.numbers {
		all = append(all, f.numbers[i].texts...)
	}
	return all
}

func (s *section) beside() (texts []string) {
	all := s.pieces()
	for i, p := range all {
		text := strings.TrimSpace(p.text)
		if p.literal && text != "" && (i == 0 || i == len(all)-1 || strings.ContainsFunc(text, unicode.IsLetter)) {
			texts = append(texts, text)
		}
	}
	return texts
}

// bare reports whether nothing in the section tells a negative number, which it shows without its sign, from one that is not: no
// sign, no word, no colour.
func (s *section) bare() bool {
	return s.digits > 0 && len(s.literals) == 0 && len(s.money) == 0 && !s.coloured
}

// piece is a piece of a section's code: a literal, or placeholders of digits.
type piece struct {
	literal bool
	text    string
}

// pieces cuts the code of a section, whose literals are in quotes, into what is shown.
func (s *section) pieces() []piece {
	var all []piece
	add := func(literal bool, text string) {
		if last := len(all) - 1; last >= 0 && all[last].literal == literal {
			all[last].text += text
			return
		}
		all = append(all, piece{literal, text})
	}
	for code := s.code; code != ""; {
		switch {
		case code[0] == '"':
			text, rest, _ := strings.Cut(code[1:], `"`)
			add(true, s.filled(text))
			code = rest
		case code[0] == '[':
			_, code, _ = strings.Cut(code, "]")
		case len(code) >= len("General") && strings.EqualFold(code[:len("General")], "General"):
			add(false, "#")
			code = code[len("General"):]
		default:
			_, n := utf8.DecodeRuneInString(code)
			add(false, code[:n])
			code = code[n:]
		}
	}
	return all
}

// judge finds out whether the section shows a number as another one.
func (s *section) judge() {
	if s.parts != "" || s.digits == 0 && !s.general {
		return
	}
	all := s.pieces()
	s.minus = showsMinus(all)
	for i, p := range all {
		s.altered = s.altered || p.literal && p.readsAsDigits(i > 0, all[i+1:])
	}
}

// readsAsDigits reports whether a literal cannot be told from the digits beside it. behind says that digits stand before it.
func (p piece) readsAsDigits(behind bool, rest []piece) bool {
	first, size := utf8.DecodeRuneInString(p.text)
	second, _ := utf8.DecodeRuneInString(p.text[size:])
	last, n := utf8.DecodeLastRuneInString(p.text)
	before, _ := utf8.DecodeLastRuneInString(p.text[:len(p.text)-n])
	switch ahead := len(rest) > 0; {
	case behind && unicode.IsDigit(first), ahead && unicode.IsDigit(last):
		return true
	case behind && ahead && size == len(p.text) && isSeparator(first):
		return !partsThousands(rest)
	case ahead && isSeparator(last) && unicode.IsDigit(before):
		return true
	}
	return behind && isSeparator(first) && unicode.IsDigit(second) && strings.Trim(p.text[size:], "0") != ""
}

func isSeparator(r rune) bool { return r == '.' || r == ',' || r == '٫' }

// partsThousands reports whether digits that a literal parts from those before are groups, and no decimals: the last are three, and not
// all of them are there for a small number.
func partsThousands(rest []piece) bool {
	group := ""
	for _, p := range rest {
		if p.literal && (utf8.RuneCountInString(p.text) > 1 || !strings.ContainsAny(p.text, ".,٫٬'’ \u00a0\u202f")) {
			break
		}
		if p.literal {
			group = ""
			continue
		}
		digits, _, point := strings.Cut(p.text, ".")
		if group += digits; point {
			break
		}
	}
	return len(group) == 3 && group != "000"
}

// showsMinus reports whether literals around the digits read as the sign of a negative number.
func showsMinus(all []piece) bool {
	if len(all) < 2 {
		return false
	}
	lead, trail := "", ""
	if all[0].literal {
		lead = strings.TrimSpace(all[0].text)
	}
	end := all[len(all)-1]
	if end.literal {
		trail = strings.TrimSpace(end.text)
	}
	if strings.HasPrefix(trail, ")") && strings.HasSuffix(lead, "(") {
		return true
	}
	if trail == "-" && !strings.HasSuffix(all[len(all)-2].text, ".") && strings.HasPrefix(end.text, "-") {
		return true
	}
	rest, minus := strings.CutSuffix(lead, "-")
	before, _ := utf8.DecodeLastRuneInString(rest)
	return strings.HasPrefix(lead, "-") || minus && !unicode.IsLetter(before) && !unicode.IsDigit(before)
}
