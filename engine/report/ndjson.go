package report

import (
	"bufio"
	"strconv"
)

// jsonLines writes the result as lines of JSON, each of a type: first a header with what was compared, then a line for each
// item with the keys that JSON has, last the summary with the warnings. A file without a last line was cut off. A rule's note
// stands in the header alone.
type jsonLines struct {
	out   *bufio.Writer
	items *jsonItems
	line  []byte
	shown int
}

func newNDJSON(out *bufio.Writer, r *Result, _ Options) (itemWriter, error) {
	l := &jsonLines{out: out, items: newJSONItems(r)}
	l.items.once = true
	return l, l.write(append(oneLine(l.items.about([]byte(`{"type": "header", `))), '}'))
}

func (l *jsonLines) item(it *Item) error {
	l.shown++
	return l.write(l.items.keys(append(l.line[:0], itemLine...), it))
}

// itemLine is what the line of an item begins with.
const itemLine = `{"type": "item", `

// fork implements forker.
func (l *jsonLines) fork() Appender {
	own := newJSONItems(l.items.Result)
	own.once = true
	return func(dst []byte, it *Item) []byte { return append(own.keys(append(dst, itemLine...), it), '\n') }
}

// block implements forker.
func (l *jsonLines) block(lines []byte) error {
	_, err := l.out.Write(lines)
	return err
}

// join implements forker.
func (l *jsonLines) join(items int) { l.shown += items }

func (l *jsonLines) end(rest) error {
	line := append(l.line[:0], `{"type": "summary", "shown": `...)
	line = strconv.AppendInt(line, int64(l.shown), 10)
	line = l.items.summary(append(line, `, "summary": `...))
	line = l.items.warnings(append(line, `, `...))
	return l.write(append(oneLine(line), '}'))
}

// write writes a line, and keeps its memory for the next.
func (l *jsonLines) write(line []byte) error {
	l.line = append(line, '\n')
	_, err := l.out.Write(l.line)
	return err
}

// oneLine joins the lines of JSON in place. Texts in it have no line breaks: appendQuoted writes them as \n.
func oneLine(text []byte) []byte {
	to := 0
	for i := 0; i < len(text); i++ {
		if text[i] != '\n' {
			text[to] = text[i]
			to++
			continue
		}
		if to > 0 && text[to-1] == ',' {
			text[to] = ' '
			to++
		}
		for i+1 < len(text) && text[i+1] == ' ' {
			i++
		}
	}
	return text[:to]
}
