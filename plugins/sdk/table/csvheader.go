package table

import (
	"bytes"
	"fmt"
	"strings"
	"unicode/utf8"
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
	bad       *BadRow // why the first row cannot be read, or nil
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
func (r *csvRows) find() error {
	candidates, err := r.candidates()
	if err != nil {
		return err
	}
	c, rival := choose(candidates, r.fit != nil)
	if rival != nil {
		return fmt.Errorf("%s: its fields could be parted by %q or by %q: say which with delimiter", r.name, string(c.delimiter), string(rival.delimiter))
	}
	switch {
	case c.bad != nil && (!c.fits || len(c.tops) == 0 || r.fit == nil || r.form.headerRow > 0):
		return r.headerError(c.badAt, c.bad)
	case len(c.tops) == 0:
		return fmt.Errorf("%s is empty: there is not even a header", r.name)
	case c.rivals != nil:
		return fmt.Errorf("%s: line %d could be the header, and so could line %d: say which it is with header_row",
			r.name, c.tops[c.rivals[0]].line, c.tops[c.rivals[1]].line)
	}
	header := c.tops[c.at]
	r.delimiter, r.header, r.window.pos = c.delimiter, header.line, header.start
	r.guessedDelimiter, r.guessedHeader = len(candidates) > 1, r.form.headerRow == 0
	if r.form.headerRow > 0 {
		r.header = r.form.headerRow
	}
	return nil
}

// candidates returns the text's beginning with each delimiter that it may have.
func (r *csvRows) candidates() ([]candidate, error) {
	possible := delimiters
	said, length := saidDelimiter(r.window.buf[:r.window.end])
	switch {
	case r.form.delimiter != 0:
		possible = []rune{r.form.delimiter}
	case said != 0:
		possible = []rune{said}
	case r.form.fallback != 0:
		possible = []rune{r.form.fallback}
	}
	if r.form.headerRow == 0 {
		r.window.pos = length
	} else if err := r.skipTo(r.form.headerRow); err != nil {
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
func (r *csvRows) candidate(delimiter rune) candidate {
	w, c := r.window, candidate{delimiter: delimiter}
	from := w.pos
	defer func() { w.pos = from }()
	w.spare = w.size() + windowTail // what was set aside before is of no use
	s := splitter{delimiter: utf8.AppendRune(nil, delimiter), quote: r.form.quote, header: true}
	var names [][]string
	for tries := 0; len(c.tops) < headerRows && tries < 2*headerRows; tries++ { // each may go through all of the window
		result, bad, start := s.split(w, 1)
		if bad != nil {
			if len(c.tops) == 0 && c.bad == nil {
				c.bad, c.badAt = bad, start
			}
			// A title may hold a quote that swallows what is below it.
			w.pos = start + bytes.IndexByte(w.buf[start:w.end], '\n') + 1
			continue
		}
		if b := &s.block; b.rows() > 0 {
			row := make([]string, len(b.spans))
			for i, field := range b.spans {
				row[i] = string(b.text[field.from:field.to])
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
	if r.form.headerRow > 0 {
		c.fits = r.fit == nil || r.fit(names[0]) == nil
		return c
	}
	c.at, c.rivals = chooseHeader(names, r.fit)
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

// guesses implements guesser.
func (r *csvRows) guesses() (list []guess) {
	if r.guessedDelimiter {
		list = append(list, guess{fmt.Sprintf("fields parted by %q", string(r.delimiter)), "delimiter"})
	}
	switch s := &r.splitter; {
	case r.form.quoteSet:
	case s.bare:
		list = append(list, guess{`quotes within fields as they stand`, "quote"})
	case s.quoted:
		list = append(list, guess{`fields quoted by "`, "quote"})
	}
	if e := r.text.settled; r.text.guess && e.name != "" && e.mark == 0 {
		list = append(list, guess{"encoding " + e.name, "encoding"})
	}
	if r.guessedHeader {
		list = append(list, guess{fmt.Sprintf("header in line %d", r.header), "header_row"})
	}
	return list
}

// decimal implements decimalRows.
func (r *csvRows) decimal() byte { return r.form.decimal }

// doubts implements doubter.
func (r *csvRows) doubts() []string {
	if text := r.splitter.across.warning(); text != "" {
		return []string{r.name + ": " + text}
	}
	return nil
}
