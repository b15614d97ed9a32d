package bigcommerce

import (
	"context"
	"fmt"
	"maps"
	"net/url"
	"slices"

	"github.com/reconcilehq/reconcile/plugins/sdk"
)

// reading is one read of the store.
type reading struct {
	source  *Source
	session *session
	req     sdk.ReadRequest
	w       *sdk.Writer

	columns  []field // those to be written, in the writer's order
	parts    map[part]bool
	brands   brandBook
	stock    *stockBook
	pending  *pendingBook // nil if it is not known which orders are imported
	shopURL  string
	products productReader

	seen map[int64]bool    // the variants written or held back
	bare map[int64]product // products that came without any variant
	held []row             // those that lack something which the end of the catalogue will tell
}

// ReadColumns reads the store: first what the catalogue is completed with, then the catalogue itself, page by page.
func (s *Source) ReadColumns(ctx context.Context, req sdk.ReadRequest, w *sdk.Writer) error {
	client, err := s.connect(ctx)
	if err != nil {
		return err
	}
	r := &reading{source: s, req: req, w: w, parts: map[part]bool{}, seen: map[int64]bool{}, bare: map[int64]product{}}
	r.session = &session{client: client, tries: mostTries, tell: func(text string) { req.Progress(w.Items(), 0, text) }}
	r.plan()
	if err := r.prepare(ctx); err != nil {
		return err
	}
	if err := r.products.all(ctx, func(page []product, left int64) error {
		if err := r.write(ctx, page); err != nil {
			return err
		}
		req.Progress(w.Items(), 0, fmt.Sprintf("products, %d to go", left))
		return nil
	}); err != nil {
		return err
	}
	if err := r.complete(ctx); err != nil {
		return err
	}
	if err := r.release(ctx); err != nil {
		return err
	}
	r.warn()
	return nil
}

// plan works out what the asked-for fields need.
func (r *reading) plan() {
	fields := []string{"sku"} // an empty list would mean all
	for _, asked := range r.w.Fields() {
		at := slices.IndexFunc(allFields(), func(f field) bool { return f.Name == asked.Name })
		f := allFields()[at]
		r.columns = append(r.columns, f)
		r.parts[f.part] = true
		for _, name := range f.from {
			if !slices.Contains(fields, name) {
				fields = append(fields, name)
			}
		}
	}
	r.products = productReader{session: r.session, fields: fields, limit: r.source.pages.products}
	r.brands = brandBook{session: r.session, limit: r.source.pages.brands}
}

// prepare reads all that is asked for beside the catalogue.
func (r *reading) prepare(ctx context.Context) (err error) {
	if r.parts[storeInfo] {
		info, err := readStore(ctx, r.session)
		if err != nil {
			return err
		}
		r.shopURL = info.SecureURL
	}
	if r.parts[brandNames] {
		if err := r.brands.read(ctx); err != nil {
			return err
		}
	}
	if r.parts[stock] {
		if r.stock, err = r.source.readStock(ctx, r.session); err != nil {
			return err
		}
	}
	if r.parts[orders] && r.source.imported.known {
		r.pending, err = readOrders(ctx, r.session, r.source.pages.orders, &r.source.imported)
	}
	return err
}

// write hands over the variants of products, each once.
func (r *reading) write(ctx context.Context, page []product) error {
	if r.parts[brandNames] {
		if err := r.brands.learn(ctx, page); err != nil {
			return err
		}
	}
	for i := range page {
		p := &page[i]
		if len(p.Variants) == 0 {
			r.bare[p.ID] = *p
		}
		made := row{product: p, brand: r.brands.names[p.BrandID], variation: p.variation(), shopURL: r.shopURL}
		for j := range p.Variants {
			made.variant = &p.Variants[j]
			if r.seen[made.variant.ID] {
				continue
			}
			r.seen[made.variant.ID] = true
			if err := r.writeRow(made); err != nil {
				return err
			}
		}
	}
	return nil
}

func (r *reading) writeRow(made row) error {
	ready := true
	if r.stock != nil {
		made.qoh, ready = r.stock.of(made.product, made.variant)
	}
	if r.pending != nil {
		units, settled := r.pending.of(made.product, made.variant)
		made.pending = &units
		ready = ready && settled
	}
	if !ready {
		r.held = append(r.held, made)
		return nil
	}
	return r.end(&made)
}

func (r *reading) end(made *row) error {
	for i := range r.columns {
		r.columns[i].set(r.w, i, made)
	}
	return r.w.End()
}

