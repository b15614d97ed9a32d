package writing_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/reconcilehq/reconcile/plugins/sdk"
	"github.com/reconcilehq/reconcile/plugins/sdk/sdktest"
	"github.com/reconcilehq/reconcile/plugins/sdk/writing"
)

// trouble is an error of a request, with what is known of it, as a webapi.Failure tells.
type trouble struct{ mayBeDone, refused, late bool }

func (t *trouble) Error() string   { return "the platform is in trouble" }
func (t *trouble) MayBeDone() bool { return t.mayBeDone }
func (t *trouble) IsRefused() bool { return t.refused }
func (t *trouble) IsLate() bool    { return t.late }

// shelf is a platform in memory: values by SKU.
type shelf struct {
	held map[string]sdk.Value
	set  func(s *shelf, batch []sdk.Change) (map[string]string, error)
	sent [][]string // the SKUs of each batch
	look error
	late int // for how many looks it shows what was before

	shown map[string]sdk.Value
	clock sdktest.Clock
}

func price(text string) sdk.Value {
	v, err := sdk.ValueOf(sdk.Number, text)
	if err != nil {
		panic(err)
	}
	return v
}

func change(sku, expected, desired string) sdk.Change {
	return sdk.Change{Key: "to " + sku, Item: sdk.Ref{SKU: sku}, Field: "price", Expected: price(expected), Desired: price(desired)}
}

// take does what a batch says.
func (s *shelf) take(changes ...sdk.Change) {
	for _, c := range changes {
		s.held[c.Item.SKU], _ = writable["price"].Holds(c.Desired)
	}
}

var zero = sdk.Decimal{}

var writable = map[string]sdk.Writable{"price": {Scale: 2, Min: &zero, Nullable: true}}

// apply has changes made, so many at once, and returns the outcomes by SKU.
func (s *shelf) apply(ctx context.Context, atOnce int, patience time.Duration, changes ...sdk.Change) (map[string]sdk.Outcome, error) {
	p := writing.Platform{Writable: writable, AtOnce: atOnce, Patience: patience, Clock: &s.clock,
		Look: func(_ context.Context, changes []sdk.Change) (map[string]sdk.Value, error) {
			held := s.held
			if s.shown != nil && s.late > 0 {
				held = s.shown
				s.late--
			}
			now := map[string]sdk.Value{}
			for _, c := range changes {
				if v, there := held[c.Item.SKU]; there {
					now[c.Key] = v
				}
			}
			return now, s.look
		},
		Set: func(_ context.Context, b writing.Batch) (map[string]string, error) {
			var skus []string
			for _, c := range b.Changes {
				skus = append(skus, c.Item.SKU)
			}
			s.sent = append(s.sent, skus)
			s.shown = map[string]sdk.Value{}
			for sku, v := range s.held {
				s.shown[sku] = v
			}
			return s.set(s, b.Changes)
		}}
	got := map[string]sdk.Outcome{}
	err := sdk.ApplyAll(ctx, applier{p}, sdk.ApplyRequest{ReadRequest: sdk.NewReadRequest(nil, func(string) {}), Changes: changes}, func(o sdk.Outcome) error {
		got[strings.TrimPrefix(o.Key, "to ")] = o
		return nil
	})
	return got, err
}

// applier is a source that does nothing by itself.
type applier struct{ writing.Platform }

func (applier) Fetch(context.Context, sdk.FetchRequest, func(sdk.Item) error) error { return nil }
func (applier) Writable() map[string]sdk.Writable                                   { return writable }

func well(s *shelf, batch []sdk.Change) (map[string]string, error) {
	s.take(batch...)
	return nil, nil
}

func newShelf(set func(*shelf, []sdk.Change) (map[string]string, error)) *shelf {
	return &shelf{set: set, held: map[string]sdk.Value{"A": price("1"), "B": price("2"), "C": price(""), "D": price("4")}}
}

