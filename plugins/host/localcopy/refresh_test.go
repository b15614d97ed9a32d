package localcopy

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/reconcilehq/reconcile/plugins/host"
)

// store is a source with a catalogue that a test changes.
type store struct {
	t        *testing.T
	products map[string]string
	pulls    []string // how it was asked
	fullDue  time.Time
	readAt   time.Time
	noCursor bool
	needFull string           // a reason to begin anew
	expected map[string]int64 // instead of what there is, of pulls with a cursor
	fails    error            // after half of the products and a checkpoint
}

func (s *store) Pull(_ context.Context, req host.PullRequest, _ host.Watcher, k host.CopyWriter) (host.PullResult, error) {
	s.pulls = append(s.pulls, strings.TrimSpace(fmt.Sprintf("%s %s", req.Cursor, strings.Join(req.Fields, ","))))
	if s.needFull != "" && req.Cursor != nil {
		return host.PullResult{}, &host.NeedFullError{Reason: s.needFull}
	}
	n := 0
	for key, value := range s.products {
		if err := k.Put("product", []host.Record{{Key: key, Value: []byte(value)}}); err != nil {
			return host.PullResult{}, err
		}
		if n++; s.fails != nil && n > len(s.products)/2 {
			return host.PullResult{}, errors.Join(k.Checkpoint([]byte("half")), s.fails)
		}
	}
	if err := k.Complete("product"); err != nil {
		return host.PullResult{}, err
	}
	done := host.PullResult{Cursor: []byte("next"), ReadAt: req.BeganAt, FullDue: s.fullDue, Expected: map[string]int64{"product": int64(len(s.products))}}
	if !s.readAt.IsZero() {
		done.ReadAt = s.readAt
	}
	if s.noCursor {
		done.Cursor = nil
	}
	if req.Cursor != nil && s.expected != nil {
		done.Expected = s.expected
	}
	return done, nil
}

func (s *store) refresh(f *Folder, id Identity, wish RefreshRequest) *RefreshResult {
	s.t.Helper()
	done, err := f.Refresh(s.t.Context(), id, s, wish)
	if err != nil {
		s.t.Fatal(err)
	}
	return done
}

func newStore(t *testing.T) *store {
	return &store{t: t, products: map[string]string{"a": "Bell", "b": "Horn", "c": "Drum", "d": "Fife"}}
}

// TestWhyFull says when everything is pulled, and what people are told of it.
func TestWhyFull(t *testing.T) {
	name := RefreshRequest{Fields: []string{"sku", "name"}}
	for _, tc := range []struct {
		name   string
		change func(s *store, f *Folder, wish *RefreshRequest)
		pulls  []string
		why    string
	}{
		{"nothing", func(*store, *Folder, *RefreshRequest) {}, []string{"next sku,name"}, ""},
		{"it is asked for", func(_ *store, _ *Folder, w *RefreshRequest) { w.Full = true }, []string{"sku,name"}, ""},
		{"fewer fields are needed", func(_ *store, _ *Folder, w *RefreshRequest) { w.Fields = []string{"sku"} }, []string{"next sku,name"}, ""},
		{"another field is needed", func(_ *store, _ *Folder, w *RefreshRequest) { w.Fields = []string{"sku", "price"} },
			[]string{"name,price,sku"}, "the copy has no price"},
		{"it is due", func(_ *store, f *Folder, _ *RefreshRequest) {
			f.now = func() time.Time { return time.Now().Add(2 * time.Hour) }
		},
			[]string{"sku,name"}, "a full one is due"},
		{"the clock was ahead", func(_ *store, f *Folder, _ *RefreshRequest) {
			f.now = func() time.Time { return time.Now().Add(-3 * time.Minute) }
		},
			[]string{"sku,name"}, "the copy is of "},
		{"the clock was set right by a minute", func(_ *store, f *Folder, _ *RefreshRequest) {
			f.now = func() time.Time { return time.Now().Add(-time.Minute) }
		},
			[]string{"next sku,name"}, ""},
		{"the source cannot go on", func(s *store, _ *Folder, _ *RefreshRequest) { s.needFull = "the store has moved" },
			[]string{"next sku,name", "sku,name"}, "the store has moved"},
		{"the source counts otherwise", func(s *store, _ *Folder, _ *RefreshRequest) { s.expected = map[string]int64{"product": 9} },
			[]string{"next sku,name", "sku,name"}, `after the last pull the platform counts 9 records of kind "product", but 4 have come together`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			s, f, wish := newStore(t), In(t.TempDir()), name
			s.fullDue = time.Now().Add(time.Hour)
			s.refresh(f, testID, wish)
			s.pulls = nil
			tc.change(s, f, &wish)
			delete(s.products, "a")
			s.products["e"], s.products["b"] = "Lute", "French horn"
			done := s.refresh(f, testID, wish)
			if diff := cmp.Diff(tc.pulls, s.pulls); diff != "" {
				t.Errorf("how the source was asked (-want +got):\n%s", diff)
			}
			if !strings.HasPrefix(done.Why, tc.why) || (tc.why == "") != (done.Why == "") {
				t.Errorf("why: %q, want %q", done.Why, tc.why)
			}
			if want := (Changes{New: 1, Changed: 1, Gone: 1}); done.Changes != want {
				t.Errorf("what changed: %+v, want %+v", done.Changes, want)
			}
			if diff := cmp.Diff(s.products, held(t, f, testID)["product"]); diff != "" {
				t.Errorf("the copy (-want +got):\n%s", diff)
			}
		})
	}
}

