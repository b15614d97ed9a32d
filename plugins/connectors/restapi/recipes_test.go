package restapi

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/function"
	ctyjson "github.com/zclconf/go-cty/cty/json"

	"github.com/reconcilehq/reconcile/plugins/sdk/sdktest"
)

// sketch is the source that this connector was drawn up for. It works as it was written then.
const sketch = `source "rest" "sketch" {
  base_url = env("MEDUSA_URL")
  auth {
    type  = "bearer"                 # also basic, header, query, login (a request that answers with the token)
    token = env("MEDUSA_TOKEN")
  }
  page {
    type  = "offset"                 # also number, cursor, link
    size  = 200
    total = "$.count"
  }
  path   = "/admin/product-variants?fields=id,sku,*product,*prices"
  items  = "$.variants[*]"
  fields = {
    sku   = "$.sku"
    name  = "$.product.title"
    price = "$.prices[?@.currency_code=='eur'].amount"
  }
  combine = { qoh = "sum" }          # one value is the default; anything else is an error that names item and path
}`

// recipe is a source of the page, and the platform that it reads.
type recipe struct {
	answer func(w http.ResponseWriter, r *http.Request, body object) any
	fields string
	count  int
	first  string // item
	last   string
}

var recipes = map[string]recipe{
	"sketch": {answer: medusa, fields: "sku name price", count: 450, first: `{"sku":"M-0","name":"Bell 0","price":0.5}`, last: `{"sku":"M-449","name":"Bell 449","price":449.5}`},
	"medusa": {answer: medusa, fields: "sku name price qoh", count: 450, first: `{"sku":"M-0","name":"Bell 0","price":0.5,"qoh":2}`, last: `{"sku":"M-449","name":"Bell 449","price":449.5,"qoh":451}`},
	"dated": {answer: func(_ http.ResponseWriter, r *http.Request, _ object) any {
		all := many(250, func(i int) object {
			return object{"id": i, "sku": fmt.Sprintf("D-%03d", i), "name": "Bell", "updated_at": "2026-11-28T10:00:00Z"}
		})
		return object{"products": part(r, all, "offset", "limit"), "total": len(all)}
	}, fields: "sku name", count: 250, first: `{"sku":"D-000","name":"Bell"}`, last: `{"sku":"D-099","name":"Bell"}`},
	"linked": {answer: func(w http.ResponseWriter, r *http.Request, _ object) any {
		if r.Header.Get("X-Api-Key") != "shop_key" {
			return refuse(w)
		}
		q := r.URL.Query()
		size, _ := strconv.Atoi(q.Get("per_page"))
		page, err := strconv.Atoi(q.Get("page"))
		if err != nil {
			page = 1
		}
		all := many(120, func(i int) object { return object{"id": i, "number": i + 1000, "title": "Bell", "price": "1.50"} })
		if page*size < len(all) {
			w.Header().Set("Link", fmt.Sprintf(`</v1/articles?per_page=%d&page=1>; rel="first", </v1/articles?per_page=%d&page=%d>; rel="next"`, size, size, page+1))
		}
		return all[(page-1)*size : min(page*size, len(all))]
	}, fields: "sku name price", count: 120, first: `{"sku":"1000","name":"Bell","price":1.5}`, last: `{"sku":"1119","name":"Bell","price":1.5}`},
	"square": {answer: func(w http.ResponseWriter, r *http.Request, body object) any {
		if r.Header.Get("Authorization") != "Bearer square_token" || r.Header.Get("Square-Version") == "" || r.Method != http.MethodPost || body["object_types"] == nil {
			return refuse(w)
		}
		from := 0
		if cursor, ok := body["cursor"].(string); ok {
			from, _ = strconv.Atoi(strings.TrimPrefix(cursor, "at-"))
		}
		limit, _ := strconv.Atoi(fmt.Sprint(body["limit"]))
		all := many(230, func(i int) object {
			return object{"id": fmt.Sprint("V", i), "type": "ITEM_VARIATION", "item_variation_data": object{"sku": fmt.Sprint("Q-", i), "name": "Regular", "price_money": object{"amount": 1999 + i, "currency": "CAD"}}}
		})
		answer := object{"objects": all[from:min(from+limit, len(all))]}
		if from+limit < len(all) {
			answer["cursor"] = fmt.Sprint("at-", from+limit)
		}
		return answer
	}, fields: "sku name price", count: 230, first: `{"sku":"Q-0","name":"Regular","price":19.99}`, last: `{"sku":"Q-229","name":"Regular","price":22.28}`},
	"erp": {answer: func(w http.ResponseWriter, r *http.Request, body object) any {
		if r.URL.Path == "/oauth/token" {
			form := body["form"].(url.Values)
			if form.Get("grant_type") != "client_credentials" || form.Get("client_id") != "erp_id" || form.Get("client_secret") != "erp_secret" {
				return refuse(w)
			}
			return object{"access_token": "token-of-an-hour", "expires_in": 3600}
		}
		if r.Header.Get("Authorization") != "Bearer token-of-an-hour" {
			return refuse(w)
		}
		q := r.URL.Query()
		n, _ := strconv.Atoi(q.Get("page"))
		size, _ := strconv.Atoi(q.Get("pageSize"))
		all := many(220, func(i int) object {
			return object{"id": i, "number": fmt.Sprint("E-", i), "name": "Bell", "stock": i - 1, "state": []string{"online", "offline"}[i%2]}
		})
		from := min((n-1)*size, len(all))
		return object{"articles": all[from:min(from+size, len(all))], "hasNext": n*size < len(all)}
	}, fields: "sku name qoh visible", count: 220, first: `{"sku":"E-0","name":"Bell","qoh":-1,"visible":true}`, last: `{"sku":"E-219","name":"Bell","qoh":218,"visible":false}`},
	"vendure": {answer: vendureLike, fields: "sku name price qoh pending tracked visible options variation", count: 1200,
		first: `{"sku":"V-0","name":"Bell 0","price":12.99,"qoh":3,"pending":1,"tracked":true,"visible":true,"options":{"Size":"M"},"variation":["Size=L|M"]}`,
		last:  `{"sku":"V-1199","name":"Bell 1199","price":24.98,"qoh":3,"pending":1,"tracked":false,"visible":false,"options":{"Size":"L"},"variation":["Size=L|M"]}`},
	"woo": {answer: func(w http.ResponseWriter, r *http.Request, _ object) any {
		key, secret, _ := r.BasicAuth()
		q := r.URL.Query()
		if key != "woo_key" || secret != "woo_secret" || q.Get("type") != "simple" {
			return refuse(w)
		}
		n, _ := strconv.Atoi(q.Get("page"))
		size, _ := strconv.Atoi(q.Get("per_page"))
		all := many(130, func(i int) object {
			return object{"id": i + 1, "sku": fmt.Sprint("W-", i), "name": "Bell", "regular_price": "10.10", "sale_price": []string{"", "9.00"}[i%2], "stock_quantity": []any{nil, 4}[i%2],
				"manage_stock": []any{false, "parent"}[i%2], "status": []string{"publish", "draft"}[i%2]}
		})
		w.Header().Set("X-WP-Total", fmt.Sprint(len(all)))
		from := min((n-1)*size, len(all))
		return all[from:min(from+size, len(all))]
	}, fields: "sku price sale_price qoh tracked visible", count: 130, first: `{"sku":"W-0","price":10.1,"sale_price":null,"qoh":null,"tracked":false,"visible":true}`,
		last: `{"sku":"W-129","price":10.1,"sale_price":9,"qoh":4,"tracked":true,"visible":false}`},
	"storefront": {answer: func(w http.ResponseWriter, r *http.Request, _ object) any {
		q := r.URL.Query()
		if q.Get("key") != "store_key" {
			return refuse(w)
		}
		from, _ := strconv.Atoi(q.Get("cursor"))
		all := many(120, func(i int) object {
			variant := func(n int, option string) object {
				return object{"id": fmt.Sprint(i, "-", n), "sku": fmt.Sprintf("S-%d-%d", i, n), "compare_at_cents": []any{nil, 2500}[n], "price_cents": 1999, "stock": n, "options": []any{object{"name": "Size", "value": option}}}
			}
			product := object{"title": fmt.Sprint("Bell ", i), "vendor": "Acme", "status": "active", "variants": []any{variant(0, "M"), variant(1, "L")}}
			if i%2 == 1 {
				product["variants"] = []any{variant(1, "Default Title")}
			}
			return product
		})
		to := min(from+50, len(all))
		return object{"products": all[from:to], "page": object{"next": fmt.Sprint(to), "more": to < len(all)}}
	}, fields: "sku name brand price sale_price visible options variation", count: 180,
		first: `{"sku":"S-0-0","name":"Bell 0","brand":"Acme","price":null,"sale_price":19.99,"visible":true,"options":{"Size":"M"},"variation":["Size=L|M"]}`,
		last:  `{"sku":"S-119-1","name":"Bell 119","brand":"Acme","price":25,"sale_price":19.99,"visible":true,"options":{},"variation":[]}`},
}

