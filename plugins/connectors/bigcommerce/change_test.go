package bigcommerce

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/plugins/connectors/bigcommerce/emulator"
	"github.com/reconcilehq/reconcile/plugins/sdk"
)

const writeSecret = "t0ken-that-writes"

// editable is a store with each kind of item.
func editable(t tester) *emulator.Catalog {
	t.Helper()
	d := func(text string) *catalog.Decimal {
		n, err := catalog.ParseDecimal(text)
		if err != nil {
			t.Fatal(err)
		}
		return &n
	}
	return &emulator.Catalog{
		Brands: []*emulator.Brand{{ID: 10, Name: "Acme"}, {ID: 11, Name: "Bolt"}},
		Products: []*emulator.Product{
			{ID: 101, SKU: "BELL", Name: "Bell", Brand: "Acme", Price: *d("9.95"), Weight: d("0.2"), UPC: "111", Stock: emulator.Units(4), BaseVariantID: 9001},
			{ID: 102, SKU: "TEE", Name: "T-shirt", Price: *d("20"), Weight: d("0.3"), Variants: []*emulator.Variant{
				{ID: 9002, SKU: "TEE-S", Options: map[string]string{"Size": "S"}, Stock: emulator.Units(3)},
				{ID: 9003, SKU: "TEE-L", Options: map[string]string{"Size": "L"}, Price: d("22"), Stock: emulator.Units(5)}}},
			{ID: 103, SKU: "GIFT", Name: "Gift card", Price: *d("50"), Tracking: "none", BaseVariantID: 9004},
			{ID: 104, SKU: "CAP", Name: "Cap", Price: *d("15"), Tracking: "product", Stock: emulator.Units(7), Variants: []*emulator.Variant{
				{ID: 9005, SKU: "CAP-R", Options: map[string]string{"Colour": "Red"}},
				{ID: 9006, SKU: "CAP-B", Options: map[string]string{"Colour": "Blue"}}}},
			{ID: 105, SKU: "OWN", Name: "Own", Price: *d("30"), Tracking: "variant", Variants: []*emulator.Variant{ // a base variant with a price of its own
				{ID: 9007, SKU: "OWN", Price: d("31"), Stock: emulator.Units(1)}}},
		},
	}
}

// changeShop is a shop that can be written to.
func changeShop(t tester, c *emulator.Catalog, options ...emulator.Option) *shop {
	t.Helper()
	return newShop(t, c, append([]emulator.Option{emulator.WithWriteToken(writeSecret), emulator.WithQuota(0, 0)}, options...)...)
}

func (s *shop) editor(t tester, more settings) *Source {
	t.Helper()
	given := settings{"write_access_token": writeSecret}
	maps.Copy(given, more)
	return s.source(t, given)
}

func value(t tester, field, text string) sdk.Value {
	t.Helper()
	if field == "name" || field == "brand" || field == "upc" || field == "bin" {
		return catalog.StringValue(text)
	}
	if text == "null" {
		return catalog.NullValue(catalog.Number)
	}
	d, err := catalog.ParseDecimal(text)
	if err != nil {
		t.Fatal(err)
	}
	return catalog.NumberValue(d)
}

// want makes a change out of "SKU field: before -> after".
func want(t tester, key, id, sku, field, before, after string) sdk.Change {
	t.Helper()
	return sdk.Change{Key: key, Item: sdk.Ref{ID: id, SKU: sku}, Field: field, Expected: value(t, field, before), Desired: value(t, field, after)}
}

// applied makes changes, and returns the outcomes by key.
func applied(ctx context.Context, t tester, source *Source, changes []sdk.Change) (map[string]sdk.Outcome, error) {
	t.Helper()
	outcomes := map[string]sdk.Outcome{}
	req := sdk.ApplyRequest{ReadRequest: sdk.NewReadRequest(nil, func(string) {}), Changes: changes}
	err := sdk.ApplyAll(ctx, source, req, func(o sdk.Outcome) error {
		if _, twice := outcomes[o.Key]; twice {
			t.Errorf("%s has two outcomes", o.Key)
		}
		outcomes[o.Key] = o
		return nil
	})
	return outcomes, err
}