// TestNoCursor reads everything each time, as the source has nothing to go on from.
func TestNoCursor(t *testing.T) {
	s, f := newStore(t), In(t.TempDir())
	s.noCursor = true
	for range 2 {
		if done := s.refresh(f, testID, RefreshRequest{}); !done.Full {
			t.Errorf("got %+v", done)
		}
	}
}

// TestCountOfFullPull fails a full pull whose count is wrong: there is nothing better to do.
func TestCountOfFullPull(t *testing.T) {
	s, f := newStore(t), In(t.TempDir())
	_, err := f.Refresh(t.Context(), testID, script(func(_ host.PullRequest, k host.CopyWriter) (host.PullResult, error) {
		return host.PullResult{Cursor: []byte("1"), Expected: map[string]int64{"product": 2}}, k.Put("product", []host.Record{{Key: "a"}})
	}), RefreshRequest{})
	if err == nil || !strings.Contains(err.Error(), `counts 2 records of kind "product", but 1`) {
		t.Errorf("got %v", err)
	}
	if _, err := f.Open(t.Context(), testID); !errors.Is(err, ErrNone) {
		t.Errorf("there is a copy: %v", err)
	}
	s.refresh(f, testID, RefreshRequest{})
}

// TestMaxAge leaves a copy alone that is young enough, and has what is needed.
func TestMaxAge(t *testing.T) {
	at := time.Now()
	for _, tc := range []struct {
		name  string
		age   time.Duration
		wish  RefreshRequest
		pulls int
	}{
		{"younger", 59 * time.Minute, RefreshRequest{MaxAge: time.Hour}, 0},
		{"as old", time.Hour, RefreshRequest{MaxAge: time.Hour}, 1},
		{"from the future", -time.Minute, RefreshRequest{MaxAge: time.Hour}, 1},
		{"without an age", 0, RefreshRequest{}, 1},
		{"without a field", time.Minute, RefreshRequest{MaxAge: time.Hour, Fields: []string{"price"}}, 1},
		{"in full", time.Minute, RefreshRequest{MaxAge: time.Hour, Full: true}, 1},
	} {
		t.Run(tc.name, func(t *testing.T) {
			s, f := newStore(t), In(t.TempDir())
			f.now = func() time.Time { return at }
			s.refresh(f, testID, RefreshRequest{})
			s.pulls = nil
			f.now = func() time.Time { return at.Add(tc.age) }
			if done := s.refresh(f, testID, tc.wish); len(s.pulls) != tc.pulls || done.Pulled != (tc.pulls > 0) {
				t.Errorf("%d pulls, %+v; want %d", len(s.pulls), done, tc.pulls)
			}
		})
	}
}

// TestClockAhead does not let data look younger than they can be.
func TestClockAhead(t *testing.T) {
	s, f := newStore(t), In(t.TempDir())
	s.readAt = time.Now().Add(time.Hour)
	if done := s.refresh(f, testID, RefreshRequest{}); done.RefreshedAt.After(time.Now()) {
		t.Errorf("the data are of %v", done.RefreshedAt)
	}
}

