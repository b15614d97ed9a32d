package host

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"google.golang.org/grpc"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/plugins/host/patience"
	"github.com/reconcilehq/reconcile/plugins/proto"
	sourcev1 "github.com/reconcilehq/reconcile/plugins/proto/source/v1"
)

// What is shown of a connector's answers at most. docs/limits.md lists it.
const (
	maxProblems = 100
	maxFacts    = 1000
)

// shortAnswer bounds the answer to a call.
var shortAnswer = grpc.MaxCallRecvMsgSize(proto.MaxAnswer)

// Configure sends the settings: a JSON object, as source.Settings makes it. secrets are the values of sensitive settings;
// from now on they are hidden in all texts of the connector. The problems are what the connector finds wrong. If all of
// them are warnings (Problem.Warning), the source is ready.
func (p *Process) Configure(ctx context.Context, settings []byte, secrets []string) ([]catalog.Problem, error) {
	p.secrets.Add(secrets...)
	ctx, cancel := context.WithTimeout(ctx, p.timeout)
	defer cancel()
	m, err := p.calls.Configure(ctx, &sourcev1.ConfigureRequest{Settings: settings, ReadTimeoutMs: uint64(max(p.timeout.Milliseconds(), 1)),
		Apply: p.apply && p.CanApply()}, shortAnswer)
	if err != nil {
		return nil, p.callError(ctx, "configure", err)
	}
	p.noCopy = m.GetNoCopy()
	var problems []catalog.Problem
	for i, pr := range m.GetProblems() {
		if i == maxProblems {
			problems = append(problems, catalog.Problem{Summary: fmt.Sprintf("and %d more problems", len(m.GetProblems())-i),
				Warning: !slices.ContainsFunc(m.GetProblems()[i:], func(rest *sourcev1.Problem) bool { return !rest.GetWarning() })})
			break
		}
		problems = append(problems, catalog.Problem{Path: pr.GetPath(), Summary: p.safeText(pr.GetSummary()),
			Detail: p.safeText(pr.GetDetail()), Warning: pr.GetWarning()})
	}
	return problems, nil
}

// Check asks the connector whether it can reach the platform and log in.
func (p *Process) Check(ctx context.Context) ([]catalog.Fact, error) {
	ctx, cancel := context.WithTimeout(ctx, p.timeout)
	defer cancel()
	m, err := p.calls.Check(ctx, &sourcev1.CheckRequest{}, shortAnswer)
	if err != nil {
		return nil, p.callError(ctx, "check", err)
	}
	var facts []catalog.Fact
	for i, f := range m.GetFacts() {
		if i == maxFacts {
			facts = append(facts, catalog.Fact{Name: "more", Value: fmt.Sprintf("%d facts, which are not shown", len(m.GetFacts())-i)})
			break
		}
		facts = append(facts, catalog.Fact{Name: p.safeText(f.GetName()), Value: p.safeText(f.GetValue())})
	}
	return facts, nil
}

// Schema asks which fields the source offers.
func (p *Process) Schema(ctx context.Context) (*catalog.Schema, error) {
	ctx, cancel := context.WithTimeout(ctx, p.timeout)
	defer cancel()
	m, err := p.calls.Schema(ctx, &sourcev1.SchemaRequest{}, shortAnswer)
	if err != nil {
		return nil, p.callError(ctx, "list its fields", err)
	}
	for _, f := range m.GetFields() {
		f.Doc = p.safeText(f.GetDoc())
	}
	schema, err := proto.ToSchema(m.GetFields())
	if err == nil {
		schema, err = p.withItemPage(schema, m.GetItemPage())
	}
	if err != nil {
		return nil, &Failure{Label: p.label, Action: "list its fields", Text: p.safeText(err.Error()), Fault: Connector, cause: err}
	}
	p.keepSettable(m.GetFields())
	return schema, nil
}

// withItemPage adds the address of an item's page, as the connector tells it. People follow it, so that nothing about it is let pass. One
// that has the value of a sensitive setting in it is left out: the items are not worse for it.
func (p *Process) withItemPage(schema *catalog.Schema, text string) (*catalog.Schema, error) {
	if text == "" {
		return schema, nil
	}
	page, err := catalog.ParseItemPage(text)
	if err == nil && p.safeText(text) != text {
		return schema, nil
	}
	if err == nil {
		schema, err = schema.WithItemPage(page)
	}
	if err != nil {
		return nil, fmt.Errorf("the address of an item's page (item_page) is %q: %w", p.safeText(text), err)
	}
	return schema, nil
}