func prepared(t tester, source *Source, changes []sdk.Change) (map[string]sdk.Prepared, sdk.Cost) {
	t.Helper()
	all := map[string]sdk.Prepared{}
	req := sdk.ApplyRequest{ReadRequest: sdk.NewReadRequest(nil, func(string) {}), Changes: changes}
	cost, err := sdk.PrepareAll(t.Context(), source, req, func(p sdk.Prepared) error {
		if _, twice := all[p.Key]; twice {
			t.Errorf("%s was prepared twice", p.Key)
		}
		all[p.Key] = p
		return nil
	})
	if err != nil || len(all) != len(changes) {
		t.Errorf("%d of %d changes were prepared: %v", len(all), len(changes), err)
	}
	return all, cost
}

// TestChanges changes each field of each kind of item, and what cannot be changed.
func TestChanges(t *testing.T) {
	for _, c := range []struct {
		id, sku, field, before, after string
		kind                          sdk.Kind
		held, at                      string // what the item had and has of its own
		will                          string // what a read gives after it; "" if that is after
		reason                        string
	}{
		{"9001", "BELL", "price", "9.95", "11", sdk.Applied, "9.95", "11", "", ""},
		{"9001", "BELL", "price", "9.95", "11.00005", sdk.Applied, "9.95", "11.0001", "11.0001", ""},
		{"9001", "BELL", "price", "9.95", "9.95", sdk.Unchanged, "9.95", "9.95", "", ""},
		{"9001", "BELL", "price", "8", "9.95", sdk.Unchanged, "9.95", "9.95", "", ""},
		{"9001", "BELL", "price", "8", "7", sdk.Conflict, "9.95", "9.95", "", "the store has 9.95, and 8 was expected"},
		{"9001", "BELL", "price", "9.95", "null", sdk.Rejected, "", "", "", "nothing to inherit"},
		{"9001", "BELL", "price", "9.95", "-1", sdk.Rejected, "", "", "", "takes nothing below 0"},
		{"9001", "BELL", "name", "Bell", "Bicycle bell", sdk.Applied, "Bell", "Bicycle bell", "", ""},
		{"9001", "BELL", "name", "Bell", "Cap", sdk.Rejected, "", "", "", "duplicate"},
		{"9001", "BELL", "name", "Bell", "", sdk.Rejected, "", "", "", "a product has a name"},
		{"9001", "BELL", "brand", "Acme", "Bolt", sdk.Applied, "Acme", "Bolt", "", ""},
		{"9001", "BELL", "brand", "Acme", "", sdk.Applied, "Acme", "", "", ""},
		{"9001", "BELL", "brand", "Acme", "Nobody", sdk.Rejected, "", "", "", `no brand "Nobody"`},
		{"9001", "BELL", "brand", "Acme", "bolt", sdk.Rejected, "", "", "", `no brand "bolt", and brand "Bolt"`},
		{"9001", "BELL", "sale_price", "null", "8", sdk.Applied, "null", "8", "", ""},
		{"9001", "BELL", "sale_price", "null", "0", sdk.Unchanged, "0", "0", "null", ""},
		{"9003", "TEE-L", "sale_price", "null", "7.5", sdk.Applied, "null", "7.5", "", ""},
		{"9001", "BELL", "cost_price", "null", "5", sdk.Applied, "null", "5", "", ""},
		{"9001", "BELL", "retail_price", "null", "12", sdk.Applied, "null", "12", "", ""},
		{"9001", "BELL", "weight", "0.2", "0.25", sdk.Applied, "0.2", "0.25", "", ""},
		{"9001", "BELL", "width", "0", "3", sdk.Applied, "0", "3", "", ""},
		{"9001", "BELL", "upc", "111", "222", sdk.Applied, "111", "222", "", ""},
		{"9001", "BELL", "upc", "111", "123456789012345", sdk.Rejected, "", "", "", "takes 14 letters"},
		{"9001", "BELL", "bin", "", "A1", sdk.Applied, "", "A1", "", ""},
		{"9001", "BELL", "qoh", "4", "6", sdk.Applied, "4", "6", "", ""},
		{"9001", "BELL", "qoh", "4", "1.5", sdk.Rejected, "", "", "", "whole units"},
		{"9001", "BELL", "visible", "1", "2", sdk.Rejected, "", "", "", `cannot set the field "visible"`},
		{"9002", "TEE-S", "price", "20", "21", sdk.Applied, "null", "21", "", ""},
		{"9002", "TEE-S", "price", "20", "null", sdk.Unchanged, "null", "null", "20", ""},
		{"9003", "TEE-L", "price", "22", "null", sdk.Applied, "22", "null", "20", ""},
		{"9003", "TEE-L", "weight", "0.3", "0.4", sdk.Applied, "null", "0.4", "", ""},
		{"9003", "TEE-L", "name", "T-shirt", "Tee", sdk.Applied, "T-shirt", "Tee", "", ""},
		{"9003", "TEE-L", "qoh", "5", "0", sdk.Applied, "5", "0", "", ""},
		{"9003", "TEE-L", "upc", "", "333", sdk.Applied, "", "333", "", ""},
		{"9004", "GIFT", "qoh", "null", "3", sdk.Rejected, "", "", "", "does not track"},
		{"9005", "CAP-R", "qoh", "7", "3", sdk.Rejected, "", "", "", "as one number"},
		{"9007", "OWN", "price", "31", "32", sdk.Applied, "31", "32", "", ""},
		{"", "TEE-L", "price", "22", "23", sdk.Applied, "22", "23", "", ""},
		{"", "BELL", "price", "9.95", "10", sdk.Applied, "9.95", "10", "", ""},
		{"77", "GHOST", "price", "1", "2", sdk.Rejected, "", "", "", "does not have this item"},
	} {
		t.Run(fmt.Sprintf("%s%s %s from %s to %s", c.id, c.sku, c.field, c.before, c.after), func(t *testing.T) {
			s := changeShop(t, editable(t))
			source := s.editor(t, nil)
			change := want(t, "k", c.id, c.sku, c.field, c.before, c.after)
			plan, _ := prepared(t, source, []sdk.Change{change})
			said := plan["k"]
			got, err := applied(t.Context(), t, source, []sdk.Change{change})
			o := got["k"]
			if err != nil || len(got) != 1 || o.Kind != c.kind || !strings.Contains(o.Reason, c.reason) {
				t.Fatalf("%+v, %v", o, err)
			}
			duplicate := c.reason == "duplicate" // nobody knows before
			if (said.Problem != "") != (c.kind == sdk.Rejected && !duplicate) || !duplicate && c.kind == sdk.Rejected && !strings.Contains(said.Problem, c.reason) {
				t.Errorf("prepared: %+v", said)
			}
			if c.kind == sdk.Rejected {
				if n := len(s.Writes()); n > 0 {
					t.Errorf("%d fields were written", n)
				}
				return
			}
			if held := value(t, c.field, c.held); !o.Before.Equal(held) {
				t.Errorf("before: %s, want %s", o.Before.Text(), c.held)
			}
			if at := value(t, c.field, c.at); !o.After.Equal(at) {
				t.Errorf("after: %s, want %s", o.After.Text(), c.at)
			}
			will := c.will
			if will == "" {
				will = c.after
			}
			if c.kind != sdk.Conflict && !said.Will.Equal(value(t, c.field, will)) {
				t.Errorf("it was said that it will be %s, want %s", said.Will.Text(), will)
			}
			if c.kind == sdk.Applied {
				if read := read(t, source, "sku", c.field).column(t, c.field)[c.sku]; read != value(t, c.field, will).Text() {
					t.Errorf("a read gives %q, want %q", read, will)
				}
			}
			if n := len(s.Writes()); n != map[sdk.Kind]int{sdk.Applied: 1}[c.kind] {
				t.Errorf("%d fields were written: %v", n, s.Writes())
			}
		})
	}
}

