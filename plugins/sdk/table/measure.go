package table

import (
	"fmt"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/plugins/sdk"
	"github.com/reconcilehq/reconcile/plugins/sdk/table/grid"
	"github.com/reconcilehq/reconcile/plugins/sdk/table/workbook"
)

// inUnit is what is known of the unit of a field's weights or lengths before its cells are read.
type inUnit struct {
	is      catalog.Measure
	setting bool // a setting says it, and not the column's name
}

// measureNamed returns the unit of that kind that the name of a column names: in brackets, or as the last word outside of them. It is "" if it
// names none, or several.
func measureNamed(name string, kind catalog.Unit) (is catalog.Measure) {
	name = norm.NFC.String(name)
	words, inBrackets := wordsOf(name)
	named := make([]catalog.Measure, len(words))
	last := -1 // outside of brackets
	for i, word := range words {
		if m, ok := catalog.ParseMeasure(word); ok && m.Kind() == kind && (i == 0 || !partOfUnit(words[i-1])) {
			named[i] = m
		}
		if !inBrackets[i] {
			last = i
		}
	}
	for i := range words[:max(0, len(words)-1)] {
		if strings.EqualFold(words[i], "in") && named[i+1] != "" && strings.Contains(name, words[i]+" "+words[i+1]) {
			named[i] = "" // (in cm)
		}
	}
	bracketed := false
	for i, m := range named {
		switch {
		case m == "" || !inBrackets[i]:
		case bracketed && m != is:
			return "" // (lb/oz)
		default:
			is, bracketed = m, true
		}
	}
	switch {
	case bracketed || last < 0:
	case last == 0 || named[last] == "":
		is = measureBehind(words[last], kind)
	case named[last-1] != "" && named[last-1] != named[last]: // kg/lb
	default:
		is = named[last]
	}
	return is
}

// partOfUnit reports whether a unit behind the word is not what values are in: per 100 g, troy oz, square m.
func partOfUnit(word string) bool {
	switch strings.ToLower(word) {
	case "per", "pro", "troy", "fl", "fluid", "sq", "square", "cu", "cubic":
		return true
	}
	return strings.Trim(word, "0123456789") == ""
}

// measureBehind returns the unit that a word ends in, as programs write names: weightKg. One letter says too little.
func measureBehind(word string, kind catalog.Unit) catalog.Measure {
	lower := false
	from := -1
	for at, r := range word {
		if unicode.IsUpper(r) && lower {
			from = at
		}
		lower = unicode.IsLower(r)
	}
	if from < 0 || from == len(word)-1 {
		return ""
	}
	if m, ok := catalog.ParseMeasure(word[from:]); ok && m.Kind() == kind {
		return m
	}
	return ""
}

// unitSetting returns the setting that says what the values of a kind are in, with its value; none for other kinds.
func (s *Settings) unitSetting(kind catalog.Unit) (setting string, is catalog.Measure) {
	switch kind {
	case catalog.Weight:
		return "weight_unit", catalog.Measure(s.WeightUnit)
	case catalog.Length:
		return "length_unit", catalog.Measure(s.LengthUnit)
	}
	return "", ""
}

// measures takes what the settings and the columns' names say of weights and lengths. It is an error where they say two units.
func (l *layout) measures(t *Table) (problems []error) {
	for _, f := range catalog.KnownFields() {
		setting, said := t.Settings.unitSetting(catalog.UnitOf(f.Name))
		o, ok := l.from[f.Name]
		if !ok || o.column < 0 || setting == "" {
			continue
		}
		column := l.header.names[o.column]
		named := measureNamed(column, catalog.UnitOf(f.Name))
		if said != "" && mayBeAnother(column) {
			named = "" // the setting knows better
		}
		switch {
		case said != "" && named != "" && said != named:
			problems = append(problems, fmt.Errorf("the column %q is in %s, as its name says, and %s says %s: have them agree, or give the column another name", column, named, setting, said))
		case said != "":
			l.units[f.Name] = inUnit{said, true}
		case named != "":
			l.units[f.Name] = inUnit{named, false}
		}
	}
	return problems
}

// mayBeAnother reports whether the last word of a column's name, outside of brackets, is a unit that may stand for something else: the G of gross,
// the M of a size.
func mayBeAnother(column string) bool {
	words, inBrackets := wordsOf(column)
	if slices.Contains(inBrackets, true) || len(words) == 0 {
		return false
	}
	return slices.Contains([]string{"g", "t", "m", "in"}, strings.ToLower(words[len(words)-1]))
}

