// Package database reads the tables that queries give. It knows what differs between databases, and turns their values into
// texts as a file would have them; which column is which field is for package table to say.
package database

import (
	"fmt"
	"strings"

	"github.com/reconcilehq/reconcile/plugins/sdk"
)

// Settings is the settings block of a table that a query gives.
type Settings struct {
	Driver string `setting:"driver,required" values:"sqlserver|postgres|mysql|sqlite|firebird" doc:"The kind of database; mysql is MariaDB too."`
	DSN    string `setting:"dsn,required,sensitive" doc:"How to reach the database. sqlserver: sqlserver://user:password@host:1433?database=name; postgres: postgres://user:password@host:5432/name; mysql: user:password@tcp(host:3306)/name; firebird: user:password@host:3050/path/to/file.fdb; sqlite: the path of the file. A user that may only read is enough."`
	Query  string `setting:"query,required" doc:"The SQL query to read, one statement. Its columns' names are matched like a file's headers. It runs in a transaction that is never committed, a read-only one where the database has them."`
}

// Validate returns a *sdk.SettingError for each mistake that shows without the database. path leads to the block.
func (s *Settings) Validate(path ...string) []error {
	var problems []error
	problem := func(setting, summary, detail string) {
		problems = append(problems, &sdk.SettingError{Path: append(path[:len(path):len(path)], setting), Summary: summary, Detail: detail})
	}
	if strings.TrimSpace(s.Query) == "" {
		problem("query", "the query is empty", "Write a SELECT whose columns are the item's fields.")
	}
	dialect, ok := dialects[s.Driver]
	if !ok {
		return problems // the setting's values have been checked
	}
	if form := dialect.statements; form != nil {
		if n := form.statements(s.Query); n > 1 {
			problem("query", fmt.Sprintf("the query has %d statements", n),
				"Only one table can be read, and a second statement would take the first one's place: join them with UNION ALL, or leave all but one out.")
		}
	}
	if conn, err := dialect.open(s.DSN); err != nil { // which does not connect
		problem("dsn", fmt.Sprintf("this is no data source name for %s", s.Driver), "It reads "+dialect.form+".")
	} else {
		_ = conn.db.Close()
	}
	return problems
}
