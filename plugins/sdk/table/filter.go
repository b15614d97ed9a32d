package table

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/reconcilehq/reconcile/plugins/sdk"
	"github.com/reconcilehq/reconcile/plugins/sdk/table/grid"
)

// Filter accepts the rows whose Column reads Value. White space, case and the form of letters in Unicode do not count: a database may
// write a store in two ways, and rows that were left out would be missing items.
type Filter struct {
	Column, Value string
	Setting       string // the setting that names the column, for messages
}

// mostFiltered is how many values of a filter's column are remembered: there are few stores.
const mostFiltered = 1000

// mostWritten is how many other ways to write the value are told.
const mostWritten = 10

// filtering is what a filter has seen in one read.
type filtering struct {
	*Filter
	want    string
	known   map[string]bool // values, as they stand; whether they are accepted
	written []string        // those that are accepted and not written as Value is
}

// started returns the filter for one read; nil if there is no filter.
func (f *Filter) started() *filtering {
	if f == nil {
		return nil
	}
	return &filtering{Filter: f, want: matched(f.Value), known: map[string]bool{}}
}

// accepts reports whether a row with this in the column is taken.
func (f *filtering) accepts(value string) bool {
	accepted, known := f.known[value]
	if known {
		return accepted
	}
	accepted = matched(value) == f.want
	value = strings.Clone(value) // which is good until the next row only
	if len(f.known) < mostFiltered {
		f.known[value] = accepted
	}
	as := strings.TrimSpace(value)
	if accepted && as != strings.TrimSpace(f.Value) && len(f.written) < mostWritten && !slices.Contains(f.written, as) {
		f.written = append(f.written, as)
	}
	return accepted
}

// left reports whether rows were left out.
func (f *filtering) left() bool {
	return f != nil && slices.Contains(slices.Collect(maps.Values(f.known)), false)
}

// tell says which other ways to write the value were taken, too.
func (f *filtering) tell(req sdk.ReadRequest, name string) {
	if f == nil || len(f.written) == 0 {
		return
	}
	req.Notice("%s: rows with %s in column %q were taken for %q, too: case, white space and the form of letters do not count", name, listed(f.written), f.Column, f.Value)
}

// nothing is the error where the filter accepts no row of many: an empty catalogue would look like missing items, and the likely cause is
// a slip in the setting.
func (f *filtering) nothing(name string) error {
	const most = 20
	others := map[string]bool{}
	for _, value := range slices.Sorted(maps.Keys(f.known)) {
		if len(others) < most {
			others[strings.TrimSpace(value)] = true
		}
	}
	list := slices.Sorted(maps.Keys(others))
	return fmt.Errorf("%s: no row has %q in column %q%s; there are: %s", name, f.Value, f.Column, suggestion(f.Value, list), listed(list))
}

// listed quotes values for a message.
func listed(values []string) string {
	quoted := make([]string, len(values))
	for i, value := range values {
		quoted[i] = grid.Quote(value)
	}
	return strings.Join(quoted, ", ")
}
