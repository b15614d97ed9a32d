package host

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/plugins/proto"
	sourcev1 "github.com/reconcilehq/reconcile/plugins/proto/source/v1"
)

// Configure hands the settings over: a JSON object, as rules.Settings makes it. secrets are the values of sensitive
// settings, which are blotted out of everything the connector says from now on. The problems are the connector's
// objections; without an error among them (Problem.Warning false) the source is ready.
func (p *Process) Configure(ctx context.Context, settings []byte, secrets []string) ([]catalog.Problem, error) {
	p.secrets.Add(secrets...)
	ctx, cancel := context.WithTimeout(ctx, p.timeout)
	defer cancel()
	m, err := p.calls.Configure(ctx, &sourcev1.ConfigureRequest{Settings: settings})
	if err != nil {
		return nil, p.explain(ctx, "configure", err)
	}
	p.noCopy = m.GetNoCopy()
	var problems []catalog.Problem
	for _, pr := range m.GetProblems() {
		problems = append(problems, catalog.Problem{Path: pr.GetPath(), Summary: p.words(pr.GetSummary()),
			Detail: p.words(pr.GetDetail()), Warning: pr.GetWarning()})
	}
	return problems, nil
}

// Check asks whether the platform is there and lets us in.
func (p *Process) Check(ctx context.Context) ([]catalog.Fact, error) {
	ctx, cancel := context.WithTimeout(ctx, p.timeout)
	defer cancel()
	m, err := p.calls.Check(ctx, &sourcev1.CheckRequest{})
	if err != nil {
		return nil, p.explain(ctx, "check", err)
	}
	var facts []catalog.Fact
	for _, f := range m.GetFacts() {
		facts = append(facts, catalog.Fact{Name: p.words(f.GetName()), Value: p.words(f.GetValue())})
	}
	return facts, nil
}

// Schema asks which fields the source offers.
func (p *Process) Schema(ctx context.Context) (*catalog.Schema, error) {
	ctx, cancel := context.WithTimeout(ctx, p.timeout)
	defer cancel()
	m, err := p.calls.Schema(ctx, &sourcev1.SchemaRequest{})
	if err != nil {
		return nil, p.explain(ctx, "list its fields", err)
	}
	for _, f := range m.GetFields() {
		f.Doc = p.words(f.GetDoc())
	}
	schema, err := proto.ToSchema(m.GetFields())
	if err != nil {
		return nil, &Failure{Label: p.label, Doing: "list its fields", Text: p.words(err.Error()), Fault: Connector, cause: err}
	}
	return schema, nil
}

// Watcher is told what happens during a read, from the goroutine that reads. Each call returns soon.
type Watcher interface {
	Progress(items, total int64, text string) // total is 0 where it is not known
	Warning(text string)
	Notice(text string) // how the data were read where the connector had to guess: no warning
}

// ReadWatcher is also told what is left out of a read.
type ReadWatcher interface {
	Watcher
	// Unreadable takes items that the source has and that could not be read. An error of it ends the read.
	Unreadable(items []catalog.Unreadable) error
}

// Done is what a complete read amounts to.
type Done struct {
	Items int64
	// Unreadable is how many items were told to be Unreadable, and Skipped how many rows were left out of which not even
	// the SKU could be read.
	Unreadable, Skipped int64
	ReadAt              time.Time // when the data were as they were sent
	// Currencies are what the amounts of fields are in, of those fields of which the connector said it.
	Currencies map[string]catalog.Currency
}

// Read reads all items and hands each batch, which has the columns of asked in their order, to sink. It returns an
// error unless the connector itself has said that these were all: a read that ends early, or with another count than
// announced, is a failed read.
func (p *Process) Read(ctx context.Context, asked *catalog.Schema, w ReadWatcher, sink func(*catalog.Batch) error) (Done, error) {
	r := &reading{process: p, verb: "read", asked: asked, watcher: w, sink: sink, started: time.Now()}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	patience := newPatience(p.timeout, func() { cancel(errSilent) })
	defer patience.end()
	stream, err := p.calls.Read(ctx, &sourcev1.ReadRequest{Fields: asked.Names()})
	if err != nil {
		return Done{}, r.failed(ctx, err)
	}
	return r.all(ctx, stream, patience)
}

// all takes all messages of a stream of items.
func (r *reading) all(ctx context.Context, stream interface {
	Recv() (*sourcev1.ReadResponse, error)
}, patience *patience) (Done, error) {
	for {
		patience.wait()
		m, err := stream.Recv()
		patience.pause()
		if errors.Is(err, io.EOF) {
			return r.checkDone()
		}
		if err != nil {
			return Done{}, r.failed(ctx, err)
		}
		alive, err := r.take(m)
		if err != nil {
			return Done{}, err
		}
		if alive {
			patience.sign()
		}
	}
}

var errSilent = errors.New("no batch and no sign of progress")

// reading is the state of one Read.
type reading struct {
	process *Process
	verb    string // what is being done, in a word
	asked   *catalog.Schema
	watcher ReadWatcher
	sink    func(*catalog.Batch) error
	started time.Time
	items   int64
	unread  int64  // items that could not be read
	said    string // the last that the connector said it was doing
	talk    int    // messages since the last that brought an item
	empty   int    // batches among them
	done    *sourcev1.Done

	warnings warnings
	notices  notices
}

