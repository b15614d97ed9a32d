package sdktest

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/reconcilehq/reconcile/plugins/sdk"
)

// Writing is a connector that writes, and a platform to try it on.
type Writing struct {
	// Platform returns a new platform, which keeps what is written to it: a server of the test's own that answers as the real one does.
	Platform func() http.Handler
	// Source configures the connector for a platform at an address, so that it may write: see Writer. It waits by a Clock.
	Source func(ctx context.Context, url string) (sdk.Applier, error)
	// Sets are what is to be set, each another field or item. The platform takes all of them.
	Sets []Set
	// IsWrite reports whether a request changes something. If it is nil, each does that is not GET, HEAD or OPTIONS; a login by POST, or a
	// query, needs a function that knows better.
	IsWrite func(r *http.Request, body []byte) bool
}

// Set is a field that is to be set. Values are what an Item may have; nil is null.
type Set struct {
	Item  sdk.Ref
	Field string
	From  any // what the platform has at first
	To    any // what it shall have
	Other any // what another app writes there meanwhile: neither of the two

	// Mark is a text that stands in the address or the body of each request that sets this, and of no other that writes: the product's
	// number, say. The platform is made to refuse such requests. "": that is not tried.
	Mark string
}

// TestWriting holds a connector that writes to what each must keep: each change gets one outcome, what the outcome says is so on the
// platform, nothing is written twice, a foreign value is not written over, and going on later finishes the work, with the same
// idempotency keys. An item that has got another SKU is another one. It tries that on a platform that does well, with each fault in each of the first requests, where an answer to a write
// is lost, where another app writes before, between and after, where the platform shows late or never what it took, and where it
// refuses one of several changes.
func TestWriting(t *testing.T, w Writing) {
	t.Helper()
	if len(w.Sets) == 0 {
		t.Fatal("there is nothing to set: name some Sets")
	}
	well, requests, err := w.well(t.Context())
	if err != nil {
		t.Fatalf("without any fault: %v", err)
	}
	t.Run("well", func(t *testing.T) {
		for _, wrong := range well {
			t.Error(wrong)
		}
	})
	trials := w.trials(requests)
	for _, name := range slices.Sorted(maps.Keys(trials)) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			wrong, said, err := trials[name](t.Context())
			if err != nil {
				t.Fatal(err)
			}
			for _, text := range wrong {
				t.Error(text)
			}
			t.Logf("it says: %s", said)
		})
	}
}

// mostWriting is how many of the requests of an Apply are spoilt.
const mostWriting = 8

// spoiltWriting makes the changes on a platform, in some way, and returns what is wrong, and what the connector said.
type spoiltWriting func(ctx context.Context) (wrong []string, said string, err error)

// trials are what a connector is held against, by name.
func (w Writing) trials(requests int) map[string]spoiltWriting {
	trials := map[string]spoiltWriting{
		"another app writes before":  w.foreign(before),
		"another app writes between": w.foreign(between),
		"another app writes after":   w.foreign(after),
		"it shows late":              w.stale(2),
		"it shows never":             w.stale(1 << 20),
		"it may not write":           w.refusing("", http.StatusForbidden),
		"it cannot write":            w.refusing("", http.StatusInternalServerError),
	}
	faults := maps.Clone(all)
	faults["lost"], faults["unsent"] = Lost, Unsent
	for name, fault := range faults {
		for n := range min(requests, mostWriting) {
			trials[fmt.Sprintf("%s in request %d", name, n+1)] = w.faulty(map[int]Fault{n + 1: fault})
		}
	}
	for i, set := range w.Sets {
		if set.Mark != "" {
			for _, status := range []int{http.StatusConflict, http.StatusUnprocessableEntity} {
				trials[fmt.Sprintf("change %d is refused with %d", i+1, status)] = w.refusing(set.Mark, status)
			}
		}
	}
	return trials
}

