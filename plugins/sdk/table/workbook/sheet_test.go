package workbook

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestCells(t *testing.T) {
	const sst = `<si><t>plain</t></si><si><t xml:space="preserve"> blanks </t></si><si><r><rPr><b/></rPr><t>ri</t></r><r><t>ch</t></r><rPh sb="0" eb="1"><t>spoken</t></rPh><phoneticPr fontId="1"/></si>` +
		`<si/><si><t>a_x000D__x000A_b_x000D_c&#13;d` + "\r\n" + `e</t></si><si><t>_x005F_x000D_ _x00e9_ _xD83D_ _x12_</t></si><si><t><![CDATA[<&>]]></t></si><si><t> no preserve </t></si>`
	for _, c := range []struct {
		name, rows, want string
	}{
		{"shared strings", `<row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" t="s"><v>1</v></c><c r="C1" t="s"><v>2</v></c><c r="D1" t="s"><v>3</v></c></row>`, "1: A=text(plain) B=text( blanks ) C=text(rich) D=text()"},
		{"line ends are line feeds", `<row><c t="s"><v>4</v></c></row>`, "1: A=text(a\nb\nc\nd\ne)"},
		{"what stands for characters", `<row><c t="s"><v>5</v></c><c t="s"><v>6</v></c></row>`, "1: A=text(_x000D_ é _xD83D_ _x12_) B=text(<&>)"},
		{"blanks count whatever xml:space says", `<row><c t="s"><v>7</v></c></row>`, "1: A=text( no preserve )"},
		{"texts in the cell", `<row><c t="inlineStr"><is><t>a</t></is></c><c t="inlineStr"><is><r><t>b</t></r><r><t>c_x000D_</t></r></is></c><c t="inlineStr"/><c t="str"><v> d </v></c></row>`, "1: A=text(a) B=text(bc\n) C=text() D=text( d )"},
		{"numbers as they are stored", `<row><c><v>1</v></c><c t="n"><v> -2.50 </v></c><c><v>1234567890123456</v></c><c><v>1.5E-7</v></c></row>`, "1: A=number(1) B=number(-2.50) C=number(1234567890123456) D=number(1.5E-7)"},
		{"truths", `<row><c t="b"><v>1</v></c><c t="b"><v>0</v></c><c t="b"><v>true</v></c></row>`, "1: A=bool(TRUE) B=bool(FALSE) C=bool(TRUE)"},
		{"errors", `<row><c t="e"><v>#N/A</v></c><c t="e"><f>1/0</f><v>#DIV/0!</v></c></row>`, "1: A=error(#N/A) B=error(#DIV/0!)"},
		{"formulas with results", `<row><c><f>1+2</f><v>3</v></c><c t="str"><f>"a"</f><v>a</v></c><c t="str"><f>""</f><v></v></c></row>`, "1: A=number(3) B=text(a) C=text()"},
		{"formulas without", `<row><c><f>1+2</f></c><c t="str"><f>A1</f></c></row>`, "1: A=unsaved() B=unsaved()"},
		{"formulas with nothing for a result", `<row><c><f>2+3</f><v></v></c><c><f>2+3</f><v/></c><c t="str"><f>A1</f><v></v></c><c t="n"><f>1</f><v> </v></c><c t="b"><f>1</f><v/></c></row>`, "1: A=unsaved() B=unsaved() C=text() D=unsaved() E=unsaved()"},
		{"dates of the first days", `<row><c t="d" s="1"><v>1900-01-15</v></c><c t="d" s="1"><v>1900-03-01</v></c></row>`, "1: A=text(1900-01-15) B=number(1900-03-01)"},
		{"dates in ISO's form", `<row><c t="d"><v>2026-11-23</v></c><c t="d" s="1"><v>2026-11-23T00:00:00</v></c></row>`, "1: A=text(2026-11-23) B=number(2026-11-23)"},
		{"dates and padded numbers by their format", `<row><c s="1"><v>46349</v></c><c s="2"><v>7</v></c></row>`, "1: A=number(2026-11-23) B=number(00007)"},
		{"texts by their format", `<row><c s="3" t="s"><v>0</v></c><c s="4" t="s"><v>0</v></c></row>`, "1: A=text(SKU plain) B=text(plain)"},
		{"cells that only look like something", `<row><c s="1"/><c t="n"/><c><v/></c><c s="2"><v> </v></c></row>`, "1:"},
		{"no rows or cells say where they stand", `<row><c><v>1</v></c><c/><c><v>3</v></c></row><row/><row><c><v>4</v></c></row>`, "1: A=number(1) C=number(3) | 2: | 3: A=number(4)"},
		{"some do", `<row r="3"><c r="B3"><v>1</v></c><c><v>2</v></c></row><row><c r="AA4"><v>3</v></c></row>`, "3: B=number(1) C=number(2) | 4: AA=number(3)"},
		{"hidden rows, spans and what else programs write", `<row r="1" spans="1:2" hidden="1" x14ac:dyDescent="0.25" xmlns:x14ac="x"><c r="A1" cm="1"><v>1</v><extLst><ext><x14ac:y/></ext></extLst></c><extLst/></row>`, "1: A=number(1)"},
		{"white space between", "\n <row>\n  <c>\n <v>1</v> </c>\n</row> ", "1: A=number(1)"},
	} {
		t.Run(c.name, func(t *testing.T) {
			styles := formats("yyyy-mm-dd", "00000", `0;0;0;"SKU "@`, ";;;")
			got, err := read(simple(inSheet("", c.rows, ""), inTable(sst), styles).zip(t))
			if diff := cmp.Diff(c.want, strings.Join(got, " | ")); err != nil || diff != "" {
				t.Errorf("%v (-want +got):\n%s", err, diff)
			}
		})
	}
}