func init() {
	recipes["depot"] = recipe{answer: depot, fields: "sku name price qoh options variation", count: 14,
		first: `{"sku":"R-0-0","name":"Rope 0","price":0.5,"qoh":7,"options":{"Length":"0 m"},"variation":["Length=0 m|1 m"]}`,
		last:  `{"sku":"R-6-1","name":"Rope 6","price":6.5,"qoh":null,"options":{"Length":"1 m"},"variation":["Length=0 m|1 m"]}`}
}

// depot has goods in two forms each, at two places. Of the second form nobody has counted the pieces at the second place.
func depot(w http.ResponseWriter, r *http.Request, _ object) any {
	q := r.URL.Query()
	if r.Header.Get("Authorization") != "Bearer depot_token" || q.Has("limit") || q.Has("cursor") && q.Get("cursor") == "" {
		return refuse(w)
	}
	all := many(7, func(i int) object {
		article := func(n int, pieces any) object {
			return object{"article_no": fmt.Sprintf("R-%d-%d", i, n), "net": object{"value": fmt.Sprint(i, ".50")}, "stock": []any{object{"pieces": 3}, object{"pieces": pieces}},
				"traits": []any{object{"trait": "Length", "is": fmt.Sprint(n, " m")}}}
		}
		return object{"heading": fmt.Sprint("Rope ", i), "articles": []any{article(0, 4), article(1, nil)}}
	})
	from, _ := strconv.Atoi(q.Get("cursor"))
	to := min(from+3, len(all))
	meta := object{"cursor": nil}
	if to < len(all) {
		meta["cursor"] = fmt.Sprint(to)
	}
	return object{"goods": all[from:to], "meta": meta}
}

