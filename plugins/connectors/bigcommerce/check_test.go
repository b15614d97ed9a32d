package bigcommerce

import (
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/reconcilehq/reconcile/plugins/connectors/bigcommerce/emulator"
	"github.com/reconcilehq/reconcile/plugins/sdk"
)

func TestCheck(t *testing.T) {
	c := mixed(t)
	c.Store = emulator.Store{Name: "Bells & Co", Currency: "EUR", Plan: "Pro"}
	got, err := newShop(t, c).source(t, nil).Check(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	want := []sdk.Fact{{Name: "store", Value: "Bells & Co"}, {Name: "domain", Value: "sandbox.example"}, {Name: "status", Value: "live"},
		{Name: "currency", Value: "EUR"}, {Name: "prices", Value: "entered without tax"}, {Name: "plan", Value: "Pro"},
		{Name: "time zone", Value: "America/Vancouver"}, {Name: "weight unit", Value: "KGS"}, {Name: "length unit", Value: "Centimeters"},
		{Name: "safety stock", Value: `1 item, 2 units in all; the qoh of these is not known until quantity is set, to "available" (without it) or "on_hand" (with it)`},
		{Name: "token may read", Value: "Information & Settings, Products, Store Inventory"}, {Name: "API quota", Value: "150 requests in 30s, 147 left"},
		{Name: "clock", Value: "2026-03-04T05:06:07Z"}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("facts (-want +got):\n%s", diff)
	}
}

// TestRefusals checks what people are told, and that what cannot get better is asked for only once.
func TestRefusals(t *testing.T) {
	for _, c := range []struct {
		name     string
		option   emulator.Option
		given    settings
		field    string // read; "" for Check
		want     string
		requests int
	}{
		{"a wrong token", nil, settings{"access_token": "wrong-" + secret}, "",
			"GET /v2/store: 401 Unauthorized (Unauthorized): the access token is wrong or was revoked", 1},
		{"a wrong hash", nil, settings{"store_hash": "other"}, "",
			"GET /v2/store: 404 Not Found (The store does not exist.): the API does not know this store; check store_hash", 1},
		{"no scope for the store", emulator.WithoutScope("store_v2_information_read_only"), nil, "", "lacks 1 scope: Information & Settings (store_v2_information_read_only), to know the store and its settings; give its API account", 3},
		{"no scope for stock, found before it is needed", emulator.WithoutScope("store_inventory_read_only"), nil, "", "lacks 1 scope: Store Inventory (store_inventory_read_only), for qoh; give", 3},
		{"no scope for orders, found before it is needed", emulator.WithoutScope("store_v2_orders_read_only"), settings{"imported_through": 1}, "", "lacks 1 scope: Orders (store_v2_orders_read_only), for pending; give", 4},
		{"two scopes that it lacks", func(s *emulator.Server) {
			emulator.WithoutScope("store_v2_products_read_only")(s)
			emulator.WithoutScope("store_inventory_read_only")(s)
		}, nil, "", "lacks 2 scopes: Products (store_v2_products_read_only), to read the catalogue; Store Inventory (store_inventory_read_only), for qoh; give", 3},
		{"no scope for products", emulator.WithoutScope("store_v2_products_read_only"), nil, "sku", "Products (store_v2_products_read_only)", 1},
		{"no scope for stock", emulator.WithoutScope("store_inventory_read_only"), nil, "qoh", "Store Inventory (store_inventory_read_only)", 1},
		{"no scope for orders", emulator.WithoutScope("store_v2_orders_read_only"), settings{"imported_through": 1}, "pending", "Orders (store_v2_orders_read_only)", 1},
		{"a store that is down", emulator.WithStoreDown(), nil, "", "the store is down for maintenance, being upgraded, or suspended after 3 tries in 3s; its control panel says which", 3},
		{"a redirect", emulator.WithFaults(func(int, *http.Request) emulator.Fault {
			return func(w http.ResponseWriter, r *http.Request, _ http.Handler) {
				http.Redirect(w, r, "https://example.com/", http.StatusMovedPermanently)
			}
		}), nil, "", "301 Moved Permanently: the API redirects, which is not followed with credentials", 1},
		{"an answer that repeats the token", emulator.WithFaults(func(int, *http.Request) emulator.Fault {
			return func(w http.ResponseWriter, r *http.Request, _ http.Handler) {
				w.WriteHeader(http.StatusBadRequest)
				_, _ = w.Write([]byte(`[{"status": 400, "message": "bad token ` + r.Header.Get("X-Auth-Token") + `"}]`))
			}
		}), nil, "", "400 Bad Request (bad token [secret])", 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			var options []emulator.Option
			if c.option != nil {
				options = append(options, c.option)
			}
			s := newShop(t, mixed(t), options...)
			source := s.source(t, c.given)
			var err error
			if c.field == "" {
				_, err = source.Check(t.Context())
			} else {
				err = read(t, source, c.field).err
			}
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Fatalf("error %v\nwant  %s", err, c.want)
			}
			if strings.Contains(err.Error(), secret) {
				t.Errorf("error %q holds the token", err)
			}
			if s.Requests() != c.requests {
				t.Errorf("%d requests, want %d", s.Requests(), c.requests)
			}
		})
	}
}

