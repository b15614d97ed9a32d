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

// maxResumeAge is how old a pull may be that is resumed. The first records of an older one would be out of date.
const maxResumeAge = 24 * time.Hour

// clockSlack is by how much a copy may be of a time to come. Clocks are set right by seconds; where one was ahead by more,
// the platform may have been asked for changes after a time that had not come, and when all is due would be too late. It is
// less than connectors look back.
const clockSlack = 2 * time.Minute

// Puller is a source that can send what has changed: a *host.Process.
type Puller interface {
	Pull(ctx context.Context, req host.PullRequest, w host.Watcher, copy host.CopyWriter) (host.PullResult, error)
}

// RefreshRequest says how to refresh a copy.
type RefreshRequest struct {
	Fields  []string      // the fields that items made of the records must have
	Full    bool          // pull everything, even if there is a good copy
	MaxAge  time.Duration // do nothing if the copy is not older than this; 0: always pull
	Watch   host.Watcher
	Waiting func() // called before Refresh waits for another process that pulls
}

// RefreshResult is the outcome of a refresh.
type RefreshResult struct {
	Info
	Pulled  bool   // false: the copy was fresh enough, and nothing was pulled
	Full    bool   // everything was pulled
	Why     string // why everything was pulled although Full was not requested: a clause
	Resumed bool   // the pull resumed an earlier one
	Changes
}

// Refresh updates the copy of an identity from source. It pulls everything if
//
//   - there is no good copy, or it is damaged, has another version or lacks a field,
//   - a full pull is due,
//   - the source cannot continue from the copy.
//
// Otherwise it pulls what has changed. Only one process pulls at a time. If Refresh fails, the good copy is unchanged, and
// the next Refresh may resume the pull.
func (f *Folder) Refresh(ctx context.Context, id Identity, source Puller, request RefreshRequest) (*RefreshResult, error) {
	r := &refresh{ctx: ctx, source: source, request: request, now: f.now, asked: f.now()}
	var err error
	if r.place, err = f.find(id, true); err != nil {
		return nil, err
	}
	lock, waited, err := lockToPull(ctx, r.place.lock(), request.Waiting)
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
	ctx     context.Context
	place   *location
	source  Puller
	request RefreshRequest
	now     func() time.Time
	asked   time.Time // when Refresh was called
	waited  bool      // Refresh has waited for another process that pulled

	resumed bool // the last pull resumed an earlier one

	db   *database
	copy *state // nil: there is none
}

// run opens the copy and refreshes it. If an unusable copy was removed before, why says what was wrong with it.
func (r *refresh) run(why string) (*RefreshResult, error) {
	var err error
	if r.db, err = open(r.ctx, r.place.path, true); err != nil {
		return nil, err
	}
	defer r.db.Close()
	if r.copy, err = r.db.state(r.ctx, r.place); err != nil && !errors.Is(err, ErrNone) {
		return nil, err
	}
	if r.freshEnough() {
		return &RefreshResult{Info: r.copy.info(r.place.path, sizeOf(r.place.path))}, nil
	}
	pull := pullState{Full: true, Fields: r.request.Fields, BeganAt: r.now()}
	switch {
	case r.request.Full || r.copy == nil: // why keeps its value
	case r.copy.RefreshedAt.Sub(r.now()) > clockSlack:
		why = fmt.Sprintf("the copy is of %s, which has not come yet: this machine's clock was ahead, or it is behind now",
			r.copy.RefreshedAt.Local().Format("2006-01-02 15:04"))
	case len(r.copy.Cursor) == 0:
		why = "the source gave nothing to go on from"
	case !r.copy.FullDue.IsZero() && !r.now().Before(r.copy.FullDue):
		why = "a full one is due, the last is of " + r.copy.FullAt.Local().Format("2006-01-02 15:04")
	default:
		info := r.copy.info("", 0)
		if lacking := info.Lacks(r.request.Fields); len(lacking) > 0 {
			why = "the copy has no " + strings.Join(lacking, ", ")
			pull.Fields = union(r.copy.Fields, r.request.Fields)
			break
		}
		pull.Full, pull.Fields = false, r.copy.Fields
		if err := r.db.records(r.ctx, r.copy, func(string, []host.Record) error { return nil }); err != nil {
			return nil, err // never add to a damaged copy
		}
	}
	done, err := r.pull(pull, !r.request.Full)
	var need *host.NeedFullError
	var count *countError
	switch {
	case errors.As(err, &need):
		why = need.Reason
	case errors.As(err, &count) && (!pull.Full || r.resumed):
		why = "after the last pull " + count.Error()
	default:
		return withReason(done, why), err
	}
	done, err = r.pull(pullState{Full: true, Fields: pull.Fields, BeganAt: r.now()}, false)
	return withReason(done, why), err
}

