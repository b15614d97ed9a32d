package catalog

import "testing"

func TestParseCurrency(t *testing.T) {
	for mark, want := range map[string]Currency{
		"CAD": "CAD", "USD": "USD", "$": "$", "CA$": "CAD", "US$": "USD", "CAD$": "CAD", "USD$": "USD", "C$": "CAD", "A$": "AUD", "AU$": "AUD",
		"NZ$": "NZD", "HK$": "HKD", "S$": "SGD", "R$": "BRL", "€": "EUR", "£": "£", "¥": "¥", "￥": "¥", "kr": "kr", "zł": "PLN", "XY$": "XY$", "EUR€": "EUR", "CAD€": "CAD€",
		"₿": "₿", "Rs": "Rs", "RMB": "CNY",
		"": "", "PCS": "", "cad": "", "x$": "", "ABCD$": "", "kg": "", "$$": "", "5": "",
	} {
		if got, ok := ParseCurrency(mark); got != want || ok != (want != "") {
			t.Errorf("ParseCurrency(%q) = %q, %v, want %q", mark, got, ok, want)
		}
	}
}

func TestCurrencyMeet(t *testing.T) {
	for _, c := range []struct{ a, b, want Currency }{
		{"", "", ""}, {"", "CAD", "CAD"}, {"$", "$", "$"}, {"$", "CAD", "CAD"}, {"$", "USD", "USD"}, {"kr", "NOK", "NOK"}, {"¥", "CNY", "CNY"},
		{"£", "GBP", "GBP"}, {"EUR", "EUR", "EUR"}, {"XY$", "XY$", "XY$"}, {"", "$", "$"},
		{"CAD", "USD", "-"}, {"EUR", "$", "-"}, {"EUR", "USD", "-"}, {"$", "¥", "-"}, {"BRL", "$", "-"}, {"XY$", "$", "-"}, {"kr", "EUR", "-"},
	} {
		for _, pair := range [][2]Currency{{c.a, c.b}, {c.b, c.a}} {
			got, ok := pair[0].Meet(pair[1])
			if !ok {
				got = "-"
			}
			if got != c.want {
				t.Errorf("%q meets %q: %q, want %q", pair[0], pair[1], got, c.want)
			}
		}
	}
}

// TestSigns holds what Meet builds on: two signs of several countries share no currency, and marks lead to what there is.
func TestSigns(t *testing.T) {
	of := map[Currency]Currency{}
	for sign, currencies := range signs {
		for _, c := range currencies {
			if other, taken := of[c]; taken {
				t.Errorf("%s has the signs %s and %s", c, sign, other)
			}
			of[c] = sign
			if !isISO(string(c)) {
				t.Errorf("%s of %s is no code", c, sign)
			}
		}
	}
	for sign := range signs {
		if marks[string(sign)] != sign {
			t.Errorf("the sign %s is no mark of itself", sign)
		}
	}
	for mark, c := range marks {
		if _, sign := signs[c]; !sign && !isISO(string(c)) {
			t.Errorf("%s stands for %s, which is no currency", mark, c)
		}
		if _, ok := ValidCurrency(mark); !ok {
			t.Errorf("%s is too long", mark)
		}
	}
}
