package bigcommerce

import (
	"context"
	"net/http"
	"slices"
	"strings"

	"github.com/reconcilehq/reconcile/plugins/connectors/bigcommerce/api"
	"github.com/reconcilehq/reconcile/plugins/connectors/bigcommerce/edit"
	"github.com/reconcilehq/reconcile/plugins/connectors/bigcommerce/emulator"
	"github.com/reconcilehq/reconcile/plugins/sdk"
	"github.com/reconcilehq/reconcile/plugins/sdk/webapi"
)

// Fetch reads single items. Where an item is known by its SKU alone, the inventory is asked where it is, which tells its stock, too.
// What it does not list costs a request or two more.
func (s *Source) Fetch(ctx context.Context, req sdk.FetchRequest, emit func(sdk.Item) error) error {
	client, err := s.connect(ctx)
	if err != nil {
		return err
	}
	look := s.newLooking(client, req.ReadRequest, req.Warn)
	places, err := look.Find(ctx, req.Items, req.Fields)
	if err != nil {
		return err
	}
	var products []int64
	look.only = map[int64]bool{}
	for _, ref := range req.Items { // in the order in which they were asked for
		place, found := places[ref]
		if found && !slices.Contains(products, place.Product) {
			products = append(products, place.Product)
		}
		look.only[place.Variant] = true
	}
	_, _, err = look.collect(ctx, products, req.Fields, true, func(_ int64, it sdk.Item) error { return emit(it) })
	return err
}

// Writable implements sdk.Applier.
func (s *Source) Writable() map[string]sdk.Writable { return edit.Writable() }

// Prepare implements sdk.Applier.
func (s *Source) Prepare(ctx context.Context, req sdk.ApplyRequest, answer func(sdk.Prepared) error) (sdk.Cost, error) {
	e, err := s.editor(ctx, req)
	if err != nil {
		return sdk.Cost{}, err
	}
	return e.Prepare(ctx, req.Changes, answer)
}

// Apply implements sdk.Applier.
func (s *Source) Apply(ctx context.Context, req sdk.ApplyRequest, answer func(sdk.Outcome) error) error {
	e, err := s.editor(ctx, req)
	if err != nil {
		return err
	}
	s.ahead.begin()
	told := int64(0)
	return e.Apply(ctx, req.Changes, func(o sdk.Outcome) error {
		told++
		req.Progress(told, int64(len(req.Changes)), "changes")
		return answer(o)
	})
}

// editor returns what changes the store.
func (s *Source) editor(ctx context.Context, req sdk.ApplyRequest) (*edit.Editor, error) {
	client, err := s.connect(ctx)
	if err != nil {
		return nil, err
	}
	writer, err := s.writer(client)
	if err != nil {
		return nil, err
	}
	silent := func(string, ...any) {} // the run before has told what people should know about the items
	return &edit.Editor{Store: s.newLooking(client, req.ReadRequest, silent), Client: writer, Clock: s.clock, Teller: req}, nil
}

// writer returns the client that may write.
func (s *Source) writer(client *webapi.Client) (*webapi.Client, error) {
	token := s.WriteAccessToken
	if s.Sandbox {
		token = emulator.DefaultWriteToken
	}
	if token == "" {
		return nil, &sdk.SettingError{Path: []string{"write_access_token"}, Summary: "write_access_token is missing",
			Detail: "To change the store, create another store-level API account with the scopes Products (modify) and Store Inventory (modify), and give its token here, as env(\"...\")."}
	}
	return api.Writer(client, token, writeScopeFor), nil
}

// writeScopeFor names the scope that a request which changes something needs, as the control panel and as the API call it.
func writeScopeFor(path string) string {
	if strings.Contains(path, "/inventory/") {
		return "Store Inventory (store_inventory)"
	}
	return "Products (store_v2_products)"
}

// readAny makes sure that an answer is the API's, and no page of something in between.
func readAny(a *webapi.Answer) error {
	var whatever any
	if len(a.Body) == 0 {
		return nil
	}
	return webapi.Decode(a.Body, &whatever)
}

// checkWriting asks whether the token for writing may write, where there is one: with requests that change nothing, since they name
// nothing to be changed.
func (s *Source) checkWriting(ctx context.Context, client *webapi.Client) ([]sdk.Fact, error) {
	if s.WriteAccessToken == "" {
		return nil, nil
	}
	writer, err := s.writer(client)
	if err != nil {
		return nil, err
	}
	session := writer.Session(nil)
	session.Tries = checkTries
	var scopes []string
	for _, empty := range []struct{ path, body string }{{productsPath, "[]"}, {"/v3/inventory/adjustments/absolute", `{"items": []}`}} {
		err := session.Do(ctx, webapi.Request{What: "PUT " + empty.path + " of nothing", Method: http.MethodPut, Path: empty.path, Body: []byte(empty.body), Again: true, Read: readAny})
		if err != nil && !webapi.Refused(err) {
			return nil, err
		}
		name, _, _ := strings.Cut(writeScopeFor(empty.path), " (")
		scopes = append(scopes, name)
	}
	return []sdk.Fact{{Name: "write token may change", Value: strings.Join(scopes, ", ")}}, nil
}
