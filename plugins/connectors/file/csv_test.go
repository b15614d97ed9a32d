package file

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/reconcilehq/reconcile/plugins/sdk/sdktest"
)

type csvCase struct {
	name     string
	file     string // its name; catalogue.csv if it is empty
	text     string
	settings sdktest.Settings
	fields   string // parted by blanks; all if it is empty
	want     []string
	warn     string // part of the only warning
	notice   string // part of the only notice
	err      string // part of the error
}

func (c csvCase) run(t *testing.T) {
	name := c.file
	if name == "" {
		name = "catalogue.csv"
	}
	settings := sdktest.Settings{"path": sdktest.File(t, name, c.text)}
	for key, value := range c.settings {
		settings[key] = value
	}
	got, err := sdktest.Read(t.Context(), Connector(), settings, strings.Fields(c.fields)...)
	if c.err != "" {
		if err == nil || !strings.Contains(err.Error(), c.err) {
			t.Fatalf("error: %v\nwant one with: %s", err, c.err)
		}
		return
	}
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(c.want, got.Items); diff != "" {
		t.Errorf("items (-want +got):\n%s", diff)
	}
	warnings := strings.Join(got.Warnings, "\n")
	if c.warn == "" && warnings != "" || !strings.Contains(warnings, c.warn) {
		t.Errorf("warnings: %q\nwant: %q", warnings, c.warn)
	}
	if notices := strings.Join(got.Notices, "\n"); !strings.Contains(notices, c.notice) || len(got.Notices) > 1 {
		t.Errorf("notices: %q\nwant: %q", notices, c.notice)
	}
}

func TestText(t *testing.T) {
	for _, c := range []csvCase{
		{name: "strings stand as they are read", text: "sku,name\n 007 ,\" a\"\"b \"\n", want: []string{`{"sku":" 007 ","name":" a\"b "}`}},
		{name: "NFD text becomes NFC", text: "sku,name\n1,e\u0301\n", want: []string{`{"sku":"1","name":"é"}`}},
		{name: "Windows line ends, no line end behind the last row", text: "sku,qoh\r\n1,2\r\n3,4", want: []string{`{"sku":"1","qoh":2}`, `{"sku":"3","qoh":4}`}},
		{name: "lines within a quoted field", text: "sku,name\n1,\"a\nb\"\n2,c\n", want: []string{`{"sku":"1","name":"a\nb"}`, `{"sku":"2","name":"c"}`}},
		{name: "blank lines and rows of commas alone are no items", text: "\n\nsku,qoh\n\n1,2\n , \n,\n\n", want: []string{`{"sku":"1","qoh":2}`}},
		{name: "an empty SKU is an item", text: "sku,qoh\n,2\n", want: []string{`{"sku":"","qoh":2}`}},
		{name: "a header alone is an empty catalogue", text: "sku,qoh\n", warn: "has a header and no rows"},
		{name: "a header that a file ends in", text: "sku,qo", err: `line 1: the file ends within its header: it seems to be cut off`},
		{name: "an empty file", text: "", err: `file "catalogue.csv" is empty: there is not even a header`},
		{name: "a file of blank lines", text: "\n\r\n\n", err: "is empty"},
		{name: "surplus fields count even if they are empty", text: "sku,qoh\n1,2,,\n", err: "line 2: 4 fields where the header has 2"},
		{name: "columns without a name", text: "sku,,qoh,\n1,,2, \n", want: []string{`{"sku":"1","qoh":2}`}},
		{name: "a value below no name", text: "sku,,qoh,\n1,,2,\n3,,4,x\n", err: `line 3: field 4 is "x", and the header has no name there`},
		{name: "a price that is parted", text: "sku,Description,QOH,Price,\nA-1,Amp,3,1,299.00,\n", err: `line 2: 6 fields where the header has 5`},
		{name: "columns without a name may be missing", text: "sku,qoh,,\n1,2\n", want: []string{`{"sku":"1","qoh":2}`}},
		{name: "numbers and bools", text: "sku,price,qoh,visible\n1,\"$1,234.50\",(3),Yes\n2,,,\n", want: []string{
			`{"sku":"1","price":1234.5,"qoh":-3,"visible":true}`, `{"sku":"2","price":null,"qoh":null,"visible":null}`}},
		{name: "only what is asked for is parsed", text: "sku,price\n1,abc\n", fields: "sku", want: []string{`{"sku":"1"}`}},
		{name: "fields come in the order of the request", text: "sku,price\n1,2\n", fields: "price sku", want: []string{`{"price":2,"sku":"1"}`}},
	} {
		t.Run(c.name, c.run)
	}
}

