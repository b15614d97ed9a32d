package store

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// clock is a clock that a test moves.
type clock struct{ now time.Time }

func newClock() *clock { return &clock{time.Date(2026, 11, 28, 12, 0, 0, 0, time.UTC)} }

var root = Actor{Name: "root", Address: "command line"}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestPeople(t *testing.T) { onBoth(t, testPeople) }

func testPeople(t *testing.T, on database) {
	ctx := t.Context()
	c := newClock()
	s := on.openAt(t, t.TempDir(), c)
	must(t, s.AddFirst(ctx, root, "Ann", "first password"))
	if err := s.AddFirst(ctx, root, "Eve", "first password"); !errors.Is(err, ErrSetUp) {
		t.Errorf("a second first administrator: %v", err)
	}
	if err := s.AddUser(ctx, root, "ANN", Viewer, "some password"); !errors.Is(err, ErrExists) {
		t.Errorf("the same name in another case: %v", err)
	}
	must(t, s.AddUser(ctx, root, "Bob", Viewer, "bob's password"))
	users, err := s.Users(ctx)
	must(t, err)
	if len(users) != 2 || users[0].Name != "Ann" || users[0].Role != Admin || users[1].Role != Viewer {
		t.Errorf("users: %v", users)
	}
	for _, wrong := range []struct{ name, password string }{{"Bob", "bob's passwore"}, {"Bob", ""}, {"Carl", "bob's password"}, {"", ""}} {
		if _, _, err := s.LogIn(ctx, "127.0.0.1", wrong.name, wrong.password); !errors.Is(err, ErrRefused) {
			t.Errorf("log in as %v: %v", wrong, err)
		}
	}
	_, secret, err := s.LogIn(ctx, "127.0.0.1", "bob", "bob's password")
	must(t, err)
	if u, err := s.SessionUser(ctx, secret); err != nil || u.Name != "Bob" {
		t.Errorf("the session is of %v: %v", u, err)
	}
	if _, err := s.SessionUser(ctx, secret+"A"); !errors.Is(err, ErrRefused) {
		t.Errorf("a guessed session: %v", err)
	}
	must(t, s.SetPassword(ctx, root, "Bob", "another password"))
	if _, err := s.SessionUser(ctx, secret); !errors.Is(err, ErrRefused) {
		t.Errorf("a session outlived its password: %v", err)
	}
	_, secret, err = s.LogIn(ctx, "", "BOB", "another password")
	must(t, err)
	if left, err := s.RemoveUser(ctx, root, "bob"); err != nil || left != 1 {
		t.Errorf("%d administrators are left: %v", left, err)
	}
	if _, err := s.SessionUser(ctx, secret); !errors.Is(err, ErrRefused) {
		t.Errorf("a session outlived its user: %v", err)
	}
	if _, err := s.RemoveUser(ctx, root, "bob"); !errors.Is(err, ErrNoUser) {
		t.Errorf("removed twice: %v", err)
	}
}

func TestSessionsEnd(t *testing.T) { onBoth(t, testSessionsEnd) }

func testSessionsEnd(t *testing.T, on database) {
	ctx := t.Context()
	c := newClock()
	s := on.openAt(t, t.TempDir(), c)
	must(t, s.AddFirst(ctx, root, "Ann", "first password"))
	in := func() string {
		_, secret, err := s.LogIn(ctx, "", "Ann", "first password")
		must(t, err)
		return secret
	}
	there := func(secret string) bool {
		_, err := s.SessionUser(ctx, secret)
		if err != nil && !errors.Is(err, ErrRefused) {
			t.Fatal(err)
		}
		return err == nil
	}
	idle, used, out := in(), in(), in()
	must(t, s.LogOut(ctx, Actor{Name: "Ann"}, out))
	if there(out) {
		t.Error("a session goes on after the log-out")
	}
	for range int(SessionWhole/(SessionIdle-time.Hour)) + 1 {
		if !there(used) {
			t.Fatalf("a session that is used ended at %v", c.now)
		}
		c.now = c.now.Add(SessionIdle - time.Hour)
	}
	if there(idle) {
		t.Error("a session that nobody uses goes on")
	}
	if there(used) {
		t.Error("a session goes on for ever")
	}
}

func TestTokens(t *testing.T) { onBoth(t, testTokens) }

func testTokens(t *testing.T, on database) {
	ctx := t.Context()
	s := on.openAt(t, t.TempDir(), newClock())
	token, err := s.MakeToken(ctx, root, "nightly", Operator)
	must(t, err)
	if _, err := s.MakeToken(ctx, root, "Nightly", Viewer); !errors.Is(err, ErrExists) {
		t.Errorf("the same name: %v", err)
	}
	if got, err := s.TokenOf(ctx, token); err != nil || got.Role != Operator || got.Name != "nightly" {
		t.Errorf("the token is %v: %v", got, err)
	}
	for _, wrong := range []string{"", token[1:], token + "A", strings.ToLower(token)} {
		if _, err := s.TokenOf(ctx, wrong); !errors.Is(err, ErrRefused) {
			t.Errorf("%q is let in: %v", wrong, err)
		}
	}
	must(t, s.RevokeToken(ctx, root, "nightly"))
	if _, err := s.TokenOf(ctx, token); !errors.Is(err, ErrRefused) {
		t.Errorf("a token that was revoked is let in: %v", err)
	}
	if err := s.RevokeToken(ctx, root, "nightly"); !errors.Is(err, ErrNoToken) {
		t.Errorf("revoked twice: %v", err)
	}
}

