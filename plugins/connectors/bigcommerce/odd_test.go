package bigcommerce

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/reconcilehq/reconcile/plugins/connectors/bigcommerce/emulator"
)

// answering returns a fault that answers with a body of its own.
func answering(body string) emulator.Fault {
	return func(w http.ResponseWriter, _ *http.Request, _ http.Handler) { _, _ = w.Write([]byte(body)) }
}

// on spoils each request whose address holds a text.
func on(text string, fault emulator.Fault) emulator.Option {
	return emulator.WithFaults(func(_ int, r *http.Request) emulator.Fault {
		if strings.Contains(r.URL.String(), text) {
			return fault
		}
		return nil
	})
}

const nothing = `{"data": [], "meta": {"pagination": {"total": 0, "count": 0, "per_page": 250}}}`

// TestOddAnswers is about answers that are good JSON and not what the read can go on with.
func TestOddAnswers(t *testing.T) {
	for _, c := range []struct {
		name, where, body string
		want              string // of the error; "" if there is none
		warning           string
	}{
		{"stock that the store does not know", "/inventory/items", nothing, "", "3 items have no stock level in the inventory"},
		{"a brand that the store does not know", "/catalog/brands", nothing, "", "1 brand is named by products, but not known"},
		{"no products, of which there are many", "/catalog/products", `{"data": [], "meta": {"pagination": {"total": 9}}}`,
			"it announces 9 products and has none after 6 tries", ""},
		{"fewer than announced", "/catalog/products", `{"data": [], "meta": {"pagination": {"total": 9, "count": 9}}}`,
			"it announces 9 entries and has 0", ""},
		{"products only, so that variants are missing", "/catalog/products", nothing, "lists 4 variants, but", ""},
		{"products without variants", "/catalog/products", `{"data": [{"id": 1, "sku": "X", "brand_id": 0}], "meta": {"pagination": {"total": 1}}}`,
			"it has product 1, which was not asked for", ""},
		{"no total", "/catalog/variants", `{"data": []}`, "it does not say how much there is", ""},
		{"no data", "/catalog/brands", `{}`, "it has no data", ""},
		{"an order without lines", "/v2/orders", `[{"id": 7, "consignments": {"url": "https://example.com"}}]`, "order 7 comes without its consignments", ""},
		{"an order with a link for a line", "/v2/orders", `[{"id": 7, "consignments": {"shipping": [{"line_items": [{"url": "x"}]}]}}]`, "line without a quantity", ""},
		{"orders over and over", "/v2/orders", `[{"id": 7, "status_id": 1, "is_deleted": false, "consignments": {"shipping": [], "pickups": [], "downloads": []}}]`, "in each of 4 attempts; try again when the store is quieter", ""},
		{"orders that are none", "/v2/orders", `null`, "it has no orders, not even none", ""},
		{"a price that is none", "/catalog/products", `{"data": [{"id": 1, "price": "free"}], "meta": {"pagination": {"total": 1}}}`, "not a decimal number", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newShop(t, mixed(t), on(c.where, answering(c.body)))
			got := read(t, s.source(t, settings{"imported_through": 0, "quantity": "available"}), "sku", "brand", "qoh", "pending")
			if c.want == "" && got.err != nil || c.want != "" && (got.err == nil || !strings.Contains(got.err.Error(), c.want)) {
				t.Errorf("error %v, want %q", got.err, c.want)
			}
			if c.warning != "" && (len(got.warnings) != 1 || !strings.HasPrefix(got.warnings[0], c.warning)) {
				t.Errorf("warnings %q, want %q", got.warnings, c.warning)
			}
		})
	}
}

// TestPlainAPI reads from an API that knows no more than page numbers: it takes no notice of an order or a beginning that
// is asked for, or refuses them, and gives orders as they come.
func TestPlainAPI(t *testing.T) {
	ignore := func(w http.ResponseWriter, r *http.Request, answer http.Handler) {
		query := r.URL.Query()
		for _, name := range []string{"id:greater", "sort", "direction"} {
			query.Del(name)
		}
		if strings.HasSuffix(r.URL.Path, "/orders") {
			// One order a page, the last one first.
			page, _ := strconv.Atoi(query.Get("page"))
			order := 1003 - max(page, 1)
			if order < 1001 {
				w.WriteHeader(http.StatusNoContent)
				return
			}
			query.Set("min_id", strconv.Itoa(order))
			query.Set("max_id", strconv.Itoa(order))
			query.Del("page")
		}
		r = r.Clone(r.Context())
		r.URL.RawQuery = query.Encode()
		answer.ServeHTTP(w, r)
	}
	refuse := func(w http.ResponseWriter, r *http.Request, answer http.Handler) {
		if r.URL.Query().Has("id:greater") {
			w.WriteHeader(http.StatusUnprocessableEntity)
			return
		}
		answer.ServeHTTP(w, r)
	}
	for name, fault := range map[string]emulator.Fault{"ignores": ignore, "refuses": refuse} {
		t.Run(name, func(t *testing.T) {
			c := mixed(t)
			c.Orders = nil
			for id := range int64(2) {
				c.Orders = append(c.Orders, &emulator.Order{ID: 1001 + id, Status: "Pending", Lines: []*emulator.Line{{SKU: "BELL", Quantity: 1 + id}}})
			}
			s := newShop(t, c, on("/", fault))
			source := s.source(t, settings{"imported_through": 1000, "quantity": "available"})
			source.pages = pageSizes{products: 1, variants: 1, brands: 1, stock: 1, orders: 1}
			got := read(t, source, "sku", "qoh", "brand", "pending")
			if got.err != nil || len(got.items) != 4 {
				t.Fatalf("error %v, items %v", got.err, got.items)
			}
			if pending := got.items[0]["pending"]; got.items[0]["sku"] != "BELL" || pending != "3" {
				t.Errorf("pending is %q, want 3: %v", pending, got.items[0])
			}
		})
	}
}

