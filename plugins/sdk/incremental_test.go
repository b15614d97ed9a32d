package sdk

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/reconcilehq/reconcile/engine/catalog"
)

// diary is a source that tells what pull says.
type diary struct {
	ItemRecords
	pull func(req PullRequest, out *CopyUpdate) error
}

func (d *diary) Schema(context.Context) ([]Field, error) {
	return Known("sku", "name", "price", "tracked", "variation", "options"), nil
}

func (d *diary) Pull(_ context.Context, req PullRequest, out *CopyUpdate) error {
	return d.pull(req, out)
}

func (d *diary) pulls(t *testing.T, m *MemoryCopy, full bool, pull func(req PullRequest, out *CopyUpdate) error) error {
	t.Helper()
	d.pull = pull
	return m.Pull(t.Context(), d, NewPullRequest([]string{"sku", "name"}, func(string) {}), full)
}

// deleted notes how many keys each message that deletes has.
type deleted struct {
	copyWriter
	sizes []int
}

func (d *deleted) delete(_ string, keys []string) error {
	d.sizes = append(d.sizes, len(keys))
	return nil
}

// TestDeleteInParts says that a call that deletes many records is sent in messages that a host takes.
func TestDeleteInParts(t *testing.T) {
	d := &deleted{}
	c := &CopyUpdate{ctx: t.Context(), kinds: []string{"x"}, writer: d}
	if err := c.Delete("x", make([]string, 2*deletesInMessage+1)...); err == nil {
		t.Error("keys are empty, and it is no error")
	}
	keys := make([]string, 2*deletesInMessage+1)
	for i := range keys {
		keys[i] = fmt.Sprint(i + 1)
	}
	c = &CopyUpdate{ctx: t.Context(), kinds: []string{"x"}, writer: d}
	if err := c.Delete("x", keys...); err != nil || c.deletes != int64(len(keys)) {
		t.Errorf("%d deletes, %v", c.deletes, err)
	}
	if diff := cmp.Diff([]int{deletesInMessage, deletesInMessage, 1}, d.sizes); diff != "" {
		t.Error(diff)
	}
}

func keysOf(m *MemoryCopy, kind string) string {
	var keys []string
	for _, r := range m.Records(kind) {
		keys = append(keys, r.Key)
	}
	return strings.Join(keys, " ")
}

func putItems(out *CopyUpdate, keys ...string) error {
	for _, key := range keys {
		if err := out.PutItem(key, Item{"sku": key, "name": "item " + key}); err != nil {
			return err
		}
	}
	return nil
}

func TestPullChanges(t *testing.T) {
	var d diary
	var m MemoryCopy
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(d.pulls(t, &m, false, func(req PullRequest, out *CopyUpdate) error {
		if req.Cursor != nil || !req.RefreshedAt.IsZero() {
			t.Errorf("an empty copy is pulled with the cursor %q, held since %v", req.Cursor, req.RefreshedAt)
		}
		out.SetCursor([]byte("1"))
		out.Expect(ItemKind, 3)
		return putItems(out, "a", "b", "c")
	}))
	must(d.pulls(t, &m, false, func(req PullRequest, out *CopyUpdate) error {
		if string(req.Cursor) != "1" || req.Held[ItemKind] != 3 {
			t.Errorf("the cursor is %q with %d records held", req.Cursor, req.Held[ItemKind])
		}
		out.SetCursor([]byte("2"))
		if err := out.Delete(ItemKind, "b", "never there"); err != nil {
			return err
		}
		if err := putItems(out, "d"); err != nil {
			return err
		}
		var keys []string
		for key, err := range req.Keys(t.Context(), ItemKind) {
			if err != nil {
				return err
			}
			keys = append(keys, key)
		}
		if got := strings.Join(keys, " "); got != "a c d" {
			t.Errorf("the pull is told that %q are held", got)
		}
		return nil
	}))
	if got := keysOf(&m, ItemKind); got != "a c d" {
		t.Errorf("the copy holds %q", got)
	}
	must(d.pulls(t, &m, false, func(_ PullRequest, out *CopyUpdate) error {
		out.SetCursor([]byte("3"))
		if err := putItems(out, "d", "e"); err != nil {
			return err
		}
		return out.Complete(ItemKind)
	}))
	if got := keysOf(&m, ItemKind); got != "d e" {
		t.Errorf("after Complete the copy holds %q", got)
	}
}

