package report

import (
	"bufio"
	"strings"
	"unicode/utf8"

	"github.com/reconcilehq/reconcile/engine/signs"
	"github.com/reconcilehq/reconcile/engine/verdict"
)

// markdown writes the result as GitHub shows it in an issue: counts, what there is to do, the items. Whatever the data hold,
// it is text there: no markup, no link, nobody's name that would be told of it.
type markdown struct {
	*Result
	out         *bufio.Writer
	text        []byte // of an item
	differences *differences
	details     *page
	options     Options
	shown       int
}

func newMarkdown(out *bufio.Writer, r *Result, o Options) (itemWriter, error) {
	m := &markdown{Result: r, out: out, differences: newDifferences(r), options: o}
	if o.Details {
		m.details = &page{Result: r, options: Options{Why: o.Why}}
	}
	m.summary()
	m.work()
	m.warnings()
	return m, nil
}

// write writes Markdown. Errors stay in the writer until it is flushed.
func (m *markdown) write(parts ...string) {
	for _, part := range parts {
		_, _ = m.out.WriteString(part)
	}
}

func inMarkdown(s string) string { return string(appendMarkdown(nil, loose(s))) }

// appendMarkdown appends a text. What means something in Markdown or HTML stands as the number of its character, in a table's
// cell, too, where a backslash would not help everywhere; so does the first character of an address and of somebody's name.
func appendMarkdown(dst []byte, s string) []byte {
	s = visible(s)
	done := 0
	replace := func(i int, by string) {
		dst = append(append(dst, s[done:i]...), by...)
		done = i + 1
	}
	for i := range len(s) {
		switch c := s[i]; c {
		case '|', '`', '*', '~', '[', ']', '<', '>', '&', '\\', '$':
			replace(i, entities[c])
		case '_':
			if i == 0 || i == len(s)-1 || !isWord(s[i-1]) || !isWord(s[i+1]) { // inside a word it means nothing
				replace(i, entities[c])
			}
		case '@', '#':
			// GitHub looks for names and numbers of issues in what is left of the entities; not across a comment.
			if i == 0 && c == '#' {
				replace(i, entities[c]+apart)
			} else if i+1 < len(s) && isWord(s[i+1]) {
				replace(i, s[i:i+1]+apart)
			}
		case '-':
			if i == 0 {
				replace(i, entities[c])
			} else if isIssue(s[:i], s[i+1:]) {
				replace(i, "-"+apart)
			}
		case '!', '+', '=', '.', ')', ':':
			// Lists and headings at the beginning of a line, numbers of lists, and the addresses that become links by themselves.
			if i == 0 || c == '.' && isListNumber(s[:i]) || c == ')' && isListNumber(s[:i]) || c == ':' && strings.HasPrefix(s[i:], "://") ||
				c == '.' && i >= 3 && strings.EqualFold(s[i-3:i], "www") {
				replace(i, entities[c])
			}
		case ' ':
			if i == 0 || i == len(s)-1 || s[i-1] == ' ' {
				replace(i, "&#32;")
			}
		}
	}
	return append(dst, s[done:]...)
}

// apart keeps two characters from being read as one thing, and is not shown.
const apart = "<!-- -->"

// isIssue reports whether a dash between the two would make them the number of an issue to GitHub: GH-12.
func isIssue(before, behind string) bool {
	at := len(before) - len("GH")
	return at >= 0 && strings.EqualFold(before[at:], "GH") && (at == 0 || !isWord(before[at-1])) && behind != "" && '0' <= behind[0] && behind[0] <= '9'
}

// isWord reports whether c may be part of a word.
func isWord(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c|0x20 && c|0x20 <= 'z' || c >= utf8.RuneSelf
}

// entities are the characters that can mean something, as numbers.
var entities = map[byte]string{
	'|': "&#124;", '`': "&#96;", '*': "&#42;", '_': "&#95;", '~': "&#126;", '[': "&#91;", ']': "&#93;", '<': "&lt;", '>': "&gt;",
	'&': "&amp;", '\\': "&#92;", '#': "&#35;", '$': "&#36;", '!': "&#33;", '+': "&#43;", '-': "&#45;",
	'=': "&#61;", '.': "&#46;", ')': "&#41;", ':': "&#58;",
}

// isListNumber reports whether a dot behind s would make it the number of a list.
func isListNumber(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }

