package file

import (
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/unicode/norm"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/plugins/sdk/sdktest"
)

// volume is how much of a large test is done: all of it where RECONCILE_TEST_LONG asks for it.
func volume(all, otherwise int) int {
	if os.Getenv("RECONCILE_TEST_LONG") != "" {
		return all
	}
	return otherwise
}

// writing is a way to write a table as text.
type writing struct {
	encoding  string // utf-8, utf-8 bom, utf-16le, utf-16be, windows-1252
	delimiter rune
	end       string
	always    bool // quotes around each field
	quote     rune
	lastEnd   bool // a line end behind the last row
	says      bool // the settings say all of this
}

func (w writing) String() string {
	return fmt.Sprintf("%s %q %q always %t quote %q last end %t says %t", w.encoding, w.delimiter, w.end, w.always, w.quote, w.lastEnd, w.says)
}

func drawWriting(r *rand.Rand) writing {
	w := writing{
		encoding:  oneOf(r, "utf-8", "utf-8 bom", "utf-16le", "utf-16be", "windows-1252"),
		delimiter: oneOf(r, ',', ';', '\t', '|'), end: oneOf(r, "\n", "\r\n"), always: r.IntN(3) == 0, quote: '"', lastEnd: r.IntN(3) > 0, says: r.IntN(2) == 0,
	}
	if w.says {
		w.quote = oneOf(r, '"', '\'')
		w.delimiter = oneOf(r, ',', ';', '\t', '|', ':', '§')
	}
	return w
}

func oneOf[E any](r *rand.Rand, of ...E) E { return of[r.IntN(len(of))] }

// settings are those that say how the table is written, or leave all of it to be found out.
func (w writing) settings() sdktest.Settings {
	if !w.says {
		return sdktest.Settings{}
	}
	encoding, _, _ := strings.Cut(w.encoding, " ")
	if strings.HasPrefix(encoding, "utf-16") {
		encoding = "utf-16"
	}
	return sdktest.Settings{"encoding": encoding, "delimiter": string(w.delimiter), "quote": string(w.quote), "header_row": 1}
}

// text writes the rows.
func (w writing) text(r *rand.Rand, rows [][]string) string {
	var b strings.Builder
	for i, row := range rows {
		for j, field := range row {
			if j > 0 {
				b.WriteRune(w.delimiter)
			}
			// What has no need of quotes may have them, and a quote further on in a field may stand as it stands.
			needs := strings.ContainsRune(field, w.delimiter) || strings.ContainsAny(field, "\r\n") || strings.HasPrefix(field, string(w.quote))
			if needs || w.always || r.IntN(8) == 0 {
				field = string(w.quote) + strings.ReplaceAll(field, string(w.quote), strings.Repeat(string(w.quote), 2)) + string(w.quote)
			}
			b.WriteString(field)
		}
		if i < len(rows)-1 || w.lastEnd || i == 0 {
			b.WriteString(w.end)
		}
	}
	return w.encoded(b.String())
}

func (w writing) encoded(text string) string {
	switch w.encoding {
	case "utf-8 bom":
		return "\xef\xbb\xbf" + text
	case "utf-16le":
		return "\xff\xfe" + inUTF16(binary.LittleEndian, text)
	case "utf-16be":
		return "\xfe\xff" + inUTF16(binary.BigEndian, text)
	case "windows-1252":
		var b strings.Builder
		for _, c := range text {
			switch c {
			case '€':
				b.WriteByte(0x80)
			case '’':
				b.WriteByte(0x92)
			default:
				b.WriteByte(byte(c)) // Latin-1, but for the controls
			}
		}
		return b.String()
	}
	return text
}

// drawField draws a text with what matters to a reader of tables.
func drawField(r *rand.Rand, w writing) string {
	parts := []string{"Bell", "0012", " ", "  ", ",", ";", "|", "\t", "\"", "\"\"", "'", "19\"", "a,b", "\n", "\r\n", "1.299,00", "=1+1", "#", "\\", "x", "N/A", "-", "\u00a0"}
	if w.encoding == "windows-1252" {
		// None of these is a character in UTF-8 before one of the others.
		parts = append(parts, "é", "ü", "ß", "€", "Ø")
	} else {
		parts = append(parts, "é", "ß", "€", "日本", "🧀", "e\u0301", "\u202e", "\u200b", "ガ", "’")
	}
	var field strings.Builder
	for range r.IntN(6) {
		field.WriteString(parts[r.IntN(len(parts))])
	}
	if w.encoding == "windows-1252" && r.IntN(2) == 0 {
		field.WriteString(" é ")
	}
	return field.String()
}