// TestSheetsOfOtherPrograms has what programs write that are right in their own way.
func TestSheetsOfOtherPrograms(t *testing.T) {
	row := `<row r="1"><c r="A1" t="s"><v>0</v></c></row><row r="2"><c r="A2"><v>1</v></c></row>`
	whole := simple(inSheet("", row, ""), inTable("<si><t>x</t></si>"), formats())
	sheet := "xl/worksheets/sheet1.xml"
	prefixed := strings.NewReplacer(`xmlns="http://schemas.openxmlformats.org/spreadsheetml`, `xmlns:x="http://schemas.openxmlformats.org/spreadsheetml`, "</", "</x:", "<?", "<?", "<", "<x:")
	for name, p := range map[string]parts{
		"no dimension":                                 whole,
		"an exact dimension":                           whole.with(sheet, inSheet(`<dimension ref="A1:A2"/>`, row, "")),
		"a dimension that nobody sets":                 whole.with(sheet, inSheet(`<dimension ref="A1"/>`, row, "")),
		"a dimension that was right before more came":  whole.with(sheet, inSheet(`<dimension ref="A1:A1"/>`, row, "")),
		"a dimension of all rows":                      whole.with(sheet, inSheet(`<dimension ref="A1:XFD1048576"/>`, row, "")),
		"a dimension with columns that have no cells":  whole.with(sheet, inSheet(`<dimension ref="A1:C2"/>`, strings.Replace(row, `<row r="2">`, `<row r="2" ht="40">`, 1), "")),
		"prefixes everywhere":                          whole.with(sheet, prefixed.Replace(whole[sheet])).with("xl/sharedStrings.xml", prefixed.Replace(whole["xl/sharedStrings.xml"])),
		"strict":                                       whole.with(sheet, strings.ReplaceAll(whole[sheet], "http://schemas.openxmlformats.org/spreadsheetml/2006/main", "http://purl.oclc.org/ooxml/spreadsheetml/main")),
		"a count of strings that is too low":           whole.edit(t, "xl/sharedStrings.xml", "<sst ", `<sst count="0" uniqueCount="0" `),
		"backslashes":                                  whole.with(sheet, "-").with(`xl\worksheets\sheet1.xml`, whole[sheet]),
		"names in another case":                        whole.with(sheet, "-").with(`xl/Worksheets/Sheet1.xml`, whole[sheet]),
		"damage in what is not read":                   whole.with("docProps/app.xml", "<x").with("xl/theme/theme1.xml", "\xff"),
		"relations out of the package":                 whole.edit(t, "xl/_rels/workbook.xml.rels", "<Relationship ", `<Relationship Id="x" Type="`+rels+`externalLink" Target="http://x" TargetMode="External"/><Relationship `),
		"other things in the sheet":                    whole.with(sheet, inSheet(`<sheetPr/><cols><col min="1" max="1"/></cols>`, row, `<mergeCells><mergeCell ref="A1:B1"/></mergeCells><mc:AlternateContent xmlns:mc="m"><mc:Choice><control/></mc:Choice></mc:AlternateContent><extLst><ext/></extLst>`)),
		"a byte order mark, comments and instructions": whole.with(sheet, "\ufeff"+strings.Replace(whole[sheet], "<sheetData>", "<!-- x --><?x y?><sheetData>", 1)),
	} {
		t.Run(name, func(t *testing.T) {
			got, err := read(p.zip(t))
			if diff := cmp.Diff([]string{"1: A=text(x)", "2: A=number(1)"}, got); err != nil || diff != "" {
				t.Errorf("%v (-want +got):\n%s", err, diff)
			}
		})
	}
}

