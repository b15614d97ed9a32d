package database

import (
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"github.com/reconcilehq/reconcile/plugins/sdk"
)

// TestStatements counts the statements of queries, each as its database would part them.
func TestStatements(t *testing.T) {
	for _, c := range []struct {
		drivers, query string
		want           int
	}{
		{"all", "SELECT 1", 1},
		{"all", "SELECT 1;", 1},
		{"all", " ;; SELECT 1 ; \n; -- that is all\n/* SELECT 2; */ ", 1},
		{"all", "SELECT 1; SELECT 2", 2},
		{"all", "SELECT 1;SELECT 2;SELECT 3;", 3},
		{"all", "SELECT 1 -- ; not here\n; SELECT 2", 2},
		{"all", "SELECT 'a;b', \"c;d\", 'it''s; so', \"a\"\"b;c\"", 1},
		{"all", "SELECT 'it''s'; SELECT 2", 2},
		{"all", "SELECT 1 /* ; ' */; SELECT 2 /* ' */", 2},
		{"all", "SELECT 'not closed; SELECT 2", 1},
		{"all", "SELECT 5 - 1; SELECT 6 / 2 * 3", 2},
		{"all", "; -- nothing", 0},
		{"mysql", `SELECT 'a\'; b', "c\"; d"`, 1},
		{"sqlite postgres", `SELECT 'a\'; SELECT 2`, 2},
		{"postgres", `SELECT E'a\'; b', e'\\'; SELECT 2`, 2},
		{"postgres", `SELECT name'a\'; SELECT 2`, 2},
		{"postgres", `SELECT $$a; b$$, $tag$ ; $$ ; $tag$, a$b, $1; SELECT 2`, 2},
		{"postgres", `SELECT a$b$; SELECT c$b$`, 2},
		{"postgres", `SELECT $1; SELECT $2`, 2},
		{"postgres", "/* a /* b */ ; */ SELECT 1", 1},
		{"sqlite mysql", "/* a /* b */ SELECT 1; SELECT 2", 2},
		{"sqlite mysql", "SELECT `a;b`, `c``;d`", 1},
		{"sqlite", "SELECT [a;b'] FROM t; SELECT 2", 2},
		{"postgres", "SELECT a[1]; SELECT b[2]", 2},
		{"mysql", "SELECT 1 # ; here\n", 1},
		{"sqlite postgres", "SELECT a #>> ';' FROM t; SELECT 2", 2},
		{"mysql", "SELECT 5--1; SELECT 2", 2},
		{"mysql", "SELECT 5--\t1; SELECT 2", 1},
		{"mysql", "SELECT 1 /*! ; SELECT 2 */", 2},
	} {
		if c.drivers == "all" {
			c.drivers = "sqlite postgres mysql"
		}
		for driver := range strings.FieldsSeq(c.drivers) {
			if got := dialects[driver].statements.statements(c.query); got != c.want {
				t.Errorf("%s: %q has %d statements, want %d", driver, c.query, got, c.want)
			}
		}
	}
}

// TestOneStatement says that a query of which only a part would be read is a mistake in the setting.
func TestOneStatement(t *testing.T) {
	validate := func(driver, dsn, query string) []error {
		return (&Settings{Driver: driver, DSN: dsn, Query: query}).Validate("database")
	}
	shop := filepath.Join(t.TempDir(), "shop.db")
	problems := validate("sqlite", shop, "SELECT sku FROM a; SELECT sku FROM b")
	var wrong *sdk.SettingError
	if len(problems) != 1 || !errors.As(problems[0], &wrong) || wrong.Summary != "the query has 2 statements" || strings.Join(wrong.Path, ".") != "database.query" {
		t.Errorf("got %v", problems)
	}
	if problems := validate("sqlite", shop, "SELECT ';' AS sku;"); len(problems) > 0 {
		t.Errorf("a single statement: %v", problems)
	}
	// A script of several statements is usual there, and its driver tells of a second table.
	if problems := validate("sqlserver", "sqlserver://u:p@host:1433?database=d", "SET NOCOUNT ON; SELECT 1 AS sku"); len(problems) > 0 {
		t.Errorf("a script: %v", problems)
	}
}
