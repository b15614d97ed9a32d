package apply_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/reconcilehq/reconcile/engine/apply"
	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/engine/change"
	"github.com/reconcilehq/reconcile/engine/journal"
)

var steps = []string{"item_fields", "quantities"}

// shop returns a store of so many items, and a change of the price and of the quantity of each.
func shop(items int) (*model, []journal.Change) {
	m := &model{wrote: map[string]int{}}
	var changes []journal.Change
	add := func(step, sku, field string, from, to int64) {
		c := journal.Change{Step: step, Type: catalog.Number, Name: "Bell"}
		c.Change = change.Change{Key: fmt.Sprintf("p-%d", len(changes)+1), Item: change.Ref{ID: "7" + sku, SKU: sku}, Field: field, Expected: number(from), Desired: number(to)}
		changes = append(changes, c)
	}
	for i := range items {
		sku := fmt.Sprintf("A-%d", i)
		m.items = append(m.items, map[string]catalog.Value{"id": text("7" + sku), "sku": text(sku), "name": text("Bell"), "price": number(10), "qoh": number(5), "pending": number(0)})
		add("item_fields", sku, "price", 10, 12)
	}
	for i := range items {
		add("quantities", fmt.Sprintf("A-%d", i), "qoh", 5, 4)
	}
	return m, changes
}

type fataler interface {
	Helper()
	Fatal(args ...any)
	Fatalf(format string, args ...any)
}

func newJournal(t fataler, dir string, changes []journal.Change) string {
	t.Helper()
	path := filepath.Join(dir, "journal.jsonl")
	if err := os.RemoveAll(path); err != nil {
		t.Fatal(err)
	}
	j, err := journal.Create(path, journal.Header{Plan: "p", Reconciliation: "r", Store: "model.m", MadeAt: time.Now()}, changes)
	if err != nil {
		t.Fatal(err)
	}
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}

func jobOf(j *journal.Journal, m *model) apply.Job {
	return apply.Job{Journal: j, By: "ann", Steps: steps, Platform: m, Watch: nobody{}, Schema: schema, Writable: map[string]change.Writable{"qoh": {Late: m.late, Scale: -1}}}
}

// carry runs the journal once. Of a kill, which comes as a panic, it returns errKilled. Of what was not synced any part may be lost then:
// lost says how many bytes, of those that were written since the last call began.
func carry(t fataler, path string, m *model, lost func(most int64) int64, with func(*apply.Job)) (content *journal.Content, err error) {
	t.Helper()
	j, err := journal.OpenFile(path)
	if err != nil {
		t.Fatal(err)
	}
	synced := size(t, path)
	m.before = func() { synced = size(t, path) }
	defer func() {
		if err := j.Close(); err != nil {
			t.Fatal(err)
		}
		if p := recover(); p != nil {
			if e, ok := p.(error); !ok || !errors.Is(e, errKilled) {
				panic(p)
			}
			err = errKilled
			if now := size(t, path); now > synced {
				if err := os.Truncate(path, now-lost(now-synced)); err != nil {
					t.Fatal(err)
				}
			}
		}
		var readErr error
		if content, readErr = journal.ReadFile(path); readErr != nil {
			t.Fatal(readErr)
		}
	}()
	job := jobOf(j, m)
	if with != nil {
		with(&job)
	}
	return nil, apply.Run(context.Background(), job)
}

func size(t fataler, path string) int64 {
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	return info.Size()
}

func nothing(int64) int64 { return 0 }

// kinds says what became of the changes, each in a word.
func kinds(c *journal.Content) string {
	var said []string
	for _, ch := range c.Changes {
		if ch.State != journal.Told {
			said = append(said, "none")
			continue
		}
		said = append(said, ch.Outcome.Kind.String())
	}
	return strings.Join(said, " ")
}

func TestRun(t *testing.T) {
	m, changes := shop(2)
	path := newJournal(t, t.TempDir(), changes)
	c, err := carry(t, path, m, nothing, nil)
	if err != nil || kinds(c) != "applied applied applied applied" || m.calls != 2 {
		t.Fatalf("%v %s in %d calls", err, kinds(c), m.calls)
	}
	if len(c.Goes) != 1 || !c.Goes[0].Ended || c.Goes[0].By != "ann" {
		t.Errorf("%+v", c.Goes)
	}
	if c, err = carry(t, path, m, nothing, nil); err != nil || m.calls != 2 || len(c.Goes) != 2 {
		t.Errorf("a second time: %v, %d calls", err, m.calls)
	}
}

