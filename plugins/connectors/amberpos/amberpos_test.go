package amberpos

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/reconcilehq/reconcile/plugins/sdk"
	"github.com/reconcilehq/reconcile/plugins/sdk/sdktest"
)

func TestDefaults(t *testing.T) {
	for _, c := range []struct {
		name     string
		text     string
		settings sdktest.Settings
		fields   string
		want     []string
		err      string
	}{
		{name: "AmberPOS's vocabulary",
			text: "SKU,Description,Brand,Regular Sell Price,Special Price,List Cost,QOH,Parent Sku,Lookups,In-Store Location,Weight,Options\n" +
				"001,Bell,Acme,19.99,,$10.00,(3),P,0123,A-1,1.5,Size:M\n",
			want: []string{`{"sku":"001","name":"Bell","brand":"Acme","price":19.99,"sale_price":null,"cost_price":10,"qoh":-3,` +
				`"options":{"Size":"M"},"variation":["Size=M"],"parent_sku":"P","upc":"0123","bin":"A-1","weight":1.5}`}},
		{name: "in any case", text: "sku,DESCRIPTION, regular sell price \n1,Bell,2\n", want: []string{`{"sku":"1","name":"Bell","price":2}`}},
		{name: "an absent column is an absent field", text: "SKU,QOH\n1,2\n", fields: "price", err: `there is no field "price"; there are: sku, qoh`},
		{name: "columns overrule a default", text: "SKU,Description,Web Name\n1,a,b\n", settings: sdktest.Settings{"columns": map[string]string{"name": "Web Name"}}, want: []string{`{"sku":"1","name":"b"}`}},
		{name: "a column that is named and absent", text: "SKU,Description\n1,a\n", settings: sdktest.Settings{"columns": map[string]string{"name": "Descripton"}},
			err: `columns, field "name": there is no column "Descripton" (did you mean "Description"?); the columns are: "SKU", "Description"`},
		{name: "columns named as known fields", text: "SKU,Pending,Visible,Department\n1,2,yes,x\n", want: []string{`{"sku":"1","pending":2,"visible":true}`}},
		{name: "a default goes before the field's own name", text: "SKU,Price,Regular Sell Price\n1,2,3\n", want: []string{`{"sku":"1","price":3}`}},
		{name: "the field's own name, if the default is absent", text: "SKU,Price\n1,2\n", want: []string{`{"sku":"1","price":2}`}},
		{name: "types offer other columns", text: "SKU,Margin,COMIT,QOO\n1,2,3,4\n", settings: sdktest.Settings{"types": map[string]string{"comit": "number"}}, want: []string{`{"sku":"1","comit":3}`}},
		{name: "so does a mapping", text: "SKU,Department\n1,Parts\n", settings: sdktest.Settings{"columns": map[string]string{"department": "Department"}}, want: []string{`{"sku":"1","department":"Parts"}`}},
		{name: "a default column twice", text: "SKU,QOH,qoh\n1,2,3\n", err: `there are 2 columns "QOH"`},
		{name: "no SKU column", text: "Article,QOH\n1,2\n", err: `there is no column for the field sku: say which it is with columns = { sku = "..." }`},
	} {
		t.Run(c.name, func(t *testing.T) {
			settings := sdktest.Settings{"file": sdktest.File(t, "inv.csv", c.text)}
			for key, value := range c.settings {
				settings[key] = value
			}
			got, err := sdktest.Read(t.Context(), Connector(), settings, strings.Fields(c.fields)...)
			check(t, got.Items, err, c.want, c.err)
		})
	}
}

func check(t *testing.T, got []string, err error, want []string, wantErr string) {
	t.Helper()
	if wantErr != "" {
		if err == nil || !strings.Contains(err.Error(), wantErr) {
			t.Fatalf("error: %v\nwant one with: %s", err, wantErr)
		}
		return
	}
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("items (-want +got):\n%s", diff)
	}
}

func TestStore(t *testing.T) {
	const text = "SKU,Store,Shop,QOH,Parent Sku,Options\n1,Main,S,5,A,Size:M\n1,Webstore,M,x,A,Size:XXL\n2, Main ,S,6,A,Size:L\n"
	for _, c := range []struct {
		name     string
		text     string
		settings sdktest.Settings
		fields   string
		want     []string
		err      string
		told     string // by a notice
	}{
		{name: "one store's rows, the others' mistakes aside", text: text, settings: sdktest.Settings{"store": "Main"}, fields: "sku qoh", want: []string{`{"sku":"1","qoh":5}`, `{"sku":"2","qoh":6}`}},
		{name: "another column", text: text, settings: sdktest.Settings{"store": "S", "store_column": "shop"}, fields: "sku", want: []string{`{"sku":"1"}`, `{"sku":"2"}`}},
		{name: "variation knows this store's rows only", text: text, settings: sdktest.Settings{"store": "Main"}, fields: "sku variation", want: []string{`{"sku":"1","variation":["Size=L|M"]}`, `{"sku":"2","variation":["Size=L|M"]}`}},
		{name: "no such store", text: text, settings: sdktest.Settings{"store": "Mian"}, fields: "sku", err: `file "inv.csv": no row has "Mian" in column "Store" (did you mean "Main"?); there are: "Main", "Webstore"`},
		{name: "a store that is written in several ways", text: "SKU,Store,QOH\n1,Zürich,1\n2,ZÜRICH,2\n3,Zu\u0308rich,3\n4,Basel,4\n5,zürich ,5\n", settings: sdktest.Settings{"store": "Zürich"}, fields: "sku qoh",
			want: []string{`{"sku":"1","qoh":1}`, `{"sku":"2","qoh":2}`, `{"sku":"3","qoh":3}`, `{"sku":"5","qoh":5}`}, told: "\"ZÜRICH\", \"Zu\u0308rich\", \"zürich\" in column"},
		{name: "no row at all", text: "SKU,Store\n", settings: sdktest.Settings{"store": "Main"}, fields: "sku"},
		{name: "no such column", text: "SKU,Shop\n1,Main\n", settings: sdktest.Settings{"store": "Main"}, fields: "sku", err: `store_column: there is no column "Store"`},
		{name: "without store every row counts", text: "SKU,Store\n1,Main\n1,Web\n", fields: "sku", want: []string{`{"sku":"1"}`, `{"sku":"1"}`}},
	} {
		t.Run(c.name, func(t *testing.T) {
			settings := sdktest.Settings{"file": sdktest.File(t, "inv.csv", c.text)}
			for key, value := range c.settings {
				settings[key] = value
			}
			got, err := sdktest.Read(t.Context(), Connector(), settings, strings.Fields(c.fields)...)
			check(t, got.Items, err, c.want, c.err)
			told := slices.DeleteFunc(got.Notices, func(notice string) bool { return !strings.Contains(notice, "were taken for") })
			if text := strings.Join(told, "; "); !strings.Contains(text, c.told) || text != "" && c.told == "" {
				t.Errorf("it tells %q, want %q", text, c.told)
			}
		})
	}
}

