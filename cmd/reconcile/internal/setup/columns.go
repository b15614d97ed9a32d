package setup

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/reconcilehq/reconcile/plugins/connectors/amberpos"
	"github.com/reconcilehq/reconcile/plugins/sdk/table"
	"github.com/reconcilehq/reconcile/rules/starter"
)

// readExport reads the header of the export, as the connector will.
func (i *setup) readExport(ctx context.Context) error {
	for {
		if i.Pos == "" {
			answer, err := i.term.Ask(ctx, "Which file did AmberPOS export the inventory to ("+table.FormatTitles("or")+")? ")
			if err != nil {
				return err
			}
			i.Pos = strings.Trim(answer, `"'`) // as file managers paste it
			if i.Pos == "" {
				continue
			}
			if err := i.readHeader(ctx); err != nil {
				i.term.Say("%v", err)
				i.Pos = ""
				continue
			}
			return nil
		}
		return i.readHeader(ctx)
	}
}

func (i *setup) readHeader(ctx context.Context) (err error) {
	switch info, err := os.Stat(i.Pos); {
	case errors.Is(err, os.ErrNotExist):
		return fmt.Errorf("there is no file %s", i.Pos)
	case err != nil:
		return fmt.Errorf("read the export: %w", err)
	case !info.Mode().IsRegular():
		return fmt.Errorf("%s is not a file", i.Pos)
	}
	file := fileSource{connector: "amberpos", path: i.Pos, pathSetting: "file", flag: "--pos-setting", flags: i.PosSettings}
	if err := i.readSettings(ctx, &file); err != nil {
		return err
	}
	var defaults []starter.Default
	for _, d := range amberpos.Defaults() {
		defaults = append(defaults, starter.Default(d))
	}
	header, err := file.header(ctx, func(names []string) error { return i.fits(starter.NewMapping(names, defaults)) })
	if err != nil {
		return err
	}
	i.shop.Mapping, i.pos = starter.NewMapping(header, defaults), &file
	i.shop.File, err = fileFrom(filepath.Dir(i.Output), i.Pos)
	return err
}

// fits returns nil if the names of a mapping can be the export's header: they have what the flags name, and a SKU.
func (i *setup) fits(m *starter.Mapping) error {
	for _, flag := range i.Columns {
		if field, column, ok := strings.Cut(flag, "="); ok {
			if err := m.Set(strings.TrimSpace(field), column); err != nil {
				return err
			}
		}
	}
	if !m.Offers("sku") {
		return errors.New("there is no column for the SKU")
	}
	return nil
}

// fileFrom returns how a configuration in dir names a file: as the person did if that is absolute, and otherwise
// relative to dir. Slashes do on every system, and need no escapes.
func fileFrom(dir, file string) (string, error) {
	if filepath.IsAbs(file) {
		return filepath.ToSlash(file), nil
	}
	from, err := filepath.Abs(dir)
	if err != nil {
		return "", fmt.Errorf("find the folder of the configuration: %w", err)
	}
	to, err := filepath.Abs(file)
	if err != nil {
		return "", fmt.Errorf("find the export: %w", err)
	}
	if rel, err := filepath.Rel(from, to); err == nil {
		return filepath.ToSlash(rel), nil
	}
	return filepath.ToSlash(to), nil // on another drive
}

// columnsOf is a file's columns, and what the flags say of them.
type columnsOf struct {
	*starter.Mapping
	file             string
	columns, options []string // field=column, name=column
	flag, optionFlag string   // that say these
}

// mapColumns finds out which column of the export is which field.
func (i *setup) mapColumns(ctx context.Context) error {
	if err := i.mapTable(ctx, columnsOf{i.shop.Mapping, i.Pos, i.Columns, i.Options, "--column", "--option"}); err != nil {
		return err
	}
	settings, err := i.settingsOf(ctx, i.pos, i.shop.Mapping)
	i.shop.Settings = settings
	return err
}

// mapTable finds out which column is which field: by the flags, then by the names, then by asking.
func (i *setup) mapTable(ctx context.Context, t columnsOf) error {
	if err := t.mapFlags(); err != nil {
		return err
	}
	if err := i.takeOptionColumns(ctx, t); err != nil {
		return err
	}
	if !i.term.CanAsk() {
		return t.missingColumns()
	}
	for {
		questions := t.Questions()
		if len(questions) == 0 {
			return nil
		}
		q := questions[0]
		column, err := i.askColumn(ctx, t, q)
		if err != nil {
			return err
		}
		if err := t.Set(q.Field, column); err != nil {
			return err
		}
	}
}

