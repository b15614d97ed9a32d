package session

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/reconcilehq/reconcile/engine"
	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/engine/near"
	"github.com/reconcilehq/reconcile/engine/report"
	"github.com/reconcilehq/reconcile/engine/verdict"
	"github.com/reconcilehq/reconcile/rules"
	"github.com/reconcilehq/reconcile/rules/explain"

	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/words"
)

// Held is the result of a run with all items in memory, so that single ones can be found and explained; or of Find, with those that
// are needed for that.
type Held struct {
	*Prepared
	Result *report.Result // all but its items
	Items  []*report.Item // all of them

	keys  keyColumns
	slips map[string][]string // of Find: by SKU that no item has, the SKUs it may be a slip for
	job   engine.Job          // of Find
}

// hold takes a result over, and closes it.
func (p *Prepared) hold(result *report.Result) (*Held, error) {
	defer p.CloseResult(result)
	items, err := result.List()
	if err != nil {
		return nil, err
	}
	return &Held{Prepared: p, Result: result, Items: items, keys: keyColumns{}}, nil
}

// keyColumns are the keys of batches, each made once.
type keyColumns map[*catalog.Batch]*catalog.Strings

// of returns what the item was paired by.
func (k keyColumns) of(program *rules.Program, it *report.Item) string {
	row := it.Row(it.Side())
	if !row.Has() { // it could not be read, but was paired by what its SKU makes
		keys, _ := program.KeysOf(it.Side(), []string{it.SKU()})
		return keys.At(0)
	}
	column, ok := k[row.Batch]
	if !ok {
		column = program.Keys(it.Side(), row.Batch)
		k[row.Batch] = column
	}
	return strings.Clone(column.At(row.I))
}

// Key returns what the item was paired by.
func (h *Held) Key(it *report.Item) string { return h.keys.of(h.Program, it) }

// Find returns the items whose own SKU, on either side, is the one given; if there are none, those with that key. Of a
// duplicate it returns all rows. Where there is no item the error names those that look like it.
func (h *Held) Find(sku string) ([]*report.Item, error) {
	items := h.having(sku)
	if len(items) == 0 {
		return nil, h.notFound(sku)
	}
	return items, nil
}

// having is Find, and returns none where there are none.
func (h *Held) having(sku string) []*report.Item {
	var own, byKey []*report.Item
	for _, it := range h.Items {
		pos, inPos := it.SKUOn(verdict.Pos)
		store, inStore := it.SKUOn(verdict.Store)
		switch {
		case inPos && pos == sku, inStore && store == sku:
			own = append(own, it)
		case h.Key(it) == sku:
			byKey = append(byKey, it)
		}
	}
	if len(own) == 0 {
		return byKey
	}
	// A duplicate's other rows can have the same key under another SKU.
	for _, it := range byKey {
		if it.Status == verdict.Duplicate {
			own = append(own, it)
		}
	}
	return own
}

// Groups puts the rows of a duplicate together, by their key; every other item is alone.
func (h *Held) Groups(items []*report.Item) [][]*report.Item {
	var groups [][]*report.Item
	for _, it := range items {
		at := slices.IndexFunc(groups, func(g []*report.Item) bool {
			return it.Status == verdict.Duplicate && g[0].Status == verdict.Duplicate && h.Key(g[0]) == h.Key(it)
		})
		if at < 0 {
			groups = append(groups, []*report.Item{it})
		} else {
			groups[at] = append(groups[at], it)
		}
	}
	return groups
}

// Meant says why an item of one side is meant to be.
type Meant struct {
	Block *rules.Intentional
	Why   []string // sentences: why the block covers the item
}

