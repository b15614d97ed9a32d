package bigcommerce

import (
	"context"
	"errors"
)

const storePath = "/v2/store"

// store is what the store says of itself.
type store struct {
	Name           string `json:"name"`
	Domain         string `json:"domain"`
	SecureURL      string `json:"secure_url"`
	Status         string `json:"status"`
	Currency       string `json:"currency"`
	Plan           string `json:"plan_name"`
	WeightUnits    string `json:"weight_units"`
	DimensionUnits string `json:"dimension_units"`
	PricesWithTax  *bool  `json:"is_price_entered_with_tax"`
	Timezone       struct {
		Name string `json:"name"`
	} `json:"timezone"`
}

func readStore(ctx context.Context, session *session) (store, error) {
	var info store
	err := session.do(ctx, call{what: "GET " + storePath, path: storePath, read: func(body []byte) error {
		info = store{}
		if err := decode(body, &info); err != nil {
			return err
		}
		if info.Name == "" && info.Currency == "" {
			return errors.New("it does not describe a store")
		}
		return nil
	}})
	return info, err
}