func TestDelimiter(t *testing.T) {
	for _, c := range []csvCase{
		{name: "tsv", file: "a.tsv", text: "sku\tname\n1\ta,b;c\n", want: []string{`{"sku":"1","name":"a,b;c"}`}},
		{name: "tab", file: "a.TAB", text: "sku\tname\n1\ta,b\n", want: []string{`{"sku":"1","name":"a,b"}`}},
		{name: "txt is csv", file: "a.txt", text: "sku,name\n1,a\n", want: []string{`{"sku":"1","name":"a"}`}},
		{name: "semicolons are found", text: "sku;name\n1;a,b\n", want: []string{`{"sku":"1","name":"a,b"}`}},
		{name: "tabs in a csv file are found", text: "sku\tname\n1\ta\n", want: []string{`{"sku":"1","name":"a"}`}},
		{name: "bars are found", text: "sku|name\n1|a\n", want: []string{`{"sku":"1","name":"a"}`}},
		{name: "quoted delimiters do not count", text: "\n\"name;;;;\",sku\n1,2\n", settings: sdktest.Settings{"columns": map[string]string{"name": "name;;;;"}}, want: []string{`{"sku":"2","name":"1"}`}},
		{name: "the setting overrules", text: "sku,a:name\n1,b:2\n", settings: sdktest.Settings{"delimiter": ":", "columns": map[string]string{"sku": "sku,a"}}, want: []string{`{"sku":"1,b","name":"2"}`}},
		{name: "format overrules the extension", file: "a.csv", text: "sku\tname,\n1\ta\n", settings: sdktest.Settings{"format": "tsv", "columns": map[string]string{"name": "name,"}}, want: []string{`{"sku":"1","name":"a"}`}},
	} {
		t.Run(c.name, c.run)
	}
}

