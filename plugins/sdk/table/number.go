package table

import (
	"errors"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/plugins/sdk"
)

var (
	errNotNumber = errors.New("is not a number")
	errTooLong   = errors.New("has too many digits")
	errApart     = errors.New("is not a number: a dash that stands apart may be a minus, or stand for nothing; write -12 or 12")
	errNoWhole   = errors.New("is not a number: the dash may be a minus, or stand for a zero; write -0.50 or 0.50")
	errNoUnit    = errors.New("is not a number: its sign stands for a part of a currency's unit, such as cents, or for no currency; write 0.99 for 99¢")
	errGroups    = errors.New("is not a number: a comma or an apostrophe only parts groups of three digits, and a point starts the decimals")
)

// parseNumber reads a number as people and spreadsheets write it; ok is false if the text is empty. Beside plain
// numbers it knows
//
//   - groups of three digits parted by commas or by apostrophes: 1,234.50, 1'234.50
//   - a currency sign or ISO code before, behind or both: $19.99, CA$ 5, CAD 19.99, 19.99 €, 5 kr, $5.00 USD
//   - negative numbers: -3, −3, 3-, (3), -$3, $-3, ($3.00)
//   - dashes in place of the cents, directly behind the mark that starts the decimals: 12.-, 12.--, CHF 12.–
//   - white space around any of these, no-break spaces included
//
// Whatever could mean two things, such as 1,5 or 1.234,50 or 12 -, is an error. Where decimal is a comma, that starts the decimals,
// and groups are parted by points, blanks or apostrophes: 1.234,50.
func parseNumber(text string, decimal byte) (d sdk.Decimal, ok bool, err error) {
	d, _, ok, err = parseAmount(text, decimal)
	return d, ok, err
}

// parseAmount is parseNumber with the currency's mark, as far as there is one.
func parseAmount(text string, decimal byte) (d sdk.Decimal, of mark, ok bool, err error) {
	if text = strings.TrimSpace(text); text == "" {
		return d, of, false, nil
	}
	if decimal != ',' { // 1.299 is another number where a comma starts the decimals
		d, err = catalog.ParseDecimal(text)
		if err == nil {
			return d, of, true, nil
		}
		if errors.Is(err, catalog.ErrRange) {
			return d, of, false, errTooLong
		}
	}
	s := decorated{text: catalog.NormalText(text), decimal: decimal}
	s.strip()
	if catalog.CountsNoUnit(s.text) {
		return d, of, false, errNoUnit
	}
	if err = s.doubt(); err != nil {
		return d, of, false, err
	}
	digits, err := ungroup(s.text)
	if decimal == ',' {
		digits, err = ungroupComma(s.text)
	}
	if err != nil {
		return d, of, false, err
	}
	if d, err = catalog.ParseDecimal(digits); errors.Is(err, catalog.ErrRange) {
		return d, of, false, errTooLong
	} else if err != nil {
		return d, of, false, errNotNumber
	}
	if of.is, ok = s.before.Meet(s.behind); !ok {
		return d, of, false, errors.New("has the marks of two currencies")
	}
	if of.is != "" {
		of.text = text
	}
	if s.minus {
		d = d.Neg()
	}
	return d, of, true, nil
}

// decorated is a number's text that loses its sign and its currency, from the outside in. What is there twice stays,
// and then is no number.
type decorated struct {
	text           string
	decimal        byte // what starts the decimals
	signed, minus  bool
	trailing       bool             // the sign is behind the digits
	whole          bool             // dashes stand in place of the cents
	apart          bool             // a blank is between the digits and the dash behind them
	before, behind catalog.Currency // of the marks before and behind the digits
}

func (s *decorated) strip() {
	for before := ""; before != s.text; {
		before = s.text
		s.parentheses()
		s.cents()
		s.sign()
		s.currencies()
		s.text = strings.TrimSpace(s.text)
	}
}

func (s *decorated) parentheses() {
	if inner, ok := strings.CutPrefix(s.text, "("); ok && !s.signed {
		if inner, ok = strings.CutSuffix(inner, ")"); ok {
			s.text, s.signed, s.minus = strings.TrimSpace(inner), true, true
		}
	}
}

