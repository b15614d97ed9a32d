package file

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"fmt"
	"io"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"
)

// part is a part of a workbook.
type part struct{ name, text string }

// zipped returns the parts as an archive, as programs write one.
func zipped(t testing.TB, parts []part) []byte {
	t.Helper()
	return archived(t, zip.Deflate, parts)
}

// stored makes an archive without compression, which takes a tenth of the time.
func stored(t testing.TB, parts []part) []byte {
	t.Helper()
	return archived(t, zip.Store, parts)
}

func archived(t testing.TB, method uint16, parts []part) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, p := range parts {
		f, err := w.CreateHeader(&zip.FileHeader{Name: p.name, Method: method})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(f, p.text); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// unzipped returns the parts of an archive.
func unzipped(t testing.TB, data []byte) []part {
	t.Helper()
	r, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	var parts []part
	for _, f := range r.File {
		c, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(c)
		if err != nil {
			t.Fatal(err)
		}
		parts = append(parts, part{f.Name, string(text)})
	}
	return parts
}

const (
	xmlHead  = `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>` + "\n"
	mainNS   = `xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"`
	relNS    = `xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"`
	relType  = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/"
	typeBase = "application/vnd.openxmlformats-officedocument.spreadsheetml."
)

// bookParts returns the parts around sheets: each is a name, an attribute for its state, and the text of its part. kinds
// are the workbook's other parts, such as styles, which the caller adds.
func bookParts(sheets [][3]string, kinds ...string) []part {
	var types, book, rels strings.Builder
	parts := make([]part, 0, len(sheets)+4)
	for i, s := range sheets {
		fmt.Fprintf(&types, `<Override PartName="/xl/worksheets/sheet%d.xml" ContentType="%sworksheet+xml"/>`, i+1, typeBase)
		fmt.Fprintf(&book, `<sheet name="%s" sheetId="%d" %s r:id="rId%d"/>`, s[0], i+1, s[1], i+1)
		fmt.Fprintf(&rels, `<Relationship Id="rId%d" Type="%sworksheet" Target="worksheets/sheet%d.xml"/>`, i+1, relType, i+1)
		parts = append(parts, part{fmt.Sprintf("xl/worksheets/sheet%d.xml", i+1), s[2]})
	}
	for _, kind := range kinds {
		fmt.Fprintf(&types, `<Override PartName="/xl/%s.xml" ContentType="%s%s+xml"/>`, kind, typeBase, kind)
		fmt.Fprintf(&rels, `<Relationship Id="%s" Type="%s%s" Target="%s.xml"/>`, kind, relType, kind, kind)
	}
	return append(parts,
		part{"[Content_Types].xml", xmlHead + `<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">` +
			`<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>` +
			`<Override PartName="/xl/workbook.xml" ContentType="` + typeBase + `sheet.main+xml"/>` + types.String() + `</Types>`},
		part{"_rels/.rels", xmlHead + `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">` +
			`<Relationship Id="rId1" Type="` + relType + `officeDocument" Target="xl/workbook.xml"/></Relationships>`},
		part{"xl/workbook.xml", xmlHead + `<workbook ` + mainNS + ` ` + relNS + `><sheets>` + book.String() + `</sheets></workbook>`},
		part{"xl/_rels/workbook.xml.rels", xmlHead + `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">` + rels.String() + `</Relationships>`})
}

func escapeXML(text string) string {
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(text))
	return b.String()
}

// sampleRows are a header and rows of a catalogue: texts, fractions, whole numbers, long ones, and cells without anything.
func sampleRows(rows int) [][]any {
	r := rand.New(rand.NewPCG(1, 2))
	names := []string{"Bell", "Glöckchen", "鈴 🔔", " two\nlines ", `quo"ted & <tagged>`, "Bell"}
	all := [][]any{{"sku", "name", "price", "qoh", "upc", "bin"}}
	for i := range rows {
		row := []any{fmt.Sprintf("SKU-%05d", i), fmt.Sprintf("%s %d", names[r.IntN(len(names))], r.IntN(rows)), float64(r.IntN(100000)) / 100, r.IntN(50), 4006381333931 + int64(r.IntN(1e9)), nil}
		if r.IntN(3) == 0 {
			row[5] = fmt.Sprintf("A-%d", r.IntN(90))
		}
		if r.IntN(10) == 0 {
			row[2] = nil
		}
		all = append(all, row)
	}
	return all
}

