package hidden

import (
	"slices"
	"strings"

	"github.com/reconcilehq/reconcile/rules/grammar"
)

var (
	word = pattern(`^[\pL_][\pL\pN_-]*`)
	// header is a line that begins a block, also one with a mistake in its labels.
	header = pattern(`^[ \t]*([\pL_][\pL\pN_-]*)[^=:#(]*(\{)`)
	// named is one whose label is a text, such as accepted: A-1 P, which may have any sign.
	named = pattern(`^(intentional|test)[ \t]+"[^"]{0,200}"[ \t]*(\{)`)
	// attribute is a name, in quotes or not, and what parts it from its value.
	attribute = pattern(`^[ \t]*(?:"([\pL_][\pL\pN_-]{0,63})"|([\pL_][\pL\pN_-]{0,63}))[ \t]*[=:]+>?[ \t]*`)
	// number is one that is computed, or a local value; choice is a word of those that a point of sale has, with quotes or
	// without, or a local value.
	number = pattern(`^(?:[\d.()+*/ \t-]|local\.[\pL_][\pL\pN_-]*)*\}?[ \t\r]*(?:(?:#|//)[^"=:]*)?$`)
	choice = pattern(`^(?:"([A-Za-z][A-Za-z_ -]{0,23})"|local\.[\pL_][\pL\pN_-]*|([A-Za-z]{1,24})|\d{1,4})[ \t]*\}?[ \t\r]*(?:(?:#|//)[^"=:]*)?$`)
	// localName is a local value, by its name.
	localName = pattern(`local\.([\pL_][\pL\pN_-]*)`)
	// fields is a list of names of fields.
	fields = pattern(`^\[(?:"[a-z]{1,10}(?:_[a-z]{1,10}){0,2}"(?:, *)?)*\][ \t]*\}?[ \t\r]*$`)
	// ofFields is a value that begins with what is computed from fields.
	ofFields = pattern(`^[(!-]*(?:[a-z]+\()*(?:pos|store)\.`)
	// swapped is a value that is one word.
	swapped = pattern(`^(?:[\pL_][\pL\pN_-]*|"[\pL_][\pL\pN_-]*")[ \t}]*\r?$`)
	heredoc = pattern(`<<-?[ \t]*([\pL_][\pL\pN_-]*)[ \t]*\r?$`)
	// elsewhere is a value that names where a secret is, and is none: a call of env, or a local value.
	elsewhere = pattern(`^(?:env\("([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+|[A-Z]+)"\)|local\.([\pL_][\pL\pN_-]*))[ \t]*\r?$`)
)

// scanner goes through a file line by line.
type scanner struct {
	text  []byte
	found []Span

	block         string // the type of the block at the top that it is in
	open, anyName bool   // the block's attributes are shown: shownAttributes, or all
	remedy        bool   // it is in a remedy of a rule, whose attributes are shown where they are computed from fields
	shown         bool   // the attribute that the last line belongs to is shown
	depth         int    // how many of its brackets are open
	quoted        bool   // a text in quotation marks is open, which HCL does not allow
	more          bool   // it goes on in the next line because an operator is at its end
	until         string // what ends the heredoc that it is; "" if it is none
}

func (s *scanner) line(from, to int) {
	line := string(s.text[from:to])
	if s.until != "" && strings.TrimSpace(line) == s.until {
		s.until = ""
		return
	}
	if strings.TrimSpace(line) == "" {
		return
	}
	if s.until != "" && !s.shown {
		s.hide(from, line, 0)
		return
	}
	if s.begins(from, line) {
		return
	}
	if s.until != "" {
		return // a text that is shown
	}
	name, value := attributeOf(line)
	goesOn := s.goesOn()
	switch {
	case !s.quoted && isComment(strings.TrimLeft(line, " \t")):
		s.comment(from, line)
	case s.shown && s.depth > 0 && name != "" && !LooksSecret(name):
		s.bare(from, line, 0) // of an object
		s.followOn(line)
	case name != "" && (!goesOn || s.shown) && s.isShown(name) && s.fits(line[value:]):
		s.shown = true
		s.bare(from, line, value)
		s.follow(line[value:])
	case name != "" && strings.Trim(line[value:], "=}]) \t\r") != "" && (!goesOn || s.shown):
		s.shown = false
		at := value
		if swapped().MatchString(line[value:]) && LooksSecret(line[value:]) && !LooksSecret(name) {
			at = 0 // the name of a setting stands where its value should, and the value may be in the name's place
		}
		s.hide(from, line, at)
		s.follow(line[value:])
	case s.shown && (goesOn || s.carriesOn(line)):
		s.bare(from, line, 0)
		s.followOn(line)
	default:
		s.other(from, line, goesOn)
	}
}

