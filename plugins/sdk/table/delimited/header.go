package delimited

import (
	"bytes"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/reconcilehq/reconcile/plugins/sdk/table/grid"
)

// delimiters are those that are looked for.
var delimiters = []rune{',', ';', '\t', '|'}

// top is one of a text's first rows, blank ones left out.
type top struct {
	start, line int // start is a place in the window
	names       []string
}

// candidate is a text's beginning with its fields parted by a certain delimiter.
type candidate struct {
	delimiter rune
	tops      []top
	bad       *grid.BadRow // why the first row cannot be read, or nil
	badAt     int
	at        int   // the header among tops
	rivals    []int // others that could be it
	fits      bool
}

// width is how many fields the header has.
func (c *candidate) width() int {
	if len(c.tops) == 0 {
		return 0
	}
	return len(c.tops[c.at].names)
}

// steady is how many of the rows behind the header have as many fields.
func (c *candidate) steady() (n int) {
	for i, t := range c.tops {
		if i > c.at && len(t.names) == c.width() {
			n++
		}
	}
	return n
}

// find finds the delimiter and the header, as far as they are not said, and steps to the header. The delimiter is the one
// with which there is a row that can be the header.
func (r *Rows) find() error {
	candidates, err := r.candidates()
	if err != nil {
		return err
	}
	c, rival := choose(candidates, r.fit != nil)
	if rival != nil {
		return fmt.Errorf("%s: its fields could be parted by %q or by %q: say which with delimiter", r.name, string(c.delimiter), string(rival.delimiter))
	}
	switch {
	case c.bad != nil && (!c.fits || len(c.tops) == 0 || r.fit == nil || r.form.HeaderRow > 0):
		return r.headerError(c.badAt, c.bad)
	case len(c.tops) == 0:
		return fmt.Errorf("%s is empty: there is not even a header", r.name)
	case c.rivals != nil:
		return fmt.Errorf("%s: line %d could be the header, and so could line %d: say which it is with header_row",
			r.name, c.tops[c.rivals[0]].line, c.tops[c.rivals[1]].line)
	}
	header := c.tops[c.at]
	r.delimiter, r.header, r.window.pos = c.delimiter, header.line, header.start
	r.guessedDelimiter, r.guessedHeader = len(candidates) > 1, r.form.HeaderRow == 0
	if r.form.HeaderRow > 0 {
		r.header = r.form.HeaderRow
	}
	return nil
}

// candidates returns the text's beginning with each delimiter that it may have.
func (r *Rows) candidates() ([]candidate, error) {
	possible := delimiters
	said, length := saidDelimiter(r.window.buf[:r.window.end])
	switch {
	case r.form.Delimiter != 0:
		possible = []rune{r.form.Delimiter}
	case said != 0:
		possible = []rune{said}
	case r.form.Fallback != 0:
		possible = []rune{r.form.Fallback}
	}
	if r.form.HeaderRow == 0 {
		r.window.pos = length
	} else if err := r.skipTo(r.form.HeaderRow); err != nil {
		return nil, err
	}
	for {
		list := make([]candidate, len(possible))
		none := true
		for i, delimiter := range possible {
			list[i] = r.candidate(delimiter)
			none = none && len(list[i].tops) == 0 && list[i].bad == nil
		}
		if !none || r.window.eof {
			return list, nil
		}
		if err := r.fill(); err != nil { // not even one row is all there
			return nil, err
		}
	}
}

