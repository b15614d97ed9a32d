package bigcommerce

import (
	"context"
	"errors"
	"net/url"
)

type brand struct {
	ID   int64
	Name string
}

// brandAnswer is a brand as V3 answers it.
type brandAnswer struct {
	ID   whole `json:"id"`
	Name text  `json:"name"`
}

func (a brandAnswer) id() int64 { return a.ID.value }

func (a *brandAnswer) sound() error {
	if !a.ID.id() || a.Name.given != present {
		return errors.New("it has a brand without its id or name")
	}
	return nil
}

const brandsPath = "/v3/catalog/brands"

// readBrands reads the brands that the query lets through.
func readBrands(ctx context.Context, session *session, limit int, query url.Values) ([]brand, error) {
	query.Set("include_fields", "name")
	list, err := readPages(ctx, session, brandsPath, query, limit, brandAnswer.id)
	brands := make([]brand, len(list))
	for i, a := range list {
		brands[i] = brand{a.ID.value, a.Name.value}
	}
	return brands, err
}