// TestSiblings says which items change with one.
func TestSiblings(t *testing.T) {
	s := changeShop(t, editable(t))
	source := s.editor(t, nil)
	plan, _ := prepared(t, source, []sdk.Change{want(t, "a", "9002", "TEE-S", "name", "T-shirt", "Tee"), want(t, "b", "9002", "TEE-S", "price", "20", "21"),
		want(t, "c", "9005", "CAP-R", "name", "Cap", "Hat"), want(t, "d", "9006", "CAP-B", "name", "Cap", "Beret")})
	if also := plan["a"].Also; len(also) != 1 || also[0] != (sdk.Ref{ID: "9003", SKU: "TEE-L"}) || len(plan["b"].Also) > 0 {
		t.Errorf("%+v", plan)
	}
	if plan["c"].Problem != "" || !strings.Contains(plan["d"].Problem, "another change wants another value") {
		t.Errorf("%+v", plan)
	}
}

// TestRevert takes changes back with what was there before: what inherited inherits again.
func TestRevert(t *testing.T) {
	s := changeShop(t, editable(t))
	source := s.editor(t, nil)
	fields := []string{"sku", "name", "brand", "price", "sale_price", "weight", "upc"}
	before := read(t, source, fields...)
	changes := []sdk.Change{want(t, "a", "9002", "TEE-S", "price", "20", "21"), want(t, "b", "9003", "TEE-L", "sale_price", "null", "9"),
		want(t, "c", "9001", "BELL", "sale_price", "null", "9"), want(t, "d", "9001", "BELL", "brand", "Acme", ""), want(t, "e", "9001", "BELL", "upc", "111", "")}
	got, err := applied(t.Context(), t, source, changes)
	if err != nil {
		t.Fatal(err)
	}
	var back []sdk.Change
	for _, c := range changes {
		back = append(back, sdk.Change{Key: c.Key, Item: c.Item, Field: c.Field, Expected: got[c.Key].After, Desired: got[c.Key].Before})
	}
	for key, o := range must(applied(t.Context(), t, source, back)) {
		if o.Kind != sdk.Applied {
			t.Errorf("%s: %+v", key, o)
		}
	}
	if after := read(t, source, fields...); !slices.EqualFunc(before.items, after.items, func(a, b item) bool { return maps.Equal(a, b) }) {
		t.Errorf("%v\n%v", before.items, after.items)
	}
	if err := s.Update(func(c *emulator.Catalog) {
		if v := c.Products[1].Variants; v[0].Price != nil || v[1].Sale != nil {
			t.Errorf("%+v", v[0])
		}
	}); err != nil {
		t.Fatal(err)
	}
}

