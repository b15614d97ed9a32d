package file

import (
	"fmt"
	"path/filepath"
	"testing"

	"github.com/xuri/excelize/v2"

	"github.com/reconcilehq/reconcile/plugins/sdk/sdktest"
)

// BenchmarkWorkbook reads a workbook of 20,000 rows, whose texts stand in its cells or in the table of shared strings.
func BenchmarkWorkbook(b *testing.B) {
	const rows = 20_000
	for _, shared := range []bool{false, true} {
		b.Run(fmt.Sprintf("shared=%t", shared), func(b *testing.B) {
			path := filepath.Join(b.TempDir(), "a.xlsx")
			largeWorkbook(b, path, rows, shared)
			for b.Loop() {
				source, err := sdktest.Source(b.Context(), Connector(), sdktest.Settings{"path": path})
				if err != nil {
					b.Fatal(err)
				}
				got, err := sdktest.ReadFrom(b.Context(), source)
				if err != nil || len(got.Items) != rows {
					b.Fatal(len(got.Items), err)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/rows, "ns/row")
		})
	}
}

func largeWorkbook(b *testing.B, path string, rows int, shared bool) {
	b.Helper()
	book := excelize.NewFile()
	check := func(err error) {
		b.Helper()
		if err != nil {
			b.Fatal(err)
		}
	}
	format := "00000000"
	padded, err := book.NewStyle(&excelize.Style{CustomNumFmt: &format})
	check(err)
	var stream *excelize.StreamWriter
	if !shared {
		stream, err = book.NewStreamWriter("Sheet1")
		check(err)
	}
	for i := range rows + 1 {
		row := []any{fmt.Sprintf("SKU-%06d", i), fmt.Sprintf("Name of item %d", i), "A brand", float64(i) + 0.99, i % 50, excelize.Cell{StyleID: padded, Value: i}}
		if i == 0 {
			row = []any{"sku", "name", "brand", "price", "qoh", "upc"}
		}
		at := fmt.Sprintf("A%d", i+1)
		if shared {
			check(book.SetSheetRow("Sheet1", at, &row))
			if i > 0 {
				check(book.SetCellValue("Sheet1", fmt.Sprintf("F%d", i+1), i))
			}
			check(book.SetCellStyle("Sheet1", fmt.Sprintf("F%d", i+1), fmt.Sprintf("F%d", i+1), padded))
		} else {
			check(stream.SetRow(at, row))
		}
	}
	if !shared {
		check(stream.Flush())
	}
	check(book.SaveAs(path))
	check(book.Close())
}
