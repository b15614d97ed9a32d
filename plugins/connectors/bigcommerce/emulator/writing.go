package emulator

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/reconcilehq/reconcile/engine/catalog"
)

// DefaultWriteToken opens an emulator for writing, unless WithWriteToken says otherwise.
const DefaultWriteToken = "sandbox-write-token"

// The scopes that a token for writing has. Each lets it read the same, too.
const (
	scopeProducts  = "store_v2_products"
	scopeInventory = "store_inventory"
)

// How many entries a request may change.
const (
	mostProducts = 10
	mostVariants = 50
	mostStock    = 2000
)

// writing is how a server takes changes, and what it saw of them.
type writing struct {
	token   string
	partial bool                                    // what is right in a batch is written though something else in it is wrong
	vague   bool                                    // errors do not say which entry is wrong
	refuse  func(entry, field, value string) string // why an entry is not taken; "" if it is
	late    int                                     // how often the inventory is read before it shows a change; negative: never
	done    func(*Catalog) error                    // called after each change, with the catalogue as it is

	counts   map[Written]int
	unseen   map[Written]bool // what another app wrote, and nobody has read since
	foreign  int              // of these, how many were overwritten
	expected []lateStock
}

// Written names a field of an entry: "product 101", "price"; of the inventory "variant 1001 at 1", "quantity".
type Written struct{ Entry, Field string }

// lateStock is a stock that the inventory does not show yet.
type lateStock struct {
	set   func()
	reads int // of the inventory, until it does
}

// WithWriteToken sets the token with which the catalogue and the inventory can be changed, and read.
func WithWriteToken(token string) Option { return func(s *Server) { s.writing.token = token } }

// WithPartialBatches has a batch whose entries are partly wrong change the others, and answer 207. Otherwise nothing of it is
// changed.
func WithPartialBatches() Option { return func(s *Server) { s.writing.partial = true } }

// WithVagueErrors has errors not say which entry of a batch is wrong.
func WithVagueErrors() Option { return func(s *Server) { s.writing.vague = true } }

// WithRefusals has refuse say, for people, why the API does not take a value of an entry ("product 101"); "" if it does.
func WithRefusals(refuse func(entry, field, value string) string) Option {
	return func(s *Server) { s.writing.refuse = refuse }
}

// WithLateStock has the inventory show a change only after it was read that often; never if it is negative.
func WithLateStock(reads int) Option { return func(s *Server) { s.writing.late = reads } }

// WithWritten has done called after each request that changed something, with the catalogue as it is then, and before it is
// answered. It must not keep it. Once it fails, the store is down: nobody shall see what is not kept.
func WithWritten(done func(*Catalog) error) Option { return func(s *Server) { s.writing.done = done } }

// Writes returns how often each field was written by requests.
func (s *Server) Writes() map[Written]int {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return maps.Clone(s.writing.counts)
}

// Overwritten returns how many values were overwritten that another app had set (see Foreign), and that nobody had read since.
func (s *Server) Overwritten() int {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.writing.foreign
}

// Foreign is like Update, for another app's change: whether it is overwritten is counted.
func (s *Server) Foreign(change func(*Catalog)) error {
	s.mu.RLock()
	before := s.catalog.values()
	s.mu.RUnlock()
	err := s.Update(change)
	s.mu.Lock()
	defer s.mu.Unlock()
	for at, value := range s.catalog.values() {
		if before[at] != value {
			s.writing.unseen[at] = true
		}
	}
	return err
}

// values are all values that can be written, as text.
func (c *Catalog) values() map[Written]string {
	all := map[Written]string{}
	for _, p := range c.Products {
		entry := productEntry(p.ID)
		all[Written{entry, "name"}], all[Written{entry, "brand_id"}] = p.Name, p.Brand
		all[Written{entry, "price"}] = p.Price.String()
		for name, at := range p.numbers() {
			all[Written{entry, name}] = textOf(*at)
		}
		all[Written{entry, "upc"}], all[Written{entry, "bin_picking_number"}] = p.UPC, p.Bin
		for location, level := range p.Stock {
			all[stockEntry(entry, location)] = strconv.FormatInt(level.OnHand, 10)
		}
		for _, v := range p.Variants {
			entry := variantEntry(v.ID)
			for name, at := range v.numbers() {
				all[Written{entry, name}] = textOf(*at)
			}
			all[Written{entry, "upc"}], all[Written{entry, "bin_picking_number"}] = v.UPC, v.Bin
			for location, level := range v.Stock {
				all[stockEntry(entry, location)] = strconv.FormatInt(level.OnHand, 10)
			}
		}
	}
	return all
}

func textOf(d *catalog.Decimal) string {
	if d == nil {
		return "null"
	}
	return d.String()
}

func productEntry(id int64) string { return fmt.Sprintf("product %d", id) }
func variantEntry(id int64) string { return fmt.Sprintf("variant %d", id) }

func stockEntry(entry string, location int64) Written {
	return Written{fmt.Sprintf("%s at %d", entry, max(location, 1)), "quantity"}
}

