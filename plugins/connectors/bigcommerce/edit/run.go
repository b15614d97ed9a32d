package edit

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"sync/atomic"
	"time"

	"github.com/reconcilehq/reconcile/plugins/sdk"
	"github.com/reconcilehq/reconcile/plugins/sdk/webapi"
)

// route is where a change is sent.
type route int

const (
	ofProduct route = iota
	ofVariant
	ofStock
)

var paths = [...]string{ofProduct: "/v3/catalog/products", ofVariant: "/v3/catalog/variants", ofStock: "/v3/inventory/adjustments/absolute"}
var atOnce = [...]int{ofProduct: productsAtOnce, ofVariant: variantsAtOnce, ofStock: stockAtOnce}

// entity is the identifier of what a request sets for the job.
func (r route) entity(j *job) int64 {
	if r == ofProduct {
		return j.place.Product
	}
	return j.place.Variant
}

// routeOf says where a field that was looked at is set.
func routeOf(field string, h Held) route {
	switch {
	case field == "qoh":
		return ofStock
	case h.OfProduct:
		return ofProduct
	}
	return ofVariant
}

// run is the making of a number of changes.
type run struct {
	*Editor
	answer func(sdk.Outcome) error

	look    look
	blind   string           // why the store cannot be looked at any more
	dead    map[route]string // why nothing is sent there any more
	written []*job           // and not proved yet
	told    map[string]bool  // by the changes' keys: the outcome is told
	out     map[string]bool  // it was sent
}

// look is what was found, when, and how many batches were sent since.
type look struct {
	items   map[int64]*Item
	at      time.Time
	batches int
}

// Apply makes the changes, and tells the outcome of each as soon as it is known. Where there is an error, what was not sent has its
// outcome, too: the others are unknown.
func (e *Editor) Apply(ctx context.Context, changes []sdk.Change, answer func(sdk.Outcome) error) error {
	r := &run{Editor: e, dead: map[route]string{}, told: map[string]bool{}, out: map[string]bool{}}
	r.answer = func(o sdk.Outcome) error {
		r.told[o.Key] = true
		return answer(o)
	}
	failure := r.all(ctx, changes)
	why := "it was not sent: the work was stopped before"
	if failure != nil && ctx.Err() == nil {
		why = "it was not sent: " + failure.Error()
	}
	for _, c := range changes {
		if r.told[c.Key] || r.out[c.Key] {
			continue
		}
		if err := r.answer(sdk.Outcome{Key: c.Key, Kind: sdk.Failed, Reason: why}); err != nil {
			return err
		}
	}
	for _, c := range changes {
		if !r.told[c.Key] {
			return failure
		}
	}
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return nil
}

func (r *run) all(ctx context.Context, changes []sdk.Change) error {
	p, err := r.plan(ctx, changes)
	if err != nil {
		return err
	}
	if err := r.tell(p.wrong, sdk.Rejected, func(j *job) string { return j.problem }); err != nil {
		return err
	}
	isStock := func(j *job) bool { return j.Field == "qoh" }
	if err := r.catalogue(ctx, filter(p.jobs, func(j *job) bool { return !isStock(j) })); err != nil {
		return err
	}
	return r.stock(ctx, filter(p.jobs, isStock))
}

// catalogue makes the changes of the catalogue, look by look.
func (r *run) catalogue(ctx context.Context, jobs []*job) error {
	for len(jobs) > 0 {
		n := window(jobs)
		if err := r.window(ctx, jobs[:n]); err != nil {
			return err
		}
		if len(productsOf(r.written)) >= productsInLook {
			if err := r.prove(ctx); err != nil {
				return err
			}
		}
		jobs = jobs[n:]
	}
	return r.prove(ctx)
}

// window returns how many of the jobs one look is good for.
func window(jobs []*job) int {
	products, variants, all := map[int64]bool{}, map[int64]bool{}, map[int64]bool{}
	good := 0
	for i, j := range jobs {
		all[j.place.Product] = true
		if j.place.Base || writable[j.Field].Parent {
			products[j.place.Product] = true
		} else {
			variants[j.place.Variant] = true
		}
		if parts(len(products), productsAtOnce)+parts(len(variants), variantsAtOnce) > batchesInLook || len(all) > productsInLook {
			return max(good, 1)
		}
		if i+1 == len(jobs) || jobs[i+1].place.Product != j.place.Product {
			good = i + 1
		}
	}
	return len(jobs)
}