// TestNoSecretIsKept looks for secrets in all files of the data folder.
func TestNoSecretIsKept(t *testing.T) {
	ctx := t.Context()
	dir := t.TempDir()
	s := database{}.openAt(t, dir, newClock())
	must(t, s.AddFirst(ctx, root, "Ann", "first password"))
	_, session, err := s.LogIn(ctx, "", "Ann", "first password")
	must(t, err)
	_, _, err = s.LogIn(ctx, "", "typed into the wrong field", "x")
	if !errors.Is(err, ErrRefused) {
		t.Fatal(err)
	}
	token, err := s.MakeToken(ctx, root, "nightly", Operator)
	must(t, err)
	must(t, s.Close())
	names, err := filepath.Glob(filepath.Join(dir, "*"))
	must(t, err)
	kept := ""
	for _, name := range names {
		text, err := os.ReadFile(name)
		must(t, err)
		kept += string(text)
	}
	if !strings.Contains(kept, "nightly") {
		t.Fatal("the database was not read")
	}
	for _, secret := range []string{"first password", session, token, "typed into the wrong field"} {
		if strings.Contains(kept, secret) {
			t.Errorf("%q is kept as it is", secret)
		}
	}
}

func TestNamesAndPasswords(t *testing.T) {
	for _, name := range []string{"", " ", " Ann", "Ann\n", "A\x1b[31m", "A\u202eB", strings.Repeat("a", longestName+1)} {
		if _, err := checkName(name); err == nil {
			t.Errorf("somebody can be called %q", name)
		}
	}
	for _, password := range []string{"", "1234567", " 12345678", "12345678\n", strings.Repeat("a", longestPassword+1)} {
		if CheckPassword(password) == nil {
			t.Errorf("a password can be %q", password)
		}
	}
	kept := hashPassword("cafe\u0301 noir")
	if same, err := samePassword(kept, "caf\u00e9 noir"); !same || err != nil {
		t.Errorf("a password typed on another keyboard is refused: %v", err)
	}
	for _, spoilt := range []string{"", "$argon2i$" + kept[10:], strings.Replace(kept, "m=19456", "m=999999999", 1), kept[:len(kept)-3] + "*"} {
		if _, err := samePassword(spoilt, "café noir"); err == nil {
			t.Errorf("%s is no error", spoilt)
		}
	}
}

func TestVersions(t *testing.T) {
	ctx := t.Context()
	dir := t.TempDir()
	s := database{}.openAt(t, dir, newClock())
	must(t, s.AddFirst(ctx, root, "Ann", "first password"))
	must(t, s.Close())
	path := filepath.Join(dir, databaseName)
	ours := migrations
	defer func() { migrations = ours }()

	migrations = append(ours[:len(ours):len(ours)], "CREATE TABLE more (x INTEGER); CREATE TABLE more (x INTEGER)")
	if _, err := Open(ctx, dir); err == nil {
		t.Error("a migration that fails is no error")
	}
	migrations = append(ours[:len(ours):len(ours)], "CREATE TABLE more (x INTEGER)")
	s = database{}.openAt(t, dir, newClock())
	if users, err := s.Users(ctx); err != nil || len(users) != 1 {
		t.Errorf("after the migration: %v, %v", users, err)
	}
	must(t, s.Close())

	migrations = ours
	var newer *VersionError
	if _, err := Open(ctx, dir); !errors.As(err, &newer) || newer.Version != len(ours)+1 {
		t.Errorf("a newer database: %v", err)
	}
	copied, err := os.ReadFile(fmt.Sprintf("%s.version%d", path, len(ours)))
	must(t, err)
	must(t, os.WriteFile(path, copied, 0o600))
	s = database{}.openAt(t, dir, newClock())
	if users, err := s.Users(ctx); err != nil || len(users) != 1 {
		t.Errorf("the copy of before: %v, %v", users, err)
	}
	must(t, s.Close())

}

// TestTwoProcesses has two stores on one folder, as a server and commands typed beside it are.
// A new store that several open at a time is whole for each of them.
func TestOpenedAtOnce(t *testing.T) { onBoth(t, testOpenedAtOnce) }

func testOpenedAtOnce(t *testing.T, on database) {
	rounds := 10
	if on.shared {
		rounds = 2 // each makes a new schema
	}
	for range rounds {
		dir := t.TempDir()
		const processes, times = 6, 3
		failed := make(chan error, processes)
		for range processes {
			go func() {
				failed <- func() error {
					for range times {
						s, err := on.open(context.Background(), t, dir, time.Now)
						if err != nil {
							return err
						}
						if err := errors.Join(s.Note(context.Background(), root, Entry{What: "test"}), s.Close()); err != nil {
							return err
						}
					}
					return nil
				}()
			}()
		}
		var all error
		for range processes {
			all = errors.Join(all, <-failed)
		}
		must(t, all)
		h, findings, err := on.openAt(t, dir, newClock()).Verify(t.Context())
		must(t, err)
		if h.Count != processes*times || len(findings) > 0 {
			t.Errorf("%v, %v", h, findings)
		}
	}
}

func TestTwoProcesses(t *testing.T) { onBoth(t, testTwoProcesses) }

func testTwoProcesses(t *testing.T, on database) {
	dir := t.TempDir()
	const each = 20
	failed := make(chan error, 2)
	for p := range 2 {
		go func() {
			failed <- func() error {
				s, err := on.open(context.Background(), t, dir, time.Now)
				if err != nil {
					return err
				}
				defer s.Close()
				for range each {
					if err := s.Note(context.Background(), root, Entry{What: "test", Subject: strings.Repeat("x", p)}); err != nil {
						return err
					}
				}
				return nil
			}()
		}()
	}
	must(t, errors.Join(<-failed, <-failed))
	h, findings, err := on.openAt(t, dir, newClock()).Verify(t.Context())
	must(t, err)
	if h.Count != 2*each || len(findings) > 0 {
		t.Errorf("%v, %v", h, findings)
	}
}
