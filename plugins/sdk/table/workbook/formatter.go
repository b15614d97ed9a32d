package workbook

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/xuri/excelize/v2"
)

// formatter shows values as spreadsheet programs do. It is a workbook of its own, in memory, with one cell for each section of
// a number format; nothing of the file that is read is in it but those and the number that is shown.
type formatter struct {
	book     *excelize.File
	date1904 bool
	cells    map[string]string // by the section's code
	texts    map[string]string // how a section shows a text, with mark for it
}

const (
	scratch = "Sheet1" // the sheet of a new workbook
	mark    = "\ue000" // stands for a text, to see what a format puts around it
)

func newFormatter(date1904 bool) (*formatter, error) {
	f := &formatter{excelize.NewFile(), date1904, map[string]string{}, map[string]string{}}
	return f, f.book.SetWorkbookProps(&excelize.WorkbookPropsOptions{Date1904: &date1904})
}

// floatOf is a stored number as formats take it; false if it is beyond all floats.
func floatOf(stored string) (float64, bool) {
	v, err := strconv.ParseFloat(stored, 64)
	return v, err == nil
}

// format shows the number in a cell. plain says that it is to be taken as it is stored.
func (f *formatter) format(as *Format, c Cell) (text string, plain bool, err error) {
	v, inRange := floatOf(c.stored)
	s, unsigned, ok := as.of(v)
	if !inRange || !ok {
		return c.stored, true, nil
	}
	if s.isMoment() {
		return f.moment(s, c.stored, v)
	}
	number := c.Plain()
	if unsigned {
		number = strings.TrimPrefix(number, "-")
	}
	switch {
	case s.general:
		sign := ""
		if number[0] == '-' {
			sign, number = "-", number[1:]
		}
		return sign + s.before + number + s.behind, false, nil
	case s.digits == 0 && strings.TrimSpace(s.before) == "": // it hides the number
		return c.stored, true, nil
	case s.digits == 0: // words
		if number[0] == '-' {
			return "-" + s.before, false, nil
		}
		return s.before, false, nil
	case !s.slash && s.loses(number):
		return c.stored, true, nil
	case strings.Trim(number, "-0.") == "" && s.zeros == 0 && !s.slash && !s.point && s.percents == 0 && strings.TrimSpace(s.before) != "":
		return s.before, false, nil // without a digit
	}
	stored := c.stored
	if unsigned {
		stored = strings.TrimPrefix(stored, "-")
	}
	shown, err := f.number(s.code, stored)
	text = s.filled(shown)
	switch {
	case err == nil && !s.slash && !s.shows(shown, number):
		return c.stored, true, nil
	case err != nil || !s.slash:
		return text, false, err
	case !isFraction(text, v):
		return c.stored, true, nil
	}
	return s.shortFraction(text), false, nil
}

// shows reports whether what was shown by the section's code is a number and nothing but its texts. One of more digits than formats
// show is looked at by who reads it.
func (s *section) shows(shown, number string) bool {
	if len(Digits(number)) > floatDigits {
		return true
	}
	is := s.without(shown)
	negative := strings.HasPrefix(number, "-")
	if strings.Contains(is, "-") != negative || strings.Count(is, "%") != s.percents {
		return false
	}
	is = strings.NewReplacer("-", "", "%", "").Replace(is)
	whole, fraction, _ := strings.Cut(strings.TrimPrefix(number, "-"), ".")
	for range 2 * s.percents {
		if fraction == "" {
			fraction = "0"
		}
		whole, fraction = whole+fraction[:1], fraction[1:]
	}
	isWhole, isFraction, _ := strings.Cut(is, ".")
	return Digits(isWhole) == isWhole && Digits(isFraction) == isFraction &&
		strings.TrimLeft(isWhole, "0") == strings.TrimLeft(whole, "0") && strings.TrimRight(isFraction, "0") == strings.TrimRight(fraction, "0")
}

// Digits returns the digits of a text, 0 to 9.
func Digits(text string) string {
	return strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, text)
}

