package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/plugins/connectors/bigcommerce/emulator"
)

// storeDay is a store, and what goes wrong in it.
type storeDay struct {
	Items   int    // of each kind: see storeOf
	Fault   string // what befalls request At, which counts from 1, and if it is Lasting all that follow; see storeFaults
	At      int
	Lasting bool
	Foreign []storeValue // another app writes them right after request At is answered
	Answer  string       // what answers each write: see strangeAnswers
	Done    bool         // it was done all the same

	Late          int      // how often stock is read before it shows; negative: it never does
	Refuse        []string // entries that the store does not take: "product 101"
	Partial       bool     // it takes the others of their batch
	Vague         bool     // it does not say which it is
	Without       string   // the scope that the token lacks
	WriteToken    string   // the one that writes; the usual one if it is empty
	Quota         int      // requests in Window; 0: any number
	Window, Delay time.Duration
}

// storeValue is a value of an item.
type storeValue struct{ SKU, Field, Value string }

// storeOrder is what the process of a watchedStore is to do: one of these, or nothing. It answers each with what it has seen.
type storeOrder struct {
	Serve   *storeDay    // a new store
	Heal    bool         // nothing goes wrong any more
	Foreign []storeValue // another app writes
	Delete  []string     // products, by SKU
}

// storeSeen is what a store holds and has counted since Serve.
type storeSeen struct {
	Requests, TooMany int
	Changing          int      // requests that are no GET
	Writes            int      // of these, those with something in them: Check asks with an empty list whether it may
	Twice             []string // fields that were written more than once
	Overwritten       int      // values of another app that nobody could see before they were overwritten
	Holds             map[string]string
	Failed            string
}

// watchedStore is an emulated BigCommerce store in a process of its own.
type watchedStore struct {
	t       *testing.T
	address string
	cmd     *exec.Cmd
	in      io.WriteCloser
	out     *json.Decoder
}

// newWatchedStore starts the process, which ends with the test.
func newWatchedStore(t *testing.T) *watchedStore {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	s := &watchedStore{t: t, cmd: exec.Command(self)}
	s.cmd.Args[0], s.cmd.Stderr = "watched-store", os.Stderr
	if s.in, err = s.cmd.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	out, err := s.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := s.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = s.in.Close() // which ends it
		if err := s.cmd.Wait(); err != nil {
			t.Errorf("the watched store: %v", err)
		}
	})
	s.out = json.NewDecoder(out)
	if err := s.out.Decode(&s.address); err != nil {
		t.Fatal(err)
	}
	return s
}

// do gives an order. It may be used by other goroutines than the test's, one at a time.
func (s *watchedStore) do(order storeOrder) (seen storeSeen) {
	s.t.Helper()
	err := json.NewEncoder(s.in).Encode(order)
	if err == nil {
		err = s.out.Decode(&seen)
	}
	if err != nil || seen.Failed != "" {
		s.t.Errorf("the watched store: %v %s", err, seen.Failed)
	}
	return seen
}

func (s *watchedStore) serve(day storeDay) { s.do(storeOrder{Serve: &day}) }
func (s *watchedStore) heal()              { s.do(storeOrder{Heal: true}) }
func (s *watchedStore) seen() storeSeen    { return s.do(storeOrder{}) }

// serveWatchedStore is the process.
func serveWatchedStore() {
	var now atomic.Pointer[servedStore]
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { now.Load().ServeHTTP(w, r) }))
	in, out := json.NewDecoder(os.Stdin), json.NewEncoder(os.Stdout)
	err := out.Encode(web.URL)
	for err == nil {
		var order storeOrder
		if err = in.Decode(&order); err != nil {
			break
		}
		if order.Serve != nil {
			store, failed := newServedStore(*order.Serve)
			if failed != nil {
				err = out.Encode(storeSeen{Failed: failed.Error()})
				continue
			}
			now.Store(store)
		}
		err = out.Encode(now.Load().obey(order))
	}
	if err != io.EOF {
		fmt.Fprintln(os.Stderr, "the watched store:", err)
		os.Exit(1)
	}
}

// servedStore is one store of the process.
type servedStore struct {
	*emulator.Server
	healed           atomic.Bool
	changing, writes atomic.Int64
}

