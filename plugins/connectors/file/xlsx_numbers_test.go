package file

import (
	"fmt"
	"maps"
	"os"
	"strconv"
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
		{"1234", "# ##0.00", "1234", "1234"},
		{"39.95", "0.??", "39.95", "39.95"},
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

// TestTextsInFormats says that a SKU has all that its format shows beside the number, whatever characters that has.
func TestTextsInFormats(t *testing.T) {
	for format, want := range map[string]string{`"SKU_"0000`: "SKU_0012", `"A;"000" [new]"`: "A;012 [new]", `"2024-"000`: "2024-012", `0" (10%)"`: "12 (10%)", `"x*y @ \"0`: `x*y @ \12`} {
		numbersBook(t, []string{"sku"}, [2]string{"12", format})
		got, err := sdktest.Read(t.Context(), Connector(), sdktest.Settings{"path": "a.xlsx"}, "sku")
		if diff := cmp.Diff([]string{fmt.Sprintf(`{"sku":%q}`, want)}, got.Items); err != nil || diff != "" {
			t.Errorf("%s: %v (-want +got):\n%s", format, err, diff)
		}
	}
}

// TestNumbersShownAsOthers says that a number whose format shows another one makes a row that cannot be read, and which formats do no
// harm.
func TestNumbersShownAsOthers(t *testing.T) {
	for _, c := range []struct {
		stored, format string
		price, qoh     bool // whether they are read
	}{
		{"12000", "0,", false, false}, {"12000", "#,##0.0,,", false, false}, {"12000", `0,"K"`, false, true}, {"12000", "#,##0", true, true}, {"12000", "0.00E+00", true, true},
		{"5", `"1"0`, false, false}, {"5", `0"00"`, false, false}, {"5", `General"0"`, false, false}, {"5", `"0."00`, false, false}, {"5", `0".50"`, false, false}, {"5", `0".00"`, true, true},
		{"5", `0" x 12"`, false, true}, {"5", `"No. "0`, false, true}, {"5", `0" m2"`, false, true},
		{"1250", `0\.00`, false, false}, {"1250", `0\,00`, false, false}, {"1250", `0\٫00`, false, false}, {"1250", `#\.##0`, true, true}, {"1250", `#\.##0\,00`, false, false}, {"12", `0\.000`, false, false},
		{"1234567", `[>=10000000]##\,##\,##\,##0;[>=100000]##\,##\,##0;##,##0`, true, true}, {"1234567", `#\ ###\ ##0.00`, true, true},
		{"5", "-0", false, false}, {"0", "-0", true, true}, {"5", `"- "0`, false, false}, {"5", `0\-`, false, false}, {"5", "(0)", false, false}, {"5", `0.\-`, true, true}, {"5", `0\,\-`, true, true}, {"5", `"USD -"0`, false, false},
		{"-5", "0;-0", true, true}, {"-5", "0;(0)", true, true}, {"-5", "0;[Red]0", true, true}, {"-5", "0;0", false, false}, {"5", "0;0", true, true}, {"-5", `_-* #,##0.00_-;\-* #,##0.00_-;_-* "-"??_-;_-@_-`, true, true},
		{"5", `_-* #,##0.00_-;\-* #,##0.00_-;_-* "-"??_-;_-@_-`, true, true}, {"0", `0;-0;"-"`, true, true}, {"0", "0;-0;;@", true, true},
	} {
		for column, read := range map[string]bool{"price": c.price, "qoh": c.qoh} {
			t.Run(column+" "+c.stored+" "+c.format, func(t *testing.T) {
				numbersBook(t, []string{"sku", column}, [2]string{"1", ""}, [2]string{c.stored, c.format})
				got, err := sdktest.Read(t.Context(), Connector(), sdktest.Settings{"path": "a.xlsx"})
				want := fmt.Sprintf(`row 2, column "%s": the cell`, column)
				switch {
				case read && (err != nil || len(got.Items) != 1 || !strings.HasSuffix(got.Items[0], ":"+c.stored+"}")):
					t.Errorf("%q, %v", got.Items, err)
				case !read && (err == nil || !strings.Contains(err.Error(), want)):
					t.Errorf("%q, error %v, want %s", got.Items, err, want)
				}
			})
		}
	}
}

// TestTextsShownAsOthers says that a SKU is what people see where the format makes another number of what is stored.
func TestTextsShownAsOthers(t *testing.T) {
	for _, c := range []struct{ stored, format, want string }{
		{"123", `"2024"0000`, "20240123"}, {"5", `0"00"`, "500"}, {"12", `"-"0`, "-12"}, {"12", `0"-"`, "12-"}, {"1250", `0\.00`, "12.50"}, {"12", "(0)", "(12)"},
		{"12", "#,##0.00", "12"}, {"1234", `[$-409]#,##0`, "1234"}, {"-12", "0;(0)", "-12"}, {"-12", "0;[Red]0", "-12"}, {"0.5", "0%;-0%", "0.5"}, {"5", ";;;", "5"},
		{"1234567890123456", `[$-409]#,##0`, "1234567890123456"},
	} {
		t.Run(c.stored+" "+c.format, func(t *testing.T) {
			numbersBook(t, []string{"sku"}, [2]string{c.stored, c.format})
			got, err := sdktest.Read(t.Context(), Connector(), sdktest.Settings{"path": "a.xlsx"})
			if diff := cmp.Diff([]string{fmt.Sprintf(`{"sku":%q}`, c.want)}, got.Items); err != nil || diff != "" {
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

// TestMarksInFormats says which currency a cell's number format names, wherever it does, and that one that is not known is an
// error.
func TestMarksInFormats(t *testing.T) {
	for _, c := range []struct{ format, want string }{
		{`[$SFr.-807]\ 0.00`, "CHF"}, {`[$fr.-100C]0`, "CHF"}, {`[$kr-41D]0`, "SEK"}, {`[$kr.-406]\ #,##0`, "DKK"}, {`0\ [$kr-414]`, "NOK"}, {`0 "kr."`, "kr"},
		{`[$руб.-419]0`, "RUB"}, {`[$₽-419]0`, "RUB"}, {`#,##0.00\ "р."`, "RUB"}, {`0" руб."`, "RUB"}, {`[$Rp-421]0`, "IDR"}, {`[$TL-41F]0`, "TRY"}, {`[$R-1C09]0`, "ZAR"}, {`[$S/.-280A]0`, "PEN"}, {`[$B/.-180A]0`, "PAB"},
		{`[$C$-4C0A]0`, "NIO"}, {`[$C$-1009]0`, "CAD"}, {`[$lei-818]0`, "MDL"}, {`[$lei-418]0`, "RON"}, {`[$¥-804]0`, "CNY"}, {`[$¥-411]0`, "JPY"}, {`[$$-80A]0`, "MXN"}, {`[$$-409]0`, "USD"}, {`[$$-1009]0`, "CAD"}, {`[$$-en-CA]0`, "CAD"}, {`[$$]0`, "$"},
		{`[$£-C01]0`, "EGP"}, {`[$£-809]0`, "GBP"}, {`[$₹-4009]0`, "INR"}, {`[$€-409]0`, "EUR"}, {`[$$-407]0`, "$"}, {`[$USD]\ 0`, "USD"}, {`[$CHF-407]0`, "CHF"}, {`[$zł-415]0`, "PLN"}, {`[$Kč-405]0`, "CZK"}, {`[$din.-81A]0`, "RSD"},
		{`"Rs. "0`, "Rs"}, {`[$Rs.-4009]0`, "INR"}, {`0 "Euro"`, "EUR"}, {`"$"0%`, "shows 5 as a percentage"}, {`General "€"`, "EUR"}, {`EUR #,##0.00`, "EUR"}, {`#,##0.00 CHF`, "CHF"}, {`0 \U\S\D`, "USD"}, {`"CAD "$0`, "CAD"}, {`0.00;[Red]"$"0.00`, "$"}, {`0;0;"€ -"`, "EUR"},
		{`[>=10000000]"₹ "##\,##\,##\,##0;[>=100000]"₹ "##\,##\,##0;##,##0`, "INR"}, {`_("$"* #,##0_)`, "$"}, {`0"¢"`, `names a currency that is not known: "¢"`}, {`0.00`, ""}, {`[$-409]0`, ""}, {`0_$`, ""}, {`0*$`, ""}, {`0* $`, "$"},
		{`[$BTC]\ 0`, `names a currency that is not known: "BTC"`}, {`[$R]0`, `names a currency that is not known: "R"`}, {`[>100]"$"0;"£"0`, "names two currencies, $ and £"},
		{`"UVP "0.00" €"`, `puts "UVP" beside the amount, which is no currency`}, {`0 "dollars"`, `puts "dollars" beside the amount`}, {`"$/kg "0`, `puts "$/kg" beside the amount`}, {`0" pcs"`, `puts "pcs" beside the amount`},
	} {
		t.Run(c.format, func(t *testing.T) {
			numbersBook(t, []string{"sku", "price"}, [2]string{"1", ""}, [2]string{"5", c.format})
			got, err := sdktest.Read(t.Context(), Connector(), sdktest.Settings{"path": "a.xlsx"})
			if strings.Contains(c.want, " ") {
				if err == nil || !strings.Contains(err.Error(), c.want) {
					t.Errorf("%s, error %v, want %s", got.Items, err, c.want)
				}
				return
			}
			if err != nil || got.Currencies["price"] != c.want {
				t.Errorf("currency %q, error %v, want %q", got.Currencies["price"], err, c.want)
			}
		})
	}
}

// TestMarksOfAgreedFormats says that the formats which no workbook defines have their dollar sign, too.
func TestMarksOfAgreedFormats(t *testing.T) {
	for id, want := range map[int]string{0: "", 4: "", 5: "$", 6: "$", 7: "$", 8: "$", 37: "", 39: "", 41: "", 42: "$", 43: "", 44: "$"} {
		t.Chdir(t.TempDir())
		sheet := xmlHead + "<worksheet " + mainNS + `><sheetData><row><c t="str"><v>sku</v></c><c t="str"><v>price</v></c></row><row><c t="str"><v>A</v></c><c s="1"><v>5</v></c></row></sheetData></worksheet>`
		parts := append(bookParts([][3]string{{"Stock", "", sheet}}, "styles"), part{"xl/styles.xml", fmt.Sprintf(xmlHead+"<styleSheet "+mainNS+`><cellXfs><xf numFmtId="0"/><xf numFmtId="%d"/></cellXfs></styleSheet>`, id)})
		if err := os.WriteFile("a.xlsx", zipped(t, parts), 0o600); err != nil {
			t.Fatal(err)
		}
		got, err := sdktest.Read(t.Context(), Connector(), sdktest.Settings{"path": "a.xlsx"})
		if err != nil || got.Currencies["price"] != want {
			t.Errorf("format %d: currency %q, error %v, want %q", id, got.Currencies["price"], err, want)
		}
	}
}

// TestWordsBesideNumbers says that words in the format of a number that is no amount do no harm, and currencies there do.
func TestWordsBesideNumbers(t *testing.T) {
	numbersBook(t, []string{"sku", "qoh"}, [2]string{"1", ""}, [2]string{"5", `0" pcs"`}, [2]string{"2", ""}, [2]string{"-6", `#,##0 "km"`})
	got, err := sdktest.Read(t.Context(), Connector(), sdktest.Settings{"path": "a.xlsx"})
	if diff := cmp.Diff([]string{`{"sku":"1","qoh":5}`, `{"sku":"2","qoh":-6}`}, got.Items); err != nil || diff != "" {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
	numbersBook(t, []string{"sku", "qoh"}, [2]string{"1", ""}, [2]string{"5", `0.00;[Red]0" €"`})
	if _, err := sdktest.Read(t.Context(), Connector(), sdktest.Settings{"path": "a.xlsx"}); err == nil || !strings.Contains(err.Error(), `"€ 5" is an amount of money`) {
		t.Errorf("a currency in a quantity's format: error %v", err)
	}
}

// TestFormatsThatShowAnotherValue says that a price or a weight is not taken as it is stored where people see a percentage, or another unit
// than beside the other weights.
func TestFormatsThatShowAnotherValue(t *testing.T) {
	for _, c := range []struct {
		field      string
		first, two [2]string
		want       string // a part of the error
	}{
		{"price", [2]string{"0.15", "0%"}, [2]string{"2", ""}, `row 2, column "price": the cell's number format shows 0.15 as a percentage`},
		{"weight", [2]string{"0.15", "0.00%"}, [2]string{"2", ""}, `row 2, column "weight": the cell's number format shows 0.15 as a percentage`},
		{"margin", [2]string{"0.15", "0%"}, [2]string{"2", ""}, ""},
		{"weight", [2]string{"0.25", `0.00" kg"`}, [2]string{"250", `0" g"`}, `row 3, column "weight": the cell's number format puts "g" beside the number, and that of B2 puts "kg": write all of the column in one unit`},
		{"width", [2]string{"25", `0" cm"`}, [2]string{"250", `0" mm"`}, `puts "mm" beside the number, and that of B2 puts "cm"`},
		{"weight", [2]string{"0.25", `0.00" kg"`}, [2]string{"2", `0.0 "KG."`}, ""},
		{"weight", [2]string{"0.25", `0.00" kg"`}, [2]string{"2", "0.00"}, ""},
		{"qoh", [2]string{"1", `0" pc"`}, [2]string{"2", `0" pcs"`}, ""},
	} {
		numbersBook(t, []string{"sku", c.field}, [2]string{"1", ""}, c.first, [2]string{"2", ""}, c.two)
		settings := sdktest.Settings{"path": "a.xlsx"}
		if c.field == "margin" {
			settings["types"] = map[string]string{"margin": "number"}
		}
		got, err := sdktest.Read(t.Context(), Connector(), settings)
		if c.want != "" {
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%s %v %v: %s, error %v, want %s", c.field, c.first, c.two, got.Items, err, c.want)
			}
			continue
		}
		want := []string{fmt.Sprintf(`{"sku":"1","%s":%s}`, c.field, c.first[0]), fmt.Sprintf(`{"sku":"2","%s":%s}`, c.field, c.two[0])}
		if diff := cmp.Diff(want, got.Items); err != nil || diff != "" {
			t.Errorf("%v (-want +got):\n%s", err, diff)
		}
	}
}

// TestUnitsInWorkbooks reads weights whose unit a number format, a setting or the name of the column says.
func TestUnitsInWorkbooks(t *testing.T) {
	t.Chdir(t.TempDir())
	for _, c := range []struct {
		name     string
		column   string
		formats  []string
		settings sdktest.Settings
		want     string
		err      string
	}{
		{name: "a format", column: "weight", formats: []string{`0.00" kg"`, `0" KG"`, "General"}, want: "kg"},
		{name: "two ways to write it", column: "weight", formats: []string{`0.00" lbs"`, `0" lb"`}, want: "lb"},
		{name: "words before it", column: "weight", formats: []string{`"ca. "0.00" kg"`, `0" kg"`}, want: "kg"},
		{name: "units of other numbers", column: "weight", formats: []string{`[>=1000]0.0," kg";0" g"`}, want: "g"},
		{name: "as a currency of one's own", column: "weight", formats: []string{`0.00[$ kg]`, `0.0 [$kg-407]`}, want: "kg"},
		{name: "two behind the same words", column: "weight", formats: []string{`"ca. "0.00" kg"`, `"ca. "0" g"`}, err: `puts "ca g" beside the number, and that of A2 puts "ca kg": write all of the column in one unit`},
		{name: "two at one number", column: "weight", formats: []string{`0" lb "0" oz"`}, err: `puts two units beside the number, lb and oz: give the cell a format with one`},
		{name: "a mark for inches", column: "height", formats: []string{`0\"`, `0" in."`}, want: "in"},
		{name: "a mark for feet", column: "height", formats: []string{`0'`, `0"′"`, `0" Ft"`}, want: "ft"},
		{name: "marks that part thousands", column: "height", formats: []string{`#\'##0`}},
		{name: "marks of two units", column: "height", formats: []string{`0" cm"`, `0\"`}, err: `puts "\"" beside the number, and that of A2 puts "cm": write all of the column in one unit`},
		{name: "a setting", column: "weight", formats: []string{"0.00"}, settings: sdktest.Settings{"weight_unit": "g"}, want: "g"},
		{name: "a setting and a format", column: "weight", formats: []string{`0" g"`}, settings: sdktest.Settings{"weight_unit": "g"}, want: "g"},
		{name: "the column's name and a format", column: "weight [g]", formats: []string{`0" g"`}, settings: sdktest.Settings{"columns": map[string]string{"weight": "weight [g]"}}, want: "g"},
		{name: "two in the column's name", column: "weight (lb/oz)", formats: []string{`0`}, settings: sdktest.Settings{"columns": map[string]string{"weight": "weight (lb/oz)"}}},
		{name: "a length in the name of weights", column: "weight in", formats: []string{`0`}, settings: sdktest.Settings{"columns": map[string]string{"weight": "weight in"}}},
		{name: "a word that is no unit", column: "weight", formats: []string{`0" about"`}},
		{name: "a setting where the column's name may mean something else", column: "weight G", formats: []string{`0`}, settings: sdktest.Settings{"columns": map[string]string{"weight": "weight G"}, "weight_unit": "kg"}, want: "kg"},
		{name: "a format against a setting", column: "weight", formats: []string{`0" g"`}, settings: sdktest.Settings{"weight_unit": "kg"},
			err: `file "a.xlsx": the field weight: the number format of A2 puts "g" beside the number, and weight_unit says kg: have them agree`},
		{name: "a format against the column's name", column: "weight kg", formats: []string{`0`, `0" g"`}, settings: sdktest.Settings{"columns": map[string]string{"weight": "weight kg"}},
			err: `file "a.xlsx": the field weight: the number format of A3 puts "g" beside the number, and its column's name says kg: have them agree`},
	} {
		t.Run(c.name, func(t *testing.T) {
			rows := [][]any{{c.column, "sku"}}
			for i, format := range c.formats {
				rows = append(rows, []any{cell{2.5, format}, strconv.Itoa(i)})
			}
			workbook(t, "a.xlsx", rows...)
			settings := sdktest.Settings{"path": "a.xlsx"}
			maps.Copy(settings, c.settings)
			got, err := sdktest.Read(t.Context(), Connector(), settings)
			if c.err != "" && (err == nil || !strings.HasSuffix(err.Error(), c.err)) || c.err == "" && (err != nil || got.Units["weight"]+got.Units["height"] != c.want) {
				t.Errorf("%v, in %v; want %q, %v", err, got.Units, c.want, c.err)
			}
		})
	}
}

// TestPointsInTexts has texts of a workbook in place of numbers, whose points may part thousands. Numbers that are stored as such say
// nothing of that, and are never doubted.
func TestPointsInTexts(t *testing.T) {
	const warning = `file "a.xlsx", sheet "Sheet1", row 3: 1.250 in the column "price" is read with decimals, but in all numbers of this column that have a point three digits stand behind it, as where points part thousands: if they do, set decimal = ","`
	t.Chdir(t.TempDir())
	for _, c := range []struct {
		name     string
		prices   []any
		settings sdktest.Settings
		warn     string
	}{
		{name: "beside a text without a point", prices: []any{"4", "1.250", "3.250"}, warn: warning},
		{name: "beside a number", prices: []any{4, "1.250"}, warn: warning},
		{name: "beside numbers with decimals, and one without", prices: []any{19.99, "1.250", 4}, warn: warning},
		{name: "other decimals", prices: []any{"4", "1.250", "1.5"}},
		{name: "three decimals everywhere", prices: []any{"4.000", "1.250"}},
		{name: "where decimal says so", prices: []any{"4", "1.250"}, settings: sdktest.Settings{"decimal": ","}},
		{name: "beside a text that stands for an unknown one", prices: []any{"N/A", "1.250"}, settings: sdktest.Settings{"unknown": []string{"N/A"}}},
		{name: "numbers alone", prices: []any{4, 1.25, 3.125}},
		{name: "commas", prices: []any{"4", "1,250"}, warn: `file "a.xlsx", sheet "Sheet1", row 3: 1,250 in the column "price" is read as thousands, but nothing in this column shows that its commas part them and do not start decimals: if they do, set decimal = ","`},
		{name: "commas beside a text with decimals", prices: []any{"4.5", "1,250"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			rows := [][]any{{"sku", "price"}}
			for i, price := range c.prices {
				rows = append(rows, []any{strconv.Itoa(i), price})
			}
			workbook(t, "a.xlsx", rows...)
			settings := sdktest.Settings{"path": "a.xlsx"}
			maps.Copy(settings, c.settings)
			got, err := sdktest.Read(t.Context(), Connector(), settings)
			if err != nil || strings.Join(got.Warnings, "\n") != c.warn {
				t.Errorf("%v, it warns of %q, want %q", err, got.Warnings, c.warn)
			}
		})
	}
}
