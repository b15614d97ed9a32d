package file

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/reconcilehq/reconcile/plugins/sdk/sdktest"
)

// TestHeaderAgain has the header stand in the middle of a text.
func TestHeaderAgain(t *testing.T) {
	const twice = "sku,name\n1,a\nsku,name\n2,b\n"
	for _, c := range []csvCase{
		{name: "an error with its line", text: twice, err: `file "catalogue.csv", line 3: the header stands here once more`},
		{name: "whatever is asked for", text: twice, fields: "name", err: "line 3: the header stands here once more"},
		{name: "in quotes", text: "sku,name\n1,a\n\"sku\",\"name\"\n2,b\n", err: "line 3: the header stands here once more"},
		{name: "a row that can be skipped", text: twice, settings: sdktest.Settings{"on_bad_row": "skip"}, want: []string{`{"sku":"1","name":"a"}`, `{"sku":"2","name":"b"}`},
			warn: "1 row was skipped: file \"catalogue.csv\", line 3: the header stands here once more"},
		{name: "where rows are read one by one", text: "sku,parent_sku,options\n1,P,Size:M\nsku,parent_sku,options\n", fields: "sku variation", err: "line 3: the header stands here once more"},
		{name: "a name like a column's", text: "sku,name\nsku,a\n1,name\n", want: []string{`{"sku":"sku","name":"a"}`, `{"sku":"1","name":"name"}`}},
	} {
		t.Run(c.name, c.run)
	}
	t.Chdir(t.TempDir())
	workbook(t, "a.xlsx", []any{"sku", nil, "name"}, []any{"1", nil, "a"}, []any{"sku", nil, "name"}, []any{"name", nil, "sku"})
	if _, err := sdktest.Read(t.Context(), Connector(), sdktest.Settings{"path": "a.xlsx"}); err == nil || !strings.Contains(err.Error(), `file "a.xlsx", sheet "Sheet1", row 3: the header stands here once more`) {
		t.Errorf("a workbook: error %v", err)
	}
	got, err := sdktest.Read(t.Context(), Connector(), sdktest.Settings{"path": "a.xlsx", "on_bad_row": "skip"})
	if diff := cmp.Diff([]string{`{"sku":"1","name":"a"}`, `{"sku":"name","name":"sku"}`}, got.Items); err != nil || diff != "" {
		t.Errorf("a workbook whose row is skipped: %v %s", err, diff)
	}
}

// TestOddCharacters has characters in the middle of a file that seldom stand there on purpose: each is told once.
func TestOddCharacters(t *testing.T) {
	for _, c := range []csvCase{
		{name: "a lost character", text: "sku,name\n1,a\n2,Caf\ufffd\n3,\ufffd\n", want: []string{`{"sku":"1","name":"a"}`, `{"sku":"2","name":"Caf` + "\ufffd" + `"}`, `{"sku":"3","name":"` + "\ufffd" + `"}`},
			warn: `file "catalogue.csv", line 3: the character U+FFFD stands there, and perhaps in later lines, in place of one that was lost`},
		{name: "the end of text of DOS in the middle", text: "sku,name\n1,a\x1ab\n2,\x1a\n\x1a", want: []string{`{"sku":"1","name":"a\u001ab"}`, `{"sku":"2","name":"\u001a"}`},
			warn: `file "catalogue.csv", line 2: the character 0x1A (Ctrl-Z) stands there, which some programs take for the end of a file; what is behind it was read, too`},
		{name: "neither", text: "sku,name\n1,é\n\x1a", want: []string{`{"sku":"1","name":"é"}`}},
	} {
		t.Run(c.name, c.run)
	}
	t.Chdir(t.TempDir())
	workbook(t, "a.xlsx", []any{"sku", "name"}, []any{"1", "a"}, []any{"2", "Caf\ufffd"}, []any{"3", "\ufffd"})
	got, err := sdktest.Read(t.Context(), Connector(), sdktest.Settings{"path": "a.xlsx"})
	if want := `file "a.xlsx", sheet "Sheet1", row 3: the character U+FFFD stands there`; err != nil || len(got.Warnings) != 1 || !strings.HasPrefix(got.Warnings[0], want) {
		t.Errorf("a workbook: %v, %q", err, got.Warnings)
	}
}

