package workbook

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"
)

// TestFormats says that numbers and texts are shown as excelize shows them where it reads the workbook itself, in every
// agreed format and in some of a workbook's own: but for zeros, which have a section of their own, moments, dollars of the
// agreed formats, and fractions below one, which office programs show without a 0.
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
			below1 := strings.HasPrefix(is, "0 ") && strings.HasPrefix(b.styles[c.style].code, "# ?")
			if id := b.styles[c.style].id; r.IsMoment(c) || c.Stored() == "0" || id >= 5 && id <= 8 || below1 {
				continue
			}
			if !simple && strings.TrimSpace(shown) != strings.TrimSpace(is) {
				t.Errorf("format %q: %s is shown as %q, want %q", b.styles[c.style].code, c.Stored(), shown, is)
			}
		}
	}
	if err := r.Next(); err != io.EOF || seen != count {
		t.Errorf("%d rows, %v", seen, err)
	}
}

// TestSections says which section of a format shows a number, and that what it would lose of it is not lost: then it is as it is
// stored, or in ISO's form.
func TestSections(t *testing.T) {
	const yes, phone, lakh = `"Yes";"Yes";"No"`, `[<=9999999]###-####;(###) ###-####`, `[>=10000000]"₹ "##\,##\,##\,##0;[>=100000]"₹ "##\,##\,##0;"₹ "##,##0`
	for _, c := range []struct{ code, stored, want string }{
		{yes, "1", "Yes"}, {yes, "-1", "Yes"}, {yes, "0", "No"}, {yes, "0.3", "Yes"},
		{`"Yes";;"No"`, "-1", "-1"}, {`0" pcs";-0" pcs";"none"`, "0", "none"}, {`0" pcs";-0" pcs"`, "0", "0 pcs"},
		{`0.00;-0.00;"n/a";@`, "0", "n/a"}, {`0" in";0" out"`, "-7", "7 out"}, {`"No. "0`, "-7", "-No. 7"},
		{phone, "5551234", "555-1234"}, {phone, "2125551234", "(212) 555-1234"}, {phone, "-5551234", "-5551234"},
		{lakh, "12345678", "₹ 1,23,45,678"}, {lakh, "1234567", "₹ 12,34,567"}, {lakh, "1234", "₹ 1,234"},
		{`[<5]"low";0" pcs"`, "3", "low"}, {`[<5]"low";0" pcs"`, "5", "5 pcs"}, {`[<5]"low"`, "7", "7"},
		{`[>100]"many";"owed";"few"`, "101", "many"}, {`[>100]"many";"owed";"few"`, "-1", "owed"}, {`[>100]"many";"owed";"few"`, "50", "50"},
		{`[=1]"one";[=2]"two";"more"`, "2", "two"}, {`[=1]"one";[=2]"two";"more"`, "9", "more"}, {`[=1]"one";[=2]"two"`, "9", "9"},
		{`[<>0]"some";"none"`, "0", "none"}, {`[Red][>=1]0" ok";[Blue]"no"`, "1", "1 ok"}, {`"a";[<5]"b"`, "3", "3"},
		{`[>=0]0" in";0" out"`, "-3", "3 out"}, {`[<-5]0" low";0" ok"`, "-7", "7 low"},
		{"0;0;0;0;0", "5", "5"}, {`0"open`, "5", "5"}, {"[DBNum1]0", "5", "5"}, {`"SKU "@`, "5", "5"},
		{"0000", "2", "0002"}, {"0000", "1.5", "1.5"}, {"0000.0", "1.5", "0001.5"}, {`0" pcs"`, "1.5", "1.5"}, {`0,"k"`, "2500", "2500"}, {`0%" off"`, "0.25", "25% off"}, {`0%" off"`, "0.255", "0.255"},
		{`General" pcs"`, "1.5", "1.5 pcs"}, {`"x"General`, "-2", "-x2"}, {"# ?/?", "1.5", "1 1/2"}, {"# ?/?", "1.55", "1.55"}, {`0 \U\S\D`, "5", "5 USD"}, {"CHF 0", "5", "CHF 5"}, {"SEK 0", "5", "SEK 5"}, {`0\-00`, "512", "5-12"},
		{"[$SFr.-807] 0.00", "5", "SFr. 5.00"}, {"[$€-407]0", "5", "€5"},
		{"mm-dd-yy", "45413", "2024-05-01"}, {"d/m/yyyy", "45413", "1/5/2024"}, {"d-mmm", "45413", "2024-05-01"}, {"mmm yyyy", "45413", "May 2024"}, {"mmm yyyy", "45414", "2024-05-02"},
		{"m/d/yy h:mm", "45413.5", "2024-05-01 12:00:00"}, {"yyyy-mm-dd hh:mm", "45413.5", "2024-05-01 12:00"}, {"hh:mm", "0.5", "12:00"}, {"hh:mm", "45413.5", "2024-05-01 12:00:00"},
		{"h:mm AM/PM", "0.75", "6:00 PM"}, {"[h]:mm", "1.5", "36:00"}, {"[h]:mm", "1.50001", "1.50001"}, {"mm:ss", "0.01", "14:24"}, {"mm:ss", "0.51", "12:14:24"}, {"yyyy-mm-dd", "-5", "-5"}, {"[$-409]d mmmm yyyy;@", "45413", "1 May 2024"},
		{`yyyy"年"m"月"d"日"`, "45413", "2024年5月1日"}, {"dddd", "45413", "2024-05-01"},
		{"[$-407]dd/mm/yyyy", "45413", "01.05.2024"}, {`[$-407]d/\ mmmm\ yyyy`, "45413", "1. Mai 2024"}, {"[$-41D]yyyy/mm/dd", "45413", "2024-05-01"}, {"[$-40E]yyyy/mm/dd/", "45413", "2024.05.01."},
		{"[$-40C]dd/mm/yyyy", "45413", "01/05/2024"}, {"[$-100C]dd/mm/yyyy", "45413", "01.05.2024"}, {"[$-813]d/mm/yyyy", "45413", "1/05/2024"},
		{"[$-107041E]d mmmm yyyy", "45413", "2024-05-01"}, {"[$-1080409]dddd, d mmmm yyyy", "45413", "2024-05-01"}, {"[$-1170401]dd/mm/yyyy", "45413", "2024-05-01"}, {"[$-1030411]ggge", "45413", "2024-05-01"}, {"[$-411]ge.m.d", "45413", "2024-05-01"}, {"yyyy/m/d(aaa)", "45413", "2024-05-01"}, {"[$-FC19]dd mmmm yyyy", "45413", "2024-05-01"},
		{`[$-F800]dddd\,\ mmmm\ dd\,\ yyyy`, "45413", "2024-05-01"}, {`[$-F400]h:mm:ss\ AM/PM`, "0.75", "18:00:00"},
		{`"SKU_"0000`, "5", "SKU_0005"}, {`"A;"0000`, "1", "A;0001"}, {`"A_B"000`, "5", "A_B005"}, {`0000"_"00`, "1234", "0012_34"}, {`0"_ok"`, "5", "5_ok"}, {`[$SKU_]0000`, "5", "SKU_0005"},
		{`"[a]"0`, "5", "[a]5"}, {`\[0\]`, "5", "[5]"}, {`0" [kg]"`, "5", "5 [kg]"}, {`"x*y"0`, "5", "x*y5"}, {`0"*"`, "5", "5*"}, {`"@"0`, "5", "@5"}, {`"General"0`, "5", "General5"}, {`\\0`, "5", `\5`}, {`"a\b"0`, "5", `a\b5`},
		{`"2024-"000`, "5", "2024-005"}, {`"10."0`, "5", "10.5"}, {`"2024_"000`, "5", "2024_005"}, {`0" (10%)"`, "5", "5 (10%)"}, {`0" #1"`, "5", "5 #1"},
		{"0.??", "39.95", "39.95"}, {"0.0?", "0.25", "0.25"}, {"# ##0.00", "1234", "1234"}, {"000-000.0", "1234", "1234"}, {"# ##0", "1234", "1 234"}, {"000-000", "1234", "001-234"},
		{`yyyy"_"mm"_"dd`, "45413", "2024_05_01"}, {`yyyy"*"mm"*"dd`, "45413", "2024*05*01"}, {`yyyy-mm-dd" x_y"`, "45413", "2024-05-01 x_y"},
		{"[$-de-DE]d. mmmm yyyy", "45413", "1. Mai 2024"}, {`[$-ja-JP]yyyy"年"mmmm d`, "45413", "2024-05-01"}, {"[$-en-US]mmmm d, yyyy", "45413", "May 1, 2024"},
		{`_("$"* #,##0.00_);_("$"* \(#,##0.00\);_("$"* "-"??_);_(@_)`, "0", " $- "}, {"###-##-####", "0", "--"}, {"###", "0", "0"}, {"0_x000a_", "5", "5\n"}, {`0000"_x0041_"`, "5", "0005A"},
		{"WW", "45413", "45413"}, {`QQ\ yy`, "45413", "45413"}, {`#,##0.00\ CCC`, "5", "5"},
		{"yyyy-mm-dd hh:mm:ss.000", "45000.123456", "2023-03-15 02:57:46.598"}, {"yyyy-mm-dd hh:mm:ss", "45000.123456", "2023-03-15 02:57:47"}, {"mm:ss.00", "0.126", "03:01:26.400"},
		{"[h]:mm:ss.00", "45000.123456", "45000.123456"}, {"[h]:mm:ss", "1000000", "1000000"}, {"[h]:mm:ss", "100000", "2400000:00:00"},
		{"# ?/2", "5", "5"}, {"# ?/2", "0.5", "1/2"}, {"# ?/2", "-0.5", "-1/2"}, {"# ?/2", "-5", "-5"}, {"# ??/??", "1.25", "1  1/4"}, {"0 ?/2", "0.5", "0 1/2"}, {`"$"0.--`, "5", "5"},
	} {
		rows := fmt.Sprintf(`<row><c s="1"><v>%s</v></c></row>`, c.stored)
		code := strings.NewReplacer("<", "&lt;", ">", "&gt;").Replace(c.code)
		got, err := read(simple(inSheet("", rows, ""), "", formats(code)).zip(t))
		if want := "1: A=number(" + c.want + ")"; err != nil || len(got) != 1 || got[0] != want {
			t.Errorf("%s in %s: %q, %v, want %s", c.stored, c.code, got, err, want)
		}
	}
}