// dashes are what stands for a minus, or in place of the cents.
const dashes = "-\u2010\u2011\u2012\u2013\u2014\u2015\u2212"

// cents takes away dashes in place of the cents, and the decimal mark that they are behind. Such a dash is no sign.
func (s *decorated) cents() {
	rest := strings.TrimRight(s.text, dashes)
	if n := utf8.RuneCountInString(s.text[len(rest):]); s.whole || s.trailing || n == 0 || n > 2 || len(rest) < 2 {
		return
	}
	if at := len(rest) - 1; rest[at] == s.decimal && '0' <= rest[at-1] && rest[at-1] <= '9' {
		s.text, s.whole = rest[:at], true
	}
}

func (s *decorated) sign() {
	if s.signed {
		return
	}
	for _, sign := range []string{"-", "\u2212", "+"} {
		if rest, found := strings.CutPrefix(s.text, sign); found {
			s.text, s.signed, s.minus = strings.TrimSpace(rest), true, sign != "+"
			return
		}
		if rest, found := strings.CutSuffix(s.text, sign); found && sign != "+" && !s.whole {
			s.text, s.signed, s.minus, s.trailing = strings.TrimSpace(rest), true, true, true
			s.apart = s.text != rest
			return
		}
	}
}

// doubt says why a number whose decorations were taken away can be meant in two ways; nil if it cannot.
func (s *decorated) doubt() error {
	switch {
	case s.apart, s.trailing && strings.HasSuffix(s.text, string(s.decimal)): // 12.€- has a mark between the two
		return errApart
	case s.minus && len(s.text) > 1 && s.text[0] == s.decimal: // -.50 is fifty cents on a price list
		return errNoWhole
	case s.whole && strings.IndexByte(s.text, s.decimal) >= 0:
		return errNotNumber
	}
	return nil
}

func (s *decorated) currencies() {
	isMark := func(r rune) bool { return unicode.IsLetter(r) || unicode.Is(unicode.Sc, r) }
	if n := len(s.text) - len(strings.TrimLeftFunc(s.text, isMark)); n > 0 && addMark(&s.before, s.text[:n]) {
		s.text = strings.TrimSpace(s.text[n:])
	}
	if n := len(strings.TrimRightFunc(s.text, isMark)); n < len(s.text) && addMark(&s.behind, s.text[n:]) {
		s.text = strings.TrimSpace(s.text[:n])
	}
}

// addMark reports whether text is a mark that can stand beside those that were there: a sign and its code, as in CAD $5.
func addMark(to *catalog.Currency, text string) bool {
	c, ok := catalog.ParseCurrency(text)
	if !ok || c == *to {
		return false
	}
	both, ok := to.Meet(c)
	if ok {
		*to = both
	}
	return ok
}

// pointGroups are what may part groups of digits where a point starts the decimals: a comma, and the apostrophes of Switzerland.
var pointGroups = []string{",", "'", "\u2019"}

// ungroup makes 1234567.89 of 1,234,567.89 and 1'234'567.89. The result has digits and at most one point.
func ungroup(s string) (string, error) {
	whole, fraction, _ := strings.Cut(s, ".")
	if strings.Trim(s, "0123456789.,'\u2019") != "" {
		return "", errNotNumber
	}
	if strings.ContainsAny(fraction, ".,'\u2019") {
		return "", errGroups
	}
	for _, mark := range pointGroups {
		if groups := strings.Split(whole, mark); len(groups) > 1 {
			if !areGroups(groups) {
				return "", errGroups
			}
			return strings.ReplaceAll(s, mark, ""), nil
		}
	}
	return s, nil
}

// areGroups reports whether digits are parted as those of a number are: three in each group, and one to three in the first, which does
// not begin with a zero: 0,123 is no group, but a decimal comma.
func areGroups(groups []string) bool {
	for i, group := range groups {
		if len(group) != 3 && (i > 0 || len(group) == 0 || len(group) > 3) || strings.Trim(group, "0123456789") != "" {
			return false
		}
	}
	return groups[0][0] != '0'
}
