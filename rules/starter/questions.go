package starter

import (
	"slices"
	"strings"

	"github.com/reconcilehq/reconcile/engine/catalog"
)

// Question is something that the header does not tell.
type Question struct {
	Field, Doc string   // what is asked for
	Candidates []string // the columns that it could be, the likeliest first; empty: any
	Needed     bool     // there must be such a column
	Open       bool     // nothing points to a column: to be asked only where somebody is there to answer
}

// asked reports whether the rules look at a field, so that a wrong guess would show.
func asked(field string) bool {
	return slices.Contains(strings.Fields("sku name brand price qoh parent_sku"), field)
}

// Questions returns what is open, the key first.
func (m *Mapping) Questions() []Question {
	found := m.assigned()
	var open []Question
	for _, w := range vocabulary() {
		if _, known := found[w.field]; known || m.answered(w.field) || !asked(w.field) {
			continue
		}
		known, _ := catalog.KnownField(w.field)
		q := Question{Field: w.field, Doc: strings.TrimSuffix(known.Doc, "."), Needed: w.field == "sku"}
		q.Candidates = m.rivals(w.field)
		if len(q.Candidates) < 2 {
			q.Candidates = m.free(w.field, w.sure, found)
		}
		if len(q.Candidates) == 0 {
			q.Candidates = m.free(w.field, w.maybe, found)
		}
		if len(q.Candidates) == 0 {
			q.Candidates = near(w.field, m.Unused())
		}
		if len(q.Candidates) == 0 {
			q.Open = !q.Needed
			pointless := len(m.Unused()) == 0 || w.field == "parent_sku" && !m.Offers("options")
			if q.Open && pointless {
				continue
			}
		}
		open = append(open, q)
	}
	return open
}

// OptionColumns returns the columns that look like one option of a variant each, unless it is known already where the
// options are.
func (m *Mapping) OptionColumns() []string {
	if m.Offers("options") || m.answered("options") {
		return nil
	}
	return m.free("options", optionNames, m.assigned())
}
