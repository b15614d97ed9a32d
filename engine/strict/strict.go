// Package strict reads JSON exactly as it is described: what a plan, a journal, a manifest or a request says is to mean one thing to all
// who read it. encoding/json takes TRY for try, and of two values of one name the last; other readers take the first, or neither.
package strict

import (
	"bytes"
	"encoding"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"sync"
	"unicode/utf8"
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
	if len(bytes.TrimLeft(text[d.InputOffset():], spaces)) > 0 {
		return ErrMore
	}
	return (&walk{text: text}).value(reflect.TypeOf(v))
}

// Once goes through text, one value of JSON that was read already, and returns a *NameError for a name that an object has twice. Which
// names there may be is not its business: it is for what others have written. It says nothing about a text that is not JSON.
func Once(text []byte) error { return (&walk{text: text}).value(nil) }

// unknown returns the name that encoding/json does not know. It has no type of error for that.
func unknown(err error) (name string, ok bool) {
	if err == nil {
		return "", false
	}
	name, ok = strings.CutPrefix(err.Error(), "json: unknown field ")
	return strings.Trim(name, `"`), ok
}

const spaces = " \t\r\n"

// walk goes through a text of JSON that was read already, so that it is well-formed: it takes a fifth of what reading it once more would.
type walk struct {
	text []byte
	at   int
}

// next returns the next character that is none of those that may stand around values; 0 at the end.
func (w *walk) next() byte {
	for ; w.at < len(w.text); w.at++ {
		if c := w.text[w.at]; c != ' ' && c != '\t' && c != '\r' && c != '\n' {
			return c
		}
	}
	return 0
}

// value goes through a value that was read into the type of; nil is a type whose names nobody describes.
func (w *walk) value(of reflect.Type) error {
	switch w.next() {
	case '{':
		return w.object(plain(of))
	case '[':
		return w.list(element(plain(of)))
	case '"':
		_, _ = w.string()
		return nil
	}
	for w.at < len(w.text) && bytes.IndexByte([]byte(",:]}"+spaces), w.text[w.at]) < 0 { // a number, true, false or null
		w.at++
	}
	return nil
}

func (w *walk) list(of reflect.Type) error {
	w.at++
	for c := w.next(); c != ']' && c != 0; c = w.next() {
		if c == ',' {
			w.at++
		} else if err := w.value(of); err != nil || w.stuck(c) {
			return err
		}
	}
	w.at++
	return nil
}

func (w *walk) object(of reflect.Type) error {
	var names names
	w.at++
	for c := w.next(); c != '}' && c != 0; c = w.next() {
		if c != '"' {
			w.at++ // a comma
			continue
		}
		name, inner, ok := w.name(), element(of), false
		if !names.add(name) {
			return &NameError{Name: string(name), Twice: true}
		}
		if of != nil && of.Kind() == reflect.Struct {
			if inner, ok = fields(of)[string(name)]; !ok {
				return &NameError{Name: string(name)}
			}
		}
		if w.next() == ':' {
			w.at++
		}
		if err := w.value(inner); err != nil {
			return err
		}
	}
	w.at++
	return nil
}

// stuck reports whether a character is none that a value begins with, so that nothing was gone through.
func (w *walk) stuck(c byte) bool { return c == ':' || c == '}' }

// string goes through a string, and returns it as it stands there, without its quotes; escaped says that a character of it is written by others.
func (w *walk) string() (text []byte, escaped bool) {
	begin := w.at + 1
	for w.at++; w.at < len(w.text) && w.text[w.at] != '"'; w.at++ {
		if w.text[w.at] == '\\' {
			escaped = true
			w.at++
		}
	}
	end := min(w.at, len(w.text))
	w.at = min(end+1, len(w.text))
	return w.text[begin:end], escaped
}

// name goes through a name, and returns what a reader takes it for, who puts one character for all bytes that are no text.
func (w *walk) name() []byte {
	begin := w.at
	name, escaped := w.string()
	if !escaped && utf8.Valid(name) {
		return name
	}
	var said string
	if json.Unmarshal(w.text[begin:w.at], &said) != nil {
		return name
	}
	return []byte(said)
}

// names are those that an object has so far. Few are looked through, which is what most objects have; many are kept in a map.
type names struct {
	few  [][]byte
	many map[string]bool
}

const mostFew = 32

// add reports whether the name is new.
func (n *names) add(name []byte) bool {
	if n.many == nil {
		for _, other := range n.few {
			if bytes.Equal(other, name) {
				return false
			}
		}
		if n.few = append(n.few, name); len(n.few) <= mostFew {
			return true
		}
		n.many = map[string]bool{}
		for _, other := range n.few {
			n.many[string(other)] = true
		}
		return true
	}
	if n.many[string(name)] {
		return false
	}
	n.many[string(name)] = true
	return true
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
