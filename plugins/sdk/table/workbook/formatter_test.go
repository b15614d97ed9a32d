package workbook

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"
)

// TestFormats says that numbers and texts are shown as excelize shows them where it reads the workbook itself, in every
// agreed format and in some of a workbook's own.
func TestFormats(t *testing.T) {
	codes := []string{"00000", "000-000", "yyyy-mm-dd", "d mmm yyyy hh:mm", "[$€-407] #,##0.00", `"No. "0`, `0" pcs";-0" pcs";"none"`, `_-* #,##0.00_-;-* #,##0.00_-;_-* "-"??_-;_-@_-`, "0.0%", "# ?/?", "[h]:mm", "[Red]0;[Blue]-0", `"SKU "@`, "0;0;0;@@", "General", "@"}
	styles := strings.Replace(formats(codes...), "</cellXfs>", func() string {
		var b strings.Builder
		for id := range 82 {
			fmt.Fprintf(&b, `<xf numFmtId="%d"/>`, id)
		}
		return b.String()
	}()+"</cellXfs>", 1)
	count := 1 + len(codes) + 82
	for _, date1904 := range []bool{false, true} {
		var rows strings.Builder
		for style := range count {
			rows.WriteString("<row>")
			for _, v := range []string{"0", "7", "-12.5", "46349.75", "1234567.891", "0.3", "1E-7"} {
				fmt.Fprintf(&rows, `<c s="%d"><v>%s</v></c>`, style, v)
			}
			fmt.Fprintf(&rows, `<c s="%d" t="inlineStr"><is><t>A-1</t></is></c></row>`, style)
		}
		p := simple(inSheet("", rows.String(), ""), "", styles)
		if date1904 {
			p = p.edit(t, "xl/workbook.xml", "<workbookPr/>", `<workbookPr date1904="1"/>`)
		}
		compareFormats(t, p.zip(t), count)
	}
}

func compareFormats(t *testing.T, data []byte, count int) {
	t.Helper()
	other, err := excelize.OpenReader(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	want, err := other.GetRows("One")
	if err != nil {
		t.Fatal(err)
	}
	b, err := Open(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	r, err := b.Rows(b.Sheets()[0])
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	seen := 0
	for ; r.Next() == nil; seen++ {
		for _, c := range r.Cells() {
			shown, simple, err := r.Shown(c)
			if err != nil {
				t.Fatal(err)
			}
			is := ""
			if c.Column < len(want[seen]) {
				is = want[seen][c.Column]
			}
			if c.Kind == Text { // without the blanks that align it
				is = strings.TrimSpace(is)
			}
			if !simple && shown != is {
				t.Errorf("format %+v: %s is shown as %q, want %q", b.styles[c.style], c.Stored(), shown, is)
			}
		}
	}
	if err := r.Next(); err != io.EOF || seen != count {
		t.Errorf("%d rows, %v", seen, err)
	}
}
