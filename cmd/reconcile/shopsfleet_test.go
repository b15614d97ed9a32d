package main

import (
	"bufio"
	"crypto/sha256"
	"fmt"
	"io"
	"math"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/reconcilehq/reconcile/engine/fault"
	"github.com/reconcilehq/reconcile/engine/history"
	"github.com/reconcilehq/reconcile/engine/report"
)

// manyShops is a configuration for many shops, which share a few catalogues, and the emulators that serve their stores.
type manyShops struct {
	dir, alone string // the configuration for all shops; the same for one shop of each kind
	shops      int
	kinds      int // of shops that can be compared: their catalogues
	faulty     int // shops that cannot be compared
}

const manyShopsConfig = `
shops {
  file = "shops.csv"
}
source "file" "pos" {
  path = "pos-${each.kind}.csv"
}
source "bigcommerce" "web" {
  api_url      = each.api
  store_hash   = each.store_hash
  access_token = each.token
}
reconciliation "web" {
  pos   = source.file.pos
  store = source.bigcommerce.web
}
rule "N" {
  when = pos.name != store.name
}
rule "Q" {
  when = pos.qoh != store.qoh
}
rule "P" {
  when = pos.price != store.price
}
`

// writeManyShops writes the configuration, and starts so many emulators, which end with the test. Catalogues have 50 to 5,000 items, small
// ones more often than large ones; one shop in 50 cannot be compared, because its store is gone, or its token wrong. Where there is one kind, all
// are small, and all can be compared.
func writeManyShops(t *testing.T, shops, kinds, emulators int, flags ...string) *manyShops {
	t.Helper()
	m := &manyShops{dir: t.TempDir(), alone: t.TempDir(), shops: shops, kinds: kinds}
	files := map[string]string{"reconcile.hcl": manyShopsConfig}
	for kind := range kinds {
		size := 50
		if kinds > 1 {
			at := float64(kind) / float64(kinds-1)
			size = int(50 * math.Pow(100, at*at))
		}
		files[fmt.Sprintf("pos-%d.csv", kind)], files[fmt.Sprintf("store-%d.json", kind)] = catalogueOf(kind, size)
	}
	for i := range shops {
		name := fmt.Sprintf("stores-%d.csv", i%emulators)
		if files[name] == "" {
			files[name] = "store_hash,catalog\n"
		}
		files[name] += fmt.Sprintf("store-%d,store-%d.json\n", i, i%kinds)
	}
	writeFiles(t, m.dir, files)
	writeFiles(t, m.alone, files)
	api := make([]string, emulators)
	for i := range api {
		api[i] = m.emulator(t, append([]string{"--stores", filepath.Join(m.dir, fmt.Sprintf("stores-%d.csv", i))}, flags...)...)
	}
	var all, alone strings.Builder
	compared := map[int]bool{} // kinds of which a shop that can be compared is run alone
	all.WriteString("shop,kind,api,store_hash,token\n")
	alone.WriteString(all.String())
	for i := range shops {
		hash, token := fmt.Sprintf("store-%d", i), "sandbox-token"
		faulty := kinds > 1 && i%50 == 7
		if faulty {
			m.faulty++
			if i%100 == 7 {
				hash = "gone"
			} else {
				token = "wrong"
			}
		}
		line := fmt.Sprintf("shop-%d,%d,%s,%s,%s\n", i, i%kinds, api[i%emulators], hash, token)
		all.WriteString(line)
		if !compared[i%kinds] {
			alone.WriteString(line)
			compared[i%kinds] = !faulty
		}
	}
	writeFiles(t, m.dir, map[string]string{"shops.csv": all.String()})
	writeFiles(t, m.alone, map[string]string{"shops.csv": alone.String()})
	return m
}

// emulator starts an emulator of stores, which ends with the test, and returns its address.
func (m *manyShops) emulator(t *testing.T, args ...string) string {
	t.Helper()
	cmd := program(t, m.dir, append([]string{"sandbox", "bigcommerce"}, args...)...)
	out, err := cmd.StdoutPipe()
	must(t, err)
	said := &noise{}
	cmd.Stderr = said
	must(t, cmd.Start())
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if _, at, is := strings.Cut(lines.Text(), " stores answer at "); is {
			fault.Go(func() { _, _ = io.Copy(io.Discard, out) })
			at, _, _ = strings.Cut(at, " ")
			return at
		}
	}
	t.Fatalf("the emulator names no address: %s", said)
	return ""
}

// catalogueOf returns both sides of a catalogue: some items are missing in the store, some have other prices or quantities there.
func catalogueOf(kind, size int) (pos, store string) {
	var csv, web strings.Builder
	csv.WriteString("sku,name,price,qoh\n")
	web.WriteString(`{"store": {"currency": "CAD"}, "products": [`)
	first := true
	for n := range size {
		price, stock := n%90+1, n%7
		fmt.Fprintf(&csv, "A-%d,Item %d,%d.99,%d\n", n, n, price, stock)
		if n%(11+kind%5) == 3 {
			price++
		}
		if n%(23+kind%7) == 4 {
			stock++
		}
		if n%37 == 5 {
			continue
		}
		if !first {
			web.WriteString(",")
		}
		first = false
		fmt.Fprintf(&web, "\n"+`{"sku": "A-%d", "name": "Item %d", "price": %d.99, "stock": %d}`, n, n, price, stock)
	}
	web.WriteString("]}\n")
	return csv.String(), web.String()
}

// command returns a command of the program that uses a data folder, and a database if there is one.
func (m *manyShops) command(t *testing.T, dir, data, database string, said io.Writer, args ...string) *exec.Cmd {
	t.Helper()
	cmd := program(t, dir, args...)
	cmd.Env = append(cmd.Env, historyEnv+"=", "RECONCILE_DATA="+data, databaseEnv+"="+database)
	cmd.Stdout, cmd.Stderr = said, said
	return cmd
}

// sumOfRun returns a sum over all items of a run: their values and cells.
func sumOfRun(path string) (string, error) {
	run, err := history.Open(path)
	if err != nil {
		return "", err
	}
	defer run.Close()
	format := report.Formats()[2]
	if format.Name != "ndjson" {
		return "", fmt.Errorf("the format is %s", format.Name)
	}
	r, w := io.Pipe()
	fault.Go(func() { _ = w.CloseWithError(format.Write(w, run.Result(), report.Options{All: true})) })
	sum, items := sha256.New(), 0
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		if strings.HasPrefix(lines.Text(), `{"type": "item"`) { // and not what was compared, and when
			items++
			_, _ = sum.Write(append(lines.Bytes(), '\n'))
		}
	}
	if items != run.Items() {
		return "", fmt.Errorf("%s: %d lines of %d items: %v", path, items, run.Items(), lines.Err())
	}
	return fmt.Sprintf("%d %x", items, sum.Sum(nil)), lines.Err()
}