// TestPointsOfThousands has columns in which points may part thousands, as in German. They are read as decimals, unless decimal says
// otherwise, and a warning tells of those in which nothing shows that they are.
func TestPointsOfThousands(t *testing.T) {
	const warning = `file "catalogue.csv", line 4: 1.500 in the column "price" is read with decimals, but in all numbers of this column that have a point three digits stand behind it, as where points part thousands: if they do, set decimal = ","`
	large := strings.Repeat("9;9\n", 100_000)
	for _, c := range []csvCase{
		{name: "thousands", text: "sku;price\n1;\n2;12\n3;1.500\n4;2.999\n", warn: warning, want: []string{`{"sku":"1","price":null}`, `{"sku":"2","price":12}`, `{"sku":"3","price":1.5}`, `{"sku":"4","price":2.999}`}},
		{name: "with marks", text: "sku;price\n1;\n2;12 €\n3;1.500 €\n", warn: strings.Replace(warning, "1.500", "1.500 €", 1), want: []string{`{"sku":"1","price":null}`, `{"sku":"2","price":12}`, `{"sku":"3","price":1.5}`}},
		{name: "where decimal says so", text: "sku;price\n2;12\n3;1.500\n", settings: sdktest.Settings{"decimal": ","}, want: []string{`{"sku":"2","price":12}`, `{"sku":"3","price":1500}`}},
		{name: "a zero before the point", text: "sku;price\n1;12\n2;1.500\n3;0.125\n", want: []string{`{"sku":"1","price":12}`, `{"sku":"2","price":1.5}`, `{"sku":"3","price":0.125}`}},
		{name: "other decimals", text: "sku;price\n1;12\n2;1.500\n3;1.5\n", want: []string{`{"sku":"1","price":12}`, `{"sku":"2","price":1.5}`, `{"sku":"3","price":1.5}`}},
		{name: "three decimals everywhere", text: "sku;price\n1;12.000\n2;1.500\n", want: []string{`{"sku":"1","price":12}`, `{"sku":"2","price":1.5}`}},
		{name: "commas before the point", text: "sku;price\n1;12\n2;1,234.500\n", want: []string{`{"sku":"1","price":12}`, `{"sku":"2","price":1234.5}`}},
		{name: "a row that is skipped", text: "sku;price\n1;12\n2;x\n3;1.500\n", settings: sdktest.Settings{"on_bad_row": "skip"}, warn: warning, want: []string{`{"sku":"1","price":12}`, `{"sku":"3","price":1.5}`}},
	} {
		t.Run(c.name, c.run)
	}
	t.Run("many rows", func(t *testing.T) {
		settings := sdktest.Settings{"path": sdktest.File(t, "catalogue.csv", "sku;price\n"+large+"1;1.500\n"+large)}
		got, err := sdktest.Read(t.Context(), Connector(), settings)
		if want := strings.Replace(warning, "line 4", "line 100002", 1); err != nil || len(got.Warnings) != 1 || got.Warnings[0] != want {
			t.Errorf("%v, it warns of %q", err, got.Warnings)
		}
	})
}

// TestCommasOfDecimals has columns in which commas may start the decimals though decimal does not say so. They are read as thousands, and a
// warning tells of those in which nothing shows that they are.
func TestCommasOfDecimals(t *testing.T) {
	const warning = `file "catalogue.csv", line 3: 1,250 in the column "weight" is read as thousands, but nothing in this column shows that its commas part them and do not start decimals: if they do, set decimal = ","`
	item := func(sku, weight string) string { return `{"sku":"` + sku + `","weight":` + weight + `}` }
	for _, c := range []csvCase{
		{name: "beside whole numbers", text: "sku;weight\n1;2\n2;1,250\n3;\n", warn: warning, want: []string{item("1", "2"), item("2", "1250"), item("3", "null")}},
		{name: "three decimals everywhere", text: "sku;weight\n1;\n2;1,250\n3;2,000\n", warn: warning, want: []string{item("1", "null"), item("2", "1250"), item("3", "2000")}},
		{name: "where commas part the fields", text: "sku,weight\n1,\n2,\"1,250\"\n", want: []string{item("1", "null"), item("2", "1250")}},
		{name: "where decimal says so", text: "sku;weight\n1;2\n2;1,250\n", settings: sdktest.Settings{"decimal": ","}, want: []string{item("1", "2"), item("2", "1.25")}},
		{name: "a point beside", text: "sku;weight\n1;2.5\n2;1,250\n", want: []string{item("1", "2.5"), item("2", "1250")}},
		{name: "a point behind", text: "sku;weight\n1;1,250.50\n2;1,250\n", want: []string{item("1", "1250.5"), item("2", "1250")}},
		{name: "two commas", text: "sku;weight\n1;1,250\n2;1,250,000\n", want: []string{item("1", "1250"), item("2", "1250000")}},
		{name: "a row that is skipped", text: "sku;weight\n1;x\n2;1,250\n", settings: sdktest.Settings{"on_bad_row": "skip"}, warn: warning, want: []string{item("2", "1250")}},
		{name: "where rows are read one by one", text: "sku;weight;parent_sku;options\n1;;P;Size:M\n2;1,250;P;Size:L\n", fields: "sku weight variation", warn: warning,
			want: []string{`{"sku":"1","weight":null,"variation":["Size=L|M"]}`, `{"sku":"2","weight":1250,"variation":["Size=L|M"]}`}},
	} {
		t.Run(c.name, c.run)
	}
}

