package table

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"net/url"
	"strconv"
	"strings"

	"github.com/reconcilehq/reconcile/plugins/sdk"
)

// Database is the settings block of a table that a query gives.
type Database struct {
	Driver string `setting:"driver,required" values:"sqlserver|postgres|mysql|sqlite|firebird" doc:"The kind of database; mysql is MariaDB too."`
	DSN    string `setting:"dsn,required,sensitive" doc:"How to reach the database. sqlserver: sqlserver://user:password@host:1433?database=name; postgres: postgres://user:password@host:5432/name; mysql: user:password@tcp(host:3306)/name; firebird: user:password@host:3050/path/to/file.fdb; sqlite: the path of the file. A user that may only read is enough."`
	Query  string `setting:"query,required" doc:"The SQL query to read. Its columns' names are matched like a file's headers. It runs in a transaction that is never committed, a read-only one where the database has them."`
}

// Validate returns a *sdk.SettingError for each mistake that shows without the database. path leads to the block.
func (d *Database) Validate(path ...string) []error {
	var problems []error
	problem := func(setting, summary, detail string) {
		problems = append(problems, &sdk.SettingError{Path: append(path[:len(path):len(path)], setting), Summary: summary, Detail: detail})
	}
	if strings.TrimSpace(d.Query) == "" {
		problem("query", "the query is empty", "Write a SELECT whose columns are the item's fields.")
	}
	dialect, ok := dialects[d.Driver]
	if !ok {
		return problems // the setting's values have been checked
	}
	if conn, err := dialect.open(d.DSN); err != nil { // which does not connect
		problem("dsn", fmt.Sprintf("this is no data source name for %s", d.Driver), "It reads "+dialect.form+".")
	} else {
		_ = conn.db.Close()
	}
	return problems
}

// dialect is what differs between databases.
type dialect struct {
	form string // of a data source name
	// open readies a connection without making it. Its error may contain the data source name.
	open        func(dsn string) (*connection, error)
	ready       func(dsn string) error // says what the driver would not, or nil
	readOnly    bool                   // it has read-only transactions
	version     string                 // the query for the server's version
	shortFloats []string               // types whose values are floats of 32 bits, though the driver gives 64
	shortExact  int                    // from where on whole numbers in them are rounded; 0: 2^24
	// text returns a value's text where the common rules do not hold, else false.
	text func(v any, column *sql.ColumnType) (string, bool)
}

// connection is a database that is not connected yet, and the secrets that must not be shown.
type connection struct {
	db      *sql.DB
	secrets []string
}

var dialects = map[string]dialect{
	"postgres":  postgres,
	"mysql":     mysqlDialect,
	"sqlserver": sqlserver,
	"sqlite":    sqlite,
	"firebird":  firebird,
}

// Query is the table that a query gives: an Input.
type Query struct {
	settings Database
	dialect  dialect
}

// NewQuery returns the table for the settings, which have been validated.
func NewQuery(d Database) *Query { return &Query{d, dialects[d.Driver]} }

// Name implements Input.
func (q *Query) Name() string { return "query" }

// session is one transaction in which a query runs.
type session struct {
	conn   *connection
	tx     *sql.Tx
	cancel context.CancelFunc
	ctx    context.Context
	hide   func(error) error
}

func (q *Query) begin(ctx context.Context) (*session, error) {
	conn, err := q.dialect.open(q.settings.DSN)
	if err != nil {
		return nil, fmt.Errorf("dsn is no data source name for %s: it reads %s", q.settings.Driver, q.dialect.form)
	}
	if q.dialect.ready != nil {
		if err := q.dialect.ready(q.settings.DSN); err != nil {
			return nil, errors.Join(err, conn.db.Close())
		}
	}
	conn.secrets = append(conn.secrets, q.settings.DSN)
	conn.db.SetMaxOpenConns(1)
	s := &session{conn: conn}
	s.ctx, s.cancel = context.WithCancel(ctx)
	s.hide = func(err error) error { return hidden(ctx, err, conn.secrets) }
	if s.tx, err = conn.db.BeginTx(s.ctx, &sql.TxOptions{ReadOnly: q.dialect.readOnly}); err != nil {
		s.close()
		return nil, fmt.Errorf("connect to the %s database: %w; check that the server runs and what dsn says of it: address, database, user, password",
			q.settings.Driver, s.hide(err))
	}
	return s, nil
}

// close ends the session. Cancelling comes first: drivers would otherwise read the rest of the rows.
func (s *session) close() {
	s.cancel()
	if s.tx != nil {
		_ = s.tx.Rollback()
	}
	_ = s.conn.db.Close()
}