// Watcher receives what happens during a read. All calls come from the goroutine that reads, and must return soon.
type Watcher interface {
	Progress(items, total int64, text string) // total is 0 if it is not known
	Warning(text string)
	Notice(text string) // something that the connector guessed about the data; it is no warning
	// Waiting says that the connector waits for its platform until then (zero: it does not say), and text says so for people.
	Waiting(until time.Time, text string)
}

// ReadWatcher is a Watcher that also receives the items that could not be read.
type ReadWatcher interface {
	Watcher
	// Unreadable receives items that the source has but that could not be read. Its error ends the read.
	Unreadable(items []catalog.Unreadable) error
}

// ReadResult is the outcome of a complete read.
type ReadResult struct {
	Items int64
	// Unreadable is the number of items that ReadWatcher.Unreadable received. Skipped is the number of rows that were left
	// out because not even their SKU could be read.
	Unreadable, Skipped int64
	ReadAt              time.Time // the time at which the platform had these data
	File                string    // the file whose last change ReadAt is; "" if it is that of no file
	// Currencies are the currencies of amounts by field, for those fields for which the connector gave one.
	Currencies map[string]catalog.Currency
	// Units are the units of weights and lengths by field, for those fields for which the connector gave one.
	Units map[string]catalog.Measure
}

// Find is like Read, but the connector may leave out items whose SKU has none of the looks (see ReadRequest.looks of the protocol).
// One that does not know how sends all. ReadResult.Items counts those that were left out, too.
func (p *Process) Find(ctx context.Context, asked *catalog.Schema, looks []string, w ReadWatcher, sink func(*catalog.Batch) error) (ReadResult, error) {
	return p.read(ctx, asked, looks, w, sink)
}

// Read reads all items and passes them to sink in batches. Each batch has the columns of asked, in that order. Read
// returns an error unless the connector has said that it sent all items, and their number is the number that arrived.
func (p *Process) Read(ctx context.Context, asked *catalog.Schema, w ReadWatcher, sink func(*catalog.Batch) error) (ReadResult, error) {
	return p.read(ctx, asked, nil, w, sink)
}

// read reads all items, or where looks are given, at least those that have one of them.
func (p *Process) read(ctx context.Context, asked *catalog.Schema, looks []string, w ReadWatcher, sink func(*catalog.Batch) error) (ReadResult, error) {
	r := &reading{process: p, action: "read", asked: asked, looks: looks, watcher: w, sink: sink, started: time.Now()}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	r.patience = patience.Start(p.timeout, func() { cancel(errSilent) })
	defer r.patience.Stop()
	defer p.limitRead(cancel)()
	stream, err := p.calls.Read(ctx, r.request())
	if err != nil {
		return ReadResult{}, r.callError(ctx, err)
	}
	return r.receiveAll(ctx, stream)
}

// request says what to read.
func (r *reading) request() *sourcev1.ReadRequest {
	return &sourcev1.ReadRequest{Fields: r.asked.Names(), Looks: r.looks, Counted: r.counting() != nil}
}

// receiveAll receives all messages of a stream of items.
func (r *reading) receiveAll(ctx context.Context, stream interface {
	Recv() (*sourcev1.ReadResponse, error)
}) (ReadResult, error) {
	for {
		m, err := receive(r.patience, stream.Recv)
		if errors.Is(err, io.EOF) {
			return r.checkDone()
		}
		if err != nil {
			return ReadResult{}, r.callError(ctx, err)
		}
		gotOn, err := r.handle(m)
		if err != nil {
			return ReadResult{}, err
		}
		if gotOn {
			r.patience.Progress()
		}
	}
}

// reading is the state of one Read.
type reading struct {
	process      *Process
	action       string // what is being done, in a word
	asked        *catalog.Schema
	looks        []string // of the items that are looked for; empty: all are
	watcher      ReadWatcher
	sink         func(*catalog.Batch) error
	started      time.Time
	items        int64
	passed       int64 // the most items of which the connector has told that it read them, where it may leave out some
	unread       int64 // items that could not be read
	counted      int64 // orders that were told
	patience     *patience.Timer
	numbers      patience.Numbers // of the last progress
	lastText     string           // the last that the connector said it was doing
	withoutItem  int              // messages since the last that brought an item
	emptyBatches int              // batches among them
	done         *sourcev1.Done

	warnings warnings
	notices  notices
}

