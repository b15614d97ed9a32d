package sdk

import (
	"fmt"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/plugins/proto"
)

// tooLarge is the error about a text that is larger than a host takes.
func tooLarge(item, field string, size int) error {
	return fmt.Errorf("%s, field %q: a text of %d MiB, more than %d (max_field): no product has one, so look at what was read for it",
		item, field, size>>20, proto.MaxField>>20)
}

// largest returns the size of a column's largest text, and whose it is. Of columns that are small as a whole it returns 0.
func largest(c catalog.Column) (row, size int) {
	texts, ok := c.(*catalog.Strings)
	if !ok {
		return 0, 0 // lists and maps are checked by the host
	}
	_, offsets := texts.Raw()
	if n := texts.Len(); n == 0 || offsets[n]-offsets[0] <= proto.MaxField {
		return 0, 0
	}
	for i := range texts.Len() {
		if n := len(texts.At(i)); n > size {
			row, size = i, n
		}
	}
	return row, size
}