// TestOutcomes: each change has the outcome that its item calls for.
func TestOutcomes(t *testing.T) {
	for _, of := range []struct {
		name, want string
		with       func(*model, *apply.Job)
	}{
		{"a foreign write is a conflict", "conflict applied", func(m *model, _ *apply.Job) { m.items[0]["price"] = number(11) }},
		{"the desired value is there already", "unchanged applied", func(m *model, _ *apply.Job) { m.items[0]["price"] = number(12) }},
		{"the platform refuses", "rejected rejected", func(m *model, _ *apply.Job) { m.reject = map[string]bool{"A-0": true} }},
		{"the platform said before that it would refuse", "rejected applied", func(_ *model, j *apply.Job) {
			j.Estimated = &apply.Estimated{Refused: map[string]change.Outcome{"p-1": {Key: "p-1", Kind: change.Rejected, Reason: "no"}}}
		}},
		{"the platform does not say whether it was written", "applied applied", func(m *model, _ *apply.Job) { m.unsure = map[string]bool{"A-0": true} }},
		{"something speaks against it", "skipped applied", func(_ *model, j *apply.Job) {
			j.Objection = func(key string, fresh []catalog.Value) (string, error) {
				if key == "p-1" {
					return "it was accepted", nil
				}
				return "", nil
			}
		}},
		{"an order has come", "applied skipped", func(m *model, j *apply.Job) {
			m.items[0]["pending"] = number(1)
			j.FreshFor = func(step string) (*catalog.Schema, bool) { return schema, step == "quantities" }
			j.Objection = func(_ string, fresh []catalog.Value) (string, error) {
				if fresh != nil && fresh[schema.Index("pending")].Equal(number(1)) {
					return "an order has come", nil
				}
				return "", nil
			}
		}},
		{"the item has gone", "rejected skipped", func(m *model, j *apply.Job) {
			m.items = nil
			j.FreshFor = func(step string) (*catalog.Schema, bool) { return schema, step == "quantities" }
		}},
	} {
		t.Run(of.name, func(t *testing.T) {
			m, changes := shop(1)
			path := newJournal(t, t.TempDir(), changes)
			c, err := carry(t, path, m, nothing, func(j *apply.Job) { of.with(m, j) })
			if err != nil || kinds(c) != of.want {
				t.Errorf("%v: %s, and not %s", err, kinds(c), of.want)
			}
		})
	}
}

// TestSilent: a change of which the connector says nothing is looked at, and the call has failed.
func TestSilent(t *testing.T) {
	m, changes := shop(2)
	m.omits = true
	path := newJournal(t, t.TempDir(), changes)
	c, err := carry(t, path, m, nothing, nil)
	if err == nil || !strings.Contains(err.Error(), "1 of 2 changes") || kinds(c) != "applied applied none none" {
		t.Errorf("%v: %s", err, kinds(c))
	}
	if m.omits = false; true {
		if c, err = carry(t, path, m, nothing, nil); err != nil || kinds(c) != "applied applied applied applied" {
			t.Errorf("gone on: %v: %s", err, kinds(c))
		}
	}
}

// TestLate: what the platform does later is pending. Gone on with, it is waited for and never sent again as long as it may still come, and sent
// again if it has not come.
func TestLate(t *testing.T) {
	for _, of := range []struct {
		name           string
		after          time.Duration // until it comes, from the second run on; 0: never
		clockBack      time.Duration // how far the clock went back meanwhile
		wrote          int           // how often the quantity
		least, longest time.Duration // that the second run waits
	}{
		{"it is there", time.Nanosecond, 0, 1, 0, 0},
		{"it comes", 70 * time.Second, 0, 1, 70 * time.Second, 90 * time.Second},
		{"it is lost", 0, 0, 2, 100 * time.Second, 2 * time.Minute},
		{"it is lost, and the clock was put back", 0, 24 * time.Hour, 2, 2 * time.Minute, 2 * time.Minute},
		{"it comes, and the clock was put back", 70 * time.Second, 24 * time.Hour, 1, 70 * time.Second, 90 * time.Second},
	} {
		t.Run(of.name, func(t *testing.T) {
			m, changes := shop(1)
			m.late = true
			path := newJournal(t, t.TempDir(), changes)
			if c, err := carry(t, path, m, nothing, nil); err != nil || kinds(c) != "applied pending" {
				t.Fatalf("%v: %s", err, kinds(c))
			}
			hidden := m.hidden
			m.hidden, m.late = nil, false
			began := time.Now().Add(-of.clockBack)
			now, waits := began, 0
			pass := func(_ context.Context, long time.Duration) error {
				if now = now.Add(long); of.after > 0 && now.Sub(began) >= of.after {
					m.hidden = hidden
					m.show()
				}
				return nil
			}
			if of.after == time.Nanosecond {
				m.hidden = hidden
				m.show()
			}
			c, err := carry(t, path, m, nothing, func(j *apply.Job) {
				j.Writable["qoh"] = change.Writable{Late: true, Scale: -1}
				j.Now, j.Sleep, j.Waits = func() time.Time { return now }, pass, func(time.Time) { waits++ }
			})
			if waited := now.Sub(began); err != nil || kinds(c) != "applied applied" || m.wrote["p-2"] != of.wrote || waited < of.least || waited > of.longest || (waits > 0) != (waited > 0) {
				t.Errorf("%v: %s, written %d times, waited %s in %d pauses", err, kinds(c), m.wrote["p-2"], waited, waits)
			}
		})
	}
}

