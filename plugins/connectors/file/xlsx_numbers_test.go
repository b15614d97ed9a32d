package file

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/reconcilehq/reconcile/plugins/sdk/sdktest"
)

// numbersBook is a workbook with a header and a row with the numbers, as they are stored, each in the format beside.
func numbersBook(t *testing.T, head []string, cells ...[2]string) {
	t.Helper()
	t.Chdir(t.TempDir())
	var sheet, own, formats strings.Builder
	sheet.WriteString(xmlHead + "<worksheet " + mainNS + "><sheetData><row>")
	for _, name := range head {
		fmt.Fprintf(&sheet, `<c t="str"><v>%s</v></c>`, name)
	}
	sheet.WriteString("</row>")
	for i, c := range cells {
		if i%len(head) == 0 {
			sheet.WriteString("<row>")
		}
		format := c[1]
		if format == "" {
			format = "General"
		}
		fmt.Fprintf(&own, `<numFmt numFmtId="%d" formatCode="%s"/>`, 164+i, escapeXML(format))
		fmt.Fprintf(&formats, `<xf numFmtId="%d"/>`, 164+i)
		fmt.Fprintf(&sheet, `<c s="%d"><v>%s</v></c>`, i, c[0])
		if i%len(head) == len(head)-1 {
			sheet.WriteString("</row>")
		}
	}
	sheet.WriteString("</sheetData></worksheet>")
	parts := append(bookParts([][3]string{{"Stock", "", sheet.String()}}, "styles"), part{"xl/styles.xml",
		xmlHead + "<styleSheet " + mainNS + "><numFmts>" + own.String() + "</numFmts><cellXfs>" + formats.String() + "</cellXfs></styleSheet>"})
	if err := os.WriteFile("a.xlsx", zipped(t, parts), 0o600); err != nil {
		t.Fatal(err)
	}
}

// TestStoredNumbers says what a number that is stored so is as a SKU and as a price.
func TestStoredNumbers(t *testing.T) {
	for _, c := range []struct{ stored, format, sku, price string }{
		{"1234567890123456", "", "1234567890123456", "1234567890123456"},
		{"12345678901234567890", "", "12345678901234567890", "12345678901234567890"},
		{"1.2345678901234E+13", "", "12345678901234", "12345678901234"},
		{"1.2345678901234567E+19", "", "12345678901234567000", "12345678901234567000"},
		{"1E+20", "0.00E+00", "100000000000000000000", "100000000000000000000"},
		{"-9007199254740993", "", "-9007199254740993", "-9007199254740993"},
		{"9007199254740993", "#,##0", "9007199254740993", "9007199254740993"},
		{"1234567890123456", "00000", "1234567890123456", "1234567890123456"},
		{"400638133393", "0000000000000", "0400638133393", "400638133393"},
		{"7.0", "", "7", "7"},
		{"007", "", "7", "7"},
		{"0.30000000000000004", "", "0.3", "0.3"},
		{"19.989999999999998", "", "19.99", "19.99"},
		{"299.99999999999994", "", "300", "300"},
		{"1234567890123456.7", "", "1234567890123457", "1234567890123457"},
		{"1.0000000000000001E-7", "", "0.0000001", "0.0000001"},
		{"12", "_-* 00000_-", "00012", "12"},
	} {
		t.Run(c.stored+" "+c.format, func(t *testing.T) {
			numbersBook(t, []string{"sku", "price"}, [2]string{c.stored, c.format}, [2]string{c.stored, c.format})
			got, err := sdktest.Read(t.Context(), Connector(), sdktest.Settings{"path": "a.xlsx"})
			want := fmt.Sprintf(`{"sku":%q,"price":%s}`, c.sku, c.price)
			if diff := cmp.Diff([]string{want}, got.Items); err != nil || diff != "" {
				t.Errorf("%v (-want +got):\n%s", err, diff)
			}
		})
	}
}

// TestNumbersThatFormatsCannotShow says that a SKU whose format shows other digits than are stored is an error.
func TestNumbersThatFormatsCannotShow(t *testing.T) {
	numbersBook(t, []string{"sku"}, [2]string{"12345678901234567891", `"No. "0`})
	got, err := sdktest.Read(t.Context(), Connector(), sdktest.Settings{"path": "a.xlsx"})
	if want := "the cell holds 12345678901234567891, which its number format shows as"; err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("%q, error %v, want %s", got.Items, err, want)
	}
}

// TestCurrenciesOfFormats says that a currency that a cell's format shows counts like one that is written.
func TestCurrenciesOfFormats(t *testing.T) {
	euro, dollar, canadian := `[$€-407] #,##0.00`, `"$"#,##0.00`, `[$CA$-1009]#,##0.00;-[$CA$-1009]#,##0.00`
	for _, c := range []struct {
		name       string
		first, two [2]string
		want       string
	}{
		{"the same", [2]string{"1234.5", euro}, [2]string{"-2", euro}, ""},
		{"dollars and Canadian ones", [2]string{"1", dollar}, [2]string{"-2", canadian}, ""},
		{"euros and dollars", [2]string{"1", euro}, [2]string{"2", dollar}, `column "price": "$ 2" is an amount in another currency than "€ 1"`},
		{"euros and none", [2]string{"1", euro}, [2]string{"2", "0.00"}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			numbersBook(t, []string{"sku", "price"}, [2]string{"1", ""}, c.first, [2]string{"2", ""}, c.two)
			got, err := sdktest.Read(t.Context(), Connector(), sdktest.Settings{"path": "a.xlsx"})
			if c.want != "" {
				if err == nil || !strings.Contains(err.Error(), c.want) {
					t.Errorf("error %v, want %s", err, c.want)
				}
				return
			}
			want := []string{fmt.Sprintf(`{"sku":"1","price":%s}`, c.first[0]), fmt.Sprintf(`{"sku":"2","price":%s}`, c.two[0])}
			if diff := cmp.Diff(want, got.Items); err != nil || diff != "" {
				t.Errorf("%v (-want +got):\n%s", err, diff)
			}
		})
	}
}
