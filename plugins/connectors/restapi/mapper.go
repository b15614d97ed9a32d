package restapi

import (
	"errors"
	"fmt"
	"strings"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/plugins/sdk"
)

// mapper makes items of the entries of a list, and writes them. An entry is an item, or a product with items in it. It is for one
// read.
type mapper struct {
	plan   *plan
	w      *sdk.Writer
	wanted []*fieldPlan // by the index of the writer's fields
	notes  notes

	items     int64 // that were looked at
	entries   int64
	childless []string        // the first products without items
	without   int64           // how many there are
	found     map[string]bool // fields of which a value was found
	last      catalog.Currency

	structures bool // the field variation is wanted, and made of several entries
	held       []heldItem
	parents    map[string]*catalog.VariationBuilder
}

// notes are where a read tells of items.
type notes struct {
	warn       func(format string, args ...any)
	unreadable func(sku, reason string)
	skipped    func(rows int)
}

// heldItem is an item that waits for its product's other variants.
type heldItem struct {
	values []catalog.Value
	parent string
}

func (p *plan) mapper(w *sdk.Writer, n notes) *mapper {
	m := &mapper{plan: p, w: w, notes: n, found: map[string]bool{}}
	m.forget()
	for _, field := range w.Fields() {
		f := p.field(field.Name)
		m.wanted = append(m.wanted, f)
		if f.made && field.Name == "variation" {
			m.structures = true
		}
		if p.currency != "" && catalog.UnitOf(field.Name) == catalog.Money {
			w.Currency(field.Name, p.currency)
		}
		if unit := p.units[catalog.UnitOf(field.Name)]; unit != "" {
			w.Unit(field.Name, unit)
		}
	}
	return m
}

func (m *mapper) forget() { m.parents = map[string]*catalog.VariationBuilder{} }

// entry takes an entry of a list.
func (m *mapper) entry(e entry) error {
	m.entries++
	if m.plan.parents == nil {
		return m.item(e.tree, nil, e.id)
	}
	items, err := m.plan.items.list(e.tree)
	if err != nil {
		return fmt.Errorf("product %s: items: %w; if products without any have no list there, or null, name \"items\" in optional", numbered(m.entries, e.id), err)
	}
	if len(items) == 0 {
		if m.without++; len(m.childless) < 3 {
			m.childless = append(m.childless, numbered(m.entries, e.id))
		}
	}
	for _, item := range items {
		if err := m.item(item, e.tree, e.id); err != nil {
			return err
		}
	}
	if m.plan.options != nil && m.plan.options.parent == nil {
		return m.flush()
	}
	return nil
}

// item takes an item, and the product that it stands in, if there is one.
func (m *mapper) item(item, product any, id string) error {
	m.items++
	values, parent, err := m.values(item, product)
	if err != nil {
		return m.bad(item, product, id, err)
	}
	if m.structures {
		m.held = append(m.held, heldItem{values, parent})
		return nil
	}
	return m.write(values)
}

// values makes the values of an item, and what it has in common with the product's other variants.
func (m *mapper) values(item, product any) (values []catalog.Value, parent string, err error) {
	values = make([]catalog.Value, len(m.wanted))
	var own []catalog.Entry
	if m.plan.options != nil && (m.structures || m.wants("options")) {
		if own, err = m.plan.options.of(item); err != nil {
			return nil, "", fmt.Errorf("options: %w", err)
		}
	}
	for i, f := range m.wanted {
		switch {
		case f.made && f.field.Name == "options":
			values[i] = catalog.MapValue(own)
		case f.made:
		default:
			of := item
			if f.ofParent {
				of = product
			}
			if values[i], err = m.value(f, of); err != nil {
				return nil, "", fmt.Errorf("field %q, path %s: %w", f.field.Name, f.path.text, err)
			}
		}
	}
	if err := m.currency(item); err != nil {
		return nil, "", err
	}
	if !m.structures {
		return values, "", nil
	}
	if parent, err = m.parentOf(item); err != nil {
		return nil, "", err
	}
	m.found["options"] = m.found["options"] || len(own) > 0
	b := m.parents[parent]
	if b == nil {
		b = &catalog.VariationBuilder{}
		m.parents[parent] = b
	}
	b.Add(own)
	return values, parent, nil
}

