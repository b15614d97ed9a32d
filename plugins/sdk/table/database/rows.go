package database

import (
	"database/sql"
	"errors"
	"fmt"
	"io"

	"github.com/reconcilehq/reconcile/plugins/sdk/table/grid"
)

// queryRows are the rows of a query's result.
type queryRows struct {
	*session
	dialect dialect
	rows    *sql.Rows
	types   []*sql.ColumnType
	values  []any
	targets []any // pointers to values
	row     int
	said    warnings // by the server, of a result that was read to its end
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

// Next implements grid.Rows.
func (r *queryRows) Next(want []grid.Cell, got []string) error {
	if !r.rows.Next() {
		return r.end()
	}
	r.row++
	if err := r.rows.Scan(r.targets...); err != nil {
		return fmt.Errorf("%s: %w", r.Place(), r.hide(err))
	}
	var bad *grid.BadRow
	for i, c := range want {
		text, err := r.dialect.sqlText(r.values[c.Column], r.types[c.Column])
		if err != nil {
			text = ""
			if bad == nil {
				bad = &grid.BadRow{Column: r.types[c.Column].Name(), Err: err}
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
	if r.dialect.warnings != nil {
		said, err := r.dialect.warnings(r.ctx, r.tx)
		if err != nil { // a proxy, perhaps, that has no such statement; all rows have come
			return io.EOF
		}
		if err := said.lost(r.dialect.lost); err != nil {
			return fmt.Errorf("query, after %d rows: %w", r.row, r.hide(err))
		}
		r.said = said
	}
	return io.EOF
}

// Doubts says what the server has warned of.
func (r *queryRows) Doubts() []string {
	if text := r.said.doubt(); text != "" {
		return []string{r.hide(errors.New("query: " + text)).Error()}
	}
	return nil
}

// Place implements grid.Rows.
func (r *queryRows) Place() string { return grid.QueryRow(r.row) }

// Close implements grid.Rows.
func (r *queryRows) Close() error {
	r.cancel()
	if r.rows != nil {
		_ = r.rows.Close() // the cancelled query's error, of no interest
	}
	r.close()
	return nil
}
