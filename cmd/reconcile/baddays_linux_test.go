package main

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// reconcile is a step that runs the program.
func reconcile(args ...string) step { return step{Run: args} }

// everyDay names the days that are had without RECONCILE_TEST_LONG, too: one of each kind.
var everyDay = []string{"output over an old one", "stdout", "run on a read-only disk", "pull without a home", "fmt", "init", "plugin new",
	"accept all with room for the list alone", "lock file", "pull", "offline on a full disk after a killed pull",
	"offline on a read-only disk after a killed pull", "doctor on a full disk", "few open files"}

// TestBadDays has everything that the program writes meet a full disk, a read-only one, no home or few open files. It fails
// with the status and the words for that, leaves nothing behind and the old files as they were, and the good copy readable.
func TestBadDays(t *testing.T) {
	t.Parallel()
	var rows strings.Builder
	rows.WriteString("sku,name\n")
	for i := range 20000 {
		fmt.Fprintf(&rows, "%d,%s %d\n", i, strings.Repeat("Glockenspiel ", 40), i)
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(self)
	if err != nil {
		t.Fatal(err)
	}
	large := (info.Size() + 4095) / 4096 * 4096 // as much as the test's own program takes, which is a plugin where it is installed
	var had []string
	defer func() {
		for _, name := range everyDay {
			if !slices.Contains(had, name) {
				t.Errorf("there is no day %q any more", name)
			}
		}
	}()
	for _, tc := range []struct {
		name  string
		files map[string]string // beside those of small
		day   badDay            // DIR, TEMP, DATA, HOME and BIN stand for folders of the test
		env   []string
		want  int    // the last command's status
		says  string // part of its stderr
		out   string // part of its stdout; a result is none where it fails
		finds string // part of a doctor's stdout
	}{
		{name: "output", day: badDay{Disks: []string{"DIR"}, Steps: []step{{Fill: "DIR"}, reconcile("run", "files", "--output", "out.json")}},
			want: 1, says: "no space left on device"},
		{name: "output over an old one", files: map[string]string{"out.json": "old"},
			day:  badDay{Disks: []string{"DIR"}, Steps: []step{{Fill: "DIR"}, reconcile("run", "files", "--format", "json", "--output", "out.json")}},
			want: 1, says: "write out.json: no space left on device"},
		{name: "output on a read-only disk", day: badDay{Disks: []string{"DIR"}, Steps: []step{{Lock: "DIR"}, reconcile("run", "files", "--output", "out.json")}},
			want: 1, says: "--output out.json: read-only file system"},
		{name: "stdout", day: badDay{Steps: []step{{Run: []string{"run", "files"}, To: "/dev/full"}}}, want: 1, says: "no space left on device"},
		{name: "run on a full disk", day: badDay{Disks: []string{"DIR", "HOME"}, Steps: []step{{Fill: "DIR"}, {Fill: "HOME"}, reconcile("run", "files")}},
			out: "A-1"},
		{name: "run on a read-only disk", day: badDay{Disks: []string{"DIR", "HOME"}, Steps: []step{{Lock: "DIR"}, {Lock: "HOME"}, reconcile("run", "files")}},
			out: "A-1"},
		{name: "no home", env: []string{"HOME=", "XDG_DATA_HOME=", "XDG_CACHE_HOME="}, day: badDay{Steps: []step{reconcile("run", "files")}}, out: "A-1"},
		{name: "pull without a home", env: []string{"HOME=", "XDG_DATA_HOME=", "XDG_CACHE_HOME="}, day: badDay{Steps: []step{reconcile("pull")}},
			want: 1, says: "name one with --data"},
		{name: "accept", day: badDay{Disks: []string{"DIR"}, Steps: []step{{Fill: "DIR"},
			reconcile("accept", "files", "--sku", "A-1", "--rule", "N", "--reason", "R")}}, want: 1, says: "no space left on device"},
		{name: "accept all", day: badDay{Disks: []string{"DIR"}, Steps: []step{{Fill: "DIR"},
			reconcile("accept", "files", "--all-current", "--reason", "R")}}, want: 1, says: "no space left on device"},
		{name: "fmt", files: map[string]string{"messy.hcl": "locals {\n      a    =   1\n}\n"},
			day: badDay{Disks: []string{"DIR"}, Steps: []step{{Fill: "DIR"}, reconcile("fmt", "messy.hcl")}}, want: 1, says: "no space left on device"},
		{name: "init", files: map[string]string{"export.csv": "SKU,Description,QOH,Regular Sell Price\nA-1,Bell,5,10.00\n"}, day: badDay{Disks: []string{"DIR"}, Steps: []step{{Fill: "DIR"},
			reconcile("init", "--pos", "export.csv", "--store", "sandbox", "--output", "new.hcl")}}, want: 1, says: "no space left on device"},
		{name: "plugin new", day: badDay{Disks: []string{"DIR"}, Steps: []step{{Fill: "DIR"}, reconcile("plugin", "new", "mine")}},
			want: 1, says: "no space left on device"},
		{name: "plugin install", day: badDay{Disks: []string{"DIR"}, Steps: []step{{Fill: "DIR"}, reconcile("plugin", "install", "BIN/shop-connector")}},
			want: 1, says: "no space left on device"},
		{name: "plugin install with room for the program alone", day: badDay{Disks: []string{"DIR"}, Size: large + 1<<20,
			Steps: []step{{Fill: "DIR", Room: large}, reconcile("plugin", "install", "SELF")}}, want: 1, says: "no space left on device; it is not installed"},
		{name: "accept all with room for the list alone", day: badDay{Disks: []string{"DIR"}, Steps: []step{{Fill: "DIR", Room: 4096},
			reconcile("accept", "files", "--all-current", "--reason", "R")}}, want: 1, says: "no space left on device"},
		{name: "lock file", day: badDay{Disks: []string{"DIR"}, Steps: []step{{Fill: "DIR"}, reconcile("validate", "--config", "locked")}},
			files: map[string]string{"locked/reconcile.hcl": strings.ReplaceAll(strings.ReplaceAll(small["reconcile.hcl"], `lock    = "off"`, ""), `path = "`, `path = "../`),
				"locked/platform.json": small["platform.json"]},
			says: "no space left on device"},
		{name: "memory on disk", files: map[string]string{"pos.csv": rows.String()},
			day:  badDay{Disks: []string{"TEMP"}, Steps: []step{{Fill: "TEMP"}, reconcile("run", "files", "--memory-limit", "16MiB")}},
			want: 1, says: "keep on disk what does not fit memory"},
		{name: "no place for a socket", day: badDay{Disks: []string{"TEMP"}, Steps: []step{{Lock: "TEMP"}, reconcile("run", "files")}},
			want: 1, says: "read-only file system"},
		{name: "first pull", day: badDay{Disks: []string{"DATA"}, Steps: []step{{Fill: "DATA"}, reconcile("pull")}}, want: 1, says: "no space left"},
		{name: "pull", day: badDay{Disks: []string{"DATA"}, Steps: []step{reconcile("pull"), {Fill: "DATA"}, reconcile("pull", "--full")}},
			want: 1, says: "there is no room left for the Local Copy"},
		{name: "pull on a read-only disk", day: badDay{Disks: []string{"DATA"}, Steps: []step{reconcile("pull"), {Lock: "DATA"}, reconcile("pull")}},
			want: 1, says: "name a folder that can with --data"},
		{name: "offline on a full disk", day: badDay{Disks: []string{"DATA"}, Steps: []step{reconcile("pull"), {Fill: "DATA"}, reconcile("pull", "--full"),
			reconcile("run", "copy", "--offline")}}, out: "A-1"},
		{name: "offline on a read-only disk", day: badDay{Disks: []string{"DATA"}, Steps: []step{reconcile("pull"), {Lock: "DATA"}, reconcile("run", "copy", "--offline")}},
			out: "A-1"},
		{name: "offline on a full disk after a killed pull", day: badDay{Disks: []string{"DATA"}, Steps: []step{reconcile("pull"),
			{Run: []string{"pull", "--full"}, Killed: "DATA"}, {Fill: "DATA"}, reconcile("run", "copy", "--offline")}}, out: "A-1"},
		{name: "offline on a read-only disk after a killed pull", day: badDay{Disks: []string{"DATA"}, Steps: []step{reconcile("pull"),
			{Run: []string{"pull", "--full"}, Killed: "DATA"}, {Lock: "DATA"}, reconcile("run", "copy", "--offline")}}, out: "A-1"},
		{name: "backup over an old one", files: map[string]string{"b.tar": "an old backup"}, env: []string{historyEnv + "="}, day: badDay{Disks: []string{"DIR"},
			Steps: []step{reconcile("run", "files", "--format", "csv"), {Fill: "DIR", Room: 16384}, reconcile("backup", "b.tar")}}, want: 1, says: "make a backup: write b.tar: no space left on device"},
		{name: "backup of a full disk", env: []string{historyEnv + "="}, day: badDay{Disks: []string{"DIR", "DATA"},
			Steps: []step{reconcile("run", "files", "--format", "csv"), {Fill: "DATA"}, reconcile("backup", "b.tar")}}, want: 1, says: "there is no room left in the data folder "},
		{name: "backup with a little room", env: []string{historyEnv + "="}, day: badDay{Disks: []string{"DIR", "DATA"},
			Steps: []step{reconcile("run", "files", "--format", "csv"), {Fill: "DATA", Room: 98304}, reconcile("backup", "b.tar")}}, want: 1, says: "make a backup: there is no room left in the data folder "},
		{name: "doctor on a full disk", day: badDay{Disks: []string{"DATA"}, Steps: []step{reconcile("pull"), {Fill: "DATA"}, reconcile("doctor")}},
			want: 1, finds: "the folder for Local Copies, DATA/reconcile/copies, cannot be written: no space left on device"},
		{name: "doctor on a read-only disk", day: badDay{Disks: []string{"DIR", "HOME"}, Steps: []step{{Lock: "DIR"}, {Lock: "HOME"}, reconcile("doctor")}},
			finds: "the configuration's folder, DIR, cannot be written: read-only file system"},
		{name: "doctor without temporary files", day: badDay{Disks: []string{"TEMP"}, Steps: []step{{Fill: "TEMP"}, reconcile("doctor")}},
			want: 1, finds: "the folder for temporary files, TEMP, cannot be written: no space left on device"},
		{name: "doctor without a home", env: []string{"HOME=", "XDG_DATA_HOME=", "XDG_CACHE_HOME="}, day: badDay{Steps: []step{reconcile("doctor")}},
			want: 1, finds: "is not defined; name one with --data"},
		{name: "doctor with few open files", day: badDay{Files: 60, Steps: []step{reconcile("doctor")}}, want: 1, finds: "a process may have 60 files open: too few for a run"},
		{name: "few open files", day: badDay{Files: 20, Steps: []step{reconcile("run", "files")}}, want: 1, says: "this process may open no more files: allow it more"},
	} {
		if os.Getenv("RECONCILE_TEST_LONG") == "" && !slices.Contains(everyDay, tc.name) {
			continue
		}
		had = append(had, tc.name)
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			base := t.TempDir()
			short, err := os.MkdirTemp("/tmp", "bad") // a socket's folder is elsewhere where this is long
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = os.RemoveAll(short) })
			at := func(name string) string {
				if name == "t" {
					return short
				}
				return filepath.Join(base, name)
			}
			names := strings.NewReplacer("DIR", at("dir"), "TEMP", at("t"), "DATA", at("data"), "HOME", at("home"), "BIN", at("bin"), "SELF", self)
			files := maps.Clone(small)
			maps.Copy(files, tc.files)
			put(t, at("dir"), files)
			link := filepath.Join(at("real"), "shop-connector")
			if err := errors.Join(os.Mkdir(at("data"), 0o700), os.Mkdir(at("home"), 0o700), os.Mkdir(at("real"), 0o700),
				os.Symlink(self, link), thinConnector(at("bin"), "shop-connector", link)); err != nil {
				t.Fatal(err)
			}
			day := tc.day
			day.Dir = at("dir")
			day.Disks = each(day.Disks, names.Replace)
			steps := make([]step, len(day.Steps))
			for i, s := range day.Steps {
				steps[i] = step{names.Replace(s.Fill), names.Replace(s.Lock), s.Room, each(s.Run, names.Replace), s.To, names.Replace(s.Killed)}
			}
			day.Steps = steps
			env := append([]string{"TMPDIR=" + at("t"), "HOME=" + at("home"), "XDG_DATA_HOME=" + at("data"), "XDG_CACHE_HOME=" + at("home"),
				"PATH=" + at("bin") + ":" + os.Getenv("PATH")}, tc.env...)
			after := befall(t, day, env...)
			last := after.Outcomes[len(after.Outcomes)-1]
			if last.Status != tc.want || !strings.Contains(last.Stderr, tc.says) || !strings.Contains(last.Stdout, tc.out) ||
				!strings.Contains(last.Stdout, names.Replace(tc.finds)) || tc.want != 0 && tc.finds == "" && last.Stdout != "" {
				t.Errorf("status %d, want %d with %q\nstdout: %s\nstderr: %s", last.Status, tc.want, tc.says+tc.out+tc.finds, last.Stdout, last.Stderr)
			}
			for path, content := range after.Files {
				if rel, err := filepath.Rel(at("dir"), path); err == nil && filepath.IsLocal(rel) {
					if was, ok := files[rel]; !ok || was != content {
						t.Errorf("%s holds %q", rel, content)
					}
				} else if strings.Contains(path, "/.backup-") {
					t.Errorf("left behind: %s", path)
				} else if rel, err := filepath.Rel(at("t"), path); err == nil && filepath.IsLocal(rel) {
					t.Errorf("left behind: %s", path)
				}
			}
		})
	}
}

func each(list []string, f func(string) string) []string {
	var done []string
	for _, s := range list {
		done = append(done, f(s))
	}
	return done
}

// TestFullStdout checks of every command that writes to stdout that it fails where that cannot be.
func TestFullStdout(t *testing.T) {
	sample, err := filepath.Abs(filepath.Join("..", "..", "reconcile.hcl"))
	if err != nil {
		t.Fatal(err)
	}
	for _, args := range []string{"rules", "validate", "validate --format json", "run", "explain PUMP-F", "test", "plugin list", "plugin docs file", "completion bash", "--help", "run --help", "--version", "sources"} {
		t.Run(args, func(t *testing.T) {
			t.Parallel()
			full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
			if err != nil {
				t.Skip(err)
			}
			defer full.Close()
			cmd := program(t, filepath.Dir(sample), strings.Fields(args)...)
			var said bytes.Buffer
			cmd.Stdout, cmd.Stderr = full, &said
			_ = cmd.Run()
			if status := cmd.ProcessState.ExitCode(); status != statusFailed || !strings.Contains(said.String(), "no space left") {
				t.Errorf("status %d: %s", status, said.String())
			}
		})
	}
}
