package store

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"time"
)

// TestAdministratorsStay has the last administrator be neither removed nor made something else by a screen.
func TestAdministratorsStay(t *testing.T) { onBoth(t, testAdministratorsStay) }

func testAdministratorsStay(t *testing.T, on database) {
	c := newClock()
	s := on.openAt(t, t.TempDir(), c)
	must(t, s.AddUser(t.Context(), root, "Ann", Admin, "a good password"))
	must(t, s.AddUser(t.Context(), root, "Bob", Viewer, "a good password"))
	for _, err := range []error{s.SetRole(t.Context(), root, "ann", Operator), s.Dismiss(t.Context(), root, "ANN")} {
		if !errors.Is(err, ErrLastAdmin) {
			t.Errorf("the last administrator goes: %v", err)
		}
	}
	must(t, s.SetRole(t.Context(), root, "Ann", Admin)) // which Ann is
	must(t, s.SetRole(t.Context(), root, "Bob", Admin))
	must(t, s.SetRole(t.Context(), root, "Ann", Viewer))
	if err := s.Dismiss(t.Context(), root, "Bob"); !errors.Is(err, ErrLastAdmin) {
		t.Errorf("the last administrator goes: %v", err)
	}
	must(t, s.Dismiss(t.Context(), root, "Ann"))
	users, err := s.Users(t.Context())
	must(t, err)
	if len(users) != 1 || users[0].Name != "Bob" || users[0].Role != Admin {
		t.Errorf("%v", users)
	}
	for _, err := range []error{s.SetRole(t.Context(), root, "Ann", Admin), s.Dismiss(t.Context(), root, "Ann"), s.EndSessions(t.Context(), root, "Ann")} {
		if !errors.Is(err, ErrNoUser) {
			t.Errorf("nobody: %v", err)
		}
	}
	// What was refused is not in the trail, what was done is, with what it was before.
	entries, err := s.Browse(t.Context(), Search{What: "user.role"})
	must(t, err)
	if len(entries) != 3 || entries[0].Subject != "Ann" || entries[0].Before != "admin" || entries[0].After != "viewer" {
		t.Errorf("%+v", entries)
	}
}

func TestPresent(t *testing.T) { onBoth(t, testPresent) }

func testPresent(t *testing.T, on database) {
	c := newClock()
	s := on.openAt(t, t.TempDir(), c)
	must(t, s.AddUser(t.Context(), root, "Ann", Admin, "a good password"))
	must(t, s.AddUser(t.Context(), root, "Bob", Viewer, "a good password"))
	var secret string
	for range 2 {
		_, got, err := s.LogIn(t.Context(), "192.0.2.1", "Ann", "a good password")
		must(t, err)
		secret = got
	}
	there, err := s.Present(t.Context())
	must(t, err)
	if len(there) != 1 || there["Ann"].Sessions != 2 || !there["Ann"].Seen.Equal(c.now) {
		t.Errorf("%v", there)
	}
	must(t, s.EndSessions(t.Context(), root, "Ann"))
	if _, err := s.SessionUser(t.Context(), secret); !errors.Is(err, ErrRefused) {
		t.Errorf("Ann is still there: %v", err)
	}
	_, _, err = s.LogIn(t.Context(), "192.0.2.1", "Ann", "a good password")
	must(t, err)
	c.now = c.now.Add(SessionIdle)
	if there, err = s.Present(t.Context()); err != nil || len(there) != 0 {
		t.Errorf("a session that is over counts: %v, %v", there, err)
	}
}

func TestBrowse(t *testing.T) { onBoth(t, testBrowse) }

func testBrowse(t *testing.T, on database) {
	c := newClock()
	s := on.openAt(t, t.TempDir(), c)
	began := c.now
	for _, e := range []Entry{{What: "user.add", Subject: "Bob", After: "viewer"}, {What: "accept", Subject: "web", After: "A_1 P: 50% off"}, {What: "users", Subject: "none"}} {
		must(t, s.Note(t.Context(), Actor{Name: "Ann", Address: "192.0.2.7"}, e))
		c.now = c.now.Add(time.Hour)
	}
	must(t, s.Note(t.Context(), Actor{Name: "Eve"}, Entry{What: "import", Subject: "web"}))
	for name, k := range map[string]struct {
		of   Search
		want string
	}{
		"all":        {Search{}, "4 3 2 1"},
		"most":       {Search{Most: 2}, "4 3"},
		"before":     {Search{Before: 3}, "2 1"},
		"who":        {Search{Who: "Ann"}, "3 2 1"},
		"what":       {Search{What: "user"}, "1"},
		"text":       {Search{Text: "BOB"}, "1"},
		"percent":    {Search{Text: "50% o"}, "2"},
		"underscore": {Search{Text: "A_1"}, "2"},
		"no pattern": {Search{Text: "A%P"}, ""},
		"address":    {Search{Text: "192.0.2.7"}, "3 2 1"},
		"from":       {Search{From: began.Add(time.Hour)}, "4 3 2"},
		"to":         {Search{To: began.Add(time.Hour)}, "1"},
	} {
		entries, err := s.Browse(t.Context(), k.of)
		must(t, err)
		var got []string
		for _, e := range entries {
			got = append(got, string(rune('0'+e.Number)))
		}
		if strings.Join(got, " ") != k.want {
			t.Errorf("%s: %v, want %s", name, got, k.want)
		}
	}
	who, what, err := s.Authors(t.Context())
	must(t, err)
	if strings.Join(who, " ") != "Ann Eve" || strings.Join(what, " ") != "accept import user.add users" {
		t.Errorf("%v, %v", who, what)
	}
	var out bytes.Buffer
	must(t, s.Export(t.Context(), &out))
	if n := strings.Count(out.String(), "\n"); n != 5 || !strings.Contains(out.String(), `{"head":{"count":4,`) {
		t.Errorf("%s", &out)
	}
}
