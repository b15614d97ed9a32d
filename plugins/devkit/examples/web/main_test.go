package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/reconcilehq/reconcile/plugins/sdk"
	"github.com/reconcilehq/reconcile/plugins/sdk/sdktest"
	"github.com/reconcilehq/reconcile/plugins/sdk/webapi"
)

const password = "clay-and-fire"

// form is a form of a ware: what lies on each shelf, and its traits.
func form(no string, price any, shelves []any, traits ...string) map[string]any {
	f := map[string]any{"no": no, "price": price, "shelves": []any{}, "traits": []any{}}
	for _, pieces := range shelves {
		f["shelves"] = append(f["shelves"].([]any), map[string]any{"shelf": "front", "pieces": pieces})
	}
	for i := 0; i < len(traits); i += 2 {
		f["traits"] = append(f["traits"].([]any), map[string]any{"trait": traits[i], "value": traits[i+1]})
	}
	return f
}

// wares are what a Kiln shop has, and items what the connector makes of it.
func wares() []map[string]any {
	ware := func(id int, label string, forms ...any) map[string]any {
		return map[string]any{"id": id, "label": label, "forms": append([]any{}, forms...)}
	}
	return []map[string]any{
		ware(1, "Bowl", form("BOWL-S", "12.50", []any{2, 3}, "Size", "S"), form("BOWL-L", "18", []any{4, nil}, "Size", "L")),
		ware(2, "Jug", form("JUG", "", []any{0})),
		ware(3, "To come"),
		ware(4, "Glaze", form("0040", 9.10, nil, "Colour", "Blue", "Litres", "2.5"), form("0041", nil, []any{"1.5", 1}, "Colour", "Red", "Litres", "1")),
	}
}

var items = []string{
	`{"sku":"BOWL-S","name":"Bowl","price":12.5,"qoh":5,"options":{"Size":"S"}}`,
	`{"sku":"BOWL-L","name":"Bowl","price":18,"qoh":null,"options":{"Size":"L"}}`,
	`{"sku":"JUG","name":"Jug","price":null,"qoh":0,"options":{}}`,
	`{"sku":"0040","name":"Glaze","price":9.1,"qoh":null,"options":{"Colour":"Blue","Litres":"2.5"}}`,
	`{"sku":"0041","name":"Glaze","price":null,"qoh":2.5,"options":{"Colour":"Red","Litres":"1"}}`,
}

// shop is a Kiln shop. A token holds for a number of requests.
func shop(holds int, wares []map[string]any) http.Handler {
	var mu sync.Mutex
	token, made, left := "", 0, 0
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		if r.URL.Path == "/api/session" {
			var given struct{ User, Password string }
			if json.NewDecoder(r.Body).Decode(&given) != nil || given.Password != password {
				w.WriteHeader(http.StatusUnauthorized)
				return
			}
			made++
			token, left = fmt.Sprintf("session-%d-4c1e", made), holds
			fmt.Fprintf(w, `{"token": %q}`, token)
			return
		}
		if left--; r.Header.Get("X-Kiln-Session") != token || left < 0 {
			w.WriteHeader(http.StatusUnauthorized)
			fmt.Fprintf(w, `{"message": "%s is not open"}`, r.Header.Get("X-Kiln-Session"))
			return
		}
		if r.URL.Path == "/api/shop" {
			fmt.Fprint(w, `{"name": "Kiln & Co"}`)
			return
		}
		at := r.URL.Query()
		from, err := strconv.Atoi(at.Get("cursor"))
		if at.Has("cursor") && err != nil {
			w.WriteHeader(http.StatusBadRequest) // an empty cursor is none
			return
		}
		to := min(from+2, len(wares))
		answer := map[string]any{"wares": wares[from:to], "total": len(wares), "cursor": nil}
		if to < len(wares) {
			answer["cursor"] = strconv.Itoa(to)
		}
		_ = json.NewEncoder(w).Encode(answer)
	})
}

func read(ctx context.Context, url, password string) (sdktest.Result, error) {
	return sdktest.Read(ctx, connector, sdktest.Settings{"url": url, "user": "clerk", "password": password, "currency": "EUR"})
}

// TestRead reads the shop, also where each token holds for two requests only, and says what it says to strangers.
func TestRead(t *testing.T) {
	for _, holds := range []int{100, 2} {
		server := httptest.NewServer(shop(holds, wares()))
		defer server.Close()
		got, err := read(t.Context(), server.URL, password)
		if diff := cmp.Diff(items, got.Items); err != nil || diff != "" {
			t.Errorf("tokens for %d requests: %v %s", holds, err, diff)
		}
		if is := got.Currencies["price"]; is != "EUR" {
			t.Errorf("the prices are said to be in %q", is)
		}
		_, err = read(t.Context(), server.URL, "wet-clay")
		if err == nil || !strings.Contains(err.Error(), "signing in: ") || strings.Contains(err.Error(), "wet-clay") {
			t.Errorf("to a stranger it says %v", err)
		}
	}
	server := httptest.NewServer(shop(0, wares())) // it gives tokens, and takes none
	defer server.Close()
	if _, err := read(t.Context(), server.URL, password); err == nil || !strings.Contains(err.Error(), "is not open") || strings.Contains(err.Error(), "4c1e") {
		t.Errorf("it says %v", err)
	}
}

