package file

import (
	"fmt"
	"strings"
	"testing"

	"github.com/reconcilehq/reconcile/plugins/sdk/sdktest"
)

func TestQuotes(t *testing.T) {
	set := func(quote string) sdktest.Settings { return sdktest.Settings{"quote": quote} }
	const crash = "sku,name,qoh\n402,\"14 Crash,100\n403,Ride 20\",9\n404,b,1\n"
	for _, c := range []csvCase{
		{name: "an inch mark", text: "sku,name\nM-19,LCD 19\" monitor\n", want: []string{`{"sku":"M-19","name":"LCD 19\" monitor"}`},
			notice: `fields parted by ",", quotes within fields as they stand, header in line 1 (guessed; can be set with delimiter, quote, header_row)`},
		{name: "quoted fields", text: "sku,name\n1,\"a,b\"\n", want: []string{`{"sku":"1","name":"a,b"}`}, notice: `texts in double quotes`},
		{name: "a field across lines is doubted", text: crash, want: []string{`{"sku":"402","name":"14 Crash,100\n403,Ride 20","qoh":9}`, `{"sku":"404","name":"b","qoh":1}`},
			warn: `file "catalogue.csv": a quoted field spans the lines 2 to 3 and holds delimiters`},
		{name: "without delimiters it is not", text: "sku,name\n1,\"a\nb\"\n", want: []string{`{"sku":"1","name":"a\nb"}`}},
		{name: "without quoting there are two rows", text: crash, settings: set("none"), want: []string{
			`{"sku":"402","name":"\"14 Crash","qoh":100}`, `{"sku":"403","name":"Ride 20\"","qoh":9}`, `{"sku":"404","name":"b","qoh":1}`}},
		{name: "another quote", text: "sku,name\n1,'a,''b'''\n2,5\" pipe\n", settings: set("'"), want: []string{`{"sku":"1","name":"a,'b'"}`, `{"sku":"2","name":"5\" pipe"}`}},
		{name: "a quote that is not closed", text: "sku,name\n1,\"a\n2,b\n", err: `line 2: a quote is opened that is not closed properly up to the end of the file`},
		{name: "many across lines", text: "sku,name\n" + strings.Repeat("1,\"a\n,b\"\n", 7), fields: "sku", want: []string{`{"sku":"1"}`, `{"sku":"1"}`, `{"sku":"1"}`, `{"sku":"1"}`, `{"sku":"1"}`, `{"sku":"1"}`, `{"sku":"1"}`},
			warn: `7 quoted fields span lines and hold delimiters (lines 2 to 3, 4 to 5, 6 to 7, 8 to 9, 10 to 11 and 2 more)`},
		{name: "and where variation takes two passes", text: "sku,parent_sku,options,name\n1,A,Size:M,\"a\n,b\"\n", fields: "sku variation", want: []string{`{"sku":"1","variation":["Size=M"]}`},
			warn: `a quoted field spans the lines 2 to 3`},
	} {
		t.Run(c.name, c.run)
	}
}

// TestQuoteIsSet sets the quote that would be guessed: what is set is not said to be guessed.
func TestQuoteIsSet(t *testing.T) {
	for _, text := range []string{"sku,name\nM-19,LCD 19\" monitor\n", "sku,name\n1,\"a,b\"\n"} {
		got, err := sdktest.Read(t.Context(), Connector(), sdktest.Settings{"path": sdktest.File(t, "a.csv", text), "quote": `"`})
		if notices := strings.Join(got.Notices, "\n"); err != nil || strings.Contains(notices, "quote") || !strings.Contains(notices, "header_row") {
			t.Errorf("%q: notices %s (%v)", text, notices, err)
		}
	}
}