// see notes that an entry was read: whoever overwrites it now knows what was there. The server's lock is held for reading.
func (s *Server) see(products []*Product) {
	s.seeing.Lock()
	defer s.seeing.Unlock()
	if len(s.writing.unseen) == 0 {
		return
	}
	for _, p := range products {
		for at := range s.writing.unseen {
			if at.Entry == productEntry(p.ID) && at.Field != "quantity" {
				delete(s.writing.unseen, at)
			}
			for v := range p.all() {
				if at.Entry == variantEntry(v.ID) && at.Field != "quantity" {
					delete(s.writing.unseen, at)
				}
			}
		}
	}
}

// seeStock is see for what the inventory answered.
func (s *Server) seeStock(items []stocked) {
	s.seeing.Lock()
	defer s.seeing.Unlock()
	for i := range s.writing.expected {
		s.writing.expected[i].reads--
	}
	for at := range s.writing.unseen {
		for _, item := range items {
			if strings.HasPrefix(at.Entry, variantEntry(item.variant)+" at ") || strings.HasPrefix(at.Entry, productEntry(item.product)+" at ") {
				delete(s.writing.unseen, at)
			}
		}
	}
}

// showStock sets the stock that the inventory is to show by now.
func (s *Server) showStock() {
	s.mu.Lock()
	defer s.mu.Unlock()
	var left []lateStock
	for _, e := range s.writing.expected {
		if e.reads > 0 {
			left = append(left, e)
			continue
		}
		e.set()
	}
	s.writing.expected = left
}

// written counts a write.
func (s *Server) written(at Written) {
	s.writing.counts[at]++
	if s.writing.unseen[at] {
		s.writing.foreign++
		delete(s.writing.unseen, at)
	}
}

// routeWrite serves PUT requests for a path of the store to those who may write.
func (s *Server) routeWrite(mux *http.ServeMux, path, scope string, handle func(http.ResponseWriter, *http.Request)) {
	mux.HandleFunc("PUT /stores/{hash}"+path, func(w http.ResponseWriter, r *http.Request) {
		token := r.Header.Get("X-Auth-Token")
		switch {
		case r.PathValue("hash") != s.hash:
			s.fail(w, r, http.StatusNotFound, "The store does not exist.")
		case token == s.token && token != s.writing.token:
			s.fail(w, r, http.StatusForbidden, "You don't have a required scope to access the endpoint")
		case token != s.writing.token:
			s.fail(w, r, http.StatusUnauthorized, "Unauthorized")
		case s.missing[scope]:
			s.fail(w, r, http.StatusForbidden, "You don't have a required scope to access the endpoint")
		default:
			s.mu.Lock()
			defer s.mu.Unlock()
			s.change(w, r, handle)
		}
	})
}

// change answers a request that may change something. The server's lock is held.
func (s *Server) change(w http.ResponseWriter, r *http.Request, handle http.HandlerFunc) {
	if s.writing.done == nil {
		handle(w, r)
		return
	}
	answer := recorded(r, handle)
	if err := s.writing.done(s.catalog); err != nil {
		s.down.Store(true)
		s.fail(w, r, http.StatusServiceUnavailable, "The store is temporarily unavailable: "+err.Error())
		return
	}
	answer.copyTo(w, answer.body.Bytes())
}

// mayRead reports whether a token may read what a scope lets read, and what is answered otherwise.
func (s *Server) mayRead(token, scope string) (status int) {
	switch {
	case token == s.writing.token && token != s.token:
		modify := strings.TrimSuffix(scope, "_read_only")
		if modify != scopeProducts && modify != scopeInventory || s.missing[modify] {
			return http.StatusForbidden
		}
	case token != s.token:
		return http.StatusUnauthorized
	case s.missing[scope]:
		return http.StatusForbidden
	}
	return 0
}

// batch reads a request's entries, and refuses too many of them.
func (s *Server) batch(w http.ResponseWriter, r *http.Request, most int) ([]map[string]json.RawMessage, bool) {
	var entries []map[string]json.RawMessage
	if err := json.NewDecoder(r.Body).Decode(&entries); err != nil || len(entries) == 0 {
		s.fail(w, r, http.StatusUnprocessableEntity, "The body is no list of entries.")
		return nil, false
	}
	if len(entries) > most {
		s.fail(w, r, http.StatusRequestEntityTooLarge, fmt.Sprintf("The request payload is too large. The maximum items allowed in the array is %d.", most))
		return nil, false
	}
	return entries, true
}

// problem is why an entry is not taken.
type problem struct {
	status int
	at     int // of the batch
	field  string
	text   string
}

// edit is a change of one field, which was looked at and not made yet.
type edit struct {
	at   Written
	make func()
}