// numbered says which entry it is, for messages.
func numbered(n int64, id string) string {
	if id == "" {
		return fmt.Sprint(n)
	}
	return fmt.Sprintf("%d, id %q", n, shortened(id))
}

func (m *mapper) wants(name string) bool {
	for _, f := range m.wanted {
		if f.field.Name == name {
			return true
		}
	}
	return false
}

// value makes a field's value of an item, or of its product.
func (m *mapper) value(f *fieldPlan, of any) (catalog.Value, error) {
	if f.constant != nil {
		return *f.constant, nil
	}
	nodes := f.path.nodes(of)
	if len(nodes) > 0 {
		m.found[f.field.Name] = true
	}
	if n, all := f.path.lacking(of, nodes); n > 0 && len(nodes) > 0 {
		if f.optional {
			return catalog.NullValue(f.field.Type), nil
		}
		return catalog.Value{}, fmt.Errorf("the path selects nothing in %d of the %d entries of %s; if an entry may lack it, name the field in optional: its value is unknown then", n, all, f.path.entries)
	}
	switch {
	case len(nodes) == 1 && nodes[0] == nil && (f.field.Type == sdk.List && f.path.singular || f.field.Type == sdk.Map) && !f.optional:
		return catalog.Value{}, fmt.Errorf("null, where a %s is expected: what is not known is not empty; if an item may lack it, name the field in optional", f.field.Type)
	case len(nodes) == 1:
		return f.valueOf(nodes[0])
	case len(nodes) > 1:
		return f.combined(nodes)
	case f.optional:
		return catalog.NullValue(f.field.Type), nil
	case f.field.Type == sdk.List && !f.path.singular:
		if _, err := f.path.list(of); err != nil {
			return catalog.Value{}, fmt.Errorf("%w; if an item may lack it, name the field in optional", err)
		}
		return catalog.NullValue(f.field.Type), nil // a list without entries is a list
	}
	return catalog.Value{}, fmt.Errorf("the path selects nothing; if an item may lack it, name the field in optional")
}

// currency tells the currency that an item's prices are in.
func (m *mapper) currency(item any) error {
	p := m.plan.currencyPath
	if p == nil {
		return nil
	}
	nodes := p.nodes(item)
	if len(nodes) == 0 || len(nodes) == 1 && nodes[0] == nil {
		return fmt.Errorf("currency_path %s: the currency is not there", p.text)
	}
	for _, node := range nodes {
		text, ok := node.(string)
		c, known := catalog.ParseCurrency(text)
		if !ok || !known {
			return fmt.Errorf("currency_path %s: %s is no currency's code", p.text, describe(node))
		}
		if c == m.last {
			continue
		}
		if m.last != "" {
			return fmt.Errorf("currency_path %s: the currency is %s here and %s before: let the path of each price select one", p.text, c, m.last)
		}
		m.last = c
		for _, field := range m.w.Fields() {
			if catalog.UnitOf(field.Name) == catalog.Money {
				m.w.Currency(field.Name, string(c))
			}
		}
	}
	return nil
}

// parentOf returns what an item has in common with the product's other variants; "" where the variants of an entry are all that
// there are. Each item that has nothing is a group of its own.
func (m *mapper) parentOf(item any) (string, error) {
	p := m.plan.options.parent
	if p == nil {
		return "", nil
	}
	nodes := p.nodes(item)
	if len(nodes) == 0 || len(nodes) == 1 && (nodes[0] == nil || nodes[0] == "") {
		return fmt.Sprintf("alone %d", m.items), nil
	}
	if len(nodes) > 1 {
		return "", fmt.Errorf("options, parent %s: the path selects %d values where one is expected", p.text, len(nodes))
	}
	text, err := textOf(nodes[0])
	if err != nil {
		return "", fmt.Errorf("options, parent %s: %w", p.text, err)
	}
	return "of " + text, nil
}

