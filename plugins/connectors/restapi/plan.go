package restapi

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/plugins/sdk"
)

// plan is how items are made of an answer: the settings, parsed.
type plan struct {
	parents      *path // nil: the items stand in the answer itself
	items        *path
	fields       []*fieldPlan // in the usual order of fields
	options      *optionsPlan // nil: there are none
	structures   bool         // the field variation is offered
	currency     string
	units        map[catalog.Unit]string // of weights and of lengths; "" is not known
	currencyPath *path
	skip         bool // items that cannot be read
}

// fieldPlan is where the values of a field come from.
type fieldPlan struct {
	field    sdk.Field
	path     *path
	ofParent bool           // the path is one in the product
	constant *catalog.Value // in place of a path
	made     bool           // of the options: options, variation

	optional bool
	combine  *combiner
	digits   int // of minor units
	words    map[string]catalog.Value
}

// where says where the values come from, for people.
func (f *fieldPlan) where() string {
	switch {
	case f.made:
		return "Made of the settings for options"
	case f.constant != nil:
		return "The setting constants"
	case f.ofParent:
		return "Path " + f.path.text + " in the product"
	}
	return "Path " + f.path.text
}

func (p *plan) field(name string) *fieldPlan {
	if i := slices.IndexFunc(p.fields, func(f *fieldPlan) bool { return f.field.Name == name }); i >= 0 {
		return p.fields[i]
	}
	return nil
}

// makePlan checks the settings that say how items are made, and parses them.
func (s *Source) makePlan(m *mistakes) *plan {
	p := &plan{skip: s.OnBadItem == "skip", currency: s.Currency, units: map[catalog.Unit]string{catalog.Weight: s.WeightUnit, catalog.Length: s.LengthUnit}}
	p.items = m.list(s.Items, "items")
	if s.Parents != "" {
		p.parents = m.list(s.Parents, "parents")
	} else if len(s.ParentFields) > 0 {
		m.add("parent_fields needs parents", "Say where the products stand in an answer with parents, or move these to fields.", "parent_fields")
	}
	s.planFields(p, m)
	s.planDetails(p, m)
	s.planOptions(p, m)
	if p.field("sku") == nil {
		m.add("there is no field sku", `Say where it stands: fields = { sku = "$.sku" }.`, "fields")
	}
	if c, ok := catalog.ParseCurrency(s.Currency); s.Currency != "" && (!ok || string(c) != s.Currency || len(c) != 3) {
		m.add(fmt.Sprintf("%q is not a currency's code", s.Currency), "It is three capital letters, such as CAD.", "currency")
	}
	if s.CurrencyPath != "" {
		p.currencyPath = m.path(s.CurrencyPath, "currency_path")
		if s.Currency != "" {
			m.add("currency and currency_path exclude each other", "Take one of them out.", "currency_path")
		}
	}
	usual := catalog.KnownFields()
	rank := func(f *fieldPlan) int {
		if i := slices.IndexFunc(usual, func(k sdk.Field) bool { return k.Name == f.field.Name }); i >= 0 {
			return i
		}
		return len(usual)
	}
	slices.SortStableFunc(p.fields, func(a, b *fieldPlan) int { return rank(a) - rank(b) })
	return p
}

func (s *Source) planFields(p *plan, m *mistakes) {
	add := func(setting, name string, f *fieldPlan) {
		switch {
		case !isFieldName(name):
			m.add(fmt.Sprintf("%q is not a field's name", name), "It has lower-case letters, digits and underscores.", setting, name)
			return
		case p.field(name) != nil:
			m.add(fmt.Sprintf("the field %q is given twice", name), "A field stands in one of fields, parent_fields and constants.", setting, name)
			return
		}
		f.field = sdk.Field{Name: name, Type: s.typeOf(name, m)}
		p.fields = append(p.fields, f)
	}
	for _, name := range slices.Sorted(maps.Keys(s.Fields)) {
		add("fields", name, &fieldPlan{path: m.path(s.Fields[name], "fields", name)})
	}
	for _, name := range slices.Sorted(maps.Keys(s.ParentFields)) {
		add("parent_fields", name, &fieldPlan{path: m.path(s.ParentFields[name], "parent_fields", name), ofParent: true})
	}
	for _, name := range slices.Sorted(maps.Keys(s.Constants)) {
		value, err := parseValue(s.typeOf(name, m), s.Constants[name])
		if err != nil {
			m.add(fmt.Sprintf("constants, field %q: %v", name, err), "", "constants", name)
		}
		add("constants", name, &fieldPlan{constant: &value})
	}
}

