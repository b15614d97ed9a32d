package bigcommerce

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/reconcilehq/reconcile/plugins/connectors/bigcommerce/emulator"
)

// bells is a store with two bells and some orders for them.
func bells(orders ...*emulator.Order) *emulator.Catalog {
	return &emulator.Catalog{Orders: orders, Products: []*emulator.Product{
		{ID: 101, SKU: "A", Name: "Brass bell", BaseVariantID: 9001, Stock: emulator.Units(4)},
		{ID: 102, SKU: "B", Name: "Steel bell", BaseVariantID: 9002, Stock: emulator.Units(9)},
	}}
}

func order1(id int64, status string, lines ...*emulator.Line) *emulator.Order {
	if lines == nil {
		lines = []*emulator.Line{{SKU: "A", Quantity: 1}}
	}
	return &emulator.Order{ID: id, Status: status, Lines: lines}
}

func TestPending(t *testing.T) {
	ids := filepath.Join(t.TempDir(), "imported.txt")
	if err := os.WriteFile(ids, []byte("# imported by hand\n1001\n1003\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	four := []*emulator.Order{order1(1001, "Completed"), order1(1002, "Awaiting Fulfillment"), order1(1003, "Shipped"),
		order1(1004, "Completed")}
	for _, c := range []struct {
		name   string
		given  settings
		orders []*emulator.Order
		want   string // for A
	}{
		{"none imported", settings{"imported_through": 0}, four, "4"},
		{"imported up to one", settings{"imported_through": 1002}, four, "2"},
		{"all imported", settings{"imported_through": 1004}, four, "0"},
		{"imported by number", settings{"imported_ids_file": ids}, four, "2"},
		{"imported by status", settings{"imported_statuses": []string{"completed"}}, four, "2"},
		{"imported by a status's number", settings{"imported_statuses": []string{"10", "2"}}, four, "1"},
		{"any of the three will do", settings{"imported_through": 1001, "imported_ids_file": ids, "imported_statuses": []string{"Completed"}}, four, "1"},
		{"it is not known", nil, four, ""},
		{"statuses that count for nothing", settings{"imported_through": 0}, []*emulator.Order{order1(1, "Refunded"),
			order1(2, "Cancelled"), order1(3, "Declined"), order1(4, "Incomplete"), order1(5, "Disputed")}, "1"},
		{"other statuses that count for nothing", settings{"imported_through": 0, "ignore_statuses": []string{"Disputed", "DeclinedFixed"}},
			[]*emulator.Order{order1(2, "Cancelled"), order1(5, "Disputed"), order1(6, "Incomplete")}, "1"},
		{"an archived order", settings{"imported_through": 0},
			[]*emulator.Order{{ID: 1, Status: "Pending", Archived: true, Lines: []*emulator.Line{{SKU: "A", Quantity: 1}}}}, "0"},
		{"units of all lines, however delivered", settings{"imported_through": 0}, []*emulator.Order{order1(1, "Pending",
			&emulator.Line{SKU: "A", Quantity: 2}, &emulator.Line{SKU: "A", Quantity: 3, Delivery: "pickup"},
			&emulator.Line{SKU: "B", Quantity: 7}, &emulator.Line{SKU: "A", Quantity: 4, Delivery: "download"})}, "9"},
		{"shipped units still count", settings{"imported_through": 0}, []*emulator.Order{order1(1, "Partially Shipped",
			&emulator.Line{SKU: "A", Quantity: 5, Shipped: 3})}, "5"},
		{"refunded units do not", settings{"imported_through": 0}, []*emulator.Order{order1(1, "Partially Refunded",
			&emulator.Line{SKU: "A", Quantity: 5, Refunded: 2}, &emulator.Line{SKU: "A", Quantity: 1, Refunded: 2})}, "3"},
		{"an order from before the SKU was changed", settings{"imported_through": 0}, []*emulator.Order{order1(1, "Pending",
			&emulator.Line{SKU: "OLD", VariantID: 9001, ProductID: 101, Quantity: 2})}, "2"},
		{"an order for a variant that was made anew", settings{"imported_through": 0}, []*emulator.Order{order1(1, "Pending",
			&emulator.Line{SKU: "A", VariantID: 77, ProductID: 101, Quantity: 2})}, "2"},
		{"an order for another variant that had the SKU", settings{"imported_through": 0}, []*emulator.Order{order1(1, "Pending",
			&emulator.Line{SKU: "A", VariantID: 9002, ProductID: 102, Quantity: 2})}, "0"},
		{"an order with the product only", settings{"imported_through": 0}, []*emulator.Order{order1(1, "Pending",
			&emulator.Line{ProductID: 101, Quantity: 2})}, "2"},
		{"a product that is not in the catalogue", settings{"imported_through": 0}, []*emulator.Order{order1(1, "Pending",
			&emulator.Line{SKU: "CUSTOM", Quantity: 2})}, "0"},
		{"no orders", settings{"imported_through": 0}, nil, "0"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := read(t, newShop(t, bells(c.orders...)).source(t, c.given), "sku", "pending")
			if pending := got.column(t, "pending"); pending["A"] != c.want || len(got.items) != 2 {
				t.Errorf("pending %q, want %q for A", pending, c.want)
			}
			if warned := len(got.warnings) > 0; warned != (c.want == "") {
				t.Errorf("warnings %q", got.warnings)
			}
		})
	}
}

