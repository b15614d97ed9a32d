package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

const restConfig = `
source "file" "pos" {
  path = "pos.csv"
}

source "rest" "web" {
  base_url = env("SHOP_URL")
  auth {
    type    = "header"
    headers = { "X-Key" = env("SHOP_KEY") }
  }
  page {
    type  = "offset"
    size  = 10
    total = "$.total"
  }
  path   = "/items"
  items  = "$.items[*]"
  fields = {
    id    = "$.id"
    sku   = "$.sku"
    price = "$.cents"
  }
  scale = { price = "2" }
  since {
    param = "since"
    path  = "$.at"
  }
}

reconciliation "web" {
  pos   = source.file.pos
  store = source.rest.web
}

rule "P" {
  title = "Price"
  when  = pos.price != store.price
}
`

// TestRest runs a reconciliation with a source that is nothing but configuration: confined, with its Local Copy, and with a key that is
// not the right one.
func TestRest(t *testing.T) {
	const items, key = 35, "s3cr3t-k3y"
	shop := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("X-Key") != key {
			w.WriteHeader(http.StatusUnauthorized)
			fmt.Fprintf(w, `{"message": "not with %s"}`, r.Header.Get("X-Key"))
			return
		}
		offset, _ := strconv.Atoi(r.URL.Query().Get("offset"))
		if r.URL.Query().Has("since") {
			offset = items // nothing has changed
		}
		var list []string
		for i := offset; i < min(offset+10, items); i++ {
			list = append(list, fmt.Sprintf(`{"id":%d,"sku":"A-%d","cents":%d,"at":"2026-11-28T10:00:00Z"}`, i, i, 1000+i))
		}
		total := items
		if r.URL.Query().Has("since") {
			total = 0
		}
		fmt.Fprintf(w, `{"items":[%s],"total":%d}`, strings.Join(list, ","), total)
	}))
	defer shop.Close()
	dir := t.TempDir()
	pos := "sku,price\n"
	for i := range items {
		pos += fmt.Sprintf("A-%d,10.%02d\n", i, i)
	}
	pos = strings.Replace(pos, "A-7,10.07", "A-7,10.08", 1)
	for name, text := range map[string]string{"reconcile.hcl": restConfig, "pos.csv": pos} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	data := t.TempDir()
	run := func(key string, args ...string) (string, string, error) {
		cmd := program(t, dir, args...)
		cmd.Env = append(cmd.Env, "SHOP_URL="+shop.URL, "SHOP_KEY="+key, "XDG_DATA_HOME="+data, "XDG_CACHE_HOME="+data)
		var said strings.Builder
		cmd.Stderr = &said
		text, err := cmd.Output()
		return string(text), said.String(), err
	}
	check := func(args ...string) {
		t.Helper()
		text, said, err := run(key, append(args, "--format", "json")...)
		if err != nil {
			t.Fatalf("%v: %v\n%s", args, err, said)
		}
		var result struct {
			Summary struct {
				Matched int
				Rules   map[string]map[string]int
			}
			Items []struct{ SKU string }
		}
		if err := json.Unmarshal([]byte(text), &result); err != nil {
			t.Fatal(err)
		}
		if s := result.Summary; s.Matched != items || s.Rules["P"]["N"] != 1 || s.Rules["P"]["S"] != items-1 || len(result.Items) != 1 || result.Items[0].SKU != "A-7" {
			t.Errorf("%v: %s", args, text)
		}
	}
	check("run", "--no-history")
	check("run", "--no-history") // by a refresh
	shop.Close()
	check("run", "--no-history", "--offline")

	mean := httptest.NewServer(shop.Config.Handler)
	defer mean.Close()
	shop.URL = mean.URL
	text, said, err := run("another-k3y", "run", "--no-history")
	if err == nil || text != "" || !strings.Contains(said, "401 Unauthorized") || strings.Contains(said, "another-k3y") {
		t.Errorf("a wrong key: %v\n%s\n%s", err, text, said)
	}
}
