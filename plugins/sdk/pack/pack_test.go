package pack_test

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/plugins/sdk/pack"
)

// lamp has a part of each kind.
type lamp struct {
	Name  string
	ID    int64
	Watts int
	Price *catalog.Decimal
	Units catalog.Decimal
	Shown *bool
	Sold  bool
	Bulbs []bulb
}

type bulb struct{ Socket string }

func (l *lamp) record(r *pack.Record) {
	pack.Length(r, &l.Bulbs)
	r.Text(&l.Name)
	r.Whole(&l.ID)
	r.Int(&l.Watts)
	r.Decimal(&l.Price)
	r.Amount(&l.Units)
	r.Flag(&l.Shown)
	r.Bool(&l.Sold)
	for i := range l.Bulbs {
		l.Bulbs[i].record(r)
	}
}

func (b *bulb) record(r *pack.Record) { r.Text(&b.Socket) }

func drawn(t *rapid.T) lamp {
	decimal := func(name string) catalog.Decimal {
		return catalog.NewDecimal(rapid.Int64().Draw(t, name), rapid.IntRange(0, 6).Draw(t, name+"'s digits"))
	}
	l := lamp{Name: rapid.String().Draw(t, "name"), ID: rapid.Int64().Draw(t, "id"), Watts: rapid.Int().Draw(t, "watts"),
		Units: decimal("units"), Sold: rapid.Bool().Draw(t, "sold")}
	if rapid.Bool().Draw(t, "priced") {
		price := decimal("price")
		l.Price = &price
	}
	if rapid.Bool().Draw(t, "said whether it is shown") {
		shown := rapid.Bool().Draw(t, "shown")
		l.Shown = &shown
	}
	for range rapid.IntRange(0, 3).Draw(t, "bulbs") {
		l.Bulbs = append(l.Bulbs, bulb{rapid.String().Draw(t, "socket")})
	}
	return l
}

// TestWhatIsWrittenIsRead writes records and reads them again; what is cut off or goes on is an error.
func TestWhatIsWrittenIsRead(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		l := drawn(t)
		record := pack.Write(&l, (*lamp).record)
		var again lamp
		if err := pack.Read(record, &again, (*lamp).record); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(l, again, cmp.Comparer(catalog.Decimal.Equal)); diff != "" {
			t.Error(diff)
		}
		if n, err := pack.FirstWhole(record); err != nil || n != int64(len(l.Bulbs)) {
			t.Errorf("%d bulbs, error %v, want %d", n, err, len(l.Bulbs))
		}
		cut := record[:rapid.IntRange(0, len(record)-1).Draw(t, "cut")]
		for name, damaged := range map[string][]byte{"cut off": cut, "goes on": append(record, 0)} {
			if err := pack.Read(damaged, &again, (*lamp).record); !errors.Is(err, pack.ErrDamaged) {
				t.Errorf("%s: error %v", name, err)
			}
		}
	})
}

// FuzzRead reads records that nobody wrote: none makes a panic, and what is read is what would be written.
func FuzzRead(f *testing.F) {
	f.Add(pack.Write(&lamp{Name: "Desk", Bulbs: []bulb{{"E27"}, {"E14"}}}, (*lamp).record))
	f.Add([]byte{0xfe, 0xff, 0xff, 0xff, 0x0f})
	f.Add([]byte{0, 0, 0, 0, 0, 1, '1', 3, 0})
	f.Fuzz(func(t *testing.T, record []byte) {
		var l, again lamp
		if err := pack.Read(record, &l, (*lamp).record); err != nil {
			return
		}
		if err := pack.Read(pack.Write(&l, (*lamp).record), &again, (*lamp).record); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(l, again, cmp.Comparer(catalog.Decimal.Equal)); diff != "" {
			t.Error(diff)
		}
	})
}

// TestEach reads lists: none is nil, and a length that the record cannot hold is damage.
func TestEach(t *testing.T) {
	type lamps struct{ all []lamp }
	form := func(l *lamps, r *pack.Record) { pack.Each(r, &l.all, (*lamp).record) }
	for _, of := range []lamps{{}, {all: []lamp{{Name: "A"}, {Name: "B"}}}} {
		var again lamps
		err := pack.Read(pack.Write(&of, form), &again, form)
		if diff := cmp.Diff(of.all, again.all, cmp.Comparer(catalog.Decimal.Equal)); diff != "" || err != nil {
			t.Errorf("error %v, %s", err, diff)
		}
	}
	var l lamps
	if err := pack.Read([]byte{0x7f}, &l, form); !errors.Is(err, pack.ErrDamaged) {
		t.Errorf("error %v", err)
	}
	if _, err := pack.FirstWhole(nil); !errors.Is(err, pack.ErrDamaged) {
		t.Errorf("error %v", err)
	}
}
