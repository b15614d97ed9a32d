package table

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/plugins/sdk"
)

// layout says where each field of a table with a certain header comes from.
type layout struct {
	header *header
	fields []sdk.Field
	from   map[string]origin
	filter int               // the column of Table.Filter, or -1
	named  map[string]money  // what the columns' names say of the currencies of fields
	units  map[string]inUnit // of weights and lengths, as far as the settings or the columns' names say it
}

// origin is where a field comes from: a column, columns for one option each, or neither for the derived variation.
type origin struct {
	column  int // -1 if there are options or the field is derived
	options []option
}

type option struct {
	name   string
	column int
}

// layoutOf finds the fields in a header. Its error joins everything that is wrong.
func (t *Table) layoutOf(names []string) (*layout, error) {
	l := &layout{header: newHeader(names), from: map[string]origin{}, filter: -1, named: map[string]money{}, units: map[string]inUnit{}}
	problems := l.mapped(t)
	problems = append(problems, l.defaults(t)...)
	problems = append(problems, l.own(t)...)
	problems = append(problems, l.currencies(t)...)
	problems = append(problems, l.measures(t)...)
	for _, field := range slices.Sorted(maps.Keys(t.Settings.Types)) {
		if _, ok := l.from[field]; !ok && field != "variation" {
			problems = append(problems, fmt.Errorf("types: there is no field %q%s", field, suggestion(field, slices.Sorted(maps.Keys(l.from)))))
		}
	}
	if _, ok := l.from["sku"]; !ok && len(problems) == 0 {
		problems = append(problems, fmt.Errorf("there is no column for the field sku: say which it is with columns = { sku = \"...\" }; the columns are: %s",
			strings.Join(l.header.list(), ", ")))
	}
	if len(problems) > 0 {
		return nil, errors.Join(problems...)
	}
	l.derive()
	l.order(t)
	return l, nil
}

// mapped takes what the settings name.
func (l *layout) mapped(t *Table) (problems []error) {
	for _, field := range slices.Sorted(maps.Keys(t.Settings.Columns)) {
		if at, err := l.header.find(t.Settings.Columns[field]); err != nil {
			problems = append(problems, fmt.Errorf("columns, field %q: %w", field, err))
		} else {
			l.from[field] = origin{column: at}
		}
	}
	var options []option
	for _, name := range slices.Sorted(maps.Keys(t.Settings.OptionColumns)) {
		if at, err := l.header.find(t.Settings.OptionColumns[name]); err != nil {
			problems = append(problems, fmt.Errorf("option_columns, option %q: %w", name, err))
		} else {
			options = append(options, option{strings.TrimSpace(name), at})
		}
	}
	if len(options) > 0 {
		l.from["options"] = origin{column: -1, options: options}
	}
	if t.Filter != nil {
		at, err := l.header.find(t.Filter.Column)
		if err != nil {
			problems = append(problems, fmt.Errorf("%s: %w", t.Filter.Setting, err))
		}
		l.filter = at
	}
	return problems
}

// defaults takes the columns that the connector expects, those of them that are there.
func (l *layout) defaults(t *Table) (problems []error) {
	for _, d := range t.Defaults {
		if _, taken := l.from[d.Field]; taken || t.Settings.Columns[d.Field] != "" || !l.header.has(d.Column) {
			continue
		}
		at, err := l.header.find(d.Column)
		if err != nil {
			problems = append(problems, err)
		}
		l.from[d.Field] = origin{column: at}
	}
	return problems
}

// own takes the columns that are named as a field is. Of columns that give the same name, none is taken, which is an
// error where the field matters: it is a known one, or types names it.
func (l *layout) own(t *Table) (problems []error) {
	columns := map[string][]int{}
	for i, name := range l.header.names {
		field := fieldName(name)
		columns[field] = append(columns[field], i)
	}
	for _, field := range slices.Sorted(maps.Keys(columns)) {
		if _, taken := l.from[field]; taken || field == "" || t.Settings.Columns[field] != "" {
			continue
		}
		_, known := catalog.KnownField(field)
		_, typed := t.Settings.Types[field]
		switch at := columns[field]; {
		case !known && !typed && !t.AllColumns:
		case len(at) == 1:
			l.from[field] = origin{column: at[0]}
		case known || typed:
			problems = append(problems, fmt.Errorf("the field %q could come from %d columns, such as %q and %q: say which with columns = { %s = \"...\" } or rename one",
				field, len(at), l.header.names[at[0]], l.header.names[at[1]], field))
		}
	}
	return problems
}

// derive adds variation where the rows say which belong together and what options they have.
func (l *layout) derive() {
	_, given := l.from["variation"]
	_, parent := l.from["parent_sku"]
	_, options := l.from["options"]
	if !given && parent && options {
		l.from["variation"] = origin{column: -1}
	}
}

// columnNames returns the columns of fields that come from one column which alone is called so.
func (l *layout) columnNames() map[string]string {
	names := map[string]string{}
	for field, from := range l.from {
		if from.column < 0 {
			continue
		}
		name := l.header.names[from.column]
		if at, err := l.header.find(name); err == nil && at == from.column {
			names[field] = name
		}
	}
	return names
}

// order lists the fields: the known ones in their usual order, then the others as their columns stand.
func (l *layout) order(t *Table) {
	for _, f := range catalog.KnownFields() {
		if o, ok := l.from[f.Name]; ok {
			if o.column >= 0 {
				f.Doc += fmt.Sprintf(" Column %q.", l.header.names[o.column])
			}
			l.fields = append(l.fields, f)
		}
	}
	var others []string
	for field := range l.from {
		if _, known := catalog.KnownField(field); !known {
			others = append(others, field)
		}
	}
	slices.SortFunc(others, func(a, b string) int {
		if byColumn := l.from[a].column - l.from[b].column; byColumn != 0 {
			return byColumn
		}
		return strings.Compare(a, b)
	})
	for _, field := range others {
		l.fields = append(l.fields, sdk.Field{Name: field, Type: t.Settings.fieldType(field),
			Doc: fmt.Sprintf("Column %q.", l.header.names[l.from[field].column])})
	}
}
