package table

import (
	"errors"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/currency"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/plugins/sdk"
)

var (
	errNotNumber = errors.New("is not a number")
	errGroups    = errors.New("is not a number: a comma only parts groups of three digits, and a point starts the decimals")
)

// parseNumber reads a number as people and spreadsheets write it; ok is false if the text is empty. Beside plain
// numbers it knows
//
//   - groups of three digits parted by commas: 1,234.50
//   - a currency sign or ISO code before, behind or both: $19.99, CA$ 5, CAD 19.99, 19.99 €, $5.00 USD
//   - negative numbers: -3, −3, 3-, (3), -$3, $-3, ($3.00)
//   - white space around any of these, no-break spaces included
//
// Whatever could mean two things, such as 1,5 or 1.234,50, is an error.
func parseNumber(text string) (d sdk.Decimal, ok bool, err error) {
	if text = strings.TrimSpace(text); text == "" {
		return d, false, nil
	}
	d, err = catalog.ParseDecimal(text)
	if err == nil {
		return d, true, nil
	}
	if errors.Is(err, catalog.ErrRange) {
		return d, false, errors.New("has too many digits")
	}
	s := decorated{text: text}
	s.strip()
	digits, err := ungroup(s.text)
	if err != nil {
		return d, false, err
	}
	if d, err = catalog.ParseDecimal(digits); err != nil {
		return d, false, errNotNumber
	}
	if s.minus {
		d = d.Neg()
	}
	return d, true, nil
}

// decorated is a number's text that loses its sign and its currency, from the outside in. What is there twice stays,
// and then is no number.
type decorated struct {
	text                string
	signed, minus       bool
	currency, afterward bool // a currency was found before, behind the digits
}

func (s *decorated) strip() {
	for before := ""; before != s.text; {
		before = s.text
		s.parentheses()
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

func (s *decorated) sign() {
	if s.signed {
		return
	}
	for _, sign := range []string{"-", "\u2212", "+"} {
		rest, found := strings.CutPrefix(s.text, sign)
		if !found && sign != "+" {
			rest, found = strings.CutSuffix(s.text, sign)
		}
		if found {
			s.text, s.signed, s.minus = strings.TrimSpace(rest), true, sign != "+"
			return
		}
	}
}

func (s *decorated) currencies() {
	if !s.currency {
		isMoney := func(r rune) bool { return unicode.IsLetter(r) || unicode.Is(unicode.Sc, r) }
		if n := len(s.text) - len(strings.TrimLeftFunc(s.text, isMoney)); n > 0 && isCurrency(s.text[:n]) {
			s.text, s.currency = strings.TrimSpace(s.text[n:]), true
		}
	}
	if !s.afterward {
		isMoney := func(r rune) bool { return unicode.IsLetter(r) || unicode.Is(unicode.Sc, r) }
		if n := len(strings.TrimRightFunc(s.text, isMoney)); n < len(s.text) && isCurrency(s.text[n:]) {
			s.text, s.afterward = strings.TrimSpace(s.text[:n]), true
		}
	}
}

// isCurrency reports whether s is a currency's sign, which up to three letters may precede (CA$), or an ISO code in
// capitals.
func isCurrency(s string) bool {
	sign, n := utf8.DecodeLastRuneInString(s)
	if unicode.Is(unicode.Sc, sign) {
		letters := s[:len(s)-n]
		return len(letters) <= 3 && strings.Trim(letters, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == ""
	}
	if len(s) != 3 || strings.ToUpper(s) != s {
		return false
	}
	_, err := currency.ParseISO(s)
	return err == nil
}

// ungroup takes the commas out of 1,234,567.89. The result has digits and at most one point.
func ungroup(s string) (string, error) {
	whole, fraction, _ := strings.Cut(s, ".")
	if strings.Trim(s, "0123456789.,") != "" {
		return "", errNotNumber
	}
	if strings.ContainsAny(fraction, ".,") {
		return "", errGroups
	}
	groups := strings.Split(whole, ",")
	if len(groups) == 1 {
		return s, nil
	}
	for i, group := range groups {
		if len(group) != 3 && (i > 0 || len(group) == 0 || len(group) > 3) {
			return "", errGroups
		}
	}
	if groups[0][0] == '0' { // 0,123 is no group, but a decimal comma
		return "", errGroups
	}
	return strings.ReplaceAll(s, ",", ""), nil
}