// TestCures reads what cannot be read as it stands, and could be with a setting that the error names.
func TestCures(t *testing.T) {
	for _, c := range []csvCase{
		{name: "a word", text: "sku,qoh\n1,n/a\n", err: `"n/a" is not a number; set unknown = ["n/a"] if that stands for what is not known`},
		{name: "a dash", text: "sku,qoh\n1,-\n", err: `"-" is not a number; set unknown = ["-"]`},
		{name: "a word that is no bool", text: "sku,visible\n1,maybe\n", err: `set unknown = ["maybe"]`},
		{name: "a decimal comma", text: "sku;price\n1;19,99\n", err: `starts the decimals; set decimal = "," if the decimals start so`},
		{name: "no cents", text: "sku;price\n1;12,- €\n", err: `set decimal = "," if`},
		{name: "a decimal point", text: "sku;price\n1;19.99\n", settings: sdktest.Settings{"decimal": ","}, err: `set decimal = "." if the decimals start so`},
		{name: "neither", text: "sku,qoh\n1,5 kg\n", err: `column "qoh": "5 kg" is not a number`},
		{name: "a quote that is not doubled", text: "sku,name\n1,\"14\" Crash\"\n2,b\n", err: `is not written twice; set quote = "none" if quotes are meant as they stand`},
		{name: "a quote that is not closed", text: "sku,name\n1,\"14 Crash\n2,b\n", err: `set quote = "none" if`},
		{name: "a quote that is closed too late", text: "sku,name\n1,\"14 Crash\n2,\"b\n3,c\n", err: `set quote = "none" if`},
		{name: "in the header", text: "sku,\"name\" x\n1,a\n", err: `the header: a quote within a quoted field is not written twice; set quote = "none" if`},
	} {
		t.Run(c.name, c.run)
	}
}

func TestHeaderRow(t *testing.T) {
	row := func(n int) sdktest.Settings { return sdktest.Settings{"header_row": n} }
	item := []string{`{"sku":"1","qoh":2}`}
	for _, c := range []csvCase{
		{name: "below a title", text: "Inventory of \"The Shop\"\n\nsku,qoh\n1,2\n", want: item, notice: "header in line 3 (guessed; can be set with delimiter, header_row)"},
		{name: "below a title with delimiters", text: "Inventory,,2026-11-28\nby, me\nsku;qoh\n1;2\n", want: item, notice: `fields parted by ";", header in line 3`},
		{name: "below a title with a quote", text: "\"Inventory\nsku,qoh\n1,2\n", want: item, notice: "header in line 2"},
		{name: "said", text: "sku,qoh\nold,1\nsku,qoh\n1,2\n", settings: row(3), want: item},
		{name: "and blank", text: "\nsku,qoh\n1,2\n", settings: row(1), err: "line 1 is blank, and header_row says that it is the header"},
		{name: "and behind the end", text: "sku,qoh\n1,2\n", settings: row(4), err: "has no line 4"},
		{name: "the line behind the last", text: "sku,qoh\n1,2\n", settings: row(3), err: "is empty: there is not even a header"},
		{name: "said, far below", text: strings.Repeat("title\n", 70_000) + "sku,qoh\n1,2\n", settings: row(70_001), want: item},
		{name: "said, with two passes", text: "title\nsku,parent_sku,options\n1,A,Size:M\n", settings: row(2), fields: "variation", want: []string{`{"variation":["Size=M"]}`}},
		{name: "found, with two passes", text: "title\nsku,parent_sku,options\n1,A,Size:M\n", fields: "variation", want: []string{`{"variation":["Size=M"]}`}},
		{name: "two below a title", text: "title\nsku,qoh\n1,2\nsku,qoh\n3,4\n", err: "line 2 could be the header, and so could line 4: say which it is with header_row"},
		{name: "beyond the first twenty", text: strings.Repeat("title\n", 20) + "sku,qoh\n1,2\n", err: `the header is looked for in the first 20 rows, and seems to be row 21: set header_row = 21`},
		{name: "further down than anybody looks", text: strings.Repeat("title\n", 120) + "sku,qoh\n1,2\n", err: `there is no column for the field sku`},
		{name: "the needed columns decide", text: "sku,x\nsku,Count\n1,2\n", settings: sdktest.Settings{"columns": map[string]string{"qoh": "Count"}}, fields: "sku qoh", want: item, notice: "header in line 2"},
		{name: "none names them", text: "title\na,b\n1,2\n", err: `there is no column for the field sku: say which it is with columns = { sku = "..." }; the columns are: "a", "b"; read with fields parted by ",", header in line 2 (guessed;`},
		{name: "a name twice", text: "sku,qoh,QOH\n1,2,3\n", err: `the field "qoh" could come from 2 columns`},
		{name: "names with line breaks and no-break spaces", text: "sku,\"Cost\nPrice\",Sale\u00a0Price\n1,2,3\n", settings: sdktest.Settings{"columns": map[string]string{"cost_price": "cost price", "sale_price": "Sale Price"}},
			fields: "sku cost_price sale_price", want: []string{`{"sku":"1","cost_price":2,"sale_price":3}`}},
	} {
		t.Run(c.name, c.run)
	}
}

