package main

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"
)

// planned is a plan as the API has it.
type planned struct {
	ID, State     string
	MadeBy        string `json:"made_by"`
	Changes, Open int
	Expired       bool
	FourEyes      bool `json:"four_eyes"`
	Outcomes      map[string]int
	Failure       *struct{ Text string }
	Estimate      *struct{ Changes, Requests int }
	Plan          struct{ Changes []struct{ SKU, Field string } }
	Error         struct{ Code, Text string }
}

// asker is somebody with a token.
type asker struct {
	*visitor
	token string
}

// withToken makes a token on the data folder of a server.
func (v *visitor) withToken(name, role string) asker {
	v.t.Helper()
	cmd := program(v.t, v.cmd.Dir, "token", "create", name, "--role", role, "--data", "data")
	out, err := cmd.Output()
	if err != nil {
		v.t.Fatal(err)
	}
	return asker{v, strings.TrimSpace(string(out))}
}

// ask asks the API for something, with a body to do it.
func (a asker) ask(want int, method, path, body string) (p planned) {
	a.t.Helper()
	r, err := http.NewRequestWithContext(a.t.Context(), method, a.at+path, strings.NewReader(body))
	if err != nil {
		a.t.Fatal(err)
	}
	if a.token != "" {
		r.Header.Set("Authorization", "Bearer "+a.token)
	}
	answer, err := a.Do(r)
	if err != nil {
		a.t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode != want {
		a.t.Fatalf("%s %s: %s, not %d: %v\n%s", method, path, answer.Status, want, err, text)
	}
	if bytes.HasPrefix(text, []byte("{")) {
		if err := json.Unmarshal(text, &p); err != nil {
			a.t.Fatalf("%s %s: %v\n%s", method, path, err, text)
		}
	}
	return p
}

// settled waits until nothing is under way with a plan any more.
func (a asker) settled(id string) planned {
	a.t.Helper()
	for end := time.Now().Add(5 * time.Minute); ; time.Sleep(20 * time.Millisecond) { // between two looks at another process
		p := a.ask(http.StatusOK, "GET", "/api/v1/plans/"+id, "")
		if !slices.Contains([]string{"making", "estimating", "applying"}, p.State) {
			return p
		}
		if time.Now().After(end) {
			a.t.Fatalf("it does not end: %+v\n%s", p, a.said)
		}
	}
}

// does has something begun with a plan, and waits until it is done.
func (a asker) does(path, body string) planned {
	a.t.Helper()
	return a.settled(a.ask(http.StatusAccepted, "POST", path, body).ID)
}

// serveStore serves the screen for a store that can be changed. The server may write if there is a token.
func (a *applying) serveStore(settled bool, env ...string) *visitor {
	a.Helper()
	cmd := program(a.T, a.dir, "serve", "--listen", "127.0.0.1:0", "--data", "data")
	cmd.Env = append(cmd.Env, env...)
	return visit(a.T, cmd, settled)
}

// TestServedPlans plans, applies and reverts by the API, as each role may.
func TestServedPlans(t *testing.T) {
	if os.Getenv("RECONCILE_TEST_LONG") == "" {
		t.Skip("RECONCILE_TEST_LONG is not set: servers, workers and connectors are started one after the other")
	}
	if runtime.GOOS == "windows" {
		t.Skip("Windows has no interrupt")
	}
	t.Parallel()
	a := newApplying(t)
	defer a.stop()
	first := a.result()
	v := a.serveStore(false)
	viewer, operator, admin := v.withToken("viewer", "viewer"), v.withToken("operator", "operator"), v.withToken("admin", "admin")
	const plans, everything = "/api/v1/plans", `{"reconciliation": "r"}`
	for _, who := range []asker{viewer, {v, ""}} {
		status := map[string]int{viewer.token: http.StatusForbidden, "": http.StatusUnauthorized}[who.token]
		who.ask(status, "GET", plans, "")
		who.ask(status, "POST", plans, everything)
		who.ask(status, "GET", plans+"/20261129-101500-abcdef", "")
		who.ask(status, "POST", plans+"/20261129-101500-abcdef/apply", "{}")
		who.ask(status, "POST", plans+"/20261129-101500-abcdef/revert", "{}")
	}
	operator.ask(http.StatusNotFound, "GET", plans+"/20261129-101500-abcdef", "")
	operator.ask(http.StatusNotFound, "GET", plans+"/..%2f..%2freconcile", "")
	admin.ask(http.StatusNotFound, "POST", plans+"/20261129-101500-abcdef/apply", "{}")
	operator.ask(http.StatusConflict, "POST", plans+"/20261129-101500-abcdef/revert", "{}")
	if p := operator.does(plans, `{"reconciliation": "r", "skus": ["nothing"]}`); p.State != "not_made" || !strings.Contains(p.Failure.Text, `there is no item "nothing"`) {
		t.Errorf("a plan for no item: %+v", p)
	}
	made := operator.does(plans, everything)
	if made.State != "made" || made.MadeBy != "token operator" || len(made.Plan.Changes) != 2 || made.Expired {
		t.Fatalf("%+v", made)
	}
	operator.ask(http.StatusForbidden, "POST", plans+"/"+made.ID+"/apply", `{}`)

	// Without the token that may write nothing is sent, and the message names it.
	if p := admin.does(plans+"/"+made.ID+"/apply", `{}`); p.State != "made" || p.Failure == nil || !strings.Contains(p.Failure.Text, "WRITE_TOKEN") {
		t.Errorf("applied without the token: %+v", p)
	}
	a.same("after a failure", first, a.result())
	a.endServer(v)
	v = a.serveStore(true, writeToken)
	operator.visitor, admin.visitor = v, v
	if p := admin.does(plans+"/"+made.ID+"/apply", `{"try": true}`); p.State != "made" || p.Estimate == nil || p.Estimate.Changes != 2 || p.Estimate.Requests == 0 {
		t.Errorf("estimated: %+v", p)
	}
	a.same("after an estimate", first, a.result())
	done := admin.does(plans+"/"+made.ID+"/apply", `{}`)
	if done.State != "done" || done.Outcomes["applied"] != 2 || done.Open != 0 {
		t.Fatalf("applied: %+v", done)
	}
	admin.ask(http.StatusConflict, "POST", plans+"/"+made.ID+"/apply", `{}`)
	a.run(0, "plan", "--exit-code")

	// It is taken back by a plan like any other, first without quantities.
	back := operator.does(plans+"/"+made.ID+"/revert", `{}`)
	if back.State != "made" || len(back.Plan.Changes) != 1 {
		t.Fatalf("%+v", back)
	}
	back = operator.does(plans+"/"+made.ID+"/revert", `{"quantities": true}`)
	if done := admin.does(plans+"/"+back.ID+"/apply", `{}`); done.State != "done" || done.Outcomes["applied"] != 2 {
		t.Fatalf("taken back: %+v", done)
	}
	a.same("taken back", first, a.result())
	a.endServer(v)
	a.says(a.trail(), `"who":"token operator","address":"127.0.0.1","what":"plan","subject":"r","after":"`+made.ID+` of everything"`,
		`"who":"token admin","address":"127.0.0.1","what":"apply","subject":"r","after":"`+made.ID+`: 2 changes, planned by token operator"`,
		`"what":"apply.failed"`, `"what":"apply.estimate"`, `"what":"apply.done","subject":"r","after":"`+made.ID+`: 2 applied"`, `"what":"plan.revert","subject":"r","before":"`+made.ID+`"`)
}

// trail returns the audit trail as it is exported.
func (a *applying) trail() string {
	a.Helper()
	out, _ := a.run(0, "audit", "export", "--output", "trail.jsonl")
	text, err := os.ReadFile(filepath.Join(a.dir, "trail.jsonl"))
	if err != nil {
		a.Fatal(err, out)
	}
	return string(text)
}

// endServer stops a server as services are.
func (a *applying) endServer(v *visitor) {
	a.Helper()
	if err := v.cmd.Process.Signal(os.Interrupt); err != nil {
		a.Fatal(err)
	}
	_, _ = io.Copy(io.Discard, v.lines)
	if err := v.cmd.Wait(); err != nil {
		a.Errorf("the server: %v\n%s", err, v.said)
	}
}
