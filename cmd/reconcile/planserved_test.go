package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
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

// withFourEyes has each plan of more than one change be carried out by somebody else.
func (a *applying) withFourEyes() {
	a.Helper()
	config, err := os.ReadFile(filepath.Join(a.dir, "reconcile.hcl"))
	if err != nil {
		a.Fatal(err)
	}
	a.write("reconcile.hcl", string(config)+"brakes {\n  four_eyes = 1\n}\n")
}

// TestFourEyes: at the terminal nobody carries out a large plan of their own, and no --allow lifts that; a small one is as ever.
func TestFourEyes(t *testing.T) {
	t.Parallel()
	a := newApplying(t)
	defer a.stop()
	a.withFourEyes()
	a.env = []string{writeToken}
	first := a.result()
	a.plan("--allow", "max_changes")
	out, _ := a.run(0, "plan", "show", "plan.json")
	a.says(out, "somebody else than")
	_, said := a.run(1, "apply", "plan.json")
	a.says(said, "2 changes", "four_eyes", "Nothing was sent")
	out, _ = a.run(0, "journal")
	a.says(out, "No plan was carried out.")
	a.same("after a refusal", first, a.result())
	a.plan("--rule", "P")
	a.run(0, "apply", "plan.json")
}

// TestServedFourEyes: on the screen another administrator applies a large plan than who has made it, and no token does.
func TestServedFourEyes(t *testing.T) {
	if os.Getenv("RECONCILE_TEST_LONG") == "" || runtime.GOOS == "windows" {
		t.Skip("RECONCILE_TEST_LONG is not set, or this is Windows, which has no interrupt")
	}
	t.Parallel()
	a := newApplying(t)
	defer a.stop()
	a.withFourEyes()
	v := a.serveStore(false, writeToken)
	v.setUp()
	ann, token := asker{v, ""}, v.withToken("robot", "admin")
	bob := asker{v.also("bob", "admin"), ""}
	const plans, everything = "/api/v1/plans", `{"reconciliation": "r"}`
	made := ann.does(plans, everything)
	if made.State != "made" || !made.FourEyes || made.MadeBy != "ann" {
		t.Fatalf("%+v", made)
	}
	for who, want := range map[asker]string{ann: "you have made it", token: "no token"} {
		for _, body := range []string{`{}`, `{"try": true}`} {
			if p := who.ask(http.StatusConflict, "POST", plans+"/"+made.ID+"/apply", body); p.Error.Code != "four_eyes" || !strings.Contains(p.Error.Text, want) {
				t.Errorf("%+v", p.Error)
			}
		}
	}
	if _, page := ann.get("/inventory/r/plans/" + made.ID); !strings.Contains(page, "You have made it") || strings.Contains(page, "/apply\"") {
		t.Errorf("the page of who has made it:\n%s", page)
	}
	robots := token.does(plans, everything)
	if p := bob.ask(http.StatusConflict, "POST", plans+"/"+robots.ID+"/apply", `{}`); !strings.Contains(p.Error.Text, "nobody knows which person") {
		t.Errorf("%+v", p.Error)
	}
	small := ann.does(plans, `{"reconciliation": "r", "rules": ["P"]}`)
	if done := ann.does(plans+"/"+small.ID+"/apply", `{}`); done.State != "done" || done.Outcomes["applied"] != 1 {
		t.Errorf("a small one: %+v", done)
	}
	done := bob.does(plans+"/"+made.ID+"/apply", `{}`)
	if done.State != "done" || done.Outcomes["applied"] != 1 || done.Outcomes["unchanged"] != 1 {
		t.Errorf("by another one: %+v", done)
	}
	a.endServer(v)
}

