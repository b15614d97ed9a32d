package table

import (
	"fmt"

	"github.com/reconcilehq/reconcile/plugins/sdk"
)

// gaps are the lists of a table that have an empty entry between others. It is left out: a list has no entry that says nothing. But
// something may have got lost there.
type gaps struct {
	count int
	first string // where the first stands
}

// add counts a list. where is asked for the first alone.
func (g *gaps) add(column string, where func() string) {
	if g.count++; g.count == 1 {
		g.first = fmt.Sprintf("%s, column %q", where(), column)
	}
}

func (g *gaps) tell(req sdk.ReadRequest) {
	switch {
	case g.count == 1:
		req.Notice("%s: the list has an empty entry between others, which is left out", g.first)
	case g.count > 1:
		req.Notice("%s: the list has an empty entry between others, which is left out; so have %d more", g.first, g.count-1)
	}
}

// noteGaps notes the lists of the last block.
func (w *blockWriter) noteGaps() {
	for i, c := range w.columns {
		if lists, ok := c.(*listsColumn); ok {
			for _, row := range lists.gaps {
				w.gaps.add(w.plan.reads[i].column, func() string { return w.blocks.BlockPlace(row) })
			}
		}
	}
}
