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

func (i *setup) readHeader(ctx context.Context) error {
	switch info, err := os.Stat(i.Pos); {
	case errors.Is(err, os.ErrNotExist):
		return fmt.Errorf("there is no file %s", i.Pos)
	case err != nil:
		return fmt.Errorf("read the export: %w", err)
	case !info.Mode().IsRegular():
		return fmt.Errorf("%s is not a file", i.Pos)
	}
	var settings table.FileSettings
	if problems := settings.Validate(i.Pos, "file"); len(problems) > 0 {
		return fmt.Errorf("%s: %w", i.Pos, problems[0])
	}
	var defaults []starter.Default
	for _, d := range amberpos.Defaults() {
		defaults = append(defaults, starter.Default(d))
	}
	rows, header, err := table.NewFile(i.Pos, settings).Open(ctx, func(names []string) error { return i.fits(starter.NewMapping(names, defaults)) })
	if err != nil {
		return err
	}
	if err := rows.Close(); err != nil {
		return fmt.Errorf("read the export: %w", err)
	}
	i.shop.Mapping = starter.NewMapping(header, defaults)
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

// mapColumns finds out which column is which field: by the flags, then by the names, then by asking.
func (i *setup) mapColumns(ctx context.Context) error {
	if err := i.mapFlags(); err != nil {
		return err
	}
	if err := i.takeOptionColumns(ctx); err != nil {
		return err
	}
	if !i.term.CanAsk() {
		return i.missingColumns()
	}
	for {
		questions := i.shop.Mapping.Questions()
		if len(questions) == 0 {
			return nil
		}
		q := questions[0]
		column, err := i.askColumn(ctx, q)
		if err != nil {
			return err
		}
		if err := i.shop.Mapping.Set(q.Field, column); err != nil {
			return err
		}
	}
}

func (i *setup) mapFlags() error {
	for _, flag := range i.Columns {
		field, column, ok := strings.Cut(flag, "=")
		if !ok {
			return fmt.Errorf("--column %s: write field=column, such as --column sku=\"Item Number\"", flag)
		}
		if err := i.shop.Mapping.Set(strings.TrimSpace(field), column); err != nil {
			return fmt.Errorf("--column %s: %w", flag, err)
		}
	}
	for _, flag := range i.Options {
		name, column, _ := strings.Cut(flag, "=")
		if strings.TrimSpace(name) == "" || column == "" {
			return fmt.Errorf("--option %s: write name=column, such as --option Size=\"Size (EU)\"", flag)
		}
		if err := i.shop.Mapping.SetOption(strings.TrimSpace(name), column); err != nil {
			return fmt.Errorf("--option %s: %w", flag, err)
		}
	}
	return nil
}

// takeOptionColumns takes columns such as Size for options, unless a person says no. Where there is nobody to ask,
// they count if the rows say what they are variants of: otherwise no rule can use them.
func (i *setup) takeOptionColumns(ctx context.Context) error {
	m := i.shop.Mapping
	columns := m.OptionColumns()
	if len(columns) == 0 {
		return nil
	}
	take := m.Offers("parent_sku")
	if i.term.CanAsk() {
		var err error
		take, err = i.term.Yes(ctx, fmt.Sprintf("%s: do these columns hold the options of variants, such as M or Red?", starter.Quoted(columns)))
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
func (i *setup) missingColumns() error {
	var lines []string
	for _, q := range i.shop.Mapping.Questions() {
		if q.Open {
			continue
		}
		line := fmt.Sprintf("--column %s=COLUMN   %s", q.Field, lowerFirst(q.Doc))
		if len(q.Candidates) > 0 {
			line += ": is it " + strings.Join(quotedAll(q.Candidates), " or ") + "?"
		}
		if !q.Needed {
			line += fmt.Sprintf(" (--column %s= if it is none)", q.Field)
		}
		lines = append(lines, line)
	}
	if len(lines) == 0 {
		return nil
	}
	return fmt.Errorf("the header of %s does not tell everything. Say it with:\n  %s\nThe columns are: %s",
		i.Pos, strings.Join(lines, "\n  "), starter.Quoted(i.shop.Mapping.Columns()))
}

// askColumn asks which column a field is; "" if none is.
func (i *setup) askColumn(ctx context.Context, q starter.Question) (string, error) {
	columns := q.Candidates
	if len(columns) == 0 {
		columns = i.shop.Mapping.Unused()
	}
	if len(columns) == 1 { // a guess: it may as well be another one
		for _, c := range i.shop.Mapping.Unused() {
			if !slices.Contains(columns, c) {
				columns = append(columns, c)
			}
		}
	}
	i.term.Say("\nWhich column is %s (%s)?", q.Field, lowerFirst(q.Doc))
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
		at := slices.IndexFunc(i.shop.Mapping.Columns(), func(c string) bool { return strings.EqualFold(strings.TrimSpace(c), answer) })
		switch {
		case answer == "" && !q.Needed:
			return "", nil
		case answer == "":
		case at >= 0:
			return i.shop.Mapping.Columns()[at], nil
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
