package setup

import (
	"context"
	"errors"
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
	file := fileSource{connector: "file", path: i.Store, pathSetting: "path", flag: "--setting", flags: i.Settings}
	if err := i.readSettings(ctx, &file); err != nil {
		return err
	}
	columns := func(header []string) columnsOf {
		return columnsOf{starter.NewMapping(header, starter.FileDefaults(header)), i.Store, i.StoreColumns, i.StoreOptions, "--store-column", "--store-option"}
	}
	header, err := file.header(ctx, func(names []string) error {
		t := columns(names)
		if err := t.mapFlags(); err != nil {
			return err
		}
		if !t.Offers("sku") {
			return errors.New("there is no column for the SKU")
		}
		return nil
	})
	if err != nil {
		return err
	}
	t := columns(header)
	if err := i.mapTable(ctx, t); err != nil {
		return err
	}
	i.storeMapping = t.Mapping
	settings, err := i.settingsOf(ctx, &file, t.Mapping)
	if err != nil {
		return err
	}
	named, err := fileFrom(filepath.Dir(i.Output), i.Store)
	i.shop.Store = starter.FileStore(named, i.storeMapping, settings)
	return err
}