// putProducts answers PUT /v3/catalog/products.
func (s *Server) putProducts(w http.ResponseWriter, r *http.Request) {
	entries, ok := s.batch(w, r, mostProducts)
	if !ok {
		return
	}
	var good []*Product
	var wrong []problem
	plans := make([][]edit, len(entries))
	names := map[string]int64{}
	for i, entry := range entries {
		p, edits, why := s.planProduct(entry, names)
		if why != nil {
			why.at = i
			wrong = append(wrong, *why)
			continue
		}
		good, plans[i] = append(good, p), edits
	}
	if len(wrong) > 0 && (!s.writing.partial || len(good) == 0) {
		s.refuseBatch(w, r, wrong)
		return
	}
	s.makeAll(plans)
	data := make([]byte, 0, len(good)*512)
	for _, p := range good {
		p.Modified = s.now().UTC().Format(time.RFC3339)
		p.modified, _ = time.Parse(time.RFC3339, p.Modified) // it was just written
		data = s.appendProduct(data, p, nil, nil)
	}
	status := http.StatusOK
	if len(wrong) > 0 {
		status = http.StatusMultiStatus
	}
	sendJSON(w, status, append(append([]byte(`{"data":[`), data...), `],"meta":{}}`...))
}

// planProduct looks at what is to be changed of a product. names are those that entries before it get.
func (s *Server) planProduct(entry map[string]json.RawMessage, names map[string]int64) (*Product, []edit, *problem) {
	id, ok := wholeOf(entry["id"])
	at, found := slices.BinarySearchFunc(s.catalog.Products, id, func(p *Product, id int64) int { return cmp.Compare(p.ID, id) })
	if !ok || !found {
		return nil, nil, &problem{status: http.StatusNotFound, field: "id", text: "The product does not exist."}
	}
	p := s.catalog.Products[at]
	var edits []edit
	for _, field := range slices.Sorted(maps.Keys(entry)) {
		if field == "id" {
			continue
		}
		change, why := s.planProductField(p, field, entry[field], names)
		if why == nil {
			why = s.refusal(productEntry(id), field, entry[field])
		}
		if why != nil {
			why.field = field
			return nil, nil, why
		}
		edits = append(edits, edit{Written{productEntry(id), field}, change})
	}
	return p, edits, nil
}

func (s *Server) planProductField(p *Product, field string, value json.RawMessage, names map[string]int64) (func(), *problem) {
	unfit := func(text string) (func(), *problem) {
		return nil, &problem{status: http.StatusUnprocessableEntity, text: text}
	}
	switch field {
	case "name":
		var name string
		if json.Unmarshal(value, &name) != nil || name == "" || len([]rune(name)) > 250 {
			return unfit("must be a text of 1 to 250 letters")
		}
		if s.nameTaken(p, name, names) {
			return nil, &problem{status: http.StatusConflict, text: "The product name is a duplicate"}
		}
		return func() { p.Name = name }, nil
	case "brand_id":
		id, ok := wholeOf(value)
		brand := s.brandOf(id)
		if !ok || id != 0 && brand == nil {
			return nil, &problem{status: http.StatusConflict, text: "The brand does not exist"}
		}
		return func() {
			if p.Brand = ""; brand != nil {
				p.Brand = brand.Name
			}
			p.brandKey = strings.ToLower(p.Brand)
		}, nil
	case "upc", "bin_picking_number":
		text, ok := codeOf(field, value)
		if !ok {
			return unfit("must be a short text")
		}
		return func() { p.setCode(field, text) }, nil
	case "price":
		d, ok := amountOf(value)
		if !ok {
			return unfit("must be a number of at least 0")
		}
		return func() { p.Price = d }, nil
	}
	at := p.numbers()[field]
	if at == nil {
		return unfit("is not a field that can be changed here")
	}
	d, ok := amountOf(value)
	if !ok {
		return unfit("must be a number of at least 0")
	}
	return func() {
		if *at = &d; d.Sign() == 0 {
			*at = nil
		}
	}, nil
}

// nameTaken reports whether another product has the name, or an entry of the same batch gets it.
func (s *Server) nameTaken(p *Product, name string, names map[string]int64) bool {
	key := strings.ToLower(name)
	if other, taken := names[key]; taken && other != p.ID {
		return true
	}
	names[key] = p.ID
	return slices.ContainsFunc(s.catalog.Products, func(other *Product) bool { return other.ID != p.ID && strings.EqualFold(other.Name, name) })
}

func (s *Server) brandOf(id int64) *Brand {
	for _, b := range s.catalog.Brands {
		if b.ID == id {
			return b
		}
	}
	return nil
}

// refusal asks whoever tests whether an entry is taken.
func (s *Server) refusal(entry, field string, value json.RawMessage) *problem {
	if s.writing.refuse == nil {
		return nil
	}
	if text := s.writing.refuse(entry, field, string(value)); text != "" {
		return &problem{status: http.StatusUnprocessableEntity, text: text}
	}
	return nil
}

func (s *Server) makeAll(plans [][]edit) {
	for _, edits := range plans {
		for _, e := range edits {
			e.make()
			s.written(e.at)
		}
	}
}

// refuseBatch refuses a batch as the API does for products: with the first problem.
func (s *Server) refuseBatch(w http.ResponseWriter, r *http.Request, wrong []problem) {
	first := wrong[0]
	field := fmt.Sprintf("%d.%s", first.at, first.field)
	if s.writing.vague {
		field = first.field
	}
	send(w, first.status, map[string]any{"status": first.status, "title": "The request is not valid.", "type": "about:blank",
		"errors": map[string]string{field: first.text}})
}