// handle takes a message. It reports whether the connector has got on.
func (r *reading) handle(m *sourcev1.ReadResponse) (gotOn bool, err error) {
	if r.done != nil {
		return false, r.protocolError("the connector went on after it had said that it was done")
	}
	if r.withoutItem++; r.withoutItem > proto.MaxMessagesWithoutItem {
		return false, r.protocolError(fmt.Sprintf("the connector sent %d messages in a row without an item", proto.MaxMessagesWithoutItem))
	}
	switch m := m.GetMessage().(type) {
	case *sourcev1.ReadResponse_Batch:
		return r.takeBatch(m.Batch)
	case *sourcev1.ReadResponse_Progress:
		r.lastText = r.process.safeText(m.Progress.GetText())
		r.watcher.Progress(m.Progress.GetItems(), m.Progress.GetTotal(), r.lastText)
		if len(r.looks) > 0 && m.Progress.GetItems() > r.passed && m.Progress.GetItems() <= r.process.maxItems { // it read items that it leaves out
			r.passed, r.withoutItem = m.Progress.GetItems(), 0
		}
		return r.numbers.Moved(m.Progress), nil
	case *sourcev1.ReadResponse_Waiting:
		var until time.Time
		until, r.lastText = r.process.waiting(m.Waiting, r.patience)
		r.watcher.Waiting(until, r.lastText)
	case *sourcev1.ReadResponse_Warning:
		r.warnings.pass(r.watcher, r.process.safeText(m.Warning.GetText()))
	case *sourcev1.ReadResponse_Notice:
		r.notices.pass(r.watcher, r.process.safeText(m.Notice.GetText()))
	case *sourcev1.ReadResponse_Unreadable:
		return r.handleUnreadable(m.Unreadable.GetItems())
	case *sourcev1.ReadResponse_Counted:
		return r.handleCounted(m.Counted.GetOrders())
	case *sourcev1.ReadResponse_Done:
		r.done = m.Done
	}
	return false, nil // a message of a later minor version adds something that we can do without
}

// takeBatch takes a batch, which comes in the message or in shared memory.
func (r *reading) takeBatch(b *sourcev1.Batch) (gotOn bool, err error) {
	at := b.GetShared()
	if at == nil {
		return r.handleBatch(b.GetArrow())
	}
	data, err := r.process.memory.Take(at.GetPlace(), at.GetSize())
	if err != nil {
		return false, r.protocolError("the connector sent a batch that cannot be read: " + err.Error())
	}
	return r.handleBatch(data)
}

func (r *reading) handleBatch(data []byte) (gotOn bool, err error) {
	batch, err := proto.DecodeBatch(data, r.asked)
	if err != nil {
		return false, r.protocolError(fmt.Sprintf("the connector sent a batch that cannot be read: %v", err))
	}
	batch.OnRelease(func() { proto.Recycle(data) })
	if batch.Len() == 0 {
		if r.emptyBatches++; r.emptyBatches > proto.MaxEmptyBatches {
			return false, r.protocolError(fmt.Sprintf("the connector sent %d batches in a row without an item", proto.MaxEmptyBatches))
		}
		return false, nil
	}
	r.withoutItem, r.emptyBatches = 0, 0
	if r.items += int64(batch.Len()); r.items+r.unread > r.process.maxItems {
		return false, r.tooManyItems()
	}
	r.watcher.Progress(r.items, 0, "")
	return true, r.sink(batch)
}

// handleUnreadable takes items that could not be read. They count as items do: a connector that tells of nothing else comes to an
// end, too.
func (r *reading) handleUnreadable(items []*sourcev1.UnreadableItem) (gotOn bool, err error) {
	if len(items) == 0 {
		return false, nil
	}
	r.withoutItem = 0
	if r.unread += int64(len(items)); r.items+r.unread > r.process.maxItems {
		return false, r.tooManyItems()
	}
	list := make([]catalog.Unreadable, len(items))
	for i, it := range items {
		if it.GetSku() == "" {
			return false, r.protocolError("the connector told of an item that could not be read without its SKU")
		}
		list[i] = catalog.Unreadable{SKU: it.GetSku(), Reason: r.process.safeText(it.GetReason())}
	}
	return true, r.watcher.Unreadable(list)
}

