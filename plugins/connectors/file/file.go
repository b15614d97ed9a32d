// Package file is the connector for catalogues in files, whatever made them.
package file

import (
	"context"
	"errors"
	"path/filepath"

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

	ChangesFile string `setting:"changes_file,path,live" doc:"A new file for reconcile apply to write what is to change to, for the platform to import: .csv, .tsv or .xlsx. It has the columns of the export by which items are known, and those that change. If it is left out, the source can only be read."`

	file         *table.File // set by Configure
	changes      changes
	*table.Table // set by Configure; it is the source from then on
}

var (
	_ sdk.Configurer   = (*source)(nil)
	_ sdk.Checker      = (*source)(nil)
	_ sdk.ColumnReader = (*source)(nil)
	_ sdk.Confined     = (*source)(nil)
	_ sdk.ApplyDecider = (*source)(nil)
	_ sdk.Applier      = (*source)(nil)
)

// Needs implements sdk.Confined.
func (s *source) Needs() sdk.Needs {
	needs := s.file.Needs()
	if s.ChangesFile != "" {
		needs.WriteToApply = []string{filepath.Dir(s.ChangesFile)}
	}
	return needs
}

// Configure implements sdk.Configurer.
func (s *source) Configure(context.Context) error {
	problems := s.Settings.Validate()
	if s.Path == "" {
		problems = append(problems, &sdk.SettingError{Path: []string{"path"}, Summary: "the path is empty"})
	}
	problems = append(problems, s.FileSettings.Validate(s.Path, "path")...)
	problems = append(problems, s.checkChangesFile()...)
	s.file = table.NewFile(s.Path, s.FileSettings)
	s.Table = &table.Table{Input: s.file, Settings: s.Settings, AllColumns: true}
	return errors.Join(problems...)
}
