package table

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestMoney reads tables whose amounts have marks, in blocks and row by row.
func TestMoney(t *testing.T) {
	rows := func(prices ...string) string {
		return "sku,price,cost_price,qoh,margin\n" + strings.Join(prices, "\n") + "\n"
	}
	fields := []string{"sku", "price", "cost_price", "qoh", "margin"}
	for _, c := range []struct {
		why, text, currency, bad string
		want                     []string
	}{
		{"no marks", rows("A,1,2,3,4"), "", "fail", []string{
			`"A" null false, "1" null false, "2" null false, "3" null false, "4" null false, `, "1 items map[]"}},
		{"each field has its own", rows("A,CA$1,US$2,3,€4"), "", "fail", []string{
			`"A" null false, "1" null false, "2" null false, "3" null false, "4" null false, `, "1 items map[cost_price:USD margin:EUR price:CAD]"}},
		{"a sign", rows("A,$1,,,", "B,2,,,", "C,($3),,,"), "", "fail", []string{
			`"A" null false, "1" null false, "" null true, "" null true, "" null true, `,
			`"B" null false, "2" null false, "" null true, "" null true, "" null true, `,
			`"C" null false, "-3" null false, "" null true, "" null true, "" null true, `, "3 items map[price:$]"}},
		{"a sign and more", rows("A,$1,,,", "B,2 CAD,,,", "C,$3,,,"), "", "fail", []string{
			`"A" null false, "1" null false, "" null true, "" null true, "" null true, `,
			`"B" null false, "2" null false, "" null true, "" null true, "" null true, `,
			`"C" null false, "3" null false, "" null true, "" null true, "" null true, `, "3 items map[price:CAD]"}},
		{"two currencies", rows("A,$1,,,", "B,2,,,", "C,€3,,,"), "", "fail", []string{
			`memory, line 4, column "price": "€3" is an amount in another currency than "$1" (memory, line 2): amounts in one column are of one currency`}},
		{"the mark that told most is named", rows("A,$1,,,", "B,CA$2,,,", "C,US$3,,,"), "", "fail", []string{
			`memory, line 4, column "price": "US$3" is an amount in another currency than "CA$2" (memory, line 3): amounts in one column are of one currency`}},
		{"two currencies in one cell", rows("A,US$1 CAD,,,"), "", "fail", []string{
			`memory, line 2, column "price": "US$1 CAD" has the marks of two currencies`}},
		{"a row that is skipped says nothing", rows("A,€1,,x,", "B,$2,,,", "C,€3,,,"), "", "skip", []string{
			`"B" null false, "2" null false, "" null true, "" null true, "" null true, `,
			`warning: 2 rows were skipped: memory, line 2, column "qoh": "x" is not a number; memory, line 4, column "price": "€3" is an amount in another currency than "$2" (memory, line 3): amounts in one column are of one currency (set unknown = ["x"] if that stands for what is not known)`,
			"1 items map[price:$]"}},
		{"a row that disagrees says nothing in its other columns", rows("A,$1,,,", "B,€2,CA$1,,", "C,$3,US$1,,"), "", "skip", []string{
			`"A" null false, "1" null false, "" null true, "" null true, "" null true, `,
			`"C" null false, "3" null false, "1" null false, "" null true, "" null true, `,
			`warning: 1 row was skipped: memory, line 3, column "price": "€2" is an amount in another currency than "$1" (memory, line 2): amounts in one column are of one currency`,
			"2 items map[cost_price:USD price:$]"}},
		{"a quantity", rows("A,1,,$3,"), "", "fail", []string{
			`memory, line 2, column "qoh": "$3" is an amount of money, and the field is a quantity`}},
		{"the setting", rows("A,1,$2,3,4"), "CAD", "fail", []string{
			`"A" null false, "1" null false, "2" null false, "3" null false, "4" null false, `, "1 items map[cost_price:CAD price:CAD]"}},
		{"against the setting", rows("A,1,,,", "B,,US$2,,"), "CAD", "fail", []string{
			`memory, line 3, column "cost_price": "US$2" is an amount in another currency than "CAD" (the setting currency): amounts in one column are of one currency`}},
	} {
		for way, alone := range map[string]bool{"blocks": false, "rows": true} {
			table := &Table{Input: &memory{text: c.text, alone: alone}, AllColumns: true,
				Settings: Settings{Types: map[string]string{"margin": "number"}, OnBadRow: c.bad, Currency: c.currency}}
			if diff := cmp.Diff(c.want, readTable(t.Context(), table, fields)); diff != "" {
				t.Errorf("%s, in %s:\n%s", c.why, way, diff)
			}
		}
	}
}

func TestCurrencySetting(t *testing.T) {
	for setting, want := range map[string]string{
		"": "", "CAD": "", "cad": `"cad" is not a currency's code`, "$": "is not a currency's code", "CA$": "is not a currency's code", "XQZ": "is not a currency's code",
	} {
		problems := (&Settings{Currency: setting}).Validate()
		if want == "" && len(problems) > 0 || want != "" && (len(problems) != 1 || !strings.Contains(problems[0].Error(), want)) {
			t.Errorf("currency = %q: %v, want %q", setting, problems, want)
		}
	}
}
