package file

import (
	"context"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/reconcilehq/reconcile/plugins/sdk"
	"github.com/reconcilehq/reconcile/plugins/sdk/sdktest"
)

// sheetOf is a sheet's part with rows of texts.
func sheetOf(rows ...string) string {
	var b strings.Builder
	b.WriteString(xmlHead + "<worksheet " + mainNS + "><sheetData>")
	for _, row := range rows {
		b.WriteString("<row>")
		if row != "" {
			for cell := range strings.SplitSeq(row, ",") {
				fmt.Fprintf(&b, `<c t="inlineStr"><is><t>%s</t></is></c>`, cell)
			}
		}
		b.WriteString("</row>")
	}
	return b.String() + "</sheetData></worksheet>"
}

func TestWhichSheet(t *testing.T) {
	stock, notes := sheetOf("sku,qoh", "A,1"), sheetOf("To do", "Ask Ann")
	other := sheetOf("sku,qoh", "B,2")
	var many [][3]string
	for i := range 25 {
		many = append(many, [3]string{fmt.Sprintf("Stock%d", i+1), "", stock})
	}
	hidden, veryHidden := `state="hidden"`, `state="veryHidden"`
	for _, c := range []struct {
		name     string
		sheets   [][3]string
		settings sdktest.Settings
		want     string // an item, or a part of the error
		notice   string
	}{
		{"the only one", [][3]string{{"Stock", "", stock}}, nil, `{"sku":"A"}`, ""},
		{"the only one that fits, behind another", [][3]string{{"Notes", "", notes}, {"Stock", "", stock}}, nil, `{"sku":"A"}`, `sheet "Stock" of 2 (guessed; can be set with sheet)`},
		{"a hidden first one", [][3]string{{"Old", hidden, other}, {"Stock", "", stock}}, nil, `{"sku":"A"}`, `sheet "Stock" of 2`},
		{"a very hidden first one", [][3]string{{"Old", veryHidden, other}, {"Stock", "", stock}}, nil, `{"sku":"A"}`, `sheet "Stock" of 2`},
		{"many that are alike", many, nil, `"Stock19", "Stock20" and 5 more all have the needed columns: say which`, ""},
		{"hidden ones alone", [][3]string{{"Old", hidden, other}}, nil, `it has no sheet that is to be seen; say which to read with sheet = "..."; the sheets are: Old`, ""},
		{"a hidden one by name", [][3]string{{"Old", hidden, other}, {"Stock", "", stock}}, sdktest.Settings{"sheet": "old"}, `{"sku":"B"}`, ""},
		{"two that fit", [][3]string{{"Shop", "", stock}, {"Notes", "", notes}, {"Web", "", other}}, nil, `the sheets "Shop", "Web" all have the needed columns: say which to read with sheet = "..."`, ""},
		{"one of two by name", [][3]string{{"Shop", "", stock}, {"Web", "", other}}, sdktest.Settings{"sheet": "Web"}, `{"sku":"B"}`, ""},
		{"two, of which a setting fits one", [][3]string{{"Shop", "", stock}, {"Web", "", sheetOf("sku,qoh,rrp", "B,2,3")}}, sdktest.Settings{"columns": map[string]string{"retail_price": "rrp"}}, `{"sku":"B"}`, `sheet "Web" of 2`},
		{"none", [][3]string{{"Notes", "", notes}, {"More", "", notes}}, nil, `none of its sheets is the table: sheet "Notes": there is no column for the field sku`, ""},
		{"one without the column", [][3]string{{"Notes", "", notes}}, nil, "there is no column for the field sku", ""},
		{"an empty one beside", [][3]string{{"Sheet1", "", sheetOf()}, {"Stock", "", stock}}, nil, `{"sku":"A"}`, `sheet "Stock" of 2`},
		{"empty ones", [][3]string{{"Sheet1", "", sheetOf("", "")}, {"Sheet2", "", sheetOf()}}, nil, `sheet "Sheet1" is empty: there is not even a header`, ""},
		{"a title above", [][3]string{{"Stock", "", sheetOf("Our stock", "", "sku,qoh", "A,1")}}, nil, `{"sku":"A"}`, `header in row 3 (guessed; can be set with header_row)`},
		{"two headers", [][3]string{{"Stock", "", sheetOf("Our stock", "sku,qoh", "A,1", "sku,qoh", "B,2")}}, nil, "rows 2 and 4 could both be the header: say which with header_row", ""},
		{"a header by its row", [][3]string{{"Stock", "", sheetOf("Our stock", "sku,qoh", "A,1", "sku,qoh", "B,2")}}, sdktest.Settings{"header_row": 4}, `{"sku":"B"}`, ""},
		{"a header's row that is blank", [][3]string{{"Stock", "", sheetOf("Our stock", "", "sku,qoh", "A,1")}}, sdktest.Settings{"header_row": 2}, "row 2, which header_row names, is blank", ""},
		{"a header's row beyond", [][3]string{{"Stock", "", stock}}, sdktest.Settings{"header_row": 99}, "row 99, which header_row names, is blank", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Chdir(t.TempDir())
			if err := os.WriteFile("a.xlsx", zipped(t, bookParts(c.sheets)), 0o600); err != nil {
				t.Fatal(err)
			}
			settings := sdktest.Settings{"path": "a.xlsx"}
			for name, value := range c.settings {
				settings[name] = value
			}
			got, err := sdktest.Read(t.Context(), Connector(), settings, "sku")
			if err != nil {
				if !strings.Contains(err.Error(), c.want) {
					t.Errorf("error %v\nwant %s", err, c.want)
				}
				return
			}
			if diff := cmp.Diff([]string{c.want}, got.Items); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if told := strings.Join(got.Notices, "\n"); (c.notice == "") != (told == "") || !strings.Contains(told, c.notice) {
				t.Errorf("notices %q, want %q", told, c.notice)
			}
		})
	}
}

