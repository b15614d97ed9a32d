package web

import (
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/store"
)

// people asks for everything that the API has about people, programs and the audit trail.
func (p *program) people() {
	p.t.Helper()
	p.ask("POST", "/api/v1/users", `{"name": "Bob", "role": "viewer", "password": "bob's password"}`, 201)
	p.ask("POST", "/api/v1/users", `{"name": "BOB", "role": "viewer", "password": "bob's password"}`, 409)
	p.ask("POST", "/api/v1/users", `{"name": "Carl", "role": "viewer", "password": "short"}`, 422)
	p.ask("POST", "/api/v1/users", `{"name": "Carl", "role": "king", "password": "bob's password"}`, 422)
	p.ask("PATCH", "/api/v1/users/bob", `{"role": "admin", "password": "another password"}`, 200)
	p.ask("PATCH", "/api/v1/users/bob", `{"role": "viewer"}`, 409)
	p.ask("PATCH", "/api/v1/users/bob", `{"role": "viewer", "password": "short"}`, 422)
	p.ask("PATCH", "/api/v1/users/bob", `{}`, 422)
	p.ask("PATCH", "/api/v1/users/carl", `{"role": "viewer"}`, 404)
	p.ask("DELETE", "/api/v1/users/bob", "", 409)
	if _, _, err := p.store.LogIn(p.t.Context(), "", "Bob", "another password"); err != nil {
		p.t.Error(err)
	}
	users := p.ask("GET", "/api/v1/users", "", 200)["users"].([]any)
	if bob := users[0].(map[string]any); len(users) != 1 || bob["sessions"] != 1.0 || bob["role"] != "admin" {
		p.t.Errorf("%v", users)
	}
	p.ask("DELETE", "/api/v1/users/bob/sessions", "", 200)
	if users = p.ask("GET", "/api/v1/users", "", 200)["users"].([]any); users[0].(map[string]any)["last_seen"] != nil {
		p.t.Errorf("Bob is still logged in: %v", users)
	}
	p.ask("POST", "/api/v1/users", `{"name": "Carl/2", "role": "admin", "password": "bob's password"}`, 201)
	p.ask("DELETE", "/api/v1/users/Carl%2F2", "", 200)
	p.ask("DELETE", "/api/v1/users/Carl%2F2", "", 404)
	made := p.ask("POST", "/api/v1/tokens", `{"name": "nightly", "role": "operator"}`, 201)
	if t, err := p.store.TokenOf(p.t.Context(), made["token"].(string)); err != nil || t.Role != store.Operator {
		p.t.Errorf("%v, %v", t, err)
	}
	p.ask("POST", "/api/v1/tokens", `{"name": "Nightly", "role": "operator"}`, 409)
	p.ask("POST", "/api/v1/tokens", `{"name": "other", "role": "nobody"}`, 422)
	if said := p.ask("GET", "/api/v1/tokens", "", 200); len(said["tokens"].([]any)) != 2 { // with the program's own
		p.t.Errorf("%v", said)
	}
	p.ask("DELETE", "/api/v1/tokens/nightly", "", 200)
	p.ask("DELETE", "/api/v1/tokens/nightly", "", 404)
	entries := p.ask("GET", "/api/v1/audit?what=user&limit=2", "", 200)["entries"].([]any)
	if first := entries[0].(map[string]any); len(entries) != 2 || first["what"] != "user.remove" || first["subject"] != "Carl/2" || !strings.HasPrefix(first["who"].(string), "token ") {
		p.t.Errorf("%v", entries)
	}
	p.ask("GET", "/api/v1/audit?from=2020-01-01T00:00:00Z&to=2020-01-02T00:00:00Z&who=nobody&q=x&before=7", "", 200)
	p.ask("GET", "/api/v1/audit?from=yesterday", "", 422)
	p.ask("GET", "/api/v1/audit?limit=0", "", 422)
	p.ask("GET", "/api/v1/audit/export", "", 200)
}