// take takes a message. It reports whether it is a sign of progress.
func (r *reading) take(m *sourcev1.ReadResponse) (alive bool, err error) {
	if r.done != nil {
		return false, r.broken("the connector went on after it had said that it was done")
	}
	if r.talk++; r.talk > proto.MaxTalk {
		return false, r.broken(fmt.Sprintf("the connector sent %d messages in a row without an item", proto.MaxTalk))
	}
	switch m := m.GetMessage().(type) {
	case *sourcev1.ReadResponse_Batch:
		return r.batch(m.Batch.GetArrow())
	case *sourcev1.ReadResponse_Progress:
		r.said = r.process.words(m.Progress.GetText())
		r.watcher.Progress(m.Progress.GetItems(), m.Progress.GetTotal(), r.said)
		return true, nil
	case *sourcev1.ReadResponse_Warning:
		r.warnings.take(r.watcher, r.process.words(m.Warning.GetText()))
	case *sourcev1.ReadResponse_Notice:
		r.notices.take(r.watcher, r.process.words(m.Notice.GetText()))
	case *sourcev1.ReadResponse_Unreadable:
		return r.unreadable(m.Unreadable.GetItems())
	case *sourcev1.ReadResponse_Done:
		r.done = m.Done
	}
	return false, nil // a message of a later minor version adds something that we can do without
}

func (r *reading) batch(data []byte) (alive bool, err error) {
	batch, err := proto.DecodeBatch(data, r.asked)
	if err != nil {
		return false, r.broken(fmt.Sprintf("the connector sent a batch that cannot be read: %v", err))
	}
	batch.OnRelease(func() { proto.Recycle(data) })
	if batch.Len() == 0 {
		if r.empty++; r.empty > proto.MaxEmpty {
			return false, r.broken(fmt.Sprintf("the connector sent %d batches in a row without an item", proto.MaxEmpty))
		}
		return false, nil
	}
	r.talk, r.empty = 0, 0
	if r.items += int64(batch.Len()); r.items > proto.MaxItems {
		return false, r.broken(fmt.Sprintf("the connector sent more than %d items, and no end is in sight", proto.MaxItems))
	}
	r.watcher.Progress(r.items, 0, "")
	return true, r.sink(batch)
}

// unreadable takes items that could not be read. They count as items do: a connector that tells of nothing else comes to an
// end, too.
func (r *reading) unreadable(items []*sourcev1.UnreadableItem) (alive bool, err error) {
	if len(items) == 0 {
		return false, nil
	}
	r.talk = 0
	if r.unread += int64(len(items)); r.items+r.unread > proto.MaxItems {
		return false, r.broken(fmt.Sprintf("the connector sent more than %d items, and no end is in sight", proto.MaxItems))
	}
	list := make([]catalog.Unreadable, len(items))
	for i, it := range items {
		if it.GetSku() == "" {
			return false, r.broken("the connector told of an item that could not be read without its SKU")
		}
		list[i] = catalog.Unreadable{SKU: it.GetSku(), Reason: r.process.words(it.GetReason())}
	}
	return true, r.watcher.Unreadable(list)
}

func (r *reading) checkDone() (Done, error) {
	r.warnings.end(r.watcher)
	r.notices.end(r.watcher)
	switch {
	case r.done == nil:
		return Done{}, r.broken("the connector stopped sending without saying that it was done")
	case r.done.GetItems() != r.items:
		return Done{}, r.broken(fmt.Sprintf("the connector says that it sent %d items, but %d arrived", r.done.GetItems(), r.items))
	}
	switch unread, skipped := r.done.GetUnreadable(), r.done.GetSkipped(); {
	case unread != r.unread:
		return Done{}, r.broken(fmt.Sprintf("the connector says that it told of %d items that could not be read, but %d arrived", unread, r.unread))
	case skipped < 0 || skipped > proto.MaxItems:
		return Done{}, r.broken(fmt.Sprintf("the connector says that it skipped %d rows, which cannot be", skipped))
	}
	done := Done{Items: r.items, Unreadable: r.unread, Skipped: r.done.GetSkipped(), ReadAt: r.started}
	for field, text := range r.done.GetCurrencies() {
		at := r.asked.Index(field)
		if at < 0 {
			continue // nobody compares it
		}
		if r.asked.Field(at).Type != catalog.Number {
			return Done{}, r.broken(fmt.Sprintf("the connector tells of the currency of field %q, which is no number", field))
		}
		is, ok := catalog.ValidCurrency(text)
		if !ok {
			return Done{}, r.broken(fmt.Sprintf("the connector says that field %q is in the currency %q, which is neither an ISO 4217 code nor a sign", field, r.process.words(text)))
		}
		if done.Currencies == nil {
			done.Currencies = map[string]catalog.Currency{}
		}
		done.Currencies[field] = is
	}
	if at := r.done.GetReadAt(); at.IsValid() && at.AsTime().Before(time.Now()) { // nobody has read tomorrow's data
		done.ReadAt = at.AsTime()
	}
	return done, nil
}

func (r *reading) doing() string { return fmt.Sprintf("%s (after %d items)", r.verb, r.items) }

func (r *reading) broken(text string) error {
	return &Failure{Label: r.process.label, Doing: r.doing(), Text: text, Fault: Connector}
}

func (r *reading) failed(ctx context.Context, err error) error {
	if errors.Is(context.Cause(ctx), errSilent) {
		return r.process.silent(r.doing(), r.said)
	}
	return r.process.explain(ctx, r.doing(), err)
}

// silent is the failure of a connector that gave no sign of life for too long; said is what it said last.
func (p *Process) silent(doing, said string) error {
	p.lost.Store(true)
	text := fmt.Sprintf("%v for %s", errSilent, p.timeout)
	if said != "" {
		text += fmt.Sprintf(" (the last it said was %q)", said)
	}
	return &Failure{Label: p.label, Doing: doing, cause: errSilent, Text: text, Words: p.LastWords(), Fault: Slowness}
}