// other is a line that is neither the beginning of something nor shown because of the line before it.
func (s *scanner) other(from int, line string, goesOn bool) {
	trimmed := strings.TrimLeft(line, " \t")
	name := word().FindString(trimmed)
	switch {
	case strings.Trim(trimmed, "}]), \t\r") == "":
		if s.depth == 0 && strings.HasPrefix(trimmed, "}") {
			s.remedy = false
		}
		s.followOn(line)
		if s.depth == 0 && strings.HasPrefix(line, "}") {
			s.open = false // a block's end
		}
	case s.open && !goesOn && isSayable(name) && s.isShown(name) && s.fits(strings.TrimLeft(trimmed[len(name):], " \t")):
		s.shown = true // the sign behind the name is missing
		s.bare(from, line, len(line)-len(trimmed)+len(name))
		s.follow(trimmed[len(name):])
	default:
		at := len(line) - len(trimmed)
		if !goesOn && len(name) < len(trimmed) && LooksSecret(name) && isSayable(name) {
			at += len(name) + 1
		}
		s.shown = false
		s.hide(from, line, at)
		s.followOn(line)
	}
}

// comment is a line that is one. People comment settings out: so it is shown where settings hold no secret, and it looks like none.
func (s *scanner) comment(from int, line string) {
	if !s.open || strings.ContainsAny(line, "=:\"'") || LooksSecret(line) {
		s.hide(from, line, 0)
		return
	}
	s.bare(from, line, 0)
}

// begins reports whether a line begins a block, whose attributes are shown or not from there on. Where brackets or a text were left open
// before it, it still does: so a mistake hides no more than it must, and shows nothing that it should not.
func (s *scanner) begins(from int, line string) bool {
	trimmed := strings.TrimLeft(line, " \t")
	name := word().FindString(trimmed)
	behind := strings.TrimLeft(trimmed[len(name):], " \t")
	closed := slices.Contains(closedBlocks, name) && !strings.HasPrefix(behind, ".")
	m := header().FindStringSubmatchIndex(line)
	if m == nil {
		m = named().FindStringSubmatchIndex(line)
	}
	if m == nil && !closed {
		return false
	}
	if s.goesOn() && (trimmed != line || m == nil && !strings.HasPrefix(behind, `"`)) {
		return false // it belongs to an object, or to a text
	}
	inner := trimmed != line
	switch {
	case closed:
		s.open, s.block, s.remedy = false, name, false
	case !inner:
		of := blockOf(name)
		s.block = name
		s.open, s.anyName, s.remedy = of.Shown, of.Shown && of.Others, name == grammar.Remedy.Type
	case name == grammar.Remedy.Type:
		s.remedy = s.open
	}
	s.shown = false
	s.follow("")
	known := blockOf(name).Type != "" && !inner
	if m == nil || closed && !goodHeader().MatchString(line[:m[1]]) || !known && (LooksSecret(line[:m[4]]) || !hasSayableLabels(line[:m[4]])) {
		at := len(line) - len(trimmed)
		if closed || isSayable(name) && (LooksSecret(name) || m == nil || !LooksSecret(line[:m[4]])) && strings.ContainsAny(trimmed[len(name):len(name)+1], " \t\"{") {
			at += len(name)
		}
		if strings.TrimSpace(line[at:]) != "" {
			s.hide(from, line, at)
		}
		return true
	}
	rest := line[m[5]:]
	if strings.Trim(rest, " \t\r}") == "" {
		return true
	}
	// A block on one line, or what should be none.
	s.line(from+m[5], from+len(line))
	return true
}

// goodHeader is the beginning of a block in which there is nothing but names.
var goodHeader = pattern(`^[ \t]*[\pL_][\pL\pN_-]*(?:[ \t]+"[^"]{0,64}"|[ \t]+[\pL_][\pL\pN_-]{0,63})*[ \t]*\{$`)

