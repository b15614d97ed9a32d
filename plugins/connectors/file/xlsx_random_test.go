package file

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/plugins/sdk/sdktest"
)

// digits is a number as a cell stores it.
type digits string

// randomText returns a text of any characters that XML can have, some of them such that are easily lost.
func randomText(r *rand.Rand, escapes bool) string {
	pieces := []string{" ", "  ", "\n", "\t", `"`, "'", "&", "<", ">", "]]>", "e\u0301", "\u0301", "\u3099", "か", "ﬁ", "é", "🔔", "\ufeff", "\u00a0", "\u200b", "\u202e", ",", ";", "=1+2", "#", "&amp;", "\r\n", "\r", "\\", "\uFFFD"}
	if escapes {
		pieces = append(pieces, "_", "_x000D_", "_x", "x005F_")
	}
	var b strings.Builder
	for range r.IntN(8) {
		switch r.IntN(3) {
		case 0:
			b.WriteString(pieces[r.IntN(len(pieces))])
		case 1:
			b.WriteString(string(rune('0' + r.IntN(75))))
		default:
			c := rune(r.IntN(0x11000))
			if c < 0x20 || 0xD800 <= c && c <= 0xDFFF || c == 0xFFFE || c == 0xFFFF {
				c = 'z'
			}
			b.WriteRune(c)
		}
	}
	return b.String()
}

func randomNumber(r *rand.Rand) digits {
	switch r.IntN(4) {
	case 0:
		return digits(strconv.Itoa(r.IntN(1000)))
	case 1:
		return digits(strconv.FormatInt(r.Int64()-r.Int64(), 10))
	case 2:
		return digits(strconv.FormatFloat(float64(r.IntN(1e9)-5e8)/100, 'f', -1, 64))
	}
	return digits(strconv.FormatFloat(float64(r.IntN(1e9))/1e9, 'g', -1, 64))
}

// randomRows are a header and rows, some of them empty, and the items that they stand for. Texts that look like escapes,
// which excelize writes as they are, are only among them if it is said.
func randomRows(r *rand.Rand, escapes bool) (rows [][]any, items []map[string]any) {
	fields := []string{"sku", "name", "brand", "price", "qoh", "bin"}
	r.Shuffle(len(fields), func(i, j int) { fields[i], fields[j] = fields[j], fields[i] })
	head := make([]any, len(fields))
	for i, f := range fields {
		head[i] = f
	}
	rows = append(rows, head)
	for n := range r.IntN(30) {
		for r.IntN(6) == 0 {
			rows = append(rows, make([]any, len(fields)))
		}
		row, item := make([]any, len(fields)), map[string]any{}
		for i, f := range fields {
			switch {
			case f == "price" || f == "qoh":
				if item[f] = nil; r.IntN(4) > 0 {
					d := randomNumber(r)
					exact, err := catalog.ParseDecimal(string(d))
					if err != nil {
						panic(err)
					}
					row[i], item[f] = d, json.Number(exact.String())
				}
			case f == "sku" && r.IntN(3) == 0:
				row[i] = digits(strconv.FormatInt(r.Int64(), 10))
				item[f] = string(row[i].(digits))
			case f == "sku":
				row[i] = fmt.Sprintf("%d-%s", n, randomText(r, escapes))
				item[f] = catalog.NormalText(row[i].(string))
			default:
				if item[f] = ""; r.IntN(4) > 0 {
					row[i] = randomText(r, escapes)
					item[f] = catalog.NormalText(row[i].(string))
				}
			}
		}
		rows, items = append(rows, row), append(items, item)
	}
	return rows, items
}

// written are the rows as officeBook and smallBook take them: what looks like an escape in a text is escaped.
func written(rows [][]any) [][]any {
	escape := strings.NewReplacer("_x", "_x005F_x", "\r", "_x000D_")
	all := make([][]any, len(rows))
	for i, row := range rows {
		all[i] = make([]any, len(row))
		for j, v := range row {
			if text, ok := v.(string); ok {
				v = escape.Replace(text)
			}
			all[i][j] = v
		}
	}
	return all
}

// values are the rows as excelize takes them.
func values(rows [][]any) [][]any {
	all := make([][]any, len(rows))
	for i, row := range rows {
		all[i] = make([]any, len(row))
		for j, v := range row {
			if d, ok := v.(digits); ok {
				if n, err := strconv.ParseInt(string(d), 10, 64); err == nil {
					v = n
				} else if f, err := strconv.ParseFloat(string(d), 64); err == nil {
					v = f
				}
			}
			all[i][j] = v
		}
	}
	return all
}

// TestRandomWorkbooks says that whatever is written into a workbook is read back as it was, but for the form in which
// every source hands over its text.
func TestRandomWorkbooks(t *testing.T) {
	runs := 60
	if os.Getenv("RECONCILE_TEST_LONG") != "" {
		runs = 2000
	}
	t.Chdir(t.TempDir())
	for seed := range runs {
		rows, want := randomRows(rand.New(rand.NewPCG(uint64(seed), 1)), seed%3 > 0)
		var data []byte
		switch seed % 3 {
		case 0:
			data = plainBook(t, values(rows))
		case 1:
			data = smallBook(t, written(rows))
		default:
			data = officeBook(t, written(rows))
		}
		if err := os.WriteFile("a.xlsx", data, 0o600); err != nil {
			t.Fatal(err)
		}
		got, err := sdktest.Read(t.Context(), Connector(), sdktest.Settings{"path": "a.xlsx"})
		if err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		var items []map[string]any
		for _, line := range got.Items {
			item := map[string]any{}
			d := json.NewDecoder(strings.NewReader(line))
			d.UseNumber()
			if err := d.Decode(&item); err != nil {
				t.Fatal(err)
			}
			items = append(items, item)
		}
		if diff := cmp.Diff(want, items); diff != "" {
			t.Fatalf("seed %d (-want +got):\n%s", seed, diff)
		}
	}
}
