package database

import (
	"database/sql"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/reconcilehq/reconcile/plugins/sdk"
)

// TestNeeds says what each kind of data source name takes, and that nothing is needed where it is wrong.
func TestNeeds(t *testing.T) {
	dir := t.TempDir()
	for name, mode := range map[string]string{"plain.db": "delete", "ahead.db": "wal"} {
		db, err := sql.Open("sqlite", filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		for _, statement := range []string{"PRAGMA journal_mode = " + mode, "CREATE TABLE t (sku text)"} {
			if _, err := db.Exec(statement); err != nil {
				t.Fatal(err)
			}
		}
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
	}
	network := sdk.Needs{Network: true}
	for _, c := range []struct {
		driver, dsn string
		want        sdk.Needs
	}{
		{"postgres", "postgres://u:p@db.example:5432/shop", network},
		{"postgres", "host=/run/postgresql user=u database=shop", sdk.Needs{Sockets: []string{"/run/postgresql"}}},
		{"postgres", "host=/run/postgresql,db.example user=u sslmode=disable", sdk.Needs{Sockets: []string{"/run/postgresql"}, Network: true}},
		{"mysql", "u:p@tcp(db.example:3306)/shop", network},
		{"mysql", "u:p@unix(/run/mysqld/mysqld.sock)/shop", sdk.Needs{Sockets: []string{"/run/mysqld/mysqld.sock"}}},
		{"sqlserver", "sqlserver://u:p@db.example:1433?database=shop", network},
		{"firebird", "u:p@db.example:3050/shop.fdb", network},
		{"sqlite", filepath.Join(dir, "plain.db"), sdk.Needs{Read: []string{dir}}},
		{"sqlite", "file:" + filepath.Join(dir, "ahead.db"), sdk.Needs{Read: []string{dir}, Write: []string{dir}}},
		{"sqlite", filepath.Join(dir, "none.db"), sdk.Needs{Read: []string{dir}}},
		{"mysql", "nonsense(", sdk.Needs{}},
	} {
		t.Run(c.driver+" "+c.dsn, func(t *testing.T) {
			got := NewQuery(Settings{Driver: c.driver, DSN: c.dsn, Query: "SELECT 1"}).Needs()
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// TestSessions says what is set of a session, so that texts come in UTF-8 and results are whole, whatever the server is set to.
func TestSessions(t *testing.T) {
	for _, dsn := range []string{"postgres://u:p@db.example:5432/shop", "postgres://u:p@db.example/shop?client_encoding=LATIN1", "host=db.example user=u database=shop"} {
		config, err := postgresConfig(dsn)
		if err != nil {
			t.Fatal(err)
		}
		if got := config.RuntimeParams["client_encoding"]; got != "UTF8" {
			t.Errorf("%s: client_encoding %q", dsn, got)
		}
	}
	for dsn, want := range map[string]string{
		"u:p@tcp(db.example:3306)/shop":                     "charset=utf8mb4,utf8&",
		"u:p@tcp(db.example:3306)/":                         "charset=utf8mb4,utf8&",
		"u:p@unix(/run/mysqld/mysqld.sock)/shop?timeout=5s": "charset=utf8mb4,utf8&",
		"u:a?b/c@tcp(db.example:3306)/shop?charset=latin1":  "charset=latin1",
	} {
		config, err := mysqlConfig(dsn)
		if err != nil {
			t.Fatal(err)
		}
		if got := config.FormatDSN(); !strings.Contains(got, want) || config.Params["sql_select_limit"] == "" {
			t.Errorf("%s: %s, want %s", dsn, got, want)
		}
	}
	if config, err := mysqlConfig("u:p@tcp(db.example:3306)/shop?sql_select_limit=7"); err != nil || config.Params["sql_select_limit"] != "7" {
		t.Errorf("%v, %v", config, err)
	}
}

// TestPasswordFile says that the files which a data source name leads to are read before the source has to do without them.
func TestPasswordFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "pgpass")
	if err := os.WriteFile(path, []byte("db.example:5432:shop:u:s3cret\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	query := NewQuery(Settings{Driver: "postgres", DSN: "host=db.example user=u dbname=shop passfile=" + path, Query: "SELECT 1"})
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff("s3cret", query.conn.secrets[0]); diff != "" {
		t.Errorf("the password (-want +got):\n%s", diff)
	}
}
