package hidden

import (
	"regexp"
	"slices"
	"strings"
)

// longestName is how long, in bytes, a word can be that is taken for the name of an attribute. Tokens are longer.
const longestName = 64

// Attributes are those that are shown: of rules, reconciliations, intentional blocks and tests.
var Attributes = []string{
	"when", "where", "applies", "key", "note", "title", "explains", "doubt", "doubt_note", "field", "on", "severity", "reason", "owner", "expires", "starts", "pin",
	"accepted", "rules", "skus", "skus_file", "status", "pos", "store", "reconciliation", "reconciliations", "max_skew", "runs", "days", "expect", "today",
}

// openBlocks are the blocks whose attributes are shown. Of a websync block that is each attribute.
var openBlocks = []string{"rule", "intentional", "reconciliation", "test", "websync", "history"}

// closedBlocks are those in which secrets stand, and that a line can begin without a brace.
var closedBlocks = []string{"source", "notify", "serve", "shops", "locals", "plugin"}

var (
	word = regexp.MustCompile(`^[\pL_][\pL\pN_-]*`)
	// header is a line that begins a block, also one with a mistake in its labels.
	header = regexp.MustCompile(`^[ \t]*([\pL_][\pL\pN_-]*)[^=:#(]*(\{)`)
	// attribute is a name, in quotes or not, and what parts it from its value.
	attribute = regexp.MustCompile(`^[ \t]*(?:"([\pL_][\pL\pN_-]{0,63})"|([\pL_][\pL\pN_-]{0,63}))[ \t]*[=:]+>?[ \t]*`)
	heredoc   = regexp.MustCompile(`<<-?[ \t]*([\pL_][\pL\pN_-]*)[ \t]*\r?$`)
	// harmless is a value that names where a secret is, and is none: a call of env, or a local value.
	harmless = regexp.MustCompile(`^(?:env\("[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+"\)|env\("[A-Z]+"\)|local\.[\pL_][\pL\pN_-]*)[ \t]*\r?$`)
)

// scanner goes through a file line by line.
type scanner struct {
	text  []byte
	found []Span

	open, anyName bool   // the block's attributes are shown: those in Attributes, or all
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
	case s.shown && s.depth > 0 && name != "" && !LooksSecret(name):
		s.followOn(line) // of an object
	case name != "" && (!goesOn || s.shown) && s.isShown(name):
		s.shown = true
		s.follow(line[value:])
	case name != "" && strings.Trim(line[value:], "=}]) \t\r") != "" && (!goesOn || s.shown):
		s.shown = false
		s.hide(from, line, value)
		s.follow(line[value:])
	case s.shown && (goesOn || s.carriesOn(line)):
		s.followOn(line)
	default:
		s.other(from, line, goesOn)
	}
}

// other is a line that is neither the beginning of something nor shown because of the line before it.
func (s *scanner) other(from int, line string, goesOn bool) {
	trimmed := strings.TrimLeft(line, " \t")
	name := word.FindString(trimmed)
	switch {
	case strings.Trim(trimmed, "}]), \t\r") == "":
		s.followOn(line)
		if s.depth == 0 && strings.HasPrefix(line, "}") {
			s.open = false // a block's end
		}
	case s.open && !goesOn && s.isShown(name):
		s.shown = true // the sign behind the name is missing
		s.follow(trimmed[len(name):])
	case s.open && !goesOn && isComment(trimmed) && !strings.ContainsAny(line, "=:\"'") && !LooksSecret(line): // people comment settings out
	default:
		at := len(line) - len(trimmed)
		if !goesOn && len(name) < len(trimmed) && LooksSecret(name) {
			at += len(name) + 1
		}
		s.shown = false
		s.hide(from, line, at)
		if !isComment(trimmed) {
			s.followOn(line)
		}
	}
}

// begins reports whether a line begins a block, whose attributes are shown or not from there on. Where brackets or a text were left open
// before it, it still does: so a mistake hides no more than it must, and shows nothing that it should not.
func (s *scanner) begins(from int, line string) bool {
	trimmed := strings.TrimLeft(line, " \t")
	name := word.FindString(trimmed)
	behind := strings.TrimLeft(trimmed[len(name):], " \t")
	closed := slices.Contains(closedBlocks, name) && !strings.HasPrefix(behind, ".")
	m := header.FindStringSubmatchIndex(line)
	if m == nil && !closed {
		return false
	}
	if s.goesOn() && (trimmed != line || m == nil && !strings.HasPrefix(behind, `"`)) {
		return false // it belongs to an object, or to a text
	}
	inner := trimmed != line
	switch {
	case closed:
		s.open = false
	case !inner:
		s.open, s.anyName = slices.Contains(openBlocks, name), name == "websync"
	}
	s.shown = false
	s.follow("")
	if m == nil || closed && !goodHeader.MatchString(line[:m[1]]) {
		if at := len(line) - len(trimmed) + len(name); strings.TrimSpace(line[at:]) != "" {
			s.hide(from, line, at+1)
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
var goodHeader = regexp.MustCompile(`^[ \t]*[\pL_][\pL\pN_-]*(?:[ \t]+"[^"]{0,64}"|[ \t]+[\pL_][\pL\pN_-]{0,63})*[ \t]*\{$`)

func (s *scanner) isShown(name string) bool {
	return s.open && !LooksSecret(name) && (s.anyName || slices.Contains(Attributes, name))
}

// carriesOn reports whether a line looks like the rest of a condition that was begun in the line before it.
func (s *scanner) carriesOn(line string) bool {
	return strings.ContainsAny(strings.TrimLeft(line, " \t")[:1], "&|?:=!<>+*/%(")
}

// hide hides a line from a place on, up to its end. A value that only says where a secret is stays.
func (s *scanner) hide(from int, line string, at int) {
	value := strings.TrimRight(line[min(at, len(line)):], " \t\r")
	at += len(value) - len(strings.TrimLeft(value, " \t"))
	if value = strings.TrimLeft(value, " \t"); value == "" || harmless.MatchString(value) {
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
	if m := heredoc.FindStringSubmatch(line); m != nil && !quoted {
		s.until = m[1]
	}
	s.quoted = quoted && !s.shown // what is shown ends where the line does, as in HCL
	s.more = strings.IndexByte("&|?:=,+*<>!-", last) >= 0 && s.until == ""
}

// attributeOf returns the name that a line begins with and where its value begins; "" if it begins with no name.
func attributeOf(line string) (name string, value int) {
	m := attribute.FindStringSubmatch(line)
	if m == nil {
		return "", 0
	}
	return m[1] + m[2], len(m[0])
}

func isComment(line string) bool {
	return strings.HasPrefix(line, "#") || strings.HasPrefix(line, "//") || strings.HasPrefix(line, "/*")
}