func TestSettings(t *testing.T) {
	database := func(driver, dsn, query string) sdktest.Settings {
		return sdktest.Settings{"driver": driver, "dsn": dsn, "query": query}
	}
	for _, c := range []struct {
		name     string
		settings sdktest.Settings
		path     string // of the only problem; "-" if there is none
	}{
		{"a file", sdktest.Settings{"file": "a.csv"}, "-"},
		{"a database", sdktest.Settings{"database": database("sqlite", "a.db", "SELECT 1")}, "-"},
		{"neither", sdktest.Settings{}, ""},
		{"both", sdktest.Settings{"file": "a.csv", "database": database("sqlite", "a.db", "SELECT 1")}, "database"},
		{"a database with a file's setting", sdktest.Settings{"sheet": "x", "database": database("sqlite", "a.db", "SELECT 1")}, "sheet"},
		{"an unknown driver", sdktest.Settings{"database": database("oracle", "a", "SELECT 1")}, "database driver"},
		{"no query", sdktest.Settings{"database": database("sqlite", "a.db", " ")}, "database query"},
		{"no dsn", sdktest.Settings{"database": sdktest.Settings{"driver": "sqlite", "query": "SELECT 1"}}, "database dsn"},
		{"an empty path to a database", sdktest.Settings{"database": database("sqlite", "", "SELECT 1")}, "database dsn"},
		{"no dsn for postgres", sdktest.Settings{"database": database("postgres", "postgres://u:secret@h:x/db", "SELECT 1")}, "database dsn"},
		{"no dsn for mysql", sdktest.Settings{"database": database("mysql", "u:secret@h", "SELECT 1")}, "database dsn"},
		{"no dsn for sqlserver", sdktest.Settings{"database": database("sqlserver", "sqlserver://u:secret@h:x?encrypt=maybe", "SELECT 1")}, "database dsn"},
		{"no dsn for firebird", sdktest.Settings{"database": database("firebird", "secret", "SELECT 1")}, "database dsn"},
		{"a mapping's mistake", sdktest.Settings{"file": "a.csv", "types": map[string]string{"price": "string"}}, "types"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := sdktest.Source(t.Context(), Connector(), c.settings)
			got := "-"
			var problem *sdk.SettingError
			if errors.As(err, &problem) {
				got = strings.Join(problem.Path, " ")
			} else if err != nil {
				t.Fatal(err)
			}
			if got != c.path {
				t.Errorf("problem at %q: %v, want it at %q", got, err, c.path)
			}
			if err != nil && strings.Contains(err.Error(), "secret") {
				t.Errorf("the error tells the password: %v", err)
			}
		})
	}
}

func TestCheck(t *testing.T) {
	source, err := sdktest.Source(t.Context(), Connector(), sdktest.Settings{"file": sdktest.File(t, "inv.csv", "SKU;QOH\n1;2\n3;\xe4\n4;4;4\n")})
	if err != nil {
		t.Fatal(err)
	}
	got, err := source.(sdk.Checker).Check(t.Context())
	want := []sdk.Fact{{Name: "file", Value: "inv.csv"}, {Name: "format", Value: `text, fields parted by ";"`},
		{Name: "encoding", Value: "windows-1252"}, {Name: "header", Value: "line 1"},
		{Name: "read with", Value: `fields parted by ";", encoding windows-1252, header in line 1 (guessed; can be set with delimiter, encoding, header_row)`}, {Name: "columns", Value: "2"}, {Name: "rows", Value: "3"}}
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
}

// TestUnknownInAQuery has a query's texts stand for unknown numbers as a file's do.
func TestUnknownInAQuery(t *testing.T) {
	path := sdktest.File(t, "a.db", "")
	got, err := sdktest.Read(t.Context(), Connector(), sdktest.Settings{"unknown": []string{"n/a"},
		"database": sdktest.Settings{"driver": "sqlite", "dsn": path, "query": "SELECT 'A-1' AS sku, 'N/A' AS qoh, 'N/A' AS name UNION ALL SELECT 'A-2', '7', ''"}})
	want := []string{`{"sku":"A-1","name":"N/A","qoh":null}`, `{"sku":"A-2","name":"","qoh":7}`}
	if diff := cmp.Diff(want, got.Items); err != nil || diff != "" || len(got.Notices) > 0 {
		t.Errorf("%v, notices %q (-want +got):\n%s", err, got.Notices, diff)
	}
}
