package database

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"
)

// warning is what a server says of a result that it gave all the same.
type warning struct {
	code int
	text string
}

// warnings are what a server says of the statement before.
type warnings struct {
	all   []warning // some of them
	count int       // how many there are
}

// mysqlLost are the warnings with which a MySQL or MariaDB server says that a result lacks rows, or parts of values: 1260 is that
// group_concat_max_len has cut a GROUP_CONCAT, 1301 that a text longer than max_allowed_packet became NULL, and 1931 that LIMIT ROWS
// EXAMINED has ended the query.
var mysqlLost = []int{1260, 1301, 1931}

// mysqlWarnings asks a MySQL or MariaDB server what it says of the statement before.
func mysqlWarnings(ctx context.Context, tx *sql.Tx) (w warnings, err error) {
	rows, err := tx.QueryContext(ctx, "SHOW WARNINGS")
	if err != nil {
		return w, err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var level string
		var one warning
		if err := rows.Scan(&level, &one.code, &one.text); err != nil {
			return w, err
		}
		if level != "Note" {
			w.all, w.count = append(w.all, one), w.count+1
		}
	}
	return w, rows.Err()
}

// lost returns an error where the result lacks something.
func (w *warnings) lost(codes []int) error {
	for _, one := range w.all {
		if slices.Contains(codes, one.code) {
			return fmt.Errorf("the result is not whole; the database says: %s; raise the limit that it names or that its documentation names, or write the query so that it takes less", one)
		}
	}
	return nil
}

// doubt is what people are told of the others; "" if there are none.
func (w *warnings) doubt() string {
	if w.count == 0 {
		return ""
	}
	const most = 3
	var texts []string
	for _, one := range w.all[:min(len(w.all), most)] {
		texts = append(texts, one.String())
	}
	more := ""
	if n := w.count - len(texts); n > 0 {
		more = fmt.Sprintf("; and %d more", n)
	}
	return fmt.Sprintf("the database warns of the query's result, in which values may be others than those that are kept: %s%s", strings.Join(texts, "; "), more)
}

func (w warning) String() string { return fmt.Sprintf("%s (%d)", w.text, w.code) }