// storeFaults are what can befall a request.
var storeFaults = map[string]func() emulator.Fault{
	"429": func() emulator.Fault { return emulator.TooManyRequests(300) }, "bare 429": emulator.BareTooManyRequests,
	"500": status(500), "502": status(502), "503": status(503), "408": status(408), "403": status(403), "404": status(404),
	"207": status(207), "409": status(409), "413": status(413), "422": status(422),
	"done and 207": done(207), "done and 422": done(422), "done and 500": done(500), "done and 502": done(502), "done and 200 without an answer": done(200),
	"reset": emulator.Reset, "lost": emulator.Lost, "truncated": emulator.Truncated, "cut short": emulator.CutShort, "html": emulator.HTML,
	"garbage": func() emulator.Fault {
		return func(w http.ResponseWriter, _ *http.Request, _ http.Handler) {
			w.Header().Set("Content-Type", "application/json")
			_, _ = io.WriteString(w, `{"data": [{"id": -1, "price": "free", "variants": 7}], "meta": {"pagination": {"total": 1e99}}}`)
		}
	},
}

func status(n int) func() emulator.Fault { return func() emulator.Fault { return emulator.Status(n) } }
func done(n int) func() emulator.Fault   { return func() emulator.Fault { return emulator.Done(n) } }

func newServedStore(day storeDay) (*servedStore, error) {
	s := &servedStore{}
	options := []emulator.Option{emulator.WithQuota(day.Quota, day.Window), emulator.WithLatency(day.Delay), emulator.WithLateStock(day.Late),
		emulator.WithObserver(func(r *http.Request) {
			if r.Method == http.MethodGet {
				return
			}
			if s.changing.Add(1); r.ContentLength > 20 {
				s.writes.Add(1)
			}
		}),
		emulator.WithRefusals(func(entry, _, _ string) string {
			if slices.Contains(day.Refuse, entry) && !s.healed.Load() {
				return "this one is not allowed"
			}
			return ""
		}),
		emulator.WithFaults(func(n int, r *http.Request) emulator.Fault {
			switch {
			case day.Answer != "" && r.Method != http.MethodGet && r.ContentLength > 20 && !s.healed.Load():
				return strangeAnswers[day.Answer].fault(day.Done)
			case s.healed.Load() || n != day.At && !(day.Lasting && n > day.At):
				return nil
			case len(day.Foreign) > 0:
				return emulator.After(func() { _ = s.foreign(day.Foreign) }) // what is wrong with them shows in what it holds
			case day.Fault != "":
				return storeFaults[day.Fault]()
			}
			return nil
		})}
	if day.Partial {
		options = append(options, emulator.WithPartialBatches())
	}
	if day.Vague {
		options = append(options, emulator.WithVagueErrors())
	}
	if day.WriteToken != "" {
		options = append(options, emulator.WithWriteToken(day.WriteToken))
	}
	if day.Without != "" {
		options = append(options, emulator.WithoutScope(day.Without))
	}
	if day.Fault != "" && storeFaults[day.Fault] == nil {
		return nil, fmt.Errorf("there is no fault %q", day.Fault)
	}
	var err error
	s.Server, err = emulator.New(storeOf(day.Items), options...)
	return s, err
}

// storeOf is a store with so many simple products, S0 and so on, and so many that have a variant, V0 and so on.
func storeOf(items int) *emulator.Catalog {
	c := &emulator.Catalog{}
	for i := range items {
		id := int64(i)
		c.Products = append(c.Products, &emulator.Product{ID: 1_000_000 + id, BaseVariantID: 3_000_000 + id, SKU: fmt.Sprintf("S%d", i), Name: fmt.Sprintf("Simple %d", i), Price: catalog.Int(10), Stock: emulator.Units(id % 7)})
	}
	for i := range items {
		id := int64(i)
		c.Products = append(c.Products, &emulator.Product{ID: 2_000_000 + id, SKU: fmt.Sprintf("M%d", i), Name: fmt.Sprintf("Many %d", i), Price: catalog.Int(20), Variants: []*emulator.Variant{
			{ID: 4_000_000 + id, SKU: fmt.Sprintf("V%d", i), Options: map[string]string{"Size": "S"}, Stock: emulator.Units(3)}}})
	}
	return c
}

// mostHeld is of how many products is told what they hold: a large store is only counted.
const mostHeld = 1000