func many(n int, one func(i int) object) []any {
	var all []any
	for i := range n {
		all = append(all, one(i))
	}
	return all
}

func refuse(w http.ResponseWriter) any {
	w.WriteHeader(http.StatusForbidden)
	return object{"message": "this is not how it is asked"}
}

func medusa(w http.ResponseWriter, r *http.Request, _ object) any {
	if r.Header.Get("Authorization") != "Bearer medusa_token" || r.URL.Path != "/admin/product-variants" || !strings.Contains(r.URL.RawQuery, "*product") {
		return refuse(w)
	}
	all := many(450, func(i int) object {
		return object{"id": fmt.Sprint("variant_", i), "sku": fmt.Sprint("M-", i), "product": object{"title": fmt.Sprint("Bell ", i)},
			"prices":    []any{object{"currency_code": "usd", "amount": 7}, object{"currency_code": "eur", "amount": json.Number(fmt.Sprint(i, ".50"))}},
			"inventory": []any{object{"available": i}, object{"available": 2}}}
	})
	return object{"variants": part(r, all, "offset", "limit"), "count": len(all), "offset": 0, "limit": 200}
}

func vendureLike(w http.ResponseWriter, r *http.Request, body object) any {
	variables, _ := body["variables"].(object)
	if strings.HasPrefix(fmt.Sprint(body["query"]), "mutation") {
		if variables["username"] != "vendure_username" || variables["password"] != "vendure_password" {
			return object{"data": object{"login": object{"errorCode": "INVALID_CREDENTIALS_ERROR", "message": "The provided credentials are invalid"}}}
		}
		w.Header().Set("Vendure-Auth-Token", "token-of-a-session")
		return object{"data": object{"login": object{}}}
	}
	if r.Header.Get("Authorization") != "Bearer token-of-a-session" {
		return object{"errors": []any{object{"message": "You are not currently authorized to perform this action", "extensions": object{"code": "FORBIDDEN"}}}, "data": nil}
	}
	skip, _ := strconv.Atoi(fmt.Sprint(variables["skip"]))
	take, _ := strconv.Atoi(fmt.Sprint(variables["take"]))
	all := many(1200, func(i int) object {
		return object{"id": fmt.Sprint(i + 1), "sku": fmt.Sprint("V-", i), "name": fmt.Sprint("Bell ", i), "enabled": true, "trackInventory": []string{"INHERIT", "FALSE"}[i%2], "price": 1299 + i, "currencyCode": "USD",
			"product": object{"id": fmt.Sprint(i / 2), "enabled": i < 1000}, "options": []any{object{"name": []string{"M", "L"}[i%2], "group": object{"name": "Size"}}},
			"stockLevels": []any{object{"stockOnHand": 1, "stockAllocated": 0}, object{"stockOnHand": 2, "stockAllocated": 1}}}
	})
	from := min(skip, len(all))
	return object{"data": object{"productVariants": object{"totalItems": len(all), "items": all[from:min(from+take, len(all))]}}}
}

