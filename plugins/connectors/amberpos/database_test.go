package amberpos

import (
	"context"
	"database/sql"
	"errors"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/go-sql-driver/mysql"
	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"

	"github.com/reconcilehq/reconcile/plugins/sdk"
	"github.com/reconcilehq/reconcile/plugins/sdk/sdktest"
)

// inventory is the data that every kind of source has to give alike.
var inventory = [][]string{
	{"SKU", "Description", "Regular Sell Price", "Special Price", "QOH", "Weight", "Visible", "Parent Sku", "Options", "In-Store Location", "Modified_At"},
	{"007", "Käse €5 \U0001F9C0", "10.10", "", "-3", "0.1", "true", "P", "Size:M", "A 1", "2026-11-23T10:00:00Z"},
	{"008", " Bell ", "1234567890.99", "0.01", "0", "2.5", "false", "P", "Size:L|Color:Red", "", "2026-11-23T10:00:00.25Z"},
	{"é-9", "", "", "19.90", "1000000", "", "", "", "", "", ""},
}

var inventoryItems = []string{
	`{"sku":"007","name":"Käse €5 🧀","price":10.1,"sale_price":null,"qoh":-3,"options":{"Size":"M"},"variation":["Color=Red","Size=L|M"],"parent_sku":"P","bin":"A 1","weight":0.1,"visible":true,"modified_at":"2026-11-23T10:00:00Z"}`,
	`{"sku":"008","name":" Bell ","price":1234567890.99,"sale_price":0.01,"qoh":0,"options":{"Color":"Red","Size":"L"},"variation":["Color=Red","Size=L|M"],"parent_sku":"P","bin":"","weight":2.5,"visible":false,"modified_at":"2026-11-23T10:00:00.25Z"}`,
	`{"sku":"é-9","name":"","price":null,"sale_price":19.9,"qoh":1000000,"options":{},"variation":[],"parent_sku":"","bin":"","weight":null,"visible":null,"modified_at":""}`,
}

// server is a kind of database to try.
type server struct {
	driver, sqlDriver string
	env               string // has the DSN; "" for SQLite, which needs no server
	types             string // the columns of the table
	table             string // what stands behind them
	text              string // what stands before a text
	yes, no           string
	quote             string // around a name
}

var servers = []server{
	{driver: "sqlite", sqlDriver: "sqlite", yes: "1", no: "0", quote: `""`,
		types: "sku TEXT, name TEXT, price DECIMAL(12,2), special REAL, qoh INTEGER, weight REAL, visible BOOLEAN, parent TEXT, options TEXT, bin CHAR(8), modified DATETIME"},
	{driver: "postgres", sqlDriver: "pgx", env: "RECONCILE_TEST_POSTGRES_DSN", yes: "TRUE", no: "FALSE", quote: `""`,
		types: "sku varchar(20), name text, price numeric(12,2), special double precision, qoh integer, weight real, visible boolean, parent varchar(20), options text, bin char(8), modified timestamptz"},
	{driver: "mysql", sqlDriver: "mysql", env: "RECONCILE_TEST_MYSQL_DSN", yes: "TRUE", no: "FALSE", quote: "``",
		types: "sku varchar(20), name text, price decimal(12,2), special double, qoh int, weight float, visible boolean, parent varchar(20), options text, bin char(8), modified datetime(3)", table: " CHARACTER SET utf8mb4"},
	{driver: "firebird", sqlDriver: "firebirdsql", env: "RECONCILE_TEST_FIREBIRD_DSN", yes: "TRUE", no: "FALSE", quote: `""`,
		types: "sku varchar(20), name blob sub_type text, price decimal(12,2), special double precision, qoh integer, weight float, visible boolean, parent varchar(20), options varchar(100), bin char(8), modified timestamp"},
	{driver: "sqlserver", sqlDriver: "sqlserver", env: "RECONCILE_TEST_SQLSERVER_DSN", text: "N", yes: "1", no: "0", quote: "[]",
		types: "sku nvarchar(20), name nvarchar(max), price money, special float, qoh int, weight real, visible bit, parent nvarchar(20), options nvarchar(max), bin nchar(8), modified datetime2"},
}

