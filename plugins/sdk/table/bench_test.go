package table

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/plugins/sdk"
)

// benchTexts are a catalogue of 100,000 items in several forms.
func benchTexts() map[string]string {
	const items = 100_000
	header := []string{"sku", "name", "brand", "price", "qoh", "options"}
	forms := map[string]struct {
		quoted bool
		end    string
		order  []int
	}{
		"plain":        {false, "\n", []int{0, 1, 2, 3, 4, 5}},
		"quoted":       {true, "\n", []int{0, 1, 2, 3, 4, 5}},
		"CRLF":         {false, "\r\n", []int{0, 1, 2, 3, 4, 5}},
		"other order":  {false, "\n", []int{5, 3, 1, 4, 2, 0}},
		"with accents": {false, "\n", []int{0, 1, 2, 3, 4, 5}},
	}
	texts := map[string]string{}
	for name, form := range forms {
		var text bytes.Buffer
		row := func(cells []string) {
			for i, at := range form.order {
				if i > 0 {
					text.WriteByte(',')
				}
				if cell := cells[at]; form.quoted || strings.ContainsAny(cell, `",`) {
					fmt.Fprintf(&text, `"%s"`, strings.ReplaceAll(cell, `"`, `""`))
				} else {
					text.WriteString(cell)
				}
			}
			text.WriteString(form.end)
		}
		row(header)
		things := []string{"Helmet", "Bell", "Tyre, folding", `Light "LED"`}
		if name == "with accents" {
			things = []string{"Casque", "Sonnette", "Pneu, souple", "Éclairage"}
		}
		for i := range items {
			row([]string{fmt.Sprintf("SKU-%08d", i*7+13), fmt.Sprintf("Classic %s %d", things[i%4], i*7919%9000), fmt.Sprintf("Brand %03d", i*31%400),
				fmt.Sprintf("%d.%02d", 1+i*17%999, i%100), fmt.Sprint(i*13%125 - 5), fmt.Sprintf("Size:%c|Color:Red%d", "SML"[i%3], i%5)})
		}
		texts[name] = text.String()
	}
	return texts
}

// BenchmarkRows finds the rows and fields of text files.
func BenchmarkRows(b *testing.B) {
	for name, data := range benchTexts() {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(data)))
			b.ReportAllocs()
			for b.Loop() {
				rows, _, err := (&memory{text: data}).Open(b.Context(), nil)
				if err != nil {
					b.Fatal(err)
				}
				for err == nil {
					_, err = rows.(blockRows).Block(6)
				}
				if err != io.EOF {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkTable makes batches of text files.
func BenchmarkTable(b *testing.B) {
	for name, data := range benchTexts() {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(data)))
			b.ReportAllocs()
			table := &Table{Input: &memory{text: data}}
			req := sdk.NewReadRequest([]string{"sku", "name", "brand", "price", "qoh", "options"}, func(string) {})
			for b.Loop() {
				if _, err := sdk.ReadAll(context.Background(), table, req, func(*catalog.Batch) error { return nil }); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
