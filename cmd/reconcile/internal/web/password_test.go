package web

import (
	"net/http"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/store"
)

// TestOwnPassword has a viewer change their password, by the page and by the API.
func TestOwnPassword(t *testing.T) {
	of := newShop(t, firstOf(goods()), secondOf(goods()))
	s := newSite(t, Options{Shop: of, Records: records{of}})
	b := s.user("Eve", store.Viewer)
	if r := s.get(b, "/"); !strings.Contains(r.text, `href="/password"`) {
		t.Error("nothing leads to the page")
	}
	if r := s.get(s.browser(), "/password"); r.status != http.StatusSeeOther {
		t.Errorf("a stranger sees it: %d", r.status)
	}
	change := func(current, password, again string) got {
		t.Helper()
		return s.post(b, "/password", "current", current, "password", password, "again", again)
	}
	for _, c := range []struct{ current, password, again, want string }{
		{password, "another password", "another pasword", "not the same both times"},
		{password, "short", "short", "too short"},
		{password, password, password, "the one that you have"},
		{"a wrong one", "another password", "another password", "The current password is wrong."},
	} {
		r := change(c.current, c.password, c.again)
		if r.status != http.StatusUnprocessableEntity || !strings.Contains(r.text, c.want) {
			t.Errorf("no %q: %d\n%s", c.want, r.status, r.text)
		}
		if strings.Contains(r.text, "another password") || strings.Contains(r.text, "a wrong one") {
			t.Error("the page has a password that was sent")
		}
	}
	if r := change(password, "another password", "another password"); r.status != http.StatusSeeOther || r.Header.Get("Location") != "/password?done" {
		t.Fatalf("%d\n%s", r.status, r.text)
	}
	if r := s.get(b, "/password?done"); r.status != http.StatusOK || !strings.Contains(r.text, "You have a new password") {
		t.Errorf("afterwards: %d\n%s", r.status, r.text)
	}
	if r := s.post(s.browser(), "/login", "name", "Eve", "password", password); r.status != http.StatusUnauthorized {
		t.Errorf("the old one lets in: %d", r.status)
	}
	r := s.request("POST", "/api/v1/me/password", `{"current": "another password", "password": "a third password"}`)
	if r := s.do(b, r); r.status != http.StatusOK || !strings.Contains(r.text, `"Eve"`) {
		t.Errorf("by the API: %d %s", r.status, r.text)
	}
	if r := s.post(s.browser(), "/login", "name", "Eve", "password", "a third password"); r.status != http.StatusSeeOther {
		t.Errorf("the new one does not let in: %d", r.status)
	}
	// Who guesses has to wait, and whoever is logged in has no way around it.
	for range freeTries {
		change("a wrong one", "another password", "another password")
	}
	if r := change("a third password", "another password", "another password"); r.status != http.StatusTooManyRequests || !strings.Contains(r.text, "too many tries") {
		t.Errorf("after many tries: %d\n%s", r.status, r.text)
	}
}

// TestBrowserPassword changes the password in a browser, by the keyboard.
func TestBrowserPassword(t *testing.T) {
	b := newTab(t, newSite(t, Options{}))
	b.logIn("Ann", store.Viewer)
	b.Click(".who")
	b.Until(`document.querySelector("[name=current]")`)
	b.Do(chromedp.SendKeys(chromedp.CSS(`[name="current"]`), password), chromedp.SendKeys(chromedp.CSS(`[name="password"]`), "another password"))
	b.pictures("password")
	b.Press(kb.Tab)
	b.Press("another password\r")
	b.Until(`document.querySelector(".done").innerText.startsWith("You have a new password.")`)
	b.open("/")
	b.Until(`document.querySelector(".who")`)
}
