package bad

import (
	"context"
	"errors"
	"io"
	"maps"
	"slices"
	"sync"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/plugins/proto"
	sourcev1 "github.com/reconcilehq/reconcile/plugins/proto/source/v1"
)

// writes begins the names of the ways of connectors that can write.
const writes = "writes-"

// WriteWays returns the ways of connectors that can change their platform. The first does not misbehave.
func WriteWays() []Way {
	return []Way{
		{"writes-well", "does nothing wrong", "", ""},
		{"writes-what-is-no-field", "says that a field can be set that there is not", "9.1", "10.2"},
		{"writes-and-cannot-fetch", "can write, and not read what it wrote", "9.1", ""},
		{"writes-and-fetches-another", "fetches the item before the one that is asked for", "9.2", "9.3 10.2"},
		{"writes-and-fetches-old-ones", "fetches what it read before", "10.4", "10.5"},
		{"writes-and-knows-no-ids", "looks for ids among SKUs", "9.3", ""},
		{"writes-and-makes-items-up", "fetches items that there are not", "9.4", ""},
		{"writes-whenever-asked", "writes in a process that was to read", "10.1", ""},
		{"writes-when-it-prepares", "writes when it is asked to prepare", "10.2", ""},
		{"writes-and-prepares-nothing", "says that it prepared a change, and does not say how", "10.2", ""},
		{"writes-over-others", "writes over what nobody expected", "10.3", ""},
		{"writes-conflicts", "says that it is a conflict, and writes", "10.3", ""},
		{"writes-nothing", "says that it wrote, and did not", "10.4", "10.5"},
		{"writes-without-looking", "does not look at what it wrote", "10.4", "10.6"},
		{"writes-again", "writes what is there already, and says so", "10.5", ""},
		{"writes-null-as-zero", "makes 0 of null", "10.6", ""},
		{"writes-and-miscounts", "counts an outcome that it did not tell", "10.7", ""},
		{"writes-twice", "tells an outcome twice", "10.7", ""},
		{"writes-in-silence", "ends without saying that it is done", "10.7", ""},
		{"writes-whoever-has-the-id", "writes to an item that has another SKU, if only the id is right", "10.8", ""},
		{"writes-another-key", "tells the outcome of a change that nobody asked for", "10.7", ""},
	}
}

// writer is a connector with three items that can write their prices.
type writer struct {
	*server

	mu     sync.Mutex
	apply  bool
	prices map[string]string // by SKU; "" is null
	old    map[string]string // as they were at the first read
}

func (w *writer) does(way string) bool { return w.way == writes+way }

func (w *writer) Describe(ctx context.Context, req *sourcev1.DescribeRequest) (*sourcev1.DescribeResponse, error) {
	m, err := w.server.Describe(ctx, req)
	if err != nil {
		return nil, err
	}
	m.Capabilities, m.Writable = []string{proto.Fetch, proto.Apply}, []*sourcev1.Writable{{Field: "price", Nullable: true}}
	switch {
	case w.does("and-cannot-fetch"):
		m.Capabilities = []string{proto.Apply}
	case w.does("what-is-no-field"):
		m.Writable = []*sourcev1.Writable{{Field: "colour"}}
	}
	return m, nil
}

func (w *writer) Configure(ctx context.Context, req *sourcev1.ConfigureRequest) (*sourcev1.ConfigureResponse, error) {
	w.mu.Lock()
	w.apply = req.GetApply()
	w.mu.Unlock()
	return w.server.Configure(ctx, req)
}

var writeSchema = catalog.MustSchema(catalog.Field{Name: "id", Type: catalog.String}, catalog.Field{Name: "sku", Type: catalog.String},
	catalog.Field{Name: "price", Type: catalog.Number})

func (w *writer) Schema(context.Context, *sourcev1.SchemaRequest) (*sourcev1.SchemaResponse, error) {
	if _, err := w.settings(); err != nil {
		return nil, err
	}
	return &sourcev1.SchemaResponse{Fields: proto.FromSchema(writeSchema)}, nil
}

// send sends the items of these SKUs, as far as there are any, and Done.
func (w *writer) send(fields []string, skus []string, prices map[string]string, send func(*sourcev1.ReadResponse) error) error {
	asked, err := writeSchema.Select(fields)
	if err != nil {
		return status.Error(codes.InvalidArgument, err.Error())
	}
	b := catalog.NewBuilder(asked)
	for _, sku := range skus {
		text, there := prices[sku]
		if !there {
			continue
		}
		for i := range asked.Len() {
			switch name := asked.Field(i).Name; {
			case name == "id":
				b.SetString(i, "id of "+sku)
			case name == "sku":
				b.SetString(i, sku)
			case text != "":
				d, err := catalog.ParseDecimal(text)
				if err != nil {
					return err
				}
				b.SetNumber(i, d)
			}
		}
		b.End()
	}
	items := int64(b.Len())
	if items > 0 {
		data, err := proto.EncodeBatch(b.Batch())
		if err != nil {
			return err
		}
		if err := send(&sourcev1.ReadResponse{Message: &sourcev1.ReadResponse_Batch{Batch: &sourcev1.Batch{Arrow: data}}}); err != nil {
			return err
		}
	}
	return send(&sourcev1.ReadResponse{Message: &sourcev1.ReadResponse_Done{Done: &sourcev1.Done{Items: items}}})
}

