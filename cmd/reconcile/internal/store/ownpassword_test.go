package store

import (
	"errors"
	"strings"
	"testing"
)

// TestChangePassword has somebody change their own password: they stay where they are, and are logged out elsewhere.
func TestChangePassword(t *testing.T) { onBoth(t, testChangePassword) }

func testChangePassword(t *testing.T, on database) {
	ctx := t.Context()
	s := on.openAt(t, t.TempDir(), newClock())
	must(t, s.AddFirst(ctx, root, "Ann", "first password"))
	must(t, s.AddUser(ctx, root, "Bob", Viewer, "first password"))
	in := func(name, password string) string {
		t.Helper()
		_, secret, err := s.LogIn(ctx, "", name, password)
		must(t, err)
		return secret
	}
	here, there, bob := in("Ann", "first password"), in("Ann", "first password"), in("Bob", "first password")
	var mistaken *MistakeError
	for _, c := range []struct {
		what, secret, current, password string
		is                              func(error) bool
	}{
		{"a wrong password", here, "wrong password", "second password", func(err error) bool { return errors.Is(err, ErrRefused) }},
		{"no session", "no such session", "first password", "second password", func(err error) bool { return errors.Is(err, ErrRefused) }},
		{"a short one", here, "first password", "short", func(err error) bool { return errors.As(err, &mistaken) }},
		{"the same one", here, "first password", "first password", func(err error) bool { return errors.As(err, &mistaken) }},
	} {
		if err := s.ChangePassword(ctx, "192.0.2.1", c.secret, c.current, c.password); !c.is(err) {
			t.Errorf("%s: %v", c.what, err)
		}
	}
	for _, secret := range []string{here, there, bob} {
		if _, err := s.SessionUser(ctx, secret); err != nil {
			t.Errorf("somebody was logged out though nothing was changed: %v", err)
		}
	}
	must(t, s.ChangePassword(ctx, "192.0.2.1", here, "first password", "second password"))
	if u, err := s.SessionUser(ctx, here); err != nil || u.Name != "Ann" {
		t.Errorf("logged out where the password was changed: %v %v", u, err)
	}
	if _, err := s.SessionUser(ctx, there); !errors.Is(err, ErrRefused) {
		t.Errorf("logged in elsewhere still: %v", err)
	}
	if _, err := s.SessionUser(ctx, bob); err != nil {
		t.Errorf("somebody else was logged out: %v", err)
	}
	if _, _, err := s.LogIn(ctx, "", "Ann", "first password"); !errors.Is(err, ErrRefused) {
		t.Errorf("the old password lets in: %v", err)
	}
	in("Ann", "second password")
	in("Bob", "first password")
	entries, err := s.Browse(ctx, Search{What: "user.passwd", Who: "Ann"})
	must(t, err)
	var said []string
	for _, e := range entries {
		said = append(said, e.What+" "+e.Subject+" "+e.Address+e.Before+e.After)
	}
	if got := strings.Join(said, ", "); got != "user.passwd Ann 192.0.2.1, user.passwd.refused Ann 192.0.2.1" {
		t.Errorf("the audit trail: %s", got)
	}
}
