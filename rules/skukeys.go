package rules

import (
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/engine/verdict"
	"github.com/reconcilehq/reconcile/rules/block"
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
	var text strings.Builder
	text.Grow(usualKey * b.Len())
	ends := make([]int32, 1, b.Len()+1)
	for i := range b.Len() {
		frame.SetRow(verdict.Pos, i)
		if s, known := key.Str(&frame); known && !catalog.Blank(s) {
			text.WriteString(s)
		}
		ends = append(ends, int32(text.Len()))
	}
	return catalog.NewStrings(text.String(), ends)
}

// usualKey is how many bytes most keys have at most.
const usualKey = 16

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
	if !p.keyOfSKU(side) {
		return nil, false
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

// keyOfSKU reports whether the key of a side's items is made of their SKUs alone.
func (p *Program) keyOfSKU(side verdict.Side) bool {
	return p.keys[side] == nil || !slices.ContainsFunc(p.keys[side].Fields(), func(ref expr.Ref) bool { return ref.Field != "sku" })
}

// KeysKeepLooks reports whether items of one key have SKUs of one catalog.Look, because the key is the SKU but for its case, white
// space and the like.
func (p *Program) KeysKeepLooks() bool {
	for _, key := range p.keys {
		if key != nil && !key.KeepsLook("sku") {
			return false
		}
	}
	return true
}

// KeyFields returns what to read of a side where only SKUs and keys are wanted.
func (p *Program) KeyFields(side verdict.Side) *catalog.Schema {
	schema := [2]*catalog.Schema{p.Pos, p.Store}[side]
	var names []string
	for _, name := range schema.Names() {
		if name == "sku" || p.keys[side] != nil && slices.ContainsFunc(p.keys[side].Fields(), func(ref expr.Ref) bool { return ref.Field == name }) {
			names = append(names, name)
		}
	}
	few, err := schema.Select(names)
	if err != nil {
		panic(err) // the names are the schema's own
	}
	return few
}

// KeysByName is like Keys for a batch with the fields of KeyFields, and any others.
func (p *Program) KeysByName(side verdict.Side, b *catalog.Batch) *catalog.Strings {
	schema := [2]*catalog.Schema{p.Pos, p.Store}[side]
	columns := make([]catalog.Column, schema.Len()) // the key looks at no others
	for i := range columns {
		if at := b.Schema().Index(schema.Field(i).Name); at >= 0 {
			columns[i] = b.Column(at)
		}
	}
	return p.Keys(side, catalog.NewBatch(schema, b.Len(), columns))
}

// parentField names the parent of an item by the parent's SKU.
const parentField = "parent_sku"

// parentColumn returns where a schema has the SKUs of parents; -1 if it has none.
func parentColumn(schema *catalog.Schema) int {
	if at := schema.Index(parentField); at >= 0 && schema.Field(at).Type == catalog.String {
		return at
	}
	return -1
}

// ParentColumns returns, by side, the column that names the parents of items; -1 where there is none. A parent is known by its
// key, so there are none where a key is made of more than the SKU.
func (p *Program) ParentColumns() (columns [2]int) {
	for side, schema := range [2]*catalog.Schema{p.Pos, p.Store} {
		if columns[side] = -1; p.keyOfSKU(verdict.Pos) && p.keyOfSKU(verdict.Store) {
			columns[side] = parentColumn(schema)
		}
	}
	return columns
}

// useParents marks the fields that name parents as read.
func (co *compiler) useParents(p *Program) {
	for _, side := range verdict.Sides {
		if schema := co.schemas[side]; schema != nil && p.keyOfSKU(verdict.Pos) && p.keyOfSKU(verdict.Store) && parentColumn(schema) >= 0 {
			co.used[side][parentField] = true
		}
	}
}

// useItemPages marks the fields as read that say where an item's page is.
func (co *compiler) useItemPages() {
	for side, schema := range co.schemas {
		if schema != nil && schema.ItemPage() != nil {
			for _, name := range schema.ItemPage().Fields() {
				co.used[side][name] = true
			}
		}
	}
}

// KeysNamed returns the keys of the items that an intentional block names. Its SKUs go through the reconciliation's key where
// that reads the SKU alone; otherwise they are keys as they stand.
func (p *Program) KeysNamed(in *Intentional) []string {
	if keys, ok := p.named[in]; ok {
		return keys
	}
	if p.KeyIsSKU() || len(in.SKUs) == 0 {
		return in.SKUs
	}
	keys, known := p.KeysOf(verdict.Pos, in.SKUs)
	if !known {
		return in.SKUs
	}
	list := make([]string, len(in.SKUs))
	for i := range list {
		list[i] = keys.At(i)
	}
	return list
}

// NamedBySKU reports whether intentional blocks name items by their SKUs, rather than by keys made of other fields.
func (p *Program) NamedBySKU() bool {
	_, known := p.KeysOf(verdict.Pos, nil)
	return known
}

// nameKeys makes the keys of the SKUs in all blocks that concern the reconciliation. A SKU that makes no key is worth a
// warning: nothing can be meant by it.
func (co *compiler) nameKeys(p *Program) {
	if p.KeyIsSKU() {
		return
	}
	var of []*Intentional
	var skus []string
	for _, in := range co.config.Intentional {
		if len(in.SKUs) > 0 && in.Touches(co.reconciliation) {
			of, skus = append(of, in), append(skus, in.SKUs...)
		}
	}
	keys, known := p.KeysOf(verdict.Pos, skus)
	if !known {
		return
	}
	warned := map[hcl.Range]bool{} // of a block once, whatever its file holds
	p.named = make(map[*Intentional][]string, len(of))
	room, at := make([]string, len(skus)), 0
	for _, in := range of {
		list := room[at : at : at+len(in.SKUs)]
		for _, sku := range in.SKUs {
			key := keys.At(at)
			if at++; key == "" && !warned[in.Range] {
				warned[in.Range] = true
				co.keyless = append(co.keyless, block.Warning(in.Range, "SKU without a key", "Intentional %q (%s) names the SKU %q, of which the key of reconciliation %q makes nothing: no item is meant by it.",
					in.Name, in.Place(), sku, co.reconciliation.Name))
			}
			list = append(list, key)
		}
		p.named[in] = list
	}
}
