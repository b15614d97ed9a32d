package edit

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/reconcilehq/reconcile/plugins/sdk"
	"github.com/reconcilehq/reconcile/plugins/sdk/webapi"
)

// The pauses before each look at what was written: at the catalogue, after an answer that was lost, and at the inventory, which
// shows changes late.
var (
	soon  = []time.Duration{0, time.Second, 2 * time.Second}
	later = []time.Duration{0, time.Second, 2 * time.Second, 4 * time.Second}
	stock = []time.Duration{0, time.Second, 2 * time.Second, 4 * time.Second, 8 * time.Second, 15 * time.Second, 30 * time.Second}
)

// sent notes what the store took. Of the catalogue it is proved later, with much else; the inventory is looked at now.
func (r *run) sent(ctx context.Context, way route, batch []*job) error {
	if way != ofStock {
		r.written = append(r.written, batch...)
		return nil
	}
	open, err := r.watch(ctx, batch, nil, stock)
	if err != nil {
		return err
	}
	return r.unshown(open)
}

// prove looks at what was written to the catalogue.
func (r *run) prove(ctx context.Context) error {
	written := r.written
	r.written = nil
	for some := range inLooks(byProduct(written)) {
		open, err := r.watch(ctx, some, nil, soon)
		if err == nil {
			err = r.unshown(open)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// watch looks at what was written until it is there, with these pauses before each look. It tells what is there, and returns the rest.
func (r *run) watch(ctx context.Context, open, ahead []*job, pauses []time.Duration) ([]*job, error) {
	for _, pause := range pauses {
		if len(open) == 0 {
			break
		}
		if pause > 0 {
			r.Teller.Waiting(r.Clock.Now().Add(pause), "the store to show what was written")
			if err := r.Clock.Sleep(ctx, pause); err != nil {
				return nil, err
			}
		}
		if err := r.lookAt(ctx, slices.Concat(open, ahead), 0); err != nil {
			return nil, err
		}
		var rest []*job
		for _, j := range open {
			if h, ok := r.seen(j); !ok || !h.shows(j.Field, j.Desired) {
				rest = append(rest, j)
				continue
			}
			if err := r.answer(sdk.Outcome{Key: j.Key, Kind: sdk.Applied, Before: j.before, After: j.Desired}); err != nil {
				return nil, err
			}
		}
		open = rest
	}
	return open, nil
}

func (r *run) seen(j *job) (Held, bool) {
	item := r.look.items[j.place.Variant]
	if item == nil {
		return Held{}, false
	}
	return item.Held[j.Field], true
}

// unshown tells of what the store took, and does not show.
func (r *run) unshown(open []*job) error {
	for _, j := range open {
		o := sdk.Outcome{Key: j.Key, Kind: sdk.Pending, Before: j.before, Reason: "the store took it, and does not show it yet"}
		h, ok := r.seen(j)
		switch {
		case !ok:
			o.Kind, o.Reason = sdk.Failed, "it was written, and now the store does not have this item any more"
		case !h.meets(j.Field, j.Expected):
			o.Kind, o.After = sdk.Failed, h.Own
			o.Reason = fmt.Sprintf("the store took it, and now has %s: the store or another program has changed it since", textOf(h.Value))
		default:
			o.After = h.Own
		}
		if err := r.answer(o); err != nil {
			return err
		}
	}
	return nil
}

// failed finds out what became of a batch that was not answered with a plain 200, and goes on with what the store did not take.
func (r *run) failed(ctx context.Context, way route, batch, ahead []*job, failure error) error {
	status, mayBe := webapi.Status(failure), webapi.MayBeDone(failure)
	refused := errors.Is(failure, errPartly) || status/100 == 4 && status != http.StatusTooManyRequests && status != http.StatusRequestTimeout
	switch {
	case status == http.StatusUnauthorized || status == http.StatusForbidden:
		r.kill(way, failure.Error())
		return r.tell(batch, sdk.Failed, said(failure.Error()))
	case !mayBe && !refused: // it was not sent, or the store would not look at it
		return r.tell(batch, sdk.Failed, said(failure.Error()))
	}
	pauses := soon[:1]
	switch {
	case way == ofStock && !refused:
		pauses = stock
	case mayBe:
		pauses = later
	}
	open, err := r.watch(ctx, batch, ahead, pauses)
	if err != nil || len(open) == 0 {
		return err
	}
	switch {
	case !refused:
		return r.lost(open, status, failure)
	case len(open) == 1:
		return r.tell(open, sdk.Rejected, said(words(failure)))
	}
	half := halfOf(way, open)
	if err := r.send(ctx, way, open[:half], ahead); err != nil {
		return err
	}
	return r.send(ctx, way, open[half:], ahead)
}

// kill has nothing sent any more where the token may not write.
func (r *run) kill(way route, why string) {
	if r.dead[way] = why; way != ofStock {
		r.dead[ofProduct], r.dead[ofVariant] = why, why
	}
}

// halfOf returns where a batch is divided: between two entries, or, if it is only one, between its fields.
func halfOf(way route, batch []*job) int {
	for distance := range len(batch) {
		for _, at := range []int{len(batch)/2 - distance, len(batch)/2 + distance} {
			if at > 0 && at < len(batch) && way.entity(batch[at-1]) != way.entity(batch[at]) {
				return at
			}
		}
	}
	return len(batch) / 2
}

// lost tells of changes whose request was sent, and which the store does not show. Where it said that it failed, they were not
// written; where its answer was lost, it may still be at work.
func (r *run) lost(open []*job, status int, failure error) error {
	for _, j := range open {
		o := sdk.Outcome{Key: j.Key, Kind: sdk.Unknown, Before: j.before, Reason: words(failure)}
		h, ok := r.seen(j)
		if ok {
			o.After = h.Own
		}
		if ok && h.meets(j.Field, j.Expected) && (status == http.StatusInternalServerError || status == http.StatusServiceUnavailable) {
			o.Kind = sdk.Failed
		}
		if err := r.answer(o); err != nil {
			return err
		}
	}
	return nil
}

// words are the platform's own, where it gave some.
func words(err error) string {
	var f *webapi.Failure
	if errors.As(err, &f) {
		return f.Error()
	}
	return err.Error()
}

// costOf returns how many requests making the changes takes. Before quantities whoever makes them reads the items once more.
func costOf(jobs []*job) (requests int64) {
	var catalogue, quantities []*job
	for _, j := range jobs {
		if j.Field == "qoh" {
			quantities = append(quantities, j)
		} else {
			catalogue = append(catalogue, j)
		}
	}
	requests += int64(parts(len(productsOf(catalogue)), productsInLook))
	for len(catalogue) > 0 {
		n := window(catalogue)
		products, variants := map[int64]bool{}, map[int64]bool{}
		for _, j := range catalogue[:n] {
			if j.place.Base || writable[j.Field].Parent {
				products[j.place.Product] = true
			} else {
				variants[j.place.Variant] = true
			}
		}
		requests += 1 + int64(parts(len(products), productsAtOnce)+parts(len(variants), variantsAtOnce))
		catalogue = catalogue[n:]
	}
	for len(quantities) > 0 {
		n := min(len(quantities), stockAtOnce)
		reads := parts(len(productsOf(quantities[:n])), productsInLook) + parts(n, productsInLook) // products, and their stock
		requests += 1 + 3*int64(reads)
		quantities = quantities[n:]
	}
	return requests
}
