// Package amberpos is the connector for AmberPOS: it reads an inventory that was exported to a file, or a query against
// AmberPOS's database.
//
// Nothing public says how AmberPOS's database or its exports are laid out, so nothing here claims to know: which column
// is which field stands in the settings, whose defaults are the words that AmberPOS's screens use.
package amberpos

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/reconcilehq/reconcile/plugins/sdk"
	"github.com/reconcilehq/reconcile/plugins/sdk/table"
	"github.com/reconcilehq/reconcile/plugins/sdk/table/database"
)

// Connector returns the connector.
func Connector() sdk.Connector {
	return sdk.Connector{
		Name:    "amberpos",
		Version: sdk.Version,
		Doc: "Reads AmberPOS's inventory: an exported file (" + table.FormatTitles("or") + ") or a query against its database. " +
			"If columns does not say otherwise, " + vocabulary() + ". If such a column is absent, so is the field. " +
			"Columns named as a field that every connector knows (pending, visible, ...) are that field; others are offered if columns or types names them. " +
			"Rows that share parent_sku, together with their options, give variation.",
		New: func() sdk.Source { return &source{} },
	}
}

// defaults are where fields come from if the settings do not say otherwise.
var defaults = []table.Default{
	{Field: "sku", Column: "SKU"},
	{Field: "name", Column: "Description"},
	{Field: "brand", Column: "Brand"},
	{Field: "price", Column: "Regular Sell Price"},
	{Field: "sale_price", Column: "Special Price"},
	{Field: "cost_price", Column: "List Cost"},
	{Field: "qoh", Column: "QOH"},
	{Field: "parent_sku", Column: "Parent Sku"},
	{Field: "upc", Column: "Lookups"},
	{Field: "bin", Column: "In-Store Location"},
	{Field: "weight", Column: "Weight"},
	{Field: "options", Column: "Options"},
}

// Defaults returns the columns that fields come from if the settings do not say otherwise.
func Defaults() []table.Default { return slices.Clone(defaults) }

// vocabulary writes the defaults for people.
func vocabulary() string {
	var list []string
	for _, d := range defaults {
		list = append(list, fmt.Sprintf("%s comes from %s", d.Field, d.Column))
	}
	return strings.Join(list, ", ")
}

// source is a configured inventory.
type source struct {
	File        string             `setting:"file,path" doc:"The exported inventory: a file of one of the kinds that format lists; a named pipe will do. Give this or a database block."`
	Database    *database.Settings `setting:"database" doc:"AmberPOS's database, in place of a file."`
	Store       string             `setting:"store" doc:"Of an inventory with a row for each store, take this store's rows. White space, case and the form of letters in Unicode do not count; other ways to write it are told."`
	StoreColumn string             `setting:"store_column" default:"Store" doc:"The column that names the row's store."`
	table.Settings
	table.FileSettings

	input        input // set by Configure
	*table.Table       // set by Configure; it is the source from then on
}

// input is a file or a query.
type input interface {
	table.Input
	Needs() sdk.Needs
}

var (
	_ sdk.Configurer   = (*source)(nil)
	_ sdk.Checker      = (*source)(nil)
	_ sdk.ColumnReader = (*source)(nil)
	_ sdk.Confined     = (*source)(nil)
)

// Needs implements sdk.Confined.
func (s *source) Needs() sdk.Needs { return s.input.Needs() }

// Configure implements sdk.Configurer.
func (s *source) Configure(context.Context) error {
	problems := s.Settings.Validate()
	switch {
	case s.File == "" && s.Database == nil:
		problems = append(problems, &sdk.SettingError{Summary: "nothing says where the inventory is",
			Detail: `Give file = "inventory.csv", or a database block with driver, dsn and query.`})
	case s.File != "" && s.Database != nil:
		problems = append(problems, &sdk.SettingError{Path: []string{"database"}, Summary: "there are a file and a database",
			Detail: "The inventory comes from one of them: leave the other out."})
	case s.Database != nil:
		problems = append(problems, s.Database.Validate("database")...)
		for _, setting := range s.Given() {
			problems = append(problems, &sdk.SettingError{Path: []string{setting},
				Summary: fmt.Sprintf("%s says how to read a file, but there is a database", setting), Detail: "Leave it out."})
		}
		s.input = database.NewQuery(*s.Database)
	default:
		problems = append(problems, s.FileSettings.Validate(s.File, "file")...)
		s.input = table.NewFile(s.File, s.FileSettings)
	}
	s.Table = &table.Table{Input: s.input, Settings: s.Settings, Defaults: defaults}
	if s.Store != "" {
		s.Filter = &table.Filter{Column: s.StoreColumn, Value: s.Store, Setting: "store_column"}
	}
	return errors.Join(problems...)
}