func TestWrongSheets(t *testing.T) {
	const tail = `<row r="9"><c r="A9"><v>9</v></c></row>`
	for _, c := range []struct {
		name, before, rows, behind string
		err                        string
	}{
		{"a row twice", "", `<row r="1"/><row r="1"/>`, "", `row "1" comes after row 1`},
		{"rows out of order", "", `<row r="5"/><row r="4"/>`, "", `row "4" comes after row 5`},
		{"a row that is none", "", `<row r="x"/>`, "", `row "x"`},
		{"row 0", "", `<row r="0"/>`, "", `row "0"`},
		{"too many rows", "", `<row r="1048577"/>`, "", "beyond the last"},
		{"a cell of another row", "", `<row r="2"><c r="A3"/></row>`, "", `cell A2: it calls itself "A3"`},
		{"a cell twice", "", `<row r="2"><c r="B2"/><c r="B2"/></row>`, "", `it calls itself "B2"`},
		{"cells out of order", "", `<row r="2"><c r="B2"/><c r="A2"/></row>`, "", `it calls itself "A2"`},
		{"a cell without a row", "", `<row r="2"><c r="B"/></row>`, "", `it calls itself "B"`},
		{"a column beyond", "", `<row r="2"><c r="XFE2"/></row>`, "", `it calls itself "XFE2"`},
		{"a string beyond the table", "", `<row r="2"><c r="A2" t="s"><v>1</v></c></row>`, "", `cell A2: there is no shared string "1", of 1`},
		{"a string without a number", "", `<row r="2"><c r="A2" t="s"/></row>`, "", `there is no shared string ""`},
		{"a negative string", "", `<row r="2"><c r="A2" t="s"><v>-1</v></c></row>`, "", `there is no shared string "-1"`},
		{"a format beyond", "", `<row r="2"><c r="A2" s="2"/></row>`, "", `there is no cell format "2"`},
		{"a type", "", `<row r="2"><c r="A2" t="x"/></row>`, "", `there is no type of cells "x"`},
		{"a number that is none", "", `<row r="2"><c r="A2"><v>1,5</v></c></row>`, "", `cell A2: "1,5" is no number`},
		{"a number without an exponent", "", `<row r="2"><c r="A2"><v>1E</v></c></row>`, "", `"1E" is no number`},
		{"infinity", "", `<row r="2"><c r="A2"><v>INF</v></c></row>`, "", `"INF" is no number`},
		{"a truth that is none", "", `<row r="2"><c r="A2" t="b"><v>2</v></c></row>`, "", `neither true nor false`},
		{"a date that is none", "", `<row r="2"><c r="A2" t="d"><v>2026-02-30</v></c></row>`, "", `is no date`},
		{"two values", "", `<row r="2"><c r="A2"><v>1</v><v>2</v></c></row>`, "", `<v> does not belong there`},
		{"an element in a value", "", `<row r="2"><c r="A2"><v>1<b/></v></c></row>`, "", `<b> does not belong there`},
		{"text in a cell", "", `<row r="2"><c r="A2">1</c></row>`, "", `text in a cell`},
		{"text in a row", "", `<row r="2">1</row>`, "", `text outside of the cells`},
		{"text between rows", "", `<row r="2"/>x`, "", `text outside of the cells`},
		{"another element for a row", "", `<rows r="2"/>`, "", `<rows> does not belong there`},
		{"another element for a cell", "", `<row r="2"><d r="A2"/></row>`, "", `<d> does not belong there`},
		{"another element for a value", "", `<row r="2"><c r="A2"><w>1</w></c></row>`, "", `<w> does not belong there`},
		{"another element for a text", "", `<row r="2"><c r="A2" t="inlineStr"><is><tt>1</tt></is></c></row>`, "", `<tt> does not belong there`},
		{"a row of another namespace", "", `<row xmlns="y"/>`, "", `<row> does not belong there`},
		{"a second sheetData", "", "", "<sheetData/>", "second <sheetData>"},
		{"another element beside", "<dimensions/>", "", "", "<dimensions> does not belong there"},
		{"a dimension that is none", `<dimension ref="1A"/>`, "", "", `dimension is "1A"`},
		{"fewer rows than promised", `<dimension ref="A1:B10"/>`, "", "", "it ends with row 9, but says that it has rows up to 10"},
		{"a table that is nowhere", "", "", `<tableParts><tablePart r:id="x"/></tableParts>`, `table "x" is in no part`},
		{"an entity of HTML", "", `<row r="2"><c r="A2" t="str"><v>a&trade;</v></c></row>`, "", "&trade;"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := read(simple(inSheet(c.before, c.rows+tail, c.behind), inTable("<si><t>x</t></si>"), formats("0")).zip(t))
			if err == nil || !strings.Contains(err.Error(), c.err) {
				t.Errorf("%q, error %v\nwant one with: %s", got, err, c.err)
			}
		})
	}
}