// TestApply says what is sent, and what becomes of changes, on platforms that answer in different ways.
func TestApply(t *testing.T) {
	batch := []sdk.Change{change("A", "1", "1.005"), change("B", "2", "2.5"), change("C", "", "3.5"), change("D", "4", "")}
	refuse := func(sku string) func(*shelf, []sdk.Change) (map[string]string, error) {
		return func(s *shelf, batch []sdk.Change) (map[string]string, error) {
			for _, c := range batch {
				if c.Item.SKU == sku {
					return nil, fmt.Errorf("PUT: %w", &trouble{refused: true})
				}
			}
			return well(s, batch)
		}
	}
	once := func(first error, done bool) func(*shelf, []sdk.Change) (map[string]string, error) {
		return func(s *shelf, batch []sdk.Change) (map[string]string, error) {
			if done || len(s.sent) > 1 {
				s.take(batch...)
			}
			if len(s.sent) > 1 {
				return nil, nil
			}
			return nil, first
		}
	}
	for name, c := range map[string]struct {
		set      func(*shelf, []sdk.Change) (map[string]string, error)
		change   func(*shelf)
		patience time.Duration
		sent     string
		want     string // the kinds of A to D
	}{
		"all is well":    {set: well, sent: "[[A B C] [D]]", want: "applied applied applied applied"},
		"one is refused": {set: refuse("C"), sent: "[[A B C] [A] [B C] [B] [C] [D]]", want: "applied applied rejected applied"},
		"it is taken partly": {set: func(s *shelf, batch []sdk.Change) (map[string]string, error) {
			s.take(batch[0])
			if len(batch) == 1 {
				return nil, nil
			}
			return map[string]string{"to B": "B is sold", "to C": "C is sold"}, nil
		}, sent: "[[A B C] [D]]", want: "applied rejected rejected applied"},
		"the answer is lost":              {set: once(&trouble{mayBeDone: true}, true), sent: "[[A B C] [D]]", want: "applied applied applied applied"},
		"the request is lost, or not":     {set: once(&trouble{mayBeDone: true}, false), sent: "[[A B C] [D]]", want: "unknown unknown unknown applied"},
		"nothing was sent":                {set: once(errors.New("no network"), false), sent: "[[A B C]]", want: "failed failed failed failed"},
		"it was held back once":           {set: once(&trouble{late: true}, false), sent: "[[A B C] [A B C] [D]]", want: "applied applied applied applied"},
		"it is always held back":          {set: func(*shelf, []sdk.Change) (map[string]string, error) { return nil, &trouble{late: true} }, sent: "[[A B C] [A B C] [A B C] [A B C] [D] [D] [D] [D]]", want: "failed failed failed failed"},
		"another app was there":           {set: well, change: func(s *shelf) { s.held["B"] = price("7") }, sent: "[[A C] [D]]", want: "applied conflict applied applied"},
		"an item is gone":                 {set: well, change: func(s *shelf) { delete(s.held, "A") }, sent: "[[B C] [D]]", want: "rejected applied applied applied"},
		"it is there already":             {set: well, change: func(s *shelf) { s.held["A"], s.held["D"] = price("1.01"), price("") }, sent: "[[B C]]", want: "unchanged applied applied unchanged"},
		"it cannot be read":               {set: well, change: func(s *shelf) { s.look = errors.New("it is down") }, sent: "[]", want: "failed failed failed failed"},
		"it shows late":                   {set: well, change: func(s *shelf) { s.late = 3 }, patience: time.Minute, sent: "[[A B C] [D]]", want: "applied applied applied applied"},
		"it shows late, and nobody waits": {set: well, change: func(s *shelf) { s.late = 1 }, sent: "[[A B C] [D]]", want: "pending pending pending applied"},
		"it never shows":                  {set: well, change: func(s *shelf) { s.late = 1000 }, patience: time.Minute, sent: "[[A B C] [D]]", want: "pending pending pending pending"},
		"it cannot be read afterwards": {set: func(s *shelf, batch []sdk.Change) (map[string]string, error) {
			s.look = errors.New("it is down")
			return well(s, batch)
		}, sent: "[[A B C]]", want: "unknown unknown unknown failed"},
		"it takes another value": {set: func(s *shelf, batch []sdk.Change) (map[string]string, error) {
			for _, c := range batch {
				s.held[c.Item.SKU] = price("99")
			}
			return nil, nil
		}, sent: "[[A B C] [D]]", want: "unknown unknown unknown unknown"},
	} {
		t.Run(name, func(t *testing.T) {
			s := newShelf(c.set)
			if c.change != nil {
				c.change(s)
			}
			got, err := s.apply(t.Context(), 3, c.patience, batch...)
			if err != nil {
				t.Fatal(err)
			}
			var kinds []string
			for _, sku := range []string{"A", "B", "C", "D"} {
				kinds = append(kinds, got[sku].Kind.String())
			}
			if is := strings.Join(kinds, " "); is != c.want {
				t.Errorf("they are %s, want %s: %+v", is, c.want, got)
			}
			if sent := fmt.Sprint(s.sent); sent != c.sent {
				t.Errorf("it sends %s, want %s", sent, c.sent)
			}
		})
	}
}

