package rules

import (
	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/engine/verdict"
)

// KeysOf returns the keys of items of a side of which no more is known than their SKUs: "" where there is none. known is false
// where the reconciliation's key reads other fields, so that nobody can tell.
func (p *Program) KeysOf(side verdict.Side, skus []string) (keys *catalog.Strings, known bool) {
	if key := p.keys[side]; key != nil {
		for _, ref := range key.Fields() {
			if ref.Field != "sku" {
				return nil, false
			}
		}
	}
	schema := p.Pos
	if side == verdict.Store {
		schema = p.Store
	}
	at := schema.Index("sku")
	if at < 0 {
		return nil, false
	}
	b := catalog.NewBuilder(schema)
	for _, sku := range skus {
		b.SetString(at, sku)
		b.End()
	}
	return p.Keys(side, b.Batch()), true
}
