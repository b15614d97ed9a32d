package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// pseudoTerminal returns both ends of a terminal: what a person has, and what a program has.
func pseudoTerminal(t *testing.T) (person, program *os.File) {
	t.Helper()
	person, err := os.OpenFile("/dev/ptmx", os.O_RDWR, 0)
	if err != nil {
		t.Skipf("this machine has no pseudo-terminals: %v", err)
	}
	t.Cleanup(func() { _ = person.Close() })
	fd := int(person.Fd())
	if err := unix.IoctlSetPointerInt(fd, unix.TIOCSPTLCK, 0); err != nil {
		t.Fatal(err)
	}
	number, err := unix.IoctlGetInt(fd, unix.TIOCGPTN)
	if err != nil {
		t.Fatal(err)
	}
	program, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", number), os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	return person, program
}

// TestInitAsks has a person answer what init asks of a store: its address, how it lets programs in, the secret, where the SKU stands; and
// of a plugin, its settings.
func TestInitAsks(t *testing.T) {
	t.Parallel()
	shop := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("X-Key") != "s3cr3t-t0ken" {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		fmt.Fprint(w, `[{"ref": "A-1", "code": "x", "number": 1, "title": "Bell", "price": 10.5}, {"ref": "A-2", "code": "y", "number": 2, "title": "Lamp", "price": 21}]`)
	}))
	defer shop.Close()
	for _, c := range []struct {
		name    string
		answers []string // a question and its answer, in turn
		said    []string
		written []string
	}{
		{"an address", []string{
			"Which store is it to be compared with", shop.URL,
			"How does the store let programs in", "telnet",
			"How does the store let programs in", "header:X-Key",
			"The value of STORE_KEY (not shown", "s3cr3t-t0ken",
			"Its path: ", "$.nothing",
			"Its path: ", "$.ref",
		}, []string{"is none of these", `There is no place "$.nothing"`, "The store has 2 items", "put it into the environment, as STORE_KEY"},
			[]string{`sku   = "$.ref"`, `env("STORE_KEY")`, `type = "none"`}},
		{"a plugin", []string{
			"or a plugin (lamps)?", "lamps",
			"Its value: ", "Ghent",
			"that has it, or is to have it [LAMPS_TOKEN]: ", "",
			"The value of LAMPS_TOKEN (not shown", "s3cr3t-t0ken",
		}, []string{"branch: Whose lamps they are.", "The store lets us in: Lamps of Ghent", "The store has 2 items"},
			[]string{`branch = "Ghent"`, `token  = env("LAMPS_TOKEN")`}},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			self, err := os.Executable()
			if err == nil {
				err = os.MkdirAll(filepath.Join(dir, ".reconcile", "plugins"), 0o755)
			}
			if c.name == "a plugin" && err == nil {
				err = os.Link(self, filepath.Join(dir, ".reconcile", "plugins", "lamps"))
			}
			if err == nil {
				err = os.WriteFile(filepath.Join(dir, "inventory.csv"), []byte("SKU,Description,Regular Sell Price\nA-1,Bell,10.50\nA-2,Lamp two,20.00\n"), 0o600)
			}
			if err != nil {
				t.Skipf("the program cannot be linked: %v", err)
			}
			person, terminal := pseudoTerminal(t)
			cmd := program(t, dir, "init", "--pos", "inventory.csv")
			cmd.Stdin, cmd.Stdout, cmd.Stderr = terminal, terminal, terminal
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			_ = terminal.Close()
			said, seen := "", 0
			buffer := make([]byte, 4096)
			for {
				n, err := person.Read(buffer)
				said += string(buffer[:n])
				if err != nil { // the program has ended
					break
				}
				if at := strings.Index(said[seen:], question(c.answers)); at >= 0 {
					seen = len(said)
					if strings.Contains(c.answers[0], "not shown") {
						awaitSilence(t, person)
					}
					fmt.Fprintln(person, c.answers[1])
					c.answers = c.answers[2:]
				}
			}
			if err := cmd.Wait(); err != nil || len(c.answers) > 0 {
				t.Fatalf("%v; not asked: %q\n%s", err, c.answers, said)
			}
			text, err := os.ReadFile(filepath.Join(dir, "reconcile.hcl"))
			if err != nil {
				t.Fatal(err)
			}
			for _, want := range c.said {
				if !strings.Contains(said, want) {
					t.Errorf("no %q in\n%s", want, said)
				}
			}
			for _, want := range c.written {
				if !strings.Contains(string(text), want) {
					t.Errorf("no %q in\n%s", want, text)
				}
			}
			if strings.Contains(string(text), "s3cr3t") || strings.Contains(said, "s3cr3t") {
				t.Errorf("the secret is told:\n%s\n%s", said, text)
			}
		})
	}
}

// awaitSilence waits until the terminal shows nothing of what is typed.
func awaitSilence(t *testing.T, person *os.File) {
	t.Helper()
	for t.Context().Err() == nil {
		state, err := unix.IoctlGetTermios(int(person.Fd()), unix.TCGETS)
		if err != nil {
			t.Fatal(err)
		}
		if state.Lflag&unix.ECHO == 0 {
			return
		}
		time.Sleep(time.Millisecond)
	}
}

// question returns the next question that is expected; what nobody asks if there is none.
func question(answers []string) string {
	if len(answers) == 0 {
		return "\x00"
	}
	return answers[0]
}
