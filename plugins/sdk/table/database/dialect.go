package database

import (
	"context"
	"database/sql"

	"github.com/reconcilehq/reconcile/plugins/sdk"
)

// dialect is what differs between databases.
type dialect struct {
	form string // of a data source name
	// open readies a connection without making it. Its error may contain the data source name.
	open     func(dsn string) (*connection, error)
	ready    func(dsn string) error // says what the driver would not, or nil
	readOnly bool                   // it has read-only transactions
	version  string                 // the query for the server's version
	// statements parts the statements of a query; nil where the driver or the server refuses or reads a second one by itself.
	statements  *sqlForm
	shortFloats []string // types whose values are floats of 32 bits, though the driver gives 64
	shortExact  int      // from where on whole numbers in them are rounded; 0: 2^24
	// warnings asks the server what it says of the statement before; nil where no such thing is known. lost are the codes of those with
	// which it says that the result is not whole.
	warnings func(ctx context.Context, tx *sql.Tx) (warnings, error)
	lost     []int
	// text returns a value's text where the common rules do not hold, else false.
	text func(v any, column *sql.ColumnType) (string, bool)
}

// connection is a database that is not connected yet, the secrets that must not be shown, and what connecting needs.
type connection struct {
	db      *sql.DB
	secrets []string
	needs   sdk.Needs
}

var overNetwork = sdk.Needs{Network: true}

var dialects = map[string]dialect{
	"postgres":  postgres,
	"mysql":     mysqlDialect,
	"sqlserver": sqlserver,
	"sqlite":    sqlite,
	"firebird":  firebird,
}
