package main

import (
	"bytes"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// npmEnv names the environment variable that lets the tests run npm, which may ask the network for packages.
const npmEnv = "RECONCILE_TEST_NPM"

// needNPM skips a test where npm is not to be run.
func needNPM(t *testing.T) {
	t.Helper()
	if os.Getenv(npmEnv) == "" {
		t.Skipf("connectors in TypeScript are built with npm, which may ask the network: set %s=1 to test them, as .ci/run does", npmEnv)
	}
}

// TestPluginsPage follows docs/plugins.md from nothing to a report, in both languages: each command runs, each block of
// code goes where the text says, and what a command prints on stdout is what stands below it. With -update the page is
// written anew.
func TestPluginsPage(t *testing.T) {
	if !*update { // TestHostSurvives writes the same page
		t.Parallel()
	}
	if runtime.GOOS == "windows" {
		t.Skip("the page's commands are for a Unix shell")
	}
	if os.Getenv("RECONCILE_TEST_LONG") == "" && !*update {
		t.Skip("a connector is built as the page says, which takes most of a minute: set RECONCILE_TEST_LONG=1 to do it, as .ci/run does")
	}
	page := filepath.Join("..", "..", "docs", "plugins.md")
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	for _, section := range []string{"In Go", "In TypeScript"} {
		t.Run(section, func(t *testing.T) {
			if section == "In TypeScript" {
				needNPM(t)
			}
			w := newWalk(t, text, "\n## "+section+"\n")
			if section == "In Go" { // the page's one file of code that no step asks for is to compile with the others
				w.add(t, text, "\n## A Local Copy\n", "reconcile-plugin-lanternshop/pull.go")
			}
			if w.commands < 8 {
				t.Fatalf("the section has %d commands", w.commands)
			}
			t.Run("script", func(t *testing.T) { testscript.Run(t, w.params()) }) // which returns when the script has ended
			if *update && !t.Failed() {
				text = bytes.Replace(text, []byte(w.section), []byte(w.rewritten()), 1)
			}
		})
	}
	if *update {
		if err := os.WriteFile(page, text, 0o666); err != nil {
			t.Fatal(err)
		}
	}
}

// pagePort is the port of the sample shop on the page; the test takes a free one in its place.
const pagePort = "8642"

// walk is a section of the page as a script.
type walk struct {
	t        *testing.T
	section  string
	script   strings.Builder
	files    strings.Builder
	commands int
	port     string
	printed  map[string]string // what commands printed, by the name of what they should
}

var (
	pageBlock = regexp.MustCompile("(?s)```(console|go|ts|hcl)\n(.*?)```\n")
	pageFile  = regexp.MustCompile("[Ii]n `([a-z/.]+\\.(?:go|ts|hcl))`")
	pagePlace = regexp.MustCompile("([Bb]elow|[Ii]n the place of) the line with `([^`]+)`|at the end,")
)

func newWalk(t *testing.T, page []byte, heading string) *walk {
	_, section, found := strings.Cut(string(page), heading)
	if !found {
		t.Fatalf("the page has no section %q", strings.TrimSpace(heading))
	}
	section, _, _ = strings.Cut(section, "\n## ")
	w := &walk{t: t, section: section, port: freePort(t), printed: map[string]string{}}
	file, last := "", 0
	for n, at := range pageBlock.FindAllStringSubmatchIndex(section, -1) {
		before := strings.Join(strings.Fields(section[last:at[0]]), " ")
		kind, text := section[at[2]:at[3]], strings.ReplaceAll(section[at[4]:at[5]], pagePort, w.port)
		last = at[1]
		if kind == "console" {
			w.console(text, strings.Contains(before, "another terminal"), strings.Contains(before, "it fails"))
			continue
		}
		if names := pageFile.FindAllStringSubmatch(before, -1); names != nil {
			file = names[len(names)-1][1]
		}
		place := pagePlace.FindStringSubmatch(before)
		if place == nil {
			t.Fatalf("where in %s does this go?\n%s", file, text)
		}
		how := "end"
		if place[1] != "" {
			how = strings.ToLower(strings.Fields(place[1])[0])
		}
		fmt.Fprintf(&w.script, "edit %s %s $WORK/part%d '%s'\n", how, file, n, place[2])
		fmt.Fprintf(&w.files, "-- part%d --\n%s", n, text)
	}
	return w
}

// add puts the code of another section into a file.
func (w *walk) add(t *testing.T, page []byte, heading, file string) {
	_, section, _ := strings.Cut(string(page), heading)
	section, _, _ = strings.Cut(section, "\n## ")
	code := pageBlock.FindStringSubmatch(section)
	if code == nil || code[1] != "go" {
		t.Fatalf("no code in the section %q", strings.TrimSpace(heading))
	}
	fmt.Fprintf(&w.files, "-- %s --\n%s", file, code[2])
}

// console adds commands and what they should print.
func (w *walk) console(text string, background, fails bool) {
	not := ""
	if fails {
		not = "! "
	}
	for _, block := range strings.Split("\n"+text, "\n$ ")[1:] {
		command, output, _ := strings.Cut(block, "\n")
		w.commands++
		name := fmt.Sprintf("out%d", w.commands)
		switch {
		case background:
			fmt.Fprintf(&w.script, "exec %s &\nlistens 127.0.0.1:%s\n", command, w.port)
			continue
		case strings.HasPrefix(command, "cd "):
			fmt.Fprintf(&w.script, "%s\n", command)
			continue
		case strings.HasPrefix(command, "export "):
			fmt.Fprintf(&w.script, "env %s\n", strings.TrimPrefix(command, "export "))
			continue
		}
		fmt.Fprintf(&w.files, "-- %s.sh --\n%s\n", name, command)
		fmt.Fprintf(&w.script, "%sexec sh $WORK/%s.sh\nsaid $WORK/%s\n", not, name, name)
		if output != "" && !strings.HasSuffix(output, "\n") {
			output += "\n" // the next command's line ended it
		}
		fmt.Fprintf(&w.files, "-- %s --\n%s", name, output)
	}
}

func (w *walk) params() testscript.Params {
	file := filepath.Join(w.t.TempDir(), "page.txtar")
	if err := os.WriteFile(file, []byte(w.script.String()+w.files.String()), 0o666); err != nil {
		w.t.Fatal(err)
	}
	return testscript.Params{
		Files: []string{file},
		Setup: func(env *testscript.Env) error {
			env.Setenv("COLUMNS", "100")
			env.Setenv("NO_COLOR", "1")
			env.Setenv("GOPROXY", "off") // what a new connector needs is there already
			env.Setenv("npm_config_cache", filepath.Join(os.Getenv("HOME"), ".npm"))
			for _, name := range []string{"GOPATH", "GOCACHE", "GOMODCACHE"} {
				value, err := exec.CommandContext(w.t.Context(), "go", "env", name).Output()
				if err != nil {
					return err
				}
				env.Setenv(name, strings.TrimSpace(string(value)))
			}
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"edit": editFile, "listens": listens,
			"said": w.said,
		},
	}
}

// said holds what the last command printed against the page.
func (w *walk) said(ts *testscript.TestScript, _ bool, args []string) {
	got, want := ts.ReadFile("stdout"), ts.ReadFile(args[0])
	w.printed[filepath.Base(args[0])] = got
	if !sameOutput(want, got) && (!*update || strings.Contains("\n"+want, "\n...\n")) {
		ts.Fatalf("the page says\n%s\nthe command says\n%s\nand on stderr\n%s", want, got, ts.ReadFile("stderr"))
	}
}

var changing = regexp.MustCompile(`\d+(\.\d+)?m?s\b|\d{4}-\d{2}-\d{2} \d{2}:\d{2} UTC|\b127\.0\.0\.1:\d+|\b[0-9a-f]{12}\b|\b[a-z]+_(amd64|arm64)\b`)

// sameOutput compares line by line. A line of three dots stands for any lines; times, hashes and platforms are not compared.
func sameOutput(want, got string) bool {
	var pattern strings.Builder
	for i, part := range strings.Split("\n"+changing.ReplaceAllString(want, "TIME"), "\n...\n") {
		if i > 0 {
			pattern.WriteString(`\n(?:.*\n)*`)
		}
		pattern.WriteString(regexp.QuoteMeta(part))
	}
	return regexp.MustCompile(`\A` + pattern.String() + `\z`).MatchString("\n" + changing.ReplaceAllString(got, "TIME"))
}

// rewritten is the section with what its commands printed, but for what the page shortens and what differs in times only.
func (w *walk) rewritten() string {
	n := 0
	return pageBlock.ReplaceAllStringFunc(w.section, func(block string) string {
		text, console := strings.CutPrefix(block, "```console\n")
		if !console {
			return block
		}
		var b strings.Builder
		b.WriteString("```console\n")
		for _, part := range strings.Split("\n"+strings.TrimSuffix(text, "```\n"), "\n$ ")[1:] {
			n++
			command, output, _ := strings.Cut(part, "\n")
			if output != "" && !strings.HasSuffix(output, "\n") {
				output += "\n"
			}
			got, ran := w.printed[fmt.Sprintf("out%d", n)]
			if ran && !sameOutput(output, strings.ReplaceAll(got, w.port, pagePort)) {
				output = strings.ReplaceAll(got, w.port, pagePort)
			}
			fmt.Fprintf(&b, "$ %s\n%s", command, output)
		}
		return b.String() + "```\n"
	})
}

// editFile puts a part into a file: at its end, below the one line that has the text, or in that line's place.
func editFile(ts *testscript.TestScript, _ bool, args []string) {
	how, file, part, anchor := args[0], args[1], ts.ReadFile(args[2]), args[3]
	text := ts.ReadFile(file)
	if how == "end" {
		ts.Check(os.WriteFile(ts.MkAbs(file), []byte(text+"\n"+part), 0o666))
		return
	}
	var out strings.Builder
	found := 0
	for _, line := range strings.SplitAfter(text, "\n") {
		if !strings.Contains(line, anchor) {
			out.WriteString(line)
			continue
		}
		found++
		if how == "below" {
			out.WriteString(line)
		}
		out.WriteString(part)
	}
	if found != 1 {
		ts.Fatalf("%s has %d lines with %s", file, found, anchor)
	}
	ts.Check(os.WriteFile(ts.MkAbs(file), []byte(out.String()), 0o666))
}

// listens waits until somebody listens on the address.
func listens(ts *testscript.TestScript, _ bool, args []string) {
	for range 500 {
		if conn, err := net.Dial("tcp", args[0]); err == nil {
			conn.Close()
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	ts.Fatalf("nothing listens on %s", args[0])
}

func freePort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	_, port, err := net.SplitHostPort(l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	return port
}
