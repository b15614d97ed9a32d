package spreadsheet

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"testing"
)

func TestEscape(t *testing.T) {
	for _, c := range []struct{ why, s, want string }{
		{"markup", "<a> & b", "<t>&lt;a&gt; &amp; b</t>"},
		{"white space that would be lost", " a", `<t xml:space="preserve"> a</t>`},
		{"a line break", "a\r\nb", "<t xml:space=\"preserve\">a_x000D_\nb</t>"},
		{"an escape that is text", "_x0041_", "<t>_x005F_x0041_</t>"},
		{"none", "_x041_ _xyz1_", "<t>_x041_ _xyz1_</t>"},
		{"what XML forbids", "a\x00\x0b\uffff\xff", "<t>a����</t>"},
		{"beyond the first plane", "👍", "<t>👍</t>"},
	} {
		t.Run(c.why, func(t *testing.T) {
			if got := string(appendText(nil, c.s)); got != c.want {
				t.Errorf("%q, want %q", got, c.want)
			}
		})
	}
}

func TestFit(t *testing.T) {
	for _, c := range []struct {
		why   string
		s     string
		whole bool
	}{
		{"just as long as a cell", strings.Repeat("a", maxText), true},
		{"one longer", strings.Repeat("a", maxText+1), false},
		{"many bytes, few characters", strings.Repeat("é", maxText), true},
		{"each of these counts twice", strings.Repeat("👍", maxText/2), true},
		{"and here is one too many", strings.Repeat("👍", maxText/2+1), false},
	} {
		t.Run(c.why, func(t *testing.T) {
			got := fit(c.s)
			if units(got) > maxText || (got == c.s) != c.whole || !c.whole && !strings.Contains(got, "… (cut: ") {
				t.Errorf("%d units that end in %q", units(got), got[len(got)-40:])
			}
		})
	}
}

func TestExact(t *testing.T) {
	for number, want := range map[string]bool{
		"0": true, "-1.5": true, "123456789012345": true, "1234567890123456": false, "0.000123456789012345": true,
		"1000000000000000000000": true, "1000000000000001": false, "-0.1234567890123456": false,
	} {
		if got := exact([]byte(number)); got != want {
			t.Errorf("%s: %t", number, got)
		}
	}
}

func TestColumnName(t *testing.T) {
	for column, want := range map[int]string{0: "A", 25: "Z", 26: "AA", 701: "ZZ", 702: "AAA", 16383: "XFD"} {
		if got := columnName(column); got != want {
			t.Errorf("column %d is %s, want %s", column, got, want)
		}
	}
}

// TestBook says that all parts are well-formed, and that a writer's error comes back from whatever was written then.
func TestBook(t *testing.T) {
	write := func(w io.Writer) error {
		b := New(w, []Style{{}, {Bold: true, Fill: "FF0000", Ink: "00FF00", Centre: true, Wrap: true, Number: true}})
		for _, name := range []string{"Items & 'more'", "Summary"} {
			s, err := b.Sheet(name, Layout{Widths: []float64{10, 20}, Frozen: 1, Filter: true})
			if err != nil {
				return err
			}
			s.Text(0, "a<b")
			s.Word(1, "S")
			s.Number(1, []byte("1.5"))
			s.Bool(1, true)
			s.Skip()
			if err := errors.Join(s.EndRow(), s.EndRow()); err != nil {
				return err
			}
		}
		return b.Close()
	}
	var whole bytes.Buffer
	if err := write(&whole); err != nil {
		t.Fatal(err)
	}
	parts, err := zip.NewReader(bytes.NewReader(whole.Bytes()), int64(whole.Len()))
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range parts.File {
		r, err := part.Open()
		if err != nil {
			t.Fatal(err)
		}
		for d := xml.NewDecoder(r); ; {
			if _, err := d.Token(); errors.Is(err, io.EOF) {
				break
			} else if err != nil {
				t.Fatalf("%s: %v", part.Name, err)
			}
		}
	}
	for room := 0; room < whole.Len(); room += min(97, max(1, whole.Len()-1-room)) {
		if err := write(&disk{room}); !errors.Is(err, errFull) {
			t.Fatalf("with room for %d bytes of %d: error %v", room, whole.Len(), err)
		}
	}
}

// disk takes a number of bytes and then fails.
type disk struct{ room int }

var errFull = errors.New("no space left on device")

func (d *disk) Write(p []byte) (int, error) {
	if d.room -= len(p); d.room < 0 {
		return 0, errFull
	}
	return len(p), nil
}
