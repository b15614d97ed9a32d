package setup

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/reconcilehq/reconcile/plugins/sdk/table"
	"github.com/reconcilehq/reconcile/rules/starter"
)

// storeIsFile reports whether the store is a file with its catalogue.
func (i *setup) storeIsFile() bool {
	return slices.Contains(table.Suffixes(), strings.ToLower(strings.TrimPrefix(filepath.Ext(i.Store), ".")))
}

// readStoreFile reads the header of the store's catalogue and finds out which column is which field: by the flags, then by the
// names.
func (i *setup) readStoreFile(ctx context.Context) error {
	if !i.storeIsFile() {
		return nil
	}
	if info, err := os.Stat(i.Store); err != nil || !info.Mode().IsRegular() {
		return fmt.Errorf("--store: there is no file %s", i.Store)
	}
	var settings table.FileSettings
	if problems := settings.Validate(i.Store, "path"); len(problems) > 0 {
		return fmt.Errorf("%s: %w", i.Store, problems[0])
	}
	mapping := func(header []string) (*starter.Mapping, error) {
		m := starter.NewMapping(header, starter.FileDefaults(header))
		for _, flag := range i.StoreColumns {
			field, column, ok := strings.Cut(flag, "=")
			if !ok {
				return nil, fmt.Errorf("--store-column %s: write field=column, such as --store-column sku=\"Item Number\"", flag)
			}
			if err := m.Set(strings.TrimSpace(field), column); err != nil {
				return nil, fmt.Errorf("--store-column %s: %w", flag, err)
			}
		}
		if !m.Offers("sku") {
			return nil, fmt.Errorf("the header of %s does not tell which column is the SKU. Say it with --store-column sku=COLUMN; the columns are: %s",
				i.Store, starter.Quoted(m.Columns()))
		}
		return m, nil
	}
	rows, header, err := table.NewFile(i.Store, settings).Open(ctx, func(names []string) error {
		_, err := mapping(names)
		return err
	})
	if err != nil {
		return err
	}
	if err := rows.Close(); err != nil {
		return fmt.Errorf("read the store's catalogue: %w", err)
	}
	if i.storeMapping, err = mapping(header); err != nil {
		return err
	}
	named, err := fileFrom(filepath.Dir(i.Output), i.Store)
	i.shop.Store = starter.FileStore(named, i.storeMapping)
	return err
}
