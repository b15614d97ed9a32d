package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"

	"github.com/reconcilehq/reconcile/engine/replace"

	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/wakes"
)

// server is what a store on PostgreSQL has beside the connections.
type server struct {
	at    string // "the database NAME on HOST", for messages: never with a password
	where string // the schema that our tables are in
	locks [3]sync.Mutex
	db    *sql.DB

	config *pgx.ConnConfig
	making sync.Mutex
	maker  *wakes.Maker // nil until one is needed
}

// The locks that processes on all machines share. Each is one of PostgreSQL's advisory locks, in our own class.
const (
	openingLock = iota
	trailLock
	runsLock
	planLock // these two until a transaction ends
	takeLock
)

// sharedSchema is the schema of our tables if the URL has no search_path.
const sharedSchema = "reconcile"

// connectTimeout is how long a connection may take if the URL has no connect_timeout.
const connectTimeout = 10 * time.Second

// OpenShared opens the store in a PostgreSQL database, and makes its tables if they are missing. url is one as PostgreSQL's own programs take it;
// its search_path, if there is one, names the schema. dir is the data folder, which has the files of runs and the head of the audit
// trail: all machines have to share it. An older database is brought to this version; a newer one that this program cannot use is a
// *VersionError.
func OpenShared(ctx context.Context, dir, url string) (*Store, error) {
	return openShared(ctx, dir, url, time.Now)
}

func openShared(ctx context.Context, dir, url string, now func() time.Time) (*Store, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, fmt.Errorf("find the data folder: %w", err)
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("make the data folder: %w", err)
	}
	if err := noOther(dir); err != nil {
		return nil, err
	}
	config, err := parseURL(url)
	if err != nil {
		return nil, err
	}
	s := &Store{dir: dir, now: now, server: &server{where: config.RuntimeParams["search_path"], config: config}}
	s.server.at = fmt.Sprintf("the database %q on %s", config.Database, config.Host)
	s.db = stdlib.OpenDB(*config, stdlib.OptionAfterConnect(watchConnection))
	s.db.SetMaxOpenConns(8)
	s.db.SetMaxIdleConns(8)
	s.server.db = s.db
	if err := s.beginShared(ctx); err != nil {
		return nil, errors.Join(err, s.db.Close())
	}
	return s, nil
}

// watchConnection has the server end a connection when half a minute nothing was heard of this machine, and let go of its locks: else it
// waits for two hours for one that lost its power or its network.
func watchConnection(ctx context.Context, conn *pgx.Conn) error {
	_, err := conn.Exec(ctx, "SET tcp_keepalives_idle = 10; SET tcp_keepalives_interval = 5; SET tcp_keepalives_count = 4; SET tcp_user_timeout = 30000")
	return err
}

// parseURL returns how to connect. Its errors never have the URL, which has a password in it.
func parseURL(url string) (*pgx.ConnConfig, error) {
	if !strings.HasPrefix(url, "postgres://") && !strings.HasPrefix(url, "postgresql://") {
		return nil, errors.New("the address of the database is not one of PostgreSQL: write postgres://USER:PASSWORD@HOST/DATABASE")
	}
	config, err := pgx.ParseConfig(url)
	if err != nil {
		return nil, errors.New("the address of the database cannot be read: write postgres://USER:PASSWORD@HOST/DATABASE, and signs such as @ / ? # % in a password as %40 %2F %3F %23 %25")
	}
	if config.ConnectTimeout == 0 {
		config.ConnectTimeout = connectTimeout
	}
	schema := config.RuntimeParams["search_path"]
	if schema == "" {
		schema = sharedSchema
		config.RuntimeParams["search_path"] = schema
	}
	if strings.ContainsFunc(schema, func(r rune) bool { return (r < 'a' || r > 'z') && (r < '0' || r > '9') && r != '_' }) {
		return nil, fmt.Errorf("the search_path in the address of the database is %q: name one schema, in small letters, digits and _", schema)
	}
	if config.RuntimeParams["application_name"] == "" {
		config.RuntimeParams["application_name"] = "reconcile"
	}
	return config, nil
}

// beginShared makes the first connection, brings the tables to this version, and binds the data folder to the database.
func (s *Store) beginShared(ctx context.Context) error {
	unlock, err := s.server.lock(ctx, openingLock)
	if err != nil {
		return err
	}
	defer unlock()
	id, err := s.migrateShared(ctx)
	if err != nil {
		return err
	}
	return s.bind(id)
}

