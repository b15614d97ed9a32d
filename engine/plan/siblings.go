package plan

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/engine/report"
	"github.com/reconcilehq/reconcile/engine/verdict"
	"github.com/reconcilehq/reconcile/rules"
)

// family is items of the store that share fields: a parent and its variants.
type family struct {
	id      string
	members []*member
}

// member is one of them.
type member struct {
	draft  *draft
	key    string
	before []catalog.Value // as it is, with its own changes
	cells  []rules.Cell    // of that
	own    bool            // something is planned for it
}

// agree looks at the siblings of all items for which a shared field is set. They change with it, so none of them must be worse for it, and
// what is intentional must stay as it is.
func (p *planner) agree(drafts []*draft) error {
	families := map[string]*family{}
	var order []*family
	planned := map[int64]*draft{}
	for _, d := range drafts {
		if !d.it.Store.Has() {
			continue
		}
		planned[d.it.Store.Place] = d
		if id := p.familyOf(d.it); d.shares() && families[id] == nil {
			families[id] = &family{id: id}
			order = append(order, families[id])
		}
	}
	for it, err := range p.Result.Items {
		if err != nil {
			return err
		}
		if !it.Store.Has() {
			continue
		}
		f := families[p.familyOf(it)]
		if f == nil {
			continue
		}
		d := planned[it.Store.Place]
		m := &member{draft: d, own: d != nil && d.it.Status == verdict.Matched}
		if !m.own {
			m.draft = &draft{it: it, values: p.valuesOf(it)}
		}
		m.key = p.key(it)
		f.members = append(f.members, m)
	}
	for _, f := range order {
		p.agreeOn(f)
	}
	return nil
}

// familyOf returns the SKU of the item's parent in the store, or its own if it names none, as items are paired by it.
func (p *planner) familyOf(it *report.Item) string {
	id, _ := it.SKUOn(verdict.Store)
	if p.parents >= 0 {
		if parent := it.Store.Batch.Column(p.parents).(*catalog.Strings).At(it.Store.I); !catalog.Blank(parent) {
			id = parent
		}
	}
	if keys, known := p.Program.KeysOf(verdict.Store, []string{id}); known && !p.Program.KeyIsSKU() {
		id = keys.At(0)
	}
	return strings.Clone(id)
}

// agreeOn bans shared fields until all members of a family can live with those that are left. Of the fields that were banned together some
// may be no harm alone.
func (p *planner) agreeOn(f *family) {
	banned := map[string]string{}
	for more := p.complaints(f); len(more) > 0; more = p.complaints(f) {
		maps.Copy(banned, more)
		p.redraft(f, banned)
	}
	for again := len(banned) > 0; again; {
		again = false
		for _, name := range slices.Sorted(maps.Keys(banned)) {
			fewer := maps.Clone(banned)
			delete(fewer, name)
			if p.redraft(f, fewer); len(p.complaints(f)) == 0 {
				banned, again = fewer, true
			}
		}
		p.redraft(f, banned)
	}
	p.complaints(f) // of which there are none; the cells are those of the last look
	shared := f.shared()
	f.note(p, shared)
	p.follow(f, shared, banned)
}

// follow plans what members need, or can have, because a field that they share changes. No further field that is shared is set for it: a
// sibling would have to be asked again.
func (p *planner) follow(f *family, shared map[int]catalog.Value, banned map[string]string) {
	alone := maps.Clone(banned)
	for name, w := range p.Writable {
		if w.Parent && alone[name] == "" {
			alone[name] = "it is shared with siblings, and changes for one of them: plan again"
		}
	}
	for _, m := range f.members {
		before := slices.Clone(m.draft.values)
		for column, will := range shared {
			m.draft.values[column] = will
		}
		if m.own && !slices.EqualFunc(before, m.draft.values, catalog.Value.Equal) {
			p.extend(m.draft, m.key, alone)
		}
	}
}

// redraft plans the members anew.
func (p *planner) redraft(f *family, banned map[string]string) {
	for _, m := range f.members {
		if m.own {
			*m.draft = *p.drafted(m.draft.it, banned)
		}
	}
}

// shared returns the values that shared fields are set to, by column.
func (f *family) shared() map[int]catalog.Value {
	shared := map[int]catalog.Value{}
	for _, m := range f.members {
		for _, s := range m.draft.sets {
			if s.shared {
				shared[s.column] = s.will
			}
		}
	}
	return shared
}

