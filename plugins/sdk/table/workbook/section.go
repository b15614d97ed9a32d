package workbook

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/currency"
)

// sections reads the sections of a format's code.
type sections struct {
	code    string
	all     []section
	now     section
	out     strings.Builder // its code
	literal strings.Builder // that is being read
}

// parseSections returns at least one section.
func parseSections(code string) []section {
	p := &sections{code: code}
	for p.code != "" {
		p.step()
	}
	p.end()
	return p.all
}

// end ends a section.
func (p *sections) end() {
	p.flush()
	s := p.now
	s.code = p.out.String()
	s.strange = s.strange || s.parts != "" && s.digits > 0 || s.general && (s.digits > 0 || s.parts != "")
	s.judge()
	s.texts = s.beside()
	p.all = append(p.all, s)
	p.now = section{}
	p.out.Reset()
}

// flush puts the literal into the section.
func (p *sections) flush() {
	text := p.literal.String()
	p.literal.Reset()
	if text == "" {
		return
	}
	if trimmed := strings.TrimSpace(text); trimmed != "" {
		p.now.literals = append(p.now.literals, trimmed)
	}
	p.show(text)
}

// show has the section show a text.
func (p *sections) show(text string) {
	if p.now.general {
		p.now.behind += text
	} else {
		p.now.before += text
	}
	if text == "" {
		return
	}
	if len(p.now.shown) == mostShown {
		p.now.strange = true
		return
	}
	p.out.WriteString(`"` + string(firstShown+rune(len(p.now.shown))) + `"`)
	p.now.shown = append(p.now.shown, text)
	p.now.gap = p.now.digits > 0
}

// In a section's code a character of its own stands for each text that it shows, as the library that shows numbers takes some that texts
// have, such as _ and ;, for more than themselves.
const (
	firstShown = '\ue100'
	mostShown  = 0x1000
)

// filled puts the section's texts into what was shown by its code.
func (s *section) filled(shown string) string {
	var b strings.Builder
	for _, r := range shown {
		if at := int(r - firstShown); at >= 0 && at < len(s.shown) {
			b.WriteString(s.shown[at])
		} else {
			b.WriteRune(r)
		}
	}
	return b.String()
}

// without is what was shown by the section's code but for its texts, and for blanks and what groups digits.
func (s *section) without(shown string) string {
	return strings.Map(func(r rune) rune {
		if at := int(r - firstShown); at >= 0 && at < len(s.shown) || r == ',' || unicode.IsSpace(r) {
			return -1
		}
		return r
	}, shown)
}

// take takes n bytes of the code that are no literal into the section.
func (p *sections) take(n int) string {
	p.flush()
	taken := p.code[:n]
	p.out.WriteString(taken)
	p.code = p.code[n:]
	return taken
}

// pass passes over n bytes of the code.
func (p *sections) pass(n int) { p.code = p.code[min(n, len(p.code)):] }

// step reads the next token.
func (p *sections) step() {
	r, n := utf8.DecodeRuneInString(p.code)
	_, second := utf8.DecodeRuneInString(p.code[n:])
	switch {
	case r == ';':
		p.pass(1)
		p.end()
	case r == '"':
		text, _, closed := strings.Cut(p.code[1:], `"`)
		p.literal.WriteString(text)
		p.now.strange = p.now.strange || !closed
		p.pass(len(text) + 2)
	case r == '\\':
		p.literal.WriteString(p.code[n : n+second])
		p.pass(n + second)
	case r == '_': // as wide as the next character
		p.flush()
		p.show(" ")
		p.pass(n + second)
	case r == '*': // the next character again and again
		p.flush()
		p.pass(n + second)
	case r == '[':
		p.bracket()
	case strings.ContainsRune("0#?", r):
		p.flush()
		p.now.digits++
		p.now.parted = p.now.parted || p.now.gap
		if r == '0' {
			p.now.zeros++
		}
		if p.now.point && !p.now.slash {
			p.now.decimals++
		}
		p.digit()
	case r == '.' || r == ',':
		p.separator(r)
	case r == '%':
		p.now.percents++
		p.take(1)
	case r == '@':
		p.now.at = true
		p.take(1)
	case r == '/' && p.now.digits > 0:
		p.now.slash = true
		p.take(1)
		for p.code != "" && '1' <= p.code[0] && p.code[0] <= '9' { // # ?/16
			p.take(1)
		}
	case r == '/' && p.now.parts != "" && p.now.parting != "":
		p.literal.WriteString(p.now.parting)
		p.pass(1)
	case unicode.IsLetter(r):
		p.letters()
	default:
		p.literal.WriteRune(r)
		p.pass(n)
	}
}

// digit takes a digit's placeholder. Behind a moment's point it is a fraction of its seconds.
func (p *sections) digit() {
	if p.now.parts != "" && p.now.point {
		p.now.digits--
	}
	p.take(1)
}