// Lost has the platform do what it is asked for, and loses its answer.
func Lost(_ http.ResponseWriter, r *http.Request, next http.Handler, _ Answer) {
	answerOf(next, r)
	panic(http.ErrAbortHandler)
}

// Unsent breaks the connection before the platform sees the request.
func Unsent(http.ResponseWriter, *http.Request, http.Handler, Answer) { panic(http.ErrAbortHandler) }

// well makes the changes on a platform without faults, twice. It returns what is wrong, and how many requests the first time took.
func (w Writing) well(ctx context.Context) (wrong []string, requests int, err error) {
	s, err := w.open(ctx, nil)
	if err != nil {
		return nil, 0, err
	}
	defer s.close()
	prepared, _, err := Prepare(ctx, s.source, s.changes...)
	if err != nil {
		return nil, 0, fmt.Errorf("prepare: %w", err)
	}
	will := map[string]sdk.Value{}
	for _, p := range prepared {
		if will[p.Key] = p.Will; p.Problem != "" {
			wrong = append(wrong, fmt.Sprintf("Prepare of %s says that it cannot be made: %s", p.Key, p.Problem))
		}
	}
	if n := s.platform.written(); n > 0 {
		wrong = append(wrong, fmt.Sprintf("Prepare has written: %d requests", n))
	}
	renamed, err := s.renamed(ctx)
	if err != nil {
		return nil, 0, fmt.Errorf("apply to items that have got another SKU: %w", err)
	}
	wrong = append(wrong, renamed...)
	s.front.restart()
	outcomes, err := Apply(ctx, s.source, s.changes...)
	if err != nil {
		return nil, 0, fmt.Errorf("apply: %w", err)
	}
	requests = s.front.restart()
	for _, o := range outcomes {
		if o.Kind != sdk.Applied || !o.Before.Equal(s.byKey(o.Key).Expected) || !o.After.Equal(will[o.Key]) {
			wrong = append(wrong, fmt.Sprintf("%s: Prepare says that the platform will hold %s; then it is %s", o.Key, shown(will[o.Key]), told(o)))
		}
	}
	writes := s.platform.written()
	again, err := Apply(ctx, s.source, s.changes...)
	if err != nil {
		return nil, 0, fmt.Errorf("apply a second time: %w", err)
	}
	for _, o := range again {
		if o.Kind != sdk.Unchanged {
			wrong = append(wrong, fmt.Sprintf("%s, a second time, is %s: it is there already", o.Key, told(o)))
		}
	}
	if s.platform.written() != writes {
		wrong = append(wrong, "Apply writes a second time what is there already")
	}
	return append(wrong, s.check(ctx, outcomes, nil, nil)...), requests, nil
}

// renamed makes changes of items that have got another SKU since, as far as items are named by ids. It returns what is wrong.
func (s *scene) renamed(ctx context.Context) (wrong []string, err error) {
	var changes []sdk.Change
	for _, c := range s.changes {
		if c.Item.ID != "" && c.Item.SKU != "" {
			c.Key, c.Item.SKU = c.Key+", of another SKU", c.Item.SKU+"-before"
			changes = append(changes, c)
		}
	}
	outcomes, err := Apply(ctx, s.source, changes...)
	for _, o := range outcomes {
		if o.Kind != sdk.Rejected {
			wrong = append(wrong, fmt.Sprintf("%s, is %s: the item with that id has got another SKU, and is another item; sdk.Ref.Is tells", o.Key, told(o)))
		}
	}
	if n := s.platform.written(); n > 0 {
		wrong = append(wrong, fmt.Sprintf("items that have got another SKU were written: %d requests", n))
	}
	return wrong, err
}

// faulty spoils answers.
func (w Writing) faulty(faults map[int]Fault) spoiltWriting {
	return func(ctx context.Context) ([]string, string, error) {
		return w.spoil(ctx, func(s *scene) { s.front.faults = faults }, nil)
	}
}

