package catalog

import (
	"slices"
	"strings"
)

var variationEscapes = strings.NewReplacer(`\`, `\\`, `|`, `\|`, `=`, `\=`)

// VariationBuilder derives a parent's option structure, the field variation, from the options of its variants: Add each
// variant's, then take List. Every source derives it here, so that two sources with the same variants give the same
// structure. The zero value is ready to use. A VariationBuilder is for one goroutine.
type VariationBuilder struct {
	options []variationOption // sorted by name
}

type variationOption struct {
	name   string
	values []string // sorted, distinct
}

// Add takes the options of one variant, in any order. It keeps no reference to the slice.
func (b *VariationBuilder) Add(options []Entry) {
	for _, e := range options {
		// Names and values are compared as the SDK sends them.
		name, value := NormalText(e.Key), NormalText(e.Value)
		at, found := slices.BinarySearchFunc(b.options, name, func(o variationOption, name string) int {
			return strings.Compare(o.name, name)
		})
		if !found {
			// Cloned, because names and values are often parts of a whole row's text.
			b.options = slices.Insert(b.options, at, variationOption{name: strings.Clone(name)})
		}
		o := &b.options[at]
		if at, found = slices.BinarySearch(o.values, value); !found {
			o.values = slices.Insert(o.values, at, strings.Clone(value))
		}
	}
}

// List returns one entry Name=value|value for each option, values sorted and distinct, entries sorted by name; nil if no
// options were added. A bar, an equals sign or a backslash within a name or a value has a backslash before it.
func (b *VariationBuilder) List() []string {
	var list []string
	for _, o := range b.options {
		var entry strings.Builder
		_, _ = variationEscapes.WriteString(&entry, o.name)
		for i, value := range o.values {
			entry.WriteByte("=|"[min(i, 1)])
			_, _ = variationEscapes.WriteString(&entry, value)
		}
		list = append(list, entry.String())
	}
	return list
}
