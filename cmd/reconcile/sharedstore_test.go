package main

import (
	"os"
	"strings"
	"testing"

	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/store/storetest"
)

// TestSharedStore has two machines, which share a data folder, keep users and runs in one PostgreSQL database.
func TestSharedStore(t *testing.T) {
	t.Parallel()
	url, data := storetest.URL(t), t.TempDir()
	machines := [2]string{t.TempDir(), t.TempDir()}
	for _, dir := range machines {
		writeFiles(t, dir, map[string]string{"reconcile.hcl": servedConfig, "pos.csv": "sku,name,price\nA-1,Amp,10\nA-2,Bass,20\n", "web.csv": "sku,name,price\nA-1,Amp,11\nA-2,Bass,20\n"})
	}
	// do runs a command, and returns all that it says.
	do := func(fails bool, machine int, database string, args ...string) string {
		t.Helper()
		cmd := program(t, machines[machine], args...)
		cmd.Env = append(cmd.Env, historyEnv+"=", "RECONCILE_DATA="+data, databaseEnv+"="+database)
		cmd.Stdin = strings.NewReader("a good password\n")
		said, err := cmd.CombinedOutput()
		if (err != nil) != fails {
			t.Fatalf("%v: %v\n%s", args, err, said)
		}
		if strings.Contains(string(said), "reconcile:reconcile") {
			t.Errorf("%v: it says the password:\n%s", args, said)
		}
		return string(said)
	}
	has := func(said string, want ...string) {
		t.Helper()
		for _, w := range want {
			if !strings.Contains(said, w) {
				t.Errorf("it does not say %q:\n%s", w, said)
			}
		}
	}
	do(false, 0, url, "user", "add", "ann", "--role", "admin", "--password-stdin")
	has(do(false, 1, "", "user", "list", "--database", url), "ann")
	has(do(true, 1, url, "user", "add", "Ann", "--role", "viewer", "--password-stdin"), "there is one of that name already")
	do(false, 1, url, "token", "create", "nightly", "--role", "operator")
	has(do(false, 0, url, "audit", "verify"), "2 entries")

	do(false, 0, url, "run")
	// The same configuration on the other machine: its path is what runs belong to.
	do(false, 1, url, "run", "--config", machines[0])
	has(do(false, 1, url, "runs", "--config", machines[0]+"/reconcile.hcl"), "bigcommerce")
	if runs := do(false, 0, url, "runs"); strings.Count(runs, "bigcommerce") != 1 {
		t.Errorf("%s", runs)
	}
	files, err := os.ReadDir(data + "/runs")
	if err != nil || len(files) != 4 {
		t.Errorf("the shared folder: %v, %v", files, err)
	}
	has(do(false, 0, url, "run", "--new"), "No item is new since the run")

	has(do(true, 0, url, "backup", t.TempDir()), "pg_dump")
	has(do(true, 0, "", "user", "list"), "belongs to a database on PostgreSQL", "--database")
	has(do(true, 0, strings.Replace(url, "127.0.0.1:", "127.0.0.1:1", 1), "user", "list"), "address of the database")
	has(do(true, 0, "postgres://ann:sesam0pen@127.0.0.1:1/shops", "user", "list"), `connect to the database "shops" on 127.0.0.1`, "is it running")
}
