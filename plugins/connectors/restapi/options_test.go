package restapi

import (
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/reconcilehq/reconcile/plugins/sdk/sdktest"
)

// TestOptions says how options and the structure of their product come out of items.
func TestOptions(t *testing.T) {
	list := sdktest.Settings{"each": "$.o[*]", "name": "$.n", "value": "$.v"}
	of := func(parent string) sdktest.Settings {
		return sdktest.Settings{"each": "$.o[*]", "name": "$.n", "value": "$.v", "parent": parent}
	}
	items := `{"sku":"A-1","p":{"id":1},"o":[{"n":"Size","v":"M"},{"n":"Color","v":"Red"}]},{"sku":"A-2","p":{"id":1},"o":[{"n":"Size","v":"L"},{"n":"Color","v":"Red"}]},{"sku":"B","p":null,"o":[]},{"sku":"C","p":{"id":2},"o":[{"n":"Size","v":null}]}`
	sku := map[string]string{"sku": "$.sku"}
	for _, c := range []struct {
		name     string
		items    string
		settings sdktest.Settings
		fields   []string
		want     []string
		err      []string
	}{
		{"a list", items, sdktest.Settings{"options": list}, nil, []string{
			`{"sku":"A-1","options":{"Color":"Red","Size":"M"}}`, `{"sku":"A-2","options":{"Color":"Red","Size":"L"}}`, `{"sku":"B","options":{}}`, `{"sku":"C","options":{}}`}, nil},
		{"the structure of a product", items, sdktest.Settings{"options": of("$.p.id")}, []string{"sku", "variation"}, []string{
			`{"sku":"A-1","variation":["Color=Red","Size=L|M"]}`, `{"sku":"A-2","variation":["Color=Red","Size=L|M"]}`, `{"sku":"B","variation":[]}`, `{"sku":"C","variation":[]}`}, nil},
		{"places of their own", `{"sku":"A","size":"M","color":null},{"sku":"B","size":7}`, sdktest.Settings{"option_fields": map[string]string{"Size": "$.size", "Color": "$.color"}}, nil,
			[]string{`{"sku":"A","options":{"Size":"M"}}`, `{"sku":"B","options":{"Size":"7"}}`}, nil},
		{"the structure by parent_sku", `{"sku":"A","ps":"P","size":"M"},{"sku":"B","ps":"P","size":"L"},{"sku":"C","ps":"","size":"S"},{"sku":"D","ps":"","size":"T"}`,
			sdktest.Settings{"option_fields": map[string]string{"Size": "$.size"}, "fields": map[string]string{"sku": "$.sku", "parent_sku": "$.ps"}}, []string{"sku", "variation"},
			[]string{`{"sku":"A","variation":["Size=L|M"]}`, `{"sku":"B","variation":["Size=L|M"]}`, `{"sku":"C","variation":["Size=S"]}`, `{"sku":"D","variation":["Size=T"]}`}, nil},
		{"no structure without a parent", items, sdktest.Settings{"options": list}, []string{"variation"}, nil, []string{`there is no field "variation"`}},
		{"no list of options", `{"sku":"A"}`, sdktest.Settings{"options": list}, nil, nil, []string{`item 1 (SKU "A"): options: options, each $.o[*]: the path $["o"] selects nothing, where a list is expected; if items without any have no list there, or null, name "options" in optional`}},
		{"a list of options that is null", `{"sku":"A","o":null}`, sdktest.Settings{"options": list}, nil, nil, []string{`item 1 (SKU "A"): options: options, each $.o[*]: the path $["o"] selects null, where a list is expected; if items`}},
		{"a list of options that is optional", `{"sku":"A","o":null,"near":{"o":[{"n":"Size","v":"L"}]}},{"sku":"B"},{"sku":"C","o":[{"n":"Size","v":"S"}]}`, sdktest.Settings{"options": list, "optional": []string{"options"}}, nil, []string{`{"sku":"A","options":{}}`, `{"sku":"B","options":{}}`, `{"sku":"C","options":{"Size":"S"}}`}, nil},
		{"a list of options that is optional and no list", `{"sku":"A","o":"none"}`, sdktest.Settings{"options": list, "optional": []string{"options"}}, nil, nil, []string{`item 1 (SKU "A"): options: options, each $.o[*]: the path $["o"] selects the text "none", where a list is expected; if items without any have no list there, or null, name "options" in optional`}},
		{"a list of options that items may lack", `{"sku":"A","o":null},{"sku":"B"}`, sdktest.Settings{"options": sdktest.Settings{"each": "$..o[*]", "name": "$.n", "value": "$.v"}}, nil, []string{`{"sku":"A","options":{}}`, `{"sku":"B","options":{}}`}, nil},
		{"an option twice", `{"sku":"A","o":[{"n":"Size","v":"M"},{"n":"Size","v":"L"}]}`, sdktest.Settings{"options": list}, nil, nil, []string{`item 1 (SKU "A"): options: the option "Size" is there twice`}},
		{"an option without a name", `{"sku":"A","o":[{"v":"M"}]}`, sdktest.Settings{"options": list}, nil, nil, []string{`option 1, path $.n: the path selects 0 values where one is expected`}},
		{"an option's value is an object", `{"sku":"A","o":[{"n":"Size","v":{}}]}`, sdktest.Settings{"options": list}, nil, nil, []string{`option 1, path $.v: an object is no text`}},
		{"products with variants in them", `{"title":"Bell","v":[{"sku":"A-1","o":[{"n":"Size","v":"M"}]},{"sku":"A-2","o":[{"n":"Size","v":"L"}]}]},{"title":"Drum","v":[{"sku":"B","o":[]}]}`,
			sdktest.Settings{"parents": "$.items[*]", "items": "$.v[*]", "parent_fields": map[string]string{"name": "$.title"}, "options": list}, []string{"sku", "name", "variation", "options"},
			[]string{`{"sku":"A-1","name":"Bell","variation":["Size=L|M"],"options":{"Size":"M"}}`, `{"sku":"A-2","name":"Bell","variation":["Size=L|M"],"options":{"Size":"L"}}`, `{"sku":"B","name":"Drum","variation":[],"options":{}}`}, nil},
		{"products whose variants are not there", `{"title":"Bell"}`, sdktest.Settings{"parents": "$.items[*]", "items": "$.v[*]", "parent_fields": map[string]string{"name": "$.title"}}, nil, nil, []string{`product 1: items: the path $`, `selects nothing`}},
		{"products whose variants are null", `{"title":"Bell","v":null}`, sdktest.Settings{"parents": "$.items[*]", "items": "$.v[*]", "parent_fields": map[string]string{"name": "$.title"}}, nil, nil, []string{`product 1: items: the path $["v"] selects null, where a list is expected; if products without any have no list there, or null, name "items" in optional`}},
		{"products whose variants are optional", `{"title":"Bell","v":null,"near":{"v":[{"sku":"X"}]}},{"title":"Gong"},{"title":"Drum","v":[{"sku":"B"}],"near":{"v":[{"sku":"Y"}]}}`, sdktest.Settings{"parents": "$.items[*]", "items": "$.v[*]", "optional": []string{"items"}, "parent_fields": map[string]string{"name": "$.title"}}, nil, []string{`{"sku":"B","name":"Drum"}`}, nil},
		{"products that may lack variants", `{"title":"Bell","v":null},{"title":"Drum","v":[{"sku":"B"}]}`, sdktest.Settings{"parents": "$.items[*]", "items": "$..v[*]", "parent_fields": map[string]string{"name": "$.title"}}, nil, []string{`{"sku":"B","name":"Drum"}`}, nil},
		{"a field of the product that is not there", `{"v":[{"sku":"A"}]}`, sdktest.Settings{"parents": "$.items[*]", "items": "$.v[*]", "parent_fields": map[string]string{"name": "$.title"}}, nil, nil, []string{`item 1 (SKU "A"): field "name", path $.title: the path selects nothing`}},
		{"a bad item that is skipped leaves structures unknown", `{"sku":"A","p":{"id":1},"o":[{"n":"Size","v":"M"}]},{"sku":"B","p":{"id":1},"o":7}`, sdktest.Settings{"options": sdktest.Settings{"each": "$.o[*]", "name": "$.n", "value": "$.v", "parent": "$.p.id"}, "on_bad_item": "skip", "fields": map[string]string{"sku": "$.sku", "price": "$.price"}}, []string{"sku", "price", "variation"}, nil, []string{"the option structures (variation) cannot be known"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			shop := newShop(t, func(http.ResponseWriter, *http.Request) any { return `{"items":[` + c.items + `]}` })
			settings := shop.settings(sdktest.Settings{"fields": sku})
			for name, value := range c.settings {
				settings[name] = value
			}
			got, err := read(t, settings, c.fields...)
			wants(t, err, c.err...)
			if diff := cmp.Diff(c.want, got.Items); diff != "" && len(c.err) == 0 {
				t.Errorf("items (-want +got):\n%s", diff)
			}
		})
	}
}

// TestProductsWithoutItems says that products without a variant are told.
func TestProductsWithoutItems(t *testing.T) {
	shop := newShop(t, func(http.ResponseWriter, *http.Request) any {
		return `{"items":[{"v":[{"sku":"A"}]},{"v":[]},{"id":3,"v":[]}]}`
	})
	got, err := read(t, shop.settings(sdktest.Settings{"parents": "$.items[*]", "items": "$.v[*]", "fields": map[string]string{"sku": "$.sku"}}))
	wants(t, err)
	if want := "2 of 3 products have no items (path $.v[*]), such as 2, 3"; len(got.Warnings) != 1 || got.Warnings[0] != want {
		t.Errorf("warnings %q, want %q", got.Warnings, want)
	}
}
