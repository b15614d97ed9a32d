package table

import (
	"errors"
	"strings"
	"testing"

	"github.com/reconcilehq/reconcile/engine/catalog"
)

func TestParseNumber(t *testing.T) {
	const bad, null = "bad", "null"
	for _, c := range []struct{ text, want string }{
		// plain
		{"0", "0"}, {"19.99", "19.99"}, {"-3", "-3"}, {"+3", "3"}, {"007", "7"}, {".5", "0.5"}, {"5.", "5"},
		{"10.10", "10.1"}, {"12345678901234567890.12", "12345678901234567890.12"}, {"1e3", "1000"}, {"1.5E-2", "0.015"},
		// nothing
		{"", null}, {"  ", null}, {"\u00a0", null},
		// white space
		{" 3 ", "3"}, {"\u00a03\u202f", "3"}, {"\t3", "3"}, {"1 234", bad}, {"1\u00a0234", bad},
		// groups
		{"1,234.50", "1234.5"}, {"1,234", "1234"}, {"12,345,678.9", "12345678.9"}, {"1,23", bad}, {"1,5", bad},
		{"1.234,50", bad}, {"1,234,5", bad}, {"1234,567", bad}, {",123", bad}, {"1,234.5,6", bad}, {"1,,234", bad}, {"1.2.3", bad},
		{"1,234e3", bad}, {"0,123", bad}, {"012,345", bad},
		{"1'299.50", "1299.5"}, {"1\u2019299", "1299"}, {"12'345'678.9", "12345678.9"}, {"CHF 1'299.\u2013", "1299"}, {"-1'299", "-1299"},
		{"1'29.50", bad}, {"'299", bad}, {"0'299", bad}, {"1'234,567", bad}, {"1,234'567", bad}, {"1'299\u2019000", bad}, {"1.299'50", bad}, {"1'299,50", bad},
		// negative
		{"(3)", "-3"}, {"( 1,234.50 )", "-1234.5"}, {"\u22123", "-3"}, {"3-", "-3"}, {"- 3", "-3"}, {"(-3)", bad}, {"-(3)", bad},
		{"--3", bad}, {"-3-", bad}, {"(3", bad}, {"3)", bad}, {"()", bad}, {"-", bad}, {"3+", bad},
		// currencies
		{"$19.99", "19.99"}, {"-$3", "-3"}, {"$-3", "-3"}, {"($3.00)", "-3"}, {"$(3.00)", "-3"}, {"$3-", "-3"}, {"€5", "5"}, {"5 €", "5"},
		{"£1,000", "1000"}, {"CA$ 5", "5"}, {"CA$5", "5"}, {"CAD 19.99", "19.99"}, {"CAD19.99", "19.99"}, {"19.99 CAD", "19.99"},
		{"$5.00 USD", "5"}, {"CAD $5", "5"}, {"5 $ CAD", "5"}, {"CAD $ CAD 5", bad}, {"$", bad}, {"CAD", bad}, {"$$5", bad}, {"XQZ 5", bad}, {"cad 5", bad}, {"Max5", bad}, {"5 USD CAD", bad},
		{"R$ 7", "7"}, {"¥700", "700"}, {"5 kr", "5"}, {"kr 5", "5"}, {"5 zł", "5"}, {"Kc\u030c5", "5"}, {"US$5 CAD", bad}, {"€5 $", bad}, {"5 kg", bad},
		// no numbers
		{"abc", bad}, {"12abc", bad}, {"0x10", bad}, {"NaN", bad}, {"Inf", bad}, {"5%", bad}, {"1/2", bad}, {"١٢", bad}, {"1_000", bad},
	} {
		d, ok, err := parseNumber(c.text, '.')
		got := d.String()
		if err != nil {
			got = bad
		} else if !ok {
			got = null
		}
		if got != c.want {
			t.Errorf("parseNumber(%q) = %s (%v), want %s", c.text, got, err, c.want)
		}
	}
}

