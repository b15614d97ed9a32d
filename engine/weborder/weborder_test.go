package weborder_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/engine/weborder"
)

func TestAddNumbers(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"an empty file", "", "7\n8\n"},
		{"one a line", "# mine\n5\n7\n", "# mine\n5\n7\n8\n"},
		{"no line end at the end", "5", "5\n7\n8\n"},
		{"lines of Windows", "\ufeff5\r\n", "\ufeff5\r\n7\r\n8\r\n"},
		{"a column among others", "date;ID;note\n2026-01-01;5;x\n", "date;ID;note\n2026-01-01;5;x\n;7;\n;8;\n"},
		{"the last column", "note,id\nx,7\n", "note,id\nx,7\n,8\n"},
		{"nothing new", "8\n7", "8\n7"},
	} {
		got, _, err := weborder.AddNumbers([]byte(c.text), []string{"7", "8", "7"})
		if err != nil || string(got) != c.want {
			t.Errorf("%s: got %q, %v, want %q", c.name, got, err, c.want)
		}
		if again, more, err := weborder.AddNumbers(got, []string{"7", "8"}); err != nil || string(again) != string(got) || len(more) > 0 {
			t.Errorf("%s: a second time makes %q of %q, with %v, %v", c.name, again, got, more, err)
		}
	}
	for text, want := range map[string]string{"5\n\"6\n": "", "date,id\n2026\n": "line 2 has no column id"} {
		if _, _, err := weborder.AddNumbers([]byte(text), []string{"7"}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
	}
	if _, _, err := weborder.AddNumbers(nil, []string{"7\n8"}); err == nil {
		t.Error("a number with a line end in it was added")
	}
}

// TestAddNumbersKeeps says, for any file that can be read, that all it had is still there, and that all numbers are found in it afterwards.
func TestAddNumbersKeeps(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := strings.Join(rapid.SliceOf(rapid.SampledFrom([]string{"1", "id", "a,id,b", "x;id", "#", "\"", ",", ";", "\t", "\n", "\r\n", "2", "10", " ", "\ufeff"})).Draw(t, "text"), "")
		ids := rapid.SliceOfN(rapid.StringMatching(`[1-9][0-9]{0,3}`), 1, 5).Draw(t, "ids")
		with, _, err := weborder.AddNumbers([]byte(text), ids)
		if err != nil {
			return // it is refused, and nothing is written
		}
		if !strings.HasPrefix(string(with), text) {
			t.Fatalf("%q became %q", text, with)
		}
		var found []string
		if err := weborder.ReadNumbers(with, func(_ int, number string) error {
			found = append(found, number)
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		for _, id := range ids {
			if !slices.Contains(found, id) {
				t.Fatalf("%s is not in %q", id, with)
			}
		}
	})
}

func TestCheck(t *testing.T) {
	good := weborder.Order{ID: "1001", PlacedAt: time.Now(), Currency: "CAD"}
	for _, c := range []struct {
		change func(*weborder.Order)
		want   string
	}{
		{func(*weborder.Order) {}, ""},
		{func(o *weborder.Order) { o.ID = "" }, "no number"},
		{func(o *weborder.Order) { o.ID = "#1" }, "cannot be the number"},
		{func(o *weborder.Order) { o.ID = "1;2" }, "cannot be the number"},
		{func(o *weborder.Order) { o.ID = strings.Repeat("1", 101) }, "more than 100 bytes"},
		{func(o *weborder.Order) { o.PlacedAt = time.Time{} }, "no date"},
		{func(o *weborder.Order) { o.Currency = "$" }, "no code of ISO 4217"},
		{func(o *weborder.Order) { o.Lines = []weborder.Line{{Quantity: catalog.Int(-1)}} }, "less than nothing"},
	} {
		o := good
		c.change(&o)
		if err := o.Check(); (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%+v: %v, want %q", o, err, c.want)
		}
	}
}

// TestOnly says that nothing of people stays that is not wished for, and that the order itself is not changed.
func TestOnly(t *testing.T) {
	o := weborder.Order{ID: "1", Customer: weborder.Customer{Name: "Anna"}, CustomerNote: "Please", Lines: []weborder.Line{{SKU: "A", Address: weborder.Address{City: "Laval"}}}}
	for i := range 8 {
		w := weborder.Wish{Customer: i&1 != 0, Address: i&2 != 0, CustomerNote: i&4 != 0}
		text := fmt.Sprintf("%+v", o.Only(w))
		for part, wished := range map[string]bool{"Anna": w.Customer, "Laval": w.Address, "Please": w.CustomerNote} {
			if strings.Contains(text, part) != wished {
				t.Errorf("%+v: %s", w, text)
			}
		}
	}
	if o.Lines[0].Address.City == "" {
		t.Error("the order itself was changed")
	}
}
