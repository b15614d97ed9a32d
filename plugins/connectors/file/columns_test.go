package file

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/reconcilehq/reconcile/plugins/sdk"
	"github.com/reconcilehq/reconcile/plugins/sdk/sdktest"
)

func TestColumns(t *testing.T) {
	columns := func(m map[string]string) sdktest.Settings { return sdktest.Settings{"columns": m} }
	types := func(m map[string]string) sdktest.Settings { return sdktest.Settings{"types": m} }
	for _, c := range []csvCase{
		{name: "headers match in any case, trimmed", text: " SKU , Cost  Price ,QoH\n1,2,3\n", want: []string{`{"sku":"1","cost_price":2,"qoh":3}`}},
		{name: "other columns are strings", text: "sku,Shelf Mark,2nd,a-b,größe\n1,007,x,y,z\n", want: []string{`{"sku":"1","shelf_mark":"007","größe":"z"}`}},
		{name: "types", text: "sku,margin,hot,tags,extra\n1,\"1,000\",y,a; b\\;c;;,K:v\n", settings: types(map[string]string{"margin": "number", "hot": "bool", "tags": "list", "extra": "map(string)"}),
			want: []string{`{"sku":"1","margin":1000,"hot":true,"tags":["a","b;c"],"extra":{"K":"v"}}`}},
		{name: "a mapped column", text: "Article,Sell\n1,2\n", settings: columns(map[string]string{"sku": "article", "price": "SELL"}), want: []string{`{"sku":"1","price":2,"article":"1","sell":"2"}`}},
		{name: "a mapping goes before the column's own name", text: "sku,name,title\n1,a,b\n", settings: columns(map[string]string{"name": "title"}), want: []string{`{"sku":"1","name":"b","title":"b"}`}},
		{name: "a mapped field of one's own", text: "sku,MSRP $\n1,5\n", settings: sdktest.Settings{"columns": map[string]string{"msrp": "MSRP $"}, "types": map[string]string{"msrp": "number"}}, want: []string{`{"sku":"1","msrp":5}`}},
		{name: "no sku", text: "article,qoh\n1,2\n", err: `file "catalogue.csv": there is no column for the field sku: say which it is with columns = { sku = "..." }; the columns are: "article", "qoh"`},
		{name: "a mapped column is absent", text: "sku,Sell Price\n1,2\n", settings: columns(map[string]string{"price": "Sel Price"}), err: `columns, field "price": there is no column "Sel Price" (did you mean "Sell Price"?); the columns are: "sku", "Sell Price"`},
		{name: "types for a field that is absent", text: "sku,margin\n1,2\n", settings: types(map[string]string{"magin": "number"}), err: `types: there is no field "magin" (did you mean "margin"?)`},
		{name: "everything wrong at once", text: "sku\n1\n", settings: columns(map[string]string{"price": "Price", "name": "Title"}), err: "\"Title\"; the columns are: \"sku\"\ncolumns, field \"price\""},
		{name: "a known field twice", text: "sku,Price,price\n1,2,3\n", err: `the field "price" could come from 2 columns`},
		{name: "a known field under two names", text: "sku,cost_price,Cost Price\n1,2,3\n", err: `such as "cost_price" and "Cost Price"`},
		{name: "the mapping settles which", text: "sku,cost_price,Cost Price\n1,2,3\n", settings: columns(map[string]string{"cost_price": "Cost Price"}), want: []string{`{"sku":"1","cost_price":3}`}},
		{name: "other columns twice are no fields", text: "sku,note,note\n1,2,3\n", want: []string{`{"sku":"1"}`}},
		{name: "a mapped column twice", text: "sku,note,Note\n1,2,3\n", settings: columns(map[string]string{"name": "note"}), err: `there are 2 columns "note"`},
		{name: "a typed column twice", text: "sku,note,Note\n1,2,3\n", settings: types(map[string]string{"note": "number"}), err: `the field "note" could come from 2 columns`},
		{name: "a column in two Unicode forms", text: "sku,Gro\u0308ße\n1,2\n", settings: columns(map[string]string{"size": "größe"}), fields: "size", want: []string{`{"size":"2"}`}},
	} {
		t.Run(c.name, c.run)
	}
}