func TestWrongParts(t *testing.T) {
	whole := simple(inSheet("", `<row r="1"><c r="A1" t="s" s="1"><v>0</v></c></row>`, ""), inTable("<si><t>x</t></si>"), formats("0"))
	const (
		sheet, sst, styles     = "xl/worksheets/sheet1.xml", "xl/sharedStrings.xml", "xl/styles.xml"
		types, book, bookRels  = "[Content_Types].xml", "xl/workbook.xml", "xl/_rels/workbook.xml.rels"
		missing, damaged, gone = "is missing", "is damaged", "-"
	)
	for _, c := range []struct {
		name  string
		parts parts
		err   string
	}{
		{"no sheet", whole.with(sheet, gone), missing},
		{"no strings", whole.with(sst, gone), missing},
		{"no styles", whole.with(styles, gone), missing},
		{"no workbook", whole.with(book, gone), missing},
		{"no types", whole.with(types, gone), missing},
		{"no relations", whole.with(bookRels, gone), `sheet "One" is in no part`},
		{"no root relations", whole.with("_rels/.rels", gone), missing},
		{"a chart for a sheet", whole.with(sheet, strings.ReplaceAll(whole[sheet], "worksheet", "chartsheet")), "its root element is <chartsheet>"},
		{"a sheet without data", whole.with(sheet, strings.ReplaceAll(whole[sheet], "sheetData", "cols")), "it has no <sheetData>"},
		{"a sheet that is nothing", whole.with(sheet, ""), damaged},
		{"strings that are not related", whole.edit(t, bookRels, "/sharedStrings", "/theme"), "nowhere named as its sharedStrings"},
		{"styles that are not related", whole.edit(t, bookRels, "/styles", "/theme"), "nowhere named as its styles"},
		{"a sheet of another type", whole.edit(t, types, "worksheet+xml", "comments+xml"), "listed as"},
		{"fewer strings than promised", whole.edit(t, sst, "<sst ", `<sst uniqueCount="2" `), "it has 1 strings and not 2"},
		{"text between strings", whole.edit(t, sst, "<si>", "x<si>"), "text between the strings"},
		{"an element between strings", whole.edit(t, sst, "<si>", "<sj/><si>"), "<sj> does not belong there"},
		{"fewer formats than promised", whole.edit(t, styles, "<cellXfs", `<cellXfs count="3"`), "has 2 cell formats and not 3"},
		{"styles of other names", whole.edit(t, styles, "<cellXfs><xf", "<cellXfs><yf/><xf"), "does not belong there"},
		{"a number format that is nowhere", whole.edit(t, styles, `numFmtId="164" formatCode`, `numFmtId="165" formatCode`), "does not say what the cell's number format 164 is"},
		{"two sheets of one name", whole.edit(t, book, "</sheets>", `<sheet name="ONE" r:id="s1"/></sheets>`), "no name of its own"},
		{"a sheet of another name", whole.edit(t, book, "<sheet ", "<sheets2/><sheet "), "does not belong there"},
		{"a list of sheets of another name", whole.edit(t, book, "<calcPr ", "<sheetz/><calcPr "), "<workbook/sheetz> does not belong there"},
		{"two relations of one id", whole.edit(t, bookRels, `Id="t"`, `Id="s1"`), "no id of its own"},
		{"no sheets", whole.with(book, strings.ReplaceAll(whole[book], `<sheet name="One" sheetId="1" r:id="s1"/>`, "")), "it has no sheets"},
		{"parts of one name in two cases", whole.with("XL/worksheets/Sheet1.xml", "x"), "it has two parts named"},
		{"a workbook in binary", whole.edit(t, types, "sheet.main+xml", "sheet.binary.macroEnabled.main"), "not as a workbook in XML"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := read(c.parts.zip(t))
			if err == nil || !strings.Contains(err.Error(), c.err) {
				t.Errorf("%q, error %v\nwant one with: %s", got, err, c.err)
			}
		})
	}
}

