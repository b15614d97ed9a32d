package emulator

import (
	"encoding/json"
	"hash/maphash"
	"time"
)

// fingerprints tell which of a catalogue's products and orders a change has touched.
type fingerprints struct {
	seed             maphash.Seed
	products, orders map[int64]fingerprint // by identifier
}

type fingerprint struct {
	sum      uint64
	modified string
}

func (c *Catalog) fingerprints(seed maphash.Seed) fingerprints {
	f := fingerprints{seed, make(map[int64]fingerprint, len(c.Products)), make(map[int64]fingerprint, len(c.Orders))}
	for _, p := range c.Products {
		f.products[p.ID] = fingerprint{p.fingerprint(seed), p.Modified}
	}
	for _, o := range c.Orders {
		f.orders[o.ID] = fingerprint{o.fingerprint(seed), o.Modified}
	}
	return f
}

// fingerprint sums up all of a product but its stock, which moves without the product being modified, and its date.
func (p *Product) fingerprint(seed maphash.Seed) uint64 {
	plain := *p
	plain.Modified, plain.Stock, plain.Variants = "", nil, nil
	for _, v := range p.Variants {
		variant := *v
		variant.Stock = nil
		plain.Variants = append(plain.Variants, &variant)
	}
	return sum(seed, plain)
}

func (o *Order) fingerprint(seed maphash.Seed) uint64 {
	plain := *o
	plain.Modified = ""
	return sum(seed, plain)
}

func sum(seed maphash.Seed, value any) uint64 {
	text, err := json.Marshal(value)
	if err != nil { // only plain values
		return 0
	}
	return maphash.Bytes(seed, text)
}

// touch dates what a change has touched, unless the change has dated it itself.
func (c *Catalog) touch(before fingerprints, now time.Time) {
	date := now.UTC().Format(time.RFC3339)
	for _, p := range c.Products {
		was, known := before.products[p.ID]
		if known && p.Modified == was.modified && p.fingerprint(before.seed) != was.sum {
			p.Modified = date
		}
	}
	for _, o := range c.Orders {
		was, known := before.orders[o.ID]
		if known && o.Modified == was.modified && o.fingerprint(before.seed) != was.sum {
			o.Modified = date
		}
	}
}

// Replace serves another catalogue from now on, as when a file was edited. What has no identifier there keeps the one
// that it had, found by its SKU; what has no date and is as it was keeps its date, and what changed is dated now. If the
// catalogue cannot be served, the error says why and the old one stays.
func (s *Server) Replace(c *Catalog) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	c.adopt(s.catalog)
	undatedProducts, undatedOrders := map[*Product]bool{}, map[*Order]bool{}
	for _, p := range c.Products {
		undatedProducts[p] = p.Modified == ""
	}
	for _, o := range c.Orders {
		undatedOrders[o] = o.Modified == ""
	}
	if _, err := c.complete(s.now); err != nil {
		return err
	}
	before := s.catalog.fingerprints(maphash.MakeSeed())
	for _, p := range c.Products {
		if was, known := before.products[p.ID]; known && undatedProducts[p] && was.sum == p.fingerprint(before.seed) {
			p.Modified = was.modified
		}
	}
	for _, o := range c.Orders {
		if was, known := before.orders[o.ID]; known && undatedOrders[o] {
			if o.Modified = was.modified; was.sum != o.fingerprint(before.seed) {
				o.Modified = s.now().UTC().Format(time.RFC3339)
			}
		}
	}
	index, err := c.complete(s.now)
	if err == nil {
		s.catalog, s.index = c, index
	}
	return err
}

// adopt takes over identifiers from a catalogue that is about to be replaced.
func (c *Catalog) adopt(old *Catalog) {
	taken := map[int64]bool{}
	for _, p := range c.Products {
		taken[p.ID] = true
	}
	bySKU := map[string]*Product{}
	for _, p := range old.Products {
		bySKU[p.SKU] = p
	}
	for _, p := range c.Products {
		was := bySKU[p.SKU]
		if was == nil || p.SKU == "" || p.ID != 0 && p.ID != was.ID || p.ID == 0 && taken[was.ID] {
			continue
		}
		p.ID = was.ID
		taken[was.ID] = true
		if p.BaseVariantID == 0 {
			p.BaseVariantID = was.BaseVariantID
		}
		variants := map[string]int64{}
		for _, v := range was.Variants {
			variants[v.SKU] = v.ID
		}
		for _, v := range p.Variants {
			if v.ID == 0 && v.SKU != "" {
				v.ID = variants[v.SKU]
				delete(variants, v.SKU)
			}
		}
	}
	created := map[int64]string{}
	for _, o := range old.Orders {
		created[o.ID] = o.Created
	}
	for _, o := range c.Orders {
		if o.Created == "" {
			o.Created = created[o.ID]
		}
	}
	brands := map[string]int64{}
	for _, b := range old.Brands {
		brands[b.Name] = b.ID
	}
	named := map[int64]bool{}
	for _, b := range c.Brands {
		named[b.ID] = true
	}
	for _, b := range c.Brands {
		if b.ID == 0 && !named[brands[b.Name]] {
			b.ID = brands[b.Name]
		}
		delete(brands, b.Name)
	}
	for _, b := range old.Brands { // brands that products name keep their identifiers too
		if id, unnamed := brands[b.Name]; unnamed && !named[id] {
			c.Brands = append(c.Brands, &Brand{ID: id, Name: b.Name})
		}
	}
}
