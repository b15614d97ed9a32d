package restapi

import (
	"context"
	"encoding/json"
	"strings"
	"testing"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/plugins/sdk"
	"github.com/reconcilehq/reconcile/plugins/sdk/sdktest"
)

// FuzzMapping says that no answer makes the mapping panic, and that no value is in an item that was not in the answer.
func FuzzMapping(f *testing.F) {
	for _, seed := range []string{
		`{"items":[{"sku":"A","name":"Bell","price":19.90,"cents":1999,"levels":[{"q":1},{"q":2}],"on":"yes","tags":["x"],"o":[{"n":"Size","v":"M"}]}]}`,
		`{"items":[{"sku":7,"name":null,"price":"1e3","cents":"5","levels":[{"q":null}],"on":true,"tags":"x","o":[]}]}`,
		`{"items":{"a":{"sku":"A"}}}`, `{"items":[[],{},7,null]}`, `{"items":[{"sku":"A","cents":1e-3}]}`, `{"items":[{"sku":"A","price":1e999999999}]}`,
		`{"items":[{"sku":"A","o":[{"n":"","v":""},{"n":"É","v":"1"},{"n":"E\u0301","v":"2"}]}]}`,
	} {
		f.Add([]byte(seed))
	}
	source, err := sdktest.Source(f.Context(), Connector(), sdktest.Settings{"base_url": "https://shop.example", "path": "/items", "items": "$.items[*]",
		"fields": map[string]string{"sku": "$.sku", "name": "$.name", "price": "$.price", "cost_price": "$.cents", "qoh": "$.levels[*].q", "visible": "$.on", "tags": "$.tags"},
		"scale":  map[string]string{"cost_price": "2"}, "combine": map[string]string{"qoh": "sum"}, "words": map[string]string{"visible": "yes:true|no:false"}, "types": map[string]string{"tags": "list"},
		"optional": []string{"name", "price", "cost_price", "qoh", "visible", "tags"}, "page": sdktest.Settings{"type": "none"},
		"options": sdktest.Settings{"each": "$.o[*]", "name": "$.n", "value": "$.v", "parent": "$.sku"}})
	if err != nil {
		f.Fatal(err)
	}
	fields, err := source.Schema(f.Context())
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		tree, err := decodeTree(body)
		if err != nil {
			return
		}
		plan := source.(*Source).plan
		nodes, err := plan.items.list(tree)
		if err != nil {
			return
		}
		for _, node := range nodes {
			checkItem(t, plan, fields, node)
		}
	})
}

// checkItem makes an item of a node, and holds it against what a plain reader finds in the node.
func checkItem(t *testing.T, plan *plan, fields []sdk.Field, node any) {
	var batch *catalog.Batch
	w, err := sdk.NewWriter(context.Background(), fields, func(b *catalog.Batch) error { batch = b; return nil })
	if err != nil {
		t.Fatal(err)
	}
	m := plan.mapper(w, notes{warn: func(string, ...any) {}})
	if m.entry(entry{tree: node}) != nil || m.end(false) != nil || w.Flush() != nil {
		return
	}
	of, _ := node.(map[string]any)
	value := func(field string) catalog.Value { return batch.Column(batch.Schema().Index(field)).Value(0) }
	plain := func(field string, want any) {
		t.Helper()
		got := value(field)
		switch v := want.(type) {
		case nil:
			if !got.IsNull() && got.Text() != "" {
				t.Errorf("%s is %s, and the answer has nothing: %v", field, got.Text(), node)
			}
		case string:
			if got.Type() == catalog.String && got.Str() != catalog.NormalText(v) {
				t.Errorf("%s is %q, and the answer has %q", field, got.Str(), v)
			}
		case json.Number:
			if d, err := sdk.ParseDecimal(v.String()); got.Type() == catalog.Number && (err != nil || !d.Equal(got.Number())) {
				t.Errorf("%s is %s, and the answer has %s", field, got.Text(), v)
			}
		}
	}
	plain("sku", of["sku"])
	plain("name", of["name"])
	plain("price", of["price"])
	cents := value("cost_price")
	if text, ok := wordOf(of["cents"]); ok && text != "" {
		if d, err := sdk.ParseDecimal(text); err != nil || cents.IsNull() || !cents.Number().Mul(catalog.Int(100)).Equal(d) {
			t.Errorf("cost_price is %s, and the answer has %s in minor units", cents.Text(), text)
		}
	} else if !cents.IsNull() {
		t.Errorf("cost_price is %s, and the answer has %v", cents.Text(), of["cents"])
	}
	if word, ok := of["on"].(string); ok && value("visible").Text() != map[string]string{"yes": "true", "no": "false"}[word] {
		t.Errorf("visible is %s, and the answer has %q", value("visible").Text(), word)
	}
	text, err := json.Marshal(node)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range value("options").Entries() {
		for _, s := range []string{e.Key, e.Value} {
			if quoted, _ := json.Marshal(s); !strings.Contains(catalog.NormalText(string(text)), strings.Trim(string(quoted), `"`)) {
				t.Errorf("options have %q, and the answer has not: %s", s, text)
			}
		}
	}
}

// FuzzPath says that no text of a path makes reading or using it panic.
func FuzzPath(f *testing.F) {
	for _, seed := range []string{"$", "$.a[*].b", "$..a", "$[?@.a=='x'].b", "$[-1:]", "$.a[?length(@.b)>1]", "$[?match(@.a,'x.*')]", "$['a','b']", "$.a[", ""} {
		f.Add(seed, `{"a":[{"a":"x","b":[1,2]},{"b":null}],"b":7}`)
	}
	f.Fuzz(func(t *testing.T, text, body string) {
		p, err := parsePath(text)
		if err != nil {
			return
		}
		tree, err := decodeTree([]byte(body))
		if err != nil || len(text) > 60 || len(body) > 400 { // a path with several .. takes long in what is deep
			return
		}
		nodes := p.nodes(tree)
		if p.singular && len(nodes) > 1 {
			t.Errorf("%s selects %d values, though it cannot", text, len(nodes))
		}
		again := p.nodes(tree)
		if a, b := string(jsonText(nodes)), string(jsonText(again)); a != b {
			t.Errorf("%s selects %s and then %s", text, a, b)
		}
		if _, err := p.list(tree); err == nil && len(p.container.Select(tree)) != 1 {
			t.Errorf("%s: the container is not there", text)
		}
	})
}
