package database

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/reconcilehq/reconcile/plugins/sdk/sdktest"
	"github.com/reconcilehq/reconcile/plugins/sdk/table"
)

// script is a database that answers any query with tables, and fails as it is told. It is its own driver, connection,
// transaction and result.
type script struct {
	tables [][]string // texts of one column; the first row is its name
	fails  error      // in the place of the first table's last row
	later  error      // of the second statement
	table  int
	row    int
}

func (s *script) Connect(context.Context) (driver.Conn, error) { return s, nil }
func (s *script) Driver() driver.Driver                        { return nil }
func (s *script) Prepare(string) (driver.Stmt, error)          { return nil, errors.New("not here") }
func (s *script) Begin() (driver.Tx, error)                    { return s, nil }
func (s *script) Commit() error                                { return nil }
func (s *script) Rollback() error                              { return nil }
func (s *script) Close() error                                 { return nil }
func (s *script) QueryContext(context.Context, string, []driver.NamedValue) (driver.Rows, error) {
	return s, nil
}
func (s *script) Columns() []string { return s.tables[s.table][:min(1, len(s.tables[s.table]))] }
func (s *script) Next(to []driver.Value) error {
	s.row++
	rows := s.tables[s.table]
	switch {
	case s.fails != nil && s.table == 0 && s.row == len(rows)-1:
		return s.fails
	case s.row >= len(rows):
		return io.EOF
	}
	to[0] = rows[s.row]
	return nil
}
func (s *script) HasNextResultSet() bool { return s.table+1 < len(s.tables) || s.later != nil }
func (s *script) NextResultSet() error {
	if s.later != nil {
		return s.later
	}
	if s.table+1 == len(s.tables) {
		return io.EOF
	}
	s.table, s.row = s.table+1, 0
	return nil
}

// TestEndOfRows says that a result ends well only where there is no more, and not where it could not go on.
func TestEndOfRows(t *testing.T) {
	three := []string{"sku", "A", "B", "C"}
	for _, c := range []struct {
		why  string
		from *script
		want string // the error
	}{
		{"all", &script{tables: [][]string{three}}, ""},
		{"a row cannot be had", &script{tables: [][]string{three}, fails: errors.New("the server closed the connection, password s3cret")},
			"query, after 2 rows: the server closed the connection, password ***"},
		{"the connection ends in the middle of a row", &script{tables: [][]string{three}, fails: io.ErrUnexpectedEOF}, "query, after 2 rows: unexpected EOF"},
		{"the connection is bad", &script{tables: [][]string{three}, fails: driver.ErrBadConn}, "query, after 2 rows: driver: bad connection"},
		{"a second table", &script{tables: [][]string{three, {"sku", "D"}}}, "the query gives a second table after 3 rows"},
		{"a second table without rows", &script{tables: [][]string{three, {"sku"}}}, "the query gives a second table after 3 rows"},
		{"a second statement that gives none", &script{tables: [][]string{three, {}}}, ""},
		{"a second statement that fails", &script{tables: [][]string{three}, later: errors.New("killed")}, "query, after 3 rows: killed"},
	} {
		t.Run(c.why, func(t *testing.T) {
			query := newQuery(Settings{Driver: "script", DSN: "s3cret", Query: "SELECT"},
				dialect{open: func(string) (*connection, error) { return &connection{db: sql.OpenDB(c.from)}, nil }})
			got, err := sdktest.ReadFrom(t.Context(), &table.Table{Input: query, AllColumns: true}, "sku")
			if c.want == "" {
				if diff := cmp.Diff([]string{`{"sku":"A"}`, `{"sku":"B"}`, `{"sku":"C"}`}, got.Items); diff != "" || err != nil {
					t.Error(diff, err)
				}
			} else if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %q (%v), want an error with %q", got.Items, err, c.want)
			}
		})
	}
}

