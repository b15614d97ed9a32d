package table

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/plugins/sdk"
)

// Settings are the settings that say how a table's columns become fields. Connectors embed them.
type Settings struct {
	Columns       map[string]string `setting:"columns" doc:"Which column each field comes from, as field = \"column\". Columns are matched without regard to case. A column that is named here must be there."`
	OptionColumns map[string]string `setting:"option_columns" doc:"The columns that hold one option each, as name = \"column\", if the options do not stand together in a column that reads Name:Value|Name:Value. White space around the values does not count; an empty cell means that the item lacks the option."`
	Types         map[string]string `setting:"types" doc:"The types of fields that reconcile does not know, as field = \"number\" (or string, bool, list, map); they are strings if nothing is said. Lists read item;item, maps Name:Value|Name:Value."`
	Currency      string            `setting:"currency" doc:"The currency of the prices, as its code, such as CAD. A price whose mark says another one is a row that cannot be read. If it is left out, the name of a column (Price CAD) and the marks say it (CA$9.95, 9.95 USD), as far as there are any; one that is taken from a name is told. A column whose name says another one is an error. The run fails where a rule would compare prices of two currencies."`
	WeightUnit    string            `setting:"weight_unit" values:"mg|g|kg|t|oz|lb" doc:"The unit of weights. If it is left out, the name of the column (Weight (kg)) and the number formats of a workbook say it, as far as they do. The run fails where a rule would compare weights in two units as they are."`
	LengthUnit    string            `setting:"length_unit" values:"mm|cm|m|in|ft|yd" doc:"The unit of width, height and depth; else as weight_unit."`
	Unknown       []string          `setting:"unknown" doc:"Texts that stand for an unknown number or bool, beside an empty cell: N/A, not stocked. White space around them and case do not matter. In other fields they stand as they are."`
	OnBadRow      string            `setting:"on_bad_row" default:"fail" values:"fail|skip" doc:"What to do about a row that cannot be read: fail the run, or skip the row: a warning lists it, and its item is reported as unreadable, not as missing."`
}

// Validate returns a *sdk.SettingError for each mistake that shows without the table.
func (s *Settings) Validate() []error {
	var problems []error
	problem := func(setting, summary string, args ...any) {
		problems = append(problems, &sdk.SettingError{Path: []string{setting}, Summary: fmt.Sprintf(summary, args...)})
	}
	for _, field := range slices.Sorted(maps.Keys(s.Columns)) {
		if !isFieldName(field) {
			problem("columns", "%q cannot be a field's name: use lower-case letters, digits and underscores", field)
		}
		if strings.TrimSpace(s.Columns[field]) == "" {
			problem("columns", "field %q has no column", field)
		}
	}
	names := map[string]bool{}
	for _, option := range slices.Sorted(maps.Keys(s.OptionColumns)) {
		name := strings.TrimSpace(option)
		if name == "" || names[name] {
			problem("option_columns", "option %q has no name of its own", option)
		}
		names[name] = true
		if strings.TrimSpace(s.OptionColumns[option]) == "" {
			problem("option_columns", "option %q has no column", option)
		}
	}
	if _, both := s.Columns["options"]; both && len(s.OptionColumns) > 0 {
		problem("option_columns", "options come either from columns of their own or from the column that columns names for them")
	}
	if c, ok := catalog.ParseCurrency(s.Currency); s.Currency != "" && (!ok || string(c) != s.Currency || len(c) != 3) {
		problem("currency", "%q is not a currency's code: it is three capital letters, such as CAD", s.Currency)
	}
	for _, field := range slices.Sorted(maps.Keys(s.Types)) {
		t, err := catalog.ParseType(s.Types[field])
		if err != nil {
			problem("types", "field %q: %v", field, err)
		} else if known, ok := catalog.KnownField(field); ok && known.Type != t {
			problem("types", "field %q is a %s, whatever the source", field, known.Type)
		}
	}
	for _, text := range s.Unknown {
		if strings.TrimSpace(text) == "" {
			problem("unknown", "an empty cell is unknown anyway: name the texts that are, too")
		}
	}
	return problems
}

// fieldType returns the type of a field: the known one, or what types says.
func (s *Settings) fieldType(field string) sdk.Type {
	if known, ok := catalog.KnownField(field); ok {
		return known.Type
	}
	if t, err := catalog.ParseType(s.Types[field]); err == nil {
		return t
	}
	return sdk.String
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
