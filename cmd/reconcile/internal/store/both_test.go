package store

import (
	"context"
	"errors"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/store/storetest"
)

// database is where the stores of a test are: on PostgreSQL, each in a schema of its own, or in data folders.
type database struct {
	shared bool
	mu     *sync.Mutex
	urls   map[string]string // of stores on PostgreSQL, by their folder
}

// onBoth runs a test with each kind of database.
func onBoth(t *testing.T, test func(*testing.T, database)) {
	t.Run("SQLite", func(t *testing.T) { test(t, database{}) })
	t.Run("PostgreSQL", func(t *testing.T) {
		storetest.URL(t) // which skips without a server
		test(t, database{shared: true, mu: &sync.Mutex{}, urls: map[string]string{}})
	})
}

// open opens the store of a folder, as a process does.
func (on database) open(ctx context.Context, t *testing.T, dir string, now func() time.Time) (*Store, error) {
	if !on.shared {
		return open(ctx, dir, now)
	}
	on.mu.Lock()
	if on.urls[dir] == "" {
		on.urls[dir] = storetest.URL(t)
	}
	url := on.urls[dir]
	on.mu.Unlock()
	return openShared(ctx, dir, url, now)
}

func (on database) openAt(t *testing.T, dir string, c *clock) *Store {
	t.Helper()
	s, err := on.open(t.Context(), t, dir, func() time.Time { return c.now })
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

// TestSteps brings a database on PostgreSQL to a new version, and refuses newer ones where they say that they need a newer program.
func TestSteps(t *testing.T) {
	url, dir := storetest.URL(t), t.TempDir()
	ours := steps
	defer func() { steps = ours }()
	opened := func() error {
		s, err := OpenShared(t.Context(), dir, url)
		if err != nil {
			return err
		}
		defer s.Close()
		users, err := s.Users(t.Context())
		if err == nil && len(users) != 1 {
			t.Errorf("%v", users)
		}
		return err
	}
	s, err := OpenShared(t.Context(), dir, url)
	must(t, err)
	must(t, s.AddFirst(t.Context(), root, "Ann", "first password"))
	must(t, s.Close())

	steps = append(ours[:len(ours):len(ours)], step{statements: "CREATE TABLE more (x INTEGER); CREATE TABLE more (x INTEGER)", needs: 1})
	if opened() == nil {
		t.Error("a step that fails is no error")
	}
	steps = append(ours[:len(ours):len(ours)], step{statements: "CREATE TABLE more (x INTEGER)", needs: 1})
	must(t, opened())
	steps = ours
	must(t, opened()) // an older program that can use it

	steps = append(ours[:len(ours):len(ours)], step{statements: "CREATE TABLE more (x INTEGER)", needs: 1}, step{statements: "CREATE TABLE another (x INTEGER)", needs: len(ours) + 2})
	must(t, opened())
	steps = ours
	var newer *VersionError
	if err := opened(); !errors.As(err, &newer) || !strings.Contains(err.Error(), "use that version here") {
		t.Errorf("a newer database: %v", err)
	}
}

// TestFolderOfDatabase has a data folder be that of one database only: files of another's runs would be taken for ones that nobody needs.
func TestFolderOfDatabase(t *testing.T) {
	url, dir := storetest.URL(t), t.TempDir()
	s, err := OpenShared(t.Context(), dir, url)
	must(t, err)
	must(t, s.Close())
	if _, err := Open(t.Context(), dir); err == nil || !strings.Contains(err.Error(), "name that with --database") {
		t.Errorf("without the database: %v", err)
	}
	if _, err := OpenShared(t.Context(), dir, storetest.URL(t)); err == nil || !strings.Contains(err.Error(), "belongs to another database") {
		t.Errorf("with another database: %v", err)
	}
	own := t.TempDir()
	s, err = Open(t.Context(), own)
	must(t, err)
	must(t, s.Close())
	if _, err := OpenShared(t.Context(), own, url); err == nil || !strings.Contains(err.Error(), "a database of its own") {
		t.Errorf("a folder with a database: %v", err)
	}
}

// TestAddressIsSecret looks for passwords in what is said of databases that cannot be opened.
func TestAddressIsSecret(t *testing.T) {
	for name, url := range map[string]string{
		"nobody listens":    "postgres://ann:sesam0pen@127.0.0.1:1/shops?connect_timeout=5",
		"no address":        "postgres://ann:sesam0pen@127.0.0.1:port/shops",
		"signs in password": "postgres://ann:sesam0pen#?@%zz/shops",
		"no such option":    "postgres://ann:sesam0pen@127.0.0.1:1/shops?sslmode=perhaps",
		"key and value":     "host=127.0.0.1 user=ann password=sesam0pen",
		"another database":  "mysql://ann:sesam0pen@127.0.0.1/shops",
		"several schemas":   "postgres://ann:sesam0pen@127.0.0.1:1/shops?search_path=a,b",
	} {
		_, err := OpenShared(t.Context(), t.TempDir(), url)
		if err == nil || strings.Contains(err.Error(), "sesam") || strings.Contains(err.Error(), "0pen") {
			t.Errorf("%s: %v", name, err)
		}
	}
	url := storetest.URL(t)
	wrong := strings.Replace(url, "reconcile:reconcile@", "reconcile:sesam0pen@", 1)
	if wrong == url {
		t.Skip("the server's address has no password that is known here")
	}
	if _, err := OpenShared(t.Context(), t.TempDir(), wrong); err == nil || strings.Contains(err.Error(), "sesam0pen") || !strings.Contains(err.Error(), "password") {
		t.Errorf("a wrong password: %v", err)
	}
}

// TestForeignTables leaves the tables of another program as they are.
func TestForeignTables(t *testing.T) {
	url := storetest.URL(t)
	config, err := parseURL(url)
	must(t, err)
	schema := config.RuntimeParams["search_path"]
	s, err := OpenShared(t.Context(), t.TempDir(), url)
	must(t, err)
	_, err = s.db.ExecContext(t.Context(), "DROP TABLE format")
	must(t, errors.Join(err, s.Close()))
	if _, err := OpenShared(t.Context(), t.TempDir(), url); err == nil || !strings.Contains(err.Error(), schema+" in the database") || !strings.Contains(err.Error(), "another program") {
		t.Error(err)
	}
}

// TestConnectionsAreLost has a store go on after the server has ended its connections, and no lock stay behind.
func TestConnectionsAreLost(t *testing.T) {
	url, dir := storetest.URL(t), t.TempDir()
	s, err := OpenShared(t.Context(), dir, url)
	must(t, err)
	defer s.Close()
	other, err := OpenShared(t.Context(), dir, url)
	must(t, err)
	defer other.Close()
	unlock, err := s.LockRuns(t.Context())
	must(t, err)
	_, err = other.db.ExecContext(t.Context(), "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND pid <> pg_backend_pid() AND classid = $1 AND objid = $2", applicationID, runsLock)
	must(t, err)
	again, err := other.LockRuns(t.Context()) // though nobody has let go of it
	must(t, err)
	unlock()
	again()
	must(t, s.Note(t.Context(), root, Entry{What: "test"}))
	if list := findings(t, other); len(list) > 0 {
		t.Error(list)
	}
	if _, err := os.Stat(dir + "/" + headName); err != nil {
		t.Error(err)
	}
}

// TestWatchedConnections says that the server soon notices a machine that has lost its power, which may have held a lock.
func TestWatchedConnections(t *testing.T) {
	s, err := OpenShared(t.Context(), t.TempDir(), storetest.URL(t))
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	for setting, want := range map[string]string{"tcp_keepalives_idle": "10", "tcp_keepalives_interval": "5", "tcp_keepalives_count": "4", "tcp_user_timeout": "30000"} {
		var got string
		if err := s.db.QueryRowContext(t.Context(), "SHOW "+setting).Scan(&got); err != nil || got != want {
			t.Errorf("%s: %q, not %q, %v", setting, got, want, err)
		}
	}
}
