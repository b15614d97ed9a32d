package strict_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"testing"

	"github.com/reconcilehq/reconcile/engine/strict"
)

type inner struct {
	Count int `json:"count"`
}

type base struct {
	ID    string `json:"id"`
	Label string // without a tag
}

// own reads itself, and knows its names alone.
type own struct{ text string }

func (o *own) UnmarshalJSON(text []byte) error { o.text = string(text); return nil }

type body struct {
	*base
	Try    bool             `json:"try,omitempty"`
	Inner  *inner           `json:"inner"`
	List   []inner          `json:"list"`
	ByName map[string]inner `json:"by_name"`
	Any    any              `json:"any"`
	Raw    json.RawMessage  `json:"raw"`
	Own    own              `json:"own"`
	Hidden string           `json:"-"`
}

func TestDecode(t *testing.T) {
	for _, c := range []struct {
		text  string
		name  string // of the name that is wrong; "" if nothing is
		twice bool
	}{
		{text: `{}`},
		{text: ` {"id": "a", "Label": "b", "try": true, "inner": {"count": 1}, "list": [{"count": 1}, {"count": 2}], "by_name": {"A": {"count": 1}, "a": {"count": 2}}, "any": {"X": [1]}, "raw": {"Y": 1}, "own": {"Z": 2}} ` + "\n"},
		{text: `{"inner": null, "list": null}`},
		{text: `{"Try": true}`, name: "Try"},
		{text: `{"try": false, "TRY": true}`, name: "TRY"},
		{text: `{"try": false, "try": true}`, name: "try", twice: true},
		{text: `{"try": false, "tr\u0079": true}`, name: "try", twice: true},
		{text: `{"label": "b"}`, name: "label"},
		{text: `{"ID": "b"}`, name: "ID"},
		{text: `{"base": {"id": "b"}}`, name: "base"},
		{text: `{"Hidden": "b"}`, name: "Hidden"},
		{text: `{"no": 1}`, name: "no"},
		{text: `{"inner": {"Count": 1}}`, name: "Count"},
		{text: `{"inner": {"count": 1, "count": 1}}`, name: "count", twice: true},
		{text: `{"list": [{"count": 1}, {"COUNT": 1}]}`, name: "COUNT"},
		{text: `{"by_name": {"a": {"cOunt": 1}}}`, name: "cOunt"},
		{text: `{"by_name": {"a": {"count": 1}, "a": {"count": 1}}}`, name: "a", twice: true},
		{text: `{"any": {"deep": [[{"x": 1, "x": 2}]]}}`, name: "x", twice: true},
		{text: `{"raw": {"x": 1, "x": 2}}`, name: "x", twice: true},
		{text: `{"own": {"x": 1, "x": 2}}`, name: "x", twice: true},
	} {
		err := strict.Decode([]byte(c.text), &body{base: &base{}})
		var wrong *strict.NameError
		switch {
		case c.name == "" && err != nil:
			t.Errorf("%s: %v", c.text, err)
		case c.name != "" && (!errors.As(err, &wrong) || *wrong != strict.NameError{Name: c.name, Twice: c.twice}):
			t.Errorf("%s: %v, want one of the name %q", c.text, err, c.name)
		}
	}
	for _, text := range []string{``, ` `, `{`, `{"try": 1}`, `{"try": true}}`, `{} {}`, `{}x`, `[]`, `{"list": [}`} {
		if err := strict.Decode([]byte(text), &body{}); err == nil {
			t.Errorf("%q was read", text)
		}
	}
	for _, text := range []string{`{} {}`, `{}x`, "{}\x00"} {
		if err := strict.Decode([]byte(text), &body{}); !errors.Is(err, strict.ErrMore) {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func TestOnce(t *testing.T) {
	for text, name := range map[string]string{
		`{"a": 1, "A": 2, "b": {"a": 3}}`:        "",
		`[{"a": 1}, {"a": 2}]`:                   "",
		`{"a": 1, "b": [{"c": 1, "c": 1}]}`:      "c",
		`{"amount": 7.3, "amount": 1299.5}`:      "amount",
		`{"amount": 7.3, "\u0061mount": 1299.5}`: "amount",
	} {
		err := strict.Once([]byte(text))
		var twice *strict.NameError
		if got := errors.As(err, &twice); got != (name != "") || got && *twice != (strict.NameError{Name: name, Twice: true}) {
			t.Errorf("%s: %v", text, err)
		}
	}
}

// FuzzDecode reads twice: what is read is what is written again, and what was written is read.
func FuzzDecode(f *testing.F) {
	f.Add([]byte(`{"id": "a", "try": true, "list": [{"count": 1}], "by_name": {"A": {"count": 1}}, "any": {"x": [1, null]}}`))
	f.Add([]byte(`{"try": true, "Try": false}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		var b body
		if strict.Decode(text, &b) != nil {
			return
		}
		// A reader of maps that takes the names as they stand sees the same names.
		var names map[string]json.RawMessage
		if err := json.Unmarshal(text, &names); err != nil {
			t.Fatal(err)
		}
		if at, ok := names["try"]; ok && string(at) != "null" && b.Try != (string(at) == "true") {
			t.Fatalf("%q: try is %v", text, b.Try)
		}
		again, err := json.Marshal(b)
		if err != nil {
			t.Fatal(err)
		}
		var c body
		if err := json.Unmarshal(again, &c); err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(b.Inner, c.Inner) || len(b.List) != len(c.List) {
			t.Fatalf("%q: %s", text, again)
		}
	})
}

// FuzzOnce holds Once against a plain reading by the library's tokens.
func FuzzOnce(f *testing.F) {
	for _, seed := range []string{`{"a": 1, "a": 2}`, `[{"a": "}\"", "b": [{}, {"c": null}]}, {"a": -1e5}]`, `{"\u0061": 1, "a": {}}`, `"{"`, ` null `, `{"\ud800": 1, "\udc00": 2}`, "{\"n1\xb1\": 1, \"n1\xd9\": 2}"} {
		f.Add([]byte(seed))
	}
	many := `{"n0": 0`
	for i := range 40 {
		many += fmt.Sprintf(`, "n%d": 1`, i+1)
	}
	f.Add([]byte(many + `}`))
	f.Add([]byte(many + `, "n7": 2}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		err := strict.Once(text) // whatever it is, it ends
		if !json.Valid(text) {
			return
		}
		if want := twice(json.NewDecoder(bytes.NewReader(text))); (err != nil) != want {
			t.Fatalf("%q: %v, want one: %v", text, err, want)
		}
	})
}

// twice reports whether an object within a value has a name twice.
func twice(d *json.Decoder) bool {
	token, _ := d.Token()
	delim, ok := token.(json.Delim)
	if !ok {
		return false
	}
	found, seen := false, map[string]bool{}
	for d.More() {
		if delim == '{' {
			token, _ := d.Token()
			name, _ := token.(string)
			found = found || seen[name]
			seen[name] = true
		}
		found = twice(d) || found
	}
	_, _ = d.Token()
	return found
}