// shortFraction leaves out what programs do not show of a number such as 0 1/2 or 5 0/2.
func (s *section) shortFraction(text string) string {
	text = strings.TrimRight(text, " ")
	last := strings.LastIndexByte(text, ' ') + 1
	whole, part := strings.TrimRight(text[:last], " "), text[last:]
	switch sign := strings.TrimSuffix(whole, "0"); {
	case whole == "":
	case strings.HasPrefix(part, "0/"):
		return whole
	case sign == "" || sign == "-":
		if strings.HasPrefix(s.code, "#") {
			return sign + part
		}
	}
	return text
}

// moment shows a date or time: by its section, or in ISO's form where that would lose the century or more.
func (f *formatter) moment(s *section, stored string, v float64) (text string, plain bool, err error) {
	if v < 0 || v > latest {
		return stored, true, nil
	}
	elapsed := strings.Contains(s.parts, "e")
	if (f.date1904 && v < 62 || v >= 32 && v < 33) && strings.ContainsAny(s.parts, "yYmd") { // the library shows another day
		t, err := second(v, f.date1904)
		return strings.TrimSuffix(t.Format(time.DateTime), " 00:00:00"), err != nil, err
	}
	switch shown := fraction(v, f.date1904); {
	case elapsed && (v > longest || s.point && shown != ""):
		return stored, true, nil
	case s.point && shown != "":
		return shown, false, nil
	}
	if s.tells(v, f.date1904) {
		shown, err := f.number(s.code, stored)
		if err != nil || shown != stored {
			return s.filled(shown), false, err
		}
		// The library does not know the language, or the calendar.
	} else if elapsed {
		return stored, true, nil
	}
	text, err = f.number(isoCode(v, f.date1904), stored)
	return text, false, err
}

// loses reports whether the section shows fewer digits than the number has, or none behind a point.
func (s *section) loses(number string) bool {
	_, fraction, _ := strings.Cut(number, ".")
	return s.scaled || s.parted && s.decimals > 0 || s.point && s.decimals == 0 || strings.ContainsAny(number, "eE") || len(fraction)-2*s.percents > s.decimals
}

// isFraction reports whether a text such as 1 1/2 is all of a number.
func isFraction(text string, v float64) bool {
	words := strings.Fields(strings.TrimLeft(strings.TrimSpace(text), "-"))
	sum := 0.0
	for _, word := range words {
		above, below, parted := strings.Cut(word, "/")
		a, err := strconv.ParseFloat(above, 64)
		b := 1.0
		if parted && err == nil {
			b, err = strconv.ParseFloat(below, 64)
		}
		if err != nil || b == 0 {
			return false
		}
		sum += a / b
	}
	shortest := func(v float64) string { return strconv.FormatFloat(max(v, -v), 'g', floatDigits, 64) }
	return shortest(sum) == shortest(v)
}

// number shows a number, as it is stored, by a section.
func (f *formatter) number(code, stored string) (string, error) {
	at, err := f.cell(code)
	if err == nil {
		err = f.book.SetCellDefault(scratch, at, stored)
	}
	if err != nil {
		return "", err
	}
	return f.book.GetCellValue(scratch, at)
}

// text shows a text. A format that would hide it does not, and the blanks by which one aligns it do not count.
func (f *formatter) text(as *Format, stored string) (string, error) {
	if as.text == nil {
		return stored, nil
	}
	shown, ok := f.texts[as.text.code]
	if !ok {
		var err error
		if shown, err = f.number(as.text.code, mark); err != nil {
			return "", err
		}
		if shown = strings.TrimSpace(as.text.filled(shown)); !strings.Contains(shown, mark) {
			shown = mark
		}
		f.texts[as.text.code] = shown
	}
	return strings.ReplaceAll(shown, mark, stored), nil
}

// cell returns the cell that has the format.
func (f *formatter) cell(code string) (string, error) {
	if at, ok := f.cells[code]; ok {
		return at, nil
	}
	id, err := f.book.NewStyle(&excelize.Style{CustomNumFmt: &code})
	if err != nil {
		return "", fmt.Errorf("number format %q: %w", code, err)
	}
	at := fmt.Sprintf("A%d", len(f.cells)+1)
	f.cells[code] = at
	return at, f.book.SetCellStyle(scratch, at, at, id)
}
