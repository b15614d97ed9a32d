package main

import (
	"bytes"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"
)

// stock is one inventory, as every kind of source has to give it: SKU, name, price, quantity.
var stock = [][]string{
	{"00123", "Café “Zürich” 8'", "10.10", "5"},
	{"A-2", " Bell ", "1234567.89", "-3"},
	{"A-3", "", "0.05", "0"},
	{"A-4", "東京フレーム", "", ""},
	{"A-5", "two\r\nlines, and\rthree\nfour", "1.00", "2"},
}

const (
	amounts = "SKU,Description,Regular Sell Price,QOH\n"
	listed  = "sku,name,price,qoh\n00123,x,10.11,4\nA-2,x,1,1\nA-3,x,1,1\nA-4,x,1,1\nA-5,x,1,1\n"
)

// databases are the servers to try, beside SQLite; each skips where its variable is not set.
var databases = []struct{ driver, goDriver, env string }{
	{"sqlite", "sqlite", ""},
	{"postgres", "pgx", "RECONCILE_TEST_POSTGRES_DSN"},
	{"mysql", "mysql", "RECONCILE_TEST_MYSQL_DSN"},
	{"firebird", "firebirdsql", "RECONCILE_TEST_FIREBIRD_DSN"},
	{"sqlserver", "sqlserver", "RECONCILE_TEST_SQLSERVER_DSN"},
}

// TestSameResultFromEverySource runs the program on one inventory from CSV, XLSX and databases: the items in the JSON
// result are the same to the byte.
func TestSameResultFromEverySource(t *testing.T) {
	want := itemsOf(t, `file = "inventory.csv"`, "")
	if !strings.Contains(want, `"price": {"pos": 10.1, "store": 10.11}`) || !strings.Contains(want, "東京フレーム") ||
		!strings.Contains(want, `two\nlines, and\nthree\nfour`) {
		t.Fatalf("the items from CSV are not as expected:\n%s", want)
	}
	t.Run("xlsx", func(t *testing.T) {
		if diff := cmp.Diff(want, itemsOf(t, `file = "inventory.xlsx"`, "")); diff != "" {
			t.Errorf("items (-csv +xlsx):\n%s", diff)
		}
	})
	for _, d := range databases {
		t.Run(d.driver, func(t *testing.T) {
			dsn := filepath.Join(t.TempDir(), "inventory.db")
			if d.env != "" {
				if dsn = os.Getenv(d.env); dsn == "" {
					t.Skipf("%s is not set: no %s server to try", d.env, d.driver)
				}
			}
			fill(t, d.goDriver, dsn)
			quote := `\"%s\"`
			if d.driver == "mysql" {
				quote = "`%s`"
			}
			as := func(column, name string) string { return column + " AS " + fmt.Sprintf(quote, name) }
			body := fmt.Sprintf("database {\n    driver = %q\n    dsn    = env(\"DSN\")\n    query  = \"SELECT %s FROM reconcile_front ORDER BY sku\"\n  }", d.driver,
				strings.Join([]string{as("sku", "SKU"), as("name", "Description"), as("price", "Regular Sell Price"), as("qoh", "QOH")}, ", "))
			if diff := cmp.Diff(want, itemsOf(t, body, dsn)); diff != "" {
				t.Errorf("items (-csv +%s):\n%s", d.driver, diff)
			}
		})
	}
}

// fill makes the table of the inventory.
func fill(t *testing.T, driver, dsn string) {
	t.Helper()
	db, err := sql.Open(driver, dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	_, _ = db.Exec("DROP TABLE reconcile_front")
	text := "varchar"
	national := ""
	if driver == "sqlserver" {
		text, national = "nvarchar", "N"
	}
	create := fmt.Sprintf("CREATE TABLE reconcile_front (sku %s(20), name %s(60), price decimal(12,2), qoh integer)", text, text)
	if driver == "mysql" {
		create += " CHARACTER SET utf8mb4"
	}
	statements := []string{create}
	for _, row := range stock {
		price, qoh := row[2], row[3]
		if price == "" {
			price, qoh = "NULL", "NULL"
		}
		statements = append(statements, fmt.Sprintf("INSERT INTO reconcile_front VALUES ('%s', %s'%s', %s, %s)",
			row[0], national, strings.ReplaceAll(row[1], "'", "''"), price, qoh))
	}
	for _, s := range statements {
		if _, err := db.Exec(s); err != nil {
			t.Fatalf("%s: %v", s, err)
		}
	}
}

// itemsOf runs the program with an amberpos source of that body and returns the items of the JSON result.
func itemsOf(t *testing.T, body, dsn string) string {
	t.Helper()
	dir := t.TempDir()
	write := func(name, text string) {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	var rows strings.Builder
	rows.WriteString(amounts)
	book := excelize.NewFile()
	for i, name := range strings.Split(strings.TrimSpace(amounts), ",") {
		set(t, book, i, 1, name)
	}
	for n, row := range stock {
		fmt.Fprintf(&rows, "\"%s\"\n", strings.Join(row, `","`))
		for i, text := range row {
			set(t, book, i, n+2, text)
		}
	}
	write("inventory.csv", rows.String())
	if err := book.SaveAs(filepath.Join(dir, "inventory.xlsx")); err != nil {
		t.Fatal(err)
	}
	write("web.csv", listed)
	write("reconcile.hcl", fmt.Sprintf(`
source "amberpos" "shop" {
  %s
}

source "file" "web" {
  path = "web.csv"
}

reconciliation "x" {
  pos   = source.amberpos.shop
  store = source.file.web
}

rule "N" {
  when = pos.name != store.name
}

rule "Q" {
  when = pos.qoh != store.qoh
}

rule "P" {
  when = pos.price != store.price
}
`, body))
	cmd := program(t, dir, "run", "--format", "json", "--all")
	cmd.Env = append(cmd.Env, "DSN="+dsn)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); err != nil {
		t.Fatalf("%v\n%s", err, &stderr)
	}
	_, items, found := strings.Cut(stdout.String(), `"items": [`)
	if !found {
		t.Fatalf("no items in\n%s", &stdout)
	}
	items, _, _ = strings.Cut(items, `"warnings": [`) // what was guessed of a file is not the database's
	return items
}

// set writes a cell: numbers as numbers, as a workbook has them.
func set(t *testing.T, book *excelize.File, column, row int, text string) {
	t.Helper()
	cell, err := excelize.CoordinatesToCellName(column+1, row)
	if err != nil {
		t.Fatal(err)
	}
	var value any = text
	var number float64
	if _, err := fmt.Sscan(text, &number); err == nil && column >= 2 && row > 1 {
		value = number
	}
	if text == "" {
		return
	}
	if err := book.SetCellValue("Sheet1", cell, value); err != nil {
		t.Fatal(err)
	}
}