func TestOptions(t *testing.T) {
	sizes := sdktest.Settings{"option_columns": map[string]string{"Size": "Size col", "Color": "Colour"}}
	for _, c := range []csvCase{
		{name: "in one column", text: "sku,options\n1, Size : M|Color:Red\\|Blue\n2,\n", want: []string{
			`{"sku":"1","options":{"Color":"Red|Blue","Size":"M"}}`, `{"sku":"2","options":{}}`}},
		{name: "in columns of their own", text: "sku,Size col,Colour\n1, M ,Red\n2,L,\n", settings: sizes, fields: "sku options", want: []string{
			`{"sku":"1","options":{"Color":"Red","Size":"M"}}`, `{"sku":"2","options":{"Size":"L"}}`}},
		{name: "columns of their own go before one named options", text: "sku,Size col,Colour,options\n1,M,Red,A:b\n", settings: sizes, fields: "options", want: []string{`{"options":{"Color":"Red","Size":"M"}}`}},
		{name: "such a column is absent", text: "sku,Size col\n1,M\n", settings: sizes, err: `option_columns, option "Color": there is no column "Colour"`},
		{name: "variation from the rows of a parent", text: "sku,parent_sku,options\nA-1,A,Size:M|Color:Red\nA-2,A,Size:L|Color:Red\nB-1,B,Size:S\nC,,\nD,,Size:XL\nE,,Size:XXL\nA-3,A,\n",
			fields: "sku variation", want: []string{
				`{"sku":"A-1","variation":["Color=Red","Size=L|M"]}`, `{"sku":"A-2","variation":["Color=Red","Size=L|M"]}`,
				`{"sku":"B-1","variation":["Size=S"]}`, `{"sku":"C","variation":[]}`, `{"sku":"D","variation":["Size=XL"]}`,
				`{"sku":"E","variation":["Size=XXL"]}`, `{"sku":"A-3","variation":["Color=Red","Size=L|M"]}`}},
		{name: "variation from columns of their own", text: "sku,parent_sku,Size col,Colour\n1,A,M,\n2,A,L,\n", settings: sizes, fields: "variation sku", want: []string{
			`{"variation":["Size=L|M"],"sku":"1"}`, `{"variation":["Size=L|M"],"sku":"2"}`}},
		{name: "a column named variation", text: "sku,parent_sku,options,variation\n1,A,Size:M,Color=Blue|Red; Size=L|M\n", fields: "variation", want: []string{`{"variation":["Color=Blue|Red","Size=L|M"]}`}},
		{name: "no variation without parents", text: "sku,options\n1,Size:M\n", fields: "variation", err: `there is no field "variation"`},
		{name: "bad options are bad rows where variation is asked for", text: "sku,parent_sku,options\n1,A,Size\n", fields: "sku variation", err: `line 2, column "options"`},
		{name: "and skipped once", text: "sku,parent_sku,options\n1,A,Size\n2,A,Size:L\n3,B,Size:L\n", fields: "sku variation", settings: sdktest.Settings{"on_bad_row": "skip"},
			want: []string{`{"sku":"3","variation":["Size=L"]}`}, warn: "2 rows were skipped: file \"catalogue.csv\", line 2"},
	} {
		t.Run(c.name, c.run)
	}
}