// separator takes a point, or commas: between digits they group, behind the last they scale.
func (p *sections) separator(r rune) {
	switch {
	case p.now.digits == 0 && p.now.parts == "" && !(len(p.code) > 1 && strings.ContainsRune("0#?", rune(p.code[1]))), p.now.parts != "" && r == ',':
		p.literal.WriteRune(r)
		p.pass(1)
	case r == '.' && p.now.parts != "" && !strings.HasPrefix(p.code, ".0"):
		p.literal.WriteRune(r)
		p.pass(1)
	default:
		if rest := strings.TrimLeft(p.code, ","); r == ',' && (rest == "" || !strings.ContainsRune("0#?", rune(rest[0]))) {
			p.now.scaled, p.now.thousands = true, true
		}
		p.now.point = p.now.point || r == '.'
		p.take(1)
	}
}

// bracket reads [..].
func (p *sections) bracket() {
	text, _, closed := strings.Cut(p.code[1:], "]")
	whole := p.code[:min(len(text)+2, len(p.code))]
	lower := strings.ToLower(text)
	money, isLocale := strings.CutPrefix(text, "$")
	switch {
	case !closed:
		p.now.strange = true
	case isLocale:
		sign, locale := money, ""
		if at := strings.IndexByte(money[min(1, len(money)):], '-'); at >= 0 {
			sign, locale = money[:at+min(1, len(money))], money[at+min(1, len(money))+1:]
		}
		if strings.HasPrefix(money, "-") { // a language alone, that of a moment's words
			p.flush()
			p.out.WriteString(p.now.speak(money[1:]))
			break
		}
		p.flush()
		p.show(sign)
		if sign = strings.TrimSpace(sign); sign != "" {
			p.now.money = append(p.now.money, Money{sign, locale})
		}
	case lower != "" && strings.Trim(lower, lower[:1]) == "" && strings.Contains("hms", lower[:1]):
		p.now.parts += "e" + strings.Replace(lower[:1], "m", "n", 1)
		p.flush()
		p.out.WriteString(whole)
	case colours[strings.TrimRight(lower, " 0123456789")]:
		p.now.coloured = true
	default:
		if p.now.when = parseCondition(text); p.now.when == nil {
			p.now.strange = true // other numerals, and what else there is
		}
	}
	p.pass(len(whole))
}

var colours = set("black blue cyan green magenta red white yellow color")

// letters reads letters that are in no quotes: the parts of a moment, General, or a literal that a program left so.
func (p *sections) letters() {
	run := p.code[:len(p.code)-len(strings.TrimLeftFunc(p.code, unicode.IsLetter))]
	upper := strings.ToUpper(p.code)
	_, notISO := currency.ParseISO(run)
	switch {
	case strings.HasPrefix(upper, "GENERAL"):
		p.take(len("General"))
		p.now.general = true
	case strings.HasPrefix(upper, "AM/PM"):
		p.take(len("AM/PM"))
	case strings.HasPrefix(upper, "A/P"):
		p.take(len("A/P"))
	case slices.Contains(ownWords, run):
		p.now.strange = true
		p.take(len(run))
	case len(run) == 3 && run == strings.ToUpper(run) && notISO == nil:
		p.literal.WriteString(run)
		p.pass(3)
	case p.now.digits > 0 && (strings.HasPrefix(upper, "E+") || strings.HasPrefix(upper, "E-")):
		p.now.scaled = true
		p.take(2)
	case strings.ContainsRune("YMDHS", rune(upper[0])):
		p.part(upper)
	case strings.ContainsRune("GBEA", rune(upper[0])) && p.now.digits == 0 && strings.Trim(upper[:len(run)], "GBEAYMD") == "":
		p.now.foreign, p.now.parts = true, p.now.parts+"Y" // years of emperors and of the Buddha, and names of days in other letters
		p.flush()
		p.pass(len(run))
	default:
		_, n := utf8.DecodeRuneInString(p.code)
		p.literal.WriteString(p.code[:n])
		p.pass(n)
	}
}

// ownWords are what LibreOffice alone has in its formats: weeks, quarters, days of the week, and the currency of a country.
var ownWords = []string{"WW", "QQ", "NN", "NNN", "NNNN", "CCC"}

// part reads a part of a moment: letters of one kind.
func (p *sections) part(upper string) {
	n := len(upper) - len(strings.TrimLeft(upper, upper[:1]))
	is := strings.ToLower(upper[:1])
	switch {
	case is == "y" && n > 2:
		is = "Y"
	case is == "d" && n > 2: // the name of a day of the week
		is = ""
	case is == "m" && n < 3 && p.minutes(n):
		is = "n"
	case is == "m" && n == 5: // the first letter of its name
		is = ""
	}
	p.now.parts += is
	if is == "" {
		p.now.parts += "-"
	}
	p.take(n)
}

// minutes reports whether an m means minutes: it does behind hours and before seconds.
func (p *sections) minutes(n int) bool {
	if last := p.now.parts; strings.HasSuffix(last, "h") || strings.HasSuffix(last, "s") && !strings.ContainsAny(last, "n") {
		return true
	}
	rest := strings.TrimLeft(p.code[n:], ` :.\-`)
	return rest != "" && (rest[0] == 's' || rest[0] == 'S') || strings.HasPrefix(strings.ToLower(rest), "[s")
}
