package bigcommerce

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/reconcilehq/reconcile/plugins/connectors/bigcommerce/emulator"
)

// mutation is one way to spoil the answers of an endpoint.
type mutation struct {
	endpoint string
	path     []any // of members and places; empty for the whole answer
	what     string
	change   func(node any) (any, bool) // the new value, or false to take it away; nil where bytes are changed
	bytes    func(body []byte) []byte
	status   int
}

func (m mutation) String() string { return fmt.Sprintf("%s %v: %s", m.endpoint, m.path, m.what) }

// apply spoils an answer. One that does not have the member is left as it is.
func (m mutation) apply(body []byte) []byte {
	if m.bytes != nil {
		return m.bytes(body)
	}
	tree := parsed(body)
	tree, _ = changed(tree, m.path, m.change)
	text, err := json.Marshal(tree)
	if err != nil {
		panic(err)
	}
	return text
}

func parsed(body []byte) (tree any) {
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.UseNumber()
	if err := decoder.Decode(&tree); err != nil {
		return string(body) // spoiled already
	}
	return tree
}

func changed(node any, path []any, change func(any) (any, bool)) (any, bool) {
	if len(path) == 0 {
		return change(node)
	}
	switch at := path[0].(type) {
	case string:
		object, ok := node.(map[string]any)
		if value, has := object[at]; ok && has {
			if value, keep := changed(value, path[1:], change); keep {
				object[at] = value
			} else {
				delete(object, at)
			}
		}
	case int:
		list, ok := node.([]any)
		if ok && at < len(list) {
			if value, keep := changed(list[at], path[1:], change); keep {
				list[at] = value
			} else {
				return slices.Delete(list, at, at+1), true
			}
		}
	}
	return node, true
}

// spoilt serves a store some of whose answers are spoilt.
type spoilt struct {
	server    http.Handler
	mutations []mutation
	mu        sync.Mutex
	hits      func() bool // whether the next answer is spoilt; nil: all are
	seen      map[string][]byte
}

// endpointOf names what is asked for; counting is an endpoint of its own.
func endpointOf(r *http.Request) string {
	path := strings.TrimPrefix(r.URL.Path, "/stores/abc123")
	if r.URL.Query().Get("limit") == "1" {
		path += " count"
	}
	return path
}

// RoundTrip answers without a network.
func (s *spoilt) RoundTrip(r *http.Request) (*http.Response, error) {
	kept := httptest.NewRecorder()
	s.server.ServeHTTP(kept, r)
	endpoint, body := endpointOf(r), kept.Body.Bytes()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.seen != nil && s.seen[endpoint] == nil && kept.Code == http.StatusOK {
		s.seen[endpoint] = bytes.Clone(body)
	}
	for _, m := range s.mutations {
		if m.endpoint == endpoint && kept.Code == http.StatusOK && (s.hits == nil || s.hits()) {
			body = m.apply(body)
			if m.status != 0 {
				kept.Code = m.status
			}
		}
	}
	kept.Body = bytes.NewBuffer(body)
	kept.Header().Del("Content-Length")
	result := kept.Result()
	result.Request = r
	return result, nil
}

// plain is a store that has something of everything, in numbers that nobody could mistake for others.
func plain(t *testing.T) *emulator.Catalog {
	d := func(text string) *emulator.Product { return &emulator.Product{Price: *decimal(t, text)} }
	bell := d("19.95")
	bell.ID, bell.SKU, bell.Name, bell.Brand, bell.BaseVariantID, bell.UPC, bell.Bin = 101, "BELL", "Bell", "Dingdong", 9001, "0123", "B7"
	bell.Sale, bell.Cost, bell.Retail, bell.Weight = decimal(t, "17.5"), decimal(t, "9.1"), decimal(t, "21"), decimal(t, "0.3")
	bell.Stock = emulator.Stock{1: {OnHand: 6, SafetyStock: 2}}
	tee := d("30")
	tee.ID, tee.SKU, tee.Name, tee.Brand, tee.UPC = 102, "TEE", "T-shirt", "Woolly", "999"
	tee.Cost, tee.Width, tee.Height, tee.Depth = decimal(t, "12"), decimal(t, "3"), decimal(t, "4"), decimal(t, "5")
	tee.Variants = []*emulator.Variant{
		{ID: 9002, SKU: "TEE-S", Options: map[string]string{"Size": "S"}, Price: decimal(t, "31.25"), Cost: decimal(t, "13"), Sale: decimal(t, "29"),
			Weight: decimal(t, "0.2"), UPC: "777", Bin: "C1", Stock: emulator.Units(5)},
		{ID: 9003, SKU: "TEE-L", Options: map[string]string{"Size": "L"}, Stock: emulator.Units(8)},
	}
	return &emulator.Catalog{Products: []*emulator.Product{bell, tee}, Orphans: []*emulator.Variant{{ID: 9009, SKU: "GHOST"}},
		Orders: []*emulator.Order{{ID: 1001, Status: "Pending", Lines: []*emulator.Line{{SKU: "BELL", Quantity: 3},
			{SKU: "TEE-S", Quantity: 4, Refunded: 2, Delivery: "pickup"}}}}}
}

