// Package emulator serves the part of BigCommerce's API that the bigcommerce connector uses, over real HTTP, from a
// catalogue in memory or in a JSON file: with the vendor's paging, limits, quota headers and error bodies. Whoever has the token for
// writing can change names, brands, prices, measures, codes and stock. It is for tests and for the sandbox, and it is not a shop.
//
// The answers were written from facts about the API, not from the vendor's code or documents. Parameters it does not
// know are refused rather than ignored, so that a connector's mistake shows.
package emulator

import (
	"hash/maphash"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// The credentials that a server asks for unless WithCredentials says otherwise. They open nothing but emulators.
const (
	DefaultStoreHash   = "sandbox"
	DefaultAccessToken = "sandbox-token"
)

// Server answers for one store. It is an http.Handler, and safe for use by several goroutines.
type Server struct {
	hash, token string
	now         func() time.Time
	missing     map[string]bool // scopes that the token lacks
	down        atomic.Bool
	observe     func(*http.Request)
	faults      func(n int, r *http.Request) Fault
	quota       quota
	latency     time.Duration
	file        *file // of the catalogue, if it is to be followed
	routes      http.Handler
	requests    atomic.Int64

	mu      sync.RWMutex
	catalog *Catalog
	index   index
	writing writing
	seeing  sync.Mutex // of what readers note in writing
}

// Option changes how a Server behaves.
type Option func(*Server)

// WithCredentials sets the store hash and the access token that requests must bring.
func WithCredentials(storeHash, accessToken string) Option {
	return func(s *Server) { s.hash, s.token = storeHash, accessToken }
}

// WithClock sets where the server reads the time.
func WithClock(now func() time.Time) Option { return func(s *Server) { s.now = now } }

// WithQuota sets how many requests a window of that length allows; BigCommerce's smaller plans, and this server unless
// told otherwise, allow 150 in 30 seconds. A quota of 0 means no limit and no headers about it.
func WithQuota(requests int, window time.Duration) Option {
	return func(s *Server) { s.quota.limit, s.quota.window = requests, window }
}

// WithOtherApp has another app of the store make so many requests in each window, evenly spread over it. They are drawn
// from the quota that the server was given with WithQuota; Traffic tells how the app fared.
func WithOtherApp(requests int) Option { return func(s *Server) { s.quota.others = requests } }

// WithLatency makes each request take that long: half of it before the request is counted, half of it after.
func WithLatency(d time.Duration) Option { return func(s *Server) { s.latency = d } }

// WithoutScope takes an OAuth scope, such as "store_v2_orders_read_only", from the token: what needs it answers 403.
func WithoutScope(scope string) Option { return func(s *Server) { s.missing[scope] = true } }

// WithStoreDown makes every answer a 503, as for a store that is suspended or down for maintenance.
func WithStoreDown() Option { return func(s *Server) { s.down.Store(true) } }

// WithObserver has observe called with every request, before it is answered, from the request's own goroutine.
func WithObserver(observe func(*http.Request)) Option { return func(s *Server) { s.observe = observe } }

// WithFaults has faults choose what goes wrong with the n-th request (the first is 1); nil means nothing does. Requests
// that faults spoil do not count against the quota.
func WithFaults(faults func(n int, r *http.Request) Fault) Option {
	return func(s *Server) { s.faults = faults }
}

// undatedAge is how long ago what a catalogue gives no date was created.
const undatedAge = 24 * time.Hour

// New returns a server for the catalogue, which it completes (identifiers, base variants) and keeps. The error says
// what in the catalogue is wrong.
func New(catalog *Catalog, options ...Option) (*Server, error) {
	s := newServer(catalog, options)
	var err error
	// What has no date has been there for a while: it has not just changed.
	if s.index, err = s.catalog.complete(func() time.Time { return s.now().Add(-undatedAge) }); err != nil {
		return nil, err
	}
	mux := s.reading()
	s.routeWrite(mux, "/v3/catalog/products", scopeProducts, s.putProducts)
	s.routeWrite(mux, "/v3/catalog/variants", scopeProducts, s.putVariants)
	s.routeWrite(mux, "/v3/inventory/adjustments/absolute", scopeInventory, s.putStock)
	s.routes = mux
	return s, nil
}

// newServer returns a server as the options want it, which has no index and no routes yet.
func newServer(catalog *Catalog, options []Option) *Server {
	s := &Server{hash: DefaultStoreHash, token: DefaultAccessToken, now: time.Now, missing: map[string]bool{},
		quota: quota{limit: 150, window: 30 * time.Second}, catalog: catalog,
		writing: writing{token: DefaultWriteToken, counts: map[Written]int{}, unseen: map[Written]bool{}}}
	for _, option := range options {
		option(s)
	}
	return s
}

// reading returns the routes by which the store is read.
func (s *Server) reading() *http.ServeMux {
	mux := http.NewServeMux()
	s.route(mux, "/v3/catalog/products", "store_v2_products_read_only", s.products)
	s.route(mux, "/v3/catalog/variants", "store_v2_products_read_only", s.variants)
	s.route(mux, "/v3/catalog/brands", "store_v2_products_read_only", s.brands)
	s.route(mux, "/v3/inventory/items", "store_inventory_read_only", s.inventory)
	s.route(mux, "/v3/settings/inventory", "store_v2_information_read_only", s.inventorySettings)
	s.route(mux, "/v2/orders", "store_v2_orders_read_only", s.orders)
	s.route(mux, "/v2/store", "store_v2_information_read_only", s.store)
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		s.fail(w, r, http.StatusNotFound, "The resource does not exist.")
	})
	return mux
}

