package file

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/plugins/sdk"
	"github.com/reconcilehq/reconcile/plugins/sdk/sdktest"
)

// handing returns a source of an export whose changes go to a file of that name beside it.
func handing(t testing.TB, export, changes string) (*source, string) {
	t.Helper()
	path := sdktest.File(t, "export.csv", export)
	to := filepath.Join(filepath.Dir(path), changes)
	s, err := sdktest.Source(t.Context(), Connector(), sdktest.Settings{"path": path, "changes_file": to})
	if err != nil {
		t.Fatal(err)
	}
	return s.(*source), to
}

func setting(key, sku, field string, expected, desired sdk.Value) sdk.Change {
	return sdk.Change{Key: key, Item: sdk.Ref{SKU: sku}, Field: field, Expected: expected, Desired: desired}
}

// applied makes changes, and returns what became of each, by key.
func applied(t interface {
	rapid.TB
	Context() context.Context
}, s *source, list ...sdk.Change) map[string]sdk.Outcome {
	t.Helper()
	said := map[string]sdk.Outcome{}
	req := sdk.ApplyRequest{ReadRequest: sdk.NewReadRequest(nil, func(string) {}), Changes: list}
	if err := sdk.ApplyAll(t.Context(), s, req, func(o sdk.Outcome) error {
		said[o.Key] = o
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	return said
}

func text(s string) sdk.Value { return catalog.StringValue(s) }

// TestNeedsToWrite: the right to write is one of a process that applies alone, and there is none without the setting.
func TestNeedsToWrite(t *testing.T) {
	s, to := handing(t, "sku,name\nA,Bell\n", "changes.csv")
	if needs := s.Needs(); len(needs.Write) > 0 || !slices.Equal(needs.WriteToApply, []string{filepath.Dir(to)}) {
		t.Errorf("%+v", needs)
	}
	s.ChangesFile = ""
	if needs := s.Needs(); len(needs.Write)+len(needs.WriteToApply) > 0 {
		t.Errorf("%+v", needs)
	}
}

// TestSeveralCalls: a plan is made in several calls, and all of it is in one file.
func TestSeveralCalls(t *testing.T) {
	s, to := handing(t, "id,sku,name,brand\n1,A,Bell,x\n2,B,Pedal,x\n3,B,Pedal,x\n", "changes.csv")
	first := applied(t, s, setting("1", "A", "name", text("Bell"), text("Brass bell")), setting("2", "B", "name", text("Pedal"), text("Pedals")),
		setting("3", "C", "name", text(""), text("Saddle")))
	if first["1"].Kind != sdk.Pending || first["2"].Kind != sdk.Rejected || first["3"].Kind != sdk.Rejected {
		t.Errorf("%+v", first)
	}
	second := applied(t, s, setting("4", "A", "brand", text("x"), text("y")), setting("5", "A", "name", text("Bell"), text("Bell")), setting("6", "A", "brand", text("z"), text("y")))
	if second["4"].Kind != sdk.Pending || second["5"].Kind != sdk.Unchanged || second["6"].Kind != sdk.Conflict {
		t.Errorf("%+v", second)
	}
	if got, err := os.ReadFile(to); err != nil || string(got) != "sku,id,name,brand\nA,1,Brass bell,y\n" {
		t.Errorf("%q, %v", got, err)
	}
	// Another process finds what is there already, and leaves it as it is.
	s.changes.made = nil
	again := applied(t, s, setting("1", "A", "name", text("Bell"), text("Brass bell")), setting("7", "A", "name", text("Bell"), text("Gong")))
	if again["1"].Kind != sdk.Pending || again["7"].Kind != sdk.Failed || !strings.Contains(again["7"].Reason, "there is a file") {
		t.Errorf("%+v", again)
	}
}

// TestRenamed: a row that has got another SKU since the plan was made is another item, and is not in the file.
func TestRenamed(t *testing.T) {
	s, to := handing(t, "id,sku,name\n1,GIFT,Bell\n2,B,Pedal\n", "changes.csv")
	change := func(key, id, sku, was string) sdk.Change {
		c := setting(key, sku, "name", text(was), text("New"))
		c.Item.ID = id
		return c
	}
	got := applied(t, s, change("a", "1", "A", "Bell"), change("b", "2", "B", "Pedal"), change("c", "1", "", "Bell"))
	if o := got["a"]; o.Kind != sdk.Rejected || !strings.Contains(o.Reason, `another SKU meanwhile, "GIFT"`) {
		t.Errorf("%+v", o)
	}
	if got["b"].Kind != sdk.Pending || got["c"].Kind != sdk.Pending {
		t.Errorf("%+v", got)
	}
	if s, err := os.ReadFile(to); err != nil || string(s) != "sku,id,name\nB,2,New\nGIFT,1,New\n" {
		t.Errorf("%q, %v", s, err)
	}
}

// TestFileHolds: whatever is written, the file says exactly that, or the change is not said to be in it.
func TestFileHolds(t *testing.T) {
	for _, name := range []string{"changes.csv", "changes.tsv", "changes.xlsx"} {
		if name != "changes.csv" && os.Getenv("RECONCILE_TEST_LONG") == "" {
			continue
		}
		t.Run(name, func(t *testing.T) {
			s, to := handing(t, "sku,name,price\nA,Bell,1\n =B,Pedal,\n", name)
			rapid.Check(t, func(t *rapid.T) {
				s.changes.made = nil
				_ = os.Remove(to)
				var list []sdk.Change
				name := rapid.String().Draw(t, "name")
				price := catalog.Int(int64(rapid.IntRange(-1000, 1_000_000_000).Draw(t, "price"))).Mul(decimalOf("0.0001"))
				for _, sku := range []string{"A", " =B"} {
					was, cost := text("Bell"), catalog.NumberValue(catalog.Int(1))
					if sku != "A" {
						was, cost = text("Pedal"), catalog.NullValue(catalog.Number)
					}
					list = append(list, setting(sku+" name", sku, "name", was, text(catalog.NormalText(name))), setting(sku+" price", sku, "price", cost, catalog.NumberValue(price)))
				}
				said := applied(t, s, list...)
				var fields []string
				for _, c := range list {
					if said[c.Key].Kind == sdk.Pending && !slices.Contains(fields, c.Field) {
						fields = append(fields, c.Field)
					}
				}
				if len(fields) == 0 {
					if _, err := os.Stat(to); err == nil {
						t.Fatal("there is a file of no change")
					}
					return
				}
				read, err := s.readBack(t.Context(), sdk.NewReadRequest(nil, func(string) {}), fields)
				if err != nil {
					t.Fatal(err)
				}
				for _, c := range list {
					is := read.at["\x00"+c.Item.SKU].values[c.Field]
					if said[c.Key].Kind == sdk.Pending && !is.Equal(c.Desired) {
						t.Fatalf("%s of %q is %q, and shall be %q", c.Field, c.Item.SKU, is.Text(), c.Desired.Text())
					}
				}
			})
		})
	}
}

func decimalOf(text string) sdk.Decimal {
	d, err := sdk.ParseDecimal(text)
	if err != nil {
		panic(err)
	}
	return d
}
