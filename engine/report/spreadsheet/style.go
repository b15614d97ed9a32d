package spreadsheet

import (
	"fmt"
	"strings"
)

// Style is how a cell looks.
type Style struct {
	Bold   bool
	Fill   string // colour behind the text, such as "C6EFCE"; "" for none
	Ink    string // colour of the text; "" for the usual one
	Centre bool
	Wrap   bool // long texts take several lines
	Number bool // numbers in the usual form; else what somebody types into the cell stays a text
}

// styleSheet lists the styles in their order, each with a font and a fill of its own.
func styleSheet(styles []Style) string {
	var fonts, fills, cells strings.Builder
	for i, s := range styles {
		fonts.WriteString("<font>")
		if s.Bold {
			fonts.WriteString("<b/>")
		}
		fonts.WriteString(`<sz val="11"/>`)
		if s.Ink != "" {
			fmt.Fprintf(&fonts, `<color rgb="FF%s"/>`, s.Ink)
		}
		fonts.WriteString(`<name val="Calibri"/><family val="2"/></font>`)
		if s.Fill == "" {
			fills.WriteString(`<fill><patternFill patternType="none"/></fill>`)
		} else {
			fmt.Fprintf(&fills, `<fill><patternFill patternType="solid"><fgColor rgb="FF%s"/><bgColor indexed="64"/></patternFill></fill>`, s.Fill)
		}
		format := 49 // text
		if s.Number {
			format = 0
		}
		fmt.Fprintf(&cells, `<xf numFmtId="%d" fontId="%d" fillId="%d" borderId="0" xfId="0" applyNumberFormat="1" applyFont="1" applyFill="1" applyAlignment="1">`,
			format, i+1, i+2)
		cells.WriteString(`<alignment vertical="top"`)
		if s.Centre {
			cells.WriteString(` horizontal="center"`)
		}
		if s.Wrap {
			cells.WriteString(` wrapText="1"`)
		}
		cells.WriteString(`/></xf>`)
	}
	n := len(styles)
	// The first font and the first two fills are what programs expect there, whatever is said of them.
	return xmlHead + `<styleSheet xmlns="` + nsMain + `">` +
		fmt.Sprintf(`<fonts count="%d"><font><sz val="11"/><name val="Calibri"/><family val="2"/></font>%s</fonts>`, n+1, fonts.String()) +
		fmt.Sprintf(`<fills count="%d"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill>%s</fills>`, n+2, fills.String()) +
		`<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>` +
		`<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>` +
		fmt.Sprintf(`<cellXfs count="%d">%s</cellXfs>`, n, cells.String()) +
		`<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>`
}