// Update changes the catalogue while nobody reads it, completes what was added, and dates what was changed: products
// whose own values or variants changed, but not those of which only the stock did, and orders. Where change leaves a
// catalogue that cannot be served, the error says why and the server must not be used any longer.
func (s *Server) Update(change func(*Catalog)) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	before := s.catalog.fingerprints(maphash.MakeSeed())
	change(s.catalog)
	s.catalog.touch(before, s.now())
	index, err := s.catalog.complete(s.now)
	if err != nil {
		return err
	}
	s.index = index
	return nil
}

// Requests returns how many requests were made so far, faulty ones included.
func (s *Server) Requests() int { return int(s.requests.Load()) }

// ServeHTTP answers a request.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	n := int(s.requests.Add(1))
	if s.file != nil {
		s.refresh()
	}
	if s.observe != nil {
		s.observe(r)
	}
	if s.faults != nil {
		if fault := s.faults(n, r); fault != nil {
			pause(r, s.latency/2)
			fault(w, r, http.HandlerFunc(s.answer))
			return
		}
	}
	s.answer(w, r)
}

// pause waits, unless the client goes away meanwhile.
func pause(r *http.Request, d time.Duration) {
	if d <= 0 {
		return
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-r.Context().Done():
	}
}

func (s *Server) answer(w http.ResponseWriter, r *http.Request) {
	pause(r, s.latency/2)
	w.Header().Set("Date", s.now().UTC().Format(http.TimeFormat))
	if s.down.Load() {
		s.fail(w, r, http.StatusServiceUnavailable, "The store is temporarily unavailable.")
		return
	}
	allowed := s.quota.take(s.now(), w.Header())
	pause(r, s.latency-s.latency/2)
	if !allowed {
		s.fail(w, r, http.StatusTooManyRequests, "You have made too many requests. Try again later.")
		return
	}
	s.routes.ServeHTTP(w, r)
}

// route serves GET requests for a path of the store to those who may.
func (s *Server) route(mux *http.ServeMux, path, scope string, handle func(http.ResponseWriter, *http.Request)) {
	mux.HandleFunc("/stores/{hash}"+path, func(w http.ResponseWriter, r *http.Request) {
		refused := s.mayRead(r.Header.Get("X-Auth-Token"), scope)
		switch {
		case r.PathValue("hash") != s.hash:
			s.fail(w, r, http.StatusNotFound, "The store does not exist.")
		case refused == http.StatusUnauthorized:
			s.fail(w, r, refused, "Unauthorized")
		case refused != 0:
			s.fail(w, r, refused, "You don't have a required scope to access the endpoint")
		case r.Method != http.MethodGet:
			s.fail(w, r, http.StatusMethodNotAllowed, "The emulator does not answer this method here.")
		default:
			if strings.HasPrefix(path, "/v3/inventory") {
				s.showStock()
			}
			s.mu.RLock()
			defer s.mu.RUnlock()
			handle(w, r)
		}
	})
}
