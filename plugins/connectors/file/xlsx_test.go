package file

import (
	"bytes"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"

	"github.com/reconcilehq/reconcile/plugins/sdk/sdktest"
)

// cell is a value with a number format.
type cell struct {
	value  any
	format string
}

// workbook writes rows into the first sheet; nil rows stay empty.
func workbook(t *testing.T, name string, rows ...[]any) {
	t.Helper()
	book := excelize.NewFile()
	fill(t, book, "Sheet1", rows)
	save(t, book, name)
}

func save(t *testing.T, book *excelize.File, name string) {
	t.Helper()
	if err := book.SaveAs(name); err != nil {
		t.Fatal(err)
	}
	if err := book.Close(); err != nil {
		t.Fatal(err)
	}
}

func fill(t *testing.T, book *excelize.File, sheet string, rows [][]any) {
	t.Helper()
	check := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	for i, row := range rows {
		for j, v := range row {
			at, err := excelize.CoordinatesToCellName(j+1, i+1)
			check(err)
			if c, ok := v.(cell); ok {
				style, err := book.NewStyle(&excelize.Style{CustomNumFmt: &c.format})
				check(err)
				check(book.SetCellStyle(sheet, at, at, style))
				v = c.value
			}
			if v != nil {
				check(book.SetCellValue(sheet, at, v))
			}
		}
	}
}

