package database

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"

	"github.com/reconcilehq/reconcile/plugins/sdk"
	"github.com/reconcilehq/reconcile/plugins/sdk/table/grid"
)

// Query is the table that a query gives: a table.Input.
type Query struct {
	settings Settings
	dialect  dialect
	conn     *connection // nil if the settings are wrong
}

// NewQuery returns the table for the settings. It reads the files that the data source name leads to, of certificates for one:
// later it may not be allowed to.
func NewQuery(s Settings) *Query { return newQuery(s, dialects[s.Driver]) }

func newQuery(s Settings, d dialect) *Query {
	q := &Query{settings: s, dialect: d}
	if q.dialect.open == nil {
		return q
	}
	conn, err := q.dialect.open(s.DSN)
	if err != nil {
		return q
	}
	conn.secrets = append(conn.secrets, s.DSN)
	conn.db.SetMaxIdleConns(0) // a connection ends with its session
	q.conn = conn
	return q
}

// Needs says what reaching the database takes.
func (q *Query) Needs() sdk.Needs {
	if q.conn == nil {
		return sdk.Needs{}
	}
	return q.conn.needs
}

// Name implements table.Input.
func (q *Query) Name() string { return "query" }

// session is one transaction in which a query runs.
type session struct {
	tx     *sql.Tx
	cancel context.CancelFunc
	ctx    context.Context
	hide   func(error) error
}

func (q *Query) begin(ctx context.Context) (*session, error) {
	conn := q.conn
	if conn == nil {
		return nil, fmt.Errorf("dsn is no data source name for %s: it reads %s", q.settings.Driver, q.dialect.form)
	}
	if q.dialect.ready != nil {
		if err := q.dialect.ready(q.settings.DSN); err != nil {
			return nil, err
		}
	}
	s := &session{}
	s.ctx, s.cancel = context.WithCancel(ctx)
	s.hide = func(err error) error { return hidden(ctx, err, conn.secrets) }
	var err error
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
}

// Open implements table.Input.
func (q *Query) Open(ctx context.Context, _ grid.Fit) (grid.Rows, []string, error) {
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

// Facts implements table.Input.
func (q *Query) Facts(ctx context.Context, _ grid.Fit) ([]sdk.Fact, error) {
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
