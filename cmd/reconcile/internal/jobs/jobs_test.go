package jobs

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"
)

// TestMain lets the test binary be a worker that does as it is told.
func TestMain(m *testing.M) {
	if len(os.Args) == 2 && os.Args[0] == "worker" {
		teller := NewTeller(os.Stdout)
		switch os.Args[1] {
		case "good":
			teller.Begin([]string{"shop", "web"})
			teller.Progress(1, 3, 10, "page 2")
			teller.Progress(7, 3, 10, "nonsense") // of a source that there is not
			<-UntilEnd(context.Background(), os.Stdin).Done()
			teller.End()
			teller.Say(Event{Run: "a-run"})
		case "lingering": // it is done, and its process is still there
			teller.Say(Event{Run: "a-run"})
			<-UntilEnd(context.Background(), os.Stdin).Done()
		case "failing":
			teller.Say(Event{Failure: "the store is away"})
			os.Exit(1)
		case "crashing":
			fmt.Fprintln(os.Stderr, "panic: oh")
			os.Exit(2)
		case "ordered":
			in := bufio.NewReader(os.Stdin)
			order, err := ReadOrder(in)
			if err != nil {
				teller.Say(Event{Failure: err.Error()})
				os.Exit(1)
			}
			teller.Begin([]string{"shop"})
			<-UntilEnd(context.Background(), in).Done()
			teller.Say(Event{Done: fmt.Sprint(order.ID, " ", len(order.Plan.SKUs)), Estimate: &Estimate{Requests: 3}})
		case "silent": // until it is told to give up
			<-UntilEnd(context.Background(), os.Stdin).Done()
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

type failure struct{ name, why string }

func newImports(t *testing.T) (*Imports, chan failure) {
	failures := make(chan failure, 10)
	return &Imports{Log: slog.New(slog.DiscardHandler),
		Command: func(name string) (*exec.Cmd, error) {
			path, err := os.Executable()
			return &exec.Cmd{Path: path, Args: []string{"worker", name}}, err
		},
		Failed: func(name string, _ time.Time, why string) { failures <- failure{name, why} },
	}, failures
}

// until waits for something that a worker does.
func until(t *testing.T, what string, is func() bool) {
	t.Helper()
	for end := time.Now().Add(2 * time.Minute); !is(); {
		if time.Now().After(end) {
			t.Fatalf("%s: this has not come", what)
		}
		time.Sleep(time.Millisecond) // between two looks at another process
	}
}

func TestOneAtATime(t *testing.T) {
	i, failures := newImports(t)
	if began, err := i.Start("good", ""); err != nil || !began {
		t.Fatal(began, err)
	}
	until(t, "progress", func() bool {
		s, is := i.State("good")
		return is && len(s.Sources) == 2 && s.Sources[1] == Reading{"web", 3, 10, "page 2"}
	})
	if began, err := i.Start("good", ""); err != nil || began {
		t.Errorf("pressed twice: %v, %v", began, err)
	}
	i.mu.Lock()
	i.running["good"].stop()
	i.mu.Unlock()
	until(t, "the end", func() bool { return i.Running() == 0 })
	if len(failures) > 0 {
		t.Error(<-failures)
	}
	if began, err := i.Start("good", ""); err != nil || !began {
		t.Errorf("pressed again: %v, %v", began, err)
	}
	i.Stop()
	if err := i.Wait(t.Context()); err != nil {
		t.Error(err)
	}
	if _, err := i.Start("good", ""); err == nil {
		t.Error("an import begins while the server ends")
	}
}

// TestFollows asks for an import where the one under way is not as good: it has its results already, or was begun when something else was known. One
// follows, however many ask for it.
func TestFollows(t *testing.T) {
	for name, told := range map[string]bool{"lingering": true, "good": false} {
		t.Run(name, func(t *testing.T) {
			i, failures := newImports(t)
			start := func(seeing string, want bool) {
				t.Helper()
				if began, err := i.Start(name, seeing); err != nil || began != want {
					t.Errorf("%q: %v, %v", seeing, began, err)
				}
			}
			job := func() *job { i.mu.Lock(); defer i.mu.Unlock(); return i.running[name] }
			start("a", true)
			first := job()
			until(t, "its first words", func() bool {
				i.mu.Lock()
				defer i.mu.Unlock()
				return first.told || len(first.state.Sources) > 0
			})
			start("a", told)
			start("b", !told)
			start("c", false)
			first.stop()
			until(t, "the next one", func() bool { return job() != first })
			if s, is := i.State(name); !is || job() == nil || s.Began.Before(first.state.Began) {
				t.Errorf("between two imports it looks as if there were none: %v", s)
			}
			second := job()
			second.stop()
			until(t, "the end", func() bool { return job() == nil })
			if len(failures) > 0 {
				t.Error(<-failures)
			}
		})
	}
}

// TestFollowerFails has an import that was waiting not begin. It looks as if there were one until that was told.
func TestFollowerFails(t *testing.T) {
	i, failures := newImports(t)
	tell := i.Failed
	i.Failed = func(name string, began time.Time, why string) {
		if _, is := i.State(name); !is {
			t.Error("nobody can know yet why there is no import any more")
		}
		tell(name, began, why)
	}
	if _, err := i.Start("good", "a"); err != nil {
		t.Fatal(err)
	}
	i.mu.Lock()
	first := i.running["good"]
	i.mu.Unlock()
	i.Command = func(string) (*exec.Cmd, error) { return nil, errors.New("this program's file is gone") }
	if began, err := i.Start("good", "b"); err != nil || !began {
		t.Fatal(began, err)
	}
	first.stop()
	if f := <-failures; f.why != "the import did not begin: this program's file is gone" {
		t.Error(f)
	}
	until(t, "the end", func() bool { return i.Running() == 0 })
}

// TestDoesNotBegin says of an import that cannot be started that it did not begin.
func TestDoesNotBegin(t *testing.T) {
	i, _ := newImports(t)
	i.Command = func(string) (*exec.Cmd, error) { return exec.Command("/nowhere"), nil }
	if began, err := i.Start("good", ""); began || err == nil {
		t.Errorf("%v, %v", began, err)
	}
}

func TestFailures(t *testing.T) {
	for name, want := range map[string]string{"failing": "the store is away", "crashing": "the import ended before it was done (exit status 2)"} {
		i, failures := newImports(t)
		if _, err := i.Start(name, ""); err != nil {
			t.Fatal(err)
		}
		if f := <-failures; f.name != name || f.why != want {
			t.Errorf("%v", f)
		}
		until(t, "the end", func() bool { return i.Running() == 0 })
	}
}

// TestGivenUp says that an import that was given up for the server's end did not fail, and neither did the one that was to follow it.
func TestGivenUp(t *testing.T) {
	i, failures := newImports(t)
	var said strings.Builder
	i.Log = slog.New(slog.NewTextHandler(&said, nil))
	for _, seeing := range []string{"a", "b"} {
		if began, err := i.Start("silent", seeing); err != nil || !began {
			t.Fatal(began, err)
		}
	}
	i.Stop()
	if err := i.Wait(t.Context()); err != nil || len(failures) > 0 {
		t.Errorf("%v, %d failures", err, len(failures))
	}
	if n := strings.Count(said.String(), "an import was given up"); n != 2 {
		t.Errorf("%d of 2 are said to be given up:\n%s", n, &said)
	}
}

func TestTail(t *testing.T) {
	end := &tail{}
	w := bufio.NewWriter(end)
	for n := range 10_000 {
		fmt.Fprintln(w, "line", n)
	}
	_ = w.Flush()
	if s := end.String(); len(s) > longestTail || !strings.HasSuffix(s, "line 9999\n") {
		t.Errorf("%d bytes, %q", len(s), s[max(len(s)-20, 0):])
	}
}

// TestOrder has a worker be told what to do, in more than a pipe holds, and then to give up.
func TestOrder(t *testing.T) {
	w, ends := &Workers{}, make(chan *Ended, 1)
	command := func() (*exec.Cmd, error) {
		path, err := os.Executable()
		return &exec.Cmd{Path: path, Args: []string{"worker", "ordered"}}, err
	}
	order := &Order{ID: "a-plan", By: "Ann", Plan: &Plan{SKUs: slices.Repeat([]string{strings.Repeat("A", 20)}, 20_000)}}
	if began, err := w.Start("k", Work{Command: command, Order: order, Ended: func(e *Ended) { ends <- e }}); err != nil || !began {
		t.Fatal(began, err)
	}
	if began, err := w.Start("k", Work{Command: command, Order: order}); err != nil || began {
		t.Errorf("a second one: %v, %v", began, err)
	}
	until(t, "the order", func() bool { s, is := w.State("k"); return is && len(s.Sources) == 1 })
	w.Stop()
	e := <-ends
	if e.Last.Done != "a-plan 20000" || e.Last.Estimate == nil || e.Last.Estimate.Requests != 3 || !e.GivenUp || e.Why("plan") != "" {
		t.Errorf("%+v", e)
	}
	if err := w.Wait(t.Context()); err != nil {
		t.Error(err)
	}
}
