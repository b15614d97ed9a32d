package webapi_test

import (
	"context"
	"errors"
	"net/url"

	"github.com/reconcilehq/reconcile/plugins/sdk"
	"github.com/reconcilehq/reconcile/plugins/sdk/webapi"
)

// docs/web-connectors.md shows what follows, to the end of the file.

// Shop is a source: a shop at a platform.
type Shop struct {
	URL      string `setting:"url,required" doc:"The shop's address."`
	Token    string `setting:"token,required,sensitive" doc:"An access token that may read products."`
	Currency string `setting:"currency,required" doc:"What the shop's prices are in, such as CAD: it does not say."`
	webapi.Pace
}

func (s *Shop) Configure(context.Context) error {
	return errors.Join(append(s.CheckPace(), webapi.CheckURL("url", s.URL, "https://shop.example"))...)
}

func (s *Shop) Needs() sdk.Needs { return sdk.Needs{Network: true} }

func (s *Shop) Schema(context.Context) ([]sdk.Field, error) {
	return sdk.Known("sku", "name", "price", "qoh", "id"), nil
}

type product struct {
	ID    webapi.Whole
	SKU   webapi.Text
	Title webapi.Text
	Price webapi.Amount
	Stock webapi.Amount
}

func (s *Shop) Read(ctx context.Context, req sdk.ReadRequest, emit func(sdk.Item) error) error {
	req.Currency("price", s.Currency)
	client := webapi.New(webapi.Config{URL: s.URL, Auth: webapi.Bearer(s.Token), Name: "Corner Shop",
		Limits: webapi.RateLimitHeaders, Pace: s.Pace})
	products := webapi.List[product]{
		What: "GET /products",
		Size: 100,
		Ask: func(offset string) webapi.Request {
			return webapi.Request{Path: "/products", Query: url.Values{"limit": {"100"}, "offset": {offset}}}
		},
		Read: readProducts,
		Key:  func(p product) string { return p.ID.String() },
	}
	return products.ByOffset().Each(ctx, client.Session(req), func(page []product) error {
		for _, p := range page {
			item := sdk.Item{"sku": p.SKU.Value, "name": p.Title.Value, "price": p.Price.Value, "qoh": p.Stock.Value, "id": p.ID.String()}
			if err := emit(item); err != nil {
				return err
			}
		}
		return nil
	})
}

func readProducts(a *webapi.Answer) (page webapi.Page[product], err error) {
	var answer struct {
		Products []product
		Count    *int64
	}
	if err := webapi.Decode(a.Body, &answer); err != nil {
		return page, err
	}
	if answer.Products == nil || answer.Count == nil {
		return page, errors.New("it has no products, or does not say how many there are")
	}
	for _, p := range answer.Products {
		if !p.ID.Identifies() || p.SKU.Given == webapi.Absent || p.Price.Given == webapi.Absent || p.Stock.Given == webapi.Absent {
			return page, errors.New("it has a product without its id, sku, price or stock")
		}
	}
	return webapi.Page[product]{Items: answer.Products, Total: answer.Count}, nil
}
