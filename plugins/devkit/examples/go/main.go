// A connector for reconcile that reads the products of an online shop, which answers with pages of JSON.
//
// Make it yours from top to bottom: what the user sets, which fields your platform has, and how a page of it is read. What else a
// platform on the web needs, tries, limits, pages and whether all of them came, is in the package webapi.
package main

import (
	"context"
	"errors"
	"net/url"
	"os"
	"strings"

	"github.com/reconcilehq/reconcile/plugins/sdk"
	"github.com/reconcilehq/reconcile/plugins/sdk/webapi"
)

func main() {
	if len(os.Args) == 3 && os.Args[1] == "sandbox" {
		serveSandbox(os.Args[2])
	}
	sdk.Serve(sdk.Connector{
		Name:    "example-shop",
		Version: "0.1.0",
		Doc:     "Reads the products of an online shop over its JSON API.",
		New:     func() sdk.Source { return &Shop{} }, //-
		//+ New:     func() sdk.Source { return &Writer{} },
	})
}

// Shop is a configured source. Its tagged fields are what a source block may hold.
type Shop struct {
	URL   string `setting:"url,required" doc:"The shop's address, such as https://shop.example.com, or sandbox for a sample shop that the connector serves itself."`
	Token string `setting:"token,sensitive" doc:"The token of an API account that may read products."`
	webapi.Pace

	api   *webapi.Client
	clock webapi.Clock // of tests
}

// Configure checks the settings. It does not ask the shop for anything.
func (s *Shop) Configure(context.Context) (err error) {
	if size, ok := strings.CutPrefix(s.URL, "sandbox"); ok {
		if s.URL, s.Token, err = startSandbox(size); err != nil {
			return err
		}
	}
	s.api = webapi.New(webapi.Config{URL: s.URL, Auth: webapi.Bearer(s.Token), Name: "the shop", Pace: s.Pace, Clock: s.clock})
	return errors.Join(append(s.CheckPace(), webapi.CheckURL("url", s.URL, "https://shop.example.com"))...)
}

// Schema says which fields there are. Known fields have the same name and type in every connector; others are
// sdk.Field{Name: "season", Type: sdk.String, Doc: "..."}.
func (s *Shop) Schema(context.Context) ([]sdk.Field, error) {
	return sdk.Known("sku", "name", "price", "qoh", "options", "id"), nil
}

// Check tries the address and the token.
func (s *Shop) Check(ctx context.Context) ([]sdk.Fact, error) {
	var shop struct{ Name, Currency string }
	session := s.api.Session(nil)
	session.Tries = 3 // a person waits
	err := session.Do(ctx, webapi.Request{Path: "/shop", Read: func(a *webapi.Answer) error {
		if err := webapi.Decode(a.Body, &shop); err != nil {
			return err
		}
		if shop.Name == "" {
			return errors.New("it has no name")
		}
		return nil
	}})
	return []sdk.Fact{{Name: "store", Value: shop.Name}, {Name: "currency", Value: shop.Currency}}, err
}

// product is one product as the shop tells of it. A webapi.Amount keeps a price's digits as they stand.
type product struct {
	ID      webapi.Whole      `json:"id"`
	SKU     string            `json:"sku"`
	Name    string            `json:"name"`
	Price   webapi.Amount     `json:"price"`
	Stock   webapi.Amount     `json:"stock"`
	Options map[string]string `json:"options"`
}

// item returns the product as reconcile knows it.
func (p product) item() sdk.Item {
	return sdk.Item{
		"sku":     p.SKU,
		"name":    p.Name,
		"price":   p.Price.Value,
		"qoh":     p.Stock.Value,
		"options": p.Options,
		"id":      p.ID.String(),
	}
}

// Read hands over all products, page by page. An error fails the run, which is right whenever a product may be missing.
//
// Each page begins after the last product of the one before. By numbered pages a product that is deleted meanwhile would
// move another one onto a page that was read already.
func (s *Shop) Read(ctx context.Context, req sdk.ReadRequest, emit func(sdk.Item) error) error {
	products := webapi.List[product]{
		Ask: func(after string) webapi.Request {
			return webapi.Request{Path: "/products", Query: url.Values{"after": {after}}}
		},
		Read: webapi.Members[product]("products", "total", "next"),
		Key:  func(p product) string { return p.ID.String() },
	}
	return products.ByCursor().Each(ctx, s.api.Session(req), func(page []product) error {
		for _, p := range page {
			if err := emit(p.item()); err != nil {
				return err
			}
		}
		return nil
	})
}
