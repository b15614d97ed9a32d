package rest

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"sync"

	"github.com/reconcilehq/reconcile/engine/strict"
)

// parameters are those of the query that the description has, by the patterns of routes.
var parameters = sync.OnceValue(func() map[string][]string {
	type list []struct{ Name, In string }
	var doc struct {
		Paths map[string]map[string]json.RawMessage
	}
	by := map[string][]string{}
	if json.Unmarshal(Description, &doc) != nil {
		return by // a test reads it
	}
	for path, item := range doc.Paths {
		for method, text := range item {
			var operation struct{ Parameters list }
			if json.Unmarshal(text, &operation) != nil {
				continue // the parameters of the path
			}
			names := []string{}
			for _, p := range operation.Parameters {
				if p.In == "query" {
					names = append(names, p.Name)
				}
			}
			by[strings.ToUpper(method)+" "+path] = names
		}
	}
	return by
})

// Strict has h answer a route's requests alone whose query has the parameters that are described, each once: one that is overlooked
// would be another answer than was asked for.
func Strict(pattern string, h http.HandlerFunc) http.HandlerFunc {
	known := parameters()[pattern]
	return func(w http.ResponseWriter, r *http.Request) {
		if p := checkQuery(r.URL.RawQuery, known); p != nil {
			WriteJSON(w, p.Status, map[string]*Problem{"error": p})
			return
		}
		h(w, r)
	}
}

func checkQuery(query string, known []string) *Problem {
	wrong := func(format string, args ...any) *Problem {
		return &Problem{http.StatusBadRequest, "bad_query", fmt.Sprintf(format, args...)}
	}
	values, err := url.ParseQuery(query)
	if err != nil {
		return wrong("The query of the address cannot be read: each parameter is NAME=VALUE, with & between them, and what is special in it as %%20 is.")
	}
	for _, name := range slices.Sorted(maps.Keys(values)) {
		switch {
		case !slices.Contains(known, name) && len(known) == 0:
			return wrong("There is no parameter %q here: this address has none.", name)
		case !slices.Contains(known, name):
			return wrong("There is no parameter %q here: there are %s.", name, strings.Join(known, ", "))
		case len(values[name]) > 1:
			return wrong("The parameter %q is there %d times, and can be there once.", name, len(values[name]))
		}
	}
	return nil
}

// read reads the body of a request, which is one value of JSON and nothing else. Each of its names is written as it is described, and
// there once: the library would take TRY for try, and of two the last.
func read(r *http.Request, v any) error {
	body, err := io.ReadAll(r.Body)
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) {
		return err
	}
	if err == nil {
		err = strict.Decode(body, v)
	}
	if err == nil {
		return nil
	}
	return &Problem{http.StatusBadRequest, "not_json", inWords(err, reflect.TypeOf(v).Elem())}
}

// inWords says for people what is wrong with a body that should be of that type.
func inWords(err error, of reflect.Type) string {
	var syntax *json.SyntaxError
	var mistyped *json.UnmarshalTypeError
	var named *strict.NameError
	switch {
	case errors.Is(err, strict.ErrMore):
		return "The request has more after its end: it is one value of JSON, and nothing else."
	case errors.Is(err, io.EOF):
		return "The request is empty: it should be an object of JSON, such as {\"reconciliation\": \"bigcommerce\"}."
	case errors.Is(err, io.ErrUnexpectedEOF):
		return "The request ends in the middle of its JSON."
	case errors.As(err, &syntax):
		return fmt.Sprintf("The request is not JSON: look at byte %d.", syntax.Offset)
	case errors.As(err, &mistyped) && mistyped.Field == "":
		return fmt.Sprintf("The request is %s, and should be an object.", kindOf(mistyped.Value))
	case errors.As(err, &mistyped):
		return fmt.Sprintf("In the request %q is %s, and should be %s.", mistyped.Field, kindOf(mistyped.Value), wantedKind(mistyped.Type))
	case errors.As(err, &named) && named.Twice:
		return fmt.Sprintf("In the request the field %q is there twice.", named.Name)
	case errors.As(err, &named):
		return fmt.Sprintf("The request has a field %q, which there is not: there are %s.", named.Name, strings.Join(fieldsOf(of), ", "))
	}
	return "The request cannot be read as JSON." // whatever else the library may say is not for people
}

// kindOf says what a value of JSON is, by the library's word for it, which may have the value behind it: "number 1.5".
func kindOf(value string) string {
	kind, _, _ := strings.Cut(value, " ")
	switch kind {
	case "string":
		return "a text"
	case "bool":
		return "true or false"
	case "array":
		return "a list"
	case "object":
		return "an object"
	}
	return "a number"
}

func wantedKind(t reflect.Type) string {
	switch t.Kind() {
	case reflect.String:
		return "a text"
	case reflect.Bool:
		return "true or false"
	case reflect.Slice:
		return "a list"
	case reflect.Int:
		return "a whole number"
	case reflect.Pointer:
		return wantedKind(t.Elem())
	}
	return "an object"
}

// fieldsOf returns the names of the fields that a request can have, those of its lists, too.
func fieldsOf(t reflect.Type) (names []string) {
	for i := range t.NumField() {
		f := t.Field(i)
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		if f.Type.Kind() == reflect.Slice && f.Type.Elem().Kind() == reflect.Struct {
			name += " (each with " + strings.Join(fieldsOf(f.Type.Elem()), ", ") + ")"
		}
		names = append(names, name)
	}
	return names
}