// complaints returns the fields that are set and that not all members can live with, and why.
func (p *planner) complaints(f *family) map[string]string {
	banned := map[string]string{}
	ban := func(column int, why string) {
		if name := p.Program.Store.Field(column).Name; banned[name] == "" {
			banned[name] = why
		}
	}
	shared := f.shared()
	for _, m := range f.members {
		for _, s := range m.draft.sets {
			switch {
			case !s.shared:
			case p.parents < 0:
				ban(s.column, "items of the store do not name their parents, so nobody knows which others change with it")
			case !shared[s.column].Equal(s.will):
				ban(s.column, "siblings want different values of a field that they share")
			}
		}
	}
	if len(banned) == 0 {
		for _, m := range f.members {
			p.ask(m, shared, ban)
		}
	}
	return banned
}

// ask bans fields that make a member worse.
func (p *planner) ask(m *member, shared map[int]catalog.Value, ban func(int, string)) {
	d := m.draft
	m.before = d.values
	m.cells = p.evaluate(d, m.key, m.before)
	values, changed := slices.Clone(d.values), []int(nil)
	for column, will := range shared {
		if !values[column].Equal(will) {
			values[column] = will
			changed = append(changed, column)
		}
	}
	if len(changed) == 0 {
		d.then = m.cells
		return
	}
	slices.Sort(changed)
	d.then = p.evaluate(d, m.key, values)
	mended := map[int]bool{}
	for _, s := range d.sets {
		for _, rule := range s.rules {
			mended[rule] = true
		}
	}
	for i, cell := range d.then {
		was := m.cells[i].State
		if p.worse(i, m.cells[i], cell) || mended[i] && cell.State != verdict.Synchronized || was == verdict.Intentional && cell.State != was {
			sku, _ := d.it.SKUOn(verdict.Store)
			for _, column := range changed {
				ban(column, fmt.Sprintf("%s shares it, and its %s would not read %s any more", sku, p.Program.Rules[i].Code, was))
			}
			return
		}
	}
}

// note tells the drafts which siblings change with them.
func (f *family) note(p *planner, shared map[int]catalog.Value) {
	for _, m := range f.members {
		if !m.own || !m.draft.shares() {
			continue
		}
		m.draft.parent, m.draft.also = f.id, map[string][]string{}
		for _, s := range m.draft.sets {
			if !s.shared {
				continue
			}
			name := p.Program.Store.Field(s.column).Name
			for _, other := range f.members {
				if sets := slices.ContainsFunc(other.draft.sets, func(o set) bool { return o.column == s.column }); !sets && !other.draft.values[s.column].Equal(shared[s.column]) {
					sku, _ := other.draft.it.SKUOn(verdict.Store)
					m.draft.also[name] = append(m.draft.also[name], sku)
				}
			}
		}
	}
}

// changes returns the changes of a draft that everybody agrees to.
func (p *planner) changes(d *draft) (list []Change) {
	if len(d.sets) == 0 {
		return nil
	}
	sku, _ := d.it.SKUOn(verdict.Store)
	slices.SortFunc(d.sets, func(a, b set) int { return a.column - b.column })
	for _, s := range d.sets {
		f := p.Program.Store.Field(s.column)
		c := Change{Step: ItemFields, SKU: sku, Name: d.it.Name(), Field: f.Name, Type: f.Type, Expected: s.before, Desired: s.desired, Will: s.will,
			Now: p.cellsOf(d.now), Then: p.cellsOf(d.then), Why: p.why(d.it, s.rules)}
		if p.ID != nil {
			c.ID = p.ID(sku)
		}
		switch {
		case s.shared:
			c.Step, c.Parent, c.Also = ProductFields, d.parent, d.also[f.Name]
		case catalog.UnitOf(f.Name) == catalog.Pieces:
			c.Step = Quantities
		}
		slices.Sort(s.rules)
		for _, rule := range s.rules {
			c.Rules = append(c.Rules, p.Program.Rules[rule].Code)
		}
		list = append(list, c)
	}
	return list
}

// cellsOf returns the cells by code.
func (p *planner) cellsOf(cells []rules.Cell) Cells {
	said := Cells{}
	for i, c := range cells {
		if c.State != verdict.NotThere {
			said[p.Program.Rules[i].Code] = c.State.String()
		}
	}
	return said
}

// why returns the values that rules were decided by: "pos.price is 12.5, store.price is 10".
func (p *planner) why(it *report.Item, places []int) string {
	var said []string
	for _, rule := range places {
		for _, f := range p.Program.Rules[rule].Fields {
			text := "unknown"
			if v := it.Row(f.Side).Value(f.Field); !v.IsNull() {
				text = v.Text()
			}
			if v := it.Row(f.Side).Value(f.Field); v.Type() == catalog.String {
				text = fmt.Sprintf("%q", text)
			}
			if s := fmt.Sprintf("%s.%s is %s", f.Side, f.Field, text); !slices.Contains(said, s) {
				said = append(said, s)
			}
		}
	}
	return strings.Join(said, ", ")
}
