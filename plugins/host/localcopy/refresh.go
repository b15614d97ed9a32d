package localcopy

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/reconcilehq/reconcile/plugins/host"
)

// stagedFor is how long a pull that broke off can be gone on with. After that its beginning would be too old.
const stagedFor = 24 * time.Hour

// Puller is a source that tells what has changed: a *host.Process.
type Puller interface {
	Pull(ctx context.Context, req host.PullRequest, w host.Watcher, keeper host.Keeper) (host.Pulled, error)
}

// Wish is how a copy is to be refreshed.
type Wish struct {
	Fields  []string      // that items made of it must have
	Full    bool          // pull everything, whatever is held
	MaxAge  time.Duration // a copy that is not older is left as it is; 0: none is
	Watch   host.Watcher
	Waiting func() // called when another process is pulling, before waiting for it
}

// Refreshed is what became of a refresh.
type Refreshed struct {
	Info
	Pulled  bool   // false: the copy was fresh enough
	Full    bool   // everything was pulled
	Why     string // a full pull that was not asked for: a clause
	Resumed bool   // it went on where an earlier one broke off
	Changed
}

// Refresh brings the copy of an identity up to date, from source. It pulls everything where there is no good copy, where
// that is damaged, of another version or lacks a field, where a full pull is due, and where the source cannot go on from
// it. One process at a time does. An error leaves the good copy as it was, and what was staged for the next Refresh.
func (f *Folder) Refresh(ctx context.Context, id Identity, source Puller, wish Wish) (*Refreshed, error) {
	r := &refresh{ctx: ctx, source: source, wish: wish, now: f.now, asked: f.now()}
	var err error
	if r.place, err = f.find(id, true); err != nil {
		return nil, err
	}
	lock, waited, err := lockToPull(ctx, r.place.lock(), wish.Waiting)
	if err != nil {
		return nil, err
	}
	defer lock.Close()
	r.waited = waited
	done, err := r.run("")
	var unusable *UnusableError
	if errors.As(err, &unusable) {
		if err := remove(r.place.path); err != nil {
			return nil, fmt.Errorf("%w, and cannot be removed: %w", unusable, err)
		}
		done, err = r.run("the one that was there " + unusable.Reason)
	}
	if err != nil && ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	return done, err
}

// refresh is the state of one Refresh.
type refresh struct {
	ctx    context.Context
	place  *place
	source Puller
	wish   Wish
	now    func() time.Time
	asked  time.Time // when the refresh was asked for
	waited bool      // for another process that was pulling

	resumed bool // the last pull went on with what was staged

	db   *database
	good *state // nil: there is none
}

// run opens the copy and refreshes it. why is why there is none, where there was one.
func (r *refresh) run(why string) (*Refreshed, error) {
	var err error
	if r.db, err = open(r.ctx, r.place.path, true); err != nil {
		return nil, err
	}
	defer r.db.Close()
	if r.good, err = r.db.state(r.ctx, r.place); err != nil && !errors.Is(err, ErrNone) {
		return nil, err
	}
	if r.freshEnough() {
		return &Refreshed{Info: r.good.info(r.place.path, sizeOf(r.place.path))}, nil
	}
	pull := staged{Full: true, Fields: r.wish.Fields, BeganAt: r.now()}
	switch {
	case r.wish.Full || r.good == nil: // what was there is told by why
	case len(r.good.Cursor) == 0:
		why = "the source gave nothing to go on from"
	case !r.good.FullDue.IsZero() && !r.now().Before(r.good.FullDue):
		why = "a full one is due, the last is of " + r.good.FullAt.Local().Format("2006-01-02 15:04")
	default:
		info := r.good.info("", 0)
		if lacking := info.Lacks(r.wish.Fields); len(lacking) > 0 {
			why = "the copy has no " + strings.Join(lacking, ", ")
			pull.Fields = union(r.good.Fields, r.wish.Fields)
			break
		}
		pull.Full, pull.Fields = false, r.good.Fields
		if err := r.db.records(r.ctx, r.good, func(string, []host.Record) error { return nil }); err != nil {
			return nil, err // nothing is to be added to a damaged copy
		}
	}
	done, err := r.pull(pull, !r.wish.Full)
	var need *host.NeedFullError
	var count *countError
	switch {
	case errors.As(err, &need):
		why = need.Reason
	case errors.As(err, &count) && (!pull.Full || r.resumed):
		why = "after the last pull " + count.Error()
	default:
		return explained(done, why), err
	}
	done, err = r.pull(staged{Full: true, Fields: pull.Fields, BeganAt: r.now()}, false)
	return explained(done, why), err
}

// explained adds why everything was pulled, if it was.
func explained(done *Refreshed, why string) *Refreshed {
	if done != nil && done.Full {
		done.Why = why
	}
	return done
}

func (r *refresh) freshEnough() bool {
	if r.good == nil || r.wish.Full || len(r.good.info("", 0).Lacks(r.wish.Fields)) > 0 {
		return false
	}
	age := r.now().Sub(r.good.RefreshedAt)
	return r.waited && !r.good.RefreshedAt.Before(r.asked) || age >= 0 && age < r.wish.MaxAge
}

// pull pulls, going on with what is staged where that may be, and makes the result the good copy.
func (r *refresh) pull(want staged, resume bool) (*Refreshed, error) {
	pull, resumed := want, false
	if resume {
		was, err := r.staged(want)
		if err != nil {
			return nil, err
		}
		if was != nil {
			pull, resumed = *was, true
		}
	}
	r.resumed = resumed
	s, err := begin(r.ctx, r.db, r.good, pull, resumed)
	if err != nil {
		return nil, err
	}
	req := host.PullRequest{Fields: pull.Fields, Resumed: resumed, BeganAt: pull.BeganAt, Cursor: pull.Cursor}
	if r.good != nil {
		req.RefreshedAt, req.FullAt = r.good.RefreshedAt, r.good.FullAt
		if !pull.Full && !resumed {
			req.Cursor = r.good.Cursor
		}
	}
	switch {
	case resumed:
		if req.Held, err = s.heldNow(); err != nil {
			return nil, s.abort(err)
		}
	case !pull.Full:
		req.Held = r.good.held()
	}
	pulled, err := r.source.Pull(r.ctx, req, r.wish.Watch, s)
	if err != nil {
		return nil, s.abort(err)
	}
	full := s.pull.Full
	next, changed, err := s.apply(r.place, pulled, r.now())
	if err != nil {
		return nil, err
	}
	return &Refreshed{Info: next.info(r.place.path, sizeOf(r.place.path)), Pulled: true, Full: full, Resumed: resumed, Changed: changed}, nil
}

// staged returns a pull that broke off and can be gone on with in the place of the wanted one; nil if there is none.
func (r *refresh) staged(want staged) (*staged, error) {
	var was staged
	found, err := r.db.read(r.ctx, statePull, &was)
	if err != nil || !found {
		return nil, err
	}
	base := int64(0)
	if r.good != nil {
		base = r.good.Generation
	}
	age := r.now().Sub(was.BeganAt)
	info := Info{Fields: was.Fields}
	if want.Full && !was.Full || len(was.Cursor) == 0 || was.Base != base || age < 0 || age > stagedFor || len(info.Lacks(want.Fields)) > 0 {
		return nil, nil
	}
	if err := r.db.verifyStaged(r.ctx, &was, r.place.id.Kinds); err != nil {
		return nil, err
	}
	return &was, nil
}

// union returns the fields that one or the other has, without repetition.
func union(a, b []string) []string {
	all := slices.Concat(a, b)
	slices.Sort(all)
	return slices.Compact(all)
}