func TestSchema(t *testing.T) {
	path := sdktest.File(t, "a.csv", "Margin,Shelf,SKU,options,Parent_SKU,Price\n")
	source, err := sdktest.Source(t.Context(), Connector(), sdktest.Settings{"path": path, "types": map[string]string{"margin": "number"}})
	if err != nil {
		t.Fatal(err)
	}
	fields, err := source.Schema(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, f := range fields {
		got = append(got, f.Name+" "+f.Type.String()+": "+f.Doc)
	}
	want := []string{
		`sku string: The item's stock keeping unit; the default key for pairing. Column "SKU".`,
		`price number: The regular selling price, in the source's currency. Column "Price".`,
		`options map(string): This variant's options: option name to value. Column "options".`,
		`variation list(string): The parent's option structure: one Name=value|value entry an option, both sorted.`,
		`parent_sku string: The SKU of the product that this item is a variant of. Column "Parent_SKU".`,
		`margin number: Column "Margin".`,
		`shelf string: Column "Shelf".`,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestSettings(t *testing.T) {
	for _, c := range []struct {
		name     string
		settings sdktest.Settings
		path     []string // of the only problem; nil if there is none
	}{
		{"none needed but the path", sdktest.Settings{"path": "a.csv"}, nil},
		{"no path", sdktest.Settings{}, []string{"path"}},
		{"an empty path", sdktest.Settings{"path": ""}, []string{"path"}},
		{"an old workbook", sdktest.Settings{"path": "a.xls"}, []string{"path"}},
		{"whose name misleads", sdktest.Settings{"path": "a.xls", "format": "csv"}, nil},
		{"unknown format", sdktest.Settings{"path": "a", "format": "json"}, []string{"format"}},
		{"unknown encoding", sdktest.Settings{"path": "a", "encoding": "latin1"}, []string{"encoding"}},
		{"unknown on_bad_row", sdktest.Settings{"path": "a", "on_bad_row": "ignore"}, []string{"on_bad_row"}},
		{"two characters", sdktest.Settings{"path": "a", "delimiter": "::"}, []string{"delimiter"}},
		{"a quote", sdktest.Settings{"path": "a", "delimiter": "\""}, []string{"delimiter"}},
		{"a workbook's delimiter", sdktest.Settings{"path": "a.xlsx", "delimiter": ";"}, []string{"delimiter"}},
		{"a workbook's encoding", sdktest.Settings{"path": "a.xlsx", "encoding": "utf-8"}, []string{"encoding"}},
		{"a text's sheet", sdktest.Settings{"path": "a.csv", "sheet": "x"}, []string{"sheet"}},
		{"no row", sdktest.Settings{"path": "a.csv", "header_row": 0}, []string{"header_row"}},
		{"a long quote", sdktest.Settings{"path": "a.csv", "quote": "''"}, []string{"quote"}},
		{"a letter as quote", sdktest.Settings{"path": "a.csv", "quote": "x"}, []string{"quote"}},
		{"no quote", sdktest.Settings{"path": "a.csv", "quote": "none"}, nil},
		{"the delimiter as quote", sdktest.Settings{"path": "a.csv", "quote": "|", "delimiter": "|"}, []string{"quote"}},
		{"a workbook's quote", sdktest.Settings{"path": "a.xlsx", "quote": "none"}, []string{"quote"}},
		{"a workbook's decimals", sdktest.Settings{"path": "a.xlsx", "decimal": ","}, nil},
		{"other decimals", sdktest.Settings{"path": "a.csv", "decimal": "'"}, []string{"decimal"}},
		{"an empty unknown", sdktest.Settings{"path": "a.csv", "unknown": []string{"N/A", " "}}, []string{"unknown"}},
		{"a field that is no name", sdktest.Settings{"path": "a", "columns": map[string]string{"SKU": "a"}}, []string{"columns"}},
		{"a field without column", sdktest.Settings{"path": "a", "columns": map[string]string{"sku": " "}}, []string{"columns"}},
		{"an option without name", sdktest.Settings{"path": "a", "option_columns": map[string]string{" ": "x"}}, []string{"option_columns"}},
		{"options from both", sdktest.Settings{"path": "a", "columns": map[string]string{"options": "x"}, "option_columns": map[string]string{"A": "x"}}, []string{"option_columns"}},
		{"an unknown type", sdktest.Settings{"path": "a", "types": map[string]string{"x": "int"}}, []string{"types"}},
		{"a known field's type", sdktest.Settings{"path": "a", "types": map[string]string{"price": "string"}}, []string{"types"}},
		{"a known field's own type", sdktest.Settings{"path": "a", "types": map[string]string{"price": "number"}}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := sdktest.Source(t.Context(), Connector(), c.settings)
			var problem *sdk.SettingError
			if (err != nil) != (c.path != nil) || err != nil && !errors.As(err, &problem) {
				t.Fatalf("error %v", err)
			}
			if problem != nil {
				if diff := cmp.Diff(c.path, problem.Path); diff != "" {
					t.Errorf("%v (-want +got):\n%s", err, diff)
				}
			}
		})
	}
}
