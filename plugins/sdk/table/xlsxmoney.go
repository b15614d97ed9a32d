package table

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"golang.org/x/text/currency"
	"golang.org/x/text/language"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/plugins/sdk/table/grid"
	"github.com/reconcilehq/reconcile/plugins/sdk/table/workbook"
)

// formatMoney is what a cell's number format says of the currency of its number.
type formatMoney struct {
	mark  string // as it could stand before the number; "" for none
	words string // beside the number, that are no currency
	err   error  // it names a currency that is not known, or two
}

// moneyOf reads what a format has beside the number, in any of its sections: one that marks only negative amounts means the
// others, too.
func moneyOf(f *workbook.Format) (m formatMoney) {
	var is catalog.Currency
	add := func(text string, c catalog.Currency) {
		both, ok := is.Meet(c)
		switch {
		case !ok && m.err == nil:
			m.err = fmt.Errorf("the cell's number format names two currencies, %s and %s", m.mark, text)
		case both != is:
			is, m.mark = both, text
			if written, ok := catalog.ParseCurrency(text); !ok || written != both {
				m.mark = string(both)
			}
		}
	}
	for _, money := range f.Money {
		c, ok := currencyIn(money)
		if !ok {
			return formatMoney{err: unknownCurrency(money.Mark)}
		}
		add(money.Mark, c)
	}
	for _, literal := range f.Literals {
		if c, ok := currencyOf(literal); ok {
			add(literal, c)
			continue
		}
		for _, word := range strings.FieldsFunc(literal, isNoMark) {
			if c, ok := currencyOf(word); ok {
				add(word, c)
			} else if strings.ContainsFunc(word, func(r rune) bool { return unicode.Is(unicode.Sc, r) }) {
				return formatMoney{err: unknownCurrency(word)}
			} else if m.words == "" {
				m.words = literal
			}
		}
	}
	return m
}

func unknownCurrency(mark string) error {
	return fmt.Errorf("the cell's number format names a currency that is not known: %s; have it name one by its ISO code, such as CHF", grid.Quote(mark))
}

func isNoMark(r rune) bool { return !unicode.IsLetter(r) && !unicode.Is(unicode.Sc, r) }

// abbreviations are what formats have for a currency beside what stands at amounts elsewhere.
var abbreviations = map[string]catalog.Currency{
	"euro": "EUR", "euros": "EUR", "sfr": "CHF", "fr": "CHF", "руб": "RUB", "р": "RUB", "грн": "UAH", "rp": "IDR", "rs": "Rs", "kr": "kr",
}

// local are marks that stand for a currency only together with a country, and may be units elsewhere: in lower case, without
// the full stop behind.
var local = map[string][]catalog.Currency{
	"c$": {"NIO"}, "b/": {"PAB"}, "s/": {"PEN"}, "$b": {"BOB"}, "$u": {"UYU"}, "bs": {"BOB", "VES", "VEF"}, "bs.f": {"VES", "VEF"}, "r": {"ZAR"}, "rs": {"INR", "PKR", "LKR", "NPR", "MUR", "SCR"},
	"l": {"HNL", "MDL"}, "lei": {"RON", "MDL"}, "leu": {"RON", "MDL"}, "q": {"GTQ"}, "gs": {"PYG"}, "tl": {"TRY"}, "fr": {"CHF"}, "sfr": {"CHF"}, "din": {"RSD"}, "дин": {"RSD"}, "ден": {"MKD"},
	"kn": {"HRK", "EUR"}, "km": {"BAM"}, "км": {"BAM"}, "lek": {"ALL"}, "lekë": {"ALL"}, "лв": {"BGN", "EUR"}, "kč": {"CZK"}, "руб": {"RUB"}, "р": {"RUB", "BYN"}, "br": {"BYN", "ETB"}, "сом": {"KGS"},
	"so'm": {"UZS"}, "т": {"KZT"}, "т.р": {"TJS"}, "man": {"AZN"}, "ман": {"AZN"}, "rp": {"IDR"}, "rm": {"MYR"}, "bt$": {"TTD"}, "tt$": {"TTD"}, "bz$": {"BZD"}, "j$": {"JMD"}, "rd$": {"DOP"}, "nt$": {"TWD"}, "hk$": {"HKD"}, "mop": {"MOP"},
	"p": {"PHP", "BWP"}, "php": {"PHP"}, "ksh": {"KES"}, "s": {"KES"}, "n": {"NGN"}, "ل.س": {"SYP"}, "د.إ": {"AED"}, "ر.س": {"SAR"}, "ر.ق": {"QAR"}, "د.ك": {"KWD"}, "د.ب": {"BHD"}, "د.ا": {"JOD"},
	"د.ع": {"IQD"}, "ج.م": {"EGP"}, "ل.ل": {"LBP"}, "د.م": {"MAD"}, "د.ت": {"TND"}, "د.ج": {"DZD"}, "د.ل": {"LYD"}, "ر.ع": {"OMR"}, "ر.ي": {"YER"}, "ريال": {"IRR"}, "руб.": {"RUB"},
}

// currencyOf returns the currency that a word beside a number stands for.
func currencyOf(word string) (catalog.Currency, bool) {
	if c, ok := catalog.ParseCurrency(word); ok {
		return c, true
	}
	c, ok := abbreviations[withoutStop(word)]
	return c, ok
}