func (m *markdown) summary() {
	m.write("## ", inMarkdown(m.heading()), "\n\n")
	var parts []string
	for _, text := range m.counts() {
		parts = append(parts, inMarkdown(text))
	}
	m.write(items(m.Summary.Items), ": ", strings.Join(parts, ", "), "\n\n")
	for _, side := range verdict.Sides {
		m.write("- **", side.String(), "** ", inMarkdown(m.Source(side).title()), ": ", inMarkdown(m.read(m.Source(side))), "\n")
	}
	if lag := m.Lag(); lag != "" {
		m.write("- ", inMarkdown(lag), "\n")
	}
}

func (m *markdown) work() {
	list := m.worklist(m.options)
	if len(list.tasks) > 0 {
		m.write("\n### What to do\n\n")
	}
	for _, t := range list.tasks {
		m.write("- **", inMarkdown(t.label), "** ", inMarkdown(t.text), "\n")
		if t.remedy != "" {
			m.write("  <br>", inMarkdown(t.remedy), "\n")
		}
	}
	if len(list.unchecked) > 0 {
		m.write("- Not checked, for every item a value is unknown: ", inMarkdown(strings.Join(list.unchecked, ", ")), "\n")
	}
}

func (m *markdown) warnings() {
	for _, part := range m.toldParts() {
		m.write("\n### ", part.title, "\n\n")
		for _, w := range part.list {
			source := ""
			if w.Source != "" {
				source = "**" + inMarkdown(clean(w.Source)) + "** "
			}
			m.write("- ", source, inMarkdown(prose(w.Text)), "\n")
		}
	}
}

// columns begins the table of items.
func (m *markdown) columns() {
	m.write("\n### Items\n\n| SKU | Name | Status | Result |")
	for i := range m.Rules {
		m.write(" ", inMarkdown(clean(m.Rules[i].Code)), " |")
	}
	m.write(" Differences |\n|---|---|---|---|", strings.Repeat(":-:|", len(m.Rules)), "---|\n")
}

var markdownMarks = &marks{separator: "<br>", between: ", ", openText: "“", closeText: "”", escape: appendMarkdown}

func (m *markdown) item(it *Item) error {
	if m.shown++; m.shown == 1 {
		m.columns()
	}
	m.text = append(m.text[:0], "| "...)
	m.text = append(appendMarkdown(m.text, it.SKU()), " | "...)
	m.text = append(appendMarkdown(m.text, it.Name()), " | "...)
	m.text = append(appendMarkdown(m.text, state(it)), " | "...)
	m.text = append(appendMarkdown(m.text, m.class(it)), " |"...)
	for i := range m.Rules {
		m.text = append(m.text, ' ')
		if it.Outcome != nil && it.Outcome.Cells[i] != verdict.NotThere {
			m.text = appendLetter(m.text, it.Outcome.Cells[i])
		}
		m.text = append(m.text, " |"...)
	}
	m.text = append(m.text, ' ')
	if m.details != nil {
		m.paragraphs(m.details.details(it))
	} else {
		m.text = m.differences.append(m.text, it, markdownMarks)
	}
	m.text = append(m.text, " |\n"...)
	_, err := m.out.Write(m.text)
	return err
}

// appendLetter appends a cell's letter; one that asks for something is bold.
func appendLetter(dst []byte, cell verdict.Cell) []byte {
	if cell == verdict.NotSynchronized {
		return append(dst, "**N**"...)
	}
	return append(dst, cell.String()...)
}

// paragraphs adds an item's details.
func (m *markdown) paragraphs(list []detail) {
	for i, d := range list {
		if i > 0 {
			m.text = append(m.text, "<br>"...)
		}
		if d.label != "" {
			m.text = append(appendMarkdown(append(m.text, "**"...), d.label), "** "...)
		}
		m.text = appendMarkdown(m.text, d.text)
	}
}

func (m *markdown) end(left rest) error {
	switch {
	case left.items > 0:
		m.write("\n", left.more(), "; ", m.options.tellProblems("`--problems`"), "`--max-rows 0` shows all, `--format csv` writes all of them.\n")
	case m.shown == 0:
		text, _ := m.whyNone(m.options)
		m.write("\n", inMarkdown(text), "\n")
		return nil
	}
	var meanings []string
	for _, l := range letters() {
		meanings = append(meanings, l.cell.String()+" "+l.text)
	}
	m.write("\n", strings.Join(meanings, ", "), "\n")
	if len(m.Rules) > 0 {
		var titles []string
		for i := range m.Rules {
			titles = append(titles, "**"+inMarkdown(clean(m.Rules[i].Code))+"** "+inMarkdown(prose(m.Rules[i].Title)))
		}
		m.write("\n", strings.Join(titles, ", "), "\n")
	}
	if m.differences.signs {
		m.write("\n", inMarkdown(signs.Legend), "\n")
	}
	return nil
}