// TestTablesComeBack writes random tables in every way that is read, and reads them back exactly.
func TestTablesComeBack(t *testing.T) {
	t.Chdir(t.TempDir())
	r := rand.New(rand.NewPCG(10, 3))
	for n := 0; n < volume(2000, 150); n++ {
		w := drawWriting(r)
		names := []string{"sku", "first", "second one", "third", "Größe"}[:1+r.IntN(4)]
		if w.encoding != "windows-1252" && r.IntN(4) == 0 {
			names = []string{"sku", "first", "Größe"}
		}
		rows := [][]string{names}
		for i := range r.IntN(12) {
			row := []string{fmt.Sprintf("%04d", i)}
			for range names[1:] {
				row = append(row, drawField(r, w))
			}
			if len(names) > 1 && r.IntN(4) == 0 {
				row[0] = "" // an empty SKU is one, where the row is not blank
				row[1] = "x"
			}
			rows = append(rows, row)
		}
		if w.lastEnd = w.lastEnd || len(rows) == 1; len(names) == 1 && !w.says {
			w.delimiter = ','
		}
		text := w.text(r, rows)
		if w.encoding == "windows-1252" && !w.says && (isUTF8Somewhere(text) || strings.ContainsRune(text, 0)) {
			n-- // it is an error, which has a test of its own
			continue
		}
		path := fmt.Sprintf("%d.csv", n)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		settings := w.settings()
		settings["path"] = path
		fields := []string{"sku", "first", "second_one", "third"}[:len(names)]
		if names[len(names)-1] == "Größe" {
			fields = []string{"sku", "first", "größe"}
		}
		got, err := sdktest.Read(t.Context(), Connector(), settings, fields...)
		if err != nil {
			t.Fatalf("table %d, %s: %v\n%q", n, w, err, text)
		}
		var want []string
		for _, row := range rows[1:] {
			var item strings.Builder
			for i, field := range row {
				field = norm.NFC.String(strings.ReplaceAll(field, "\r\n", "\n"))
				fmt.Fprintf(&item, ",%q:%s", fields[i], quotedJSON(t, field))
			}
			want = append(want, "{"+item.String()[1:]+"}")
		}
		if diff := cmp.Diff(want, got.Items); diff != "" {
			t.Fatalf("table %d, %s (-written +read):\n%s\n%q", n, w, diff, text)
		}
	}
}

// TestCutFiles cuts files where a copy may stop half-way: within a quoted field, or before the last field of a row, which may be
// one below no name. A cut at the end of a line, and one within the last field of a row, nobody can notice; the documentation
// says so.
func TestCutFiles(t *testing.T) {
	t.Chdir(t.TempDir())
	r := rand.New(rand.NewPCG(10, 5))
	for n := range volume(200, 40) {
		w := writing{encoding: oneOf(r, "utf-8", "utf-8 bom"), delimiter: oneOf(r, ',', ';', '\t'), end: oneOf(r, "\n", "\r\n"), quote: '"', lastEnd: true}
		var text strings.Builder
		var places []int // where a cut can be noticed
		write := func(field string, quoted, last bool) {
			if quoted {
				text.WriteByte('"')
			}
			for i := range len(field) {
				if quoted || !last && !strings.HasSuffix(text.String(), "\n") {
					places = append(places, text.Len())
				}
				text.WriteByte(field[i])
			}
			if quoted {
				places = append(places, text.Len())
				text.WriteByte('"')
			}
			if !last {
				places = append(places, text.Len())
				text.WriteRune(w.delimiter)
			}
		}
		row := func(fields ...string) {
			for i, field := range fields {
				write(field, r.IntN(2) == 0 || strings.ContainsRune(field, w.delimiter) || strings.ContainsAny(field, "\n"), i == len(fields)-1)
			}
			text.WriteString(w.end)
		}
		nameless := make([]string, r.IntN(4)) // columns without a name at the header's end
		row(append([]string{"sku", "name", "note", "price"}, nameless...)...)
		for i := range 2 + r.IntN(40) {
			row(append([]string{fmt.Sprintf("%04d", i), oneOf(r, "Bell", "Amp; loud", "Crash, 14", "line\nbreak", "naïve"), oneOf(r, "-", "a b", "x,y;z\tw"), fmt.Sprintf("%d.%02d", i, i)}, nameless...)...)
		}
		whole := w.encoded(text.String())
		mark := len(whole) - text.Len()
		at := places[r.IntN(len(places))] + mark
		if at <= mark {
			at = mark + 1
		}
		path := fmt.Sprintf("%d.csv", n)
		if err := os.WriteFile(path, []byte(whole[:at]), 0o600); err != nil {
			t.Fatal(err)
		}
		for _, skip := range []string{"fail", "skip"} {
			settings := sdktest.Settings{"path": path, "on_bad_row": skip, "delimiter": string(w.delimiter)}
			if got, err := sdktest.Read(t.Context(), Connector(), settings, "sku"); err == nil {
				t.Errorf("file %d, cut at %d of %d, on_bad_row %s, is read to its end: %d items\n%q", n, at, len(whole), skip, len(got.Items), whole[max(0, at-80):at])
			}
		}
	}
}

// isUTF8Somewhere reports whether a text has characters beyond ASCII in UTF-8.
func isUTF8Somewhere(text string) bool {
	for i := range len(text) {
		if r, n := utf8.DecodeRuneInString(text[i:]); n > 1 && r != utf8.RuneError {
			return true
		}
	}
	return false
}

func quotedJSON(t *testing.T, text string) string {
	t.Helper()
	b, err := catalog.StringValue(text).MarshalJSON()
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