func (w *writer) Read(req *sourcev1.ReadRequest, stream sourcev1.Source_ReadServer) error {
	if _, err := w.settings(); err != nil {
		return err
	}
	w.mu.Lock()
	prices := maps.Clone(w.prices)
	w.mu.Unlock()
	return w.send(req.GetFields(), slices.Sorted(maps.Keys(prices)), prices, stream.Send)
}

func (w *writer) Fetch(req *sourcev1.FetchRequest, stream sourcev1.Source_FetchServer) error {
	w.mu.Lock()
	prices := maps.Clone(w.prices)
	if w.old == nil {
		w.old = maps.Clone(prices)
	}
	if w.does("and-fetches-old-ones") {
		prices = w.old
	}
	w.mu.Unlock()
	var skus []string
	for _, ref := range req.GetItems() {
		sku := ref.GetSku()
		if id := ref.GetId(); id != "" && w.does("and-knows-no-ids") {
			sku = id
		} else if id != "" {
			sku = id[len("id of "):]
		}
		if w.does("and-fetches-another") {
			sku = map[string]string{"A-0": "A-2", "A-1": "A-0", "A-2": "A-1"}[sku]
		}
		if _, there := prices[sku]; !there && w.does("and-makes-items-up") {
			prices[sku] = "0"
		}
		if !slices.Contains(skus, sku) {
			skus = append(skus, sku)
		}
	}
	return w.send(req.GetFields(), skus, prices, stream.Send)
}

// changes receives all changes of a call.
func (w *writer) changes(recv func() (*sourcev1.ChangeRequest, error)) (list []*sourcev1.Change, err error) {
	w.mu.Lock()
	refused := !w.apply && !w.does("whenever-asked")
	w.mu.Unlock()
	if refused {
		return nil, status.Error(codes.FailedPrecondition, "to be read only")
	}
	for {
		m, err := recv()
		if errors.Is(err, io.EOF) {
			return list, nil
		}
		if err != nil {
			return nil, err
		}
		list = append(list, m.GetChange())
	}
}

func (w *writer) Prepare(stream sourcev1.Source_PrepareServer) error {
	changes, err := w.changes(stream.Recv)
	if err != nil {
		return err
	}
	for _, c := range changes {
		if w.does("when-it-prepares") {
			w.mu.Lock()
			w.prices[c.GetItem().GetSku()] = c.GetDesired().GetNumber()
			w.mu.Unlock()
		}
		if w.does("and-prepares-nothing") {
			continue
		}
		if err := stream.Send(&sourcev1.PrepareResponse{Message: &sourcev1.PrepareResponse_Prepared{Prepared: &sourcev1.Prepared{Key: c.GetKey(), Will: c.GetDesired()}}}); err != nil {
			return err
		}
	}
	return stream.Send(&sourcev1.PrepareResponse{Message: &sourcev1.PrepareResponse_Done{Done: &sourcev1.PrepareDone{Changes: int64(len(changes))}}})
}

func seen(price string) *sourcev1.Seen {
	if price == "" {
		return &sourcev1.Seen{Value: &sourcev1.Value{}}
	}
	return &sourcev1.Seen{Value: &sourcev1.Value{Kind: &sourcev1.Value_Number{Number: price}}}
}

func (w *writer) Apply(stream sourcev1.Source_ApplyServer) error {
	changes, err := w.changes(stream.Recv)
	if err != nil {
		return err
	}
	counts := map[string]int64{}
	for _, c := range changes {
		o := w.write(c)
		counts[o.GetKind().String()]++
		m := &sourcev1.ApplyResponse{Message: &sourcev1.ApplyResponse_Outcome{Outcome: o}}
		if err := stream.Send(m); err != nil {
			return err
		}
		if w.does("twice") {
			counts[o.GetKind().String()]++
			if err := stream.Send(m); err != nil {
				return err
			}
		}
	}
	if w.does("and-miscounts") {
		counts["FAILED"]++
	}
	if w.does("in-silence") {
		return nil
	}
	return stream.Send(&sourcev1.ApplyResponse{Message: &sourcev1.ApplyResponse_Done{Done: &sourcev1.ApplyDone{Outcomes: counts}}})
}

// write makes one change, or does what it does wrong.
func (w *writer) write(c *sourcev1.Change) *sourcev1.Outcome {
	w.mu.Lock()
	defer w.mu.Unlock()
	sku, desired := c.GetItem().GetSku(), c.GetDesired().GetNumber()
	if id := c.GetItem().GetId(); id != "" && w.does("whoever-has-the-id") {
		sku = id[len("id of "):]
	}
	before, there := w.prices[sku]
	o := &sourcev1.Outcome{Key: c.GetKey(), Kind: sourcev1.Outcome_APPLIED, Before: seen(before)}
	if w.does("another-key") {
		o.Key = "another"
	}
	if !there {
		o.Kind = sourcev1.Outcome_REJECTED
		return o
	}
	if before == desired && !w.does("again") {
		o.Kind, o.After = sourcev1.Outcome_UNCHANGED, o.Before
		return o
	}
	if before != c.GetExpected().GetNumber() && !w.does("over-others") && before != desired {
		o.Kind, o.After = sourcev1.Outcome_CONFLICT, o.Before
		if w.does("conflicts") {
			w.prices[sku] = desired
		}
		return o
	}
	if desired == "" && w.does("null-as-zero") {
		desired = "0"
	}
	if !w.does("nothing") {
		w.prices[sku] = desired
	}
	if !w.does("without-looking") {
		o.After = seen(desired)
	}
	return o
}