// also returns somebody else who is logged in to the same server.
func (v *visitor) also(name, role string) *visitor {
	v.t.Helper()
	cmd := program(v.t, v.cmd.Dir, "user", "add", name, "--role", role, "--password-stdin", "--data", "data")
	cmd.Stdin = strings.NewReader("a good password")
	if said, err := cmd.CombinedOutput(); err != nil {
		v.t.Fatalf("%v\n%s", err, said)
	}
	jar, _ := cookiejar.New(nil) // never fails
	other := *v
	other.Client = &http.Client{Jar: jar, Transport: v.Transport}
	answer, err := other.PostForm(v.at+"/login", url.Values{"name": {name}, "password": {"a good password"}})
	other.ask(http.StatusOK, answer, err)
	return &other
}

// TestServedKilled kills the server while a plan is carried out. The page says so, and who goes on finishes it, with nothing sent twice.
func TestServedKilled(t *testing.T) {
	if os.Getenv("RECONCILE_TEST_LONG") == "" || runtime.GOOS == "windows" {
		t.Skip("RECONCILE_TEST_LONG is not set, or this is Windows, which has no interrupt")
	}
	t.Parallel()
	const items = 60
	a := &applying{T: t, dir: t.TempDir()}
	var products []string
	inventory := "sku,name,price,qoh\n"
	for i := range items {
		products = append(products, fmt.Sprintf(`{"sku": "A-%d", "name": "Bell %d", "price": 10, "stock": 3}`, i, i))
		inventory += fmt.Sprintf("A-%d,Bell %d,12,3\n", i, i)
	}
	a.write("store.json", `{"products": [`+strings.Join(products, ",")+`]}`)
	a.write("inventory.csv", inventory)
	address, stop := serveSandbox(t, a.dir, "--catalog", "store.json", "--quota", "0", "--latency", "200ms")
	defer stop()
	a.write("reconcile.hcl", fmt.Sprintf(applyConfig, address))
	v := a.serveStore(false, writeToken)
	admin := v.withToken("admin", "admin")
	const plans = "/api/v1/plans"
	made := admin.does(plans, `{"reconciliation": "r"}`)
	if made.Changes != items {
		t.Fatalf("%+v", made)
	}
	// Two press at once: there is one.
	codes := make(chan int, 2)
	for range 2 {
		go func() {
			r, err := http.NewRequestWithContext(t.Context(), "POST", v.at+plans+"/"+made.ID+"/apply", strings.NewReader(`{}`))
			if err != nil {
				codes <- 0
				return
			}
			r.Header.Set("Authorization", "Bearer "+admin.token)
			answer, err := v.Do(r)
			if err != nil {
				codes <- 0
				return
			}
			_ = answer.Body.Close()
			codes <- answer.StatusCode
		}()
	}
	if one, two := <-codes, <-codes; one != http.StatusAccepted || two != http.StatusAccepted {
		t.Errorf("pressed at once: %d, %d", one, two)
	}
	for end := time.Now().Add(5 * time.Minute); admin.ask(http.StatusOK, "GET", plans+"/"+made.ID, "").Open == 0; time.Sleep(10 * time.Millisecond) { // between two looks at another process
		if time.Now().After(end) {
			t.Fatal("it does not begin")
		}
	}
	_ = v.cmd.Process.Kill()
	_ = v.cmd.Wait()

	v = a.serveStore(true, writeToken)
	admin.visitor = v
	left := admin.settled(made.ID)
	if left.State != "unfinished" || left.Open == 0 {
		t.Errorf("after the kill: %+v", left)
	}
	for end := time.Now().Add(5 * time.Minute); ; {
		p := admin.does(plans+"/"+made.ID+"/apply", `{}`)
		if p.Failure != nil && strings.Contains(p.Failure.Text, "is at work with this data folder") && time.Now().Before(end) {
			continue // the worker of the first server is still on its way out
		}
		if p.State != "done" || p.Outcomes["applied"] != items || p.Open != 0 {
			t.Fatalf("gone on with: %+v %+v", p, p.Failure)
		}
		break
	}
	a.endServer(v)
	a.run(0, "plan", "--exit-code")
}
