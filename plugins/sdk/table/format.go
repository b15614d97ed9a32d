package table

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/reconcilehq/reconcile/plugins/sdk"
	"github.com/reconcilehq/reconcile/plugins/sdk/table/content"
	"github.com/reconcilehq/reconcile/plugins/sdk/table/grid"
)

// formats are the formats of files that can be read. The first is that of a file whose suffix says nothing.
var formats = []*fileFormat{&csvFormat, &tsvFormat, &xlsxFormat}

// unreadable are suffixes of tables in formats that cannot be read: such a file is not to be taken for one of the first format.
var unreadable = []string{".xls", ".xlt", ".xlsb", ".ods", ".ots", ".fods", ".sxc", ".numbers", ".gnumeric", ".dif", ".slk", ".sylk", ".dbf", ".html", ".htm", ".pdf"}

// fileFormat is all that is known of a format.
type fileFormat struct {
	name     string             // as the setting format has it
	title    string             // as people write it
	suffixes []string           // of its files, in lower case, the most usual one first
	not      map[string]refusal // the settings that are not for it, by name
	reader   func(FileSettings) fileReader
}

// refusal is why a setting is not for a format, and what to do.
type refusal struct{ why, instead string }

// fileReader opens one file of a format, any number of times. It is safe for concurrent use.
type fileReader interface {
	// open returns the rows of the file and the names of its columns. name is the file's, for people. The rows own the
	// content from then on, unless there is an error.
	open(ctx context.Context, name string, c *content.Content, fit grid.Fit) (grid.Rows, []string, error)
	// facts says how rows that open returned were read, once all of them were.
	facts(rows grid.Rows) []sdk.Fact
}

// formatOf returns the format of a file, and nil if it is known to be one that cannot be read.
func formatOf(s *FileSettings, path string) *fileFormat {
	suffix := strings.ToLower(filepath.Ext(path))
	if s.Format == "" && slices.Contains(unreadable, suffix) {
		return nil
	}
	for _, f := range formats {
		if s.Format == Format(f.name) || s.Format == "" && slices.Contains(f.suffixes, suffix) {
			return f
		}
	}
	if s.Format != "" {
		return nil
	}
	return formats[0]
}

// Format is the setting that says what a file is: the name of a format, or "".
type Format string

// DescribeSetting implements sdk.SettingDescriber.
func (Format) DescribeSetting() (values []string, doc string) {
	var others []string
	for i, f := range formats {
		values = append(values, f.name)
		if i > 0 {
			others = append(others, f.name+" for "+inWords(f.suffixes, "and"))
		}
	}
	return values, fmt.Sprintf("What the file is. Left out, its extension decides: %s, else %s.", strings.Join(others, ", "), formats[0].name)
}

// FormatTitles names the formats of files for people: CSV, TSV or XLSX, where the last word is joined by "or".
func FormatTitles(join string) string {
	var titles []string
	for _, f := range formats {
		titles = append(titles, f.title)
	}
	return inWords(titles, join)
}

// Suffixes returns the suffixes of files that can be read, such as csv.
func Suffixes() (list []string) {
	for _, f := range formats {
		for _, suffix := range f.suffixes {
			list = append(list, strings.TrimPrefix(suffix, "."))
		}
	}
	return list
}

// inWords lists words: a, b and c.
func inWords(words []string, join string) string {
	last := len(words) - 1
	if last < 1 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:last], ", ") + " " + join + " " + words[last]
}