// withReason sets done.Why if everything was pulled.
func withReason(done *RefreshResult, why string) *RefreshResult {
	if done != nil && done.Full {
		done.Why = why
	}
	return done
}

func (r *refresh) freshEnough() bool {
	if r.copy == nil || r.request.Full || len(r.copy.info("", 0).Lacks(r.request.Fields)) > 0 {
		return false
	}
	age := r.now().Sub(r.copy.RefreshedAt)
	return r.waited && !r.copy.RefreshedAt.Before(r.asked) || age >= 0 && age < r.request.MaxAge
}

// pull pulls and makes the result the good copy. If resume is true, it resumes an earlier pull if there is one that fits.
func (r *refresh) pull(want pullState, resume bool) (*RefreshResult, error) {
	pull, resumed := want, false
	if resume {
		was, err := r.resumablePull(want)
		if err != nil {
			return nil, err
		}
		if was != nil {
			pull, resumed = *was, true
		}
	}
	r.resumed = resumed
	s, err := begin(r.ctx, r.db, r.copy, pull, resumed)
	if err != nil {
		return nil, err
	}
	req := host.PullRequest{Fields: pull.Fields, Resumed: resumed, BeganAt: pull.BeganAt, Cursor: pull.Cursor}
	if r.copy != nil {
		req.RefreshedAt, req.FullAt = r.copy.RefreshedAt, r.copy.FullAt
		if !pull.Full && !resumed {
			req.Cursor = r.copy.Cursor
		}
	}
	switch {
	case resumed:
		if req.Held, err = s.countHeld(); err != nil {
			return nil, s.abort(err)
		}
	case !pull.Full:
		req.Held = r.copy.held()
	}
	pulled, err := r.source.Pull(r.ctx, req, r.request.Watch, s)
	if err != nil {
		return nil, s.abort(err)
	}
	full := s.pull.Full
	next, changed, err := s.apply(r.place, pulled, r.now())
	if err != nil {
		return nil, err
	}
	return &RefreshResult{Info: next.info(r.place.path, sizeOf(r.place.path)), Pulled: true, Full: full, Resumed: resumed, Changes: changed}, nil
}

// resumablePull returns an unfinished pull that can be resumed to get what want needs; nil if there is none.
func (r *refresh) resumablePull(want pullState) (*pullState, error) {
	var was pullState
	found, err := r.db.read(r.ctx, statePull, &was)
	if err != nil || !found {
		return nil, err
	}
	base := int64(0)
	if r.copy != nil {
		base = r.copy.Generation
	}
	age := r.now().Sub(was.BeganAt)
	info := Info{Fields: was.Fields}
	if want.Full && !was.Full || len(was.Cursor) == 0 || was.Base != base || age < 0 || age > maxResumeAge || len(info.Lacks(want.Fields)) > 0 {
		return nil, nil
	}
	if err := r.db.verifyStaged(r.ctx, &was, r.place.id.Kinds); err != nil {
		return nil, err
	}
	return &was, nil
}

// union returns the fields of both lists, each once.
func union(a, b []string) []string {
	all := slices.Concat(a, b)
	slices.Sort(all)
	return slices.Compact(all)
}