func TestGuessedDelimiter(t *testing.T) {
	for _, c := range []csvCase{
		{name: "decimal commas", text: "sku;price;qoh\n1;1,5;2\n", fields: "sku qoh", want: []string{`{"sku":"1","qoh":2}`}, notice: `fields parted by ";"`},
		{name: "quoted names with others", text: "\"sku\";\"a,b,c,d\"\n1;2\n", fields: "sku", want: []string{`{"sku":"1"}`}},
		{name: "a header of one column", text: "sku\nA-1\nB-2\n", want: []string{`{"sku":"A-1"}`, `{"sku":"B-2"}`}},
		{name: "whose rows have two", text: "sku\nA-1;3\n", err: "line 2: 2 fields where the header has 1"},
		{name: "a title of one name", text: "SKU\nsku;qoh\n1;2\n", err: "line 2: 2 fields where the header has 1"},
		{name: "two that do", text: "Stock\nsku,x\nsku;x\n1;2\n", err: `its fields could be parted by "," or by ";": say which with delimiter`},
		{name: "no header, two alike", text: "a;b,c\n1;2,3\n", err: `its fields could be parted by "," or by ";": say which with delimiter`},
		{name: "the file says", text: "sep=;\r\nsku;a,b\r\n1;2\r\n", fields: "sku", want: []string{`{"sku":"1"}`}, notice: `file "catalogue.csv": header in line 2 (guessed; can be set with header_row)`},
		{name: "the file says, in quotes", text: "\"SEP=|\"\nsku|qoh\n1|2\n", want: []string{`{"sku":"1","qoh":2}`}},
		{name: "the file says, whatever its name", file: "a.tsv", text: "sep=;\nsku;qoh\n1;2\n", want: []string{`{"sku":"1","qoh":2}`}},
		{name: "the setting overrules the file", text: "sep=;\nsku,qoh\n1,2\n", settings: sdktest.Settings{"delimiter": ","}, want: []string{`{"sku":"1","qoh":2}`}},
	} {
		t.Run(c.name, c.run)
	}
}