// TestBrokenWares says that a ware of which something is missing fails the read, and is not one that has less.
func TestBrokenWares(t *testing.T) {
	for want, spoil := range map[string]func(ware, form map[string]any){
		`entry "2": "forms" is null, where a list is expected`:                func(ware, _ map[string]any) { ware["forms"] = nil },
		`entry "2": it has no "forms"`:                                        func(ware, _ map[string]any) { delete(ware, "forms") },
		`entry "2": "forms" 1: it has no "traits"`:                            func(_, form map[string]any) { delete(form, "traits") },
		`entry "2": "forms" 1: it has no "no"`:                                func(_, form map[string]any) { delete(form, "no") },
		`entry "2": "forms" 1: "shelves" 1: it has no "pieces"`:               func(_, form map[string]any) { form["shelves"] = []any{object{}} },
		`entry "2": "forms" 1: "price": "on request" is not a decimal number`: func(_, form map[string]any) { form["price"] = "on request" },
		`entry "2": "forms" 1: "traits" 2: the option "Size" is there twice`: func(_, form map[string]any) {
			form["traits"] = []any{object{"trait": "Size", "value": "S"}, object{"trait": "Size", "value": "L"}}
		},
	} {
		all := wares()
		spoil(all[1], all[1]["forms"].([]any)[0].(map[string]any))
		server := httptest.NewServer(shop(100, all))
		if _, err := read(t.Context(), server.URL, password); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("it says %v, want %s", err, want)
		}
		server.Close()
	}
}

type object = map[string]any

// TestFaults spoils the shop's answers.
func TestFaults(t *testing.T) {
	if os.Getenv("RECONCILE_TEST_LONG") == "" {
		t.Skip("the client waits before it tries again, a dozen seconds in all: set RECONCILE_TEST_LONG=1, as .ci/run does")
	}
	sdktest.TestFaults(t, shop(1000, wares()), func(ctx context.Context, url string) (sdktest.Result, error) { return read(ctx, url, password) })
}

// itemsOf is what docs/plugins.md shows under "The options of a product".
func itemsOf(p *webapi.Entry) []sdk.Item {
	var items []sdk.Item
	var all []map[string]string
	for _, v := range p.Each("variants") {
		options := v.Options("traits", "trait", "value")
		all = append(all, options)
		items = append(items, sdk.Item{"sku": v.Text("sku"), "name": p.Text("title"), "options": options})
	}
	for _, item := range items {
		item["variation"] = sdk.Variation(all)
	}
	return items
}

// TestVariation makes the structure of a product's options, as the page says.
func TestVariation(t *testing.T) {
	var p webapi.Entry
	text := `{"title": "Mug", "variants": [{"sku": "M-R", "traits": [{"trait": "Size", "value": "M"}, {"trait": "Colour", "value": "Red"}]},
		{"sku": "S-B", "traits": [{"trait": "Colour", "value": "Blue|Green"}, {"trait": "Size", "value": "S"}]}]}`
	if err := json.Unmarshal([]byte(text), &p); err != nil {
		t.Fatal(err)
	}
	items := itemsOf(&p)
	if err := p.Err(); err != nil || len(items) != 2 {
		t.Fatalf("%d items, %v", len(items), err)
	}
	for _, item := range items {
		if diff := cmp.Diff([]string{`Colour=Blue\|Green|Red`, "Size=M|S"}, item["variation"]); diff != "" {
			t.Errorf("%v: %s", item["sku"], diff)
		}
	}
}

// TestPage says that docs/plugins.md shows this connector as it is, and how long it is.
func TestPage(t *testing.T) {
	code, err := os.ReadFile("main.go")
	if err != nil {
		t.Fatal(err)
	}
	page, err := os.ReadFile(filepath.Join("..", "..", "..", "..", "docs", "plugins.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, body, _ := strings.Cut(string(code), "type kiln struct")
	if !strings.Contains(string(page), "type kiln struct"+body) {
		t.Error("docs/plugins.md shows another one")
	}
	own, err := os.ReadFile("main_test.go")
	if err != nil {
		t.Fatal(err)
	}
	_, example, _ := strings.Cut(string(own), "func itemsOf(")
	example, _, _ = strings.Cut(example, "\n}\n")
	if !strings.Contains(string(page), "func itemsOf("+example+"\n}\n") {
		t.Error("docs/plugins.md shows another itemsOf")
	}
	lines := slices.DeleteFunc(strings.Split(body, "\n"), func(line string) bool { return len(strings.Trim(line, "\t {})")) == 0 })
	if len(lines) > 40 {
		t.Errorf("it has %d lines", len(lines))
	}
}
