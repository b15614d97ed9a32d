package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"
)

// TestSampleApplied: on the sample, a plan's cells are those that the next run has, no change is left to be planned then, and taken back the
// first run comes again, times aside.
func TestSampleApplied(t *testing.T) {
	t.Parallel()
	a := &applying{T: t, dir: t.TempDir()}
	address, stop := serveSandbox(t, a.dir, "--quota", "0")
	defer stop()
	root := filepath.Join("..", "..")
	config, err := os.ReadFile(filepath.Join(root, "reconcile.hcl"))
	if err != nil {
		t.Fatal(err)
	}
	inventory, err := os.ReadFile(filepath.Join(root, "docs", "sample", "inventory.csv"))
	if err != nil {
		t.Fatal(err)
	}
	const sandbox = "sandbox = true"
	if !bytes.Contains(config, []byte(sandbox)) {
		t.Fatalf("the sample has no line %q any more", sandbox)
	}
	if err := os.MkdirAll(filepath.Join(a.dir, "docs", "sample"), 0o755); err != nil {
		t.Fatal(err)
	}
	a.write("docs/sample/inventory.csv", string(inventory))
	a.write("reconcile.hcl", strings.Replace(string(config), sandbox, fmt.Sprintf("api_url = %q\n  store_hash = \"sandbox\"\n  access_token = \"sandbox-token\"\n  write_access_token = env(\"WRITE_TOKEN\")\n #", address), 1))

	first := a.result()
	a.run(2, "plan", "--exit-code")
	id := a.plan()
	a.env = []string{writeToken}
	a.run(0, "apply", "plan.json")
	for change, outcome := range a.outcomes(id) {
		if outcome != "applied" {
			t.Errorf("%s is %s", change, outcome)
		}
	}
	a.env = nil // from here on nobody has the token
	out, _ := a.run(0, "plan", "--exit-code")
	a.says(out, "Import the webstore transactions", "correct the quantity in AmberPOS", "update the Local Copy") // for people
	cells := cellsOfRun(t, a.result())
	for sku, then := range a.foretold() {
		a.same(sku, then, cells[sku])
	}
	a.env = []string{writeToken}
	a.run(0, "revert", id, "--quantities", "--out", "back.json")
	a.run(0, "apply", "back.json")
	a.env = nil
	a.same("taken back", first, a.result())
}

// foretold returns the cells that a plan's items are to have.
func (a *applying) foretold() map[string]map[string]string {
	a.Helper()
	text, err := os.ReadFile(filepath.Join(a.dir, "plan.json"))
	if err != nil {
		a.Fatal(err)
	}
	var read struct {
		Changes []struct {
			SKU  string
			Then map[string]string
		}
	}
	if err := json.Unmarshal(text, &read); err != nil || len(read.Changes) == 0 {
		a.Fatal(err, len(read.Changes))
	}
	cells := map[string]map[string]string{}
	for _, c := range read.Changes {
		cells[c.SKU] = c.Then
	}
	return cells
}

func cellsOfRun(t *testing.T, text string) map[string]map[string]string {
	t.Helper()
	var read struct {
		Items []struct {
			SKU   string
			Cells map[string]string
		}
	}
	if err := json.Unmarshal([]byte(text), &read); err != nil {
		t.Fatal(err)
	}
	cells := map[string]map[string]string{}
	for _, it := range read.Items {
		cells[it.SKU] = it.Cells
	}
	return cells
}

// TestKilledApply kills reconcile, or on Linux its connector, at random moments of an apply. Gone on with, every change is made, and the
// store has what the journal says.
func TestKilledApply(t *testing.T) {
	t.Parallel()
	kills := 2
	if n, err := strconv.Atoi(os.Getenv(killsEnv)); err == nil {
		kills = n
	}
	const items = 30
	a := &applying{T: t, dir: t.TempDir(), env: []string{writeToken}}
	var products []string
	for i := range items {
		products = append(products, fmt.Sprintf(`{"sku": "A-%d", "name": "Bell %d", "price": 10, "stock": 3}`, i, i))
	}
	a.write("store.json", `{"products": [`+strings.Join(products, ",")+`]}`)
	address, stop := serveSandbox(t, a.dir, "--catalog", "store.json", "--quota", "0", "--latency", "20ms")
	defer stop()
	config := fmt.Sprintf(applyConfig, address)
	a.write("reconcile.hcl", config[:strings.Index(config, `rule "QP"`)]+"rule \"N\" {\n  when = pos.name != store.name\n  remedy \"upload\" {\n    name = pos.name\n  }\n}\n")
	took := time.Second
	for kill := range kills + 1 {
		inventory := "sku,name,price\n"
		for i := range items {
			inventory += fmt.Sprintf("A-%d,Bell %d of %d,%d\n", i, i, kill, 11+kill)
		}
		a.write("inventory.csv", inventory)
		id := a.plan()
		if kill == 0 { // the first one only says how long it takes
			began := time.Now()
			a.run(0, "apply", "plan.json")
			took = time.Since(began)
			continue
		}
		a.kill(time.Duration(rand.Int64N(int64(took))), kill%2 == 0)
		a.run(0, "apply", "plan.json")
		if outcomes := a.outcomes(id); len(outcomes) != 2*items {
			t.Fatalf("%d outcomes", len(outcomes))
		}
		a.run(0, "plan", "--exit-code")
	}
}

// kill begins to apply the plan, and kills the program after a while, or a process that it has started.
func (a *applying) kill(after time.Duration, child bool) {
	a.Helper()
	cmd := program(a.T, a.dir, "apply", "plan.json")
	cmd.Env = append(append(cmd.Env, "RECONCILE_DATA="+filepath.Join(a.dir, "data")), a.env...)
	if err := cmd.Start(); err != nil {
		a.Fatal(err)
	}
	timer := time.AfterFunc(after, func() {
		if pids := childrenOf(cmd.Process.Pid); child && len(pids) > 0 {
			if p, err := os.FindProcess(pids[rand.IntN(len(pids))]); err == nil {
				_ = p.Kill() // it may have ended
			}
			return
		}
		_ = cmd.Process.Kill()
	})
	_ = cmd.Wait() // with any status
	timer.Stop()
}

// childrenOf returns the processes that one has started, on Linux; elsewhere none.
func childrenOf(pid int) (pids []int) {
	if runtime.GOOS != "linux" {
		return nil
	}
	lists, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", pid))
	for _, list := range lists {
		text, _ := os.ReadFile(list)
		for _, word := range strings.Fields(string(text)) {
			if n, err := strconv.Atoi(word); err == nil {
				pids = append(pids, n)
			}
		}
	}
	return pids
}
