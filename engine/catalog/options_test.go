package catalog_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/reconcilehq/reconcile/engine/catalog"
)

func TestParseOptions(t *testing.T) {
	for _, c := range []struct {
		why, text string
		want      []catalog.Entry
		failure   string // part of the error; "" if there is none
	}{
		{"nothing", "", nil, ""},
		{"only white space", " \t", nil, ""},
		{"sorted by name", "Size:M|Color:Red", []catalog.Entry{{Key: "Color", Value: "Red"}, {Key: "Size", Value: "M"}}, ""},
		{"white space is trimmed around both", " Size : M |  Color: Dark Red ", []catalog.Entry{{Key: "Color", Value: "Dark Red"}, {Key: "Size", Value: "M"}}, ""},
		{"an empty value", "Size:", []catalog.Entry{{Key: "Size"}}, ""},
		{"escapes", `A\:B:1\|2|C\\:\:`, []catalog.Entry{{Key: "A:B", Value: "1|2"}, {Key: `C\`, Value: ":"}}, ""},
		{"further colons belong to the value", "Ratio:16:9", []catalog.Entry{{Key: "Ratio", Value: "16:9"}}, ""},
		{"no colon", "Size", nil, "has no colon"},
		{"no name", ":M", nil, "has no name"},
		{"an empty entry", "Size:M|", nil, "has no colon"},
		{"given twice", "Size:M| Size:L", nil, `option "Size" is given twice`},
		{"a backslash before another character", `Size:\n`, nil, "backslash"},
		{"a backslash at the end", `Size:M\`, nil, "backslash"},
	} {
		t.Run(c.why, func(t *testing.T) {
			got, err := catalog.ParseOptions(c.text)
			if (err == nil) != (c.failure == "") || err != nil && !strings.Contains(err.Error(), c.failure) {
				t.Fatalf("got error %v, want %q", err, c.failure)
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func FuzzParseOptions(f *testing.F) {
	for _, s := range []string{"", "Size:M|Color:Red", `A\:B:1\|2|C\\:\:`, " a : b ", ":", "|", `\`, "a:b|a:c", `a\ :b`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		entries, err := catalog.ParseOptions(text)
		if err != nil {
			return
		}
		again, err := catalog.ParseOptions(catalog.FormatOptions(entries))
		if err != nil {
			t.Fatalf("%q is written as %q: %v", text, catalog.FormatOptions(entries), err)
		}
		if diff := cmp.Diff(entries, again); diff != "" {
			t.Fatalf("%q: %s", text, diff)
		}
	})
}
