package table

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/plugins/sdk"
)

// alsoWords are codes of currencies that are words or usual abbreviations in the names of columns: "Price all stores", "STD price". They
// name a currency only in brackets.
var alsoWords = map[string]bool{"ALL": true, "ANG": true, "BAD": true, "BAM": true, "BOB": true, "CHE": true, "COP": true, "COU": true, "CUP": true, "GEL": true,
	"MAD": true, "MOP": true, "PEN": true, "PTE": true, "RON": true, "SIT": true, "SOS": true, "STD": true, "SUR": true, "SVC": true, "TOP": true, "TRY": true}

// currencyNamed returns the currency that the name of a column with prices says that they are in, and how it stands there: a sign, a code
// in capitals, or one in small letters that is the name's first or last word. It is "" if the name says none, or several.
func currencyNamed(name string) (c catalog.Currency, mark string) {
	words, inBrackets := wordsOf(norm.NFC.String(name))
	for i, word := range words {
		is, ok := currencyInName(word, inBrackets[i], i == 0 || i == len(words)-1)
		if !ok {
			continue
		}
		both, ok := c.Meet(is)
		if !ok {
			return "", ""
		}
		if both != c {
			c, mark = both, word
		}
	}
	return c, mark
}

// currencyInName returns the currency that a word of a column's name stands for.
func currencyInName(word string, inBrackets, outer bool) (catalog.Currency, bool) {
	code := strings.ToUpper(word)
	sign, n := utf8.DecodeLastRuneInString(word)
	switch {
	case unicode.Is(unicode.Sc, sign):
		if c, ok := catalog.ParseCurrency(word); ok {
			return c, true
		}
		return catalog.ParseCurrency(word[len(word)-n:]) // price€
	case code == "EURO" || code == "EUROS":
		return "EUR", true
	case inBrackets && word == code:
		return catalog.ParseCurrency(code)
	case len(code) == 3 && (outer || word == code) && !alsoWords[code]:
		return catalog.ParseCurrency(code)
	}
	return "", false
}

// wordsOf parts a name into words, and says which of them stand in brackets.
func wordsOf(name string) (words []string, inBrackets []bool) {
	depth, from := 0, 0
	end := func(at int) {
		if from < at {
			words, inBrackets = append(words, name[from:at]), append(inBrackets, depth > 0)
		}
	}
	for at, r := range name {
		if unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.Is(unicode.Sc, r) {
			continue
		}
		end(at)
		from = at + utf8.RuneLen(r)
		switch r {
		case '(', '[', '{':
			depth++
		case ')', ']', '}':
			depth = max(0, depth-1)
		}
	}
	end(len(name))
	return words, inBrackets
}

// currencies takes what the columns' names say of the prices in them. It is an error where currency says another.
func (l *layout) currencies(t *Table) (problems []error) {
	said, mark := catalog.Currency(t.Settings.Currency), t.Settings.Currency
	for _, f := range catalog.KnownFields() {
		o, ok := l.from[f.Name]
		if !ok || o.column < 0 || catalog.UnitOf(f.Name) != catalog.Money {
			continue
		}
		column := l.header.names[o.column]
		is, as := currencyNamed(column)
		if is == "" {
			continue
		}
		if _, fits := said.Meet(is); !fits {
			problems = append(problems, fmt.Errorf("the column %q has prices in %s, as its name says, and currency says %s: have them agree, or give the column another name", column, as, mark))
			continue
		}
		if said == "" {
			l.named[f.Name] = money{column: column, is: is, mark: as, where: "the name of the column"}
		}
	}
	return problems
}

// namedCurrencies says which currencies of the fields were taken from the names of their columns; "" if none was.
func (l *layout) namedCurrencies(fields []sdk.Field) string {
	var list []string
	for _, f := range fields {
		if m, ok := l.named[f.Name]; ok {
			list = append(list, fmt.Sprintf("%s in %s as its column %q says", f.Name, m.mark, m.column))
		}
	}
	if len(list) == 0 {
		return ""
	}
	return strings.Join(list, ", ") + " (guessed; can be set with currency)"
}
