package localcopy

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/reconcilehq/reconcile/plugins/host"
)

// script is a source whose pull does what a test says.
type script func(req host.PullRequest, k host.CopyWriter) (host.PullResult, error)

func (s script) Pull(_ context.Context, req host.PullRequest, _ host.Watcher, k host.CopyWriter) (host.PullResult, error) {
	return s(req, k)
}

var testID = Identity{Connector: "test", Settings: []byte(`{"store":"mine"}`), Kinds: []string{"product", "stock"}, Version: 1}

// held reads a copy by kind and key, and checks the order of the records.
func held(t interface{ Fatal(...any) }, f *Folder, id Identity) map[string]map[string]string {
	all := map[string]map[string]string{}
	r, err := f.Open(context.Background(), id)
	if errors.Is(err, ErrNone) {
		return all
	}
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	last := ""
	if err := r.Records(func(kind string, records []host.Record) error {
		if all[kind] == nil {
			all[kind], last = map[string]string{}, ""
		}
		for _, record := range records {
			if record.Key <= last {
				t.Fatal("the key ", record.Key, " comes after ", last)
			}
			last = record.Key
			all[kind][record.Key] = string(record.Value)
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	for kind, n := range r.Info().Held {
		if int64(len(all[kind])) != n {
			t.Fatal("there are ", len(all[kind]), " records of kind ", kind, ", not ", n)
		}
	}
	return all
}

type records map[string]map[string]string

func (m records) clone() records {
	c := records{}
	for kind := range m {
		c[kind] = maps.Clone(m[kind])
	}
	return c
}

func (m records) put(kind, key, value string) {
	if m[kind] == nil {
		m[kind] = map[string]string{}
	}
	m[kind][key] = value
}

// TestCopyIsItsModel holds a copy against maps, over random pulls that put, delete, complete, start anew, set checkpoints,
// break off and are resumed, and looks up what is held in between.
func TestCopyIsItsModel(t *testing.T) {
	dir := t.TempDir()
	n := 0
	rapid.Check(t, func(t *rapid.T) {
		n++
		id := testID
		id.Settings = fmt.Appendf(nil, "%d", n)
		folder := In(dir)
		good, whole := records{}, (records)(nil) // whole: since a checkpoint
		var wholePut records
		var wholeFull bool
		cursor, checkpoint := "", ""
		for round := range rapid.IntRange(1, 6).Draw(t, "pulls") {
			wishFull := rapid.IntRange(0, 4).Draw(t, "full") == 0
			breaks := rapid.IntRange(0, 2).Draw(t, "breaks off") == 0
			next := fmt.Sprint(round)
			broken := errors.New("broken off")
			var after records
			_, err := folder.Refresh(t.Context(), id, script(func(req host.PullRequest, k host.CopyWriter) (host.PullResult, error) {
				// What was put before a checkpoint stays until there is another one, or a pull ends well.
				now, put := good.clone(), records{}
				want := cursor
				full := wishFull || cursor == ""
				if whole != nil && !wishFull && (wholeFull || cursor != "") {
					now, put, want, full = whole.clone(), wholePut.clone(), checkpoint, wholeFull
				} else if full {
					now, want = records{}, ""
				}
				if string(req.Cursor) != want {
					t.Fatalf("the pull begins at %q, want %q", req.Cursor, want)
				}
				for kind, all := range now {
					if req.Held[kind] != int64(len(all)) {
						t.Fatalf("the request says that %d records of kind %q are held, want %d", req.Held[kind], kind, len(all))
					}
				}
				for range rapid.IntRange(0, 12).Draw(t, "changes") {
					kind := rapid.SampledFrom(testID.Kinds).Draw(t, "kind")
					key := fmt.Sprint("k", rapid.IntRange(0, 9).Draw(t, "key"))
					switch rapid.SampledFrom([]string{"put", "put", "put", "delete", "complete", "checkpoint", "full", "look"}).Draw(t, "change") {
					case "put":
						value := rapid.SampledFrom([]string{"", "a", "b", "\x00"}).Draw(t, "value")
						must(t, k.Put(kind, []host.Record{{Key: key, Value: []byte(value)}}))
						now.put(kind, key, value)
						put.put(kind, key, value)
					case "delete":
						must(t, k.Delete(kind, []string{key, "never there"}))
						delete(now[kind], key)
						delete(put[kind], key)
					case "complete":
						must(t, k.Complete(kind))
						maps.DeleteFunc(now[kind], func(key, _ string) bool { _, ok := put[kind][key]; return !ok })
					case "checkpoint":
						checkpoint = fmt.Sprint("checkpoint ", rapid.Int().Draw(t, "cursor"))
						must(t, k.Checkpoint([]byte(checkpoint)))
						whole, wholePut, wholeFull = now.clone(), put.clone(), full
					case "full":
						must(t, k.Full())
						now, put, full = records{}, records{}, true
					case "look":
						lookUp(t, k, kind, now[kind])
					}
				}
				if breaks {
					return host.PullResult{}, broken
				}
				after = now
				return host.PullResult{Cursor: []byte(next), ReadAt: time.Now(), Expected: map[string]int64{"stock": int64(len(now["stock"]))}}, nil
			}), RefreshRequest{Full: wishFull})
			if breaks != errors.Is(err, broken) || !breaks && err != nil {
				t.Fatalf("the pull ended with %v", err)
			}
			if !breaks {
				good, cursor, whole = after, next, nil
			}
			if diff := cmp.Diff(map[string]map[string]string(nonEmpty(good)), map[string]map[string]string(nonEmpty(held(t, folder, id)))); diff != "" {
				t.Fatalf("the copy is not what was pulled (-want +got):\n%s", diff)
			}
		}
	})
}

func nonEmpty(m records) records {
	c := m.clone()
	maps.DeleteFunc(c, func(_ string, all map[string]string) bool { return len(all) == 0 })
	return c
}

func must(t *rapid.T, err error) {
	if err != nil {
		t.Fatal(err)
	}
}

func lookUp(t *rapid.T, k host.CopyWriter, kind string, want map[string]string) {
	got := map[string]string{}
	after := ""
	for more := true; more; {
		var list []host.Record
		var err error
		list, more, err = k.Lookup(kind, nil, after, false)
		must(t, err)
		if more && len(list) == 0 {
			t.Fatal("there is more, but nothing to go on from")
		}
		for _, r := range list {
			got[r.Key], after = string(r.Value), r.Key
		}
	}
	if len(want) > 0 || len(got) > 0 {
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("looked up (-want +got):\n%s", diff)
		}
	}
	some := append(slices.Sorted(maps.Keys(want)), "never there")
	list, _, err := k.Lookup(kind, some, "", true)
	must(t, err)
	if len(list) != len(want) {
		t.Fatalf("of %d records %d are found by their keys", len(want), len(list))
	}
}

// TestOverlay merges pages of held records and of changes, with any limit, into what a map would hold.
func TestOverlay(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		keys := rapid.SliceOfDistinct(rapid.StringMatching(`[a-f]{1,3}`), rapid.ID[string])
		list := func(name string) []entry {
			var entries []entry
			for _, key := range slices.Sorted(slices.Values(keys.Draw(t, name))) {
				entries = append(entries, entry{Record: host.Record{Key: key, Value: []byte(name)}, gone: name == "changed" && rapid.Bool().Draw(t, "gone")})
			}
			return entries
		}
		all, changes := list("held"), list("changed")
		want := map[string]string{}
		for _, e := range all {
			want[e.Key] = string(e.Value)
		}
		for _, e := range changes {
			if want[e.Key] = string(e.Value); e.gone {
				delete(want, e.Key)
			}
		}
		limit := rapid.IntRange(1, 5).Draw(t, "limit")
		page := func(of []entry, after string) []entry {
			at, _ := slices.BinarySearchFunc(of, after+"\x00", func(e entry, key string) int { return strings.Compare(e.Key, key) })
			return of[at:min(len(of), at+limit)]
		}
		got := map[string]string{}
		after := ""
		for more := true; more; {
			var part []host.Record
			last := after
			if part, after, more = mergeChanges(page(all, after), page(changes, after), limit); more && after <= last {
				t.Fatalf("after %q the next page begins at %q", last, after)
			}
			for _, r := range part {
				got[r.Key] = string(r.Value)
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatal(diff)
		}
	})
}
