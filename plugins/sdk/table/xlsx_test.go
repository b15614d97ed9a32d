package table

import (
	"bytes"
	"context"
	"errors"
	"testing"

	"github.com/xuri/excelize/v2"

	"github.com/reconcilehq/reconcile/plugins/sdk/table/content"
)

// TestCancelledWorkbook says that a workbook is not read on when its reading is over: a small file can hold a large sheet.
func TestCancelledWorkbook(t *testing.T) {
	book := excelize.NewFile()
	for at, v := range map[string]any{"A1": "sku", "A2": "A", "A3": "B"} {
		if err := book.SetCellValue("Sheet1", at, v); err != nil {
			t.Fatal(err)
		}
	}
	var b bytes.Buffer
	if err := book.Write(&b); err != nil {
		t.Fatal(err)
	}
	stop := errors.New("stop")
	ctx, cancel := context.WithCancelCause(t.Context())
	c := &content.Content{ReaderAt: bytes.NewReader(b.Bytes()), Size: int64(b.Len())}
	rows, _, err := openXLSX(ctx, "file", c, FileSettings{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := rows.Next(nil, nil); err != nil {
		t.Fatal(err)
	}
	cancel(stop)
	if err := rows.Next(nil, nil); err != stop {
		t.Errorf("error %v after the end of the reading", err)
	}
	if _, _, err := openXLSX(ctx, "file", c, FileSettings{}, nil); err != stop {
		t.Errorf("error %v where it is over before", err)
	}
}
