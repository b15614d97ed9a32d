package setup

import (
	"context"
	"errors"
	"fmt"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/gocty"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/plugins/sdk/table"
	"github.com/reconcilehq/reconcile/rules/starter"
)

// fileSource is a source that reads a file, and the settings that flags give it.
type fileSource struct {
	connector   string
	path        string
	pathSetting string   // that names the path
	flag        string   // that gives settings
	flags       []string // name=value

	block *block // the settings that are given
	how   table.FileSettings
}

// readSettings finds out what the flags say of how a file is to be read.
func (i *setup) readSettings(ctx context.Context, f *fileSource) error {
	f.block = newBlock("")
	if len(f.flags) > 0 {
		takes, err := i.describe(ctx, "", f.connector)
		if err != nil {
			return err
		}
		if err := i.applySettings(f.block, takes, f.flag, f.flags); err != nil {
			return err
		}
	}
	for name, by := range map[string]string{f.pathSetting: "--pos and --store", "columns": "--column and --store-column", "option_columns": "--option and --store-option"} {
		if _, given := f.block.values[name]; given {
			return fmt.Errorf("%s %s: that is said with %s", f.flag, name, by)
		}
	}
	var number int
	for name, into := range map[string]any{"format": (*string)(&f.how.Format), "delimiter": &f.how.Delimiter, "quote": &f.how.Quote, "decimal": &f.how.Decimal,
		"header_row": &number, "sheet": &f.how.Sheet, "encoding": &f.how.Encoding} {
		text, given := f.block.values[name]
		if !given {
			continue
		}
		if err := constant(text, into); err != nil {
			return fmt.Errorf("%s %s: %w", f.flag, name, err)
		}
		if name == "header_row" {
			f.how.HeaderRow = &number
		}
	}
	if problems := f.how.Validate(f.path, f.pathSetting); len(problems) > 0 {
		return fmt.Errorf("%s: %w", f.path, problems[0])
	}
	return nil
}

// constant evaluates what a setting is given as HCL.
func constant(text string, into any) error {
	e, diags := hclsyntax.ParseExpression([]byte(text), "", hcl.InitialPos)
	if diags.HasErrors() {
		return errors.New("it cannot be understood: " + text)
	}
	v, diags := e.Value(nil)
	if diags.HasErrors() || v.IsNull() {
		return errors.New("the file is looked at now: give the value itself, not where it comes from")
	}
	if v.Type() != cty.String && v.Type() != cty.Number {
		return errors.New("it cannot be understood: " + text)
	}
	return gocty.FromCtyValue(v, into)
}

// header reads the names of the file's columns.
func (f *fileSource) header(ctx context.Context, fit func(names []string) error) ([]string, error) {
	rows, header, err := table.NewFile(f.path, f.how).Open(ctx, fit)
	if err != nil {
		return nil, err
	}
	if err := rows.Close(); err != nil {
		return nil, fmt.Errorf("read %s: %w", f.path, err)
	}
	if fit(header) != nil {
		if text := f.below(ctx, fit); text != "" {
			return nil, errors.New(text)
		}
	}
	return header, nil
}

// below says where a header that fits stands further down than is looked for it; "" if nowhere.
func (f *fileSource) below(ctx context.Context, fit func(names []string) error) string {
	row := table.NewFile(f.path, f.how).HeaderBelow(ctx, fit)
	if row == 0 {
		return ""
	}
	return fmt.Sprintf("the header of %s is looked for in its first rows, and seems to be row %d: say it with %s header_row=%[2]d", f.path, row, f.flag)
}

// settingsOf returns the settings of the file's source, but for its path and columns. Where the numbers of the file's fields have decimal
// commas, and no flag says what starts their decimals, that is one of them.
func (i *setup) settingsOf(ctx context.Context, f *fileSource, m *starter.Mapping) ([]starter.Setting, error) {
	if _, given := f.block.values["decimal"]; !given {
		commas, err := f.hasCommas(ctx, m)
		if err != nil {
			return nil, err
		}
		if commas {
			f.block.set("decimal", `","`)
			i.term.Say("%s has decimal commas, as in 12,50: it is read with decimal = \",\".", f.path)
		}
	}
	var settings []starter.Setting
	for _, name := range f.block.names {
		settings = append(settings, starter.Setting{Name: name, Value: f.block.values[name]})
	}
	return settings, nil
}

// hasCommas reports whether numbers of the mapped columns have decimal commas, and none has a decimal point.
func (f *fileSource) hasCommas(ctx context.Context, m *starter.Mapping) (bool, error) {
	var columns []string
	for _, d := range m.Fields() {
		if known, ok := catalog.KnownField(d.Field); ok && known.Type == catalog.Number {
			columns = append(columns, d.Column)
		}
	}
	return table.NewFile(f.path, f.how).HasDecimalCommas(ctx, columns)
}