// plainBook is a workbook as excelize writes it, with shared strings.
func plainBook(t testing.TB, rows [][]any) []byte {
	t.Helper()
	book := excelize.NewFile()
	for i, row := range rows {
		if err := book.SetSheetRow("Sheet1", fmt.Sprintf("A%d", i+1), &row); err != nil {
			t.Fatal(err)
		}
	}
	var b bytes.Buffer
	if _, err := book.WriteTo(&b); err != nil {
		t.Fatal(err)
	}
	if err := book.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// smallBook is a workbook with the least that there can be: texts in the cells, and no row or cell says where it stands.
func smallBook(t testing.TB, rows [][]any) []byte {
	t.Helper()
	var sheet strings.Builder
	sheet.WriteString(xmlHead + `<worksheet ` + mainNS + `><sheetData>`)
	for _, row := range rows {
		sheet.WriteString("<row>")
		for _, v := range row {
			switch v := v.(type) {
			case nil:
				sheet.WriteString("<c/>")
			case string:
				fmt.Fprintf(&sheet, `<c t="inlineStr"><is><t xml:space="preserve">%s</t></is></c>`, escapeXML(v))
			default:
				fmt.Fprintf(&sheet, "<c><v>%v</v></c>", v)
			}
		}
		sheet.WriteString("</row>")
	}
	sheet.WriteString("</sheetData></worksheet>")
	return zipped(t, bookParts([][3]string{{"Stock", "", sheet.String()}}))
}

// officeBook is a workbook as office programs write it: a title over merged cells, formats, an exact dimension, and another
// sheet behind.
func officeBook(t testing.TB, rows [][]any) []byte {
	t.Helper()
	var sheet, texts strings.Builder
	known := map[string]int{}
	uses := 0
	shared := func(text string) int {
		uses++
		if _, ok := known[text]; !ok {
			known[text] = len(known)
			fmt.Fprintf(&texts, `<si><t xml:space="preserve">%s</t></si>`, escapeXML(text))
		}
		return known[text]
	}
	width := len(rows[0])
	last := fmt.Sprintf("%c%d", 'A'+width-1, len(rows)+1)
	fmt.Fprintf(&sheet, xmlHead+`<worksheet %s %s><sheetPr filterMode="false"/><dimension ref="A1:%s"/><sheetViews><sheetView workbookViewId="0"/></sheetViews>`+
		`<sheetFormatPr defaultRowHeight="12.8"/><cols><col min="1" max="%d" width="11.5"/></cols><sheetData>`, mainNS, relNS, last, width)
	fmt.Fprintf(&sheet, `<row r="1" customFormat="false" ht="12.8"><c r="A1" s="1" t="s"><v>%d</v></c><c r="B1" s="1"/></row>`, shared("Stock of the shop"))
	for i, row := range rows {
		fmt.Fprintf(&sheet, `<row r="%d" customFormat="false" ht="12.8" hidden="%t">`, i+2, i%7 == 3)
		for j, v := range row {
			at := fmt.Sprintf("%c%d", 'A'+j, i+2)
			switch v := v.(type) {
			case nil:
			case string:
				fmt.Fprintf(&sheet, `<c r="%s" s="0" t="s"><v>%d</v></c>`, at, shared(v))
			case float64:
				fmt.Fprintf(&sheet, `<c r="%s" s="2" t="n"><v>%v</v></c>`, at, v)
			default:
				fmt.Fprintf(&sheet, `<c r="%s" s="3" t="n"><v>%v</v></c>`, at, v)
			}
		}
		sheet.WriteString("</row>")
	}
	sheet.WriteString(`</sheetData><mergeCells count="1"><mergeCell ref="A1:B1"/></mergeCells><pageMargins left="0.7" right="0.7" top="0.7" bottom="0.7" header="0.3" footer="0.3"/></worksheet>`)
	notes := xmlHead + `<worksheet ` + mainNS + `><sheetData><row r="1"><c r="A1" t="inlineStr"><is><t>Ask Ann.</t></is></c></row></sheetData></worksheet>`
	styles := xmlHead + `<styleSheet ` + mainNS + `><numFmts count="2"><numFmt numFmtId="164" formatCode="General"/><numFmt numFmtId="165" formatCode="0000000000000"/></numFmts>` +
		`<fonts count="1"><font><sz val="10"/></font></fonts><cellXfs count="4"><xf numFmtId="164"/><xf numFmtId="164"/><xf numFmtId="4"/><xf numFmtId="165"/></cellXfs></styleSheet>`
	parts := bookParts([][3]string{{"Stock", `state="visible"`, sheet.String()}, {"Notes", "", notes}}, "styles", "sharedStrings")
	return zipped(t, append(parts, part{"xl/styles.xml", styles},
		part{"xl/sharedStrings.xml", fmt.Sprintf(xmlHead+`<sst %s count="%d" uniqueCount="%d">%s</sst>`, mainNS, uses, len(known), texts.String())}))
}
