package host

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/engine/change"
	"github.com/reconcilehq/reconcile/plugins/proto"
	"github.com/reconcilehq/reconcile/plugins/sdk"
)

// writingArg makes the test's program a connector of a shop that can be changed.
const writingArg = "serve-writing"

// writing is a shop in memory, with three items. One of its ways can be broken by a setting.
type writing struct {
	Token string `setting:"token,sensitive,apply" doc:"A token that may write."`
	Wrong string `setting:"wrong" doc:"What it does wrong."`

	mu     sync.Mutex
	prices map[string]sdk.Value
}

func serveWriting() {
	sdk.Serve(sdk.Connector{Name: "writing", Version: "1", New: func() sdk.Source {
		return &writing{prices: map[string]sdk.Value{"A": price("1"), "B": price("2"), "C": catalog.NullValue(catalog.Number)}}
	}})
}

func price(s string) sdk.Value {
	d, err := catalog.ParseDecimal(s)
	if err != nil {
		panic(err)
	}
	return catalog.NumberValue(d)
}

func (*writing) Schema(context.Context) ([]sdk.Field, error) {
	return sdk.Known("sku", "name", "price"), nil
}

func (w *writing) Check(context.Context) ([]sdk.Fact, error) {
	return []sdk.Fact{{Name: "may write", Value: fmt.Sprint(w.Token != "")}}, nil
}

func (w *writing) Read(ctx context.Context, req sdk.ReadRequest, emit func(sdk.Item) error) error {
	var all []sdk.Ref
	for _, sku := range slices.Sorted(maps.Keys(w.prices)) {
		all = append(all, sdk.Ref{SKU: sku})
	}
	return w.Fetch(ctx, sdk.FetchRequest{ReadRequest: req, Items: all}, emit)
}

func (w *writing) Fetch(_ context.Context, req sdk.FetchRequest, emit func(sdk.Item) error) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, ref := range req.Items {
		if p, ok := w.prices[ref.SKU]; ok {
			if w.Wrong == "unreadable" {
				req.Unreadable(ref.SKU, "it is of another world")
				continue
			}
			item := sdk.Item{"sku": ref.SKU, "name": "Bell"}
			if !p.IsNull() {
				item["price"] = p.Number()
			}
			if err := emit(item); err != nil {
				return err
			}
		}
	}
	return nil
}

func (*writing) Writable() map[string]sdk.Writable {
	least := catalog.Int(0)
	return map[string]sdk.Writable{"price": {Nullable: true, Scale: 2, Min: &least}, "name": {Scale: -1, Length: 20}}
}

func (w *writing) Prepare(_ context.Context, req sdk.ApplyRequest, answer func(sdk.Prepared) error) (sdk.Cost, error) {
	for _, c := range req.Changes {
		p := sdk.Prepared{Key: c.Key}
		p.Will, p.Problem = w.Writable()[c.Field].Holds(c.Desired)
		if c.Field == "name" {
			p.Also = []sdk.Ref{{SKU: "B"}}
			p.Will = catalog.StringValue(strings.TrimSpace(c.Desired.Str())) // which Writable cannot say
		}
		if err := answer(p); err != nil {
			return sdk.Cost{}, err
		}
	}
	return sdk.Cost{Requests: int64(len(req.Changes)), Time: 1500 * time.Millisecond}, nil
}

func (w *writing) Apply(ctx context.Context, req sdk.ApplyRequest, answer func(sdk.Outcome) error) error {
	req.Warn("token is %s", w.Token)
	switch w.Wrong {
	case "hangs":
		<-ctx.Done()
		return ctx.Err()
	case "dies":
		os.Exit(7)
	case "panics":
		panic(w.Token)
	case "fails":
		return errors.New("403: the token may not write\x1b[31m, " + w.Token)
	case "answers nothing":
		return nil
	case "answers twice":
		_ = answer(sdk.Outcome{Key: req.Changes[0].Key, Kind: sdk.Failed})
		_ = answer(sdk.Outcome{Key: req.Changes[0].Key, Kind: sdk.Failed})
		return nil
	case "answers another":
		return answer(sdk.Outcome{Key: "never asked", Kind: sdk.Failed})
	case "does not look":
		return answer(sdk.Outcome{Key: req.Changes[0].Key, Kind: sdk.Applied})
	}
	for i, c := range req.Changes {
		req.Progress(int64(i), int64(len(req.Changes)), "writing")
		outcome := w.apply(c)
		if err := answer(outcome); err != nil {
			return err
		}
	}
	return nil
}

