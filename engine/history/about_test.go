package history

import (
	"encoding/json"
	"reflect"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/engine/report"
)

// notKept are what a file has elsewhere, or not at all, of a result: its items and functions, what is said of how they are shown, and the shop,
// which whoever keeps the files knows.
var notKept = map[string]bool{"Shop": true, "Items": true, "Whole": true, "Brief": true, "Chosen": true, "WhyUnknown": true, "OnClose": true, "Near": true, "warningsLeftOut": true, "pages": true, "pagesOf": true}

// TestAbout gives every field of a result a value and reads it back: what is new in a result has to be kept, or to be named above.
func TestAbout(t *testing.T) {
	want := &report.Result{}
	v := reflect.ValueOf(want).Elem()
	for i := range v.NumField() {
		if !notKept[v.Type().Field(i).Name] {
			fill(t, v.Field(i))
		}
	}
	text, err := json.Marshal(aboutOf(want, [2]*catalog.Schema{}))
	if err != nil {
		t.Fatal(err)
	}
	var a about
	if err := json.Unmarshal(text, &a); err != nil {
		t.Fatal(err)
	}
	got, _, err := a.result()
	if err != nil {
		t.Fatal(err)
	}
	samePage := cmp.Comparer(func(a, b *catalog.ItemPage) bool { return a == b || a != nil && b != nil && a.String() == b.String() })
	if diff := cmp.Diff(want, got, samePage, cmpopts.IgnoreUnexported(report.Result{}), cmp.FilterPath(func(p cmp.Path) bool {
		field, is := p.Last().(cmp.StructField)
		return is && len(p) < 4 && notKept[field.Name()]
	}, cmp.Ignore())); diff != "" {
		t.Errorf("(-result +kept):\n%s", diff)
	}
}

// fill gives a value that is not the zero one.
func fill(t *testing.T, v reflect.Value) {
	t.Helper()
	switch {
	case v.Type() == reflect.TypeFor[time.Time]():
		v.Set(reflect.ValueOf(time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC)))
		return
	case v.Type() == reflect.TypeFor[*catalog.ItemPage]():
		page, err := catalog.ParseItemPage("https://shop.example/{sku}")
		if err != nil {
			t.Fatal(err)
		}
		v.Set(reflect.ValueOf(page))
		return
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString("CAD")
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int, reflect.Int64:
		v.SetInt(7)
	case reflect.Uint8:
		v.SetUint(1)
		if v.Type().Name() == "Cell" {
			v.SetUint('N')
		}
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(t, v.Elem())
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		fill(t, v.Index(0))
	case reflect.Array:
		for i := range v.Len() {
			fill(t, v.Index(i))
		}
	case reflect.Map:
		key, value := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
		fill(t, key)
		fill(t, value)
		v.Set(reflect.MakeMap(v.Type()))
		v.SetMapIndex(key, value)
	case reflect.Struct:
		for i := range v.NumField() {
			fill(t, v.Field(i))
		}
	default:
		t.Fatalf("there is no value for a %s", v.Type())
	}
}
