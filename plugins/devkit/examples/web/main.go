// A connector for a platform on the web, which gives a token for a login, and page by page its wares, of which each comes in several forms.
package main

import (
	"context"
	"errors"

	"github.com/reconcilehq/reconcile/plugins/sdk"
	"github.com/reconcilehq/reconcile/plugins/sdk/webapi"
)

var connector = sdk.Connector{Name: "kiln", Version: "1.0.0", Doc: "Reads the wares of a Kiln shop.", New: func() sdk.Source { return &kiln{} }}

func main() { sdk.Serve(connector) }

type kiln struct {
	URL      string `setting:"url,required" doc:"The shop's address."`
	User     string `setting:"user,required" doc:"An account that may read wares."`
	Password string `setting:"password,required,sensitive" doc:"Its password."`
	Currency string `setting:"currency,required" doc:"What the shop's prices are in, such as CAD: it does not say."`
	webapi.Pace
	api *webapi.Client
}

func (k *kiln) Configure(context.Context) error {
	config := webapi.Config{URL: k.URL, Name: "Kiln", Secrets: []string{k.Password}, Pace: k.Pace}
	login := webapi.New(config).Token("/api/session", map[string]string{"user": k.User, "password": k.Password}, "token")
	config.Auth = webapi.Login("X-Kiln-Session", "", login)
	k.api = webapi.New(config)
	return errors.Join(append(k.CheckPace(), webapi.CheckURL("url", k.URL, "https://shop.example.com"))...)
}

func (k *kiln) Schema(context.Context) ([]sdk.Field, error) {
	return sdk.Known("sku", "name", "price", "qoh", "options"), nil
}

func (k *kiln) Check(ctx context.Context) ([]sdk.Fact, error) {
	var shop struct{ Name string }
	err := k.api.Session(nil).Do(ctx, webapi.Request{Path: "/api/shop", Read: webapi.JSON(&shop)})
	return []sdk.Fact{{Name: "store", Value: shop.Name}}, err
}

func (k *kiln) Read(ctx context.Context, req sdk.ReadRequest, emit func(sdk.Item) error) error {
	req.Currency("price", k.Currency)
	wares := webapi.List[*webapi.Entry]{Ask: webapi.At("/api/wares", "cursor"), Key: webapi.Key("id"),
		Read: webapi.Members[*webapi.Entry]("wares", "total", "cursor")}
	return wares.ByCursor().Each(ctx, k.api.Session(req), func(page []*webapi.Entry) error {
		for _, w := range page {
			for _, form := range w.Each("forms") {
				if err := emit(sdk.Item{"sku": form.Text("no"), "name": w.Text("label"), "price": form.Number("price"),
					"qoh": form.Sum("shelves", "pieces"), "options": form.Options("traits", "trait", "value")}); err != nil {
					return err
				}
			}
		}
		return nil
	})
}
