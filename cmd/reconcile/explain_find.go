package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/agext/levenshtein"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/engine/report"
	"github.com/reconcilehq/reconcile/engine/verdict"
)

// finder finds items of a result by what people type.
type finder struct {
	*prepared
	result *report.Result // all but its items
	items  []*report.Item // all of them
	keys   map[*catalog.Batch]*catalog.Strings
}

// hold takes a result over, and closes it.
func (f *finder) hold(result *report.Result) (err error) {
	defer f.app.closeResult(result)
	f.result = result
	f.items, err = result.List()
	return err
}

// find returns the items whose own SKU, on either side, is the one given; if there are none, those with that key. Of a
// duplicate it returns all rows.
func (f *finder) find(sku string) []*report.Item {
	var own, byKey []*report.Item
	for _, it := range f.items {
		switch {
		case it.Pos.Has() && it.Pos.Value("sku").Str() == sku, it.Store.Has() && it.Store.Value("sku").Str() == sku:
			own = append(own, it)
		case f.key(it) == sku:
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

// groups puts the rows of a duplicate together, by their key; every other item is alone.
func (f *finder) groups(items []*report.Item) [][]*report.Item {
	var groups [][]*report.Item
	for _, it := range items {
		at := slices.IndexFunc(groups, func(g []*report.Item) bool {
			return it.Status == verdict.Duplicate && g[0].Status == verdict.Duplicate && f.key(g[0]) == f.key(it)
		})
		if at < 0 {
			groups = append(groups, []*report.Item{it})
		} else {
			groups[at] = append(groups[at], it)
		}
	}
	return groups
}

// key returns what the item was paired by.
func (f *finder) key(it *report.Item) string {
	row := it.Row(it.Side())
	keys, ok := f.keys[row.Batch]
	if !ok {
		if f.keys == nil {
			f.keys = map[*catalog.Batch]*catalog.Strings{}
		}
		keys = f.program.Keys(it.Side(), row.Batch)
		f.keys[row.Batch] = keys
	}
	return keys.At(row.I)
}

// notFound is the error for a SKU that no item has. It names those that look like it.
func (f *finder) notFound(sku string) error {
	var skus []string
	for _, it := range f.items {
		for _, row := range []report.Row{it.Pos, it.Store} {
			if row.Has() {
				skus = append(skus, row.Value("sku").Str())
			}
		}
	}
	meant := ""
	if near := nearSKUs(sku, skus); len(near) > 0 {
		for i, s := range near {
			near[i] = report.Prose{}.Clean(`"` + s + `"`)
		}
		meant = " Did you mean " + strings.Join(near, ", ") + "?"
	}
	return fmt.Errorf("no item has the SKU %q, neither of the %s in %s nor of the %s in %s.%s", sku,
		count(int(f.result.Pos.Items), "item"), f.source(0), count(int(f.result.Store.Items), "item"), f.source(1), meant)
}

// mostNear is how many SKUs are suggested at most.
const mostNear = 5

// nearSKUs returns the SKUs that the given one is most likely a slip for, each once: those that only look different
// first, then those that begin with it, then those with few other letters.
func nearSKUs(sku string, skus []string) []string {
	look := lookOf(sku)
	byDistance := make([][]string, 5)
	seen := map[string]bool{"": true}
	for _, s := range skus {
		if seen[s] {
			continue
		}
		seen[s] = true
		other := lookOf(s)
		d := len(byDistance)
		switch {
		case look == other:
			d = 0
		case len(look) > 2 && strings.HasPrefix(other, look):
			d = 1
		case max(len(look), len(other))-min(len(look), len(other)) <= 2:
			if n := levenshtein.Distance(look, other, nil); n <= min(2, len(look)/3) {
				d = 1 + n
			}
		}
		if d < len(byDistance) {
			byDistance[d] = append(byDistance[d], s)
		}
	}
	near := slices.Concat(byDistance...)
	return near[:min(len(near), mostNear)]
}
