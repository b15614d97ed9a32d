package store

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// newTrail returns a store with so many entries in its audit trail.
func newTrail(t *testing.T, on database, entries int) *Store {
	t.Helper()
	c := newClock()
	s := on.openAt(t, t.TempDir(), c)
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
func TestTampering(t *testing.T) { onBoth(t, testTampering) }

func testTampering(t *testing.T, on database) {
	const entries = 4
	if list := findings(t, newTrail(t, on, entries)); len(list) > 0 {
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
	for column, with := range map[string]string{"salt": "address_sum", "address_sum": "sum", "previous": "sum", "sum": "previous"} {
		tricks[column+" is changed"] = "UPDATE audit SET " + column + " = " + with + " WHERE number = 3"
	}
	tricks["a number is changed"] = "UPDATE audit SET number = 9 WHERE number = 4"
	tricks["at is changed"] = "UPDATE audit SET at = at + 1 WHERE number = 1"
	tricks["an address is taken away but for its salt"] = "UPDATE audit SET address = NULL WHERE number = 1"
	for name, statement := range tricks {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newTrail(t, on, entries)
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
func TestWholeForgery(t *testing.T) { onBoth(t, testWholeForgery) }

func testWholeForgery(t *testing.T, on database) {
	for number := int64(1); number <= 3; number++ {
		s := newTrail(t, on, 3)
		e, err := scanEntry(s.db.QueryRowContext(t.Context(), "SELECT "+entryColumns+" FROM audit WHERE number = $1", number).Scan)
		must(t, err)
		e.After = "something else"
		_, err = s.db.ExecContext(t.Context(), "UPDATE audit SET after = $1, sum = $2 WHERE number = $3", e.After, []byte(e.sum()), number)
		must(t, err)
		if len(findings(t, s)) == 0 {
			t.Errorf("nothing is found of entry %d", number)
		}
	}
}

// TestHeadIsGone says that a trail of which the head is missing, or is another one, is found to be so, and that going on does not hide it.
func TestHeadIsGone(t *testing.T) { onBoth(t, testHeadIsGone) }

func testHeadIsGone(t *testing.T, on database) {
	sum := strings.Repeat("00", 32)
	for _, other := range []string{"", `{"count":2,"sum":"` + sum + `"}`, `{"count":9,"sum":"` + sum + `"}`, `{"count":2,"sum":"` + sum + `","base":{"count":1,"sum":"` + sum + `"}}`} {
		s := newTrail(t, on, 2)
		path := filepath.Join(s.Dir(), headName)
		if other == "" {
			must(t, os.Remove(path))
		} else {
			must(t, os.WriteFile(path, []byte(other), 0o600))
		}
		if len(findings(t, s)) == 0 {
			t.Errorf("%q: nothing is found", other)
		}
		must(t, s.Note(t.Context(), root, Entry{What: "test"}))
		if len(findings(t, s)) == 0 {
			t.Errorf("%q: the next entry hides it", other)
		}
	}
}

// TestHeadIsDamaged says that nothing is added behind a head that is none, and that verifying says what is wrong: the head.
func TestHeadIsDamaged(t *testing.T) { onBoth(t, testHeadIsDamaged) }

func testHeadIsDamaged(t *testing.T, on database) {
	sum := strings.Repeat("00", 32)
	for _, damaged := range []string{"", "{", "null x", "[]", "\x00\x00", `{"count":2,"sum":"00"}`, `{"count":0,"sum":"` + sum + `"}`, `{"count":-2,"sum":"` + sum + `"}`, `{"count":2,"sum":"` + sum + `","x":1}`,
		`{"count":2,"sum":"` + sum + `"}}`, `{"count":2,"sum":"` + sum + `","base":{"count":3,"sum":"` + sum + `"}}`, `{"count":2,"sum":"` + sum + `","before":{"count":1,"sum":""}}`, `{"count":2.5,"sum":"` + sum + `"}`} {
		s := newTrail(t, on, 2)
		must(t, os.WriteFile(filepath.Join(s.Dir(), headName), []byte(damaged), 0o600))
		list := findings(t, s)
		if len(list) != 1 || !strings.Contains(list[0].Text, "its head") || !strings.Contains(list[0].Text, "is damaged") {
			t.Errorf("%q: %v", damaged, list)
		}
		var of *HeadError
		if err := s.AddUser(t.Context(), root, "Bob", Viewer, "bob's password"); !errors.As(err, &of) {
			t.Errorf("%q: somebody was added: %v", damaged, err)
		}
		if _, err := s.Trail(t.Context(), func(Entry) error { return nil }); !errors.As(err, &of) {
			t.Errorf("%q: it is exported: %v", damaged, err)
		}
		if users, err := s.Users(t.Context()); err != nil || len(users) > 0 {
			t.Errorf("%q: %v, %v", damaged, users, err)
		}
		text, err := os.ReadFile(filepath.Join(s.Dir(), headName))
		if err != nil || string(text) != damaged {
			t.Errorf("%q was replaced by %q: %v", damaged, text, err)
		}
	}
}

// TestPruned prunes the beginning of a trail and forgets addresses: it is whole, as far as it goes, and every trick is found as before.
func TestPruned(t *testing.T) { onBoth(t, testPruned) }

func testPruned(t *testing.T, on database) {
	pruned := func(t *testing.T) *Store {
		s := newTrail(t, on, 6) // a minute after the other
		at := s.now()
		removed, forgotten, err := s.Prune(t.Context(), root, at.Add(-150*time.Second), at.Add(-90*time.Second), false)
		if err != nil || removed != 3 || forgotten != 1 {
			t.Fatalf("%d, %d, %v", removed, forgotten, err)
		}
		return s
	}
	s := pruned(t)
	if list := findings(t, s); len(list) > 0 {
		t.Fatalf("an untouched trail: %v", list)
	}
	var lines []string
	h, err := s.Trail(t.Context(), func(e Entry) error {
		lines = append(lines, fmt.Sprintf("%d %s %d", e.Number, e.Address, len(e.Salt)))
		return nil
	})
	if want := "4  0,5 10.0.0.1 16,6 10.0.0.1 16,7 command line 16"; err != nil || strings.Join(lines, ",") != want {
		t.Fatalf("%v, not %s, %v", lines, want, err)
	}
	if h.Count != 7 || h.Base == nil || h.Base.Count != 3 {
		t.Errorf("the head: %+v", h)
	}
	if removed, forgotten, err := s.Prune(t.Context(), root, s.now().Add(-150*time.Second), s.now().Add(-90*time.Second), false); err != nil || removed+forgotten > 0 {
		t.Errorf("again: %d, %d, %v", removed, forgotten, err)
	}
	if removed, _, err := s.Prune(t.Context(), root, s.now().Add(time.Hour), time.Time{}, false); err != nil || removed != 4 || len(findings(t, s)) > 0 {
		t.Errorf("all of it: %d, %v, %v", removed, err, findings(t, s))
	}
	for name, statement := range map[string]string{
		"the first is removed":          "DELETE FROM audit WHERE number = 4",
		"the first two are removed":     "DELETE FROM audit WHERE number <= 5",
		"one is removed":                "DELETE FROM audit WHERE number = 5",
		"the end is cut off":            "DELETE FROM audit WHERE number = 7",
		"all is gone":                   "DELETE FROM audit",
		"one is put in before":          "INSERT INTO audit SELECT 3, at, who, address, salt, address_sum, what, subject, before, after, previous, sum FROM audit WHERE number = 5",
		"one is put in behind":          "INSERT INTO audit SELECT 8, at, who, address, salt, address_sum, what, subject, before, after, previous, sum FROM audit WHERE number = 5",
		"the first is changed":          "UPDATE audit SET who = 'Eve' WHERE number = 4",
		"what was before is changed":    "UPDATE audit SET previous = sum WHERE number = 4",
		"that it was pruned is changed": "UPDATE audit SET before = '' WHERE number = 7",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := pruned(t)
			_, err := s.db.ExecContext(t.Context(), statement)
			must(t, err)
			if len(findings(t, s)) == 0 {
				t.Error("nothing is found")
			}
			must(t, s.Note(t.Context(), root, Entry{What: "test"}))
			if len(findings(t, s)) == 0 {
				t.Error("the next entry hides it")
			}
			var unsound *UnsoundError
			if removed, _, err := s.Prune(t.Context(), root, s.now().Add(time.Hour), time.Time{}, false); !errors.As(err, &unsound) || removed > 0 || len(findings(t, s)) == 0 {
				t.Errorf("pruning hides it: %d, %v", removed, err)
			}
		})
	}
	s = pruned(t)
	h2, err := s.readHead()
	must(t, err)
	h2.Base = &Base{Count: 4, Sum: h2.Sum} // and the entry that says so
	must(t, s.writeHead(h2))
	_, err = s.db.ExecContext(t.Context(), "DELETE FROM audit WHERE number = 4")
	must(t, err)
	if len(findings(t, s)) == 0 {
		t.Error("another base is not found")
	}
}

// TestPrunedWithoutTrace looks for addresses that were forgotten, and for entries that were removed, in all files of the data folder, while the
// store is used, and afterwards.
func TestPrunedWithoutTrace(t *testing.T) {
	s := newTrail(t, database{}, 0)
	long := strings.Repeat("so that entries fill more than one page. ", 10)
	for i := range 60 {
		must(t, s.Note(t.Context(), Actor{Name: "Ann", Address: "10.0.0.1"}, Entry{What: "test", Subject: fmt.Sprintf("subject-%d.", i), Before: long}))
	}
	before := s.now().Add(time.Hour)
	trace := func(what string) (files []string) {
		t.Helper()
		list, err := os.ReadDir(s.Dir())
		must(t, err)
		for _, f := range list {
			text, err := os.ReadFile(filepath.Join(s.Dir(), f.Name()))
			must(t, err)
			if bytes.Contains(text, []byte(what)) {
				files = append(files, f.Name())
			}
		}
		return files
	}
	if len(trace("10.0.0.1")) == 0 || len(trace("subject-1.")) == 0 {
		t.Fatal("nothing of it is there before it is pruned")
	}
	if removed, _, err := s.Prune(t.Context(), root, before, time.Time{}, false); err != nil || removed != 60 {
		t.Fatalf("%d entries were removed: %v", removed, err)
	}
	for i := range 3 {
		must(t, s.Note(t.Context(), Actor{Name: "Ann", Address: "10.0.0.2"}, Entry{What: "test", Subject: fmt.Sprintf("later-%d.", i), Before: long}))
	}
	if _, forgotten, err := s.Prune(t.Context(), root, time.Time{}, before, false); err != nil || forgotten < 3 {
		t.Fatalf("%d addresses were forgotten: %v", forgotten, err)
	}
	look := func(when string) {
		t.Helper()
		for _, what := range []string{"10.0.0.1", "10.0.0.2", "subject-1.", "subject-30.", "subject-59."} {
			if files := trace(what); len(files) > 0 {
				t.Errorf("%s: %q has %s still", when, files, what)
			}
		}
	}
	look("while it is used")
	must(t, s.Close())
	look("afterwards")
}

// TestKilledBetweenHeadAndEntry leaves the head as a kill does before, and after, the database has the entry.
func TestKilledBetweenHeadAndEntry(t *testing.T) { onBoth(t, testKilledBetweenHeadAndEntry) }

func testKilledBetweenHeadAndEntry(t *testing.T, on database) {
	s := newTrail(t, on, 3)
	h, err := s.readHead()
	must(t, err)
	before := h.Head
	must(t, s.writeHead(head{Head: Head{Count: 4, Sum: make(Sum, 32)}, Before: &before}))
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
func TestForgottenAddress(t *testing.T) { onBoth(t, testForgottenAddress) }

func testForgottenAddress(t *testing.T, on database) {
	s := newTrail(t, on, 2)
	_, err := s.db.ExecContext(t.Context(), "UPDATE audit SET address = NULL, salt = NULL")
	must(t, err)
	if list := findings(t, s); len(list) > 0 {
		t.Error(list)
	}
}

// TestNothingWithoutEntry says that a change of which the entry cannot be written is not made.
func TestNothingWithoutEntry(t *testing.T) { onBoth(t, testNothingWithoutEntry) }

func testNothingWithoutEntry(t *testing.T, on database) {
	s := newTrail(t, on, 1)
	full := "CREATE TRIGGER no_room BEFORE INSERT ON audit BEGIN SELECT RAISE(ABORT, 'no room'); END"
	if on.shared {
		full = "CREATE FUNCTION no_room() RETURNS trigger AS 'BEGIN RAISE ''no room''; END' LANGUAGE plpgsql; CREATE TRIGGER no_room BEFORE INSERT ON audit EXECUTE FUNCTION no_room()"
	}
	_, err := s.db.ExecContext(t.Context(), full)
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
