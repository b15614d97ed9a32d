package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/reconcilehq/reconcile/plugins/sdk"
	"github.com/reconcilehq/reconcile/plugins/sdk/webapi"
	"github.com/reconcilehq/reconcile/plugins/sdk/writing"
)

// Writer is a Shop that reconcile apply can change. Package writing does what every platform needs: it looks before it writes and
// afterwards, and says what became of each change. Here stands what only this shop knows.
type Writer struct {
	Shop
	WriteToken string `setting:"write_token,sensitive,apply" doc:"The token of an API account that may change products. Only reconcile apply and revert get it."`

	writes *webapi.Client
}

// members are the fields that can be set, and what the shop calls them.
var members = map[string]string{"name": "name", "price": "price", "qoh": "stock"}

// atOnce is how many products a request reads or sets at most.
const atOnce = 10

// Configure checks the settings.
func (w *Writer) Configure(ctx context.Context) error {
	if strings.HasPrefix(w.URL, "sandbox") {
		w.WriteToken = sandboxWriteToken
	}
	err := w.Shop.Configure(ctx)
	w.writes = w.api.As(webapi.Bearer(w.WriteToken), nil)
	return err
}

// Check tries both tokens.
func (w *Writer) Check(ctx context.Context) ([]sdk.Fact, error) {
	facts, err := w.Shop.Check(ctx)
	if err != nil || w.WriteToken == "" {
		return facts, err
	}
	var shop struct {
		MayWrite bool `json:"may_write"`
	}
	if err := w.writes.Session(nil).Do(ctx, webapi.Request{Path: "/shop", Read: webapi.JSON(&shop)}); err != nil {
		return nil, err
	}
	if !shop.MayWrite {
		return nil, errors.New("the write_token may only read: take that of an account that may change products")
	}
	return append(facts, sdk.Fact{Name: "may write", Value: "yes"}), nil
}

// Writable says how the shop takes values. Plans count on it.
func (w *Writer) Writable() map[string]sdk.Writable {
	zero := sdk.Decimal{}
	return map[string]sdk.Writable{
		"name":  {Scale: -1, Length: 200},
		"price": {Scale: 2, Min: &zero},
		"qoh":   {Scale: 0, Min: &zero},
	}
}

// Fetch reads single products anew.
func (w *Writer) Fetch(ctx context.Context, req sdk.FetchRequest, emit func(sdk.Item) error) error {
	products, err := w.find(ctx, w.api.Session(req), req.Items)
	for _, p := range products {
		if err := emit(p); err != nil {
			return err
		}
	}
	return err
}

// find asks for the products with these ids, or where a ref has none with these SKUs.
func (w *Writer) find(ctx context.Context, session *webapi.Session, refs []sdk.Ref) (all []sdk.Item, err error) {
	for some := range slices.Chunk(refs, atOnce) {
		query := url.Values{}
		for _, ref := range some {
			if ref.ID != "" {
				query.Add("id", ref.ID)
			} else {
				query.Add("sku", ref.SKU)
			}
		}
		read := webapi.Members[*webapi.Entry]("products", "total", "")
		err := session.Do(ctx, webapi.Request{Path: "/products", Query: query, Read: func(a *webapi.Answer) error {
			page, err := read(a)
			switch {
			case err != nil:
				return err
			case int64(len(page.Items)) != *page.Total:
				return errors.New("it does not have all products that it announces")
			}
			found := make([]sdk.Item, len(page.Items))
			for i, p := range page.Items {
				if found[i] = itemOf(p); p.Err() != nil {
					return p.Err()
				}
			}
			all = append(all, found...)
			return nil
		}})
		if err != nil {
			return nil, err
		}
	}
	return all, nil
}

// Prepare says what the shop would make of changes. It writes nothing.
func (w *Writer) Prepare(ctx context.Context, req sdk.ApplyRequest, answer func(sdk.Prepared) error) (sdk.Cost, error) {
	return w.platform(req).Prepare(ctx, req, answer)
}

// Apply makes changes.
func (w *Writer) Apply(ctx context.Context, req sdk.ApplyRequest, answer func(sdk.Outcome) error) error {
	return w.platform(req).Apply(ctx, req, answer)
}

// platform is how the shop is changed by one call.
func (w *Writer) platform(req sdk.ApplyRequest) writing.Platform {
	ids := map[string]json.Number{} // of products, by the keys of the changes that they were looked at for
	look := func(ctx context.Context, changes []sdk.Change) (map[string]sdk.Value, error) {
		refs := make([]sdk.Ref, len(changes))
		for i, c := range changes {
			refs[i] = c.Item
		}
		products, err := w.find(ctx, w.api.Session(req), refs)
		if err != nil {
			return nil, err
		}
		now := map[string]sdk.Value{}
		for _, c := range changes {
			of := slices.DeleteFunc(slices.Clone(products), func(p sdk.Item) bool {
				id, _ := p["id"].(string)
				sku, _ := p["sku"].(string)
				return !c.Item.Is(id, sku)
			})
			if len(of) != 1 { // there is none, or nobody knows which of several is meant
				continue
			}
			ids[c.Key] = json.Number(fmt.Sprint(of[0]["id"]))
			if now[c.Key], err = sdk.ValueOf(c.Desired.Type(), of[0][c.Field]); err != nil {
				return nil, err
			}
		}
		return now, nil
	}
	set := func(ctx context.Context, batch writing.Batch) (refused map[string]string, err error) {
		products := make([]map[string]any, len(batch.Changes))
		for i, c := range batch.Changes {
			products[i] = map[string]any{"id": ids[c.Key], members[c.Field]: c.Desired}
		}
		body, err := json.Marshal(map[string]any{"products": products})
		if err != nil {
			return nil, err
		}
		return nil, w.writes.Session(req).Do(ctx, webapi.Request{Method: http.MethodPut, Path: "/products", Body: body, Until: batch.Until})
	}
	return writing.Platform{Writable: w.Writable(), Look: look, Set: set, AtOnce: atOnce, Clock: w.clock}
}