// obey does what an order says besides Serve, and looks.
func (s *servedStore) obey(order storeOrder) (seen storeSeen) {
	s.healed.CompareAndSwap(false, order.Heal)
	err := s.foreign(order.Foreign)
	seen = storeSeen{Requests: s.Requests(), Changing: int(s.changing.Load()), Writes: int(s.writes.Load()), TooMany: s.Traffic().Refused, Overwritten: s.Overwritten(), Holds: map[string]string{}}
	for at, n := range s.Server.Writes() {
		if n > 1 {
			seen.Twice = append(seen.Twice, fmt.Sprintf("%s of %s, %d times", at.Field, at.Entry, n))
		}
	}
	if err == nil {
		err = s.Update(func(c *emulator.Catalog) {
			c.Products = slices.DeleteFunc(c.Products, func(p *emulator.Product) bool { return slices.Contains(order.Delete, p.SKU) })
			for _, p := range c.Products[:min(len(c.Products), mostHeld)] {
				if len(p.Variants) == 0 {
					seen.hold(p.SKU, p.Name, p.Price, p.Stock)
				}
				for _, v := range p.Variants {
					price := p.Price
					if v.Price != nil {
						price = *v.Price
					}
					seen.hold(v.SKU, p.Name, price, v.Stock)
				}
			}
		})
	}
	if err != nil {
		seen.Failed = err.Error()
	}
	return seen
}

func (s *storeSeen) hold(sku, name string, price catalog.Decimal, stock emulator.Stock) {
	units := int64(0)
	for _, level := range stock {
		units += level.OnHand
	}
	s.Holds["name of "+sku], s.Holds["price of "+sku], s.Holds["qoh of "+sku] = name, price.String(), fmt.Sprint(units)
}

// foreign has another app write.
func (s *servedStore) foreign(values []storeValue) (err error) {
	if len(values) == 0 {
		return nil
	}
	write := func(c *emulator.Catalog, v storeValue) error {
		number, failed := catalog.ParseDecimal(v.Value)
		units, _ := number.Whole()
		for _, p := range c.Products {
			at := slices.IndexFunc(p.Variants, func(of *emulator.Variant) bool { return of.SKU == v.SKU })
			switch {
			case p.SKU != v.SKU && at < 0:
				continue
			case v.Field == "name":
				p.Name = v.Value
				return nil
			case failed != nil:
				return failed
			case v.Field == "price" && at < 0:
				p.Price = number
			case v.Field == "price":
				p.Variants[at].Price = &number
			case v.Field == "qoh" && at < 0:
				p.Stock = emulator.Units(int64(units))
			case v.Field == "qoh":
				p.Variants[at].Stock = emulator.Units(int64(units))
			}
			return nil
		}
		return fmt.Errorf("there is no %s", v.SKU)
	}
	failed := s.Foreign(func(c *emulator.Catalog) {
		for _, v := range values {
			if err == nil {
				err = write(c, v)
			}
		}
	})
	if err == nil {
		err = failed
	}
	return err
}

// desiredOf are the values that a store of storeOf shall have, by "FIELD of SKU": names of simple products, prices of variants, and quantities,
// so many of each.
func desiredOf(items int, quantities bool) map[string]string {
	desired := map[string]string{}
	for i := range items {
		desired[fmt.Sprintf("name of S%d", i)], desired[fmt.Sprintf("price of V%d", i)] = fmt.Sprintf("Simpler %d", i), "21"
		if quantities {
			desired[fmt.Sprintf("qoh of S%d", i)] = "50"
		}
	}
	return desired
}

// watchedConfig compares a watched store with inventory.csv.
const watchedConfig = `
source "file" "pos" {
  path = "inventory.csv"
}
source "bigcommerce" "web" {
  api_url            = "%s"
  store_hash         = "sandbox"
  access_token       = "sandbox-token"
  write_access_token = env("WRITE_TOKEN")
}
reconciliation "r" {
  pos   = source.file.pos
  store = source.bigcommerce.web
}
rule "N" {
  when = pos.name != store.name
  remedy "upload" {
    name = pos.name
  }
}
rule "P" {
  when = pos.price != store.price
  remedy "upload" {
    price = pos.price
  }
}
rule "Q" {
  when = pos.qoh != store.qoh
  remedy "upload" {
    qoh = max(pos.qoh, 0)
  }
}
brakes {
  max_changes = 100000
  max_share   = 1
}
`

// newWatched returns a shop whose store is watched, with a plan of what desiredOf says in plan.json.
func newWatched(t *testing.T, items int, quantities bool) (*applying, *watchedStore) {
	t.Helper()
	store := newWatchedStore(t)
	store.serve(storeDay{Items: items})
	a := &applying{T: t, dir: t.TempDir(), env: []string{writeToken}}
	inventory := &strings.Builder{}
	inventory.WriteString("sku,name,price,qoh\n")
	for i := range items {
		units := 50
		if !quantities {
			units = i % 7
		}
		fmt.Fprintf(inventory, "S%d,Simpler %d,10,%d\nV%d,Many %d,21,3\n", i, i, units, i, i)
	}
	a.write("inventory.csv", inventory.String())
	a.write("reconcile.hcl", fmt.Sprintf(watchedConfig, store.address))
	a.plan("--valid", "24h")
	return a, store
}