// TestSheetsThatAreCharts says that a sheet without cells is no table.
func TestSheetsThatAreCharts(t *testing.T) {
	t.Chdir(t.TempDir())
	parts := bookParts([][3]string{{"Chart", "", xmlHead + `<chartsheet ` + mainNS + `/>`}, {"Stock", "", sheetOf("sku", "A")}})
	for i := range parts {
		parts[i].text = strings.Replace(strings.Replace(parts[i].text, `worksheet" Target="worksheets/sheet1.xml`, `chartsheet" Target="worksheets/sheet1.xml`, 1),
			`sheet1.xml" ContentType="`+typeBase+`worksheet`, `sheet1.xml" ContentType="`+typeBase+`chartsheet`, 1)
	}
	if err := os.WriteFile("a.xlsx", zipped(t, parts), 0o600); err != nil {
		t.Fatal(err)
	}
	got, err := sdktest.Read(t.Context(), Connector(), sdktest.Settings{"path": "a.xlsx"})
	if diff := cmp.Diff([]string{`{"sku":"A"}`}, got.Items); err != nil || diff != "" {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
	if _, err := sdktest.Read(t.Context(), Connector(), sdktest.Settings{"path": "a.xlsx", "sheet": "Chart"}); err == nil || !strings.Contains(err.Error(), `sheet "Chart" has no cells`) {
		t.Errorf("error %v", err)
	}
}

// TestFactsOfWorkbooks says that people are told which sheet is read.
func TestFactsOfWorkbooks(t *testing.T) {
	t.Chdir(t.TempDir())
	if err := os.WriteFile("a.xlsx", zipped(t, bookParts([][3]string{{"Notes", "", sheetOf("x")}, {"Stock", "", sheetOf("sku", "A", "", "B")}})), 0o600); err != nil {
		t.Fatal(err)
	}
	source, err := sdktest.Source(t.Context(), Connector(), sdktest.Settings{"path": "a.xlsx"})
	if err != nil {
		t.Fatal(err)
	}
	facts, err := source.(interface {
		Check(context.Context) ([]sdk.Fact, error)
	}).Check(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	told := fmt.Sprint(facts)
	for _, want := range []string{"{sheet Stock}", "{rows 2}", `sheet "Stock" of 2`} {
		if !strings.Contains(told, want) {
			t.Errorf("facts %s: want %s", told, want)
		}
	}
}

// TestCellsThatCannotBeRead says that such a cell matters where its field is asked for, and its row can be skipped.
func TestCellsThatCannotBeRead(t *testing.T) {
	t.Chdir(t.TempDir())
	sheet := xmlHead + "<worksheet " + mainNS + `><sheetData><row><c t="str"><v>sku</v></c><c t="str"><v>qoh</v></c><c t="str"><v>price</v></c></row>` +
		`<row><c t="str"><v>A</v></c><c><f>1+2</f></c><c t="e"><v>#N/A</v></c></row><row><c t="str"><v>B</v></c><c t="b"><v>1</v></c></row><row><c t="str"><v>C</v></c><c><v>3</v></c></row></sheetData></worksheet>`
	if err := os.WriteFile("a.xlsx", zipped(t, bookParts([][3]string{{"Stock", "", sheet}})), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := sdktest.Read(t.Context(), Connector(), sdktest.Settings{"path": "a.xlsx"})
	if want := `sheet "Stock", row 2, column "qoh": the file does not have the result of the cell's formula`; err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("error %v, want %s", err, want)
	}
	got, err := sdktest.Read(t.Context(), Connector(), sdktest.Settings{"path": "a.xlsx"}, "sku")
	if err != nil || len(got.Items) != 3 {
		t.Errorf("without qoh: %q, %v", got.Items, err)
	}
	got, err = sdktest.Read(t.Context(), Connector(), sdktest.Settings{"path": "a.xlsx", "unknown": []string{"#N/A"}}, "sku", "price")
	if diff := cmp.Diff([]string{`{"sku":"A","price":null}`, `{"sku":"B","price":null}`, `{"sku":"C","price":null}`}, got.Items); err != nil || diff != "" {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
	got, err = sdktest.Read(t.Context(), Connector(), sdktest.Settings{"path": "a.xlsx", "on_bad_row": "skip"}, "sku", "qoh")
	if diff := cmp.Diff([]string{`{"sku":"C","qoh":3}`}, got.Items); err != nil || diff != "" {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
	if told := strings.Join(got.Warnings, "\n"); !strings.Contains(told, `"TRUE" is not a number`) {
		t.Errorf("warnings %s", told)
	}
}

// TestCellsOutside says that cells are not passed over which may have slipped out of their column: those below no header,
// where the sheet itself says that there is nothing.
func TestCellsOutside(t *testing.T) {
	for _, c := range []struct{ name, dimension, rows, want string }{
		{"a note beside", "A1:D3", `<row r="1"><c r="A1" t="str"><v>sku</v></c></row><row r="2"><c r="A2"><v>1</v></c><c r="D2"><v>7</v></c></row><row r="3"/>`, ""},
		{"a cell that slipped", "A1:B3", `<row r="1"><c r="A1" t="str"><v>sku</v></c><c r="B1" t="str"><v>qoh</v></c></row><row r="2"><c r="A2"><v>1</v></c><c r="C2"><v>7</v></c></row><row r="3"/>`, "row 2: cell C2 is below no header"},
		{"a header that slipped", "A1:B3", `<row r="1"><c r="A1" t="str"><v>sku</v></c><c r="C1" t="str"><v>qoh</v></c></row><row r="2"><c r="A2"><v>1</v></c><c r="B2"><v>7</v></c></row><row r="3"/>`, "row 2: cell B2 is below no header"},
		{"a column that somebody added", "A1:A3", `<row r="1"><c r="A1" t="str"><v>sku</v></c><c r="B1" t="str"><v>bin</v></c></row><row r="2"><c r="A2"><v>1</v></c><c r="B2"><v>7</v></c></row><row r="3"/>`, ""},
		{"rows that somebody added", "A1:B1", `<row r="1"><c r="A1" t="str"><v>sku</v></c><c r="B1" t="str"><v>bin</v></c></row><row r="2"><c r="A2"><v>1</v></c><c r="C2"><v>7</v></c></row><row r="3"/>`, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Chdir(t.TempDir())
			sheet := xmlHead + "<worksheet " + mainNS + `><dimension ref="` + c.dimension + `"/><sheetData>` + c.rows + "</sheetData></worksheet>"
			if err := os.WriteFile("a.xlsx", zipped(t, bookParts([][3]string{{"Stock", "", sheet}})), 0o600); err != nil {
				t.Fatal(err)
			}
			got, err := sdktest.Read(t.Context(), Connector(), sdktest.Settings{"path": "a.xlsx"}, "sku")
			if c.want != "" {
				if err == nil || !strings.Contains(err.Error(), c.want) {
					t.Errorf("%q, error %v, want %s", got.Items, err, c.want)
				}
				return
			}
			if diff := cmp.Diff([]string{`{"sku":"1"}`}, got.Items); err != nil || diff != "" {
				t.Errorf("%v (-want +got):\n%s", err, diff)
			}
		})
	}
}