func (w *writing) apply(c sdk.Change) sdk.Outcome {
	w.mu.Lock()
	defer w.mu.Unlock()
	if c.Field == "name" {
		return sdk.Outcome{Key: c.Key, Kind: sdk.Applied, Before: c.Expected, After: catalog.StringValue(strings.TrimSpace(c.Desired.Str()))}
	}
	now, ok := w.prices[c.Item.SKU]
	if !ok {
		return sdk.Outcome{Key: c.Key, Kind: sdk.Rejected, Reason: "404: no such item\x1b[31m, " + w.Token}
	}
	held, _ := w.Writable()[c.Field].Holds(c.Desired)
	if outcome, done := c.Guard(now, held); done {
		return outcome
	}
	w.prices[c.Item.SKU] = held
	return sdk.Outcome{Key: c.Key, Kind: sdk.Applied, Before: now, After: held}
}

// startWriting starts the connector, to apply or only to read.
func startWriting(t *testing.T, apply bool, settings string, timeout time.Duration) *Process {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	p, err := Start(t.Context(), Command{Path: self, Args: []string{self, writingArg}, Dir: t.TempDir()}, Options{Label: "the shop", Apply: apply, Timeout: timeout})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Close)
	if problems, err := p.Configure(t.Context(), []byte(settings), []string{"s3cret"}); err != nil || len(problems) > 0 {
		t.Fatal(problems, err)
	}
	return p
}

