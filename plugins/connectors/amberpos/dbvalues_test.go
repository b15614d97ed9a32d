package amberpos

import (
	"fmt"
	"strings"
	"testing"

	"github.com/reconcilehq/reconcile/plugins/sdk/sdktest"
)

// TestDatabaseNumbers reads numbers of each type: decimals and integers are exact, floats are what people mean by them.
func TestDatabaseNumbers(t *testing.T) {
	const rounded = "a floating-point number so large that it may be rounded"
	numbers := map[string][][2]string{
		"sqlite": {{"0.1 + 0.2", "0.3"}, {"9223372036854775807", "9223372036854775807"}, {"CAST(16777217 AS REAL)", "16777217"}, {"19.99", "19.99"},
			{"1e16", rounded}},
		"postgres": {{"0.1::float8 + 0.2::float8", "0.3"}, {"0.1::real", "0.1"}, {"0.1::real + 0.2::real", "0.3"}, {"1234567::real", "1234567"},
			{"9223372036854775807::bigint", "9223372036854775807"}, {"12345678901234567890123.4567890123::numeric", "12345678901234567890123.4567890123"},
			{"9007199254740991::float8", "9007199254740991"}, {"9007199254740993::float8", rounded}, {"16777217::real", rounded}, {"19.99::float8", "19.99"},
			{"'12.50'::money", "12.5"}},
		"mysql": {{"CAST(0.1 AS DOUBLE) + CAST(0.2 AS DOUBLE)", "0.3"}, {"CAST(0.1 AS FLOAT)", "0.1"}, {"18446744073709551615", "18446744073709551615"},
			{"-9223372036854775808", "-9223372036854775808"}, {"CAST(12345678901234567890123.4567890123 AS DECIMAL(40,10))", "12345678901234567890123.4567890123"},
			{"CAST(9007199254740991 AS DOUBLE)", "9007199254740991"}, {"CAST(9007199254740993 AS DOUBLE)", rounded}, {"CAST(1234567 AS FLOAT)", rounded},
			{"CAST(123456 AS FLOAT)", "123456"}, {"CAST(19.99 AS DOUBLE)", "19.99"},
			{"@@sql_select_limit", "18446744073709551615"}}, // whatever the server is set to
		"firebird": {{"CAST(0.1 AS DOUBLE PRECISION) + CAST(0.2 AS DOUBLE PRECISION)", "0.3"}, {"CAST(0.1 AS FLOAT)", "0.1"}, {"CAST(1234567 AS FLOAT)", "1234567"},
			{"CAST(9223372036854775807 AS BIGINT)", "9223372036854775807"}, {"CAST(12345678901234.5678 AS NUMERIC(18,4))", "12345678901234.5678"},
			{"CAST(9007199254740993 AS DOUBLE PRECISION)", rounded}, {"CAST(16777217 AS FLOAT)", rounded}},
		"sqlserver": {{"CAST(0.1 AS FLOAT) + CAST(0.2 AS FLOAT)", "0.3"}, {"CAST(0.1 AS REAL)", "0.1"}, {"CAST(9223372036854775807 AS BIGINT)", "9223372036854775807"},
			{"CAST(12345678901234567890123.4567890123 AS DECIMAL(38,10))", "12345678901234567890123.4567890123"}, {"CAST(9007199254740993 AS FLOAT)", rounded}},
	}
	for _, s := range servers {
		t.Run(s.driver, func(t *testing.T) {
			dsn := s.dsn(t)
			s.create(t, dsn)
			for _, c := range numbers[s.driver] {
				query := "SELECT '1' AS sku, " + c[0] + " AS price"
				if s.driver == "firebird" {
					query += " FROM rdb$database"
				}
				got, err := sdktest.Read(t.Context(), Connector(), inDatabase(s.driver, dsn, query), "price")
				said := strings.Join(got.Items, "")
				if err != nil {
					said = err.Error()
				}
				if want := fmt.Sprintf(`{"price":%s}`, c[1]); said != want && (c[1] != rounded || !strings.Contains(said, rounded)) {
					t.Errorf("%s: %s, want %s", c[0], said, c[1])
				}
			}
		})
	}
}

// TestDatabaseEncoding says that texts come in UTF-8, whatever the database has them in, and the server or the user is set to.
func TestDatabaseEncoding(t *testing.T) {
	for driver, c := range map[string]struct{ query, want string }{
		"postgres": {"SELECT current_setting('client_encoding') AS sku", `{"sku":"UTF8"}`},
		"mysql":    {"SELECT CONCAT(@@character_set_client, ' ', @@character_set_results) AS sku", `{"sku":"utf8mb4 utf8mb4"}`},
	} {
		t.Run(driver, func(t *testing.T) {
			for _, s := range servers {
				if s.driver != driver {
					continue
				}
				got, err := sdktest.Read(t.Context(), Connector(), inDatabase(driver, s.dsn(t), c.query), "sku")
				if said := strings.Join(got.Items, ""); err != nil || said != c.want {
					t.Errorf("%s, %v, want %s", said, err, c.want)
				}
			}
		})
	}
}

// TestCutResults has queries that give some rows and then fail: each is a failed read, and not a short catalogue.
func TestCutResults(t *testing.T) {
	const rows = 3000 // several packets
	queries := map[string][]string{
		"sqlite": {"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3000) SELECT i AS sku, abs(CASE WHEN i = 2500 THEN -9223372036854775808 ELSE i END) AS qoh FROM n"},
		"postgres": {"SELECT i::text AS sku, 1 / (i - 2500) AS qoh FROM generate_series(1, 3000) i",
			// The server ends the connection.
			"SELECT i::text AS sku, CASE WHEN i = 2500 THEN pg_terminate_backend(pg_backend_pid())::int END AS qoh FROM generate_series(1, 3000) i"},
		"mysql": {"SELECT seq AS sku, (SELECT 1 UNION SELECT 2 WHERE seq = 2500) AS qoh FROM seq_1_to_3000",
			// These end as if they were whole, with a warning.
			"SELECT seq AS sku, 1 AS qoh FROM seq_1_to_3000 LIMIT ROWS EXAMINED 2500",
			"SELECT max(seq) AS sku, 1 AS qoh, GROUP_CONCAT(REPEAT('x', 400) ORDER BY seq) FROM seq_1_to_3000"},
		"firebird": {"WITH RECURSIVE n(i) AS (SELECT 1 FROM rdb$database UNION ALL SELECT i + 1 FROM n WHERE i < 1000) SELECT i AS sku, 1 / (i - 900) AS qoh FROM n"},
	}
	for _, s := range servers {
		t.Run(s.driver, func(t *testing.T) {
			dsn := s.dsn(t)
			s.create(t, dsn)
			for _, query := range queries[s.driver] {
				got, err := sdktest.Read(t.Context(), Connector(), inDatabase(s.driver, dsn, query), "sku", "qoh")
				if err == nil {
					t.Errorf("%s: %d of %d items, and no error", query, len(got.Items), rows)
					continue
				}
				t.Log(err)
			}
		})
	}
}

// TestDatabaseNUL says that a text with a NUL character is an error, as in a file: it looks like the text up to there.
func TestDatabaseNUL(t *testing.T) {
	dsn := servers[0].dsn(t)
	servers[0].create(t, dsn)
	got, err := sdktest.Read(t.Context(), Connector(), inDatabase("sqlite", dsn, "SELECT 'A-1' || char(0) || 'x' AS sku"), "sku")
	if err == nil || !strings.Contains(err.Error(), "NUL character") {
		t.Errorf("got %q (%v)", got.Items, err)
	}
}
