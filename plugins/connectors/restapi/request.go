package restapi

import (
	"encoding/json"
	"maps"
	"net/http"
	"net/url"

	"github.com/reconcilehq/reconcile/plugins/sdk/webapi"
)

// request returns the request for the page at a place: its offset, its number or its cursor.
func (l *lister) request(at string) webapi.Request {
	s := l.source
	params := maps.Clone(l.also)
	if params == nil {
		params = map[string]any{}
	}
	p := s.paging
	if p.sized() {
		params[p.SizeParam] = p.Size
	}
	switch p.Type {
	case "offset":
		params[p.OffsetParam] = json.Number(at)
	case "number":
		params[p.NumberParam] = json.Number(at)
	case "cursor":
		if at != "" {
			params[p.CursorParam] = l.cursors[at]
		}
	}
	r := webapi.Request{Method: s.method, Path: s.Path, Header: http.Header{}, Again: true}
	for name, value := range s.Headers {
		r.Header.Set(name, value)
	}
	switch {
	case s.GraphQL != "":
		variables := map[string]any{}
		for name, value := range s.Variables {
			variables[name] = value
		}
		maps.Copy(variables, params)
		r.Body = jsonText(map[string]any{"query": s.GraphQL, "variables": variables})
	case p.In == "body":
		body := maps.Clone(s.body)
		if body == nil {
			body = map[string]any{}
		}
		maps.Copy(body, params)
		r.Body = jsonText(body)
	default:
		if s.body != nil {
			r.Body = jsonText(s.body)
		}
		r.Query = url.Values{}
		for name, value := range params {
			text, _ := wordOf(value)
			if n, ok := value.(int64); ok {
				text = jsonNumber(n)
			}
			r.Query.Set(name, text)
		}
	}
	return r
}

func jsonNumber(n int64) string { return string(jsonText(n)) }

// jsonText writes what was read as JSON, or is made of texts and numbers: nothing that could fail.
func jsonText(v any) []byte {
	text, _ := json.Marshal(v)
	return text
}