// TestServerWarnings says that a result of which the server says that it lacks something fails, and that other warnings are told.
func TestServerWarnings(t *testing.T) {
	rows := &script{tables: [][]string{{"sku", "A", "B"}}}
	for _, c := range []struct {
		why         string
		said        warnings
		err         error  // of asking for them
		fails, told string // what the error says, and what people are told
	}{
		{why: "nothing"},
		{why: "a text was cut", said: warnings{[]warning{{1292, "Truncated"}, {1260, "Row 2 was cut by GROUP_CONCAT()"}}, 2},
			fails: "query, after 2 rows: the result is not whole; the database says: Row 2 was cut by GROUP_CONCAT() (1260)"},
		{why: "a text was too long", said: warnings{[]warning{{1301, "Result of repeat() was larger than max_allowed_packet"}}, 1}, fails: "is not whole"},
		{why: "rows were left out", said: warnings{[]warning{{1931, "The query result may be incomplete"}}, 1}, fails: "is not whole"},
		{why: "a text is no number", said: warnings{[]warning{{1292, "Truncated incorrect DECIMAL value: '5,299.00' of s3cret"}}, 1},
			told: "Truncated incorrect DECIMAL value: '5,299.00' of *** (1292)"},
		{why: "many", said: warnings{[]warning{{1292, "a"}, {1292, "b"}, {1292, "c"}, {1292, "d"}}, 4}, told: "a (1292); b (1292); c (1292); and 1 more"},
		{why: "a server without such a statement", err: errors.New("syntax error")},
	} {
		t.Run(c.why, func(t *testing.T) {
			rows.row = 0
			query := newQuery(Settings{Driver: "script", DSN: "s3cret", Query: "SELECT"}, dialect{
				open:     func(string) (*connection, error) { return &connection{db: sql.OpenDB(rows)}, nil },
				warnings: func(context.Context, *sql.Tx) (warnings, error) { return c.said, c.err }, lost: mysqlLost})
			got, err := sdktest.ReadFrom(t.Context(), &table.Table{Input: query, AllColumns: true}, "sku")
			if c.fails != "" {
				if err == nil || !strings.Contains(err.Error(), c.fails) {
					t.Errorf("got %q (%v), want an error with %q", got.Items, err, c.fails)
				}
				return
			}
			told := strings.Join(got.Warnings, "; ")
			if err != nil || len(got.Items) != 2 || !strings.Contains(told, c.told) || c.told == "" && told != "" {
				t.Errorf("got %q (%v), told %q, want %q", got.Items, err, told, c.told)
			}
		})
	}
}

// TestFloatText has floats as they come from databases, and what people mean by them.
func TestFloatText(t *testing.T) {
	tenth, fifth := 0.1, 0.2
	for f, want := range map[float64]string{
		tenth + fifth: "0.3", 0.3: "0.3", 19.99: "19.99", 1234567890.12: "1234567890.12", 3 * 1.1: "3.3", -2.5: "-2.5", 0: "0",
		1e-7: "0.0000001", 5: "5", 9007199254740991: "9007199254740991", -123456789012345: "-123456789012345",
		9007199254740992: "!rounded", -1e300: "!rounded",
	} {
		text, err := floatText(f)
		if err != nil {
			text = "!rounded"
		}
		if text != want {
			t.Errorf("%v: %s (%v), want %s", f, text, err, want)
		}
	}
	for f, want := range map[float32]string{
		0.1: "0.1", 19.99: "19.99", 1234.5: "1234.5", 16777215: "16777215", 16777216: "!rounded", 123456.79: "123456.79", -3: "-3",
	} {
		text, err := (&dialect{}).shortFloatText(f)
		if err != nil {
			text = "!rounded"
		}
		if text != want {
			t.Errorf("short %v: %s (%v), want %s", f, text, err, want)
		}
	}
	if text, err := (&dialect{shortExact: 1_000_000}).shortFloatText(1234570); err == nil {
		t.Errorf("got %s where the server rounds", text)
	}
}