// text returns a text as the database can keep it: PostgreSQL takes no NUL and no bytes that are not UTF-8.
func (s *Store) text(text string) string {
	if s.server == nil {
		return text
	}
	return strings.ReplaceAll(strings.ToValidUTF8(text, "\uFFFD"), "\x00", "\uFFFD")
}

// lock waits for one of the shared locks. It is let go of by unlock, or when the connection ends.
func (v *server) lock(ctx context.Context, which int) (unlock func(), err error) {
	v.locks[which].Lock() // those of this process wait here, and do not each hold a connection
	conn, err := v.db.Conn(ctx)
	if err != nil {
		v.locks[which].Unlock()
		return nil, v.failed("connect to", err)
	}
	if _, err := conn.ExecContext(ctx, "SELECT pg_advisory_lock($1, $2)", applicationID, which); err != nil {
		v.letGo(conn, which)
		return nil, v.failed("lock", err)
	}
	return func() { v.letGo(conn, which) }, nil
}

// letGo lets go of a lock. Where that fails the connection is closed, and the lock with it.
func (v *server) letGo(conn *sql.Conn, which int) {
	defer v.locks[which].Unlock()
	end, cancel := context.WithTimeout(context.Background(), connectTimeout)
	defer cancel()
	if _, err := conn.ExecContext(end, "SELECT pg_advisory_unlock_all()"); err != nil {
		_ = conn.Raw(func(any) error { return driver.ErrBadConn }) // which has the pool close it
	}
	_ = conn.Close()
}

// failed says what could not be done with the database. The driver's own text for a failed connection has no password, but lists each
// address that was tried: the first is enough.
func (v *server) failed(what string, err error) error {
	var connect *pgconn.ConnectError
	if errors.As(err, &connect) {
		if cause := connect.Unwrap(); cause != nil {
			line, _, _ := strings.Cut(strings.TrimSpace(cause.Error()), "\n")
			return &UnreachableError{What: fmt.Sprintf("%s %s: %s", what, v.at, line), cause: err}
		}
	}
	return fmt.Errorf("%s %s: %w", what, v.at, err)
}

// UnreachableError says that the database could not be asked.
type UnreachableError struct {
	What  string
	cause error
}

// Error implements error.
func (e *UnreachableError) Error() string {
	return e.What + "; is it running, and are the address and the password in --database or $RECONCILE_DATABASE_URL right?"
}

// Unwrap returns what the driver says.
func (e *UnreachableError) Unwrap() error { return e.cause }

// Shared reports whether the store is on PostgreSQL, and may be used from several machines.
func (s *Store) Shared() bool { return s.server != nil }

// LockRuns keeps all processes on all machines from adding and removing runs. It is for a store that is Shared; in others a file does.
func (s *Store) LockRuns(ctx context.Context) (unlock func(), err error) {
	return s.server.lock(ctx, runsLock)
}

// boundName is the file that says to which database on PostgreSQL the runs in a data folder belong. Without it a command without
// --database would take their files for ones that nobody needs.
const boundName = "database.id"

// bind says in the data folder that it belongs to a database, or refuses one that belongs to another.
func (s *Store) bind(id string) error {
	path := filepath.Join(s.dir, boundName)
	if text, err := replace.Read(path); err == nil {
		if strings.TrimSpace(string(text)) != id {
			return fmt.Errorf("the data folder %s belongs to another database than %s: name another folder with --data, or the other database with --database", s.dir, s.server.at)
		}
		return nil
	}
	if err := replace.WritePlain(path, []byte(id+"\n"), 0o600); err != nil {
		return fmt.Errorf("write to the data folder: %w; name a folder that can be written with --data", err)
	}
	return nil
}

// noOther refuses a data folder that has a database of its own.
func noOther(dir string) error {
	if _, err := os.Stat(filepath.Join(dir, databaseName)); err == nil {
		return fmt.Errorf("the data folder %s has a database of its own (%s), so its runs are not in one on PostgreSQL: name another folder with --data", dir, databaseName)
	}
	return nil
}

// unbound refuses a data folder that belongs to a database on PostgreSQL.
func unbound(dir string) error {
	if _, err := os.Stat(filepath.Join(dir, boundName)); err == nil {
		return fmt.Errorf("the data folder %s belongs to a database on PostgreSQL: name that with --database or $RECONCILE_DATABASE_URL, or another folder with --data", dir)
	}
	return nil
}
