package webapi

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/plugins/sdk"
)

// Entry is an object of an answer, such as a product, whose members are taken by their names:
//
//	for _, v := range product.Each("variants") {
//		item := sdk.Item{"sku": v.Text("code"), "price": v.Number("price", "amount"), "qoh": v.Sum("stock", "units")}
//
// Several names lead into objects within it. What is null is not known. What is absent, or of another kind, is an error, and so is null where a
// list or an object is to be: an answer that lacks a list does not say that the list is empty. The methods return nothing then, and Err says
// what was wrong first, there or in an object within it. Paged.Each asks for Err by itself; who reads an Entry elsewhere asks for it.
//
// It is for one goroutine.
type Entry struct {
	members map[string]any
	where   string // in the entry of the list: `"variants" 2: `
	first   *error // that was met, in it and in those within it
}

// UnmarshalJSON reads an object.
func (e *Entry) UnmarshalJSON(data []byte) error {
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	*e = Entry{first: new(error)}
	if err := d.Decode(&e.members); err != nil {
		return err
	}
	if e.members == nil {
		return errors.New("null, where an object is expected")
	}
	return nil
}

// Err returns what was wrong first with the entry, of all that was asked for so far; nil if nothing was.
func (e *Entry) Err() error {
	if e == nil {
		return errors.New("it is null, where an object is expected")
	}
	return *e.first
}

func (e *Entry) fail(format string, args ...any) {
	if *e.first == nil {
		*e.first = fmt.Errorf("%s%w", e.where, fmt.Errorf(format, args...))
	}
}

// at returns what stands at a place: nil where it is null, or an object above it is. It reports false where nothing does.
func (e *Entry) at(path []string) (value any, ok bool) {
	value = e.members
	for n, name := range path {
		object, is := value.(map[string]any)
		switch {
		case value == nil:
			return nil, true
		case !is:
			e.fail("%s is %s, where an object is expected", named(path[:n]), kindOf(value))
			return nil, false
		}
		if value, ok = object[name]; !ok {
			e.fail("it has no %s", named(path[:n+1]))
			return nil, false
		}
	}
	return value, true
}

// Given says what stands at a place: nothing (Absent), null (Null), "" (Empty), or something else (Present). Where an object above the place is
// null, it is Null. It is for what an entry may lack, and for a place where null and "" mean different things. Of a variant whose price is null
// where it is the product's:
//
//	price := v.Number("price")
//	if v.Given("price") == webapi.Null {
//		price = product.Number("price")
//	}
//
// Number alone does not tell: it is nil for "" as well, which does not say that the product's price holds.
func (e *Entry) Given(path ...string) Given {
	var value any = e.members
	for n, name := range path {
		object, is := value.(map[string]any)
		switch {
		case value == nil:
			return Null
		case !is:
			e.fail("%s is %s, where an object is expected", named(path[:n]), kindOf(value))
			return Absent
		}
		if value, is = object[name]; !is {
			return Absent
		}
	}
	switch value {
	case nil:
		return Null
	case "":
		return Empty
	}
	return Present
}

// Has reports whether something stands at a place that is not null. It is for what an entry may lack. Given tells null from what is absent.
func (e *Entry) Has(path ...string) bool {
	var value any = e.members
	for _, name := range path {
		object, _ := value.(map[string]any)
		value = object[name]
	}
	return value != nil
}

// Text returns a text, or the digits of a whole number: identifiers come as either. It is "" for null.
func (e *Entry) Text(path ...string) string {
	value, ok := e.at(path)
	if !ok || value == nil {
		return ""
	}
	text, ok := textOf(value)
	if !ok {
		e.fail("%s is %s, where a text is expected", named(path), kindOf(value))
	}
	return text
}

// Number returns a number, or one that stands in a text, with all its digits. It is nil for null and for "", which Given tells apart.
func (e *Entry) Number(path ...string) *sdk.Decimal {
	value, ok := e.at(path)
	if !ok || value == nil || value == "" {
		return nil
	}
	var text string
	switch v := value.(type) {
	case json.Number:
		text = v.String()
	case string:
		text = v
	default:
		e.fail("%s is %s, where a number is expected", named(path), kindOf(value))
		return nil
	}
	d, err := sdk.ParseDecimal(text)
	if err != nil {
		e.fail("%s: %q is %w", named(path), short(text), err)
		return nil
	}
	return &d
}

// Bool returns true or false, or nil for null.
func (e *Entry) Bool(path ...string) *bool {
	value, ok := e.at(path)
	if !ok || value == nil {
		return nil
	}
	is, ok := value.(bool)
	if !ok {
		e.fail("%s is %s, where true or false is expected", named(path), kindOf(value))
		return nil
	}
	return &is
}