// parts returns in how many parts of that size n are.
func parts(n, size int) int { return (n + size - 1) / size }

func (r *run) window(ctx context.Context, jobs []*job) error {
	open, err := r.guard(ctx, jobs, nil)
	if err != nil {
		return err
	}
	var ways [ofStock + 1][]*job
	for _, j := range open {
		ways[r.routeOf(j)] = append(ways[r.routeOf(j)], j)
	}
	for _, way := range []route{ofProduct, ofVariant} {
		list, rest := ways[way], ways[way+1]
		for len(list) > 0 {
			n := first(list, atOnce[way], way.entity)
			if err := r.send(ctx, way, list[:n], slices.Concat(list[n:], rest)); err != nil {
				return err
			}
			list = list[n:]
		}
	}
	return nil
}

func (r *run) routeOf(j *job) route {
	return routeOf(j.Field, r.look.items[j.place.Variant].Held[j.Field])
}

// stock sets quantities. Nothing is sent to the catalogue meanwhile.
func (r *run) stock(ctx context.Context, jobs []*job) error {
	for some := range slices.Chunk(jobs, stockAtOnce) {
		if err := r.send(ctx, ofStock, some, nil); err != nil {
			return err
		}
	}
	return nil
}

// mostLate is how often a batch is looked at again since it was held back for too long.
const mostLate = 4

// send makes the changes of a batch. ahead is what the same look is to cover beside it.
func (r *run) send(ctx context.Context, way route, batch, ahead []*job) error {
	for range mostLate {
		var err error
		if batch, err = r.guard(ctx, batch, ahead); err != nil || len(batch) == 0 {
			return err
		}
		if why := r.dead[way]; why != "" {
			return r.tell(batch, sdk.Failed, said(why))
		}
		moved := func(j *job) bool { return r.routeOf(j) != way }
		if err := r.tell(filter(batch, moved), sdk.Failed, said("where the store keeps this value has changed meanwhile; try again")); err != nil {
			return err
		}
		if batch = slices.DeleteFunc(batch, moved); len(batch) == 0 {
			return nil
		}
		for _, j := range batch {
			j.before = r.look.items[j.place.Variant].Held[j.Field].Own
			r.out[j.Key] = true
		}
		err = r.put(ctx, way, batch)
		switch {
		case err == nil:
			r.look.batches++
			return r.sent(ctx, way, batch)
		case webapi.MayBeDone(err):
			return r.failed(ctx, way, batch, ahead, err)
		case errors.Is(err, webapi.ErrLate):
			r.look = look{}
		case ctx.Err() != nil:
			for _, j := range batch {
				delete(r.out, j.Key)
			}
			return context.Cause(ctx)
		default:
			return r.failed(ctx, way, batch, ahead, err)
		}
	}
	return r.tell(batch, sdk.Failed, said("the store's quota leaves no room to write soon after a look; try again when other apps use it less"))
}

// guard looks at what is about to be written, unless the last look is good for it. It returns what is still to be written: it tells
// what has the desired value already, and what has neither that nor the expected one.
func (r *run) guard(ctx context.Context, batch, ahead []*job) ([]*job, error) {
	if !r.fresh(batch) && r.blind == "" {
		if err := r.lookAt(ctx, slices.Concat(batch, ahead), batchesInLook); err != nil {
			if ctx.Err() != nil {
				return nil, context.Cause(ctx)
			}
			r.blind = err.Error()
		}
	}
	if r.blind != "" {
		return nil, r.tell(batch, sdk.Failed, said("it was not sent, since the store cannot be read: "+r.blind))
	}
	var open []*job
	for _, j := range batch {
		o, judged := r.judge(j)
		if !judged {
			open = append(open, j)
			continue
		}
		if err := r.answer(o); err != nil {
			return nil, err
		}
	}
	return open, nil
}

