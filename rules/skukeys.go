package rules

import (
	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/engine/verdict"
	"github.com/reconcilehq/reconcile/rules/expr"
)

// Keys returns the keys of a batch's items on a side: "" where there is none. Blanks alone are no key: nobody sees that two
// items have the same ones, and no item is meant by them.
func (p *Program) Keys(side verdict.Side, b *catalog.Batch) *catalog.Strings {
	key := p.keys[side]
	if key == nil {
		return withoutBlanks(b.Column(b.Schema().Index("sku")).(*catalog.Strings), b.Len())
	}
	var frame expr.Frame
	frame.SetBatch(verdict.Pos, b) // a key is about one item
	builder := catalog.NewBuilder(keySchema())
	for i := range b.Len() {
		frame.SetRow(verdict.Pos, i)
		if s, known := key.Str(&frame); known && !catalog.Blank(s) {
			builder.SetString(0, s)
		}
		builder.End()
	}
	return builder.Batch().Column(0).(*catalog.Strings)
}

func keySchema() *catalog.Schema {
	return catalog.MustSchema(catalog.Field{Name: "key", Type: catalog.String})
}

// withoutBlanks returns the n texts, with "" in place of those that are blank.
func withoutBlanks(texts *catalog.Strings, n int) *catalog.Strings {
	blank := false
	for i := 0; i < n && !blank; i++ {
		s := texts.At(i)
		blank = s != "" && catalog.Blank(s)
	}
	if !blank {
		return texts
	}
	builder := catalog.NewBuilder(keySchema())
	for i := range n {
		if s := texts.At(i); !catalog.Blank(s) {
			builder.SetString(0, s)
		}
		builder.End()
	}
	return builder.Batch().Column(0).(*catalog.Strings)
}

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