// Each returns the objects of a list.
func (e *Entry) Each(path ...string) []*Entry {
	list := e.list(path)
	within := make([]*Entry, 0, len(list))
	for i, value := range list {
		object, ok := value.(map[string]any)
		if !ok {
			e.fail("%s %d is %s, where an object is expected", named(path), i+1, kindOf(value))
			return nil
		}
		within = append(within, &Entry{object, fmt.Sprintf("%s%s %d: ", e.where, named(path), i+1), e.first})
	}
	return within
}

// Texts returns the texts of a list.
func (e *Entry) Texts(path ...string) []string {
	list := e.list(path)
	texts := make([]string, len(list))
	for i, value := range list {
		text, ok := textOf(value)
		if !ok {
			e.fail("%s %d is %s, where a text is expected", named(path), i+1, kindOf(value))
		}
		texts[i] = text
	}
	return texts
}

// Map returns the texts of an object by their names. Those that are null are left out.
func (e *Entry) Map(path ...string) map[string]string {
	value, ok := e.at(path)
	if !ok {
		return nil
	}
	object, ok := value.(map[string]any)
	if !ok {
		e.fail("%s is %s, where an object is expected", named(path), kindOf(value))
		return nil
	}
	texts := make(map[string]string, len(object))
	for name, value := range object {
		text, ok := textOf(value)
		switch {
		case value == nil:
		case !ok:
			e.fail("%s is %s, where a text is expected", named(append(path[:len(path):len(path)], name)), kindOf(value))
		default:
			texts[name] = text
		}
	}
	return texts
}

// Options returns the options of a list whose objects have the name of an option and its value in these members. One whose value is null is
// left out. A list without any is that of a product that has no options.
func (e *Entry) Options(list, name, value string) map[string]string {
	options, seen := map[string]string{}, map[string]bool{}
	for _, o := range e.Each(list) {
		key, text := o.Text(name), o.Text(value)
		same := catalog.NormalText(key)
		switch {
		case key == "":
			o.fail("%q is empty, where an option's name is expected", name)
		case seen[same]:
			o.fail("the option %q is there twice", short(key))
		case o.Has(value):
			options[key], seen[same] = text, true
		}
	}
	return options
}

// Sum adds up a number of each object of a list, such as the stock at each location. It is nil, which is not known, where one of the numbers is
// null, and where the list is empty: a sum of the others would be too small.
func (e *Entry) Sum(list string, number ...string) *sdk.Decimal {
	var sum *sdk.Decimal
	unknown := false
	for _, part := range e.Each(list) {
		n := part.Number(number...)
		switch {
		case n == nil:
			unknown = true
		case sum == nil:
			sum = n
		default:
			both := sum.Add(*n)
			sum = &both
		}
	}
	if unknown {
		return nil
	}
	return sum
}

func (e *Entry) list(path []string) []any {
	value, ok := e.at(path)
	if !ok {
		return nil
	}
	list, ok := value.([]any)
	if !ok {
		e.fail("%s is %s, where a list is expected", named(path), kindOf(value))
	}
	return list
}

// Key returns a function for List.Key that takes a member of an Entry, such as its id.
func Key(path ...string) func(*Entry) string {
	return func(e *Entry) string {
		if e == nil {
			return "" // Paged.Each says so
		}
		key := e.Text(path...)
		if key == "" {
			e.fail("%s is empty, where something that identifies the entry is expected", named(path))
		}
		return key
	}
}

// wellRead returns an error if something was wrong with one of some items that are Entries.
func wellRead[T any](what string, items []T, key func(T) string) error {
	for _, item := range items {
		e, is := any(item).(*Entry)
		if !is {
			return nil
		}
		if err := e.Err(); err != nil {
			if e == nil || e.where != "" { // it says which entry it is
				return fmt.Errorf("%s: %w", what, err)
			}
			return fmt.Errorf("%s: entry %q: %w", what, short(key(item)), err)
		}
	}
	return nil
}

// named writes a place for people: "price.amount".
func named(path []string) string { return `"` + strings.Join(path, ".") + `"` }

func textOf(value any) (text string, ok bool) {
	switch v := value.(type) {
	case string:
		return v, true
	case json.Number:
		return v.String(), strings.Trim(v.String(), "-0123456789") == ""
	}
	return "", false
}

// kindOf says what a value is, for messages.
func kindOf(value any) string {
	switch v := value.(type) {
	case nil:
		return "null"
	case []any:
		return "an array"
	case map[string]any:
		return "an object"
	case bool:
		return fmt.Sprint(v)
	case json.Number:
		return "the number " + short(v.String())
	}
	return "a text"
}

// short returns the beginning of a text that may be long.
func short(text string) string {
	const most = 80
	for i := range text {
		if i > most {
			return text[:i] + "…"
		}
	}
	return text
}