// TestStopped says that what was sent is looked at although the work is stopped, and that the rest is not sent.
func TestStopped(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	s := newShelf(func(s *shelf, batch []sdk.Change) (map[string]string, error) {
		stop()
		return well(s, batch)
	})
	got, err := s.apply(ctx, 1, time.Minute, change("A", "1", "1.5"), change("B", "2", "2.5"))
	if err != nil || got["A"].Kind != sdk.Applied || got["B"].Kind != sdk.Failed || len(s.sent) != 1 {
		t.Errorf("%+v, %v, sent %v", got, err, s.sent)
	}
}

// TestTwice: two changes of one field of one item are never in one batch.
func TestTwice(t *testing.T) {
	s := newShelf(well)
	second := change("A", "1.5", "1.7")
	second.Key = "to A again"
	got, err := s.apply(t.Context(), 10, 0, change("A", "1", "1.5"), second)
	if err != nil || got["A"].Kind != sdk.Applied || got["A again"].Kind != sdk.Applied || fmt.Sprint(s.sent) != "[[A] [A]]" {
		t.Errorf("%+v, %v, sent %v", got, err, s.sent)
	}
}

// TestTold holds what is told of changes against what a platform holds that does, and answers, what it likes.
func TestTold(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		done := map[string]bool{} // by SKU: the platform holds the desired value
		s := newShelf(func(s *shelf, batch []sdk.Change) (map[string]string, error) {
			for _, c := range batch {
				if done[c.Item.SKU] {
					t.Fatalf("%s is sent though it is done: %v", c.Item.SKU, s.sent)
				}
			}
			answer := rapid.SampledFrom([]error{nil, &trouble{mayBeDone: true}, &trouble{refused: true}, &trouble{late: true}, errors.New("not sent")}).Draw(t, "answer")
			known, _ := answer.(*trouble)
			if answer != nil && (known == nil || !known.mayBeDone) {
				return nil, answer
			}
			refused := map[string]string{}
			for _, c := range batch {
				switch rapid.SampledFrom([]string{"does", "refuses", "does not"}).Draw(t, c.Item.SKU) {
				case "does":
					s.take(c)
					done[c.Item.SKU] = true
				case "refuses":
					refused[c.Key] = "no"
				}
			}
			return refused, answer
		})
		var changes []sdk.Change
		for i, held := range []string{"1", "2", "", "4"} {
			sku := string(rune('A' + i))
			changes = append(changes, change(sku, rapid.SampledFrom([]string{held, held, "8"}).Draw(t, "expected of "+sku), "5.005"))
		}
		before := map[string]sdk.Value{}
		for sku, v := range s.held {
			before[sku] = v
		}
		got, err := s.apply(context.Background(), rapid.IntRange(1, 5).Draw(t, "at once"), 0, changes...)
		if err != nil {
			t.Fatal(err)
		}
		for sku, o := range got {
			wrote := !s.held[sku].Equal(before[sku])
			switch o.Kind {
			case sdk.Applied:
				if !wrote {
					t.Fatalf("%s is applied, and was not written", sku)
				}
			case sdk.Unknown, sdk.Pending:
			default:
				if wrote {
					t.Fatalf("%s is %s, and was written", sku, o.Kind)
				}
			}
		}
	})
}

// TestOf: each endpoint gets its part of the changes, and the request stays as it is.
func TestOf(t *testing.T) {
	name := change("A", "1", "2")
	name.Field = "name"
	req := sdk.ApplyRequest{Changes: []sdk.Change{change("A", "1", "2"), name, change("B", "1", "2")}}
	if of, rest := req.Of("price"), req.Of("name", "qoh"); len(of.Changes) != 2 || len(rest.Changes) != 1 || rest.Changes[0].Field != "name" || len(req.Changes) != 3 {
		t.Errorf("%v, %v of %v", of.Changes, rest.Changes, req.Changes)
	}
}
