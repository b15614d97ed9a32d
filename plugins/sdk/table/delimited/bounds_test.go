package delimited

import (
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/reconcilehq/reconcile/plugins/sdk/table/content"
	"github.com/reconcilehq/reconcile/plugins/sdk/table/grid"
)

// TestBounds says what a row can be, and where a file says so that has more.
func TestBounds(t *testing.T) {
	const head = "sku,name\nA,a\n"
	long := func(n int) string { return strings.Repeat("x", n) }
	for _, c := range []struct {
		name, text string
		rows       int    // that can be read
		want       string // the error behind them
		fatal      bool   // the rows behind it must not be read
	}{
		{"a field at the limit", head + `B,"` + long(mostField) + `"` + "\nC,c\n", 3, "", false},
		{"a field beyond", head + "B," + long(mostField+1) + "\nC,c\n", 1, `file "x.csv", line 3: field 2 has 16 MiB, more than 16 (max_field)`, false},
		{"a quoted field beyond", head + `B,"` + long(mostField+1) + `"` + "\nC,c\n", 1, `line 3: field 2 has 16 MiB`, false},
		{"fields at the limit", strings.Repeat("a,", mostColumns-1) + "a\n" + strings.Repeat("b,", mostColumns-1) + "b\n", 1, "", false},
		{"a header of more fields", strings.Repeat("a,", mostColumns) + "a\n", 0, "line 1: the header: a row has more than 16384 fields (max_columns)", true},
		{"a header of quoted fields", strings.Repeat(`"`+long(61)+`",`, mostColumns) + "a\n", 0, "line 1: the header: a row has more than 16384 fields (max_columns)", true},
		{"a row of more fields", head + strings.Repeat("b,", mostColumns*10) + "\nC,c\n", 1, "line 3: a row has more than 16384 fields (max_columns)", true},
		{"a row of quoted fields", head + strings.Repeat(`"b",`, mostColumns*10) + "\nC,c\n", 1, "line 3: a row has more than 16384 fields (max_columns)", true},
		{"a row that does not end", head + "B," + long(mostRow), 1, "line 3: a row is longer than 64 MiB (max_row)", true},
		{"a quote that is not closed", head + `B,"` + strings.Repeat("x,y\n", mostRow/4), 1, "line 3: a row is longer than 64 MiB (max_row)", true},
		{"a header that does not end", long(mostRow + 1), 0, "a row is longer than 64 MiB (max_row)", true},
	} {
		t.Run(c.name, func(t *testing.T) {
			r, _, err := Open(t.Context(), `file "x.csv"`, &content.Content{ReaderAt: strings.NewReader(c.text), Size: int64(len(c.text))},
				NewEncodings(""), Form{Delimiter: ','}, nil)
			rows := 0
			place := ""
			for err == nil {
				if err = r.Next(nil, nil); err == nil {
					rows++
				} else {
					place = r.Place()
				}
			}
			bad, isBad := errors.AsType[*grid.BadRow](err)
			if isBad && place != "" {
				err = bad.At(place)
			}
			switch {
			case rows != c.rows:
				t.Errorf("%d rows, want %d; %v", rows, c.rows, err)
			case c.want == "" && !errors.Is(err, io.EOF), c.want != "" && !strings.Contains(err.Error(), c.want):
				t.Errorf("got %v, want %q", err, c.want)
			case isBad && bad.Fatal != c.fatal:
				t.Errorf("fatal: %v", bad.Fatal)
			}
			if r != nil && !c.fatal && c.want != "" && r.Next(nil, nil) != nil {
				t.Error("the row behind it cannot be read")
			}
		})
	}
}
