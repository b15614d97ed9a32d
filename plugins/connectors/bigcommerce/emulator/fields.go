package emulator

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/reconcilehq/reconcile/engine/catalog"
)

// CatalogFields lists the fields of a catalogue's file for people: a line for each kind of thing in it.
func CatalogFields() string {
	var b strings.Builder
	kind := func(name string, of any) {
		fmt.Fprintf(&b, "  %-10s %s\n", name, strings.Join(fieldsOf(reflect.TypeOf(of)), ", "))
	}
	kind("the file", Catalog{})
	kind("store", Store{})
	kind("location", Location{})
	kind("brand", Brand{})
	kind("product", Product{})
	kind("variant", Variant{})
	kind("order", Order{})
	kind("line", Line{})
	return b.String()
}

// fieldsOf returns the names that a struct's fields have in JSON.
func fieldsOf(t reflect.Type) (names []string) {
	for i := range t.NumField() {
		if name, _, _ := strings.Cut(t.Field(i).Tag.Get("json"), ","); name != "" && name != "-" {
			names = append(names, name)
		}
	}
	return names
}

// strange returns an error for the first field in a JSON text that its type does not have, with the place and the known ones.
// What is no such JSON is left to who reads it.
func strange(text []byte, t reflect.Type, place string) error {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if reflect.PointerTo(t).Implements(reflect.TypeFor[json.Unmarshaler]()) {
		return nil // it says itself what is wrong
	}
	switch t.Kind() {
	case reflect.Slice:
		var list []json.RawMessage
		_ = json.Unmarshal(text, &list) // what is no list has no entries here
		for i, entry := range list {
			if err := strange(entry, t.Elem(), fmt.Sprintf("%s[%d]", place, i)); err != nil {
				return err
			}
		}
	case reflect.Struct:
		var object map[string]json.RawMessage
		_ = json.Unmarshal(text, &object) // what is no object has no fields here
		known := fieldsOf(t)
		for i := range t.NumField() {
			f := t.Field(i)
			for name, value := range object {
				if tag, _, _ := strings.Cut(f.Tag.Get("json"), ","); tag != "" && strings.EqualFold(tag, name) {
					if err := strange(value, f.Type, strings.TrimPrefix(place+"."+name, ".")); err != nil {
						return err
					}
				}
			}
		}
		for name := range object {
			if !slices.ContainsFunc(known, func(k string) bool { return strings.EqualFold(k, name) }) {
				return unknownField(place, name, known)
			}
		}
	}
	return nil
}

func unknownField(place, name string, known []string) error {
	if place != "" {
		place += ": "
	}
	return fmt.Errorf("%sunknown field %q.%s The fields are: %s", place, name, catalog.DidYouMean(name, known), strings.Join(known, ", "))
}