// namedMeasures says which units of the fields were taken from the names of their columns; "" if none was.
func (l *layout) namedMeasures(fields []sdk.Field) string {
	var list []string
	for _, f := range fields {
		if in, ok := l.units[f.Name]; ok && !in.setting {
			setting, _ := (&Settings{}).unitSetting(catalog.UnitOf(f.Name))
			list = append(list, fmt.Sprintf("%s in %s as its column %q says (guessed; can be set with %s)", f.Name, in.is, l.header.names[l.from[f.Name].column], setting))
		}
	}
	return strings.Join(list, ", ")
}

// unitRows are rows whose cells can name the units of their columns.
type unitRows interface {
	unitOf(column int) (unitSeen, bool)
}

// tellUnits tells the units of weights and lengths, those that the cells' formats name too. It is an error where these and the settings, or
// the column's name, say two.
func (l *layout) tellUnits(w *sdk.Writer, rows grid.Rows) error {
	formats, _ := rows.(unitRows)
	for _, f := range w.Fields() {
		in, told := l.units[f.Name]
		if o, ok := l.from[f.Name]; ok && o.column >= 0 && formats != nil {
			if seen, ok := formats.unitOf(o.column); ok && seen.is != "" && seen.is.Kind() == catalog.UnitOf(f.Name) {
				if told && seen.is != in.is {
					setting, _ := (&Settings{}).unitSetting(catalog.UnitOf(f.Name))
					by := "its column's name says " + string(in.is)
					if in.setting {
						by = setting + " says " + string(in.is)
					}
					return fmt.Errorf("the field %s: the number format of %s puts %s beside the number, and %s: have them agree", f.Name, seen.cell, grid.Quote(seen.words), by)
				}
				in, told = inUnit{is: seen.is}, true
			}
		}
		if told {
			w.Unit(f.Name, string(in.is))
		}
	}
	return nil
}

// unitSeen is a unit that the number format of a weight or a length names.
type unitSeen struct {
	is          catalog.Measure // "" if it is none that is known
	words, cell string
}

// unitOf returns the unit that the formats of a column's cells name.
func (r *xlsxRows) unitOf(column int) (unitSeen, bool) {
	seen, ok := r.units[column]
	return seen, ok
}

// feet stand beside a length like the inches' ".
const feet = "'′"

// unitBeside returns the unit that stands beside a cell's number, and all the words there that may be one: in small letters, "" for none. It is
// an error where there are two.
func (r *xlsxRows) unitBeside(c workbook.Cell) (is catalog.Measure, words string, err error) {
	var all []string
	for _, text := range r.rows.Beside(c) {
		text = strings.Trim(strings.ToLower(text), ". \u00a0")
		unit, ok := catalog.ParseMeasure(text)
		if text != "" && strings.Contains(feet, text) {
			unit, ok = catalog.ParseMeasure("ft")
		}
		if !ok && !strings.ContainsFunc(text, unicode.IsLetter) {
			continue
		}
		if ok && is != "" && unit != is {
			return "", "", fmt.Errorf("the cell's number format puts two units beside the number, %s and %s: give the cell a format with one", is, unit)
		}
		if ok {
			is = unit
		}
		if !slices.Contains(all, text) {
			all = append(all, text)
		}
	}
	return is, strings.Join(all, " "), nil
}

// measured says what in a cell's number format shows another value than its field has: a percentage is no amount and no weight, and
// kg beside one weight and g beside another are two units in one column, of which a field has one. inUnit says that the format names a unit, so
// that what else could be a currency is none.
func (r *xlsxRows) measured(c workbook.Cell, want grid.Cell) (inUnit bool, err error) {
	f := r.rows.Format(c)
	if f == nil || !want.Money && !want.Measure {
		return false, nil
	}
	if f.Percent() {
		return false, fmt.Errorf("the cell's number format shows %s as a percentage, which is no value of this field: give the cell a format for numbers", c.Plain())
	}
	if !want.Measure {
		return false, nil
	}
	is, words, err := r.unitBeside(c)
	if err != nil || words == "" {
		return false, err
	}
	at := workbook.ColumnName(c.Column) + fmt.Sprint(r.rows.Row())
	seen, known := r.units[want.Column]
	switch {
	case !known:
		if r.units == nil {
			r.units = map[int]unitSeen{}
		}
		r.units[want.Column] = unitSeen{is, words, at}
	case seen.words != words && (is == "" || is != seen.is):
		return false, fmt.Errorf("the cell's number format puts %s beside the number, and that of %s puts %s: write all of the column in one unit", grid.Quote(words), seen.cell, grid.Quote(seen.words))
	}
	return is != "", nil
}