// pricesOf fetches items, and returns a line of each.
func pricesOf(t *testing.T, p *Process, warnings *[]string, skus ...string) (lines []string) {
	t.Helper()
	var refs []change.Ref
	for _, sku := range skus {
		refs = append(refs, change.Ref{SKU: sku})
	}
	asked := catalog.MustSchema(catalog.Field{Name: "sku", Type: catalog.String}, catalog.Field{Name: "price", Type: catalog.Number})
	err := p.Fetch(t.Context(), refs, asked, unwatched{warnings, nil}, func(b *catalog.Batch) error {
		for i := range b.Len() {
			lines = append(lines, b.Column(0).Value(i).Text()+"="+b.Column(1).Value(i).Text())
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return lines
}

func outcomes(got []change.Outcome) (lines []string) {
	for _, o := range got {
		lines = append(lines, fmt.Sprintf("%s %s %s>%s %s", o.Key, o.Kind, o.Before.Text(), o.After.Text(), o.Reason))
	}
	return lines
}

// TestChanges has a connector's process prepare changes, make them, and show them: what it says of each arrives as it is, but for secrets
// and what acts on terminals.
func TestChanges(t *testing.T) {
	p := startWriting(t, true, `{"token": "s3cret"}`, 0)
	if w := p.Writable()["price"]; !w.Nullable || w.Scale != 2 || w.Min == nil || w.Max != nil || len(p.Writable()) != 2 || p.Writable()["name"].Scale != -1 {
		t.Errorf("the fields that can be set are %+v", p.Writable())
	}
	if facts, err := p.Check(t.Context()); err != nil || facts[0].Value != "true" {
		t.Errorf("%v, %v", facts, err)
	}
	null := catalog.NullValue(catalog.Number)
	changes := []change.Change{
		{Key: "1", Item: change.Ref{SKU: "A"}, Field: "price", Expected: price("1.0"), Desired: price("1.255")},
		{Key: "2", Item: change.Ref{SKU: "B"}, Field: "price", Expected: price("3"), Desired: price("4")},
		{Key: "3", Item: change.Ref{SKU: "C"}, Field: "price", Expected: price("3"), Desired: null},
		{Key: "4", Item: change.Ref{ID: "9", SKU: "D"}, Field: "price", Expected: price("3"), Desired: price("5")},
		{Key: "5", Item: change.Ref{SKU: "A"}, Field: "name", Expected: catalog.StringValue("Bell"), Desired: catalog.StringValue(" Gong ")},
	}
	var prepared []string
	cost, err := p.Prepare(t.Context(), append(changes, change.Change{Key: "6", Item: change.Ref{SKU: "A"}, Field: "price", Expected: price("1"), Desired: price("-1")}),
		unwatched{}, func(a change.Prepared) error {
			prepared = append(prepared, fmt.Sprintf("%s %q %v %s", a.Key, a.Will.Text(), a.Also, a.Problem))
			return nil
		})
	if want := []string{`1 "1.26" [] `, `2 "4" [] `, `3 "" [] `, `4 "5" [] `, `5 "Gong" [B] `, `6 "" [] the platform takes nothing below 0, and this is -1`}; err != nil ||
		!slices.Equal(prepared, want) || cost != (change.Cost{Requests: 6, Time: 1500 * time.Millisecond}) {
		t.Errorf("cost %v, %v, prepared:\n%s", cost, err, strings.Join(prepared, "\n"))
	}
	var got []change.Outcome
	var warned []string
	take := func(o change.Outcome) error { got = append(got, o); return nil }
	if err := p.Apply(t.Context(), changes, unwatched{&warned, nil}, take); err != nil {
		t.Fatal(err)
	}
	want := []string{"1 applied 1>1.26 ", "2 conflict 2>2 ", "3 unchanged > ", "4 rejected > 404: no such item[31m, (sensitive)", "5 applied Bell>Gong "}
	if lines := outcomes(got); !slices.Equal(lines, want) {
		t.Errorf("outcomes:\n%s", strings.Join(lines, "\n"))
	}
	if len(warned) != 1 || strings.Contains(warned[0], "s3cret") {
		t.Errorf("warnings: %q", warned)
	}
	if lines := pricesOf(t, p, nil, "A", "B", "X"); !slices.Equal(lines, []string{"A=1.26", "B=2"}) {
		t.Errorf("then it has %q", lines)
	}
	// An error of whoever takes the outcomes ends the call, and is not the connector's.
	full := errors.New("the disk is full")
	if err := p.Apply(t.Context(), changes, unwatched{}, func(change.Outcome) error { return full }); !errors.Is(err, full) {
		t.Errorf("got %v", err)
	}
}

// TestChangesGoWrong says what becomes of a call whose connector fails, or answers what it must not, and whose fault it is. It never is a
// success.
func TestChangesGoWrong(t *testing.T) {
	for _, c := range []struct {
		wrong string
		want  string
		fault Fault
	}{
		{"hangs", "no batch and no sign of progress for 2s", Slowness},
		{"dies", "died (exit status 7)", Connector},
		{"panics", "the connector panicked", Connector},
		{"fails", "403: the token may not write[31m, (sensitive)", Platform},
		{"answers nothing", `Apply has ended without an answer to 1 of 1 changes, such as change "k" (field "price" of "A")`, Connector},
		{"answers twice", `the change "k" is answered twice`, Connector},
		{"answers another", `an answer is about the change "never asked", which nobody asked for`, Connector},
		{"does not look", "nobody looked at what the item had before", Connector},
	} {
		t.Run(c.wrong, func(t *testing.T) {
			timeout := time.Minute
			if c.wrong == "hangs" {
				timeout = 2 * time.Second
			}
			p := startWriting(t, true, fmt.Sprintf(`{"token": "s3cret", "wrong": %q}`, c.wrong), timeout)
			changes := []change.Change{{Key: "k", Item: change.Ref{SKU: "A"}, Field: "price", Expected: price("1"), Desired: price("2")}}
			err := p.Apply(t.Context(), changes, unwatched{}, func(change.Outcome) error { return nil })
			var failure *Failure
			if !errors.As(err, &failure) || failure.Fault != c.fault || !strings.Contains(failure.Text, c.want) || strings.Contains(err.Error(), "s3cret") {
				t.Errorf("got %v", err)
			}
		})
	}
}

// TestReadingProcessChangesNothing: a process that was started to read gets no setting that only changes need, is asked for none, and
// refuses them.
func TestReadingProcessChangesNothing(t *testing.T) {
	p := startWriting(t, false, `{"token": "s3cret"}`, 0)
	if facts, err := p.Check(t.Context()); err != nil || facts[0].Value != "false" {
		t.Errorf("%v, %v", facts, err)
	}
	changes := []change.Change{{Key: "k", Item: change.Ref{SKU: "A"}, Field: "price", Expected: price("1"), Desired: price("2")}}
	if err := p.Apply(t.Context(), changes, unwatched{}, nil); err == nil || !strings.Contains(err.Error(), "its process was started to read only") {
		t.Errorf("apply: %v", err)
	}
	if _, err := p.Prepare(t.Context(), changes, unwatched{}, nil); err == nil || !strings.Contains(err.Error(), "its process was started to read only") {
		t.Errorf("prepare: %v", err)
	}
	p.apply = true // as a host would that does not keep to it
	if err := p.Apply(t.Context(), changes, unwatched{}, nil); err == nil || !strings.Contains(err.Error(), "the source was configured to be read") {
		t.Errorf("apply: %v", err)
	}
	if lines := pricesOf(t, p, nil, "A"); !slices.Equal(lines, []string{"A=1"}) {
		t.Errorf("it has %q", lines)
	}
}

// TestWrongChanges: what the host must not ask for does not reach the connector.
func TestWrongChanges(t *testing.T) {
	p := startWriting(t, true, `{"wrong": "dies"}`, 0) // if it is called
	good := change.Change{Key: "k", Item: change.Ref{SKU: "A"}, Field: "price", Expected: price("1"), Desired: price("2")}
	with := func(f func(c *change.Change)) change.Change { c := good; f(&c); return c }
	many := make([]change.Change, proto.MaxChanges+1)
	for want, changes := range map[string][]change.Change{
		"is empty, or that of two":   {good, good},
		`the key "" of a change`:     {with(func(c *change.Change) { c.Key = "" })},
		`cannot set the field "sku"`: {with(func(c *change.Change) { c.Field = "sku" })},
		"from a string to a number":  {with(func(c *change.Change) { c.Expected = catalog.StringValue("1") })},
		"2001 changes in one call":   many,
	} {
		if err := p.Apply(t.Context(), changes, unwatched{}, nil); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
	asked := catalog.MustSchema(catalog.Field{Name: "sku", Type: catalog.String})
	if err := p.Fetch(t.Context(), make([]change.Ref, proto.MaxChanges+1), asked, unwatched{}, nil); err == nil || !strings.Contains(err.Error(), "2001 items in one call") {
		t.Errorf("got %v", err)
	}
}

// TestFetchTellsOfUnreadableItems: an item that is there and cannot be read is not silently left out.
func TestFetchTellsOfUnreadableItems(t *testing.T) {
	var warned []string
	p := startWriting(t, false, `{"wrong": "unreadable"}`, 0)
	if lines := pricesOf(t, p, &warned, "A", "X"); len(lines) > 0 || !slices.Equal(warned, []string{"A could not be read: it is of another world"}) {
		t.Errorf("%q, warnings %q", lines, warned)
	}
}

// TestNeverAsked: a connector that does not say that it can is not called.
func TestNeverAsked(t *testing.T) {
	p := &Process{label: "x", secrets: &Secrets{}, apply: true} // a call would panic
	var failure *Failure
	if err := p.Fetch(t.Context(), nil, nil, unwatched{}, nil); !errors.As(err, &failure) || failure.Text != "the connector cannot read single items" {
		t.Errorf("got %v", err)
	}
	if err := p.Apply(t.Context(), nil, unwatched{}, nil); !errors.As(err, &failure) || failure.Text != "the connector cannot change its platform" {
		t.Errorf("got %v", err)
	}
	if _, err := p.Prepare(t.Context(), nil, unwatched{}, nil); !errors.As(err, &failure) || failure.Text != "the connector cannot change its platform" {
		t.Errorf("got %v", err)
	}
}
