// Package strict reads JSON exactly as it is described: what a plan, a journal, a manifest or a request says is to mean one thing to all
// who read it. encoding/json takes TRY for try, and of two values of one name the last; other readers take the first, or neither.
package strict

import (
	"bytes"
	"encoding"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strings"
	"sync"
)

// ErrMore says that behind the value there is something else.
var ErrMore = errors.New("there is more behind its end")

// A NameError is a name of an object that is not what is described.
type NameError struct {
	Name  string
	Twice bool // it is there twice; else it is not known, at least not in these letters
}

func (e *NameError) Error() string {
	if e.Twice {
		return fmt.Sprintf("the field %q is there twice", e.Name)
	}
	return fmt.Sprintf("unknown field %q", e.Name)
}

// Decode reads text, one value of JSON and nothing else, into what v points to. A name that v's type does not have, in the same
// letters, is an error, and one that an object has twice, also within what a map, an interface or a type with an UnmarshalJSON of its
// own takes: a *NameError. Other errors are those of encoding/json, and ErrMore.
func Decode(text []byte, v any) error {
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	err := d.Decode(v)
	if name, ok := unknown(err); ok {
		return &NameError{Name: name}
	}
	if err != nil {
		return err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return ErrMore
	}
	return check(json.NewDecoder(bytes.NewReader(text)), reflect.TypeOf(v))
}

// Once goes through text, one value of JSON, and returns a *NameError for a name that an object has twice. Which names there may be is
// not its business: it is for what others have written.
func Once(text []byte) error { return check(json.NewDecoder(bytes.NewReader(text)), nil) }

// unknown returns the name that encoding/json does not know. It has no type of error for that.
func unknown(err error) (name string, ok bool) {
	if err == nil {
		return "", false
	}
	name, ok = strings.CutPrefix(err.Error(), "json: unknown field ")
	return strings.Trim(name, `"`), ok
}

// check goes through a value that was read into the type of; nil is a type whose names nobody describes.
func check(d *json.Decoder, of reflect.Type) error {
	t, err := d.Token()
	delim, ok := t.(json.Delim)
	if err != nil || !ok {
		return err
	}
	of = plain(of)
	seen := map[string]bool{}
	for d.More() {
		inner := element(of)
		if delim == '{' {
			t, err := d.Token()
			if err != nil {
				return err
			}
			name := t.(string) // the value was read once already
			if seen[name] {
				return &NameError{Name: name, Twice: true}
			}
			seen[name] = true
			if of != nil && of.Kind() == reflect.Struct {
				if inner, ok = fields(of)[name]; !ok {
					return &NameError{Name: name}
				}
			}
		}
		if err := check(d, inner); err != nil {
			return err
		}
	}
	_, err = d.Token()
	return err
}

var (
	reader     = reflect.TypeFor[json.Unmarshaler]()
	textReader = reflect.TypeFor[encoding.TextUnmarshaler]()
)

// plain returns the type that a value is read into, behind pointers; nil if nobody but itself knows its names.
func plain(t reflect.Type) reflect.Type {
	for t != nil {
		if p := reflect.PointerTo(t); p.Implements(reader) || p.Implements(textReader) {
			return nil
		}
		if t.Kind() != reflect.Pointer {
			return t
		}
		t = t.Elem()
	}
	return nil
}

// element returns the type of what a list or a map holds; nil for all else.
func element(t reflect.Type) reflect.Type {
	if t == nil {
		return nil
	}
	switch t.Kind() {
	case reflect.Slice, reflect.Array, reflect.Map:
		return t.Elem()
	}
	return nil
}

var known sync.Map // of a struct: its fields by the names that they have in JSON

func fields(of reflect.Type) map[string]reflect.Type {
	if f, ok := known.Load(of); ok {
		return f.(map[string]reflect.Type)
	}
	found := map[string]reflect.Type{}
	depth := map[string]int{}
	for _, f := range reflect.VisibleFields(of) {
		tag, tagged := f.Tag.Lookup("json")
		name, _, _ := strings.Cut(tag, ",")
		if tag == "-" || f.Anonymous && name == "" || !f.IsExported() {
			continue
		}
		if !tagged || name == "" {
			name = f.Name
		}
		if at, ok := depth[name]; !ok || len(f.Index) < at { // one that lies less deep hides the other
			found[name], depth[name] = f.Type, len(f.Index)
		}
	}
	known.Store(of, found)
	return found
}