// TestScopesThatAreNotNeeded checks a token that lacks what this configuration has no use for.
func TestScopesThatAreNotNeeded(t *testing.T) {
	s := newShop(t, mixed(t), emulator.WithoutScope("store_v2_orders_read_only"))
	if _, err := s.source(t, nil).Check(t.Context()); err != nil {
		t.Error(err)
	}
}

// TestNoNetwork checks that people are told in plain words what is in the way, and at once where trying again would seldom help.
func TestNoNetwork(t *testing.T) {
	gone := httptest.NewServer(http.NotFoundHandler())
	gone.Close()
	plain := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(plain.Close)
	unknown := httptest.NewTLSServer(http.NotFoundHandler())
	unknown.Config.ErrorLog = log.New(io.Discard, "", 0)
	t.Cleanup(unknown.Close)
	for _, c := range []struct {
		name, address, want string
	}{
		{"nobody listens", gone.URL, "no answer: the connection is refused, as nothing listens there: "},
		{"no TLS", "https" + strings.TrimPrefix(plain.URL, "http"), "no answer: the other side does not encrypt; api_url begins with https"},
		{"an unknown certificate", unknown.URL, "no answer: the other side cannot prove that it is the API: "},
	} {
		t.Run(c.name, func(t *testing.T) {
			source, err := configured(t, settings{"api_url": c.address, "store_hash": "abc123", "access_token": secret})
			if err != nil {
				t.Fatal(err)
			}
			clock := newClock()
			source.clock = clock
			_, err = source.Check(t.Context())
			if err == nil || !strings.Contains(err.Error(), "GET /v2/store: "+c.want) || strings.Contains(err.Error(), secret) {
				t.Errorf("error %v\nwant %q", err, c.want)
			}
			if waited := clock.total() > 0; waited {
				t.Errorf("it waited %s, want one try: %v", clock.total(), err)
			}
		})
	}
}

func TestSandbox(t *testing.T) {
	source, err := configured(t, settings{"sandbox": true, "imported_through": 1000})
	if err != nil {
		t.Fatal(err)
	}
	facts, err := source.Check(t.Context())
	if err != nil || facts[0].Value != "Chain & Chord" {
		t.Errorf("facts %v, error %v", facts, err)
	}
	if got := read(t, source, "sku", "qoh", "pending"); got.err != nil || len(got.items) != 32 || len(got.warnings) > 0 {
		t.Errorf("%d items, warnings %q, error %v", len(got.items), got.warnings, got.err)
	}
}
