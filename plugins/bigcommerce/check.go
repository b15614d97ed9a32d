package bigcommerce

import (
	"context"
	"errors"

	"github.com/reconcilehq/reconcile/plugins/sdk"
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

// Check asks the store for its name and the like, which is the cheapest way to try the credentials.
func (s *Source) Check(ctx context.Context) ([]sdk.Fact, error) {
	client, err := s.connect(ctx)
	if err != nil {
		return nil, err
	}
	info, err := readStore(ctx, &session{client: client, tries: checkTries, tell: func(string) {}})
	if err != nil {
		return nil, err
	}
	prices := ""
	if info.PricesWithTax != nil {
		prices = map[bool]string{true: "entered with tax", false: "entered without tax"}[*info.PricesWithTax]
	}
	var facts []sdk.Fact
	for _, f := range []sdk.Fact{{Name: "store", Value: info.Name}, {Name: "domain", Value: info.Domain},
		{Name: "status", Value: info.Status}, {Name: "currency", Value: info.Currency}, {Name: "prices", Value: prices},
		{Name: "plan", Value: info.Plan}, {Name: "time zone", Value: info.Timezone.Name},
		{Name: "weight unit", Value: info.WeightUnits}, {Name: "length unit", Value: info.DimensionUnits}} {
		if f.Value != "" {
			facts = append(facts, f)
		}
	}
	return facts, nil
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

// storeFacts are what is kept of what the store says of itself.
type storeFacts struct {
	URL     string // of the shop, without a slash at the end
	Orphans int    // variants that belong to no product
}