// typeOf returns the type of a field: the known one, or what types says.
func (s *Source) typeOf(name string, m *mistakes) sdk.Type {
	t, err := catalog.ParseType(s.Types[name])
	known, ok := catalog.KnownField(name)
	switch _, said := s.Types[name]; {
	case !said && ok:
		return known.Type
	case !said:
		return sdk.String
	case err != nil:
		m.add(fmt.Sprintf("types, field %q: %v", name, err), "", "types", name)
		return sdk.String
	case ok && known.Type != t:
		m.add(fmt.Sprintf("types: the field %q is a %s, whatever the source", name, known.Type), "Take it out.", "types", name)
		return known.Type
	}
	return t
}

// planDetails takes the settings that name fields that others have given.
func (s *Source) planDetails(p *plan, m *mistakes) {
	of := func(setting, name string, needs ...sdk.Type) *fieldPlan {
		f := p.field(name)
		switch {
		case f == nil:
			m.add(fmt.Sprintf("%s: there is no field %q", setting, name), strings.TrimSpace(catalog.DidYouMean(name, p.names())+" Fields are named in fields and parent_fields."), setting, name)
			return nil
		case f.path == nil:
			m.add(fmt.Sprintf("%s: the field %q has no path", setting, name), "It is about what a path selects.", setting, name)
			return nil
		case len(needs) > 0 && !slices.Contains(needs, f.field.Type):
			m.add(fmt.Sprintf("%s: the field %q is a %s", setting, name, f.field.Type), "", setting, name)
			return nil
		}
		return f
	}
	for _, name := range s.Optional {
		switch {
		case name == "items" && p.parents != nil && p.field(name) == nil:
			if p.items != nil {
				p.items.optional = true
			}
			continue
		case name == "options" && s.Options != nil && p.field(name) == nil:
			continue // see planOptions
		}
		if f := of("optional", name); f != nil {
			f.optional = true
		}
	}
	for _, name := range slices.Sorted(maps.Keys(s.Combine)) {
		if known, ok := catalog.KnownField(name); ok && p.field(name) == nil && (known.Type == sdk.Number || known.Type == sdk.Bool) {
			continue // said ahead: it does nothing
		}
		f, i := of("combine", name, sdk.Number, sdk.Bool), slices.IndexFunc(combiners, func(c combiner) bool { return c.name == s.Combine[name] })
		switch {
		case i < 0:
			m.add(fmt.Sprintf("combine, field %q: there is no %q", name, s.Combine[name]), "It is one of: "+strings.Join(combinerNames(), ", ")+".", "combine", name)
		case f != nil && combiners[i].of != f.field.Type:
			m.add(fmt.Sprintf("combine, field %q: %s is for a %s, and the field is a %s", name, combiners[i].name, combiners[i].of, f.field.Type), "", "combine", name)
		case f != nil:
			f.combine = &combiners[i]
		}
	}
	for _, name := range slices.Sorted(maps.Keys(s.Scale)) {
		digits, err := strconv.Atoi(s.Scale[name])
		f := of("scale", name, sdk.Number)
		if err != nil || digits < 1 || digits > 9 {
			m.add(fmt.Sprintf("scale, field %q: %q is not a number of digits", name, s.Scale[name]), `It is how many decimals the amount has, from 1 to 9: "2" where 1999 means 19.99.`, "scale", name)
		} else if f != nil {
			f.digits = digits
		}
	}
	for _, name := range slices.Sorted(maps.Keys(s.Words)) {
		if f := of("words", name, sdk.String, sdk.Number, sdk.Bool); f != nil {
			m.words(f, s.Words[name])
		}
	}
	for _, name := range slices.Sorted(maps.Keys(s.Types)) {
		if p.field(name) == nil {
			of("types", name)
		}
	}
}

func (p *plan) names() []string {
	var names []string
	for _, f := range p.fields {
		names = append(names, f.field.Name)
	}
	return names
}

// isFieldName reports whether rules can name a field so.
func isFieldName(name string) bool {
	for i, r := range name {
		if r != '_' && !unicode.IsLetter(r) && (i == 0 || !unicode.IsDigit(r)) {
			return false
		}
	}
	return name != "" && strings.ToLower(name) == name
}
