// Package file is the connector for catalogues in files, whatever made them.
package file

import (
	"context"
	"errors"

	"github.com/reconcilehq/reconcile/plugins/sdk"
	"github.com/reconcilehq/reconcile/plugins/sdk/table"
)

// Connector returns the connector.
func Connector() sdk.Connector {
	return sdk.Connector{
		Name:    "file",
		Version: sdk.Version,
		Doc: "Reads a catalogue from a file: " + table.FormatTitles("or") + ". " +
			"Each column whose header can be a field's name, in lower case and with white space as underscores, is that field: " +
			"Cost Price is cost_price. Other columns need columns = { field = \"column\" }.",
		New: func() sdk.Source { return &source{} },
	}
}

// source is a configured file.
type source struct {
	Path string `setting:"path,required,path" doc:"The file with the catalogue, of one of the kinds that format lists; a named pipe will do."`
	table.Settings
	table.FileSettings

	file         *table.File // set by Configure
	*table.Table             // set by Configure; it is the source from then on
}

var (
	_ sdk.Configurer   = (*source)(nil)
	_ sdk.Checker      = (*source)(nil)
	_ sdk.ColumnReader = (*source)(nil)
	_ sdk.Confined     = (*source)(nil)
)

// Needs implements sdk.Confined.
func (s *source) Needs() sdk.Needs { return s.file.Needs() }

// Configure implements sdk.Configurer.
func (s *source) Configure(context.Context) error {
	problems := s.Settings.Validate()
	if s.Path == "" {
		problems = append(problems, &sdk.SettingError{Path: []string{"path"}, Summary: "the path is empty"})
	}
	problems = append(problems, s.FileSettings.Validate(s.Path, "path")...)
	s.file = table.NewFile(s.Path, s.FileSettings)
	s.Table = &table.Table{Input: s.file, Settings: s.Settings, AllColumns: true}
	return errors.Join(problems...)
}