func withoutStop(text string) string {
	return strings.Trim(strings.ToLower(text), ". \u00a0\u200e\u200f")
}

// currencyIn returns the currency that a mark stands for in a country: kr is SEK in Sweden, and C$ the córdoba in Nicaragua.
func currencyIn(m workbook.Money) (catalog.Currency, bool) {
	of := currencyOfCountry(m.Locale)
	if of != "" && slices.Contains(local[withoutStop(m.Mark)], of) {
		return of, true
	}
	c, ok := currencyOf(m.Mark)
	if !ok {
		c, ok = currencyOf(strings.Trim(m.Mark, ". \u00a0"))
	}
	if !ok {
		return "", false
	}
	if both, fits := c.Meet(of); fits {
		c = both
	}
	return c, true
}

// currencyOfCountry returns what is paid with where a language is spoken that a format names, by its number in Windows
// or its tag; "" if that is not known.
func currencyOfCountry(locale string) catalog.Currency {
	country := ""
	if n, err := strconv.ParseUint(locale, 16, 32); err == nil {
		country = countries[uint16(n)]
	} else if tag, err := language.Parse(locale); err == nil {
		if r, sure := tag.Region(); sure == language.Exact {
			country = r.String()
		}
	}
	region, err := language.ParseRegion(country)
	if err != nil {
		return ""
	}
	unit, ok := currency.FromRegion(region)
	if !ok {
		return ""
	}
	return catalog.Currency(unit.String())
}

// countries are those of the languages that Windows has numbers for.
var countries = map[uint16]string{
	0x401: "SA", 0x402: "BG", 0x403: "ES", 0x404: "TW", 0x405: "CZ", 0x406: "DK", 0x407: "DE", 0x408: "GR", 0x409: "US", 0x40A: "ES", 0x40B: "FI", 0x40C: "FR", 0x40D: "IL",
	0x40E: "HU", 0x40F: "IS", 0x410: "IT", 0x411: "JP", 0x412: "KR", 0x413: "NL", 0x414: "NO", 0x415: "PL", 0x416: "BR", 0x417: "CH", 0x418: "RO", 0x419: "RU", 0x41A: "HR",
	0x41B: "SK", 0x41C: "AL", 0x41D: "SE", 0x41E: "TH", 0x41F: "TR", 0x420: "PK", 0x421: "ID", 0x422: "UA", 0x423: "BY", 0x424: "SI", 0x425: "EE", 0x426: "LV", 0x427: "LT",
	0x428: "TJ", 0x429: "IR", 0x42A: "VN", 0x42B: "AM", 0x42C: "AZ", 0x42D: "ES", 0x42F: "MK", 0x436: "ZA", 0x437: "GE", 0x438: "FO", 0x439: "IN", 0x43A: "MT", 0x43E: "MY",
	0x43F: "KZ", 0x440: "KG", 0x441: "KE", 0x443: "UZ", 0x444: "RU", 0x445: "IN", 0x446: "IN", 0x447: "IN", 0x449: "IN", 0x44A: "IN", 0x44B: "IN", 0x44C: "IN", 0x44E: "IN",
	0x450: "MN", 0x453: "KH", 0x454: "LA", 0x456: "ES", 0x45B: "LK", 0x45E: "ET", 0x461: "NP", 0x463: "AF", 0x464: "PH", 0x465: "MV", 0x468: "NG",
	0x801: "IQ", 0x804: "CN", 0x807: "CH", 0x809: "GB", 0x80A: "MX", 0x80C: "BE", 0x810: "CH", 0x813: "BE", 0x814: "NO", 0x816: "PT", 0x818: "MD", 0x819: "MD", 0x81D: "FI",
	0x83E: "BN", 0x843: "UZ", 0x845: "BD", 0x849: "LK", 0xC01: "EG", 0xC04: "HK", 0xC07: "AT", 0xC09: "AU", 0xC0A: "ES", 0xC0C: "CA", 0x81A: "RS", 0xC1A: "RS",
	0x1001: "LY", 0x1004: "SG", 0x1007: "LU", 0x1009: "CA", 0x100A: "GT", 0x100C: "CH", 0x101A: "BA", 0x1401: "DZ", 0x1404: "MO", 0x1407: "LI", 0x1409: "NZ", 0x140A: "CR",
	0x140C: "LU", 0x141A: "BA", 0x1801: "MA", 0x1809: "IE", 0x180A: "PA", 0x181A: "BA", 0x1C01: "TN", 0x1C09: "ZA", 0x1C0A: "DO", 0x2001: "OM", 0x2009: "JM", 0x200A: "VE",
	0x2401: "YE", 0x240A: "CO", 0x241A: "RS", 0x2801: "SY", 0x2809: "BZ", 0x280A: "PE", 0x281A: "RS", 0x2C01: "JO", 0x2C09: "TT", 0x2C0A: "AR", 0x2C1A: "ME", 0x3001: "LB",
	0x3009: "ZW", 0x300A: "EC", 0x301A: "ME", 0x3401: "KW", 0x3409: "PH", 0x340A: "CL", 0x3801: "AE", 0x380A: "UY", 0x3C01: "BH", 0x3C0A: "PY", 0x4001: "QA", 0x4009: "IN",
	0x400A: "BO", 0x4409: "MY", 0x440A: "SV", 0x4809: "SG", 0x480A: "HN", 0x4C0A: "NI", 0x500A: "PR", 0x540A: "US",
}