// TestFormulasToBeComputed says that the results in a workbook that asks to be computed anew are none: the programs that
// write so write 0.
func TestFormulasToBeComputed(t *testing.T) {
	p := simple(inSheet("", `<row><c><f>1+2</f><v>0</v></c><c><v>5</v></c></row>`, ""), "", "")
	got, err := read(p.edit(t, "xl/workbook.xml", `calcId="1"`, `calcId="1" fullCalcOnLoad="1"`).zip(t))
	if diff := cmp.Diff([]string{"1: A=unsaved() B=number(5)"}, got); err != nil || diff != "" {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
}

// TestTotals says that a table's totals are formulas and labels, and that an item is never dropped for where it stands.
func TestTotals(t *testing.T) {
	rows := `<row r="1"><c r="A1"><v>1</v></c><c r="C1"><v>7</v></c></row><row r="2"><c r="A2" t="str"><v>Total</v></c><c r="B2"><f>SUM(B1:B1)</f><v>1</v></c><c r="C2"><v>8</v></c></row>`
	p := simple(inSheet("", rows, `<tableParts count="1"><tablePart r:id="x"/></tableParts>`), "", "").
		with("xl/worksheets/_rels/sheet1.xml.rels", `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="x" Type="`+rels+`table" Target="../tables/table1.xml"/></Relationships>`).
		with("xl/tables/table1.xml", `<table xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" ref="A1:B2" totalsRowCount="1"><tableColumns count="2"><tableColumn id="1" name="a" totalsRowLabel="Total"/><tableColumn id="2" name="b" totalsRowFunction="sum"/></tableColumns></table>`)
	got, err := read(p.zip(t))
	if diff := cmp.Diff([]string{"1: A=number(1) C=number(7)", "2: C=number(8)"}, got); err != nil || diff != "" {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
	item := p.edit(t, "xl/worksheets/sheet1.xml", `<c r="A2" t="str"><v>Total</v></c><c r="B2"><f>SUM(B1:B1)</f><v>1</v></c>`, `<c r="A2" t="str"><v>C</v></c><c r="B2"><v>3</v></c>`)
	got, err = read(item.zip(t))
	if diff := cmp.Diff([]string{"1: A=number(1) C=number(7)", "2: A=text(C) B=number(3) C=number(8)"}, got); err != nil || diff != "" {
		t.Errorf("an item in place of the totals: %v (-want +got):\n%s", err, diff)
	}
	half := p.edit(t, "xl/worksheets/sheet1.xml", `<c r="A2" t="str"><v>Total</v></c>`, `<c r="A2" t="str"><v>C</v></c>`)
	got, err = read(half.zip(t))
	if diff := cmp.Diff([]string{"1: A=number(1) C=number(7)", "2: A=text(C) B=number(1) C=number(8)"}, got); err != nil || diff != "" {
		t.Errorf("an item with a formula in place of the totals: %v (-want +got):\n%s", err, diff)
	}
	for name, p := range map[string]parts{"no table": p.with("xl/tables/table1.xml", "-"), "a damaged table": p.with("xl/tables/table1.xml", "<table"), "no area": p.edit(t, "xl/tables/table1.xml", "A1:B2", "x")} {
		if got, err := read(p.zip(t)); err == nil {
			t.Errorf("%s: %q, and no error", name, got)
		}
	}
}

func TestLimits(t *testing.T) {
	much := strings.Repeat("<!---->", 2*grownFreely/7)
	p := simple(inSheet("", much, ""), "", "")
	if _, err := read(p.zip(t)); !errors.Is(err, ErrTooLarge) {
		t.Errorf("a sheet of comments: error %v", err)
	}
	long := fmt.Sprintf(`<row><c t="str"><v>%s</v></c></row>`, strings.Repeat("é", mostToken))
	if _, err := read(simple(inSheet("", long, ""), "", "").zip(t)); err == nil || !strings.Contains(err.Error(), "bytes without an end") {
		t.Errorf("a cell without an end: error %v", err)
	}
}

func TestColumnNames(t *testing.T) {
	for column, name := range map[int]string{0: "A", 25: "Z", 26: "AA", 701: "ZZ", 702: "AAA", mostColumns - 1: "XFD"} {
		if got := ColumnName(column); got != name {
			t.Errorf("column %d: %s, want %s", column, got, name)
		}
		if p, ok := parsePlace(name + "1"); !ok || p.column != column+1 {
			t.Errorf("%s1: column %d, %t", name, p.column, ok)
		}
	}
}

// TestChecksums says that a part is held against its checksum even where the archive's directory has 0 for it, which
// archive/zip takes for none.
func TestChecksums(t *testing.T) {
	p := simple(inSheet("", `<row><c><v>1</v></c></row>`, ""), "", "")
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for name, text := range p {
		f, err := w.CreateRaw(&zip.FileHeader{Name: name, Method: zip.Store, CompressedSize64: uint64(len(text)), UncompressedSize64: uint64(len(text)), CRC32: crc(name, text)})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.Write([]byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if got, err := read(b.Bytes()); !errors.Is(err, zip.ErrChecksum) || !strings.Contains(err.Error(), "sheet1.xml") {
		t.Errorf("%q, error %v", got, err)
	}
}

// crc is the checksum of a part, 0 for the sheet's.
func crc(name, text string) uint32 {
	if strings.HasSuffix(name, "sheet1.xml") {
		return 0
	}
	return crc32.ChecksumIEEE([]byte(text))
}

// FuzzSheet reads any text as a sheet: what is read of it without an error encoding/xml finds well-formed, with as many
// rows.
func FuzzSheet(f *testing.F) {
	for _, rows := range []string{`<row r="2"><c r="B2" t="s" s="1"><v>0</v></c></row>`, `<row><c t="inlineStr"><is><r><t>a_x000D_</t></r></is></c><c><f>1</f></c></row>`, `<row r="1"><c t="d" s="1"><v>2026-01-01T10:00:00</v></c><c t="b"><v>1</v></c><c t="e"><v>#N/A</v></c><c><v>-1.5E+3</v></c></row>`} {
		f.Add(inSheet(`<dimension ref="A1:B2"/>`, rows, `<mergeCells/>`))
	}
	f.Fuzz(func(t *testing.T, sheet string) {
		lines, err := read(simple(sheet, inTable("<si><t>x</t></si>"), formats("yyyy-mm-dd")).zip(t))
		if err != nil {
			return
		}
		d, rows, depth := xml.NewDecoder(strings.NewReader(strings.TrimPrefix(sheet, "\ufeff"))), 0, 0
		for {
			token, err := d.Token()
			if err == io.EOF {
				break
			}
			if err != nil {
				t.Fatalf("%q is read, and encoding/xml says: %v", sheet, err)
			}
			switch token := token.(type) {
			case xml.StartElement:
				if depth++; depth == 3 && token.Name.Local == "row" {
					rows++
				}
			case xml.EndElement:
				depth--
			}
		}
		if rows != len(lines) {
			t.Fatalf("%q: %d rows, want %d", sheet, len(lines), rows)
		}
	})
}

// TestBytesAroundTheArchive: of two workbooks in one file only the last would be read.
func TestBytesAroundTheArchive(t *testing.T) {
	one := simple(inSheet("", `<row><c><v>1</v></c></row>`, ""), "", "").zip(t)
	two := simple(inSheet("", `<row><c><v>2</v></c></row>`, ""), "", "").zip(t)
	for name, c := range map[string]struct {
		data []byte
		want string
	}{
		"two workbooks": {slices.Concat(one, two), "bytes before its beginning, or another workbook"},
		"bytes before":  {slices.Concat([]byte("junk"), one), "bytes before its beginning"},
		"bytes behind":  {slices.Concat(one, []byte("junk")), "bytes behind its end"},
	} {
		if got, err := read(c.data); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %q, error %v, want %q", name, got, err, c.want)
		}
	}
	if got, err := read(one); err != nil || len(got) != 1 {
		t.Errorf("nothing around it: %q, error %v", got, err)
	}
}
