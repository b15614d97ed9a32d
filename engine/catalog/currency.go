package catalog

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/currency"
)

// Currency is the currency of an amount, as far as it is known: an ISO 4217 code ("CAD"), a sign that several currencies share
// ("$"), or nothing (""). An unknown sign is a currency of its own.
type Currency string

// maxCurrency is how many bytes a Currency has at most.
const maxCurrency = 16

// signs are the currencies that a shared sign can stand for, the likelier ones first. No currency has two shared signs. So
// two different signs always exclude each other.
var signs = map[Currency][]Currency{
	"$": {"USD", "CAD", "AUD", "NZD", "HKD", "SGD", "MXN", "TWD", "ARS", "BBD", "BMD", "BND", "BSD", "BZD", "CLP", "COP", "CUP", "CVE", "DOP",
		"FJD", "GYD", "JMD", "KYD", "LRD", "MOP", "NAD", "SBD", "SRD", "SVC", "TOP", "TTD", "TVD", "UYU", "WST", "XCD", "ZWL", "ZWG"},
	"£":  {"GBP", "EGP", "FKP", "GGP", "GIP", "IMP", "JEP", "LBP", "SDG", "SHP", "SSP", "SYP"},
	"¥":  {"JPY", "CNY"},
	"kr": {"SEK", "NOK", "DKK", "ISK", "FOK"},
	"Rs": {"INR", "PKR", "LKR", "NPR", "MUR", "SCR"},
	"₩":  {"KRW", "KPW"},
}

// marks are other ways to write a currency or a sign.
var marks = map[string]Currency{
	"$": "$", "£": "£", "¥": "¥", "kr": "kr", "Rs": "Rs", "₩": "₩", // the signs above
	"€": "EUR", "₹": "INR", "₽": "RUB", "₴": "UAH", "₺": "TRY", "₪": "ILS", "₫": "VND", "฿": "THB", "₦": "NGN", "₱": "PHP", "₡": "CRC",
	"₲": "PYG", "₵": "GHS", "₸": "KZT", "₮": "MNT", "₭": "LAK", "₾": "GEL", "₼": "AZN", "֏": "AMD", "৳": "BDT", "៛": "KHR",
	"zł": "PLN", "Kč": "CZK", "Ft": "HUF", "lei": "RON", "лв": "BGN", "RM": "MYR", "RMB": "CNY",
	"Kr": "kr", "₨": "Rs", "￥": "¥", "＄": "$", "￡": "£", "￦": "₩",
	"US$": "USD", "U$": "USD", "CA$": "CAD", "C$": "CAD", "CDN$": "CAD", "A$": "AUD", "AU$": "AUD", "NZ$": "NZD", "HK$": "HKD", "S$": "SGD", "SG$": "SGD",
	"R$": "BRL", "MX$": "MXN", "Mex$": "MXN", "NT$": "TWD", "AR$": "ARS", "B$": "BND", "BZ$": "BZD", "CI$": "KYD", "EC$": "XCD", "FJ$": "FJD", "G$": "GYD",
	"J$": "JMD", "L$": "LRD", "MOP$": "MOP", "N$": "NAD", "RD$": "DOP", "TT$": "TTD", "T$": "TOP", "WS$": "WST",
	"CN¥": "CNY", "JP¥": "JPY", "GB£": "GBP", "E£": "EGP", "LE": "EGP",
}

// noUnits are characters that Unicode calls currency signs and that count no unit of a currency: 99¢ is not 99 of anything, but
// 0.99. They stand for cents, mills, pfennigs, gandas, and for a currency that is not said.
const noUnits = "¢￠₥₰৻¤"

// CountsNoUnit reports whether text has a currency sign that is not that of a currency's unit, such as ¢.
func CountsNoUnit(text string) bool { return strings.ContainsAny(text, noUnits) }

// ParseCurrency reads a mark as people put it before or behind an amount: an ISO code in capitals (CAD), a sign ($, €, kr),
// a sign with its country before it (CA$, R$, CAD$). ok is false if it is none. A sign with a country that is not known
// is a Currency of its own. The result keeps nothing of mark.
func ParseCurrency(mark string) (c Currency, ok bool) {
	if c, ok := marks[mark]; ok {
		return c, true
	}
	if isISO(mark) {
		if _, err := currency.ParseISO(mark); err != nil {
			return "", false
		}
		return Currency(strings.Clone(mark)), true
	}
	sign, n := utf8.DecodeLastRuneInString(mark)
	letters := mark[:len(mark)-n]
	if !unicode.Is(unicode.Sc, sign) || CountsNoUnit(mark) || len(letters) > 3 || strings.Trim(letters, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != "" {
		return "", false
	}
	if isISO(letters) {
		of, _ := ParseCurrency(mark[len(letters):])
		if _, fits := of.Meet(Currency(letters)); fits {
			return Currency(strings.Clone(letters)), true // CAD$
		}
	}
	return Currency(strings.Clone(mark)), true
}

// ValidCurrency returns s as a Currency where it could be one: an ISO code, of those that we do not know too, or a sign.
func ValidCurrency(s string) (Currency, bool) {
	if isISO(s) {
		return Currency(s), true
	}
	if s == "" || len(s) > maxCurrency {
		return "", false
	}
	return ParseCurrency(s)
}

// Known reports whether it is one currency, by its ISO 4217 code, and no sign that several have.
func (c Currency) Known() bool { return isISO(string(c)) }

func isISO(s string) bool {
	return len(s) == 3 && strings.Trim(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == ""
}

// Meet combines what is known from c and from d: "$" and "CAD" give "CAD", and "" and any other give the other. ok is false
// if they exclude each other.
func (c Currency) Meet(d Currency) (both Currency, ok bool) {
	switch {
	case c == d || d == "":
		return c, true
	case c == "" || slices.Contains(signs[c], d):
		return d, true
	case slices.Contains(signs[d], c):
		return c, true
	}
	return "", false
}