func TestBadRows(t *testing.T) {
	skip := sdktest.Settings{"on_bad_row": "skip"}
	const many = "sku,qoh\n" + "1,x\n2,x\n3,x\n4,x\n5,x\n6,x\n7,x\n8,x\n9,x\n10,x\n11,x\n12,x\n" + "good,1\n"
	for _, c := range []csvCase{
		{name: "a number", text: "sku,QOH\n1,2\n\n2,abc\n", err: `file "catalogue.csv", line 4, column "QOH": "abc" is not a number`},
		{name: "a bool", text: "sku,visible\n1,perhaps\n", err: `line 2, column "visible": "perhaps" is neither true nor false`},
		{name: "options", text: "sku,options\n1,Size\n", err: `line 2, column "options": "Size": option "Size" has no colon`},
		{name: "an option given twice", text: "sku,options\n1,Size:M|Size:L\n", err: `option "Size" is given twice`},
		{name: "the line where a row starts", text: "sku,name,qoh\n1,\"a\nb\",1\n2,\"a\nb\",x\n", err: "line 4,"},
		{name: "too few fields", text: "sku,qoh\n1\n2,2\n", err: "line 2: 1 field where the header has 2"},
		{name: "too many fields", text: "sku,qoh\n1,2,3\n", err: "line 2: 3 fields where the header has 2"},
		{name: "a quote that is not doubled", text: "sku,name\n1,\"5\" pipe\"\n2,b\n", err: "line 2: a quote within a quoted field"},
		{name: "the value is cut short", text: "sku,qoh\n1," + strings.Repeat("x", 1000) + "\n", err: strings.Repeat("x", 60) + `"… is not`},

		{name: "skipped", text: "sku,qoh\n1,abc\n2,2\n", settings: skip, want: []string{`{"sku":"2","qoh":2}`}, warn: `1 row was skipped: file "catalogue.csv", line 2, column "qoh": "abc" is not a number`},
		{name: "a bad field after good ones leaves nothing behind", text: "sku,price,qoh\n1,1,abc\n2,,2\n", settings: skip, want: []string{`{"sku":"2","price":null,"qoh":2}`}, warn: "1 row was"},
		{name: "many skipped", text: many, settings: skip, want: []string{`{"sku":"good","qoh":1}`}, warn: "line 11, column \"qoh\": \"x\" is not a number; and 2 more"},
		{name: "skipped for its quotes", text: "sku,name\n1,\"5\" pipe\n2,\"5\" pipe\"\n3,c\n", settings: skip, want: []string{`{"sku":"3","name":"c"}`}, warn: "2 rows were"},
		{name: "skipped for its fields", text: "sku,name\n1\n2,a,b\n3,c\n", settings: skip, want: []string{`{"sku":"3","name":"c"}`}, warn: "2 rows were"},
		{name: "every row is bad", text: "sku,qoh\n1,x\n2,y\n", settings: skip, err: "none of the 2 rows can be read"},

		{name: "a quote that swallows the rest", text: "sku,name\n1,\"a\n2,b\n3,c\n", settings: skip, err: "line 2: a quote is opened that is not closed properly up to the end"},
		{name: "a quote that swallows some rows", text: "sku,name\n1,\"a\n2,\"b\"\n3,c\n4,d\n", settings: skip, err: "line 2: a quote is opened that is not closed properly up to line 3"},
		{name: "a quote that swallows rows and delimiters", text: "sku,name,qoh\n1,\"a,1\n2,b\",1,2,3\n3,c,1\n", settings: skip, err: "look for a quote that is not closed"},
		{name: "a file that is cut off", text: "sku,name,qoh\n1,a,1\n2,b", settings: skip, err: "seems to be cut off"},
		{name: "a broken header", text: "sku,\"na\"me\n1,2\n", settings: skip, err: "line 1: the header: a quote"},
	} {
		t.Run(c.name, c.run)
	}
}

// FuzzCSV checks that whatever the bytes, a read ends, and that skipping gives no other items than failing does.
func FuzzCSV(f *testing.F) {
	for _, text := range []string{"sku,qoh\n1,2\n", "sku,name\n1,\"a\nb\"\n", "sku;qoh\r\n1;x\r\n", "\xef\xbb\xbfsku\n1", "\xff\xfes\x00k\x00u\x00\n\x001\x00",
		"sku,name\n1,\"a", "sku,a,a\n1\n", "sku\n\x80\n", "sku,options\n1,A:b|C:d\n"} {
		f.Add(text)
	}
	path := filepath.Join(f.TempDir(), "a.csv") // each worker of the fuzzer is a process with a folder of its own
	f.Fuzz(func(t *testing.T, text string) {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		strict, err := sdktest.Read(t.Context(), Connector(), sdktest.Settings{"path": path})
		lenient, lenientErr := sdktest.Read(t.Context(), Connector(), sdktest.Settings{"path": path, "on_bad_row": "skip"})
		if err != nil {
			return
		}
		if lenientErr != nil {
			t.Fatalf("%q can be read, but not with skip: %v", text, lenientErr)
		}
		if diff := cmp.Diff(strict, lenient); diff != "" {
			t.Fatalf("%q gives something else with skip:\n%s", text, diff)
		}
	})
}
