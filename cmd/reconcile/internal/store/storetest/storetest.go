// Package storetest gives tests a PostgreSQL database.
package storetest

import (
	"context"
	"crypto/rand"
	"database/sql"
	"net/url"
	"os"
	"strings"
	"testing"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver
)

// serverEnv is the address of a database in which tests may make schemas.
const serverEnv = "RECONCILE_TEST_POSTGRES_DSN"

// URL returns the address of a PostgreSQL database with a schema of the test's own, which is removed at its end. Without a server the test
// is skipped.
func URL(t testing.TB) string {
	t.Helper()
	server := os.Getenv(serverEnv)
	if server == "" {
		t.Skip(serverEnv + " names no server")
	}
	schema := "test_" + strings.ToLower(rand.Text())
	t.Cleanup(func() {
		db, err := sql.Open("pgx", server)
		if err == nil {
			_, err = db.ExecContext(context.Background(), "DROP SCHEMA IF EXISTS "+schema+" CASCADE")
			_ = db.Close()
		}
		if err != nil {
			t.Error(err)
		}
	})
	at, err := url.Parse(server)
	if err != nil {
		t.Fatalf("%s is no address: %v", serverEnv, err)
	}
	query := at.Query()
	query.Set("search_path", schema)
	at.RawQuery = query.Encode()
	return at.String()
}