// TestStagedTooOld begins anew where what was staged is too old, is for other fields, or everything was asked for.
func TestStagedTooOld(t *testing.T) {
	for _, tc := range []struct {
		name    string
		later   time.Duration
		wish    RefreshRequest
		resumed bool
	}{
		{"soon", time.Hour, RefreshRequest{Fields: []string{"sku"}}, true},
		{"too late", 25 * time.Hour, RefreshRequest{Fields: []string{"sku"}}, false},
		{"for other fields", time.Hour, RefreshRequest{Fields: []string{"sku", "name"}}, false},
		{"in full", time.Hour, RefreshRequest{Fields: []string{"sku"}, Full: true}, false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			s, f := newStore(t), In(t.TempDir())
			s.fails = errors.New("out of paper")
			if _, err := f.Refresh(t.Context(), testID, s, RefreshRequest{Fields: []string{"sku"}}); !errors.Is(err, s.fails) {
				t.Fatal(err)
			}
			s.fails, s.pulls = nil, nil
			f.now = func() time.Time { return time.Now().Add(tc.later) }
			done := s.refresh(f, testID, tc.wish)
			if want := tc.resumed; done.Resumed != want || strings.HasPrefix(s.pulls[0], "half") != want {
				t.Errorf("resumed %v, asked %q", done.Resumed, s.pulls)
			}
			if diff := cmp.Diff(s.products, held(t, f, testID)["product"]); diff != "" {
				t.Errorf("the copy (-want +got):\n%s", diff)
			}
		})
	}
}

// TestSnapshot reads a copy as it was when it was opened, whatever is pulled meanwhile.
func TestSnapshot(t *testing.T) {
	for _, full := range []bool{false, true} {
		s, f := newStore(t), In(t.TempDir())
		s.refresh(f, testID, RefreshRequest{})
		r, err := f.Open(t.Context(), testID)
		if err != nil {
			t.Fatal(err)
		}
		defer r.Close()
		s.products = map[string]string{"z": "Zither"}
		s.refresh(f, testID, RefreshRequest{Full: full})
		s.refresh(f, testID, RefreshRequest{Full: full})
		n := 0
		if err := r.Records(func(_ string, records []host.Record) error { n += len(records); return nil }); err != nil || n != 4 {
			t.Errorf("full %v: %d records, %v", full, n, err)
		}
		if diff := cmp.Diff(s.products, held(t, f, testID)["product"]); diff != "" {
			t.Errorf("full %v: the copy (-want +got):\n%s", full, diff)
		}
	}
}

// TestIdentity says what makes another copy.
func TestIdentity(t *testing.T) {
	f := In(t.TempDir())
	s := newStore(t)
	s.refresh(f, testID, RefreshRequest{})
	other := func(change func(id *Identity)) Identity {
		id := testID
		change(&id)
		return id
	}
	for name, id := range map[string]Identity{
		"another connector": other(func(id *Identity) { id.Connector = "other" }),
		"another setting":   other(func(id *Identity) { id.Settings = []byte(`{"store":"yours"}`) }),
		"no settings":       other(func(id *Identity) { id.Settings = nil }),
		"boundaries moved":  other(func(id *Identity) { id.Connector, id.Settings = "tes", []byte(`t{"store":"mine"}`) }),
	} {
		if _, err := f.Open(t.Context(), id); !errors.Is(err, ErrNone) {
			t.Errorf("%s: %v", name, err)
		}
	}
	// The same settings in another data folder have another name: it says nothing of them.
	here, _ := f.find(testID, false)
	there, err := In(t.TempDir()).find(testID, true)
	if err != nil || filepath.Base(here.path) == filepath.Base(there.path) {
		t.Errorf("%s and %s, %v", here.path, there.path, err)
	}
	files, err := os.ReadDir(f.dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		info, err := file.Info()
		if err != nil {
			t.Fatal(err)
		}
		if runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
			t.Errorf("%s has the mode %v", file.Name(), info.Mode())
		}
		if text, err := os.ReadFile(filepath.Join(f.dir, file.Name())); err != nil || strings.Contains(string(text), "mine") {
			t.Errorf("%s tells the settings, %v", file.Name(), err)
		}
	}
	if info, err := os.Stat(f.dir); err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != 0o700 {
		t.Errorf("the folder: %v, %v", info.Mode(), err)
	}
}
