package restapi

import (
	"fmt"
	"maps"
	"slices"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/plugins/sdk"
)

// options are the settings of options that stand in a list of the item.
type options struct {
	Each   string `setting:"each,required,live" doc:"The path of the options in an item, one node an option: $.selectedOptions[*]."`
	Name   string `setting:"name,required,live" doc:"The path of the option's name in such a node: $.name."`
	Value  string `setting:"value,required,live" doc:"The path of this variant's value in such a node: $.value. An option whose value is null is left out."`
	Parent string `setting:"parent,live" doc:"The path of what all variants of a product have in common, in an item: $.product.id. The field variation is made of all items that have it in common. Left out, it is the product where parents is set, else the field parent_sku, if there is one."`
}

// optionsPlan is the same, parsed.
type optionsPlan struct {
	each, name, value *path
	parent            *path // in an item; nil: see structures
	fields            []optionPlace
}

type optionPlace struct {
	name string
	path *path
}

// planOptions takes the settings for options, and offers the fields that are made of them.
func (s *Source) planOptions(p *plan, m *mistakes) {
	if s.Options == nil && len(s.OptionFields) == 0 {
		return
	}
	o := &optionsPlan{}
	if s.Options != nil {
		o.each, o.name, o.value = m.path(s.Options.Each, "options", "each"), m.path(s.Options.Name, "options", "name"), m.path(s.Options.Value, "options", "value")
		if o.each != nil {
			o.each.optional = slices.Contains(s.Optional, "options")
		}
		if s.Options.Parent != "" {
			o.parent = m.path(s.Options.Parent, "options", "parent")
		}
	}
	for _, name := range slices.Sorted(maps.Keys(s.OptionFields)) {
		o.fields = append(o.fields, optionPlace{name, m.path(s.OptionFields[name], "option_fields", name)})
	}
	p.options = o
	if sku := p.field("parent_sku"); o.parent == nil && p.parents == nil && sku != nil && sku.path != nil {
		o.parent = sku.path
	}
	p.structures = o.parent != nil || p.parents != nil
	s.offerMade(p, m, "options")
	if p.structures && p.field("variation") == nil {
		s.offerMade(p, m, "variation")
	}
}

// offerMade offers a field that is made of the options.
func (s *Source) offerMade(p *plan, m *mistakes, name string) {
	if p.field(name) != nil {
		m.add(fmt.Sprintf("the field %q comes from two places", name), "Options come from fields, from the block options or option_fields.", "fields", name)
		return
	}
	known, _ := catalog.KnownField(name)
	p.fields = append(p.fields, &fieldPlan{field: sdk.Field{Name: name, Type: known.Type}, made: true})
}

// of returns the options of an item.
func (o *optionsPlan) of(item any) ([]catalog.Entry, error) {
	var entries []catalog.Entry
	add := func(name, value string) error {
		if name == "" {
			return fmt.Errorf("the option with the value %q has no name", shortened(value))
		}
		if slices.ContainsFunc(entries, func(e catalog.Entry) bool { return catalog.NormalText(e.Key) == catalog.NormalText(name) }) {
			return fmt.Errorf("the option %q is there twice", shortened(name))
		}
		entries = append(entries, catalog.Entry{Key: name, Value: value})
		return nil
	}
	if o.each != nil {
		list, err := o.each.list(item)
		if err != nil {
			return nil, fmt.Errorf("options, each %s: %w; if items without any have no list there, or null, name \"options\" in optional", o.each.text, err)
		}
		for i, node := range list {
			name, nameErr := o.text(o.name, node)
			value, valueErr := o.text(o.value, node)
			switch {
			case nameErr != nil:
				return nil, fmt.Errorf("option %d, path %s: %w", i+1, o.name.text, nameErr)
			case valueErr != nil:
				return nil, fmt.Errorf("option %d, path %s: %w", i+1, o.value.text, valueErr)
			case name == nil:
				return nil, fmt.Errorf("option %d, path %s: the option's name is null", i+1, o.name.text)
			case value == nil:
				continue
			}
			if err := add(*name, *value); err != nil {
				return nil, err
			}
		}
	}
	for _, place := range o.fields {
		nodes := place.path.nodes(item)
		if len(nodes) == 0 || len(nodes) == 1 && nodes[0] == nil {
			continue // the item lacks the option
		}
		if len(nodes) > 1 {
			return nil, fmt.Errorf("option %q: the path %s selects %d values where one is expected", place.name, place.path.text, len(nodes))
		}
		text, err := textOf(nodes[0])
		if err != nil {
			return nil, fmt.Errorf("option %q, path %s: %w", place.name, place.path.text, err)
		}
		if err := add(place.name, text); err != nil {
			return nil, err
		}
	}
	return entries, nil
}

// text returns the only text that a path selects; nil if that is null.
func (o *optionsPlan) text(p *path, node any) (*string, error) {
	nodes := p.nodes(node)
	switch {
	case len(nodes) != 1:
		return nil, fmt.Errorf("the path selects %d values where one is expected", len(nodes))
	case nodes[0] == nil:
		return nil, nil
	}
	text, err := textOf(nodes[0])
	return &text, err
}