// refusing has the platform answer with a status to all that writes something with a mark, and not do it. With a mark only that change
// may fail.
func (w Writing) refusing(mark string, status int) spoiltWriting {
	return func(ctx context.Context) ([]string, string, error) {
		return w.spoil(ctx, func(s *scene) {
			s.front.spoil = func(r *http.Request, body []byte, next http.Handler, out http.ResponseWriter) {
				if w.isWrite(r, body) && (strings.Contains(r.URL.String(), mark) || strings.Contains(string(body), mark)) {
					Says(status, `{"error": "this is refused"}`)(out, r, next, Answer{})
					return
				}
				next.ServeHTTP(out, r)
			}
		}, func(s *scene, outcomes []sdk.Outcome, err error) (wrong []string) {
			for i, c := range s.changes {
				want, o := sdk.Applied, find(outcomes, c.Key)
				switch {
				case mark == "" && o != nil && (o.Kind == sdk.Applied || o.Kind == sdk.Unchanged):
					wrong = append(wrong, fmt.Sprintf("%s is %s, and nothing was written", c.Key, told(*o)))
				case mark == "":
				case w.Sets[i].Mark == mark:
					want = sdk.Rejected
					fallthrough
				default:
					if o == nil || o.Kind != want {
						wrong = append(wrong, fmt.Sprintf("%s should be %s, and is %s (%v): one change that is refused fails no other", c.Key, want, toldOf(o), err))
					}
				}
			}
			return wrong
		})
	}
}

// stale has the platform show for so many looks what it had before the first write.
func (w Writing) stale(looks int) spoiltWriting {
	return func(ctx context.Context) ([]string, string, error) {
		return w.spoil(ctx, func(s *scene) {
			seen, left := map[string]Answer{}, 0
			s.front.spoil = func(r *http.Request, body []byte, next http.Handler, out http.ResponseWriter) {
				old, known := seen[r.URL.String()]
				switch {
				case w.isWrite(r, body):
					if left == 0 {
						left = looks
					}
					next.ServeHTTP(out, r)
				case known && left > 0:
					left--
					old.write(out)
				default:
					a := answerOf(next, r)
					if left == 0 {
						seen[r.URL.String()] = a
					}
					a.write(out)
				}
			}
		}, nil)
	}
}

// moment is when another app writes.
type moment int

const (
	before  moment = iota // anything is asked
	between               // the look and the write
	after                 // the write, and before the next look
)

// foreign has another app write to what is set first.
func (w Writing) foreign(when moment) spoiltWriting {
	return func(ctx context.Context) ([]string, string, error) {
		var failed error
		wrong, said, err := w.spoil(ctx, func(s *scene) {
			wrote := false
			write := func() {
				if wrote {
					return
				}
				wrote = true
				failed = s.other(ctx)
			}
			if when == before {
				write()
			}
			s.front.spoil = func(r *http.Request, body []byte, next http.Handler, out http.ResponseWriter) {
				first := w.isWrite(r, body) && strings.Contains(r.URL.String()+string(body), w.Sets[0].Mark)
				if first && when == between {
					write()
				}
				a := answerOf(next, r)
				if first && when == after {
					write()
				}
				a.write(out)
			}
		}, func(s *scene, outcomes []sdk.Outcome, err error) (wrong []string) {
			c, o := s.changes[0], find(outcomes, s.changes[0].Key)
			if when == before && (o == nil || o.Kind != sdk.Conflict) {
				wrong = append(wrong, fmt.Sprintf("%s should be a conflict, since another app has written there, and is %s (%v)", c.Key, toldOf(o), err))
			}
			if when == between && s.source.Writable()[c.Field].Guarded && (o == nil || o.Kind != sdk.Conflict) {
				wrong = append(wrong, fmt.Sprintf("%s should be a conflict, since the platform compares by itself (Guarded), and is %s (%v)", c.Key, toldOf(o), err))
			}
			return wrong
		})
		if err == nil && failed != nil {
			err = fmt.Errorf("another app cannot write: %w", failed)
		}
		return wrong, said, err
	}
}