func (r *reading) checkDone() (ReadResult, error) {
	r.warnings.passCount(r.watcher)
	r.notices.passCount(r.watcher)
	switch {
	case r.done == nil:
		return ReadResult{}, r.protocolError("the connector stopped sending without saying that it was done")
	case r.done.GetItems() != r.items:
		return ReadResult{}, r.protocolError(fmt.Sprintf("the connector says that it sent %d items, but %d arrived", r.done.GetItems(), r.items))
	}
	switch unread, skipped := r.done.GetUnreadable(), r.done.GetSkipped(); {
	case unread != r.unread:
		return ReadResult{}, r.protocolError(fmt.Sprintf("the connector says that it told of %d items that could not be read, but %d arrived", unread, r.unread))
	case skipped < 0 || skipped > proto.MaxItems:
		return ReadResult{}, r.protocolError(fmt.Sprintf("the connector says that it skipped %d rows, which cannot be", skipped))
	}
	if n := r.done.GetCounted(); n != r.counted {
		return ReadResult{}, r.protocolError(fmt.Sprintf("the connector says that it told the numbers of %d orders, but %d arrived", n, r.counted))
	}
	switch leftOut := r.done.GetLeftOut(); {
	case leftOut < 0:
		return ReadResult{}, r.protocolError(fmt.Sprintf("the connector says that it left out %d items, which cannot be", leftOut))
	case leftOut > 0 && len(r.looks) == 0:
		return ReadResult{}, r.protocolError(fmt.Sprintf("the connector says that it left out %d items, though it was asked for all", leftOut))
	case r.items+r.unread > r.process.maxItems-leftOut:
		return ReadResult{}, r.tooManyItems()
	}
	done := ReadResult{Items: r.items + r.done.GetLeftOut(), Unreadable: r.unread, Skipped: r.done.GetSkipped(), ReadAt: r.started}
	for field, text := range r.done.GetCurrencies() {
		at := r.asked.Index(field)
		if at < 0 {
			continue // nobody compares it
		}
		if r.asked.Field(at).Type != catalog.Number {
			return ReadResult{}, r.protocolError(fmt.Sprintf("the connector tells of the currency of field %q, which is no number", field))
		}
		is, ok := catalog.ValidCurrency(text)
		if !ok {
			return ReadResult{}, r.protocolError(fmt.Sprintf("the connector says that field %q is in the currency %q, which is neither an ISO 4217 code nor a sign", field, r.process.safeText(text)))
		}
		if done.Currencies == nil {
			done.Currencies = map[string]catalog.Currency{}
		}
		done.Currencies[field] = is
	}
	if err := r.units(&done); err != nil {
		return ReadResult{}, err
	}
	if at := r.done.GetReadAt(); at.IsValid() && at.AsTime().Before(time.Now()) { // nobody has read tomorrow's data
		done.ReadAt, done.File = at.AsTime(), r.process.safeText(r.done.GetFile())
	}
	return done, nil
}

// units takes the units of weights and lengths.
func (r *reading) units(done *ReadResult) error {
	for field, text := range r.done.GetUnits() {
		at := r.asked.Index(field)
		if at < 0 {
			continue // nobody compares it
		}
		if r.asked.Field(at).Type != catalog.Number {
			return r.protocolError(fmt.Sprintf("the connector tells of the unit of field %q, which is no number", field))
		}
		is, ok := catalog.ValidMeasure(text)
		if kind := catalog.UnitOf(field); !ok || kind != catalog.NoUnit && kind != is.Kind() {
			return r.protocolError(fmt.Sprintf("the connector says that field %q is in the unit %q, which is none of its units", field, r.process.safeText(text)))
		}
		if done.Units == nil {
			done.Units = map[string]catalog.Measure{}
		}
		done.Units[field] = is
	}
	return nil
}

func (r *reading) actionSoFar() string { return fmt.Sprintf("%s (after %d items)", r.action, r.items) }

func (r *reading) protocolError(text string) error {
	return &Failure{Label: r.process.label, Action: r.actionSoFar(), Text: text, Fault: Connector}
}

func (r *reading) callError(ctx context.Context, err error) error {
	return r.process.streamError(ctx, r.actionSoFar(), r.lastText, r.patience, err)
}