// dsn returns the database's DSN, or skips the test.
func (s server) dsn(t *testing.T) string {
	t.Helper()
	if s.env == "" {
		t.Chdir(t.TempDir())
		return "inventory.db"
	}
	dsn := os.Getenv(s.env)
	if dsn == "" {
		t.Skipf("%s is not set: no %s server to try", s.env, s.driver)
	}
	return dsn
}

// value writes a value of the inventory in SQL.
func (s server) value(column int, text string) string {
	switch {
	case text == "" && column != 1:
		return "NULL"
	case text == "true":
		return s.yes
	case text == "false":
		return s.no
	case 2 <= column && column <= 5:
		return text
	case column == 10 && s.driver == "postgres":
		return "'" + text + "'"
	case column == 10:
		return "'" + strings.TrimSuffix(strings.ReplaceAll(text, "T", " "), "Z") + "'"
	}
	return s.text + "'" + text + "'"
}

// query selects the inventory under AmberPOS's names.
func (s server) query() string {
	var columns []string
	for i, name := range strings.Fields("sku name price special qoh weight visible parent options bin modified") {
		columns = append(columns, name+" AS "+s.quote[:1]+inventory[0][i]+s.quote[1:])
	}
	return "SELECT " + strings.Join(columns, ", ") + " FROM reconcile_test ORDER BY sku"
}