// bad takes an item that cannot be read.
func (m *mapper) bad(item, product any, id string, reason error) error {
	sku := m.skuOf(item, product)
	at := numbered(m.items, id)
	if sku != "" {
		at += fmt.Sprintf(" (SKU %q)", shortened(sku))
	}
	reason = fmt.Errorf("item %s: %w", at, reason)
	switch {
	case !m.plan.skip:
		return reason
	case m.structures:
		return fmt.Errorf("the option structures (variation) cannot be known, because on_bad_item would skip an item: %w; leave out the rules that read variation, or see to it that the item can be read", reason)
	case sku == "":
		m.notes.skipped(1)
	default:
		m.notes.unreadable(sku, reason.Error())
	}
	m.notes.warn("an item was skipped: %s", reason)
	return nil
}

// skuOf returns an item's SKU, as far as it can be read.
func (m *mapper) skuOf(item, product any) string {
	f := m.plan.field("sku")
	of := item
	if f.ofParent {
		of = product
	}
	v, err := m.value(f, of)
	if err != nil {
		return ""
	}
	return v.Str()
}

// flush writes the items that wait for their structures.
func (m *mapper) flush() error {
	lists := map[string][]string{}
	for _, it := range m.held {
		list, made := lists[it.parent]
		if !made {
			list = m.parents[it.parent].List()
			lists[it.parent] = list
		}
		for i, f := range m.wanted {
			if f.made && f.field.Name == "variation" {
				it.values[i] = catalog.ListValue(list)
			}
		}
		if err := m.write(it.values); err != nil {
			return err
		}
	}
	m.held = nil
	m.forget()
	return nil
}

func (m *mapper) write(values []catalog.Value) error {
	for i, v := range values {
		if v.IsNull() {
			continue
		}
		switch m.wanted[i].field.Type {
		case sdk.String:
			m.w.String(i, v.Str())
		case sdk.Number:
			m.w.Number(i, v.Number())
		case sdk.Bool:
			m.w.Bool(i, v.Bool())
		case sdk.List:
			m.w.List(i, v.List())
		case sdk.Map:
			m.w.Map(i, v.Entries())
		}
	}
	return m.w.End()
}

// errNoItems says that a platform has answered, and there was nothing.
var errNoItems = errors.New(`the API answered without a single item: many do so where the credentials do not reach, or where the path of items is not the right one; if the catalogue is really empty, say allow_empty = true, or total in the block page where the API counts`)

// end writes what is left, and looks at what was read as a whole.
func (m *mapper) end(allowEmpty bool) error {
	if err := m.flush(); err != nil {
		return err
	}
	if m.items == 0 && !allowEmpty {
		return errNoItems
	}
	m.judge()
	return nil
}

// judge warns of paths that select nothing in any item.
func (m *mapper) judge() {
	if m.items == 0 {
		return
	}
	for _, f := range m.wanted {
		if f.path != nil && !m.found[f.field.Name] {
			m.notes.warn("field %q: the path %s selects nothing in any of the %d items: check whether it is the right one", f.field.Name, f.path.text, m.items)
		}
	}
	if o := m.plan.options; o != nil && o.each != nil && !m.found["options"] && m.structures {
		m.notes.warn("the options' path %s selects nothing in any of the %d items: check whether it is the right one", o.each.text, m.items)
	}
	if m.without > 0 {
		m.notes.warn("%d of %d products have no items (path %s), such as %s", m.without, m.entries, m.plan.items.text, strings.Join(m.childless, ", "))
	}
}
