package bigcommerce

import (
	"context"
	"net/url"
	"slices"
)

type brand struct {
	ID   int64  `json:"id"`
	Name string `json:"name"`
}

func (b brand) id() int64 { return b.ID }

const brandsPath = "/v3/catalog/brands"

// brandBook knows the brands' names.
type brandBook struct {
	session *session
	limit   int // of a page
	names   map[int64]string
	unknown int // brands that products name and the store does not have
}

// read reads all brands.
func (b *brandBook) read(ctx context.Context) error {
	b.names = map[int64]string{0: ""}
	return b.ask(ctx, url.Values{})
}

// learn asks for the brands of the products that are not known: those that were added since.
func (b *brandBook) learn(ctx context.Context, page []product) error {
	var missing []int64
	for _, p := range page {
		if _, ok := b.names[p.BrandID]; !ok && !slices.Contains(missing, p.BrandID) {
			missing = append(missing, p.BrandID)
		}
	}
	if len(missing) == 0 {
		return nil
	}
	if err := b.ask(ctx, url.Values{"id:in": {joined(missing)}}); err != nil {
		return err
	}
	for _, id := range missing {
		if _, ok := b.names[id]; !ok {
			b.names[id] = ""
			b.unknown++
		}
	}
	return nil
}

func (b *brandBook) ask(ctx context.Context, query url.Values) error {
	query.Set("include_fields", "name")
	list, err := readPages(ctx, b.session, brandsPath, query, b.limit, brand.id)
	for _, brand := range list {
		b.names[brand.ID] = brand.Name
	}
	return err
}
