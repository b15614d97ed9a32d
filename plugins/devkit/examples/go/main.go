// A connector for reconcile that reads the products of an online shop, which answers with pages of JSON.
//
// Make it yours from top to bottom: what the user sets, which fields your platform has, and how a page of it is read. What else a
// platform on the web needs, tries, limits, pages and whether all of them came, is in the package webapi.
package main

import (
	"context"
	"errors"
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
	session := s.api.Session(nil)
	session.Tries = 3 // a person waits
	shop, err := about(ctx, session)
	return []sdk.Fact{{Name: "store", Value: shop.Name}, {Name: "currency", Value: shop.Currency}}, err
}

// self is what the shop says of itself.
type self struct{ Name, Currency string }

// about asks the shop for that.
func about(ctx context.Context, session *webapi.Session) (shop self, err error) {
	return shop, session.Do(ctx, webapi.Request{Path: "/shop", Read: func(a *webapi.Answer) error {
		shop = self{}
		if err := webapi.Decode(a.Body, &shop); err != nil {
			return err
		}
		switch {
		case shop.Name == "":
			return errors.New("it has no name")
		case shop.Currency == "":
			return errors.New("it does not say what its prices are in")
		}
		return nil
	}})
}

// itemOf returns a product as reconcile knows it. What is null is not known; what is absent, or of another kind, fails the read. The variants of a
// product, where it has them within it, are p.Each("variants"), and each is an item.
func itemOf(p *webapi.Entry) sdk.Item {
	return sdk.Item{
		"sku":     p.Text("sku"),
		"name":    p.Text("name"),
		"price":   p.Number("price"),
		"qoh":     p.Number("stock"),
		"options": p.Map("options"),
		"id":      p.Text("id"),
	}
}

// Read hands over all products, page by page. An error fails the run, which is right whenever a product may be missing.
//
// Each page begins after the last product of the one before. By numbered pages a product that is deleted meanwhile would
// move another one onto a page that was read already.
//
// It says what the prices are in, each time: 9.95 in two currencies is not the same. Where a platform does not tell, make it a setting.
func (s *Shop) Read(ctx context.Context, req sdk.ReadRequest, emit func(sdk.Item) error) error {
	if req.Wants("price") {
		shop, err := about(ctx, s.api.Session(req))
		if err != nil {
			return err
		}
		req.Currency("price", shop.Currency)
	}
	products := webapi.List[*webapi.Entry]{
		Ask:  webapi.At("/products", "after"),
		Read: webapi.Members[*webapi.Entry]("products", "total", "next"),
		Key:  webapi.Key("id"),
	}
	return products.ByCursor().Each(ctx, s.api.Session(req), func(page []*webapi.Entry) error {
		for _, p := range page {
			if err := emit(itemOf(p)); err != nil {
				return err
			}
		}
		return nil
	})
}
