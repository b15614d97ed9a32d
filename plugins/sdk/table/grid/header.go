package grid

import (
	"errors"
	"slices"
	"strings"
)

// Fit returns nil for names that can be the header of the table, else what is wrong with them. A nil Fit takes any.
type Fit func(names []string) error

// ErrHeaderAgain is why a row cannot be read that is the header once more. It would be an item whose SKU is "SKU", and what is below it may
// be of another export.
var ErrHeaderAgain = errors.New("the header stands here once more: the file seems to be put together of several; have it written in one go, or take the row out")

// HeaderRows is how many of a table's first rows may be its header.
const HeaderRows = 20

// ChooseHeader returns which of a table's first rows, blank ones left out, is its header: the first if it fits, else the
// only one that does, as there may be a title above. Where several below the first fit they are rivals, and it is an error
// to take one of them. Where none fits it is the first with two names, for messages.
func ChooseHeader(rows [][]string, fit Fit) (at int, rivals []int) {
	if fit == nil || len(rows) == 0 || fit(rows[0]) == nil {
		return 0, nil
	}
	for i, row := range rows {
		if fit(row) == nil {
			rivals = append(rivals, i)
		}
	}
	switch len(rivals) {
	case 0:
		return max(0, slices.IndexFunc(rows, hasTwo)), nil
	case 1:
		return rivals[0], nil
	}
	return rivals[0], rivals
}

func hasTwo(names []string) bool {
	n := 0
	for _, name := range names {
		if strings.TrimSpace(name) != "" {
			n++
		}
	}
	return n > 1
}
