package table

import (
	"context"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"github.com/reconcilehq/reconcile/plugins/sdk"
	"github.com/reconcilehq/reconcile/plugins/sdk/table/grid"
)

// spelling is how a table writes numbers, and what it writes where a number or a bool is not known.
type spelling struct {
	decimal  byte     // what starts a number's decimals: a point or a comma
	settable bool     // a setting names it
	unknown  []string // the settings' texts, beside an empty one
}

// decimalInput is an Input whose numbers are written with a decimal mark that a setting names.
type decimalInput interface{ decimalMark() byte }

// spellingOf returns how a table writes what it has.
func (s *Settings) spellingOf(input Input) *spelling {
	sp := &spelling{decimal: '.'}
	if d, ok := input.(decimalInput); ok {
		sp.decimal, sp.settable = d.decimalMark(), true
	}
	for _, text := range s.Unknown {
		sp.unknown = append(sp.unknown, strings.TrimSpace(text))
	}
	return sp
}

// isUnknown reports whether a text stands for what is not known.
func (s *spelling) isUnknown(text string) bool {
	if len(s.unknown) == 0 {
		return false
	}
	text = strings.TrimSpace(text)
	return slices.ContainsFunc(s.unknown, func(unknown string) bool { return strings.EqualFold(unknown, text) })
}

// number is parseAmount; ok is false, too, where the text stands for what is not known.
func (s *spelling) number(text string) (d sdk.Decimal, of mark, ok bool, err error) {
	if s.isUnknown(text) {
		return d, of, false, nil
	}
	return parseAmount(text, s.decimal)
}

// truth is number for bools.
func (s *spelling) truth(text string) (truth, ok bool, err error) {
	if s.isUnknown(text) {
		return false, false, nil
	}
	return parseBool(text)
}

// cure says which setting has a text read that is no number, or no bool, if it is meant as it looks; "" if none does.
func (s *spelling) cure(text string, t sdk.Type) string {
	text = strings.TrimSpace(text)
	if t == sdk.Number && s.settable {
		other := byte(',')
		if s.decimal == other {
			other = '.'
		}
		if _, ok, err := parseNumber(text, other); ok && err == nil {
			return fmt.Sprintf("set decimal = %q if the decimals start so", string(other))
		}
	}
	if len(text) > 40 || strings.ContainsAny(text, "0123456789\"\\") {
		if _, _, err := parseNumber(text, s.decimal); t == sdk.Number && errors.Is(err, errNotNumber) {
			plain := strings.Replace("12.50", ".", string(s.decimal), 1)
			if words := lettersIn(text); len(words) == 1 {
				return fmt.Sprintf("have the column hold plain numbers, such as %s, without %q: a unit can stand in the column's name", plain, words[0])
			}
			return "have the column hold plain numbers, such as " + plain + ", without units and other words"
		}
		return ""
	}
	return fmt.Sprintf("set unknown = [%q] if that stands for what is not known", text)
}

// lettersIn returns the words of a text, without what stands between them.
func lettersIn(text string) []string {
	return strings.FieldsFunc(text, func(r rune) bool { return !unicode.IsLetter(r) })
}

// namesNumbers reports whether a number, such as -1, stands for what is not known.
func (s *spelling) namesNumbers() bool {
	return slices.ContainsFunc(s.unknown, func(text string) bool {
		_, ok, err := parseNumber(text, s.decimal)
		return ok && err == nil
	})
}

var errCommaGroups = errors.New(`is not a number where decimal is ",": a comma starts the decimals, and a point, a blank or an apostrophe only parts groups of three digits`)

// commaGroups are what may part groups of digits where a comma starts the decimals: a point, a blank, no-break ones, an
// apostrophe.
var commaGroups = []string{".", " ", "\u00a0", "\u202f", "'", "\u2019"}

// ungroupComma makes 1234.50 of 1.234,50. The result has digits and at most one point.
func ungroupComma(s string) (string, error) {
	if strings.ContainsFunc(s, func(r rune) bool { return !strings.ContainsRune("0123456789.,' \u00a0\u202f\u2019", r) }) {
		return "", errNotNumber // what is wrong are words, and not how the digits are parted
	}
	whole, fraction, decimals := strings.Cut(s, ",")
	if strings.Trim(fraction, "0123456789") != "" {
		return "", errCommaGroups
	}
	for _, mark := range commaGroups {
		if groups := strings.Split(whole, mark); len(groups) > 1 {
			if !areGroups(groups) {
				return "", errCommaGroups
			}
			whole = strings.Join(groups, "")
			break
		}
	}
	if strings.Trim(whole, "0123456789") != "" {
		return "", errCommaGroups
	}
	if decimals {
		return whole + "." + fraction, nil
	}
	return whole, nil
}

// What starts the decimals, of numbers that can mean one thing only: 1.299,00 and 12,5, but not 1,299.
var (
	commaDecimals = regexp.MustCompile(`^[^\d,]*\d{1,3}(?:[.\s\x{a0}\x{202f}'’]?\d{3})*,\d{1,2}[^\d.,]*$`)
	pointDecimals = regexp.MustCompile(`^[^\d.]*\d{1,3}(?:[,\s\x{a0}\x{202f}'’]?\d{3})*\.\d{1,2}[^\d.,]*$`)
)

// HasDecimalCommas reports whether numbers in these columns have decimal commas, and none has a decimal point, whatever the settings say.
// The header is the first row that has the columns. Of a file that cannot be read to its end it reports false: who reads it says why.
func (f *File) HasDecimalCommas(ctx context.Context, columns []string) (bool, error) {
	rows, header, err := f.Open(ctx, func(names []string) error {
		for _, column := range columns {
			if columnAt(names, column) < 0 {
				return errors.New("it is another row")
			}
		}
		return nil
	})
	if err != nil {
		return false, err
	}
	defer func() { _ = rows.Close() }()
	var want []grid.Cell
	for _, column := range columns {
		if at := columnAt(header, column); at >= 0 {
			want = append(want, grid.Cell{Column: at, Type: sdk.Number})
		}
	}
	commas := false
	for got := make([]string, len(want)); ctx.Err() == nil; {
		var bad *grid.BadRow
		switch err := rows.Next(want, got); {
		case errors.Is(err, io.EOF):
			return commas, nil
		case errors.As(err, &bad) && !bad.Fatal:
			continue
		case err != nil:
			return false, nil
		case slices.ContainsFunc(got, pointDecimals.MatchString):
			return false, nil
		}
		commas = commas || slices.ContainsFunc(got, commaDecimals.MatchString)
	}
	return false, ctx.Err()
}

// columnAt returns where a column stands in a header; -1 if nowhere.
func columnAt(header []string, name string) int {
	return slices.IndexFunc(header, func(column string) bool { return strings.TrimSpace(column) == strings.TrimSpace(name) })
}
