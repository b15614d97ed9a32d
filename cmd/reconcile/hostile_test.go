package main

import (
	"bytes"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"unicode"
)

// hostileText acts on a terminal, hides, and turns text around: an escape code of seven bits and one of eight, a bell, a zero-width
// space, a mark of byte order, a soft hyphen, an override and an isolate, and ends of lines that only some programs know.
const hostileText = "x\x1b[31mA\u009b2J\aB\u200bC\ufeff\u00adD\u202eE\u2066F\u2028G\u0085H"

// inHCL writes a text as a literal that holds it, whatever that is.
func inHCL(s string) string {
	var b strings.Builder
	for _, r := range s {
		if r < 0x7f && r >= 0x20 && r != '"' && r != '\\' {
			b.WriteRune(r)
			continue
		}
		fmt.Fprintf(&b, `\u%04x`, r)
	}
	return `"` + b.String() + `"`
}

var colourCodes = regexp.MustCompile(`\x1b\[[0-9;]*m`)

// actsOn returns the first character of an output that acts on a terminal or hides; 0 if there is none.
func actsOn(text string) rune {
	for _, r := range text {
		switch {
		case r == '\n', r == '\t', r == '\u200c', r == '\u200d':
		case unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp):
			return r
		}
	}
	return 0
}

// TestNothingActsOnTheTerminal puts a hostile text into every place that strangers write to (items, headers, names of files and
// sheets, a server's answers, a configuration that somebody sent) and looks through all that all commands print.
func TestNothingActsOnTheTerminal(t *testing.T) {
	dir := t.TempDir()
	store := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusUnauthorized)
		fmt.Fprintf(w, "{\"title\": %q, \"detail\": %q}", hostileText, hostileText)
	}))
	t.Cleanup(store.Close)
	put := func(name, text string) string {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o666); err != nil {
			t.Skipf("the system has no such names of files: %v", err)
		}
		return name
	}
	file := put(hostileText+".csv", "sku,name,brand,price,qoh,"+hostileText+"\n"+
		hostileText+","+hostileText+","+hostileText+",1,2,"+hostileText+"\n"+
		"B-1,Bell "+hostileText+",b,1,2,\nC-1"+hostileText+",Only here,b,1,2,\n,"+hostileText+",b,1,2,\nD-1,x,b,1,2,\nD-1,x,b,1,2,\n")
	put("store.csv", "sku,name,brand,price,qoh\n"+hostileText+",other "+hostileText+",b,3,2\nB-1,Bell,b,2,2\nS-1"+hostileText+","+hostileText+",b,1,2\n")
	put("bad.csv", "sku,name,price\nA-1,x,1\n"+hostileText+",x,"+hostileText+"\n")
	h := inHCL(hostileText)
	config := func(pos, store, more string) string {
		return "# " + hostileText + "\nsource \"file\" \"shop\" {\n  path = " + inHCL(pos) + "\n" + more + "}\n\nsource \"file\" \"web\" {\n  path = " + inHCL(store) + "\n}\n\n" +
			"reconciliation \"it\" {\n  pos   = source.file.shop\n  store = source.file.web\n  title = " + h + "\n}\n\n" +
			"rule \"N\" {\n  title = " + h + "\n  when  = pos.name != store.name && pos.name != " + h + "\n  note  = " + h + "\n}\n\n" +
			"rule \"P\" {\n  title = \"P\"\n  when  = pos.price != store.price\n  note  = \"" + strings.ReplaceAll(hostileText, "\u0085", "") + "\"\n}\n\n" +
			"intentional " + h + " {\n  rules  = [\"P\"]\n  where  = pos.brand == " + h + "\n  reason = " + h + "\n  owner  = " + h + "\n}\n\n" +
			"intentional \"old\" {\n  rules   = [\"P\"]\n  reason  = " + h + "\n  expires = \"2020-01-01\"\n}\n"
	}
	put("reconcile.hcl", config(file, "store.csv", ""))
	put("bad.hcl", config("bad.csv", "store.csv", ""))
	put("skip.hcl", config("bad.csv", "store.csv", "  on_bad_row = \"skip\"\n"))
	put("none.hcl", config(hostileText, "store.csv", ""))
	put("broken.hcl", config(file, "store.csv", "  nonsense "+hostileText+" = "+hostileText+"\n"))
	put("unknown.hcl", config(file, "store.csv", "")+"rule \"X\" {\n  when = pos.name == \""+hostileText+"\" && pos.nam == store.name # "+hostileText+"\n}\n")
	put("codes.hcl", config(file, "store.csv", "  columns = { name = "+h+" }\n"))
	put("api.hcl", "source \"bigcommerce\" \"web\" {\n  base_url     = \""+store.URL+"\"\n  store_hash   = \"abc\"\n  access_token = \"t\"\n}\n\nsource \"file\" \"shop\" {\n  path = \"store.csv\"\n}\n\n"+
		"reconciliation \"it\" {\n  pos   = source.file.shop\n  store = source.bigcommerce.web\n}\n\nrule \"N\" {\n  when = pos.name != store.name\n}\n")
	put(hostileText+".hcl", "rule "+hostileText)
	put("reconcile.test.hcl", "test "+h+" {\n  pos    = { name = "+h+" }\n  store  = { name = \"x\" }\n  expect = { N = \"S\", P = \"N\" }\n}\n")
	commands := [][]string{
		{"run"}, {"run", "--details", "--all"}, {"run", "--format", "json", "--all"}, {"run", "--format", "csv", "--all"},
		{"run", "--format", "ndjson", "--all"}, {"run", "--format", "markdown", "--all", "--details"}, {"run", "--format", "html", "--all", "--details"}, {"run", "--unchecked"},
		{"run", "--details", "--all", "--color", "always"}, {"run", "--sku", hostileText}, {"run", "--rule", hostileText},
		{"run", "--format", hostileText}, {"run", hostileText}, {"run", "--" + hostileText}, {hostileText}, {"run", "--output", hostileText + "/x"},
		{"run", "--config", hostileText + ".hcl"}, {"run", "--config", hostileText}, {"run", "--color", hostileText},
		{"run", "--config", "api.hcl"}, {"sources", "--config", "api.hcl"}, {"pull", "--config", "api.hcl"}, {"pull", hostileText},
		{"explain", hostileText}, {"explain", "C-1"}, {"explain", "B-1"}, {"explain", "B-1", "--color", "always"}, {"explain", "x" + hostileText},
		{"rules"}, {"rules", hostileText}, {"rules", "--color", "always"}, {"sources"}, {"sources", hostileText},
		{"validate"}, {"validate", "--format", "json"}, {"validate", "--color", "always"}, {"test"}, {"test", "--format", "junit"}, {"test", hostileText},
		{"fmt", "--diff", "--color", "always"}, {"fmt", hostileText},
		{"accept", "--sku", hostileText, "--rule", "N", "--reason", hostileText}, {"accept", "--sku", "x" + hostileText, "--rule", "N", "--reason", "r"},
		{"console", "--sku", hostileText}, {"console", "--sku", "B-1"},
		{"plugin", "list"}, {"plugin", "lock", hostileText}, {"plugin", "docs", hostileText}, {"plugin", "install", hostileText}, {"plugin", "test", hostileText}, {"plugin", "new", hostileText},
		{"init", "--pos", hostileText}, {"init", "--pos", file, "--store", "sandbox", "--output", "new.hcl"}, {"sandbox", "store", "--listen", hostileText},
		{"__complete", "run", "--sku", ""}, {"__complete", "run", "--rule", ""}, {"__complete", "run", ""}, {"__complete", "sources", ""},
		{"help", hostileText},
	}
	for _, name := range []string{"bad", "skip", "none", "broken", "unknown", "codes"} {
		for _, command := range []string{"run", "validate", "sources", "rules"} {
			commands = append(commands, []string{command, "--config", name + ".hcl"})
		}
		commands = append(commands, []string{"validate", "--config", name + ".hcl", "--format", "json"})
	}
	met := 0
	for _, args := range commands {
		cmd := program(t, dir, args...)
		cmd.Stdin = strings.NewReader("pos.name\npos." + hostileText + "\n:fields\n:rules\n:sku " + hostileText + "\n:" + hostileText + "\n\"" + hostileText + "\"\n")
		var out, errs bytes.Buffer
		cmd.Stdout, cmd.Stderr = &out, &errs
		var exit *exec.ExitError
		if err := cmd.Run(); err != nil && !errors.As(err, &exit) {
			t.Fatal(err)
		}
		for stream, text := range map[string]string{"stdout": out.String(), "stderr": errs.String()} {
			if strings.Contains(strings.Join(args, " "), "--color always") {
				text = colourCodes.ReplaceAllString(text, "")
				if strings.Contains(text, "xA") { // the text's own colour went with ours
					t.Errorf("reconcile %q: the text's own colour is on %s", args, stream)
				}
			}
			if r := actsOn(text); r != 0 {
				at := strings.IndexRune(text, r)
				t.Errorf("reconcile %q: %U on %s: …%q…", args, r, stream, text[max(0, at-40):min(len(text), at+40)])
			}
			if strings.Contains(text, "2J") {
				met++
			}
		}
		if strings.Contains(errs.String(), "goroutine ") {
			t.Errorf("reconcile %q: %s", args, &errs)
		}
	}
	if met < len(commands)/2 {
		t.Errorf("the text was met %d times in the outputs of %d commands: most of this test looks at nothing", met, len(commands))
	}
}
