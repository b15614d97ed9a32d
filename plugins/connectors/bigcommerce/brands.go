package bigcommerce

import (
	"context"
	"errors"
	"net/url"

	"github.com/reconcilehq/reconcile/plugins/connectors/bigcommerce/api"
	"github.com/reconcilehq/reconcile/plugins/sdk/webapi"
)

type brand struct {
	ID   int64
	Name string
}

// brandAnswer is a brand as V3 answers it.
type brandAnswer struct {
	ID   webapi.Whole `json:"id"`
	Name webapi.Text  `json:"name"`
}

func (a brandAnswer) id() int64 { return a.ID.Value }

func (a *brandAnswer) Validate() error {
	if !a.ID.Identifies() || a.Name.Given != webapi.Present {
		return errors.New("it has a brand without its id or name")
	}
	return nil
}

const brandsPath = "/v3/catalog/brands"

// readBrands reads the brands that the query lets through.
func readBrands(ctx context.Context, session *webapi.Session, limit int, query url.Values) ([]brand, error) {
	query.Set("include_fields", "name")
	list, err := api.ReadPages(ctx, session, brandsPath, query, limit, brandAnswer.id)
	brands := make([]brand, len(list))
	for i, a := range list {
		brands[i] = brand{a.ID.Value, a.Name.Value}
	}
	return brands, err
}
