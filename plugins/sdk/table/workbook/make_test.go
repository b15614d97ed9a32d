package workbook

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
	"strings"
	"testing"
)

const (
	rels  = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/"
	kinds = "application/vnd.openxmlformats-officedocument.spreadsheetml."
)

// parts are a workbook's, by name. Their names need not stand in an order.
type parts map[string]string

// with returns the parts with one more, or with another one in its place; without one if the text is "-".
func (p parts) with(name, text string) parts {
	all := parts{}
	for k, v := range p {
		all[k] = v
	}
	if all[name] = text; text == "-" {
		delete(all, name)
	}
	return all
}

// with edits one text in a part.
func (p parts) edit(t testing.TB, name, from, to string) parts {
	t.Helper()
	if !strings.Contains(p[name], from) {
		t.Fatalf("part %s has no %s", name, from)
	}
	return p.with(name, strings.Replace(p[name], from, to, 1))
}

// simple returns the parts of a workbook with one sheet, and with strings and styles if they are not "".
func simple(sheet, sst, styles string) parts {
	p := parts{
		"[Content_Types].xml":        `<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="` + kinds + `sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="` + kinds + `worksheet+xml"/>STRINGSTYLE</Types>`,
		"_rels/.rels":                `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="a" Type="` + rels + `officeDocument" Target="xl/workbook.xml"/></Relationships>`,
		"xl/workbook.xml":            `<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><workbookPr/><sheets><sheet name="One" sheetId="1" r:id="s1"/></sheets><calcPr calcId="1"/></workbook>`,
		"xl/_rels/workbook.xml.rels": `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="s1" Type="` + rels + `worksheet" Target="worksheets/sheet1.xml"/>STRINGSTYLE</Relationships>`,
		"xl/worksheets/sheet1.xml":   sheet,
	}
	var types, related string
	if sst != "" {
		p["xl/sharedStrings.xml"] = sst
		types += `<Override PartName="/xl/sharedStrings.xml" ContentType="` + kinds + `sharedStrings+xml"/>`
		related += `<Relationship Id="t" Type="` + rels + `sharedStrings" Target="sharedStrings.xml"/>`
	}
	if styles != "" {
		p["xl/styles.xml"] = styles
		types += `<Override PartName="/xl/styles.xml" ContentType="` + kinds + `styles+xml"/>`
		related += `<Relationship Id="f" Type="` + rels + `styles" Target="/xl/styles.xml"/>`
	}
	p["[Content_Types].xml"] = strings.Replace(p["[Content_Types].xml"], "STRINGSTYLE", types, 1)
	p["xl/_rels/workbook.xml.rels"] = strings.Replace(p["xl/_rels/workbook.xml.rels"], "STRINGSTYLE", related, 1)
	return p
}

// inSheet puts rows, and what stands before and behind them, into a sheet.
func inSheet(before, rows, behind string) string {
	return `<?xml version="1.0" encoding="UTF-8"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships">` +
		before + `<sheetData>` + rows + `</sheetData>` + behind + `</worksheet>`
}

func inTable(strings string) string {
	return `<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">` + strings + `</sst>`
}

// formats returns styles in which cell format 0 is General, and each further one shows numbers so.
func formats(codes ...string) string {
	var own, cells strings.Builder
	for i, code := range codes {
		fmt.Fprintf(&own, `<numFmt numFmtId="%d" formatCode="%s"/>`, ownFormats+i, strings.ReplaceAll(code, `"`, "&quot;"))
		fmt.Fprintf(&cells, `<xf numFmtId="%d"/>`, ownFormats+i)
	}
	return `<styleSheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><numFmts>` + own.String() + `</numFmts><cellXfs><xf numFmtId="0"/>` + cells.String() + `</cellXfs></styleSheet>`
}

func (p parts) zip(t testing.TB) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for name, text := range p {
		f, err := w.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(f, text); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// read reads the first sheet: a line for each row, as in 2: A=text(x) B=number(5).
func read(data []byte) ([]string, error) {
	b, err := Open(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return nil, err
	}
	rows, err := b.Rows(b.Sheets()[0])
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var lines []string
	for {
		err := rows.Next()
		if err == io.EOF {
			return lines, nil
		}
		if err != nil {
			return lines, err
		}
		line := fmt.Sprintf("%d:", rows.Row())
		for _, c := range rows.Cells() {
			if c.Kind == Empty {
				continue
			}
			shown, _, err := rows.Shown(c)
			if err != nil {
				return lines, err
			}
			kind := []string{"empty", "text", "number", "bool", "error", "unsaved"}[c.Kind]
			line += fmt.Sprintf(" %s=%s(%s)", ColumnName(c.Column), kind, shown)
		}
		lines = append(lines, line)
	}
}