// TestLateAndStopped: whoever waits can stop, and what was sent stays pending.
func TestLateAndStopped(t *testing.T) {
	m, changes := shop(1)
	m.late = true
	path := newJournal(t, t.TempDir(), changes)
	if _, err := carry(t, path, m, nothing, nil); err != nil {
		t.Fatal(err)
	}
	c, err := carry(t, path, m, nothing, func(j *apply.Job) {
		j.Sleep = func(context.Context, time.Duration) error { return context.Canceled }
	})
	if !errors.Is(err, context.Canceled) || kinds(c) != "applied pending" {
		t.Errorf("%v: %s", err, kinds(c))
	}
}

// TestSettleOnly: nothing is sent.
func TestSettleOnly(t *testing.T) {
	m, changes := shop(2)
	m.killAt = 2
	path := newJournal(t, t.TempDir(), changes)
	if _, err := carry(t, path, m, nothing, nil); !errors.Is(err, errKilled) {
		t.Fatal(err)
	}
	calls := m.calls
	c, err := carry(t, path, m, nothing, func(j *apply.Job) { j.SettleOnly = true })
	if err != nil || kinds(c) != "applied failed none none" || m.calls != calls {
		t.Errorf("%v: %s in %d calls", err, kinds(c), m.calls-calls)
	}
}

// TestStops: a context that is done stops before the next change is sent, and going on finishes the work.
func TestStops(t *testing.T) {
	m, changes := shop(1)
	path := newJournal(t, t.TempDir(), changes)
	j, err := journal.OpenFile(path)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	m.before = cancel
	err = apply.Run(ctx, jobOf(j, m))
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	if !errors.Is(err, context.Canceled) || len(m.wrote) > 0 {
		t.Fatalf("%v, written: %v", err, m.wrote)
	}
	if c, err := carry(t, path, m, nothing, nil); err != nil || kinds(c) != "applied applied" {
		t.Errorf("gone on: %v: %s", err, kinds(c))
	}
}

// full is a file whose disk is full from some size on.
type full struct {
	*os.File
	most int64
}

var errFull = errors.New("no space left on device")

func (f full) WriteAt(p []byte, at int64) (int, error) {
	if room := f.most - at; int64(len(p)) > room {
		n, err := f.File.WriteAt(p[:max(room, 0)], at)
		return n, errors.Join(errFull, err)
	}
	return f.File.WriteAt(p, at)
}

