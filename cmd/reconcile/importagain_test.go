package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestImportAgain presses Import Skus while an import is under way. Who has changed nothing gets that one. Who has changed the rules meanwhile gets one
// that knows of it: the one under way read them before.
func TestImportAgain(t *testing.T) {
	t.Parallel()
	asked, answers := make(chan struct{}), make(chan struct{})
	shop := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Get("offset") != "0" { // is there more?
			fmt.Fprint(w, `{"items": [], "total": 1}`)
			return
		}
		for _, step := range []chan struct{}{asked, answers} {
			select {
			case step <- struct{}{}:
			case <-r.Context().Done():
				return
			}
		}
		fmt.Fprint(w, `{"items": [{"sku": "A", "price": "2.00"}], "total": 1}`)
	}))
	defer shop.Close()
	defer shop.CloseClientConnections()
	dir := t.TempDir()
	const config = `
source "file" "pos" {
  path = "pos.csv"
}

source "rest" "web" {
  base_url = %q
  page {
    type  = "offset"
    size  = 10
    total = "$.total"
  }
  path   = "/items"
  items  = "$.items[*]"
  fields = {
    sku   = "$.sku"
    price = "$.price"
  }
}

reconciliation "bigcommerce" {
  pos   = source.file.pos
  store = source.rest.web
}

rule "P" {
  title = "Price"
  when  = pos.price != store.price
}
`
	text := fmt.Sprintf(config, shop.URL)
	put(t, dir, map[string]string{"reconcile.hcl": text, "pos.csv": "sku,price\nA,1.00\n"})
	v := serveIn(t, dir, false)
	defer func() { _ = v.cmd.Process.Kill(); _ = v.cmd.Wait() }()
	v.setUp()
	press := func() { t.Helper(); v.post(http.StatusOK, "/inventory/bigcommerce/import", "") }
	// begun waits until an import reads the store: its rules were read by then.
	begun := func() {
		t.Helper()
		select {
		case <-asked:
		case <-time.After(time.Minute):
			_, text := v.get("/inventory/bigcommerce")
			t.Fatalf("nothing reads the store\n%s", text)
		}
	}
	press()
	begun()
	press() // this is the one that there is
	list := filepath.Join(dir, "skus.csv")
	if err := os.WriteFile(list, []byte("sku\nA\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	put(t, dir, map[string]string{"reconcile.hcl": text + "\nintentional \"sale\" {\n  reason = \"on offer\"\n  rules  = [\"P\"]\n  skus_file = \"skus.csv\"\n}\n"})
	press() // another one follows
	press() // and this is that
	<-answers
	begun()
	if head, _ := v.get("/inventory/bigcommerce/band"); head.Get("X-Last-Run") == "" {
		t.Error("the second one has begun before the first one was kept")
	}
	put(t, dir, map[string]string{"skus.csv": "sku\nB\n"})
	press() // a list of it has changed
	<-answers
	begun()
	<-answers
	v.imported("")

	_, listed := v.get("/api/v1/runs?reconciliation=bigcommerce")
	var got struct {
		Runs []struct {
			ID string `json:"id"`
		} `json:"runs"`
	}
	if err := json.Unmarshal([]byte(listed), &got); err != nil {
		t.Fatal(err)
	}
	var cells []string
	for _, r := range got.Runs {
		_, items := v.get("/api/v1/runs/" + r.ID + "/items")
		for _, cell := range []string{`"cells":{"P":"N"}`, `"cells":{"P":"I"}`} {
			if strings.Contains(items, cell) {
				cells = append(cells, cell[len(`"cells":{"P":"`):len(cell)-2])
			}
		}
	}
	if said := strings.Join(cells, " "); said != "N I N" {
		t.Errorf("the imports say %s of the item\n%s", said, listed)
	}
}