// Open implements Input.
func (q *Query) Open(ctx context.Context, _ Fit) (Rows, []string, error) {
	s, err := q.begin(ctx)
	if err != nil {
		return nil, nil, err
	}
	r := &queryRows{session: s, dialect: q.dialect}
	if err := r.start(q.settings.Query); err != nil {
		_ = r.Close()
		return nil, nil, fmt.Errorf("run the query: %w", s.hide(err))
	}
	names := make([]string, len(r.types))
	for i, t := range r.types {
		names[i] = t.Name()
	}
	if len(names) == 0 {
		_ = r.Close()
		return nil, nil, errors.New("the query gives no columns: write a SELECT")
	}
	return r, names, nil
}

// Facts implements Input.
func (q *Query) Facts(ctx context.Context, _ Fit) ([]sdk.Fact, error) {
	s, err := q.begin(ctx)
	if err != nil {
		return nil, err
	}
	var version string
	err = s.tx.QueryRowContext(s.ctx, q.dialect.version).Scan(&version)
	s.close()
	if err != nil {
		return nil, fmt.Errorf("ask the %s database for its version: %w", q.settings.Driver, s.hide(err))
	}
	rows, names, err := q.Open(ctx, nil)
	if err != nil {
		return nil, err
	}
	version, _, _ = strings.Cut(strings.TrimSpace(version), "\n")
	return []sdk.Fact{
		{Name: "database", Value: q.settings.Driver},
		{Name: "version", Value: strings.TrimSpace(version)},
		{Name: "columns", Value: strconv.Itoa(len(names))},
	}, rows.Close()
}

// queryRows are the rows of a query's result.
type queryRows struct {
	*session
	dialect dialect
	rows    *sql.Rows
	types   []*sql.ColumnType
	values  []any
	targets []any // pointers to values
	row     int
}

func (r *queryRows) start(query string) (err error) {
	r.rows, err = r.tx.QueryContext(r.ctx, query) //nolint:rowserrcheck // Next looks at it
	if err != nil {
		return err
	}
	if r.types, err = r.rows.ColumnTypes(); err != nil {
		return err
	}
	r.values, r.targets = make([]any, len(r.types)), make([]any, len(r.types))
	for i := range r.values {
		r.targets[i] = &r.values[i]
	}
	return nil
}

// Next implements Rows.
func (r *queryRows) Next(want []Cell, got []string) error {
	if !r.rows.Next() {
		return r.end()
	}
	r.row++
	if err := r.rows.Scan(r.targets...); err != nil {
		return fmt.Errorf("%s: %w", r.Place(), r.hide(err))
	}
	var bad *BadRow
	for i, c := range want {
		text, err := r.dialect.sqlText(r.values[c.Column], r.types[c.Column])
		if err != nil {
			text = ""
			if bad == nil {
				bad = &BadRow{Column: r.types[c.Column].Name(), Err: err}
			}
		}
		got[i] = text
	}
	if bad != nil {
		return bad
	}
	return nil
}

// end returns io.EOF where the rows were all that the query gives.
func (r *queryRows) end() error {
	failed := func() error {
		if err := r.rows.Err(); err != nil {
			return fmt.Errorf("query, after %d rows: %w", r.row, r.hide(err))
		}
		return nil
	}
	if err := failed(); err != nil {
		return err
	}
	// What a further statement says comes after the rows: that it failed, or more rows.
	for r.rows.NextResultSet() {
		columns, err := r.rows.Columns()
		if err != nil {
			return fmt.Errorf("query, after %d rows: %w", r.row, r.hide(err))
		}
		if len(columns) > 0 {
			return fmt.Errorf("the query gives a second table after %d rows, and only one can be read: join them with UNION ALL, or leave one out", r.row)
		}
	}
	if err := failed(); err != nil {
		return err
	}
	return io.EOF
}

// Place implements Rows.
func (r *queryRows) Place() string { return rowPlace(r.row) }

// Close implements Rows.
func (r *queryRows) Close() error {
	r.cancel()
	if r.rows != nil {
		_ = r.rows.Close() // the cancelled query's error, of no interest
	}
	r.close()
	return nil
}

// hidden returns an error with the text of err in which no secret is left; the original is not wrapped, for it would
// still have them. Where ctx is done, that is the error.
func hidden(ctx context.Context, err error, secrets []string) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	text := err.Error()
	for _, secret := range secrets {
		for _, form := range []string{secret, url.QueryEscape(secret), url.PathEscape(secret)} {
			if form != "" {
				text = strings.ReplaceAll(text, form, "***")
			}
		}
	}
	return errors.New(strings.Join(strings.Fields(text), " ")) // in one line
}