// release completes and writes the rows that were held back.
func (r *reading) release(ctx context.Context) error {
	if r.stock != nil {
		if err := r.stock.learn(ctx, r.held); err != nil {
			return err
		}
	}
	for _, made := range r.held {
		if r.stock != nil {
			var known bool
			if made.qoh, known = r.stock.of(made.product, made.variant); !known {
				r.stock.unknown++
			}
		}
		if r.pending != nil {
			units := made.pending.Add(r.pending.settle(made.variant, func(id int64) bool { return r.seen[id] }))
			made.pending = &units
		}
		if err := r.end(&made); err != nil {
			return err
		}
	}
	return nil
}

// complete makes sure that nothing is missing: it compares the variants received with the store's own list of them, and
// where their numbers differ accounts for each one.
func (r *reading) complete(ctx context.Context) error {
	var total int64
	err := r.session.do(ctx, call{what: "counting with GET " + variantsPath, path: variantsPath,
		query: url.Values{"limit": {"1"}, "include_fields": {"product_id"}},
		read: func(body []byte) error {
			_, meta, err := decodeList[variant](body)
			if err == nil {
				total = meta.Total
			}
			return err
		}})
	if err != nil || total == int64(len(r.seen)) {
		return err
	}
	listed, err := readPages(ctx, r.session, variantsPath, url.Values{}, r.source.pages.variants,
		func(v variant) int64 { return v.ID })
	if err != nil {
		return err
	}
	if err := r.dress(ctx, listed); err != nil {
		return err
	}
	orphans, missing := 0, map[int64]bool{}
	for _, v := range listed {
		switch {
		case r.seen[v.ID]:
		case v.ProductID == 0:
			orphans++
		default:
			missing[v.ProductID] = true
		}
	}
	lost, err := r.recover(ctx, missing, listed)
	if err != nil {
		return err
	}
	if orphans += lost; orphans > 0 {
		r.req.Warn("%s no product and left out (BigCommerce keeps some when products are deleted)",
			counted(orphans, "variant belongs to", "variants belong to"))
	}
	return nil
}

// dress writes the variants of products that came without any, as an API may give them that includes no base variants,
// or no variants at all.
func (r *reading) dress(ctx context.Context, listed []variant) error {
	if len(r.bare) == 0 {
		return nil
	}
	of := map[int64][]variant{}
	for _, v := range listed {
		if _, ok := r.bare[v.ProductID]; ok {
			of[v.ProductID] = append(of[v.ProductID], v)
		}
	}
	var dressed []product
	for _, id := range slices.Sorted(maps.Keys(of)) {
		p := r.bare[id]
		p.Variants = of[id]
		dressed = append(dressed, p)
	}
	return r.write(ctx, dressed)
}

// recover writes the variants of products that were added, or got variants, while the catalogue was read. It returns
// how many variants have a product that does not exist.
func (r *reading) recover(ctx context.Context, missing map[int64]bool, listed []variant) (lost int, err error) {
	if len(missing) == 0 {
		return 0, nil
	}
	var ids []int64
	for id := range missing {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	found, err := r.products.byID(ctx, ids)
	if err != nil {
		return 0, err
	}
	if len(found) == 0 && len(r.seen) == 0 {
		// One stray variant is an orphan; a store of nothing but orphans is an answer not to be believed.
		return 0, fmt.Errorf("GET %s lists %s, but GET %s has none of their products; try again later",
			variantsPath, counted(len(listed), "variant", "variants"), productsPath)
	}
	if err := r.write(ctx, found); err != nil {
		return 0, err
	}
	if err := r.dress(ctx, listed); err != nil {
		return 0, err
	}
	for _, p := range found {
		delete(missing, p.ID)
	}
	for _, v := range listed {
		switch {
		case r.seen[v.ID] || v.ProductID == 0:
		case missing[v.ProductID]:
			lost++
		default:
			return 0, fmt.Errorf("GET %s lists variant %d of product %d, but the product comes without it; try again when the store is quieter",
				variantsPath, v.ID, v.ProductID)
		}
	}
	return lost, nil
}

// warn tells what people should know about the data.
func (r *reading) warn() {
	if r.parts[orders] && r.pending == nil {
		r.req.Warn("pending is not known: say which web orders the point of sale has imported, with imported_through (the last one's number), imported_ids_file or imported_statuses")
	}
	if r.stock != nil && r.stock.unknown > 0 {
		r.req.Warn("%s no stock level in the inventory, though stock is tracked: their qoh is not known",
			counted(r.stock.unknown, "item has", "items have"))
	}
	if r.brands.unknown > 0 {
		r.req.Warn("%s by products, but not known to the store: their brand is empty",
			counted(r.brands.unknown, "brand is named", "brands are named"))
	}
}