// TestRecipes reads each source of the connector's page, as it stands there, from a server that behaves like its platform.
func TestRecipes(t *testing.T) {
	page, err := os.ReadFile(filepath.Join("..", "..", "..", "docs", "connectors", "rest.md"))
	if err != nil {
		t.Fatal(err)
	}
	var read []string
	for i, part := range strings.Split("```hcl\n"+sketch+"\n```\n"+string(page), "```hcl\n") {
		block, _, _ := strings.Cut(part, "\n```")
		if i == 0 || strings.Contains(block, `"NAME"`) {
			continue
		}
		file, diags := hclsyntax.ParseConfig([]byte(block), "rest.md", hcl.InitialPos)
		if diags.HasErrors() {
			t.Fatal(diags)
		}
		for _, b := range file.Body.(*hclsyntax.Body).Blocks {
			name := b.Labels[1]
			read = append(read, name)
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				recipes[name].read(t, b.Body)
			})
		}
	}
	if len(read) < len(recipes) {
		t.Errorf("the page has %q, and there are servers for %d", read, len(recipes))
	}
	for name := range recipes {
		if !slices.Contains(read, name) {
			t.Errorf("the page has no %q", name)
		}
	}
}

func (c recipe) read(t *testing.T, body *hclsyntax.Body) {
	if c.answer == nil {
		t.Fatal("there is no server for this recipe")
	}
	shop := newShop(t, func(w http.ResponseWriter, r *http.Request) any {
		text, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		sent := object{}
		if r.Header.Get("Content-Type") == "application/x-www-form-urlencoded" {
			sent["form"], err = url.ParseQuery(string(text))
		} else if len(text) > 0 {
			err = json.Unmarshal(text, &sent)
		}
		if err != nil {
			t.Errorf("%s: %v", text, err)
		}
		return c.answer(w, r, sent)
	})
	settings := settingsOf(t, body, shop.URL)
	got, err := read(t, settings, strings.Fields(c.fields)...)
	if err != nil {
		t.Fatal(err)
	}
	if len(got.Items) != c.count || len(got.Warnings) > 0 {
		t.Fatalf("%d items, warnings %q", len(got.Items), got.Warnings)
	}
	if diff := cmp.Diff([]string{c.first, c.last}, []string{got.Items[0], got.Items[c.count-1]}); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	// Each needs its credentials.
	source, err := sdktest.Source(t.Context(), Connector(), settings)
	if err != nil {
		t.Fatal(err)
	}
	if source.(*Source).Auth != nil {
		if a, ok := settings["auth"].(sdktest.Settings); ok {
			spoil(a)
		}
		if _, err := read(t, settings); err == nil {
			t.Error("it is read with other credentials")
		}
	}
}

// spoil puts other texts in the place of credentials.
func spoil(auth sdktest.Settings) {
	for name, value := range auth {
		switch v := value.(type) {
		case string:
			if slices.Contains([]string{"token", "password"}, name) {
				auth[name] = v + "-not"
			}
		case map[string]string:
			for key := range v {
				v[key] += "-not"
			}
		}
	}
}

// settingsOf evaluates a source block as the program does. A variable of the environment is its name in small letters, and the
// address is the server's.
func settingsOf(t *testing.T, body *hclsyntax.Body, address string) sdktest.Settings {
	t.Helper()
	env := function.New(&function.Spec{Params: []function.Parameter{{Name: "name", Type: cty.String}}, Type: function.StaticReturnType(cty.String),
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			name := args[0].AsString()
			if strings.HasSuffix(name, "_URL") {
				return cty.StringVal(address), nil
			}
			if name == "" {
				return cty.NilVal, errors.New("no name")
			}
			return cty.StringVal(strings.ToLower(name)), nil
		}})
	settings := sdktest.Settings{}
	for name, a := range body.Attributes {
		v, diags := a.Expr.Value(&hcl.EvalContext{Functions: map[string]function.Function{"env": env}})
		if diags.HasErrors() {
			t.Fatal(diags)
		}
		if v.Type().IsObjectType() {
			texts := map[string]string{}
			for key, value := range v.AsValueMap() {
				texts[key] = value.AsString()
			}
			settings[name] = texts
			continue
		}
		text, err := ctyjson.Marshal(v, v.Type())
		if err != nil {
			t.Fatal(err)
		}
		settings[name] = json.RawMessage(text)
		var plain string
		if json.Unmarshal(text, &plain) == nil {
			settings[name] = plain
		}
	}
	for _, b := range body.Blocks {
		settings[b.Type] = settingsOf(t, b.Body, address)
	}
	return settings
}