// TestFullDisk: whatever the room that is left, nothing is sent that the journal does not know of, and with more room going on finishes.
func TestFullDisk(t *testing.T) {
	m, changes := shop(2)
	dir := t.TempDir()
	path := newJournal(t, dir, changes)
	least := size(t, path)
	if _, err := carry(t, path, m, nothing, nil); err != nil {
		t.Fatal(err)
	}
	most := size(t, path)
	for room := least; room < most; room += 7 {
		m, changes := shop(2)
		path := newJournal(t, dir, changes)
		f, err := os.OpenFile(path, os.O_WRONLY, 0)
		if err != nil {
			t.Fatal(err)
		}
		c, err := journal.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		j := journal.On(full{f, room}, c)
		err = apply.Run(context.Background(), jobOf(j, m))
		var failed *journal.WriteError
		fits := err == nil && room > most-300 // moments of the day are longer and shorter texts
		if !fits && (!errors.As(err, &failed) || !errors.Is(err, errFull)) {
			t.Fatalf("%d bytes of room: %v", room-least, err)
		}
		if err := j.Close(); err != nil {
			t.Fatal(err)
		}
		known, err := journal.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for key := range m.wrote {
			if known.Change(key).State == journal.Open {
				t.Fatalf("%d bytes of room: %s was sent, and the journal does not know of it", room-least, key)
			}
		}
		after, err := carry(t, path, m, nothing, nil)
		if err != nil || kinds(after) != "applied applied applied applied" {
			t.Fatalf("%d bytes of room, gone on: %v: %s", room-least, err, kinds(after))
		}
		for key, n := range m.wrote {
			if n != 1 {
				t.Fatalf("%d bytes of room: %s was written %d times", room-least, key, n)
			}
		}
	}
}

// TestKills: whatever happens at whatever moment, and whatever part of what was not synced is lost: once it goes on undisturbed, each change
// has one outcome, the store agrees with it, nothing was written twice, and what somebody else has written is as it was.
func TestKills(t *testing.T) {
	dir := t.TempDir()
	kills := 0
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 4).Draw(t, "items")
		m, changes := shop(n)
		foreign := map[string]bool{}
		for i, it := range m.items {
			switch sku := it["sku"].Str(); rapid.IntRange(0, 5).Draw(t, "before") {
			case 0:
				it["price"], foreign[fmt.Sprintf("p-%d", i+1)] = number(99), true
			case 1:
				it["price"] = number(12)
			case 2:
				m.reject = map[string]bool{sku: true}
			case 3:
				m.unsure = map[string]bool{sku: true}
			}
		}
		path := newJournal(t, dir, changes)
		for range rapid.IntRange(0, 4).Draw(t, "faults") {
			at := m.steps + rapid.IntRange(1, 8*n).Draw(t, "at")
			m.killAt, m.breaks, m.omits = 0, 0, false
			switch rapid.IntRange(0, 3).Draw(t, "fault") {
			case 0:
				m.breaks = at
			case 1:
				m.omits = true
			default:
				m.killAt = at
			}
			_, err := carry(t, path, m, func(most int64) int64 { return rapid.Int64Range(0, most).Draw(t, "lost") }, nil)
			if errors.Is(err, errKilled) {
				kills++
			}
		}
		m.killAt, m.breaks, m.omits = 0, 0, false
		c, err := carry(t, path, m, nothing, nil)
		if err != nil {
			t.Fatal(err)
		}
		for _, ch := range c.Changes {
			if ch.State != journal.Told || !journal.IsFinal(ch.Outcome.Kind) {
				t.Fatalf("%s has no outcome: %s", ch.Key, kinds(c))
			}
			if m.wrote[ch.Key] > 1 {
				t.Fatalf("%s was written %d times", ch.Key, m.wrote[ch.Key])
			}
			has := m.item(ch.Item)[ch.Field]
			if want := ch.Outcome.Kind.IsDone(); want != has.Equal(ch.Desired) {
				t.Fatalf("%s is %s, and the store has %s", ch.Key, ch.Outcome.Kind, has.Text())
			}
			if is := ch.Outcome.Kind == change.Conflict; is != (foreign[ch.Key] && !m.reject[ch.Item.SKU]) {
				t.Fatalf("%s is %s, and was written by somebody else: %t", ch.Key, ch.Outcome.Kind, foreign[ch.Key])
			}
			if foreign[ch.Key] && !has.Equal(number(99)) {
				t.Fatalf("%s: what somebody else wrote is gone", ch.Key)
			}
		}
	})
	if !t.Failed() && kills < 20 {
		t.Errorf("%d kills are too few to say anything", kills)
	}
}

func TestEstimate(t *testing.T) {
	m, changes := shop(2)
	m.reject = map[string]bool{"A-1": true}
	e, err := apply.Estimate(context.Background(), m, changes, steps, nobody{})
	if err != nil {
		t.Fatal(err)
	}
	if cost, refused := e.Cost, e.Refused; cost != (change.Cost{Requests: 4, Time: 2 * time.Second}) || len(refused) != 2 || refused["p-2"].Kind != change.Rejected || refused["p-4"].Reason != "no" {
		t.Errorf("%v %v", cost, refused)
	}
}