// candidate reads the first rows from the window's place on, which stays as it is.
func (r *Rows) candidate(delimiter rune) candidate {
	w, c := r.window, candidate{delimiter: delimiter}
	from := w.pos
	unused := w.size() + Tail // what is set aside of a row that was looked at is of no use
	defer func() { w.pos, w.spare = from, unused }()
	s := splitter{delimiter: utf8.AppendRune(nil, delimiter), quote: r.form.Quote, header: true}
	var names [][]string
	for tries := 0; len(c.tops) < grid.HeaderRows && tries < 2*grid.HeaderRows; tries++ { // each may go through all of the window
		w.spare = unused
		result, bad, start := s.split(w, 1)
		if bad != nil {
			if len(c.tops) == 0 && c.bad == nil {
				c.bad, c.badAt = bad, start
			}
			// A title may hold a quote that swallows what is below it.
			w.pos = start + bytes.IndexByte(w.buf[start:w.end], '\n') + 1
			continue
		}
		if b := &s.block; b.Rows() > 0 {
			row := make([]string, len(b.Spans))
			for i, field := range b.Spans {
				row[i] = string(b.Text[field.From:field.To])
			}
			names = append(names, row)
			c.tops = append(c.tops, top{int(b.starts[0]), w.lineOf(int(b.starts[0])), row})
		} else if result == wantsText {
			break
		}
	}
	if len(names) == 0 {
		return c
	}
	if r.form.HeaderRow > 0 {
		c.fits = r.fit == nil || r.fit(names[0]) == nil
		return c
	}
	c.at, c.rivals = grid.ChooseHeader(names, r.fit)
	c.fits = r.fit == nil || r.fit(names[c.at]) == nil
	return c
}

// choose returns the candidate to take, and one that is as good, if there is one. judged says that what fits was looked at.
func choose(list []candidate, judged bool) (best, rival *candidate) {
	if len(list) == 1 {
		return &list[0], nil
	}
	var wide, narrow []*candidate
	for i := range list {
		switch c := &list[i]; {
		case !judged || !c.fits:
		case c.width() > 1:
			wide = append(wide, c)
		default:
			narrow = append(narrow, c)
		}
	}
	switch {
	case len(wide) > 1:
		return wide[0], wide[1]
	case len(wide) == 1:
		return wide[0], nil
	case len(narrow) > 0:
		// A header of one column is one column. Rows that then have more fields are an error, whatever parts them.
		for _, c := range narrow {
			for _, t := range c.tops {
				if len(t.names) > 1 {
					return c, nil
				}
			}
		}
		return narrow[0], nil
	}
	best = &list[0]
	for i := range list[1:] {
		switch c := &list[i+1]; {
		case c.width() < 2:
		case best.width() < 2 || c.steady() > best.steady() || c.steady() == best.steady() && c.width() > best.width():
			best, rival = c, nil
		case c.steady() == best.steady() && c.width() == best.width():
			rival = c
		}
	}
	return best, rival
}

// saidDelimiter returns the delimiter that a file names for spreadsheet programs in its first line, sep=; and the line's
// length; 0 if there is no such line.
func saidDelimiter(text []byte) (rune, int) {
	length := bytes.IndexByte(text, '\n') + 1
	line := strings.Trim(strings.TrimRight(string(text[:length]), "\r\n"), `"`)
	if len(line) < 5 || !strings.EqualFold(line[:4], "sep=") {
		return 0, 0
	}
	if r, n := utf8.DecodeRuneInString(line[4:]); n == len(line)-4 && r != utf8.RuneError {
		return r, length
	}
	return 0, 0
}

// Guesses returns what was guessed so far. All of it is known when the last row was read.
func (r *Rows) Guesses() (list []grid.Guess) {
	if r.guessedDelimiter {
		list = append(list, grid.Guess{What: fmt.Sprintf("fields parted by %q", string(r.delimiter)), Setting: "delimiter"})
	}
	switch s := &r.splitter; {
	case !r.guessedQuote:
	case s.bare:
		list = append(list, grid.Guess{What: `quotes within fields as they stand`, Setting: "quote"})
	case s.quoted:
		list = append(list, grid.Guess{What: "texts in double quotes", Setting: "quote"})
	}
	if e := r.text.settled; r.text.encodings.setting == encodingAuto && e.name != "" && e.mark == 0 {
		list = append(list, grid.Guess{What: "encoding " + e.name, Setting: "encoding"})
	}
	if r.guessedHeader {
		list = append(list, grid.Guess{What: fmt.Sprintf("header in line %d", r.header), Setting: "header_row"})
	}
	return list
}

// Doubts returns a warning for each thing in the rows that were read that may be meant otherwise.
func (r *Rows) Doubts() []string {
	list := r.window.odd.warnings(r.name)
	if text := r.splitter.across.warning(); text != "" {
		list = append(list, r.name+": "+text)
	}
	return list
}
