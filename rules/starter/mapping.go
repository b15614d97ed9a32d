package starter

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2/hclsyntax"
	"golang.org/x/text/unicode/norm"

	"github.com/reconcilehq/reconcile/engine/catalog"
)

// Default says where the connector looks for a field if it is told nothing.
type Default struct{ Field, Column string }

// Mapping says which column of an export is which field. What the names of the columns tell is known from the start;
// Questions are what they do not tell, and Set and SetOption are the answers.
type Mapping struct {
	columns  []string // the header without its nameless columns
	defaults []Default
	answers  map[string]string // field to column; "" where there is none
	options  map[string]string // option to column
}

// NewMapping returns what a header tells by itself.
func NewMapping(header []string, defaults []Default) *Mapping {
	m := &Mapping{defaults: defaults, answers: map[string]string{}, options: map[string]string{}}
	for _, column := range header {
		if strings.TrimSpace(column) != "" {
			m.columns = append(m.columns, column)
		}
	}
	return m
}

// Columns returns the names of the columns.
func (m *Mapping) Columns() []string { return slices.Clone(m.columns) }

// Set says that a field comes from a column, or from none where column is "".
func (m *Mapping) Set(field, column string) error {
	if !hclsyntax.ValidIdentifier(field) || field != strings.ToLower(field) || strings.Contains(field, "-") {
		return fmt.Errorf("%q cannot be a field's name: use lower-case letters, digits and underscores", field)
	}
	if column != "" {
		found, err := m.column(column)
		if err != nil {
			return fmt.Errorf("field %s: %w", field, err)
		}
		column = found
	}
	m.answers[field] = column
	return nil
}

// SetOption says that an option of variants, such as Size, has a column of its own.
func (m *Mapping) SetOption(name, column string) error {
	found, err := m.column(column)
	if err != nil {
		return fmt.Errorf("option %s: %w", name, err)
	}
	m.options[name] = found
	return nil
}

// column returns the column's name as the header writes it.
func (m *Mapping) column(name string) (string, error) {
	for _, column := range m.columns {
		if same(column, name) {
			return column, nil
		}
	}
	return "", fmt.Errorf("there is no column %q; the columns are: %s", name, Quoted(m.columns))
}

// same compares columns' names as the connector does.
func same(a, b string) bool { return matched(a) == matched(b) }

func matched(column string) string {
	return norm.NFC.String(strings.ToLower(strings.TrimSpace(column)))
}

// natural returns the column that the connector takes for a field by itself; "" if there is none.
func (m *Mapping) natural(field string) string {
	for _, d := range m.defaults {
		if d.Field != field {
			continue
		}
		if i := slices.IndexFunc(m.columns, func(c string) bool { return same(c, d.Column) }); i >= 0 {
			return m.columns[i]
		}
	}
	for _, c := range m.columns {
		if strings.Join(strings.Fields(matched(c)), "_") == field {
			return c
		}
	}
	return ""
}

// assigned returns the fields with their columns, as far as they are known.
func (m *Mapping) assigned() map[string]string {
	found := map[string]string{}
	for field, column := range m.answers {
		if column != "" {
			found[field] = column
		}
	}
	for _, f := range catalog.KnownFields() {
		if column := m.natural(f.Name); column != "" && !m.answered(f.Name) && !m.isOption(column) && len(m.rivals(f.Name)) < 2 {
			found[f.Name] = column
		}
	}
	for _, w := range vocabulary() {
		if _, known := found[w.field]; known || m.answered(w.field) {
			continue
		}
		// The rules look at few fields. For the others a likely guess is better than a question.
		if sure := m.free(w.field, w.sure, found); len(sure) == 1 || len(sure) > 1 && !asked(w.field) {
			found[w.field] = sure[0]
		}
	}
	if len(m.options) > 0 {
		delete(found, "options") // option_columns goes before a column of that name
	}
	return found
}

// rivals returns the columns that could all be the name: a Description beside a Name is a longer text, most of the time.
func (m *Mapping) rivals(field string) []string {
	if field != "name" {
		return nil
	}
	return named(m.columns, strings.Fields("description name title itemname productname itemtitle producttitle"))
}

func (m *Mapping) answered(field string) bool {
	_, ok := m.answers[field]
	return ok
}

func (m *Mapping) isOption(column string) bool {
	for _, c := range m.options {
		if c == column {
			return true
		}
	}
	return false
}

// free returns the columns by these names that are no other field's. A suggested price can be the price as well.
func (m *Mapping) free(field string, names []string, found map[string]string) []string {
	return slices.DeleteFunc(named(m.columns, names), func(column string) bool {
		for other, taken := range found {
			if taken == column && other != field && (field != "price" || other != "retail_price") {
				return true
			}
		}
		return m.isOption(column)
	})
}

// Offers reports whether the source will have the field.
func (m *Mapping) Offers(field string) bool {
	found := m.assigned()
	_, ok := found[field]
	switch field {
	case "options":
		return ok || len(m.options) > 0
	case "variation":
		return ok || found["parent_sku"] != "" && m.Offers("options")
	}
	return ok
}

// Fields returns the fields with their columns, in the usual order of fields.
func (m *Mapping) Fields() []Default {
	found := m.assigned()
	var list []Default
	for _, f := range catalog.KnownFields() {
		if column, ok := found[f.Name]; ok {
			list = append(list, Default{f.Name, column})
			delete(found, f.Name)
		}
	}
	for _, field := range slices.Sorted(maps.Keys(found)) {
		list = append(list, Default{field, found[field]})
	}
	return list
}

// Named returns those of Fields that the settings have to name: the connector would look for them elsewhere.
func (m *Mapping) Named() []Default {
	return slices.DeleteFunc(m.Fields(), func(d Default) bool { return d.Column == m.natural(d.Field) })
}

// Natural returns the columns that need not be named, in the order of the file.
func (m *Mapping) Natural() []string {
	found := m.assigned()
	return m.where(func(c string) bool {
		for field, column := range found {
			if column == c && m.natural(field) == c {
				return true
			}
		}
		return false
	})
}

// Unused returns the columns that are no field and no option, in the order of the file.
func (m *Mapping) Unused() []string {
	found := m.assigned()
	return m.where(func(c string) bool {
		for _, column := range found {
			if column == c {
				return false
			}
		}
		return !m.isOption(c)
	})
}

func (m *Mapping) where(keep func(string) bool) []string {
	return slices.DeleteFunc(m.Columns(), func(c string) bool { return !keep(c) })
}

// Options returns the options that have columns of their own, sorted by name.
func (m *Mapping) Options() []Default {
	var list []Default
	for _, name := range slices.Sorted(maps.Keys(m.options)) {
		list = append(list, Default{name, m.options[name]})
	}
	return list
}

// Quoted writes names in quotes, with commas between them.
func Quoted(names []string) string {
	quoted := make([]string, len(names))
	for i, name := range names {
		quoted[i] = fmt.Sprintf("%q", name)
	}
	return strings.Join(quoted, ", ")
}