func TestWorkbook(t *testing.T) {
	day := time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		name string
		rows [][]any
		want []string
		err  string
	}{
		{"texts keep leading zeros and white space", [][]any{{"sku", "name"}, {"007", " a "}}, []string{`{"sku":"007","name":" a "}`}, ""},
		{"numbers are exact", [][]any{{"sku", "price", "qoh"}, {"1", 19.99, -3}, {"2", 0.1 + 0.2, 1e-7}, {"3", 19.989999999999998, 123456789012.0}},
			[]string{`{"sku":"1","price":19.99,"qoh":-3}`, `{"sku":"2","price":0.3,"qoh":0.0000001}`, `{"sku":"3","price":19.99,"qoh":123456789012}`}, ""},
		{"a number is not what its format shows", [][]any{{"sku", "price"}, {"1", cell{19.987, "0.00"}}, {"2", cell{1234.5, "$#,##0"}}, {"3", cell{-3, "0;(0)"}}},
			[]string{`{"sku":"1","price":19.987}`, `{"sku":"2","price":1234.5}`, `{"sku":"3","price":-3}`}, ""},
		{"numbers as text", [][]any{{"sku", "price"}, {"1", "$1,234.50"}, {"2", "12345678901234567890.1"}, {"3", ""}}, []string{`{"sku":"1","price":1234.5}`, `{"sku":"2","price":12345678901234567890.1}`, `{"sku":"3","price":null}`}, ""},
		{"a numeric SKU is plain", [][]any{{"sku"}, {123456789012.0}, {1234567.0}, {12.5}, {0.1 + 0.2}, {1e20}, {cell{12345, "#,##0.00"}}, {cell{1234567, "0.00E+00"}}, {cell{0.5, "0%"}}, {cell{7, ";;;"}}},
			[]string{`{"sku":"123456789012"}`, `{"sku":"1234567"}`, `{"sku":"12.5"}`, `{"sku":"0.3"}`, `{"sku":"100000000000000000000"}`, `{"sku":"12345"}`, `{"sku":"1234567"}`, `{"sku":"0.5"}`, `{"sku":"7"}`}, ""},
		{"an amount in a text keeps its mark", [][]any{{"sku", "msrp"}, {"1", cell{5, "$0.00"}}, {"2", cell{5, "[$€-407]0.00"}}, {"3", cell{1234.567, "#,##0.00\\ [$€-407]"}}, {"4", cell{-5, `_("$"* #,##0.00_);_("$"* \(#,##0.00\)`}}},
			[]string{`{"sku":"1","msrp":"$5.00"}`, `{"sku":"2","msrp":"€5.00"}`, `{"sku":"3","msrp":"€ 1234.567"}`, `{"sku":"4","msrp":"$(5.00)"}`}, ""},
		{"zeros have a section", [][]any{{"sku", "visible", "note"}, {"1", cell{0, `"Yes";"Yes";"No"`}, cell{0, `"Yes";"Yes";"No"`}}, {"2", cell{1, `"Yes";"Yes";"No"`}, cell{2, `"Yes";"Yes";"No"`}}},
			[]string{`{"sku":"1","visible":false,"note":"No"}`, `{"sku":"2","visible":true,"note":"Yes"}`}, ""},
		{"what a format would round is as it is stored", [][]any{{"sku"}, {cell{1.5, "0000"}}, {cell{2, "0000"}}}, []string{`{"sku":"1.5"}`, `{"sku":"0002"}`}, ""},
		{"the century of a date is kept", [][]any{{"sku", "note"}, {"1", cell{12345, "mm-dd-yy"}}, {"2", cell{12345 + 36525, "mm-dd-yy"}}}, []string{`{"sku":"1","note":"1933-10-18"}`, `{"sku":"2","note":"2033-10-18"}`}, ""},
		{"a date is no number", [][]any{{"sku", "qoh"}, {"1", cell{45413, "d-mmm"}}}, nil, `row 2, column "qoh": the cell holds a date or a time, 2024-05-01, and no number`},
		{"a time is no number", [][]any{{"sku", "price"}, {"1", cell{0.5, "[h]:mm"}}}, nil, `row 2, column "price": the cell holds a date or a time, 12:00, and no number`},
		{"unless its format adds zeros or dashes", [][]any{{"sku"}, {cell{123, "00000"}}, {cell{12345, "00000"}}, {cell{12345, "000-000"}}},
			[]string{`{"sku":"00123"}`, `{"sku":"12345"}`, `{"sku":"012-345"}`}, ""},
		{"dates as shown", [][]any{{"sku", "modified_at"}, {"1", cell{day, "yyyy-mm-dd"}}, {"2", "2026-11-23T10:00:00Z"}},
			[]string{`{"sku":"1","modified_at":"2026-11-23"}`, `{"sku":"2","modified_at":"2026-11-23T10:00:00Z"}`}, ""},
		{"bools", [][]any{{"sku", "visible", "note"}, {"1", true, true}, {"2", false, false}, {"3", "yes", ""}, {"4", nil, nil}, {"5", 1, 1}},
			[]string{`{"sku":"1","visible":true,"note":"TRUE"}`, `{"sku":"2","visible":false,"note":"FALSE"}`, `{"sku":"3","visible":true,"note":""}`, `{"sku":"4","visible":null,"note":""}`, `{"sku":"5","visible":true,"note":"1"}`}, ""},
		{"empty rows before, between and behind", [][]any{nil, {nil, " "}, {"sku", "qoh"}, nil, {"1", 2}, {" "}, {"2", 3}, nil, {nil, "  "}}, []string{`{"sku":"1","qoh":2}`, `{"sku":"2","qoh":3}`}, ""},
		{"cells without a header do not count", [][]any{{"sku", nil, "qoh"}, {"1", "x", 2, "note", "#N/A"}}, []string{`{"sku":"1","qoh":2}`}, ""},
		{"a header alone", [][]any{{"sku", "qoh"}}, nil, ""},
		{"nothing", nil, nil, `file "a.xlsx", sheet "Sheet1" is empty`},
		{"an error value", [][]any{{"sku", "qoh"}, nil, {"1", "#N/A"}}, nil, `file "a.xlsx", sheet "Sheet1", row 3, column "qoh": "#N/A" is not a number`},
		{"an error value as a text", [][]any{{"sku", "name"}, {"1", "#REF!"}}, nil, `file "a.xlsx", sheet "Sheet1", row 2, column "name": the cell shows the error #REF!`},
		{"no number", [][]any{{"sku", "qoh"}, {"1", "abc"}}, nil, `file "a.xlsx", sheet "Sheet1", row 2, column "qoh": "abc" is not a number`},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Chdir(t.TempDir())
			workbook(t, "a.xlsx", c.rows...)
			got, err := sdktest.Read(t.Context(), Connector(), sdktest.Settings{"path": "a.xlsx"})
			if c.err != "" {
				if err == nil || !strings.Contains(err.Error(), c.err) {
					t.Fatalf("error: %v\nwant one with: %s", err, c.err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, got.Items); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// TestWorkbookDecimal reads prices that are texts with a decimal comma beside cells that hold numbers, which are as they are.
func TestWorkbookDecimal(t *testing.T) {
	t.Chdir(t.TempDir())
	workbook(t, "a.xlsx", []any{"sku", "price"}, []any{"1", "1.299,00 €"}, []any{"2", 1.299}, []any{"3", 1299.5}, []any{"4", cell{-2.25, `#,##0.00 [$€-407]`}},
		[]any{"5", "12,- €"}, []any{"6", 1234567}, []any{"7", 1e-7}, []any{"8", true})
	settings := sdktest.Settings{"path": "a.xlsx", "decimal": ",", "on_bad_row": "skip"}
	got, err := sdktest.Read(t.Context(), Connector(), settings, "sku", "price")
	want := []string{`{"sku":"1","price":1299}`, `{"sku":"2","price":1.299}`, `{"sku":"3","price":1299.5}`, `{"sku":"4","price":-2.25}`,
		`{"sku":"5","price":12}`, `{"sku":"6","price":1234567}`, `{"sku":"7","price":0.0000001}`}
	if diff := cmp.Diff(want, got.Items); err != nil || diff != "" {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
	settings = sdktest.Settings{"path": "a.xlsx"}
	const cure = `column "price": "1.299,00 €" is not a number: a comma or an apostrophe only parts groups of three digits, and a point starts the decimals; set decimal = "," if the decimals start so`
	if _, err := sdktest.Read(t.Context(), Connector(), settings, "sku", "price"); err == nil || !strings.Contains(err.Error(), cure) {
		t.Errorf("without the setting: error %v", err)
	}
}

func TestWorkbookSheets(t *testing.T) {
	t.Chdir(t.TempDir())
	book := excelize.NewFile()
	fill(t, book, "Sheet1", [][]any{{"sku"}, {"first"}})
	if _, err := book.NewSheet("Inventory"); err != nil {
		t.Fatal(err)
	}
	fill(t, book, "Inventory", [][]any{{"sku"}, {"second"}})
	save(t, book, "a.xlsx")
	for sheet, want := range map[string]string{
		"":          `the sheets "Sheet1", "Inventory" all have the needed columns: say which to read with sheet`,
		"sheet1":    `[{"sku":"first"}]`,
		"inventory": `[{"sku":"second"}]`,
		"Inventroy": `there is no sheet "Inventroy" (did you mean "Inventory"?); the sheets are: Sheet1, Inventory`,
	} {
		settings := sdktest.Settings{"path": "a.xlsx"}
		if sheet != "" {
			settings["sheet"] = sheet
		}
		got, err := sdktest.Read(t.Context(), Connector(), settings)
		if err != nil {
			if !strings.Contains(err.Error(), want) {
				t.Errorf("sheet %q: error %v", sheet, err)
			}
		} else if fmt.Sprint(got.Items) != want {
			t.Errorf("sheet %q: %s, want %s", sheet, got.Items, want)
		}
	}
}

func TestWorkbookFormulas(t *testing.T) {
	t.Chdir(t.TempDir())
	book := excelize.NewFile()
	fill(t, book, "Sheet1", [][]any{{"sku", "qoh"}, {"1", 3}})
	if err := book.SetCellFormula("Sheet1", "B2", "1+2"); err != nil { // the value 3 stays, as a program's saved result
		t.Fatal(err)
	}
	save(t, book, "a.xlsx")
	got, err := sdktest.Read(t.Context(), Connector(), sdktest.Settings{"path": "a.xlsx"})
	if diff := cmp.Diff([]string{`{"sku":"1","qoh":3}`}, got.Items); err != nil || diff != "" {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
}

func TestWorkbookVariation(t *testing.T) {
	t.Chdir(t.TempDir())
	workbook(t, "a.xlsx", []any{"sku", "parent_sku", "Size"}, []any{"1", "A", "M"}, []any{"2", "A", "L"})
	got, err := sdktest.Read(t.Context(), Connector(), sdktest.Settings{"path": "a.xlsx", "option_columns": map[string]string{"Size": "size"}}, "sku", "variation")
	want := []string{`{"sku":"1","variation":["Size=L|M"]}`, `{"sku":"2","variation":["Size=L|M"]}`}
	if diff := cmp.Diff(want, got.Items); err != nil || diff != "" {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
}

func TestFilesThatAreNoWorkbooks(t *testing.T) {
	t.Chdir(t.TempDir())
	workbook(t, "whole.xlsx", []any{"sku"}, []any{"1"})
	whole, err := os.ReadFile("whole.xlsx")
	if err != nil {
		t.Fatal(err)
	}
	book := excelize.NewFile()
	if err := book.SaveAs("locked.xlsx", excelize.Options{Password: "open sesame"}); err != nil {
		t.Fatal(err)
	}
	damaged := slices.Clone(whole)
	damaged[bytes.Index(whole, []byte("xl/worksheets/sheet1.xml"))+60] ^= 1
	for name, text := range map[string]string{
		"damaged.xlsx": string(damaged),
		"cut.xlsx":     string(whole[:len(whole)/2]), "text.xlsx": "sku,qoh\n1,2\n", "empty.xlsx": "", "old.xlsx": "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
	} {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for name, want := range map[string]string{
		"damaged.xlsx": `sheet "Sheet1": its part xl/worksheets/sheet1.xml is damaged`,
		"cut.xlsx":     "save it anew as XLSX", "text.xlsx": `is no XLSX workbook, whatever its name says; if it is a text, such as CSV, say so with format = "csv"`, "empty.xlsx": "is empty and no XLSX workbook: export it anew",
		"old.xlsx": "protected by a password or in the format of old Excel versions", "locked.xlsx": "protected by a password",
	} {
		_, err := sdktest.Read(t.Context(), Connector(), sdktest.Settings{"path": name})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error %v, want %q", name, err, want)
		}
	}
}