// TestRenamed: an item that has got another SKU since the plan was made is another one, and is not written.
func TestRenamed(t *testing.T) {
	s := changeShop(t, editable(t))
	if err := s.Foreign(func(c *emulator.Catalog) { // the names were given the wrong way round, and somebody has mended that
		c.Products[0].SKU, c.Products[2].SKU = "GIFT", "BELL"
	}); err != nil {
		t.Fatal(err)
	}
	changes := []sdk.Change{want(t, "a", "9001", "BELL", "price", "9.95", "11"), want(t, "b", "9002", "TEE-S", "price", "20", "21"), want(t, "c", "9001", "", "weight", "0.2", "0.3")}
	plan, _ := prepared(t, s.editor(t, nil), changes)
	if why := plan["a"].Problem; !strings.Contains(why, `another SKU meanwhile, "GIFT"`) || plan["b"].Problem+plan["c"].Problem != "" {
		t.Errorf("%+v", plan)
	}
	got := must(applied(t.Context(), t, s.editor(t, nil), changes))
	if o := got["a"]; o.Kind != sdk.Rejected || !strings.Contains(o.Reason, `another SKU meanwhile, "GIFT"`) {
		t.Errorf("%+v", o)
	}
	if got["b"].Kind != sdk.Applied || got["c"].Kind != sdk.Applied || len(s.Writes()) != 2 {
		t.Errorf("%+v, written: %v", got, s.Writes())
	}
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// TestFetch reads single items, as a read of the whole store gives them.
func TestFetch(t *testing.T) {
	for _, given := range []settings{{}, {"imported_through": 0, "quantity": "available"}} {
		s := changeShop(t, editable(t))
		source := s.source(t, given)
		var names []string
		for _, f := range allFields() {
			names = append(names, f.Name)
		}
		whole := map[string]item{}
		for _, it := range read(t, source, names...).items {
			whole[it["id"]] = it
		}
		for _, refs := range [][]sdk.Ref{{{ID: "9003"}}, {{SKU: "TEE-L"}}, {{SKU: "BELL"}}, {{ID: "9001", SKU: "BELL"}, {ID: "9005"}, {ID: "9004"}, {SKU: "OWN"}},
			{{SKU: "GHOST"}, {ID: "4711"}, {SKU: "A,B"}}} {
			fresh := s.source(t, given)
			var got []item
			req := sdk.FetchRequest{ReadRequest: sdk.NewReadRequest(names, func(string) {}), Items: refs}
			asked := s.Requests()
			if err := fresh.Fetch(t.Context(), req, func(it sdk.Item) error {
				text := item{}
				for name, v := range it {
					value, err := catalogValue(fieldType(name), v)
					if err != nil {
						return err
					}
					if value.Text() != "" {
						text[name] = value.Text()
					}
				}
				got = append(got, text)
				return nil
			}); err != nil {
				t.Fatal(err)
			}
			if n := s.Requests() - asked; len(refs) == 1 && n > 8 {
				t.Errorf("%v: %d requests", refs, n)
			}
			if refs[0].SKU == "GHOST" {
				if len(got) > 0 {
					t.Errorf("%v: %v", refs, got)
				}
				continue
			}
			if len(got) != len(refs) {
				t.Errorf("%v: %v", refs, got)
			}
			for _, it := range got {
				if !maps.Equal(it, whole[it["id"]]) {
					t.Errorf("%v, and a read gives %v", it, whole[it["id"]])
				}
			}
		}
	}
}

func fieldType(name string) catalog.Type {
	for _, f := range allFields() {
		if f.Name == name {
			return f.Type
		}
	}
	return catalog.String
}

// TestWriteToken says that writing needs a token of its own, and that Check asks whether it may.
func TestWriteToken(t *testing.T) {
	change := func(t *testing.T) []sdk.Change {
		return []sdk.Change{want(t, "k", "9001", "BELL", "price", "9.95", "11")}
	}
	t.Run("none", func(t *testing.T) {
		s := changeShop(t, editable(t))
		if _, err := applied(t.Context(), t, s.source(t, nil), change(t)); err == nil || !strings.Contains(err.Error(), "write_access_token is missing") {
			t.Error(err)
		}
	})
	t.Run("the one for reading", func(t *testing.T) {
		s := changeShop(t, editable(t))
		got, err := applied(t.Context(), t, s.editor(t, settings{"write_access_token": secret}), change(t))
		if o := got["k"]; err != nil || o.Kind != sdk.Failed || !strings.Contains(o.Reason, "modify access to Products (store_v2_products)") {
			t.Errorf("%+v, %v", o, err)
		}
	})
	for scope, words := range map[string]string{"store_v2_products": "Products (store_v2_products)", "store_inventory": "Store Inventory (store_inventory)"} {
		s := changeShop(t, editable(t), emulator.WithoutScope(scope))
		if _, err := s.editor(t, nil).Check(t.Context()); err == nil || !strings.Contains(err.Error(), words) || strings.Contains(err.Error(), writeSecret) {
			t.Errorf("%s: %v", scope, err)
		}
	}
	s := changeShop(t, editable(t))
	facts, err := s.editor(t, nil).Check(t.Context())
	if err != nil || !slices.Contains(facts, sdk.Fact{Name: "write token may change", Value: "Products, Store Inventory"}) || len(s.Writes()) > 0 {
		t.Errorf("%v, %v", facts, err)
	}
}

// simple is a store of simple products.
func simple(n int) *emulator.Catalog {
	c := &emulator.Catalog{}
	for i := range n {
		c.Products = append(c.Products, &emulator.Product{ID: int64(1000 + i), BaseVariantID: int64(10_000 + i), SKU: fmt.Sprintf("SKU-%06d", i),
			Name: fmt.Sprintf("Product %d", i), Price: catalog.Int(10), Stock: emulator.Units(int64(i % 7))})
	}
	return c
}

// catalogValue makes a value out of what a connector gives.
func catalogValue(typ catalog.Type, v any) (sdk.Value, error) {
	switch v := v.(type) {
	case sdk.Decimal:
		return catalog.NumberValue(v), nil
	case bool:
		return catalog.BoolValue(v), nil
	case string:
		return catalog.StringValue(v), nil
	case []string:
		return catalog.ListValue(v), nil
	case map[string]string:
		var entries []catalog.Entry
		for key, value := range v {
			entries = append(entries, catalog.Entry{Key: key, Value: value})
		}
		return catalog.MapValue(entries), nil
	}
	return sdk.Value{}, fmt.Errorf("a %T for a %v", v, typ)
}
