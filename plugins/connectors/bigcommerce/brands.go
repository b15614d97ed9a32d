package bigcommerce

import (
	"context"
	"net/url"
)

type brand struct {
	ID   int64  `json:"id"`
	Name string `json:"name"`
}

func (b brand) id() int64 { return b.ID }

const brandsPath = "/v3/catalog/brands"

// readBrands reads the brands that the query lets through.
func readBrands(ctx context.Context, session *session, limit int, query url.Values) ([]brand, error) {
	query.Set("include_fields", "name")
	return readPages(ctx, session, brandsPath, query, limit, brand.id)
}
