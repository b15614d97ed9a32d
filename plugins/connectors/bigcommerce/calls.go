package bigcommerce

import (
	"context"
	"fmt"
	"slices"

	"github.com/reconcilehq/reconcile/plugins/connectors/bigcommerce/api"
	"github.com/reconcilehq/reconcile/plugins/connectors/bigcommerce/edit"
	"github.com/reconcilehq/reconcile/plugins/connectors/bigcommerce/emulator"
	"github.com/reconcilehq/reconcile/plugins/sdk"
	"github.com/reconcilehq/reconcile/plugins/sdk/webapi"
)

// ReadColumns reads the store in full, and makes items of it as it comes in.
func (s *Source) ReadColumns(ctx context.Context, req sdk.ReadRequest, w *sdk.Writer) error {
	client, err := s.connect(ctx)
	if err != nil {
		return err
	}
	into := s.newAssembly(w, req.Warn, req.Counted)
	if err := s.newFetch(client.Session(req), into.needs, into).all(ctx, func(left int64) {
		req.Progress(w.Items(), 0, fmt.Sprintf("products, %d to go", left))
	}); err != nil {
		return err
	}
	return into.end()
}

// Orders reads the orders that are not imported yet anew, with all that is told of them.
func (s *Source) Orders(ctx context.Context, req sdk.OrdersRequest, emit func(sdk.Order) error) error {
	if !s.imported.known {
		return &sdk.SettingError{Summary: "nobody said which web orders the point of sale has imported",
			Detail: "Set imported_through (the last one's number), imported_ids_file or imported_statuses."}
	}
	client, err := s.connect(ctx)
	if err != nil {
		return err
	}
	reader := &orderReader{session: client.Session(req), limit: s.pages.orders, from: s.imported.through + 1, details: true}
	list, err := reader.all(ctx)
	if err != nil {
		return err
	}
	for i := range list {
		if !s.imported.pending(&list[i]) {
			continue
		}
		if err := emit(*list[i].Told); err != nil {
			return err
		}
	}
	return nil
}

// Fetch reads single items. Where an item is known by its SKU alone, that costs a request or two more.
func (s *Source) Fetch(ctx context.Context, req sdk.FetchRequest, emit func(sdk.Item) error) error {
	client, err := s.connect(ctx)
	if err != nil {
		return err
	}
	look := s.newLooking(client, req.ReadRequest, req.Warn)
	places, err := look.Find(ctx, req.Items)
	if err != nil {
		return err
	}
	var products []int64
	wanted := map[int64]bool{}
	for _, ref := range req.Items { // in the order in which they were asked for
		place, found := places[ref]
		if found && !slices.Contains(products, place.Product) {
			products = append(products, place.Product)
		}
		wanted[place.Variant] = true
	}
	return look.read(ctx, products, req.Fields, func(variant int64, it sdk.Item) error {
		if !wanted[variant] {
			return nil
		}
		return emit(it)
	})
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
