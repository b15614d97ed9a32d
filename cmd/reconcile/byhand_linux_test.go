package main

import (
	"encoding/json"
	"net/http"
	"os"
	"strings"
	"testing"
)

// TestAcceptByHand accepts on the screen where the configuration lies on a disk that is read-only, as in a container: nothing is accepted,
// and the block that is offered in place of that is right, put into the file by hand.
func TestAcceptByHand(t *testing.T) {
	if os.Getenv("RECONCILE_TEST_LONG") == "" {
		t.Skip("it serves and imports: set RECONCILE_TEST_LONG=1")
	}
	t.Parallel()
	befall(t, badDay{Dir: t.TempDir()}) // or skip
	dir := t.TempDir()
	writeFiles(t, dir, map[string]string{"reconcile.hcl": servedConfig, "pos.csv": "sku,name,price\nA-1,Amp,10\nA-2,Bass,20\nA-3,Cable,5\n",
		"web.csv": "sku,name,price\nA-1,Amp,11\nA-2,Bass,21\n"})
	day := badDay{Dir: dir, Disks: []string{dir}, Steps: []step{{Lock: dir}}, Serve: []string{"serve", "--listen", "127.0.0.1:0", "--data", t.TempDir()}}
	v := visit(t, day.command(t), false)
	v.setUp()
	v.post(http.StatusAccepted, "/api/v1/runs", `{"reconciliation": "bigcommerce"}`)
	run := v.imported("")
	var said struct {
		Error struct{ Code, Text, File, Block string }
	}
	text := v.post(http.StatusConflict, "/api/v1/runs/"+run+"/accept", `{"items": [{"sku": "A-1", "rule": "P"}, {"sku": "A-3"}], "reason": "on offer"}`)
	if err := json.Unmarshal([]byte(text), &said); err != nil {
		t.Fatal(err)
	}
	if of := said.Error; of.Code != "not_writable" || !strings.Contains(of.Text, "read-only file system") || !strings.HasSuffix(of.File, "reconcile.accepted.hcl") {
		t.Errorf("it says %s", text)
	}
	if _, trail := v.get("/api/v1/audit?what=accept"); !strings.Contains(trail, `"accept.failed"`) {
		t.Errorf("the audit trail has %s", trail)
	}
	writeFiles(t, dir, map[string]string{"reconcile.accepted.hcl": said.Error.Block}) // of the disk that others see
	out, err := program(t, dir, "run", "--format", "csv", "--all").Output()
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"A-1,Amp,matched,I,", "A-2,Bass,matched,N,", "A-3,Cable,pos_only,"} {
		if !strings.Contains(string(out), want) {
			t.Errorf("there is no %q in\n%s", want, out)
		}
	}
	if said, err := program(t, dir, "accept", "--remove", "--sku", "A-3", "--status", "pos_only").CombinedOutput(); err != nil {
		t.Errorf("A-3 was not accepted: %v\n%s", err, said)
	}
}
