package table

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/reconcilehq/reconcile/plugins/sdk"
	"github.com/reconcilehq/reconcile/plugins/sdk/table/grid"
)

// How many of the skipped rows are named: nothing else names those of unknown items, and the report lists the others.
const (
	namedUnknown = 100
	namedKnown   = 10
	namedBytes   = 3 << 10 // in one warning: a host cuts what is longer than it shows
)

// badRows decides about bad rows and remembers those that are skipped.
type badRows struct {
	skip           bool
	count, unknown int // rows; those of which nobody knows which item they are
	first          error
	lost, known    []string // of either kind, a number
	cures          []string
	left           func(reason error, bad *grid.BadRow, cells []string) error // of each row that is skipped, or nil
	tell           func(sku, reason string)                                   // of each row that is skipped, an item of the source; sku is "" where it cannot be read
}

// add returns the error that ends the reading, or nil if the row is skipped. sku is the row's, "" where that cannot be read.
func (b *badRows) add(place string, bad *grid.BadRow, sku string) error {
	if !b.skip || bad.Fatal {
		return bad.At(place)
	}
	reason := bad.Listed(place).Error()
	if bad.Column == "" || strings.TrimSpace(sku) == "" || !utf8.ValidString(sku) {
		sku = "" // where the row is not what its header says, what stands at the SKU's place may be anything
	}
	if b.tell != nil {
		b.tell(sku, reason)
	}
	if b.count++; b.count == 1 {
		b.first = bad.At(place)
	}
	switch {
	case sku != "" && len(b.known) < namedKnown:
		b.known = append(b.known, reason)
	case sku == "" && len(b.lost) < namedUnknown:
		b.lost = append(b.lost, reason)
	}
	if sku == "" {
		b.unknown++
	}
	b.remember(bad.Cure)
	return nil
}

// remember keeps one cure a setting.
func (b *badRows) remember(cure string) {
	setting, _, _ := strings.Cut(cure, "=")
	if cure != "" && !slices.ContainsFunc(b.cures, func(c string) bool { return strings.HasPrefix(c, setting) }) {
		b.cures = append(b.cures, cure)
	}
}

// warn lists the rows that were skipped, first those that nothing else names. A long list is several warnings.
func (b *badRows) warn(req sdk.ReadRequest) {
	if b.count == 0 {
		return
	}
	rows := "1 row was skipped: "
	if b.count > 1 {
		rows = fmt.Sprintf("%d rows were skipped: ", b.count)
	}
	list := slices.Concat(b.lost, b.known)
	if b.unknown > 0 && b.unknown < b.count {
		rows += fmt.Sprintf("of %d even the SKU cannot be read, of %d it can: ", b.unknown, b.count-b.unknown)
	}
	if n := b.count - len(list); n > 0 {
		list = append(list, fmt.Sprintf("and %d more", n))
	}
	for from := 0; from < len(list); {
		to, size := from+1, len(list[from])
		for to < len(list) && size+len(list[to]) < namedBytes {
			size += len(list[to])
			to++
		}
		text := rows + strings.Join(list[from:to], "; ")
		if to == len(list) && len(b.cures) > 0 {
			text += " (" + strings.Join(b.cures, "; ") + ")"
		}
		req.Warn("%s", text)
		rows, from = "skipped, too: ", to
	}
}

// none is the error where every row was bad: an empty catalogue would look like missing items.
func (b *badRows) none() error {
	return fmt.Errorf("none of the %d rows can be read, the first because: %w", b.count, b.first)
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