// TestPeoplePage has an administrator look after people and programs, and nobody else.
func TestPeoplePage(t *testing.T) {
	s := newSite(t, Options{})
	ann, eve := s.user("Ann", store.Admin), s.user("Eve", store.Operator)
	if r := s.get(eve, "/"); strings.Contains(r.text, `href="/people"`) || strings.Contains(r.text, `href="/audit"`) {
		t.Error("an operator is led to where only administrators may be")
	}
	for _, c := range []struct{ path, pairs string }{
		{"/people", "name=Bob role=viewer password=password1"}, {"/people/role", "name=Eve role=admin"}, {"/people/password", "name=Ann password=password1"},
		{"/people/logout", "name=Ann"}, {"/people/remove", "name=Ann"}, {"/people/token", "name=x role=admin"}, {"/people/revoke", "name=x"},
	} {
		if r := s.post(eve, c.path, pairs(c.pairs)...); r.status != http.StatusForbidden {
			t.Errorf("an operator at %s: %d", c.path, r.status)
		}
	}
	for _, path := range []string{"/people", "/audit"} {
		if r := s.get(eve, path); r.status != http.StatusForbidden {
			t.Errorf("an operator at %s: %d", path, r.status)
		}
	}
	does := func(path, with string, want string) {
		t.Helper()
		r := s.post(ann, path, pairs(with)...)
		if r.status == http.StatusSeeOther {
			r = s.get(ann, r.Header.Get("Location"))
		}
		if !strings.Contains(r.text, want) {
			t.Errorf("%s %s: %d, lacks %q:\n%s", path, with, r.status, want, r.text)
		}
	}
	does("/people", "name=Bob role=operator password=password1", `role="status">Bob may log in now.`)
	does("/people", "name=bob role=viewer password=password1", "There is one of that name already")
	does("/people", "name=Carl role=viewer password=short", "The password is too short")
	does("/people", "name=Carl role=viewer password=short", `name="name" value="Carl"`)
	does("/people", "name=Carl role= password=password1", "Choose a role.")
	does("/people/role", "name=Ann role=viewer", "Nobody else is an administrator")
	does("/people/remove", "name=Ann", "Nobody else is an administrator")
	does("/people/remove", "name=Carl", "There is no such user")
	does("/people/role", "name=Bob role=viewer", "Bob has another role now.")
	does("/people/logout", "name=Eve", "Eve was logged out everywhere.")
	if r := s.get(eve, "/"); r.status != http.StatusSeeOther {
		t.Errorf("Eve is still logged in: %d", r.status)
	}
	does("/people/password", "name=Bob password=password2", "Bob has a new password")
	if r := s.post(s.browser(), "/login", "name", "Bob", "password", "password2"); r.status != http.StatusSeeOther {
		t.Errorf("Bob cannot log in with the new password: %d", r.status)
	}
	does("/people/remove", "name=Bob", "Bob was removed")
	r := s.post(ann, "/people/token", "name", "nightly", "role", "viewer")
	token := regexp.MustCompile(`reconcile_[A-Z2-7]+`).FindString(r.text)
	if _, err := s.store.TokenOf(t.Context(), token); err != nil {
		t.Errorf("the token that is shown: %v\n%s", err, r.text)
	}
	does("/people/token", "name=NIGHTLY role=viewer", "There is one of that name already")
	if r := s.get(ann, "/people"); strings.Contains(r.text, "reconcile_") || !strings.Contains(r.text, `aria-label="nightly"`) {
		t.Errorf("the token is shown again, or not listed:\n%s", r.text)
	}
	does("/people/revoke", "name=nightly", "lets nobody in any more")
	if r := s.get(ann, "/people?did=add&name=%3Cb%3EX"); strings.Contains(r.text, "<b>X") {
		t.Error("a name is not shown as a text")
	}
}

// pairs are names and values of a form.
func pairs(text string) (list []string) {
	for _, one := range strings.Fields(text) {
		name, value, _ := strings.Cut(one, "=")
		list = append(list, name, value)
	}
	return list
}

func TestTrailPage(t *testing.T) {
	s := newSite(t, Options{})
	ann := s.user("Ann", store.Admin)
	for range 120 {
		if err := s.store.Note(t.Context(), store.Actor{Name: "Bob", Address: "192.0.2.9"}, store.Entry{What: "accept", Subject: "web", Before: "<before>", After: "A-1 P"}); err != nil {
			t.Fatal(err)
		}
	}
	shown := func(query string) (int, string) {
		t.Helper()
		r := s.get(ann, "/audit"+query)
		if r.status != http.StatusOK {
			t.Fatalf("%s: %d\n%s", query, r.status, r.text)
		}
		return strings.Count(r.text, `<td class="num quiet">`), r.text
	}
	today := time.Now().Format(time.DateOnly)
	for query, want := range map[string]int{"": 100, "?who=Ann": 1, "?what=user": 1, "?what=user.add": 1, "?q=A-1": 100, "?q=nothing": 0, "?from=" + today: 100, "?to=2020-01-01": 0, "?before=21": 20, "?before=-1": 100} {
		if n, text := shown(query); n != want {
			t.Errorf("%s shows %d entries, not %d\n%.2000s", query, n, want, text)
		}
	}
	n, text := shown("?who=Bob&q=A-1")
	older := regexp.MustCompile(`href="(/audit[?][^"]*before=[^"]*)"`).FindStringSubmatch(text)
	if n != 100 || older == nil || strings.Contains(text, "<before>") {
		t.Fatalf("%d entries, older ones at %v\n%s", n, older, text)
	}
	if n, _ := shown(strings.TrimPrefix(strings.ReplaceAll(older[1], "&amp;", "&"), "/audit")); n != 20 {
		t.Errorf("the page of older ones has %d", n)
	}
	if _, text := shown("?from=soon"); !strings.Contains(text, "is no day such as") {
		t.Error("a day that is none is taken for one")
	}
	if _, text := shown("?verify=1"); !strings.Contains(text, "The audit trail is whole: 122 entries") {
		t.Errorf("it is not whole:\n%.3000s", text)
	}
}