func (t columnsOf) mapFlags() error {
	for _, flag := range t.columns {
		field, column, ok := strings.Cut(flag, "=")
		if !ok {
			return fmt.Errorf("%s %s: write field=column, such as %[1]s sku=\"Item Number\"", t.flag, flag)
		}
		if err := t.Set(strings.TrimSpace(field), column); err != nil {
			return fmt.Errorf("%s %s: %w", t.flag, flag, err)
		}
	}
	for _, flag := range t.options {
		name, column, _ := strings.Cut(flag, "=")
		if strings.TrimSpace(name) == "" || column == "" {
			return fmt.Errorf("%s %s: write name=column, such as %[1]s Size=\"Size (EU)\"", t.optionFlag, flag)
		}
		if err := t.SetOption(strings.TrimSpace(name), column); err != nil {
			return fmt.Errorf("%s %s: %w", t.optionFlag, flag, err)
		}
	}
	return nil
}

// takeOptionColumns takes columns such as Size for options, unless a person says no. Where there is nobody to ask,
// they count if the rows say what they are variants of: otherwise no rule can use them.
func (i *setup) takeOptionColumns(ctx context.Context, m columnsOf) error {
	columns := m.OptionColumns()
	if len(columns) == 0 {
		return nil
	}
	take := m.Offers("parent_sku")
	if i.term.CanAsk() {
		var err error
		take, err = i.term.Yes(ctx, fmt.Sprintf("%s of %s: do these columns hold the options of variants, such as M or Red?", starter.Quoted(columns), m.file))
		if err != nil {
			return err
		}
		if !take {
			return m.Set("options", "")
		}
	}
	if !take {
		return nil
	}
	for _, column := range columns {
		if err := m.SetOption(strings.TrimSpace(column), column); err != nil {
			return err
		}
	}
	return nil
}

// missingColumns names everything at once that the header does not tell.
func (t columnsOf) missingColumns() error {
	var lines []string
	for _, q := range t.Questions() {
		if q.Open {
			continue
		}
		line := fmt.Sprintf("%s %s=COLUMN   %s", t.flag, q.Field, lowerFirst(q.Doc))
		if len(q.Candidates) > 0 {
			line += ": is it " + strings.Join(quotedAll(q.Candidates), " or ") + "?"
		}
		if !q.Needed {
			line += fmt.Sprintf(" (%s %s= if it is none)", t.flag, q.Field)
		}
		lines = append(lines, line)
	}
	if len(lines) == 0 {
		return nil
	}
	return fmt.Errorf("the header of %s does not tell everything. Say it with:\n  %s\nThe columns are: %s",
		t.file, strings.Join(lines, "\n  "), starter.Quoted(t.Columns()))
}

// askColumn asks which column a field is; "" if none is.
func (i *setup) askColumn(ctx context.Context, t columnsOf, q starter.Question) (string, error) {
	columns := q.Candidates
	if len(columns) == 0 {
		columns = t.Unused()
	}
	if len(columns) == 1 { // a guess: it may as well be another one
		for _, c := range t.Unused() {
			if !slices.Contains(columns, c) {
				columns = append(columns, c)
			}
		}
	}
	i.term.Say("\nWhich column of %s is %s (%s)?", t.file, q.Field, lowerFirst(q.Doc))
	for n, c := range columns {
		i.term.Say("  %d  %s", n+1, c)
	}
	how := "Its number or name, or Enter if there is none: "
	if q.Needed {
		how = "Its number or name: "
	}
	for {
		answer, err := i.term.Ask(ctx, how)
		if err != nil {
			return "", err
		}
		n, notNumber := strconv.Atoi(answer)
		at := slices.IndexFunc(t.Columns(), func(c string) bool { return strings.EqualFold(strings.TrimSpace(c), answer) })
		switch {
		case answer == "" && !q.Needed:
			return "", nil
		case answer == "":
		case at >= 0:
			return t.Columns()[at], nil
		case notNumber == nil && n >= 1 && n <= len(columns):
			return columns[n-1], nil
		default:
			i.term.Say("There is no column %q.", answer)
		}
	}
}

func quotedAll(names []string) []string {
	var quoted []string
	for _, name := range names {
		quoted = append(quoted, strconv.Quote(name))
	}
	return quoted
}

func lowerFirst(s string) string {
	if s == "" {
		return s
	}
	return strings.ToLower(s[:1]) + s[1:]
}
