package main

import (
	"bytes"
	"fmt"
	"os"
	"os/user"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// What is another one each time: the names of plans, moments, and who it is.
var (
	planID  = regexp.MustCompile(`\d{8}-\d{6}-[a-z0-9]{6}`)
	aMoment = regexp.MustCompile(`(\d{4}-\d\d-\d\d)(\s+)(\d\d:\d\d)`)
)

// The README's stand-ins for them.
var (
	standInPlans = []string{"20261129-101500-k3vd7a", "20261129-101800-m2qx5e"}
	standInDay   = "2026-11-29"
	standInName  = "anna"
)

// TestPlanAndApply runs the commands of the README's section "Plan and apply" on the sample: each has to print what stands below it, word for
// word, but for the names of plans, moments, and who it is. With -update the section is written anew.
func TestPlanAndApply(t *testing.T) {
	if os.Getenv("RECONCILE_TEST_LONG") == "" && !*update {
		t.Skip("it takes some seconds: set RECONCILE_TEST_LONG=1")
	}
	t.Parallel()
	root := filepath.Join("..", "..")
	readme, err := os.ReadFile(filepath.Join(root, "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, rest, found := bytes.Cut(readme, []byte("\n## Plan and apply\n"))
	section, _, _ := bytes.Cut(rest, []byte("\n## "))
	if !found {
		t.Fatal("the README has no section Plan and apply")
	}
	a := &applying{T: t, dir: t.TempDir(), env: []string{"COLUMNS=100"}}
	if err := os.MkdirAll(filepath.Join(a.dir, "docs", "sample"), 0o755); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"reconcile.hcl", "docs/sample/inventory.csv"} {
		text, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(name)))
		if err != nil {
			t.Fatal(err)
		}
		a.write(name, string(text))
	}
	who, err := user.Current()
	if err != nil {
		t.Fatal(err)
	}
	standing := &standIns{name: regexp.MustCompile(`\b` + regexp.QuoteMeta(who.Username) + `\b`)}
	outputs := map[string]string{}
	for _, block := range fenced.FindAllStringSubmatch(string(section), -1) {
		for _, c := range strings.Split("\n"+block[2], "\n$ ")[1:] {
			command, want, _ := strings.Cut(c, "\n")
			words := strings.Fields(standing.real(command))
			if words[0] != "reconcile" {
				t.Fatalf("%s is no command of ours", command)
			}
			got, _ := a.run(0, words[1:]...)
			got = standing.in(got)
			outputs[fmt.Sprintf("out%d", len(outputs)+1)] = got
			if diff := cmp.Diff(plainWords(want), plainWords(got)); diff != "" && !*update {
				t.Errorf("%s (-README +program):\n%s", command, diff)
			}
		}
	}
	if len(outputs) < 5 {
		t.Errorf("the section has %d commands", len(outputs))
	}
	if *update {
		if err := os.WriteFile(filepath.Join(root, "README.md"), bytes.Replace(readme, section, fillConsole(section, outputs), 1), 0o666); err != nil {
			t.Fatal(err)
		}
	}
}

// standIns puts what stands in the README in the place of what is another one each time, and back.
type standIns struct {
	name  *regexp.Regexp
	plans []string // as they are called here
	began time.Time
}

// in returns a text as the README has it.
func (s *standIns) in(text string) string {
	for _, id := range planID.FindAllString(text, -1) {
		if s.place(id) < 0 {
			s.plans = append(s.plans, id)
		}
	}
	text = planID.ReplaceAllStringFunc(text, func(id string) string { return standInPlans[s.place(id)] })
	text = aMoment.ReplaceAllStringFunc(text, func(at string) string {
		parts := aMoment.FindStringSubmatch(at)
		return standInDay + parts[2] + s.moment(parts[1]+" "+parts[3])
	})
	return s.name.ReplaceAllString(text, standInName)
}

// moment returns the README's moment for one: now, or an hour later.
func (s *standIns) moment(text string) string {
	at, _ := time.Parse("2006-01-02 15:04", text) // the pattern fits
	if s.began.IsZero() {
		s.began = at
	}
	if at.Sub(s.began) < 30*time.Minute {
		return "10:15"
	}
	return "11:15"
}

// real returns a command of the README as it is here.
func (s *standIns) real(command string) string {
	for i, id := range s.plans {
		command = strings.ReplaceAll(command, standInPlans[i], id)
	}
	return command
}

func (s *standIns) place(id string) int {
	for i, known := range s.plans {
		if known == id {
			return i
		}
	}
	return -1
}

// plainWords are the words of a text, one a line: where lines end depends on how long a name is.
func plainWords(text string) string { return strings.Join(strings.Fields(text), "\n") }