// Meant returns nil if the item is not meant to be of one side.
func (h *Held) Meant(it *report.Item) *Meant {
	row := it.Row(it.Side())
	if it.Intended() == nil || !row.Has() {
		return nil
	}
	at := h.Program.NewEvaluator().Intended(it.Status, it.Side(), row.Batch, row.I, h.Key(it))
	if at < 0 {
		return nil
	}
	block := h.Program.Intentional[at].Intentional
	return &Meant{block, explain.Meant(h.Config, h.Program, h.pair(it), block)}
}

// Explain says of each rule how it came to the item's cell.
func (h *Held) Explain(it *report.Item) []explain.Explanation {
	return explain.Cells(h.Config, h.Program, h.pair(it), time.Now())
}

func (h *Held) pair(it *report.Item) explain.Pair {
	return explain.Pair{On: it.Status, Pos: it.Pos.Batch, PosRow: it.Pos.I, Store: it.Store.Batch, StoreRow: it.Store.I, Key: h.Key(it), Currencies: currenciesOf(h.Result)}
}

// Alike is an item of the other side whose SKU looks like another's.
type Alike struct {
	Item      *report.Item
	SKU       string
	DiffersIn string // in words: case and dashes; "" if Rewritten
	Rewritten bool   // a spreadsheet seems to have made one of the other, so that no key pairs them

	// Key would make the two equal, as the configuration writes it; "" if there is none. What it makes of other items is not known.
	Key string
}

// Alike returns items of the other side whose SKUs look like that of an item of one side, and those that a spreadsheet seems to have
// rewritten.
func (h *Held) Alike(of *report.Item) []Alike {
	var alike, rewritten []Alike
	sku, key := of.SKU(), h.Key(of)
	for _, it := range h.Items {
		other, there := it.SKUOn(of.Side().Other())
		if !there || other == sku {
			continue
		}
		alone := it.Status == verdict.PosOnly || it.Status == verdict.StoreOnly
		looks := lookOf(sku) != "" && lookOf(other) == lookOf(sku)
		if !looks && (!alone || it.Parent) {
			continue
		}
		switch differ, byKey := near.Between(key, h.Key(it)); {
		case looks || byKey:
			a := Alike{Item: it, SKU: other, DiffersIn: differsIn(sku, other)}
			if !looks {
				a.DiffersIn = words.Enumerate(differ.DiffersIn)
			}
			if byKey && alone && h.Result.PresentKey() != "" {
				a.Key = differ.Key(h.Result.PresentKey())
			}
			alike = append(alike, a)
		case near.Rewritten(key, h.Key(it)):
			rewritten = append(rewritten, Alike{Item: it, SKU: other, Rewritten: true})
		}
	}
	return append(alike[:min(len(alike), mostNear)], rewritten[:min(len(rewritten), mostNear)]...)
}

// SourceName names a side for people: pos (amberpos.shop).
func (h *Held) SourceName(side verdict.Side) string {
	source := h.Result.Source(side)
	return fmt.Sprintf("%s (%s.%s)", side, source.Connector, source.Name)
}

func (h *Held) notFound(sku string) error {
	near, known := h.slips[sku]
	if !known {
		var skus []string
		for _, it := range h.Items {
			for _, side := range verdict.Sides {
				if sku, there := it.SKUOn(side); there {
					skus = append(skus, sku)
				}
			}
		}
		near = nearSKUs(sku, skus)
	}
	meant := ""
	if len(near) > 0 {
		for i, s := range near {
			near[i] = report.Prose{}.Clean(`"` + s + `"`)
		}
		meant = " Did you mean " + strings.Join(near, ", ") + "?"
	}
	for _, side := range verdict.Sides {
		if h.Result.Source(side).Skipped > 0 {
			meant += " But " + h.Result.MaybeSkipped(side)
		}
	}
	return fmt.Errorf("no item has the SKU %q, neither of the %s in %s nor of the %s in %s.%s", sku,
		words.Count(int(h.Result.Pos.Items), "item"), h.SourceName(verdict.Pos), words.Count(int(h.Result.Store.Items), "item"), h.SourceName(verdict.Store), meant)
}