// TestVariantsInAListOfTheirOwn reads from an API that includes no variants in products, or no base variants.
func TestVariantsInAListOfTheirOwn(t *testing.T) {
	strip := func(base bool) emulator.Fault {
		return func(w http.ResponseWriter, r *http.Request, answer http.Handler) {
			recorder := httptest.NewRecorder()
			answer.ServeHTTP(recorder, r)
			var body map[string]any
			if err := json.Unmarshal(recorder.Body.Bytes(), &body); err != nil {
				t.Error(err)
			}
			for _, p := range body["data"].([]any) {
				product := p.(map[string]any)
				if !base {
					delete(product, "variants")
				} else if len(product["variants"].([]any)) == 1 {
					product["variants"] = []any{}
				}
			}
			if err := json.NewEncoder(w).Encode(body); err != nil {
				t.Error(err)
			}
		}
	}
	fields := []string{"sku", "name", "brand", "price", "qoh", "options", "variation", "parent_sku"}
	want := read(t, newShop(t, mixed(t)).source(t, nil), fields...)
	for name, fault := range map[string]emulator.Fault{"none": strip(false), "no base variants": strip(true)} {
		t.Run(name, func(t *testing.T) {
			got := read(t, newShop(t, mixed(t), on("/catalog/products", fault)).source(t, nil), fields...)
			bySKU := func(a, b item) int { return strings.Compare(a["sku"], b["sku"]) }
			slices.SortFunc(got.items, bySKU)
			slices.SortFunc(want.items, bySKU)
			if diff := cmp.Diff(want.items, got.items); diff != "" || got.err != nil {
				t.Errorf("error %v, items (-want +got):\n%s", got.err, diff)
			}
		})
	}
}

// TestIncludeFieldsMayMeanNothingElse reads from an API that leaves the variants out when fields are named.
func TestIncludeFieldsMayMeanNothingElse(t *testing.T) {
	s := newShop(t, mixed(t), emulator.WithFaults(func(_ int, r *http.Request) emulator.Fault {
		if query := r.URL.Query(); query.Get("include_fields") != "" && query.Has("include") {
			return func(w http.ResponseWriter, r *http.Request, answer http.Handler) {
				query.Del("include")
				r = r.Clone(r.Context())
				r.URL.RawQuery = query.Encode()
				answer.ServeHTTP(w, r)
			}
		}
		return nil
	}))
	if got := read(t, s.source(t, nil), "sku", "name"); got.err != nil || len(got.items) != 4 {
		t.Errorf("%d items, error %v", len(got.items), got.err)
	}
}

// TestAnswersOfManyObjects says that an answer is not read that has more objects than a page can have.
func TestAnswersOfManyObjects(t *testing.T) {
	s := newShop(t, large(3), on("/catalog/products", answering(`{"data":[{`+strings.Repeat(`},{`, 1<<20)+`}]}`)))
	if got := read(t, s.source(t, nil), "sku"); got.err == nil || !strings.Contains(got.err.Error(), "the answer has more than 1048576 objects") {
		t.Errorf("error %.200v", got.err)
	}
}

// TestLargeAnswers reads products whose variants make a usual page too large: it asks for smaller ones.
func TestLargeAnswers(t *testing.T) {
	for _, c := range []struct {
		most int64
		want string // of the error
	}{{20_000, ""}, {2_000, "the answer is larger than 2000 bytes"}} {
		s := newShop(t, large(60))
		source := s.source(t, nil)
		client, err := source.connect(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		client.MostBytes = c.most
		got := read(t, source, "sku")
		if c.want == "" && (got.err != nil || len(got.items) != 60) {
			t.Errorf("%d bytes: %d items, error %v", c.most, len(got.items), got.err)
		}
		if c.want != "" && (got.err == nil || !strings.Contains(got.err.Error(), c.want)) {
			t.Errorf("%d bytes: error %v, want %q", c.most, got.err, c.want)
		}
	}
}
