package table

import (
	"errors"
	"fmt"
	"strings"

	"github.com/reconcilehq/reconcile/plugins/sdk"
	"github.com/reconcilehq/reconcile/plugins/sdk/table/grid"
)

// shownBadRows is how many of the skipped rows the warning names.
const shownBadRows = 10

// badRows decides about bad rows and remembers those that are skipped.
type badRows struct {
	skip  bool
	count int
	first []string
	tell  func(sku, reason string) // of each row that is skipped, an item of the source; sku is "" where it cannot be read
}

// add returns the error that ends the reading, or nil if the row is skipped. sku is the row's, "" where that cannot be read.
func (b *badRows) add(place string, bad *grid.BadRow, sku string) error {
	err := bad.At(place)
	if !b.skip || bad.Fatal {
		return err
	}
	if bad.Column == "" { // the row is not what its header says: what stands at the SKU's place may be anything
		sku = ""
	}
	if b.tell != nil {
		b.tell(sku, err.Error())
	}
	if b.count++; b.count <= shownBadRows {
		b.first = append(b.first, err.Error())
	}
	return nil
}

// warn lists the rows that were skipped.
func (b *badRows) warn(req sdk.ReadRequest) {
	if b.count == 0 {
		return
	}
	rows, more := "1 row was", ""
	if b.count > 1 {
		rows = fmt.Sprintf("%d rows were", b.count)
	}
	if b.count > len(b.first) {
		more = fmt.Sprintf("; and %d more", b.count-len(b.first))
	}
	req.Warn("%s skipped: %s%s", rows, strings.Join(b.first, "; "), more)
}

// none is the error where every row was bad: an empty catalogue would look like missing items.
func (b *badRows) none() error {
	return fmt.Errorf("none of the %d rows can be read, the first because: %w", b.count, errors.New(b.first[0]))
}

// skuCell returns the place of the SKU's text among the cells of the plan; -1 if it is not read from a column.
func (p *plan) skuCell(fields []sdk.Field) int {
	for i, f := range fields {
		if f.Name == "sku" && f.Type == sdk.String {
			return p.reads[i].cell
		}
	}
	return -1
}

// skuOf returns the SKU of a row whose cells were read as far as possible; "" where it has none.
func (r *reader) skuOf(cells []string) string {
	if r.sku < 0 {
		return ""
	}
	return cells[r.sku]
}
