package database

import "strings"

// sqlForm is how a database parts the statements of a text: what hides a semicolon.
type sqlForm struct {
	backslash bool // in '...', a backslash escapes the next character
	escapes   bool // in E'...' it does
	brackets  bool // [...] is a name
	ticks     bool // `...` is a name
	dollars   bool // $tag$...$tag$ is a text
	nested    bool // comments are within comments
	hash      bool // # starts a comment
	spaced    bool // -- starts a comment only where white space is behind it
	versioned bool // /*! ... */ is run
}

// statements counts the statements in a query, empty ones aside. A text that is not closed goes on to the end.
func (f sqlForm) statements(query string) int {
	count, inside := 0, false
	for at := 0; at < len(query); {
		n, kind := f.piece(query, at)
		switch {
		case kind == separator:
			inside = false
		case kind == code && !inside:
			inside = true
			count++
		}
		at += n
	}
	return count
}

// kind is what a piece of a query is.
type kind uint8

const (
	code      kind = iota // part of a statement
	blank                 // white space, or a comment
	separator             // a semicolon between statements
)

// piece returns the length and the kind of what stands at at.
func (f sqlForm) piece(query string, at int) (int, kind) {
	rest := query[at:]
	switch c := rest[0]; {
	case c == ';':
		return 1, separator
	case strings.IndexByte(" \t\r\n\f\v\x00", c) >= 0, strings.HasPrefix(rest, "\ufeff"):
		return 1 + 2*int(c>>7), blank
	case strings.HasPrefix(rest, "--") && f.dashes(rest), c == '#' && f.hash:
		if n := strings.IndexByte(rest, '\n'); n >= 0 {
			return n + 1, blank
		}
		return len(rest), blank
	case f.versioned && (strings.HasPrefix(rest, "/*!") || strings.HasPrefix(rest, "/*M!")):
		return strings.IndexByte(rest, '!') + 1, blank // what stands in it is looked at; its */ counts for code
	case strings.HasPrefix(rest, "/*"):
		return f.comment(rest), blank
	case c == '\'':
		return quoted(rest, '\'', f.backslash || f.escapes && escaping(query[:at])), code
	case c == '"':
		return quoted(rest, '"', f.backslash), code
	case c == '`' && f.ticks:
		return quoted(rest, '`', false), code
	case c == '[' && f.brackets:
		return upTo(rest, 1, "]"), code
	case c == '$' && f.dollars && !isNamed(query[:at]):
		return dollarQuoted(rest), code
	}
	return 1, code
}

func (f sqlForm) dashes(rest string) bool {
	return !f.spaced || len(rest) == 2 || rest[2] <= ' '
}

// comment returns the length of the comment that rest starts with.
func (f sqlForm) comment(rest string) int {
	depth, at := 1, 2
	for at < len(rest) {
		switch {
		case strings.HasPrefix(rest[at:], "*/"):
			at += 2
			if depth--; depth == 0 {
				return at
			}
		case f.nested && strings.HasPrefix(rest[at:], "/*"):
			at += 2
			depth++
		default:
			at++
		}
	}
	return at
}

// quoted returns the length of the quoted text that rest starts with. A quote that is written twice stands for itself.
func quoted(rest string, quote byte, backslash bool) int {
	for at := 1; at < len(rest); at++ {
		switch {
		case rest[at] == quote && at+1 < len(rest) && rest[at+1] == quote:
			at++
		case rest[at] == quote:
			return at + 1
		case rest[at] == '\\' && backslash:
			at++
		}
	}
	return len(rest)
}

// upTo returns the length of rest up to the end mark behind from.
func upTo(rest string, from int, end string) int {
	if n := strings.Index(rest[from:], end); n >= 0 {
		return from + n + len(end)
	}
	return len(rest)
}

// dollarQuoted returns the length of a text such as $tag$...$tag$; 1 where rest starts with none.
func dollarQuoted(rest string) int {
	n := strings.IndexByte(rest[1:], '$')
	if n < 0 {
		return 1
	}
	tag := rest[:n+2]
	for i := 1; i < len(tag)-1; i++ {
		if !isNamed(tag[:i+1]) || i == 1 && '0' <= tag[1] && tag[1] <= '9' {
			return 1 // a parameter, such as $1
		}
	}
	return upTo(rest, len(tag), tag)
}

// isNamed reports whether text ends in a character of a name.
func isNamed(text string) bool {
	if text == "" {
		return false
	}
	c := text[len(text)-1]
	return c >= 0x80 || c == '_' || '0' <= c && c <= '9' || 'a' <= c|0x20 && c|0x20 <= 'z'
}

// escaping reports whether the quote behind text is that of E'...'.
func escaping(text string) bool {
	n := len(text) - 1
	return n >= 0 && text[n]|0x20 == 'e' && !isNamed(text[:n])
}
