package file

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/reconcilehq/reconcile/plugins/sdk/sdktest"
)

// TestUnreadable says which items a read with on_bad_row = "skip" tells of that it could not read, and which rows it only
// counts: a SKU that is not certainly the row's is none.
func TestUnreadable(t *testing.T) {
	for _, c := range []struct {
		name, text, fields string
		unreadable         []string
		skipped            int64
		items              int
	}{
		{name: "columns", text: "sku,qoh\nA,x\nB,2\nC,y\n", unreadable: []string{"A", "C"}, items: 1},
		{name: "rows", text: "sku,parent_sku,options,qoh\nA,P,Size:M,x\nB,P,Size:L,2\nC,R,Size,3\n", fields: "sku variation qoh", unreadable: []string{"A", "C"}, items: 1},
		{name: "rows with a parent of which not all is known", text: "sku,parent_sku,options,qoh\nA,P,Size:M,1\nB,P,Size,2\nC,R,Size:L,3\nD,,Size,4\n", fields: "sku variation qoh", unreadable: []string{"A", "B", "D"}, items: 1},
		{name: "SKUs as they are read, in one form", text: "sku,qoh\n\" e\u0301 \",x\nB,2\n", unreadable: []string{" é "}, items: 1},
		{name: "a SKU twice", text: "sku,qoh\nA,x\nA,y\nA,1\n", unreadable: []string{"A", "A"}, items: 1},
		{name: "too many fields, too few", text: "sku,qoh,name\nA,1,2,3\nB\nD,4,\n", skipped: 2, items: 1},
		{name: "no SKU", text: "sku,qoh\n,x\nB,2\n", skipped: 1, items: 1},
		{name: "the SKU is not asked for", text: "sku,qoh\nA,x\nB,2\n", fields: "qoh", skipped: 1, items: 1},
		{name: "all is well", text: "sku,qoh\nA,1\n", items: 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			settings := sdktest.Settings{"path": sdktest.File(t, "a.csv", c.text), "on_bad_row": "skip"}
			got, err := sdktest.Read(t.Context(), Connector(), settings, strings.Fields(c.fields)...)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.unreadable, got.Unreadable); diff != "" || got.Skipped != c.skipped || len(got.Items) != c.items {
				t.Errorf("unreadable (-want +got):\n%s%d skipped, want %d; items: %s", diff, got.Skipped, c.skipped, got.Items)
			}
		})
	}
}

// TestUnreadableCells has cells of a workbook show errors, in the SKU's column too.
func TestUnreadableCells(t *testing.T) {
	for _, fields := range []string{"sku qoh", "sku qoh variation"} { // read once, and twice
		t.Run(fields, func(t *testing.T) {
			t.Chdir(t.TempDir())
			workbook(t, "a.xlsx", []any{"qoh", "sku", "parent_sku", "options"},
				[]any{"#N/A", "A", "P", "Size:M"}, []any{2, "B", "P", "Size:L"}, []any{3, "#REF!", "P", "Size:S"}, []any{"x", 12, "P", "Size:S"})
			got, err := sdktest.Read(t.Context(), Connector(), sdktest.Settings{"path": "a.xlsx", "on_bad_row": "skip"}, strings.Fields(fields)...)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff([]string{"A", "12"}, got.Unreadable); diff != "" || got.Skipped != 1 || len(got.Items) != 1 {
				t.Errorf("unreadable (-want +got):\n%s%d skipped, want 1; items: %s", diff, got.Skipped, got.Items)
			}
		})
	}
}

// TestNamedRows skips many rows: those of which nobody knows the item are all named, though they come last.
func TestNamedRows(t *testing.T) {
	var text strings.Builder
	text.WriteString("sku,qoh\nA,1\n")
	for i := range 50 {
		fmt.Fprintf(&text, "K-%d,many\n", i)
	}
	for range 90 {
		text.WriteString("one,too,many\n")
	}
	text.WriteString(",few\n")
	got, err := sdktest.Read(t.Context(), Connector(), sdktest.Settings{"path": sdktest.File(t, "a.csv", text.String()), "on_bad_row": "skip"}, "sku", "qoh")
	if err != nil {
		t.Fatal(err)
	}
	said := strings.Join(got.Warnings, "\n")
	for _, part := range []string{"141 rows were skipped: of 91 even the SKU cannot be read, of 50 it can: ",
		`line 53: 3 fields`, `line 142: 3 fields`, `line 143, column "qoh": "few" is not a number`, `line 3, column "qoh": "many"`, "and 40 more", `(set unknown = ["many"] if`} {
		if !strings.Contains(said, part) {
			t.Errorf("no warning says %q", part)
		}
	}
	if strings.Count(said, " fields where") != 90 || strings.Index(said, "line 3,") < strings.Index(said, "line 143,") {
		t.Error("some rows of unknown items are not named before the others")
	}
	for _, warning := range got.Warnings {
		if len(warning) > 4<<10 {
			t.Errorf("a warning of %d bytes is cut by the host", len(warning))
		}
	}
	if len(got.Unreadable) != 50 || got.Skipped != 91 {
		t.Errorf("%d unreadable, %d skipped", len(got.Unreadable), got.Skipped)
	}
}

// TestUnknownStructure has a row be left out of which nobody knows the parent: no option structure can be made without it.
func TestUnknownStructure(t *testing.T) {
	for name, bad := range map[string]string{"too few fields": "B\n", "too many": "B,P,Size:L,2,3\n"} {
		settings := sdktest.Settings{"path": sdktest.File(t, "a.csv", "sku,parent_sku,options,qoh\nA,P,Size:M,1\n"+bad), "on_bad_row": "skip"}
		_, err := sdktest.Read(t.Context(), Connector(), settings, "sku", "variation")
		if err == nil || !strings.Contains(err.Error(), "the option structures (variation) cannot be known") || !strings.Contains(err.Error(), "line 3") {
			t.Errorf("%s: %v", name, err)
		}
		if got, err := sdktest.Read(t.Context(), Connector(), settings, "sku", "qoh"); err != nil || len(got.Items) != 1 {
			t.Errorf("%s, without the structure: %v, %v", name, got.Items, err)
		}
	}
	t.Chdir(t.TempDir())
	workbook(t, "a.xlsx", []any{"sku", "options", "parent_sku"}, []any{"A", "Size:M", "P"}, []any{"B", "#N/A", "#REF!"})
	if got, err := sdktest.Read(t.Context(), Connector(), sdktest.Settings{"path": "a.xlsx", "on_bad_row": "skip"}, "sku", "options", "variation"); err == nil {
		t.Errorf("a parent's cell with an error: %v", got.Items)
	}
}

// TestHeaderOnly says that a table without any row is doubted.
func TestHeaderOnly(t *testing.T) {
	for text, want := range map[string]int{"sku,qoh\n": 1, "sku,qoh\nA,1\n": 0} {
		got, err := sdktest.Read(t.Context(), Connector(), sdktest.Settings{"path": sdktest.File(t, "a.csv", text)}, "sku", "qoh")
		if said := strings.Count(strings.Join(got.Warnings, " "), "has a header and no rows"); err != nil || said != want {
			t.Errorf("%q: %q, %v", text, got.Warnings, err)
		}
	}
}
