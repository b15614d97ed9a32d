package report

import (
	"encoding/json"
	"strings"
	"testing"
)

func TestMarkdown(t *testing.T) {
	for _, c := range []struct {
		name    string
		why     string
		options Options
		change  func(*Result)
	}{
		{"everything", "every kind of item, cell and value", Options{All: true}, func(r *Result) { r.Warn(Warning{Source: "web", Text: "a <warning>"}) }},
		{"details", "titles and notes, too; and how many more there are", Options{Details: true, MaxRows: 2}, nil},
		{"none", "a filter that leaves nothing says so", Options{SKUs: []string{"none"}}, nil},
		{"empty", "no item at all", Options{}, func(r *Result) { *r = Result{} }},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := sample(t)
			if c.change != nil {
				c.change(r)
			}
			golden(t, "markdown-"+c.name+".md", text(t, "markdown", r, c.options))
		})
	}
}

// TestMarkdownText says what becomes of texts that mean something in Markdown, or to GitHub.
func TestMarkdownText(t *testing.T) {
	for _, c := range []struct{ why, s, want string }{
		{"a plain name", "Bell 12, large", "Bell 12, large"},
		{"a column", "a|b", "a&#124;b"},
		{"code", "`x`", "&#96;x&#96;"},
		{"HTML", "<b>&", "&lt;b&gt;&amp;"},
		{"a line break", "a\nb", "a␊b"},
		{"a list", "- x", "&#45; x"},
		{"another", "+ x", "&#43; x"},
		{"a numbered one", "12. x", "12&#46; x"},
		{"a minus elsewhere", "A-1", "A-1"},
		{"emphasis", "*x*", "&#42;x&#42;"},
		{"an underscore in a word", "pos_only", "pos_only"},
		{"one that is none", "_x_", "&#95;x&#95;"},
		{"a link", "[x](y)", "&#91;x&#93;(y)"},
		{"an address", "https://x.y", "https&#58;//x.y"},
		{"another address", "www.x.y", "www&#46;x.y"},
		{"somebody's name", "@ann", "@<!-- -->ann"},
		{"an issue", "see #12", "see #<!-- -->12"},
		{"an issue by another name", "GH-12", "GH-<!-- -->12"},
		{"it in small letters", "see gh-1", "see gh-<!-- -->1"},
		{"a SKU that ends so", "HIGH-12", "HIGH-12"},
		{"a heading", "# x", "&#35;<!-- --> x"},
		{"white space that would be lost", " a  b ", "&#32;a &#32;b&#32;"},
		{"a backslash", `\|`, "&#92;&#124;"},
	} {
		t.Run(c.why, func(t *testing.T) {
			if got := string(appendMarkdown(nil, c.s)); got != c.want {
				t.Errorf("%q, want %q", got, c.want)
			}
		})
	}
}

// TestNDJSON says that the first and the last line tell what they are, and that a cut file lacks the last.
func TestNDJSON(t *testing.T) {
	r := sample(t)
	r.Warn(Warning{Source: "web", Text: "two\nlines"})
	got := text(t, "ndjson", r, Options{All: true})
	golden(t, "ndjson-everything.ndjson", got)
	lines := strings.Split(strings.TrimSuffix(got, "\n"), "\n")
	var last struct {
		Type     string
		Shown    int
		Summary  struct{ Items int }
		Warnings []struct{ Text string }
	}
	if err := json.Unmarshal([]byte(lines[len(lines)-1]), &last); err != nil {
		t.Fatal(err)
	}
	if last.Type != "summary" || last.Shown != len(lines)-2 || last.Summary.Items != last.Shown || last.Warnings[0].Text != "two\nlines" {
		t.Errorf("the last line is %+v of %d", last, len(lines))
	}
	golden(t, "ndjson-empty.ndjson", text(t, "ndjson", &Result{}, Options{}))
}
