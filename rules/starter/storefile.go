package starter

import (
	"fmt"
	"slices"
	"strings"

	"github.com/reconcilehq/reconcile/engine/catalog"
)

// FileDefaults returns the known fields that the file connector finds by the names of these columns, without being told: a
// column is the field that its header names in lower case and with white space as underscores.
func FileDefaults(header []string) (defaults []Default) {
	for _, f := range catalog.KnownFields() {
		at := slices.IndexFunc(header, func(column string) bool {
			return strings.Join(strings.Fields(strings.ToLower(column)), "_") == f.Name
		})
		if at >= 0 {
			defaults = append(defaults, Default{f.Name, header[at]})
		}
	}
	return defaults
}

// FileStore returns the store whose catalogue is a file, which the configuration names so, with these settings of its source.
func FileStore(file string, m *Mapping, settings []Setting) *Store {
	var b strings.Builder
	fmt.Fprintf(&b, "source \"file\" \"web\" {\n  path = %s\n", quote(file))
	for _, a := range settings {
		fmt.Fprintf(&b, "  %s = %s\n", a.Name, a.Value)
	}
	if !slices.ContainsFunc(settings, func(a Setting) bool { return a.Name == "currency" }) {
		b.WriteString("  # currency = \"CAD\" # what its prices are in; left out, they are taken for those of the point of sale\n")
	}
	if named := m.Named(); len(named) > 0 {
		b.WriteString("\n  # Which column each field comes from.\n  columns = {\n")
		for _, d := range named {
			fmt.Fprintf(&b, "    %s = %s\n", d.Field, quote(d.Column))
		}
		b.WriteString("  }\n")
	}
	if options := m.Options(); len(options) > 0 {
		b.WriteString("\n  # The options of variants, and the column that each stands in. Their names must be the point of sale's, too.\n  option_columns = {\n")
		for _, d := range options {
			fmt.Fprintf(&b, "    %s = %s\n", key(d.Field), quote(d.Column))
		}
		b.WriteString("  }\n")
	}
	if unused := m.Unused(); len(unused) > 0 {
		b.WriteString("\n" + wrap("  # ", "Columns that are none of the fields that the rules know: "+comment(strings.Join(unused, ", "))+".") + "\n")
	}
	b.WriteString("}\n")
	return &Store{What: file, Address: "source.file.web", Blocks: b.String(), Offers: m.Offers,
		Comment: "The online store: its catalogue, exported to a file. Export it again, under the same name, before each run.",
		Remedy:  "which no column of its file gives: export it as well, or say in its columns which one it is",
		Hint:    "; say which column is one of them with --store-column FIELD=COLUMN"}
}