// judge says what becomes of a change by the last look, if it is not to be written.
func (r *run) judge(j *job) (sdk.Outcome, bool) {
	item := r.look.items[j.place.Variant]
	if why := j.missing(item); why != "" {
		return sdk.Outcome{Key: j.Key, Kind: sdk.Rejected, Reason: why}, true
	}
	h := item.Held[j.Field]
	o := sdk.Outcome{Key: j.Key, Before: h.Value, After: h.Value}
	switch why := problemOf(j, h); {
	case why != "":
		o.Kind, o.Reason = sdk.Rejected, why
	case h.shows(j.Field, j.Desired):
		o.Kind, o.Before, o.After = sdk.Unchanged, j.Desired, j.Desired
	case !h.meets(j.Field, j.Expected):
		o.Kind, o.Reason = sdk.Conflict, fmt.Sprintf("the store has %s, and %s was expected: it was changed meanwhile", textOf(h.Value), textOf(j.Expected))
	default:
		return o, false
	}
	return o, true
}

// fresh reports whether the last look is good for one more batch.
func (r *run) fresh(batch []*job) bool {
	if r.look.batches >= batchesInLook || r.Clock.Now().Sub(r.look.at) >= lookLasts {
		return false
	}
	for _, j := range batch {
		item := r.look.items[j.place.Variant]
		if item == nil {
			return false
		}
		if _, read := item.Held[j.Field]; !read {
			return false
		}
	}
	return true
}

func (r *run) lookAt(ctx context.Context, jobs []*job, room int) error {
	r.look = look{}
	items, at, err := r.Store.Look(ctx, productsOf(jobs), fieldsOf(jobs), room)
	if err == nil {
		r.look = look{items: items, at: at}
	}
	return err
}

// errPartly is the failure of a batch of which the store took a part.
var errPartly = errors.New("the store took only a part of it")

// put sends a batch. A write is not given up once it was sent.
func (r *run) put(ctx context.Context, way route, batch []*job) error {
	body, err := bodyOf(way, batch, r.look.items)
	if err != nil {
		return err
	}
	sending, give := context.WithCancelCause(context.WithoutCancel(ctx))
	defer give(nil)
	var sent atomic.Bool
	stop := context.AfterFunc(ctx, sdk.Caught(func() {
		if sent.CompareAndSwap(false, true) {
			give(context.Cause(ctx))
		}
	}))
	defer stop()
	session := r.Client.Session(&sender{r.Teller, &sent})
	status := 0
	err = session.Do(sending, webapi.Request{What: fmt.Sprintf("PUT %s, %d changes", paths[way], len(batch)), Method: http.MethodPut,
		Path: paths[way], Body: body, Until: r.look.at.Add(lookLasts), Read: func(a *webapi.Answer) error {
			status = a.Status
			return way.check(a, batch)
		}})
	if err == nil && status != http.StatusOK {
		return fmt.Errorf("PUT %s: %w (%d)", paths[way], errPartly, status)
	}
	return err
}

// sender notes that a request is being sent: from then on it is not given up.
type sender struct {
	webapi.Teller
	sent *atomic.Bool
}

// Step implements webapi.Teller. It is called before each try.
func (s *sender) Step(text string) {
	s.sent.CompareAndSwap(false, true)
	s.Teller.Step(text)
}

// tell answers the same of several jobs that were not written.
func (r *run) tell(jobs []*job, kind sdk.Kind, why func(*job) string) error {
	for _, j := range jobs {
		o := sdk.Outcome{Key: j.Key, Kind: kind, Reason: why(j)}
		if item := r.look.items[j.place.Variant]; item != nil {
			if h, read := item.Held[j.Field]; read {
				o.Before, o.After = h.Own, h.Own
			}
		}
		if err := r.answer(o); err != nil {
			return err
		}
	}
	return nil
}

func said(text string) func(*job) string { return func(*job) string { return text } }

func filter(jobs []*job, is func(*job) bool) (some []*job) {
	for _, j := range jobs {
		if is(j) {
			some = append(some, j)
		}
	}
	return some
}