func TestPullFails(t *testing.T) {
	broken := errors.New("out of paper")
	for name, tc := range map[string]struct {
		pull func(req PullRequest, out *CopyUpdate) error
		want string
	}{
		"an error": {func(_ PullRequest, out *CopyUpdate) error {
			return errors.Join(putItems(out, "x"), broken)
		}, "out of paper"},
		"an error that was passed over": {func(_ PullRequest, out *CopyUpdate) error {
			_ = out.Put("no such kind", "x", nil)
			return nil
		}, `kind "no such kind"`},
		"another count": {func(_ PullRequest, out *CopyUpdate) error {
			out.Expect(ItemKind, 7)
			return putItems(out, "x")
		}, "expects 7 records"},
		"an empty key": {func(_ PullRequest, out *CopyUpdate) error { return putItems(out, "") }, "empty key"},
		"text that is none": {func(_ PullRequest, out *CopyUpdate) error {
			return out.PutItem("x", Item{"name": "\xff"})
		}, "not valid UTF-8"},
		"no cursor to resume by": {func(_ PullRequest, out *CopyUpdate) error { return out.Checkpoint(nil) }, "needs a cursor"},
	} {
		t.Run(name, func(t *testing.T) {
			var d diary
			var m MemoryCopy
			if err := d.pulls(t, &m, true, func(_ PullRequest, out *CopyUpdate) error {
				out.SetCursor([]byte("1"))
				return putItems(out, "a")
			}); err != nil {
				t.Fatal(err)
			}
			err := d.pulls(t, &m, false, tc.pull)
			if err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("got the error %v, want one with %q", err, tc.want)
			}
			if got := keysOf(&m, ItemKind); got != "a" || string(m.Cursor) != "1" {
				t.Errorf("after a failed pull the copy holds %q, cursor %q", got, m.Cursor)
			}
		})
	}
}

func TestPullResumes(t *testing.T) {
	var d diary
	var m MemoryCopy
	broken := errors.New("out of paper")
	err := d.pulls(t, &m, true, func(_ PullRequest, out *CopyUpdate) error {
		return errors.Join(putItems(out, "a"), out.Checkpoint([]byte("after a")), putItems(out, "lost"), broken)
	})
	if !errors.Is(err, broken) || keysOf(&m, ItemKind) != "" {
		t.Fatalf("got the error %v and the records %q", err, keysOf(&m, ItemKind))
	}
	before := time.Now()
	if err := d.pulls(t, &m, false, func(req PullRequest, out *CopyUpdate) error {
		if string(req.Cursor) != "after a" || !req.Resumed || req.Held[ItemKind] != 1 || req.BeganAt.After(before) {
			t.Errorf("resumed with %+v", req)
		}
		out.SetCursor([]byte("end"))
		return errors.Join(putItems(out, "b"), out.Complete(ItemKind))
	}); err != nil {
		t.Fatal(err)
	}
	if got := keysOf(&m, ItemKind); got != "a b" || m.RefreshedAt.After(before) {
		t.Errorf("the copy holds %q as of %v, want what the pull that began before %v has put", got, m.RefreshedAt, before)
	}
}

func TestPullAnew(t *testing.T) {
	var d diary
	var m MemoryCopy
	calls := 0
	pull := func(req PullRequest, out *CopyUpdate) error {
		calls++
		if req.Cursor != nil {
			return fmt.Errorf("the store has moved: %w", ErrNeedFull)
		}
		out.SetCursor([]byte("1"))
		return putItems(out, fmt.Sprint(calls))
	}
	for range 2 {
		if err := d.pulls(t, &m, false, pull); err != nil {
			t.Fatal(err)
		}
	}
	if got := keysOf(&m, ItemKind); got != "3" || calls != 3 {
		t.Errorf("the copy holds %q after %d calls", got, calls)
	}
}

// TestResumedPullAnew has a pull that goes on with one that broke off find that it cannot: the copy is pulled anew, as the host does.
func TestResumedPullAnew(t *testing.T) {
	var d diary
	var m MemoryCopy
	broken := errors.New("out of paper")
	if err := d.pulls(t, &m, true, func(_ PullRequest, out *CopyUpdate) error {
		return errors.Join(putItems(out, "a"), out.Checkpoint([]byte("after a")), broken)
	}); !errors.Is(err, broken) {
		t.Fatal(err)
	}
	calls := 0
	if err := d.pulls(t, &m, false, func(req PullRequest, out *CopyUpdate) error {
		if calls++; req.Cursor != nil {
			return fmt.Errorf("a is gone: %w", ErrNeedFull)
		}
		out.SetCursor([]byte("1"))
		return putItems(out, "b")
	}); err != nil {
		t.Fatal(err)
	}
	if got := keysOf(&m, ItemKind); got != "b" || calls != 2 {
		t.Errorf("the copy holds %q after %d calls", got, calls)
	}
	if err := new(MemoryCopy).Pull(t.Context(), &diary{pull: func(PullRequest, *CopyUpdate) error { calls++; return ErrNeedFull }}, PullRequest{}, true); !errors.Is(err, ErrNeedFull) || calls != 3 {
		t.Errorf("a pull from the beginning: %v after %d calls, want one more", err, calls)
	}
}

