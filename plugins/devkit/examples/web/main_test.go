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

	"github.com/reconcilehq/reconcile/plugins/sdk/sdktest"
)

const password = "clay-and-fire"

// shop is a Kiln shop. A token holds for a number of requests.
func shop(holds int) http.Handler {
	var mu sync.Mutex
	token, made, left := "", 0, 0
	items := sdktest.Catalogue(7)
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
		from, _ := strconv.Atoi(r.URL.Query().Get("cursor"))
		to := min(from+3, len(items))
		var wares []map[string]any
		for _, it := range items[from:to] {
			wares = append(wares, map[string]any{"id": it["id"], "no": it["sku"], "label": it["name"], "price": it["price"], "stock": it["qoh"], "form": it["options"]})
		}
		answer := map[string]any{"wares": wares, "total": len(items), "cursor": nil}
		if to < len(items) {
			answer["cursor"] = strconv.Itoa(to)
		}
		_ = json.NewEncoder(w).Encode(answer)
	})
}

func read(ctx context.Context, url, password string) (sdktest.Result, error) {
	return sdktest.Read(ctx, connector, sdktest.Settings{"url": url, "user": "clerk", "password": password})
}

// TestRead reads the shop, also where each token holds for two requests only, and says what it says to strangers.
func TestRead(t *testing.T) {
	want, err := sdktest.Lines(t.Context(), sdktest.Catalogue(7), "sku", "name", "price", "qoh", "options")
	if err != nil {
		t.Fatal(err)
	}
	for _, holds := range []int{100, 2} {
		server := httptest.NewServer(shop(holds))
		defer server.Close()
		got, err := read(t.Context(), server.URL, password)
		if diff := cmp.Diff(want, got.Items); err != nil || diff != "" {
			t.Errorf("tokens for %d requests: %v %s", holds, err, diff)
		}
		_, err = read(t.Context(), server.URL, "wet-clay")
		if err == nil || !strings.Contains(err.Error(), "signing in: ") || strings.Contains(err.Error(), "wet-clay") {
			t.Errorf("to a stranger it says %v", err)
		}
	}
	server := httptest.NewServer(shop(0)) // it gives tokens, and takes none
	defer server.Close()
	if _, err := read(t.Context(), server.URL, password); err == nil || !strings.Contains(err.Error(), "is not open") || strings.Contains(err.Error(), "4c1e") {
		t.Errorf("it says %v", err)
	}
}

// TestFaults spoils the shop's answers.
func TestFaults(t *testing.T) {
	if os.Getenv("RECONCILE_TEST_LONG") == "" {
		t.Skip("the client waits before it tries again, a dozen seconds in all: set RECONCILE_TEST_LONG=1, as .ci/run does")
	}
	sdktest.TestFaults(t, shop(1000), func(ctx context.Context, url string) (sdktest.Result, error) { return read(ctx, url, password) })
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
	lines := slices.DeleteFunc(strings.Split(body, "\n"), func(line string) bool { return len(strings.Trim(line, "\t {})")) == 0 })
	if len(lines) > 40 {
		t.Errorf("it has %d lines", len(lines))
	}
}
