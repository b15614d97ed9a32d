package table

import (
	"context"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/reconcilehq/reconcile/plugins/sdk"
	"github.com/reconcilehq/reconcile/plugins/sdk/table/content"
	"github.com/reconcilehq/reconcile/plugins/sdk/table/grid"
)

// single is a format of one cell.
type single struct{ text string }

func (s *single) open(_ context.Context, _ string, c *content.Content, _ grid.Fit) (grid.Rows, []string, error) {
	text, err := io.ReadAll(io.NewSectionReader(c, 0, c.Size))
	if err != nil {
		return nil, nil, err
	}
	return &single{string(text)}, []string{"sku"}, c.Close()
}

func (s *single) facts(grid.Rows) []sdk.Fact { return []sdk.Fact{{Name: "format", Value: "a cell"}} }
func (s *single) Place() string              { return "the cell" }
func (s *single) Close() error               { return nil }
func (s *single) Next(want []grid.Cell, got []string) error {
	if s.text == "" {
		return io.EOF
	}
	for i := range want {
		got[i] = s.text
	}
	s.text = ""
	return nil
}

// TestAnotherFormat says that a format needs its entry and nothing else.
func TestAnotherFormat(t *testing.T) {
	before := formats
	t.Cleanup(func() { formats = before })
	formats = append(slices.Clone(before), &fileFormat{name: "cell", title: "CELL", suffixes: []string{".cell", ".one"},
		not:    map[string]refusal{"delimiter": {"a cell has no delimiter", "Leave it out."}},
		reader: func(FileSettings) fileReader { return &single{} }})

	schema, err := sdk.SettingsOf(&FileSettings{})
	if err != nil {
		t.Fatal(err)
	}
	format := schema.Attributes[0]
	wantDoc := "What the file is. Left out, its extension decides: tsv for .tsv and .tab, xlsx for .xlsx, .xlsm, .xltx and .xltm, cell for .cell and .one, else csv."
	if diff := cmp.Diff([]string{"csv", "tsv", "xlsx", "cell"}, format.Values); diff != "" || format.Name != "format" || format.Doc != wantDoc {
		t.Errorf("the setting is %+v\n%s", format, diff)
	}
	if got := FormatTitles("or"); got != "CSV, TSV, XLSX or CELL" {
		t.Errorf("the titles are %s", got)
	}
	if got := strings.Join(Suffixes(), " "); !strings.HasSuffix(got, "xltm cell one") {
		t.Errorf("the suffixes are %s", got)
	}
	problems := (&FileSettings{Delimiter: ";"}).Validate("x.ONE", "path")
	if len(problems) != 1 || problems[0].Error() != "a cell has no delimiter: Leave it out." {
		t.Errorf("a setting that is not for it: %v", problems)
	}
	t.Chdir(t.TempDir())
	if err := os.WriteFile("a.cell", []byte("A-1"), 0o600); err != nil {
		t.Fatal(err)
	}
	file := NewFile("a.cell", FileSettings{})
	facts, err := file.Facts(t.Context(), nil)
	want := []sdk.Fact{{Name: "file", Value: "a.cell"}, {Name: "format", Value: "a cell"}, {Name: "columns", Value: "1"}, {Name: "rows", Value: "1"}}
	if diff := cmp.Diff(want, facts); diff != "" || err != nil {
		t.Errorf("facts: %v\n%s", err, diff)
	}
	if diff := cmp.Diff([]string{`"A-1" null false, `, "1 items map[]"}, readTable(t.Context(), &Table{Input: file}, []string{"sku"})); diff != "" {
		t.Error(diff)
	}
}

// TestFormats holds the entries against the settings that there are, and against each other.
func TestFormats(t *testing.T) {
	settings := map[string]bool{}
	for f := range reflect.TypeFor[FileSettings]().Fields() {
		settings[f.Tag.Get("setting")] = true
	}
	names := map[string]string{}
	for _, f := range formats {
		for _, name := range append([]string{f.name}, f.suffixes...) {
			if other := names[name]; other != "" || slices.Contains(unreadable, name) {
				t.Errorf("%s: %s is taken by %q already", f.name, name, other)
			}
			names[name] = f.name
		}
		for setting, refused := range f.not {
			if !settings[setting] || refused.why == "" || refused.instead == "" {
				t.Errorf("%s refuses %s: %+v", f.name, setting, refused)
			}
		}
	}
}

// TestFormatOf says which format a file has.
func TestFormatOf(t *testing.T) {
	for _, c := range []struct {
		path, setting, want string
	}{
		{"a.csv", "", "csv"}, {"a.CSV", "", "csv"}, {"a.txt", "", "csv"}, {"a", "", "csv"}, {"a.dat", "", "csv"},
		{"a.tsv", "", "tsv"}, {"a.tab", "", "tsv"}, {"a.xlsx", "", "xlsx"}, {"A.XLSM", "", "xlsx"}, {"a.xltx", "", "xlsx"}, {"a.xltm", "", "xlsx"},
		{"a.xls", "", ""}, {"a.ods", "", ""}, {"a.XLSB", "", ""}, {"a.numbers", "", ""}, {"a.fods", "", ""}, {"a.dif", "", ""}, {"a.html", "", ""},
		{"a.xls", "csv", "csv"}, {"a.csv", "xlsx", "xlsx"}, {"a.xlsx", "tsv", "tsv"}, {"a.csv", "parquet", ""},
	} {
		s := FileSettings{Format: Format(c.setting)}
		got := ""
		if f := formatOf(&s, c.path); f != nil {
			got = f.name
		}
		if got != c.want {
			t.Errorf("%s with format %q: %q, want %q", c.path, c.setting, got, c.want)
		}
		if _, _, err := NewFile(c.path, s).Open(t.Context(), nil); c.want == "" && (err == nil || !strings.Contains(err.Error(), "cannot be read")) {
			t.Errorf("%s with format %q is opened: %v", c.path, c.setting, err)
		}
	}
}

// TestNoText says that what is no text, whatever its name, is told by what it is.
func TestNoText(t *testing.T) {
	for content, want := range map[string]string{
		"PK\x03\x04\x14\x00":       "is no text but a compressed file",
		"\xD0\xCF\x11\xE0\xA1\xB1": "is no text but a workbook of old Excel versions, or one with a password",
	} {
		path := filepath.Join(t.TempDir(), "a.csv")
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, _, err := NewFile(path, FileSettings{}).Open(t.Context(), nil); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %s", content, err, want)
		}
	}
}