func TestOddBytes(t *testing.T) {
	for _, c := range []csvCase{
		{name: "the end of text of DOS", text: "sku,qoh\r\n1,2\r\n\x1a", want: []string{`{"sku":"1","qoh":2}`}},
		{name: "in UTF-16", text: "\xff\xfes\x00k\x00u\x00\n\x001\x00\n\x00\x1a\x00", want: []string{`{"sku":"1"}`}},
		{name: "within a row", text: "sku,qoh\n1,2\n3\x1a", err: "the file ends in the middle of a row, after 1 of 2 fields"},
		{name: "old Macs' line ends", text: "sku,qoh\r1,2\r", err: "line 1: the header: the lines end in carriage returns alone"},
		{name: "in one row", text: "sku\n1\n2\r3\n", err: "line 3: a carriage return stands in a field that is not quoted"},
		{name: "and skipping does not skip what it hides", text: "sku\n1\n2\r3\n", settings: sdktest.Settings{"on_bad_row": "skip"}, err: "line 3: a carriage return"},
		{name: "line ends within a field", text: "sku,name\n1,\"a\r\nb\"\n2,\"a\nb\"\n", want: []string{`{"sku":"1","name":"a\nb"}`, `{"sku":"2","name":"a\nb"}`}},
		{name: "a byte order mark in the middle", text: "\xef\xbb\xbfsku,qoh\n1,2\n\xef\xbb\xbfsku,qoh\n", err: "line 3: a byte order mark stands here"},
		{name: "two at the start", text: "\xef\xbb\xbf\xef\xbb\xbfsku,qoh\n1,2\n", err: "line 1: the header: a byte order mark stands here"},
		{name: "empty lines at the end", text: "sku,qoh\n1,2\n\n\r\n \n", want: []string{`{"sku":"1","qoh":2}`}},
	} {
		t.Run(c.name, c.run)
	}
}

func TestDecimal(t *testing.T) {
	comma := sdktest.Settings{"decimal": ","}
	read := func(text string) csvCase {
		return csvCase{name: text, text: "sku;price\n1;" + text + "\n", settings: comma}
	}
	for text, want := range map[string]string{
		"1.299,00": "1299", "1299,5": "1299.5", "1 299,5": "1299.5", "1\u00a0299,5": "1299.5", "1\u202f299": "1299", "1'299,5": "1299.5", "1\u2019234\u2019567": "1234567",
		"-3,5": "-3.5", "12": "12", "1.299": "1299", "€ 1.299,00": "1299", "(1.299,00)": "-1299", "0,5": "0.5", ",5": "0.5", "": "null", "12345678901234567890,5": "12345678901234567890.5",
	} {
		c := read(text)
		c.want = []string{fmt.Sprintf(`{"sku":"1","price":%s}`, want)}
		t.Run(c.name, c.run)
	}
	for _, text := range []string{"1,299.00", "1,299,00", "1.5", "12.99", "1.299.5", "1 299.000", "0.123", "1.2345,5", "1e3", "1,5e3", "1..299", ".299", "x"} {
		c := read(text)
		c.err = `line 2, column "price": "` + text + `" is not a number`
		t.Run(c.name, c.run)
	}
}

// TestNothingGuessed says nothing of what the settings say.
func TestNothingGuessed(t *testing.T) {
	for _, text := range []string{"sku;name\n1;'a;b'\n", "sku;name\n1;\xe4\n"} {
		path := sdktest.File(t, "a.csv", text)
		got, err := sdktest.Read(t.Context(), Connector(), sdktest.Settings{"path": path, "encoding": "windows-1252", "delimiter": ";", "quote": "'", "header_row": 1})
		if err != nil || len(got.Notices) > 0 || len(got.Warnings) > 0 {
			t.Errorf("%q: %v, notices %q, warnings %q", text, err, got.Notices, got.Warnings)
		}
	}
}

func TestUnknown(t *testing.T) {
	unknown := sdktest.Settings{"unknown": []string{"N/A", " not stocked ", "-1"}}
	for _, c := range []csvCase{
		{name: "numbers and bools", text: "sku,name,qoh,price,visible\n1,N/A, n/a ,Not Stocked,N/A\n2,-1,-1,-1.5,yes\n", settings: unknown,
			want: []string{`{"sku":"1","name":"N/A","price":null,"qoh":null,"visible":null}`, `{"sku":"2","name":"-1","price":-1.5,"qoh":null,"visible":true}`}},
		{name: "in single rows, too", text: "sku,parent_sku,options,qoh\n1,A,Size:M,-1\n", settings: unknown, fields: "qoh variation", want: []string{`{"qoh":null,"variation":["Size=M"]}`}},
		{name: "others are still wrong", text: "sku,qoh\n1,none\n", settings: unknown, err: `"none" is not a number`},
	} {
		t.Run(c.name, c.run)
	}
}