// TestUnitsInNumbers says what to do where a number has more beside it than its currency.
func TestUnitsInNumbers(t *testing.T) {
	for _, c := range []struct{ decimal, text, cure string }{
		{".", "0.25 kg", `such as 12.50, without "kg": a unit can stand in the column's name`},
		{".", "5 pcs", `such as 12.50, without "pcs"`},
		{".", "15%", "such as 12.50, without units and other words"},
		{".", "12.50/pc", `such as 12.50, without "pc"`},
		{",", "3 Stk", `such as 12,50, without "Stk"`},
		{",", "1.299,00 je Stk.", "such as 12,50, without units and other words"},
	} {
		csvCase{text: "sku;weight\n1;" + c.text + "\n", settings: sdktest.Settings{"decimal": c.decimal}, err: `"` + c.text + `" is not a number; have the column hold plain numbers, ` + c.cure}.run(t)
	}
}

// TestBeside has cells beside a table that no name is above: they are not read, and that is told.
func TestBeside(t *testing.T) {
	t.Chdir(t.TempDir())
	workbook(t, "one.xlsx", []any{"sku", "name"}, []any{"1", "a", nil, "counted on Monday"})
	workbook(t, "three.xlsx", []any{"sku", nil, "name"}, []any{"1", 5, "a"}, []any{"2", nil, "b", " "}, []any{"3", 7, "c", "x"})
	for name, want := range map[string]string{
		"one.xlsx":   `file "one.xlsx", sheet "Sheet1": cell D2 is below no name in the header, and was not read`,
		"three.xlsx": `file "three.xlsx", sheet "Sheet1": 3 cells are below no name in the header, the first is B2; they were not read`,
	} {
		got, err := sdktest.Read(t.Context(), Connector(), sdktest.Settings{"path": name})
		if err != nil || len(got.Notices) != 1 || got.Notices[0] != want || len(got.Warnings) > 0 {
			t.Errorf("%s: %v, it tells %q and warns of %q", name, err, got.Notices, got.Warnings)
		}
	}
}

// TestListsWithGaps has lists with empty entries: they are left out, and where that is between others it is told.
func TestListsWithGaps(t *testing.T) {
	tags := sdktest.Settings{"types": map[string]string{"tags": "list"}}
	for _, c := range []csvCase{
		{name: "between others", text: "sku,tags\n1,a;b\n2,a; ;b\n3,;c\n", want: []string{`{"sku":"1","tags":["a","b"]}`, `{"sku":"2","tags":["a","b"]}`, `{"sku":"3","tags":["c"]}`},
			notice: `file "catalogue.csv", line 3, column "tags": the list has an empty entry between others, which is left out; so have 1 more`},
		{name: "where rows are read one by one", text: "sku,tags,parent_sku,options\n1,a;;b,P,Size:M\n", fields: "sku tags variation", want: []string{`{"sku":"1","tags":["a","b"],"variation":["Size=M"]}`},
			notice: `line 2, column "tags": the list has an empty entry between others, which is left out`},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.settings = sdktest.Settings{"types": tags["types"], "delimiter": ",", "header_row": 1, "quote": "none", "encoding": "utf-8"}
			c.run(t)
		})
	}
	plain := csvCase{text: "sku,tags\n1,a;b;\n2,\n3,;\n4,\"a\r\nb\"\n", settings: tags, want: []string{`{"sku":"1","tags":["a","b"]}`, `{"sku":"2","tags":[]}`, `{"sku":"3","tags":[]}`, `{"sku":"4","tags":["a","b"]}`}}
	plain.run(t) // whose only notice is what was guessed
}