// hasSayableLabels reports whether the type and the labels of a block that nobody knows can be shown.
func hasSayableLabels(header string) bool {
	return !slices.ContainsFunc(strings.FieldsFunc(header, func(r rune) bool { return r == ' ' || r == '\t' || r == '"' }), func(w string) bool { return !isSayable(w) })
}

func (s *scanner) isShown(name string) bool {
	if of := blockOf(s.block); (of.Type == grammar.History.Type || of.Type == grammar.Brakes.Type) && !slices.Contains(of.Attributes(), name) {
		return false
	}
	ofWrite := s.block == grammar.Write.Type && slices.Contains(grammar.Write.Attributes(), name)
	return s.open && !LooksSecret(name) && (s.anyName || s.remedy || ofWrite || slices.Contains(shownAttributes, name))
}

// fits reports whether a value can be what it should in a block whose values are all of one kind. What cannot may be a token.
func (s *scanner) fits(value string) bool {
	if s.remedy {
		return ofFields().MatchString(value)
	}
	named := !slices.ContainsFunc(localName().FindAllStringSubmatch(value, -1), func(m []string) bool { return !isSayable(m[1]) })
	switch s.block {
	case grammar.History.Type:
		return named && number().MatchString(value)
	case grammar.Brakes.Type:
		return named && (number().MatchString(value) || fields().MatchString(value))
	case grammar.Websync.Type:
		m := choice().FindStringSubmatch(value)
		return named && m != nil && (m[1]+m[2] == "" || isWebsyncWord(m[1]+m[2]))
	}
	return true
}

// carriesOn reports whether a line looks like the rest of a condition that was begun in the line before it.
func (s *scanner) carriesOn(line string) bool {
	return strings.ContainsAny(strings.TrimLeft(line, " \t")[:1], "&|?:=!<>+*/%(")
}

// hide hides a line from a place on, up to its end. A value that only says where a secret is stays.
func (s *scanner) hide(from int, line string, at int) {
	value := strings.TrimRight(line[min(at, len(line)):], " \t\r")
	at += len(value) - len(strings.TrimLeft(value, " \t"))
	if value = strings.TrimLeft(value, " \t"); value == "" || isElsewhere(value) {
		return
	}
	s.found = append(s.found, Span{from + at, from + at + len(value)})
}

// goesOn reports whether the last line left something open.
func (s *scanner) goesOn() bool { return s.depth > 0 || s.more || s.quoted || s.until != "" }

// follow notes what a value that begins in this line leaves open at the line's end.
func (s *scanner) follow(value string) {
	s.depth, s.more, s.quoted, s.until = 0, false, false, ""
	s.followOn(value)
}

// followOn notes what a further line of a value leaves open, or closes.
func (s *scanner) followOn(line string) {
	quoted := s.quoted
	last := byte(' ') // before the line's end or a comment
scan:
	for i := 0; i < len(line); i++ {
		b := line[i]
		switch {
		case quoted && b == '\\':
			i++
		case b == '"':
			quoted = !quoted
		case quoted:
		case b == '#' || strings.HasPrefix(line[i:], "//"):
			break scan
		case strings.IndexByte("([{", b) >= 0:
			s.depth++
		case strings.IndexByte(")]}", b) >= 0:
			s.depth = max(0, s.depth-1)
		}
		if b > ' ' {
			last = b
		}
	}
	if m := heredoc().FindStringSubmatch(line); m != nil && !quoted {
		s.until = m[1]
	}
	s.quoted = quoted && !s.shown // what is shown ends where the line does, as in HCL
	s.more = strings.IndexByte("&|?:=,+*<>!-", last) >= 0 && s.until == ""
}

// isElsewhere reports whether a value only names where a secret is.
func isElsewhere(value string) bool {
	m := elsewhere().FindStringSubmatch(value)
	return m != nil && isSayable(m[1]+m[2])
}

// attributeOf returns the name that a line begins with and where its value begins; "" if it begins with no name, or with what
// is more than likely a value.
func attributeOf(line string) (name string, value int) {
	m := attribute().FindStringSubmatch(line)
	if m == nil || !isSayable(m[1]+m[2]) {
		return "", 0
	}
	return m[1] + m[2], len(m[0])
}

func isComment(line string) bool {
	return strings.HasPrefix(line, "#") || strings.HasPrefix(line, "//") || strings.HasPrefix(line, "/*")
}