// lab reads one store again and again, with spoilt answers.
type lab struct {
	shop  *shop
	names []string
	want  map[string]item // by identifier
	seen  map[string][]byte
}

func newLab(t *testing.T) *lab {
	t.Helper()
	l := &lab{shop: newShop(t, plain(t), emulator.WithQuota(0, 0)), names: allNames(), seen: map[string][]byte{}}
	got := read(t, l.source(t, &spoilt{seen: l.seen}), l.names...)
	if got.err != nil || len(got.items) != 3 {
		t.Fatalf("%d items, error %v", len(got.items), got.err)
	}
	l.want = byIdentifier(got.items)
	return l
}

func byIdentifier(items []item) map[string]item {
	found := map[string]item{}
	for _, it := range items {
		found[it["id"]] = it
	}
	return found
}

func (l *lab) source(t *testing.T, answers *spoilt) *Source {
	t.Helper()
	source := l.shop.source(t, settings{"imported_through": 1000, "currency": "CAD", "prices": "tax_exclusive"})
	client, err := source.connect(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	answers.server = l.shop.Server
	client.Through(answers)
	return source
}

// wrong says what of the items is neither right nor unknown; "" if nothing is.
func (l *lab) wrong(items []item, m ...mutation) string {
	found := byIdentifier(items)
	if len(items) != len(l.want) || len(found) != len(items) {
		return fmt.Sprintf("%d items, want %d", len(items), len(l.want))
	}
	for id, want := range l.want {
		got, ok := found[id]
		if !ok {
			return "item " + id + " is gone"
		}
		for _, field := range l.names {
			if got[field] == want[field] || got[field] == "" && field != "product_id" {
				continue
			}
			if !slices.ContainsFunc(m, func(m mutation) bool { return l.documented(m, field, got[field]) }) {
				return fmt.Sprintf("item %s: %s is %q, want %q or unknown", id, field, got[field], want[field])
			}
		}
	}
	return ""
}

// documented reports whether a value follows from what the spoilt answer says: it is no spoilt one, then, but another.
func (l *lab) documented(m mutation, field, value string) bool {
	last := ""
	for _, at := range m.path {
		if name, ok := at.(string); ok {
			last = name
		}
	}
	element := false
	if n := len(m.path); n > 0 {
		_, element = m.path[n-1].(int)
	}
	switch {
	case m.what == "null" && slices.Contains([]string{"price", "sale_price", "cost_price", "weight"}, last):
		return value == l.want["9003"][field] // null: the product's, which the other variant has, too
	case last == "option_values" && (m.what == "[]" || element):
		return slices.Contains([]string{"variation", "upc"}, field) // it says that there are no options
	case (last == "label" || last == "option_display_name") && m.what == `""`:
		return field == "variation" || field == "options"
	case m.what == "[]" && slices.Contains([]string{"shipping", "pickups", "line_items"}, last), last == "line_items" && element, last == "pickups" && element, last == "shipping" && element:
		return field == "pending" // it says that there are fewer lines
	case m.endpoint == "/v2/orders" && len(m.path) <= 1 && (m.what == "[]" || m.what == "absent"):
		return field == "pending" // it says that there are no orders
	}
	return false
}

func literal(text string) func(any) (any, bool) {
	return func(any) (any, bool) { return json.RawMessage(text), true }
}

// rewritten writes a number in another way.
func rewritten(write func(json.Number) string) func(any) (any, bool) {
	return func(node any) (any, bool) {
		if n, ok := node.(json.Number); ok && !strings.Contains(n.String(), "e") {
			return json.RawMessage(write(n)), true
		}
		return node, true
	}
}

// readMembers are the members that the connector makes something of, and those around them.
var readMembers = strings.Fields(`data meta pagination total count per_page total_pages id sku name brand_id price sale_price cost_price
	retail_price weight width height depth inventory_tracking upc bin_picking_number is_visible availability date_modified custom_url url
	variants product_id option_values option_display_name label identity variant_id locations location_id location_name location_enabled
	available_to_sell total_inventory_onhand settings safety_stock status_id is_deleted items_total consignments shipping pickups downloads
	email gift_certificates line_items quantity quantity_refunded currency secure_url is_price_entered_with_tax timezone update_stock_behavior`)

// mutationsOf lists all that can be done to an answer, member by member.
func mutationsOf(endpoint string, node any, path []any, all bool) (list []mutation) {
	add := func(what string, change func(any) (any, bool)) {
		list = append(list, mutation{endpoint: endpoint, path: slices.Clone(path), what: what, change: change})
	}
	values := func(texts ...string) {
		for _, text := range texts {
			add(text, literal(text))
		}
	}
	if len(path) > 0 {
		add("absent", func(any) (any, bool) { return nil, false })
	}
	switch node := node.(type) {
	case nil:
		values(`"x"`, `{}`, `true`)
	case bool:
		values(`null`, fmt.Sprintf("%q", fmt.Sprint(node)), `1`, `[]`)
	case json.Number:
		values(`null`, `"x"`, `""`, `{}`, `[]`, `true`, `123456789012345678901234567890.5e9999`)
		add("the same as text", rewritten(func(n json.Number) string { return fmt.Sprintf("%q", n) }))
		add("the same with an exponent", rewritten(func(n json.Number) string { return n.String() + "e0" }))
		if len(path) > 1 && slices.Contains(path, any("pagination")) {
			values(`0`, `1`, `2`, `999`, `-1`, node.String()+".0")
		}
	case string:
		values(`null`, `12`, `{}`, `[]`, `true`, `""`)
	case []any:
		values(`null`, `{}`, `"x"`, `[]`, `[null]`, `[[]]`, `[{}]`)
		if len(node) > 0 {
			add("the first entry twice", func(node any) (any, bool) {
				list, ok := node.([]any)
				if !ok || len(list) == 0 {
					return node, true
				}
				return append([]any{list[0]}, list...), true
			})
		}
		for i, inner := range node {
			if i > 0 && !all && (endpoint != "/v3/catalog/products" || len(path) > 1) {
				break // one of a kind will do
			}
			list = append(list, mutationsOf(endpoint, inner, append(path, i), all)...)
		}
	case map[string]any:
		values(`null`, `[]`, `"x"`, `{}`)
		for _, name := range slices.Sorted(maps.Keys(node)) {
			if all || slices.Contains(readMembers, name) {
				list = append(list, mutationsOf(endpoint, node[name], append(path, name), all)...)
			}
		}
	}
	return list
}

// wholeAnswers are ways to spoil an answer as a whole.
func wholeAnswers(endpoint string) (list []mutation) {
	for what, change := range map[string]func(body []byte) []byte{
		"a page for people":      func([]byte) []byte { return []byte("<!doctype html><title>Down</title>") },
		"an error":               func([]byte) []byte { return []byte(`{"status":500,"title":"Oops","type":"about:blank","errors":{}}`) },
		"errors":                 func([]byte) []byte { return []byte(`[{"status":500,"message":"Oops"}]`) },
		"nothing":                func([]byte) []byte { return nil },
		"half of it":             func(b []byte) []byte { return b[:len(b)/2] },
		"all but the last":       func(b []byte) []byte { return b[:max(len(b)-1, 0)] },
		"something behind it":    func(b []byte) []byte { return append(bytes.Clone(b), "x"...) },
		"twice":                  func(b []byte) []byte { return append(bytes.Clone(b), b...) },
		"bytes that are no text": func(b []byte) []byte { return bytes.ReplaceAll(b, []byte("E"), []byte{0xe9}) },
		"half of a character":    func(b []byte) []byte { return bytes.ReplaceAll(b, []byte("E"), []byte(`\ud83d`)) },
	} {
		list = append(list, mutation{endpoint: endpoint, path: []any{}, what: what, bytes: change})
	}
	if endpoint != "/v2/orders" { // where 204 says that there are none
		list = append(list, mutation{endpoint: endpoint, path: []any{}, what: "204", status: http.StatusNoContent, bytes: func([]byte) []byte { return nil }})
	}
	slices.SortFunc(list, func(a, b mutation) int { return strings.Compare(a.what, b.what) })
	return list
}

func (l *lab) mutations(all bool) (list []mutation) {
	for _, endpoint := range slices.Sorted(maps.Keys(l.seen)) {
		list = append(list, wholeAnswers(endpoint)...)
		list = append(list, mutationsOf(endpoint, parsed(l.seen[endpoint]), nil, all)...)
	}
	return list
}

func long() bool { return os.Getenv("RECONCILE_TEST_LONG") != "" }

// TestSpoiltMembers spoils each member of each answer in each way; a short run takes every third. What comes of it is an error, or items of which each
// value is right or unknown; and a Local Copy makes the same.
func TestSpoiltMembers(t *testing.T) {
	l := newLab(t)
	failed, right := 0, 0
	least := 3 // of what is expected to go wrong, and right
	for i, m := range l.mutations(long()) {
		if !long() && i%3 != 0 {
			continue
		}
		source := l.source(t, &spoilt{mutations: []mutation{m}})
		got := read(t, source, l.names...)
		if got.err != nil {
			failed++
			continue
		}
		right++
		if wrong := l.wrong(got.items, m); wrong != "" {
			t.Errorf("%s: %s", m, wrong)
			continue
		}
		if right%4 != 0 && !long() {
			continue
		}
		held := newCopy(l.names...)
		if err := held.pull(t, source); err != nil {
			t.Errorf("%s: a read works, but a pull does not: %v", m, err)
			continue
		}
		if again := held.items(t, source); again.err != nil || !maps.EqualFunc(byIdentifier(got.items), byIdentifier(again.items), maps.Equal) {
			t.Errorf("%s: a read and a Local Copy differ: error %v", m, again.err)
		}
	}
	if long() {
		least = 1
	}
	if failed < 500/least || right < 200/least {
		t.Errorf("%d reads failed and %d did not: that is not all that can go wrong", failed, right)
	}
	t.Logf("%d reads failed, %d did not", failed, right)
}

// TestSpoiltAtRandom spoils several members, in all answers or only some, at full reads and at refreshes.
func TestSpoiltAtRandom(t *testing.T) {
	l := newLab(t)
	tries := 200
	if long() {
		tries = 20_000
	}
	list := l.mutations(false)
	for try := range tries {
		random := rand.New(rand.NewPCG(42, uint64(try)))
		var picked []mutation
		for range 1 + random.IntN(4) {
			picked = append(picked, list[random.IntN(len(list))])
		}
		// What spoils an answer as a whole comes last: Go would mend its bytes when it writes it anew.
		slices.SortStableFunc(picked, func(a, b mutation) int { return cmp.Compare(len(b.path), len(a.path)) })
		answers := &spoilt{mutations: picked}
		if random.IntN(2) == 0 {
			answers.hits = func() bool { return random.IntN(2) == 0 }
		}
		var got result
		if how := random.IntN(3); how == 0 {
			got = read(t, l.source(t, answers), l.names...)
		} else {
			held := newCopy(l.names...)
			if how == 1 { // a refresh of a copy that is right
				if err := held.pull(t, l.source(t, &spoilt{})); err != nil {
					t.Fatal(err)
				}
			}
			source := l.source(t, answers)
			if err := held.pull(t, source); err != nil {
				continue
			}
			got = held.items(t, source)
		}
		if got.err != nil {
			continue
		}
		if wrong := l.wrong(got.items, picked...); wrong != "" {
			t.Errorf("try %d: %v: %s", try, picked, wrong)
		}
	}
}
