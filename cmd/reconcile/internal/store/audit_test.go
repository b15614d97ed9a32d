package store

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// newTrail returns a store with so many entries in its audit trail.
func newTrail(t *testing.T, entries int) *Store {
	t.Helper()
	c := newClock()
	s := openAt(t, t.TempDir(), c)
	for i := range entries {
		c.now = c.now.Add(time.Minute)
		must(t, s.Note(t.Context(), Actor{Name: "Ann", Address: "10.0.0.1"}, Entry{What: "test", Subject: fmt.Sprint("s", i), Before: "b", After: "a"}))
	}
	return s
}

func findings(t *testing.T, s *Store) []Finding {
	t.Helper()
	_, list, err := s.Verify(t.Context())
	must(t, err)
	return list
}

// TestTampering changes the trail behind the store's back, in each way that there is.
func TestTampering(t *testing.T) {
	const entries = 4
	if list := findings(t, newTrail(t, entries)); len(list) > 0 {
		t.Fatalf("an untouched trail: %v", list)
	}
	tricks := map[string]string{
		"the first is removed":                    "DELETE FROM audit WHERE number = 1",
		"one is removed":                          "DELETE FROM audit WHERE number = 2",
		"several are removed":                     "DELETE FROM audit WHERE number IN (2, 3)",
		"the end is cut off":                      "DELETE FROM audit WHERE number = 4",
		"more is cut off":                         "DELETE FROM audit WHERE number > 2",
		"all of it is gone":                       "DELETE FROM audit",
		"one is removed, and the others close up": "DELETE FROM audit WHERE number = 2; UPDATE audit SET number = number - 1 WHERE number > 2",
		"two change places":                       "UPDATE audit SET number = -number WHERE number IN (2, 3); UPDATE audit SET number = 5 + number WHERE number < 0",
		"one is put in at the end":                "INSERT INTO audit SELECT 5, at, who, address, salt, address_sum, what, subject, before, after, (SELECT sum FROM audit WHERE number = 4), sum FROM audit WHERE number = 2",
		"a copy is put in":                        "UPDATE audit SET number = -number WHERE number > 2; UPDATE audit SET number = 1 - number WHERE number < 0; INSERT INTO audit SELECT 3, at, who, address, salt, address_sum, what, subject, before, after, previous, sum FROM audit WHERE number = 2",
	}
	for _, column := range []string{"who", "what", "subject", "before", "after", "address"} {
		tricks[column+" is changed"] = "UPDATE audit SET " + column + " = 'Eve' WHERE number = 3"
		tricks[column+" of the last is changed"] = "UPDATE audit SET " + column + " = 'Eve' WHERE number = 4"
	}
	tricks["at is changed"] = "UPDATE audit SET at = at + 1 WHERE number = 1"
	tricks["an address is taken away but for its salt"] = "UPDATE audit SET address = NULL WHERE number = 1"
	for name, statement := range tricks {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newTrail(t, entries)
			_, err := s.db.ExecContext(t.Context(), statement)
			must(t, err)
			if list := findings(t, s); len(list) == 0 {
				t.Error("nothing is found")
			}
			// Going on must not hide it.
			must(t, s.Note(t.Context(), root, Entry{What: "test"}))
			if list := findings(t, s); len(list) == 0 {
				t.Error("the next entry hides it")
			}
		})
	}
}

// TestWholeForgery says that who rewrites an entry with its sum is found by the next, and by the head where it is the last.
func TestWholeForgery(t *testing.T) {
	for number := int64(1); number <= 3; number++ {
		s := newTrail(t, 3)
		e, err := scanEntry(s.db.QueryRowContext(t.Context(), "SELECT "+entryColumns+" FROM audit WHERE number = ?", number).Scan)
		must(t, err)
		e.After = "something else"
		_, err = s.db.ExecContext(t.Context(), "UPDATE audit SET after = ?, sum = ? WHERE number = ?", e.After, []byte(e.sum()), number)
		must(t, err)
		if len(findings(t, s)) == 0 {
			t.Errorf("nothing is found of entry %d", number)
		}
	}
}

func TestHeadIsGone(t *testing.T) {
	for _, spoilt := range []string{"", "{", `{"count":2,"sum":"00"}`, `{"count":9,"sum":"00"}`} {
		s := newTrail(t, 2)
		path := filepath.Join(s.Dir(), headName)
		if spoilt == "" {
			must(t, os.Remove(path))
		} else {
			must(t, os.WriteFile(path, []byte(spoilt), 0o600))
		}
		if len(findings(t, s)) == 0 {
			t.Errorf("%q: nothing is found", spoilt)
		}
		must(t, s.Note(t.Context(), root, Entry{What: "test"}))
		if len(findings(t, s)) == 0 {
			t.Errorf("%q: the next entry hides it", spoilt)
		}
	}
}

// TestKilledBetweenHeadAndEntry leaves the head as a kill does before, and after, the database has the entry.
func TestKilledBetweenHeadAndEntry(t *testing.T) {
	s := newTrail(t, 3)
	h, err := s.readHead()
	must(t, err)
	before := h.Head
	must(t, s.writeHead(head{Head: Head{4, Sum("an entry that never came")}, Before: &before}))
	if list := findings(t, s); len(list) > 0 {
		t.Errorf("killed before: %v", list)
	}
	must(t, s.Note(t.Context(), root, Entry{What: "test"}))
	if list := findings(t, s); len(list) > 0 {
		t.Errorf("and gone on: %v", list)
	}
	h, err = s.readHead()
	must(t, err)
	h.Before = &before
	must(t, s.writeHead(h))
	if list := findings(t, s); len(list) > 0 {
		t.Errorf("killed after: %v", list)
	}
}

// TestForgottenAddress says that an address can be forgotten without the trail being wrong.
func TestForgottenAddress(t *testing.T) {
	s := newTrail(t, 2)
	_, err := s.db.ExecContext(t.Context(), "UPDATE audit SET address = NULL, salt = NULL")
	must(t, err)
	if list := findings(t, s); len(list) > 0 {
		t.Error(list)
	}
}

// TestNothingWithoutEntry says that a change of which the entry cannot be written is not made.
func TestNothingWithoutEntry(t *testing.T) {
	s := newTrail(t, 1)
	_, err := s.db.ExecContext(t.Context(), "CREATE TRIGGER full BEFORE INSERT ON audit BEGIN SELECT RAISE(ABORT, 'no room'); END")
	must(t, err)
	if err := s.AddUser(t.Context(), root, "Bob", Viewer, "bob's password"); err == nil {
		t.Error("no error")
	}
	if users, err := s.Users(t.Context()); err != nil || len(users) > 0 {
		t.Errorf("%v, %v", users, errors.Join(err))
	}
	if list := findings(t, s); len(list) > 0 {
		t.Error(list)
	}
}
