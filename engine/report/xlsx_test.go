package report

import (
	"bufio"
	"bytes"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"
)

// openWorkbook returns the result as another program reads it.
func openWorkbook(t testing.TB, r *Result, o Options) *excelize.File {
	t.Helper()
	file, err := excelize.OpenReader(strings.NewReader(text(t, "xlsx", r, o)))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = file.Close() })
	return file
}

func sheetRows(t testing.TB, file *excelize.File, sheet string) [][]string {
	t.Helper()
	list, err := file.GetRows(sheet, excelize.Options{RawCellValue: true})
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// TestXLSXSummary reads the second sheet: what is to be done, as the table says it.
func TestXLSXSummary(t *testing.T) {
	r := sample(t)
	r.Warn(Warning{Source: "web", Text: "a warning of <the> run"})
	file := openWorkbook(t, r, Options{})
	if diff := cmp.Diff([]string{"Items", "Summary"}, file.GetSheetList()); diff != "" {
		t.Fatalf("sheets (-want +got):\n%s", diff)
	}
	var all []string
	for _, row := range sheetRows(t, file, "Summary") {
		all = append(all, strings.Join(row, "\t"))
	}
	golden(t, "xlsx-summary.txt", strings.Join(all, "\n")+"\n")
}

// TestXLSXTypes says what is a number and what is a text in a workbook.
func TestXLSXTypes(t *testing.T) {
	long := strings.Repeat("é", 40_000)
	for _, c := range []struct {
		why, sku, price, wantSKU, wantPrice string
		number                              bool
	}{
		{"zeros before a SKU stay", "00123", "10.10", "00123", "10.1", true},
		{"and what looks like a power of ten", "1E5", "-0.5", "1E5", "-0.5", true},
		{"and more digits than a spreadsheet keeps", "12345678901234567890", "123456789012345", "12345678901234567890", "123456789012345", true},
		{"a number with too many digits is a text", "x", "1234567890.1234567", "x", "1234567890.1234567", false},
		{"a formula is none", `=HYPERLINK("http://x")`, "1", `=HYPERLINK("http://x")`, "1", true},
		{"white space stays", " a  b ", "1", " a  b ", "1", true},
		{"an escape of the format is text", "_x0041_", "1", "_x0041_", "1", true},
		{"what XML forbids is shown", "a\x01b\uffffc\u202ed", "1", "a␁b�c�d", "1", true},
		{"what is too long is cut, and says so", long, "1", strings.Repeat("é", 32_767-len("… (cut: 40000 characters in all)")+2) + "… (cut: 40000 characters in all)", "1", true},
	} {
		t.Run(c.why, func(t *testing.T) {
			r := sample(t)
			r.Items = itemsOf([]Item{{Status: 0, Pos: side(t, item{sku: c.sku, price: c.price})[0], Outcome: outcome("SSSSSSSS")}})
			r.PosFields = fields("sku", "price")
			file := openWorkbook(t, r, Options{All: true})
			row := sheetRows(t, file, "Items")[1]
			if row[0] != c.wantSKU {
				t.Errorf("sku %q, want %q", cut(row[0], 60), cut(c.wantSKU, 60))
			}
			at := slices.Index(sheetRows(t, file, "Items")[0], "pos.price")
			if row[at] != c.wantPrice {
				t.Errorf("price %q, want %q", row[at], c.wantPrice)
			}
			place, _ := excelize.CoordinatesToCellName(at+1, 2)
			kind, err := file.GetCellType("Items", place)
			if err != nil || (kind == excelize.CellTypeInlineString) == c.number {
				t.Errorf("the price is of type %v, error %v", kind, err)
			}
			if formula, err := file.GetCellFormula("Items", "A2"); formula != "" || err != nil {
				t.Errorf("formula %q, error %v", formula, err)
			}
		})
	}
}

// TestXLSXLooks says which cells have which colours, and that the first row stays and filters.
func TestXLSXLooks(t *testing.T) {
	file := openWorkbook(t, sample(t), Options{All: true})
	panes, err := file.GetPanes("Items")
	if err != nil || !panes.Freeze || panes.YSplit != 1 || panes.XSplit != 1 {
		t.Errorf("panes %+v, error %v", panes, err)
	}
	if got := file.GetDefinedName(); len(got) != 2 || got[0].RefersTo != "'Items'!$A$1:$Z$14" || got[1].Name != "_xlnm.Print_Titles" || got[1].RefersTo != "'Items'!$1:$1" {
		t.Errorf("filter and repeated row are %+v", got)
	}
	for _, sheet := range []string{"Items", "Summary"} {
		layout, err := file.GetPageLayout(sheet)
		if err != nil || *layout.Orientation != "landscape" || layout.FitToWidth == nil || *layout.FitToWidth != 1 || layout.FitToHeight == nil || *layout.FitToHeight != 0 {
			t.Errorf("%s is printed as %+v, error %v", sheet, layout, err)
		}
		props, err := file.GetSheetProps(sheet)
		if err != nil || props.FitToPage == nil || !*props.FitToPage {
			t.Errorf("%s does not fit the page: %+v, error %v", sheet, props, err)
		}
	}
	for cell, want := range map[string]string{"E2": "FFC6EFCE", "F2": "FFFFC7CE", "L3": "FFFFEB9C", "A2": "", "T2": "FFFDE9EB"} {
		at, err := file.GetCellStyle("Items", cell)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := file.GetStyle(at); err != nil { // which reads the styles
			t.Fatal(err)
		}
		got := ""
		if fill := file.Styles.Fills.Fill[*file.Styles.CellXfs.Xf[at].FillID].PatternFill; fill.FgColor != nil {
			got = fill.FgColor.RGB
		}
		if got != want {
			t.Errorf("%s has the colour %q, want %q", cell, got, want)
		}
	}
}

// TestXLSXSheets says that items which do not fit one sheet stand on the next, below a header of their own.
func TestXLSXSheets(t *testing.T) {
	r, file := sample(t), &bytes.Buffer{}
	out := bufio.NewWriter(file)
	w, err := newXLSX(out, r, Options{})
	if err != nil {
		t.Fatal(err)
	}
	w.(*workbook).most = 6
	for _, it := range listOf(t, r) {
		if err := w.item(it); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.end(rest{}); err != nil {
		t.Fatal(err)
	}
	_ = out.Flush()
	book, err := excelize.OpenReader(file)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = book.Close() }()
	if diff := cmp.Diff([]string{"Items", "Items 2", "Items 3", "Summary"}, book.GetSheetList()); diff != "" {
		t.Errorf("sheets (-want +got):\n%s", diff)
	}
	if rows := sheetRows(t, book, "Items 3"); len(rows) != 4 || rows[0][0] != "sku" || rows[3][0] != "WEB-11" {
		t.Errorf("the last sheet has %q", rows)
	}
	if names := book.GetDefinedName(); len(names) != 6 || names[4].RefersTo != "'Items 3'!$A$1:$Z$4" {
		t.Errorf("the filters are %+v", names)
	}
}

// TestXLSXEmpty says that equal results are equal files, and that an empty one can be opened.
func TestXLSXEmpty(t *testing.T) {
	r := &Result{}
	if !bytes.Equal([]byte(text(t, "xlsx", r, Options{})), []byte(text(t, "xlsx", r, Options{}))) {
		t.Error("the same result gave two files")
	}
	if rows := sheetRows(t, openWorkbook(t, r, Options{}), "Items"); len(rows) != 1 {
		t.Errorf("%d rows, want a header", len(rows))
	}
}