// TestItemRecords reads a source that has only Pull: all types of fields come through as they were put.
func TestItemRecords(t *testing.T) {
	d := &diary{pull: func(_ PullRequest, out *CopyUpdate) error {
		return errors.Join(
			out.PutItem("2", Item{"sku": "B", "name": "Bell & Söhne <1>", "price": "12345678901234567890.123456789012345678"}),
			out.PutItem("1", Item{"sku": "A", "price": 0.1, "tracked": false, "variation": []string{"Size=S|M"},
				"options": map[string]string{"Size": "S"}}),
		)
	}}
	var got []string
	n, err := ReadAll(t.Context(), d, NewReadRequest([]string{"sku", "name", "price", "tracked", "variation", "options"}, nil), func(b *catalog.Batch) error {
		for i := range b.Len() {
			var texts []string
			for _, f := range b.Schema().Fields() {
				texts = append(texts, b.Value(f.Name, i).Text())
			}
			got = append(got, strings.Join(texts, ","))
		}
		return nil
	})
	if err != nil || n != 2 {
		t.Fatalf("%d items, %v", n, err)
	}
	want := []string{"A,,0.1,false,Size=S\\|M,Size:S", "B,Bell & Söhne <1>,12345678901234567890.123456789012345678,,,"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// TestCurrencyOfRecords says that what the amounts are in is kept with the items, and told with them.
func TestCurrencyOfRecords(t *testing.T) {
	d := &diary{pull: func(_ PullRequest, out *CopyUpdate) error {
		return errors.Join(out.PutItem("1", Item{"sku": "A", "price": 1}), out.PutCurrency("price", "CAD"))
	}}
	req := NewReadRequest([]string{"sku", "price"}, nil)
	n, err := ReadAll(t.Context(), d, req, func(*catalog.Batch) error { return nil })
	if diff := cmp.Diff(map[string]string{"price": "CAD"}, req.Currencies()); err != nil || n != 1 || diff != "" {
		t.Errorf("%d items, %v, %s", n, err, diff)
	}
	for want, put := range map[string]func(*CopyUpdate) error{
		`the currency of field "price": "dollars" is none`:      func(out *CopyUpdate) error { return out.PutCurrency("price", "dollars") },
		`Schema offers no field "prise": did you mean "price"?`: func(out *CopyUpdate) error { return out.PutCurrency("prise", "CAD") },
	} {
		d.pull = func(_ PullRequest, out *CopyUpdate) error { return put(out) }
		if _, err := ReadAll(t.Context(), d, NewReadRequest([]string{"sku"}, nil), func(*catalog.Batch) error { return nil }); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}

// TestMisspeltRecord puts an item with a field that there is not.
func TestMisspeltRecord(t *testing.T) {
	d := &diary{pull: func(_ PullRequest, out *CopyUpdate) error { return out.PutItem("1", Item{"sku": "A", "nmae": "Bell"}) }}
	_, err := ReadAll(t.Context(), d, NewReadRequest([]string{"sku"}, nil), func(*catalog.Batch) error { return nil })
	if err == nil || !strings.Contains(err.Error(), `item "1": Schema offers no field "nmae": did you mean "name"?`) {
		t.Errorf("got %v", err)
	}
}

// TestRecordsInOrder reads kinds out of order, twice, and not at all.
func TestRecordsInOrder(t *testing.T) {
	var m MemoryCopy
	s := &threeKinds{}
	if err := m.Pull(t.Context(), s, NewPullRequest(nil, nil), true); err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		kinds []string
		want  string // of the records that are seen; an error if it begins with !
	}{
		{[]string{"a", "b", "c"}, "a1 a2 b1 c1"},
		{[]string{"b"}, "b1"},
		{[]string{"a", "c"}, "a1 a2 c1"},
		{nil, ""},
		{[]string{"b", "a"}, "!out of the order"},
		{[]string{"a", "a"}, "!read twice"},
		{[]string{"z"}, "!not among those"},
	} {
		t.Run(strings.Join(tc.kinds, "-"), func(t *testing.T) {
			s.read, s.got = tc.kinds, nil
			err := m.Assemble(t.Context(), s, ReadRequest{}, nil)
			got := strings.Join(s.got, " ")
			if want, fails := strings.CutPrefix(tc.want, "!"); fails != (err != nil) || fails && !strings.Contains(err.Error(), want) || !fails && got != want {
				t.Errorf("got %q, error %v; want %q", got, err, tc.want)
			}
		})
	}
}

type threeKinds struct{ read, got []string }

func (*threeKinds) CopyRules() CopyRules { return CopyRules{Kinds: []string{"a", "b", "c"}} }

func (*threeKinds) Pull(_ context.Context, _ PullRequest, out *CopyUpdate) error {
	return errors.Join(out.Put("c", "c1", nil), out.Put("a", "a2", nil), out.Put("a", "a1", nil), out.Put("b", "b1", nil))
}

func (s *threeKinds) Assemble(_ context.Context, _ ReadRequest, records *Records, _ *Writer) error {
	for _, kind := range s.read {
		for key := range records.All(kind) {
			s.got = append(s.got, key)
		}
	}
	return nil // whatever happened: the SDK has to notice
}