// TestArticleExample is the example of AmberPOS's help article 360021403132, with 5 in the point of sale throughout.
func TestArticleExample(t *testing.T) {
	given := settings{"imported_through": 1000}
	for _, c := range []struct {
		name, status string
		given        settings
		want         item
	}{
		{"one un-imported order", "Awaiting Fulfillment", given, item{"sku": "A", "qoh": "4", "pending": "1"}},
		{"the order is imported", "Awaiting Fulfillment", settings{"imported_through": 1001}, item{"sku": "A", "qoh": "4", "pending": "0"}},
		{"the order is cancelled", "Cancelled", given, item{"sku": "A", "qoh": "4", "pending": "0"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newShop(t, bells(order1(1001, c.status)))
			got := read(t, s.source(t, c.given), "sku", "qoh", "pending")
			if got.err != nil {
				t.Fatal(got.err)
			}
			if diff := cmp.Diff(c.want, got.items[0]); diff != "" {
				t.Errorf("item (-want +got):\n%s", diff)
			}
		})
	}
}

func TestPendingIsWarnedOfOnlyWhereItIsAskedFor(t *testing.T) {
	s := newShop(t, bells())
	if got := read(t, s.source(t, nil), "sku", "qoh"); len(got.warnings) > 0 {
		t.Errorf("warnings %q", got.warnings)
	}
	got := read(t, s.source(t, nil), "sku", "pending")
	if len(got.warnings) != 1 || !strings.Contains(got.warnings[0], "imported_through") {
		t.Errorf("warnings %q", got.warnings)
	}
}

func TestParseIDs(t *testing.T) {
	for _, c := range []struct {
		name, text string
		want       map[int64]bool
		problem    string
	}{
		{"lines", "1001\r\n\n# a comment\n 1002 \n", map[int64]bool{1001: true, 1002: true}, ""},
		{"a byte order mark", "\ufeff1001\n", map[int64]bool{1001: true}, ""},
		{"a column", "date,ID,total\n2026-01-02,1001,3\n2026-01-03,1002,4\n", map[int64]bool{1001: true, 1002: true}, ""},
		{"semicolons", "id;date\n1001;x\n", map[int64]bool{1001: true}, ""},
		{"tabs", "date\tid\nx\t1001\n", map[int64]bool{1001: true}, ""},
		{"quoted", "\"id\"\n\"1001\"\n", map[int64]bool{1001: true}, ""},
		{"nothing", "", map[int64]bool{}, ""},
		{"no number", "1001\nabc\n", nil, `line 2: "abc" is not the number of an order`},
		{"a column without a name that is known", "order,date\n1001,x\n", nil, `line 1: "order" is not the number of an order`},
		{"a short row", "date,id\nx\n", nil, "line 2 has no column id"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := parseIDs(strings.NewReader(c.text))
			if c.problem == "" && err != nil || c.problem != "" && (err == nil || err.Error() != c.problem) {
				t.Errorf("error %v, want %q", err, c.problem)
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("ids (-want +got):\n%s", diff)
			}
		})
	}
}

// TestIDsAreBounded says that neither a device nor a file that does not end is read for orders' numbers.
func TestIDsAreBounded(t *testing.T) {
	if ids, err := parseIDs(strings.NewReader(strings.Repeat("#", mostIDsFile+1))); err == nil || !strings.Contains(err.Error(), "(max_ids_file)") {
		t.Errorf("%d ids, %v", len(ids), err)
	}
	if ids, err := readIDs(os.DevNull); err == nil || !strings.Contains(err.Error(), "is a device, not a file") {
		t.Errorf("%d ids, %v", len(ids), err)
	}
}

func FuzzParseIDs(f *testing.F) {
	f.Add("1001\n# x\n1002")
	f.Add("date;id\n\"a;b\";1\n")
	f.Fuzz(func(t *testing.T, text string) {
		ids, err := parseIDs(strings.NewReader(text))
		for id := range ids {
			if id <= 0 || err != nil {
				t.Errorf("id %d, error %v", id, err)
			}
		}
	})
}