// create makes the table.
func (s server) create(t *testing.T, dsn string) {
	t.Helper()
	db, err := sql.Open(s.sqlDriver, dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	_, _ = db.Exec("DROP TABLE reconcile_test")
	statements := []string{"CREATE TABLE reconcile_test (" + s.types + ")" + s.table}
	for _, row := range inventory[1:] {
		var values []string
		for i, text := range row {
			values = append(values, s.value(i, text))
		}
		statements = append(statements, "INSERT INTO reconcile_test VALUES ("+strings.Join(values, ", ")+")")
	}
	for _, statement := range statements {
		if _, err := db.Exec(statement); err != nil {
			t.Fatalf("%s: %v", statement, err)
		}
	}
}

func inDatabase(driver, dsn, query string) sdktest.Settings {
	return sdktest.Settings{"database": sdktest.Settings{"driver": driver, "dsn": dsn, "query": query}}
}

// TestSameItems reads one inventory from every kind of source.
func TestSameItems(t *testing.T) {
	same := func(t *testing.T, settings sdktest.Settings) {
		t.Helper()
		got, err := sdktest.Read(t.Context(), Connector(), settings)
		check(t, got.Items, err, inventoryItems, "")
	}
	t.Run("csv", func(t *testing.T) {
		var text strings.Builder
		for _, row := range inventory {
			text.WriteString(`"` + strings.Join(row, `","`) + "\"\n")
		}
		same(t, sdktest.Settings{"file": sdktest.File(t, "inv.csv", text.String())})
	})
	t.Run("xlsx", func(t *testing.T) {
		t.Chdir(t.TempDir())
		book := excelize.NewFile()
		for i, row := range inventory {
			for j, text := range row {
				at, _ := excelize.CoordinatesToCellName(j+1, i+1)
				var err error
				if i > 0 && 2 <= j && j <= 5 && text != "" {
					err = book.SetCellDefault("Sheet1", at, text) // a number
				} else {
					err = book.SetCellStr("Sheet1", at, text)
				}
				if err != nil {
					t.Fatal(err)
				}
			}
		}
		if err := book.SaveAs("inv.xlsx"); err != nil {
			t.Fatal(err)
		}
		same(t, sdktest.Settings{"file": "inv.xlsx"})
	})
	for _, s := range servers {
		t.Run(s.driver, func(t *testing.T) {
			dsn := s.dsn(t)
			s.create(t, dsn)
			same(t, inDatabase(s.driver, dsn, s.query()))
		})
	}
}

// TestDatabase tries what else a read can meet.
func TestDatabase(t *testing.T) {
	for _, s := range servers {
		t.Run(s.driver, func(t *testing.T) {
			dsn := s.dsn(t)
			s.create(t, dsn)
			t.Run("a bad row", func(t *testing.T) {
				_, err := sdktest.Read(t.Context(), Connector(), inDatabase(s.driver, dsn, "SELECT sku, name AS qoh FROM reconcile_test WHERE sku = '008'"), "qoh")
				check(t, nil, err, nil, `query row 1, column "`)
			})
			t.Run("a bad row is skipped, with two passes", func(t *testing.T) {
				settings := inDatabase(s.driver, dsn, "SELECT sku, parent AS parent_sku, options, name AS qoh FROM reconcile_test ORDER BY sku")
				settings["on_bad_row"] = "skip"
				got, err := sdktest.Read(t.Context(), Connector(), settings, "qoh", "variation")
				check(t, got.Items, err, []string{`{"qoh":null,"variation":[]}`}, "")
				if len(got.Warnings) != 1 || !strings.Contains(got.Warnings[0], "2 rows were skipped: query row 1, column") {
					t.Errorf("warnings: %q", got.Warnings)
				}
			})
			t.Run("a wrong query", func(t *testing.T) {
				_, err := sdktest.Read(t.Context(), Connector(), inDatabase(s.driver, dsn, "SELECT nothing FROM nowhere"))
				check(t, nil, err, nil, "run the query: ")
			})
			t.Run("a query that writes", func(t *testing.T) {
				_, _ = sdktest.Read(t.Context(), Connector(), inDatabase(s.driver, dsn, "DELETE FROM reconcile_test"))
				_, _ = sdktest.Read(t.Context(), Connector(), inDatabase(s.driver, dsn, "DELETE FROM reconcile_test RETURNING sku"))
				got, err := sdktest.Read(t.Context(), Connector(), inDatabase(s.driver, dsn, s.query()))
				check(t, got.Items, err, inventoryItems, "")
			})
			t.Run("check", func(t *testing.T) {
				source, err := sdktest.Source(t.Context(), Connector(), inDatabase(s.driver, dsn, s.query()))
				if err != nil {
					t.Fatal(err)
				}
				facts, err := source.(sdk.Checker).Check(t.Context())
				if err != nil || len(facts) != 3 || facts[0].Value != s.driver || facts[1].Value == "" || facts[2].Value != "11" {
					t.Errorf("%v, %v", facts, err)
				}
			})
			if s.env != "" {
				t.Run("a wrong password", func(t *testing.T) {
					const wrong = "wr0ng-p@ss/word"
					_, err := sdktest.Read(t.Context(), Connector(), inDatabase(s.driver, withPassword(t, s.driver, dsn, wrong), s.query()))
					noSecrets(t, err, "connect to the "+s.driver+" database: ", wrong)
				})
			}
		})
	}
}

// TestUnreachableServers connects to a port where nothing listens.
func TestUnreachableServers(t *testing.T) {
	const password = "s3cr%t-p@ss"
	escaped := url.QueryEscape(password)
	for driver, dsn := range map[string]string{
		"postgres":  "postgres://user:" + escaped + "@127.0.0.1:1/db?sslmode=disable",
		"mysql":     "user:" + password + "@tcp(127.0.0.1:1)/db",
		"sqlserver": "sqlserver://user:" + escaped + "@127.0.0.1:1?database=db&dial+timeout=1",
		"firebird":  "user:" + escaped + "@127.0.0.1:1/tmp/db.fdb",
	} {
		t.Run(driver, func(t *testing.T) {
			_, err := sdktest.Read(t.Context(), Connector(), inDatabase(driver, dsn, "SELECT 1 AS sku"))
			noSecrets(t, err, "connect to the "+driver+" database: ", password)
			if err != nil && strings.Contains(err.Error(), dsn) {
				t.Errorf("the error tells the DSN: %v", err)
			}
		})
	}
}

func noSecrets(t *testing.T, err error, want, password string) {
	t.Helper()
	if err == nil || !strings.Contains(err.Error(), want) {
		t.Fatalf("error %v, want one with %q", err, want)
	}
	for _, secret := range []string{password, url.QueryEscape(password), url.PathEscape(password)} {
		if strings.Contains(err.Error(), secret) {
			t.Errorf("the error tells the password: %v", err)
		}
	}
	t.Log(err)
}

func withPassword(t *testing.T, driver, dsn, password string) string {
	t.Helper()
	if driver == "mysql" {
		config, err := mysql.ParseDSN(dsn)
		if err != nil {
			t.Fatal(err)
		}
		config.Passwd = password
		return config.FormatDSN()
	}
	scheme, rest, found := strings.Cut(dsn, "://")
	if !found {
		scheme, rest = "firebird", dsn
	}
	u, err := url.Parse(scheme + "://" + rest)
	if err != nil {
		t.Fatal(err)
	}
	u.User = url.UserPassword(u.User.Username(), password)
	return u.String()
}

// TestSQLite tries what is peculiar to a database that is a file.
func TestSQLite(t *testing.T) {
	t.Chdir(t.TempDir())
	for _, folder := range []string{"data #1", "folder"} {
		if err := os.Mkdir(folder, 0o700); err != nil {
			t.Fatal(err)
		}
	}
	const path = "data #1/a%20b.db"
	create := func(statements string) {
		t.Helper()
		db, err := sql.Open("sqlite", "file:"+url.PathEscape(path))
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = db.Close() }()
		if _, err := db.Exec(statements); err != nil {
			t.Fatal(err)
		}
	}
	create("CREATE TABLE t (sku, qoh); INSERT INTO t VALUES ('007', 0.1 + 0.2), (8, 9223372036854775807), (x'41', NULL), (1.5, '1,234')")
	if err := os.WriteFile("text.db", []byte(strings.Repeat("no database ", 100)), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name, dsn, query string
		want             []string
		err              string
	}{
		{name: "a path", dsn: path, query: "SELECT * FROM t", want: []string{`{"sku":"007","qoh":0.3}`, `{"sku":"8","qoh":9223372036854775807}`, `{"sku":"A","qoh":null}`, `{"sku":"1.5","qoh":1234}`}},
		{name: "a URI", dsn: "file:" + url.PathEscape(path) + "?mode=rwc", query: "SELECT sku FROM t LIMIT 1", want: []string{`{"sku":"007"}`}},
		{name: "a missing file", dsn: "absent.db", query: "SELECT 1", err: "the file that dsn names does not exist"},
		{name: "a missing file as URI", dsn: "file:absent.db?mode=rwc", query: "SELECT 1", err: "the file that dsn names does not exist"},
		{name: "a folder", dsn: "folder", query: "SELECT 1", err: "dsn names a folder"},
		{name: "another file", dsn: "text.db", query: "SELECT sku FROM t", err: "not a database"},
		{name: "text that is no UTF-8", dsn: path, query: "SELECT x'ff' AS sku", err: `query row 1, column "sku": the text is not valid UTF-8`},
		{name: "an error after some rows", dsn: path, query: "SELECT value AS sku FROM json_each('[1,2]') UNION ALL SELECT json('{')", err: "malformed JSON"},
		{name: "a whole number that is rounded", dsn: path, query: "SELECT 1 AS sku, 9223372036854775808 AS qoh", err: "a floating-point number so large that it may be rounded"},
		{name: "columns of one name", dsn: path, query: "SELECT sku, qoh, 1 AS qoh FROM t", err: `there are 2 columns "QOH"`},
		{name: "no rows", dsn: path, query: "SELECT * FROM t WHERE 0"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := sdktest.Read(t.Context(), Connector(), inDatabase("sqlite", c.dsn, c.query))
			check(t, got.Items, err, c.want, c.err)
			if diff := cmp.Diff(false, exists("absent.db")); diff != "" {
				t.Error("a database was made")
			}
		})
	}
}

// TestDatabaseStops cancels queries that would never end.
func TestDatabaseStops(t *testing.T) {
	endless := map[string]string{
		"sqlite":   "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i AS sku FROM n",
		"postgres": "SELECT pg_sleep(600) AS sku",
		"mysql":    "SELECT SLEEP(600) AS sku",
	}
	for _, s := range servers {
		if endless[s.driver] == "" {
			continue
		}
		t.Run(s.driver, func(t *testing.T) {
			dsn := s.dsn(t)
			s.create(t, dsn)
			ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
			defer cancel()
			start := time.Now()
			_, err := sdktest.Read(ctx, Connector(), inDatabase(s.driver, dsn, endless[s.driver]), "sku")
			if !errors.Is(err, context.DeadlineExceeded) || time.Since(start) > time.Minute {
				t.Errorf("after %s: %v", time.Since(start), err)
			}
		})
	}
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}
