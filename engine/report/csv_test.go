package report

import (
	"bytes"
	"encoding/csv"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/reconcilehq/reconcile/engine/signs"
	"github.com/reconcilehq/reconcile/engine/verdict"
)

func csvText(t testing.TB, r *Result, o Options) string {
	t.Helper()
	var b strings.Builder
	if err := CSV().Write(&b, r, o); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestCSV(t *testing.T) {
	for _, c := range []struct {
		name    string
		why     string
		options Options
		change  func(*Result)
	}{
		{"everything", "every kind of item, cell, value and awkward character", Options{All: true}, nil},
		{"filter", "only what the filters leave", Options{SKUs: []string{"DUP-8", ""}}, nil},
		{"empty", "a header even without items and rules", Options{}, func(r *Result) {
			r.Rules, r.Items, r.PosFields, r.StoreFields = nil, nil, nil, nil
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := sample(t)
			if c.change != nil {
				c.change(r)
			}
			golden(t, "csv-"+c.name+".csv", csvText(t, r, c.options))
		})
	}
}

// TestCSVReadBack compares each value that a spreadsheet reads with the boxed value's text.
func TestCSVReadBack(t *testing.T) {
	r := sample(t)
	records, err := csv.NewReader(strings.NewReader(csvText(t, r, Options{All: true, Raw: true}))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	header := slices.Concat([]string{"sku", "name", "status"}, codes(r))
	for _, f := range r.PosFields {
		header = append(header, "pos."+f.Name)
	}
	for _, f := range r.StoreFields {
		header = append(header, "store."+f.Name)
	}
	if diff := cmp.Diff(header, records[0]); diff != "" {
		t.Errorf("header (-want +got):\n%s", diff)
	}
	for i, got := range records[1:] {
		it := listOf(t, r)[i]
		want := []string{it.SKU(), it.Name(), it.Status.String()}
		for rule := range r.Rules {
			cell := ""
			if it.Status == verdict.Matched {
				cell = it.Outcome.Cells[rule].String()
			}
			want = append(want, cell)
		}
		for _, f := range r.PosFields {
			want = append(want, it.Pos.Value(f.Name).Text())
		}
		for _, f := range r.StoreFields {
			want = append(want, it.Store.Value(f.Name).Text())
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("item %d (-want +got):\n%s", i, diff)
		}
	}
	if len(records) != 1+r.Summary.Items {
		t.Errorf("%d records, want %d", len(records), 1+r.Summary.Items)
	}
}

// TestCSVQuotes puts quotes where the usual writer does.
func TestCSVQuotes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		fields := rapid.SliceOfN(rapid.OneOf(rapid.String(), rapid.StringMatching(`[ a",\\.\r\n\x{a0}-]{0,4}`)), 2, 4).Draw(t, "fields")
		var want strings.Builder
		w := csv.NewWriter(&want)
		if err := w.Write(fields); err != nil {
			t.Fatal(err)
		}
		w.Flush()
		l := &csvLines{raw: true}
		for _, f := range fields {
			l.field(f)
		}
		l.endLine()
		if string(l.text) != want.String() {
			t.Fatalf("%q, want %q", l.text, want.String())
		}
	})
}

// TestCSVDisarmed says what a spreadsheet is handed of texts that it, or a terminal, would act on.
func TestCSVDisarmed(t *testing.T) {
	for _, c := range []struct{ why, text, want string }{
		{"a formula", `=cmd|' /C calc'!A0`, `'=cmd|' /C calc'!A0`},
		{"what Lotus took for one", "@SUM(1+1)", "'@SUM(1+1)"},
		{"a text that looks like a number", "-5", "'-5"},
		{"a plus", "+1", "'+1"},
		{"a tab before a formula", "\t=1", "'\t=1"},
		{"a carriage return before a formula", "\r=1", "'␍=1"},
		{"a line feed before a formula", "\n=1", "'\n=1"},
		{"a full-width formula", "＝1+1", "'＝1+1"},
		{"a full-width plus", "＋1", "'＋1"},
		{"a full-width minus", "－1", "'－1"},
		{"a full-width at", "＠SUM(1)", "'＠SUM(1)"},
		{"another full-width text", "Ａ＝１", "Ａ＝１"},
		{"a sign within is none of the kind", "A-1 = B+2 @C", "A-1 = B+2 @C"},
		{"an escape code", "\x1b[31mred", "␛[31mred"},
		{"an eight-bit one", "\u009b31m", "\ufffd31m"},
		{"text that turns around", "a\u202eb\u2066", "a\ufffdb\ufffd"},
		{"line breaks and tabs are the text's own", "a\nb\tc", "a\nb\tc"},
		{"what a language or an emoji needs stays", "می\u200cخواهم 👨‍👩‍👧 “x” – ü", "می\u200cخواهم 👨‍👩‍👧 “x” – ü"},
	} {
		t.Run(c.why, func(t *testing.T) {
			read := func(raw bool) string {
				l := &csvLines{raw: raw}
				l.field(c.text)
				l.field("x")
				l.endLine()
				records, err := csv.NewReader(bytes.NewReader(l.text)).ReadAll()
				if err != nil || len(records) != 1 {
					t.Fatalf("%q: %v", l.text, err)
				}
				return records[0][0]
			}
			if got := read(false); got != c.want {
				t.Errorf("%q, want %q", got, c.want)
			}
			if got := read(true); got != c.text {
				t.Errorf("raw: %q, want %q", got, c.text)
			}
		})
	}
}

// TestCSVHarmless holds whatever texts against the promise.
func TestCSVHarmless(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.OneOf(rapid.String(), rapid.StringMatching(`[-=+@＝＋－＠\t\r\n\x{1b}\x{202e}\x{85}a,"]{0,5}`)).Draw(t, "text")
		l := &csvLines{}
		l.field(text)
		got := strings.TrimPrefix(string(l.text), `"`)
		if first, _ := utf8.DecodeRuneInString(got); got != "" && strings.ContainsRune("=+-@\t\r\n＝＋－＠", first) || strings.ContainsFunc(got, signs.Acts) {
			t.Fatalf("%q is written for %q", l.text, text)
		}
	})
}

// FuzzPlain holds the look at eight bytes at a time against one at each.
func FuzzPlain(f *testing.F) {
	for _, s := range []string{"", "plain", "a text of more than eight", "12345678\"", "1234567,", "\x7f2345678", "é2345678", "\x1f", "~~~~~~~~ \\", "12345678\x00"} {
		f.Add(s, byte(','))
		f.Add(s, byte('\\'))
	}
	f.Fuzz(func(t *testing.T, s string, other byte) {
		want := strings.IndexFunc(s, func(r rune) bool { return r < ' ' || r > '~' || r == '"' || r == rune(other) }) < 0
		if other >= ' ' && other <= '~' && allPlain(s, other) != want {
			t.Errorf("%q is plain but for %q: %v", s, other, !want)
		}
	})
}