func TestCurrencyMarks(t *testing.T) {
	for text, want := range map[string]catalog.Currency{
		"5": "", "$5": "$", "CA$5": "CAD", "US$ 5.00": "USD", "5 CAD": "CAD", "$5 USD": "USD", "CAD $5": "CAD", "($5)": "$", "-€5": "EUR", "5 €": "EUR", "£1,000": "£",
		"kr 5": "kr", "5 zł": "PLN", "R$ 7": "BRL",
	} {
		if _, mark, ok, err := parseAmount(text, '.'); err != nil || !ok || mark.is != want {
			t.Errorf("parseAmount(%q): mark %q (%v), want %q", text, mark.is, err, want)
		}
	}
}

func TestParseNumberSaysWhy(t *testing.T) {
	for text, want := range map[string]string{
		"abc":                     "is not a number",
		"1,5":                     "a comma or an apostrophe only parts groups of three digits",
		strings.Repeat("9", 2000): "too many digits",
	} {
		if _, _, err := parseNumber(text, '.'); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("parseNumber(%.10q): error %v, want one with %q", text, err, want)
		}
	}
}

func TestParseBool(t *testing.T) {
	for text, want := range map[string]string{
		"true": "true", "TRUE": "true", "Yes": "true", "y": "true", "T": "true", "1": "true", " true ": "true",
		"false": "false", "No": "false", "N": "false", "f": "false", "0": "false",
		"": "null", " ": "null", "2": "bad", "on": "bad", "maybe": "bad",
	} {
		truth, ok, err := parseBool(text)
		got := map[bool]string{true: "true", false: "false"}[truth]
		if err != nil {
			got = "bad"
		} else if !ok {
			got = "null"
		}
		if got != want {
			t.Errorf("parseBool(%q) = %s, want %s", text, got, want)
		}
	}
}

// FuzzParseNumber checks that decorations never change a number, and that whatever is read is finite.
func FuzzParseNumber(f *testing.F) {
	for _, s := range []string{"1,234.50", "($3.00)", "-$3", "CAD 19.99", "5 €", "3-", "1e3", "\u00a07", "(", "$", "1.234,50"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		d, ok, err := parseNumber(text, '.')
		if err != nil || !ok {
			return
		}
		if again, ok, err := parseNumber(d.String(), '.'); err != nil || !ok || !again.Equal(d) {
			t.Fatalf("%q is %s, which is read as %s, %v, %v", text, d, again, ok, err)
		}
		if plain, err := catalog.ParseDecimal(text); err == nil && !plain.Equal(d) {
			t.Fatalf("%q is %s, plainly %s", text, d, plain)
		}
		if !strings.ContainsAny(text, "-\u2212()eE") && d.Sign() < 0 {
			t.Fatalf("%q has no sign but is %s", text, d)
		}
		if spaced, _, err := parseNumber(" "+text+"\u00a0", '.'); err != nil || !spaced.Equal(d) {
			t.Fatalf("white space around %q changes it: %s, %v", text, spaced, err)
		}
	})
}

// TestPartsOfUnits says that a number of cents is not taken for one of dollars, however it is marked.
func TestPartsOfUnits(t *testing.T) {
	for _, text := range []string{"99¢", "¢99", "99 ¢", "US¢99", "99￠", "₥5", "5₰", "৻5", "¤5", "5 ¤", "(99¢)", "99¢-"} {
		if d, _, err := parseNumber(text, '.'); !errors.Is(err, errNoUnit) {
			t.Errorf("%q is %s (%v)", text, d, err)
		}
	}
	for _, text := range []string{"99p", "99 ct", "Rp. 99", "99 øre", "99 c", "99 Pf", "99 gr"} {
		if d, ok, err := parseNumber(text, '.'); err == nil {
			t.Errorf("%q is %s, %t", text, d, ok)
		}
	}
}
