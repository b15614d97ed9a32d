package table

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/plugins/sdk"
	"github.com/reconcilehq/reconcile/plugins/sdk/table/content"
	"github.com/reconcilehq/reconcile/plugins/sdk/table/delimited"
	"github.com/reconcilehq/reconcile/plugins/sdk/table/grid"
)

// rowsAlone are rows of which one can be read at a time only.
type rowsAlone struct{ grid.Rows }

func (r rowsAlone) Guesses() []grid.Guess { return r.Rows.(guesser).Guesses() }
func (r rowsAlone) Doubts() []string      { return r.Rows.(doubter).Doubts() }

// memory is a text as an Input.
type memory struct {
	text  string
	size  int  // of the window; 0: the usual one
	alone bool // one row at a time
}

func (m *memory) Name() string                                        { return "memory" }
func (m *memory) Facts(context.Context, grid.Fit) ([]sdk.Fact, error) { return nil, nil }
func (m *memory) Open(ctx context.Context, _ grid.Fit) (grid.Rows, []string, error) {
	c := &content.Content{ReaderAt: strings.NewReader(m.text), Size: int64(len(m.text))}
	r, header, err := delimited.Open(ctx, "memory", c, delimited.NewEncodings("utf-8"), delimited.Form{Delimiter: ',', Quote: '"', Window: m.size}, nil)
	if err != nil {
		return nil, nil, err
	}
	if m.alone {
		return rowsAlone{r}, header, nil
	}
	return r, header, nil
}

// drawTable draws a text with a column of each type, a few of its cells bad.
func drawTable(t *rapid.T) string {
	cell := map[string]*rapid.Generator[string]{
		"sku":  rapid.OneOf(rapid.StringMatching(`[A-Z0-9 ]{0,12}`), rapid.SampledFrom([]string{"e\u0301", "é", strings.Repeat("long ", 20)})),
		"name": rapid.StringMatching(`[a-zé ",\n]{0,40}`),
		"price": rapid.OneOf(rapid.StringMatching(`-?[0-9]{0,5}(\.[0-9]{0,3})?`), rapid.SampledFrom([]string{"", "$1,234.50", " 7 ", "1e3", "+5", "x", "999999999999999999", "0.000000000000000001", "12345678901234567890.5", "(3)"}),
			rapid.SampledFrom([]string{"$5", "CA$5", "5 USD", "€5", "5 kr"})),
		"cost_price": rapid.SampledFrom([]string{"", "1", "$5", "C$5", "US$ 5", "x"}),
		"visible":    rapid.SampledFrom([]string{"", "true", "No", " 1 ", "x"}),
		"options":    rapid.SampledFrom([]string{"", "Size:M|Color:Red", "Color:Red|Size:M", " Size : L ", "Size", `A\:B:x`, "e\u0301:1"}),
		"tags":       rapid.SampledFrom([]string{"", "a;b", "a", "e\u0301; c"}),
		"w":          rapid.SampledFrom([]string{"", "M", " L "}),
		"h":          rapid.SampledFrom([]string{"", "10", "12"}),
	}
	var text strings.Builder
	text.WriteString("sku,name,price,visible,options,tags,w,h,cost_price\n")
	for range rapid.IntRange(0, 30).Draw(t, "rows") {
		for i, column := range []string{"sku", "name", "price", "visible", "options", "tags", "w", "h", "cost_price"} {
			if i > 0 {
				text.WriteByte(',')
			}
			c := cell[column].Draw(t, column)
			if strings.ContainsAny(c, "\",\n") || rapid.Bool().Draw(t, "quoted") {
				c = `"` + strings.ReplaceAll(c, `"`, `""`) + `"`
			}
			text.WriteString(c)
		}
		text.WriteString(rapid.SampledFrom([]string{"\n", "\r\n"}).Draw(t, "end"))
	}
	return text.String()
}

// linesOf writes the items of a batch, a line each.
func linesOf(b *catalog.Batch) (lines []string) {
	for row := range b.Len() {
		var line strings.Builder
		for i := range b.Schema().Len() {
			v := b.Column(i).Value(row)
			fmt.Fprintf(&line, "%q null %t, ", v.Text(), v.IsNull())
		}
		lines = append(lines, line.String())
	}
	return lines
}

// readTable reads a table and returns its items' values and the warnings, or the error.
func readTable(ctx context.Context, table *Table, fields []string) []string {
	var lines []string
	req := sdk.NewReadRequest(fields, func(text string) { lines = append(lines, "warning: "+text) })
	var items []string
	n, err := sdk.ReadAll(ctx, table, req, func(b *catalog.Batch) error {
		items = append(items, linesOf(b)...)
		return nil
	})
	if err != nil {
		return []string{err.Error()}
	}
	return append(append(items, lines...), fmt.Sprint(n, " items ", req.Currencies()))
}

// TestBlocksAreRows says that reading many rows at a time gives what reading them one by one does: the same items, and
// the same complaints about bad rows.
func TestBlocksAreRows(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := drawTable(t)
		settings := Settings{Types: map[string]string{"tags": "list"}, OnBadRow: rapid.SampledFrom([]string{"skip", "fail"}).Draw(t, "on_bad_row")}
		if rapid.Bool().Draw(t, "option columns") {
			settings.OptionColumns = map[string]string{"Width": "w", "Height": "h"}
		}
		var filter *Filter
		if rapid.Bool().Draw(t, "filter") {
			filter = &Filter{Column: "w", Value: "M", Setting: "filter"}
		}
		fields := rapid.Permutation([]string{"sku", "name", "price", "visible", "options", "tags", "cost_price"}).Draw(t, "fields")
		fields = fields[:rapid.IntRange(1, len(fields)).Draw(t, "asked")]
		read := func(input *memory) []string {
			return readTable(context.Background(), &Table{Input: input, Settings: settings, AllColumns: true, Filter: filter}, fields)
		}
		want := read(&memory{text: text, alone: true})
		for _, size := range []int{100, 0} {
			if diff := cmp.Diff(want, read(&memory{text: text, size: size})); diff != "" {
				t.Fatalf("%q, window of %d (-rows +blocks):\n%s", text, size, diff)
			}
		}
	})
}

// TestPlainNumber says that the short way to read a number gives what the long one does.
func TestPlainNumber(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.OneOf(rapid.StringMatching(`-?[0-9]{0,12}\.?[0-9]{0,9}`), rapid.StringMatching(`-?[0-9]{1,5}\.[0-9]{1,4}`),
			rapid.StringMatching(`[-+.0-9e :/]{0,20}`), rapid.StringN(0, 9, 9)).Draw(t, "text")
		before, behind := rapid.StringN(0, 9, 9).Draw(t, "before"), rapid.StringN(8, 9, -1).Draw(t, "behind")
		coef, scale, ok := plainNumber([]byte(before+text+behind), len(before), len(before)+len(text))
		d, err := catalog.ParseDecimal(text)
		digits := strings.TrimPrefix(text, "-")
		plain := strings.Trim(digits, "0123456789.") == "" && strings.Trim(digits, ".") == digits && len(digits) <= 18
		if plain && ok != (err == nil) {
			t.Fatalf("%q is read: %t; it is a number: %v", text, ok, err)
		}
		if ok && (err != nil || !d.Equal(catalog.NewDecimal(coef, int(scale)))) {
			t.Fatalf("%q is read as %d with scale %d, not as %s (%v)", text, coef, scale, d, err)
		}
	})
}