// TestTexts says that a text is shown with all that its format puts around it, whatever that has in it.
func TestTexts(t *testing.T) {
	for _, c := range []struct{ code, want string }{
		{`"SKU_"@`, "SKU_abc"}, {`@"*"`, "abc*"}, {`"[x] "@`, "[x] abc"}, {`"a;b "@`, "a;b abc"}, {`@" x_y"`, "abc x_y"}, {`0;0;0;"T_"@`, "T_abc"}, {`@\_1`, "abc_1"},
		{`@`, "abc"}, {`0;0;0;`, "abc"}, {`_(@_)`, "abc"}, {`@"@"@`, "abc@abc"}, {`"General "@`, "General abc"}, {`"%0 "@`, "%0 abc"},
	} {
		got, err := read(simple(inSheet("", `<row><c s="1" t="inlineStr"><is><t>abc</t></is></c></row>`, ""), "", formats(c.code)).zip(t))
		if want := "1: A=text(" + c.want + ")"; err != nil || len(got) != 1 || got[0] != want {
			t.Errorf("abc in %s: %q, %v, want %s", c.code, got, err, want)
		}
	}
}

// TestDays says that a number is shown as the day that it stands for, whichever the workbook counts from.
func TestDays(t *testing.T) {
	for _, date1904 := range []bool{false, true} {
		var rows strings.Builder
		want, first, from := []string{}, time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC), 61 // 1900 has a day too many in spreadsheets
		if date1904 {
			first, from = time.Date(1904, 1, 1, 0, 0, 0, 0, time.UTC), 0
		}
		for day := from; day < 100_000; day += 1 + day/100*17 {
			fmt.Fprintf(&rows, `<row><c s="1"><v>%d</v></c><c s="1"><v>%d.5</v></c></row>`, day, day)
			date := first.AddDate(0, 0, day).Format(time.DateOnly)
			want = append(want, fmt.Sprintf("%d: A=number(%s) B=number(%s 12:00:00)", len(want)+1, date, date))
		}
		p := simple(inSheet("", rows.String(), ""), "", formats("yyyy-mm-dd"))
		if date1904 {
			p = p.edit(t, "xl/workbook.xml", "<workbookPr/>", `<workbookPr date1904="1"/>`)
		}
		got, err := read(p.zip(t))
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Errorf("counted from 1904: %t: %v\n%s", date1904, err, diff)
		}
	}
	got, err := read(simple(inSheet("", `<row><c s="1"><v>1</v></c><c s="1"><v>31</v></c><c s="1"><v>32</v></c><c s="1"><v>33</v></c><c s="1"><v>59</v></c></row>`, ""), "", formats("yyyy-mm-dd")).zip(t))
	if want := "1: A=number(1900-01-01) B=number(1900-01-31) C=number(1900-02-01) D=number(1900-02-02) E=number(1900-02-28)"; err != nil || len(got) != 1 || got[0] != want {
		t.Errorf("%q, %v, want %s", got, err, want)
	}
}

// TestStrangeStyles says that a number format, a tag and an encoding that no program writes end the read soon, and with what they are.
func TestStrangeStyles(t *testing.T) {
	for name, c := range map[string]struct{ styles, want string }{
		"code":       {formats(strings.Repeat(`"x"`, 100_000)), "number format 164 has a code of 300000 bytes, more than 4096"},
		"UTF-16":     {"\xff\xfe<\x00a\x00/\x00>\x00", "it is in UTF-16, and not in UTF-8"},
		"attributes": {strings.Replace(formats("0"), "<cellXfs", "<cellXfs "+manyAttributes(), 1), "a tag has more than 1000 attributes"},
	} {
		if _, err := read(simple(inSheet("", "<row><c><v>1</v></c></row>", ""), "", c.styles).zip(t)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
}

func manyAttributes() string {
	var b strings.Builder
	for i := range 300_000 {
		fmt.Fprintf(&b, ` a%d=""`, i)
	}
	return b.String()
}
