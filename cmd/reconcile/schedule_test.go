package main

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/archive"
	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/store"
)

// noise collects what processes say.
type noise struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (n *noise) Write(p []byte) (int, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.text.Write(p)
}

func (n *noise) String() string {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.text.String()
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// until waits until is is true, or fails with what was said.
func until(t *testing.T, said *noise, what string, is func() bool) {
	t.Helper()
	for end := time.Now().Add(5 * time.Minute); !is(); time.Sleep(50 * time.Millisecond) { // between two looks at other processes
		if time.Now().After(end) {
			t.Fatalf("%s: not within five minutes\n%s", what, said)
		}
	}
}

// TestMissedSchedule has a server that is started late make up what it has missed, once, and another one after it has been killed nothing.
func TestMissedSchedule(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("Windows has no kill -9")
	}
	t.Parallel()
	dir := t.TempDir()
	writeFiles(t, dir, map[string]string{"reconcile.hcl": servedConfig + "schedule \"yearly\" {\n  reconciliation = \"bigcommerce\"\n  cron = \"30 2 1 1 *\"\n  timezone = \"Europe/Paris\"\n}\n",
		"pos.csv": "sku,name,price\nA-1,Amp,10\nA-2,Bass,20\n", "web.csv": "sku,name,price\nA-1,Amp,11\nA-2,Bass,20\n"})
	data := filepath.Join(dir, "data")
	config, err := archive.Config(filepath.Join(dir, "reconcile.hcl"))
	must(t, err)
	s, err := store.Open(t.Context(), data)
	must(t, err)
	defer s.Close()
	// The schedule is known since long before its last times: all of these were missed.
	_, err = s.SeenSchedule(t.Context(), config, "yearly", "30 2 1 1 * Europe/Paris", time.Now().AddDate(-3, 0, 0))
	must(t, err)
	for round := range 2 {
		said := &noise{}
		cmd := program(t, dir, "serve", "--listen", "127.0.0.1:0", "--data", "data", "--verbose")
		cmd.Stdout, cmd.Stderr = said, said
		must(t, cmd.Start())
		until(t, said, "the worker beside the server", func() bool { return strings.Contains(said.String(), "msg=ready") })
		if round == 0 {
			until(t, said, "what was missed", func() bool { return strings.Contains(said.String(), "msg=compared") })
		} else {
			until(t, said, "the plan", func() bool { return strings.Contains(said.String(), `msg="looked at schedules"`) })
		}
		at := ""
		until(t, said, "the server's address", func() bool {
			_, at, _ = strings.Cut(said.String(), "Listening on ")
			whole := false
			at, _, whole = strings.Cut(at, "\n")
			return whole
		})
		answer, err := http.Get(at + "/metrics")
		must(t, err)
		text, err := io.ReadAll(answer.Body)
		must(t, errors.Join(err, answer.Body.Close()))
		for _, want := range []string{"reconcile_jobs{state=\"done\"} 1\n", "reconcile_shops{state=\"done\"} 1\n", "reconcile_oldest_result_seconds "} {
			if !strings.Contains(string(text), want) || strings.Contains(string(text), "reconcile_oldest_result_seconds 0\n") {
				t.Errorf("it does not say %s\n%s", want, text)
			}
		}
		must(t, cmd.Process.Kill()) // as nobody could prepare for
		_ = cmd.Wait()
		until(t, said, "the end of the worker", func() bool {
			workers, err := s.Workers(t.Context(), config)
			return err == nil && len(workers) == 0
		})
	}
	runs, err := s.Runs(t.Context(), config, "", true, 0)
	must(t, err)
	jobs, err := s.LastJobs(t.Context(), config)
	must(t, err)
	if len(runs) != 1 || runs[0].Counts.NotSynchronized != 1 || len(jobs) != 1 || jobs[0].State != store.Done || jobs[0].Run != runs[0].ID || !strings.HasSuffix(jobs[0].Night, "-01-01T02:30 yearly") {
		t.Errorf("%+v, %+v", runs, jobs)
	}
	if _, err := os.Stat(filepath.Join(data, "runs", jobs[0].Run+".run")); err != nil {
		t.Error(err)
	}
}
