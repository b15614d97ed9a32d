package session_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/reconcilehq/reconcile/engine/report"
	"github.com/reconcilehq/reconcile/plugins/connectors/file"
	"github.com/reconcilehq/reconcile/plugins/host"
	"github.com/reconcilehq/reconcile/plugins/sdk"
	"github.com/reconcilehq/reconcile/rules"

	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/guard"
	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/session"
)

const connectorArg = "__connector"

func TestMain(m *testing.M) {
	if len(os.Args) == 2 && os.Args[1] == connectorArg {
		sdk.Serve(file.Connector())
		return
	}
	os.Exit(m.Run())
}

// heard keeps what a session tells. It implements session.Listener.
type heard struct {
	mu       sync.Mutex
	messages []session.Message
	reads    []string // the sources of each read; "" where one ended
}

func (h *heard) Tell(m session.Message) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.messages = append(h.messages, m)
}
func (h *heard) Begin(sources []string)             { h.reads = append(h.reads, strings.Join(sources, " and ")) }
func (h *heard) Progress(int, int64, int64, string) {}
func (h *heard) Waiting(int, time.Time, string)     {}
func (h *heard) End()                               { h.reads = append(h.reads, "") }

// shop is a folder with a configuration of two files, in which P-2 has two prices.
func shop(t *testing.T, more string) session.Options {
	t.Helper()
	dir := t.TempDir()
	for name, text := range map[string]string{
		"shop.csv": "sku,name,price\nP-1,Bell,10\nP-2,Horn,20\n", "web.csv": "sku,name,price\nP-1,Bell,10\nP-2,Horn,21\n",
		"reconcile.hcl": `
source "file" "shop" {
  path = "shop.csv"
}
source "file" "web" {
  path = "web.csv"
}
reconciliation "x" {
  pos   = source.file.shop
  store = source.file.web
}
rule "P" {
  when = pos.price != store.price
}
` + more} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return session.Options{ConfigPath: filepath.Join(dir, "reconcile.hcl"), DataDir: dir, Self: guard.Self{Version: "0.0.0-test", Bundled: []string{"file"},
		Command: func(string) (host.Command, error) {
			return host.Command{Path: self, Args: []string{self, connectorArg}}, nil
		}}}
}

func prepare(t *testing.T, s *session.Session) *session.Prepared {
	t.Helper()
	p, err := s.Prepare(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Close)
	return p
}

// csvOf returns the result of a run as CSV.
func csvOf(ctx context.Context, s *session.Session) (string, error) {
	p, err := s.Prepare(ctx, "")
	if err != nil {
		return "", err
	}
	defer p.Close()
	result, err := p.Run(ctx, session.RunOptions{All: true})
	if err != nil {
		return "", err
	}
	defer p.CloseResult(result)
	var b bytes.Buffer
	err = report.CSV().Write(&b, result, report.Options{All: true})
	return b.String(), err
}

// TestSideBySide has several callers use the application in one process, as a page and workers do: each gets its own result
// and hears of its own reads, and the process's streams stay empty.
func TestSideBySide(t *testing.T) {
	streams, err := os.Create(filepath.Join(t.TempDir(), "streams"))
	if err != nil {
		t.Fatal(err)
	}
	defer streams.Close()
	stdout, stderr := os.Stdout, os.Stderr
	os.Stdout, os.Stderr = streams, streams
	defer func() { os.Stdout, os.Stderr = stdout, stderr }()

	var all sync.WaitGroup
	listeners, results, errs := make([]heard, 3), make([]string, 3), make([]error, 3)
	for i := range results {
		o := shop(t, "")
		o.Listener = &listeners[i]
		all.Go(func() { results[i], errs[i] = csvOf(t.Context(), session.New(o)) })
	}
	all.Wait()
	for i, got := range results {
		if errs[i] != nil || !strings.Contains(got, "\nP-1,Bell,matched,S,") || !strings.Contains(got, "\nP-2,Horn,matched,N,") {
			t.Errorf("%v\n%s", errs[i], got)
		}
		if want := []string{"shop and web", ""}; !slices.Equal(listeners[i].reads, want) {
			t.Errorf("it hears of the reads %q, want %q", listeners[i].reads, want)
		}
		for _, m := range listeners[i].messages {
			if m.Kind != session.Notice || m.Source == nil {
				t.Errorf("it hears %+v", m)
			}
		}
	}
	if text, err := os.ReadFile(streams.Name()); err != nil || len(text) > 0 {
		t.Errorf("on the streams stands %q, %v", text, err)
	}
}

// TestMistakes says that all mistakes come at once, with the files that they are in, and without the passwords in these.
func TestMistakes(t *testing.T) {
	const secret = "tr0ub4dor"
	o := shop(t, `
rule "A" {
  when = pos.colour == "red"
}
rule "B" {
  when = pos.price == "10"
}
source "file" "third" {
  path         = "web.csv"
  access_token = "`+secret+`"
}
`)
	_, err := session.New(o).Prepare(t.Context(), "")
	var mistakes *session.MistakesError
	if !errors.As(err, &mistakes) {
		t.Fatalf("%v", err)
	}
	all := ""
	for _, d := range mistakes.Diags {
		all += fmt.Sprintf("line %d: %s: %s\n", d.Subject.Start.Line, d.Summary, d.Detail)
	}
	for _, want := range []string{"line 17: ", "line 20: "} {
		if !strings.Contains(all, want) {
			t.Errorf("no mistake in %s\n%s", want, all)
		}
	}
	text := string(mistakes.Files[o.ConfigPath].Bytes)
	if strings.Contains(all+text, secret) || !strings.Contains(text, "access_token = …") {
		t.Errorf("the password is told:\n%s\n%s", all, text)
	}
}

// TestFindItems says that single items are found, explained, and missed with the SKUs that are near.
func TestFindItems(t *testing.T) {
	p := prepare(t, session.New(shop(t, "")))
	held, err := p.Find(t.Context(), "P-2", "p2")
	if err != nil {
		t.Fatal(err)
	}
	items, err := held.Find("P-2")
	if err != nil || len(items) != 1 {
		t.Fatalf("%d items, %v", len(items), err)
	}
	why := held.Explain(items[0])
	if len(why) != 1 || why[0].Code != "P" || why[0].Cell.State.String() != "N" {
		t.Errorf("%+v", why)
	}
	if _, err := held.Find("p2"); err == nil || !strings.Contains(err.Error(), `Did you mean "P-2"`) {
		t.Errorf("%v", err)
	}
	if err := p.CheckCodes("P", "p"); err == nil || !strings.Contains(err.Error(), `has no rule "p"`) {
		t.Errorf("%v", err)
	}
}

// TestAccept says that what is accepted is intentional in the next run, and that what is no discrepancy is not accepted.
func TestAccept(t *testing.T) {
	s := session.New(shop(t, ""))
	terms := rules.Terms{Reason: "on offer", Pin: true}
	if _, err := prepare(t, s).Accept(t.Context(), session.Choice{SKUs: []string{"P-1"}, Codes: []string{"P"}}, terms); err == nil {
		t.Error("a cell that is S was accepted")
	}
	done, err := prepare(t, s).Accept(t.Context(), session.Choice{SKUs: []string{"P-2"}, Codes: []string{"P"}}, terms)
	if err != nil || len(done.List) != 1 || done.List[0].SKU != "P-2" || done.Baseline != "" {
		t.Fatalf("%+v, %v", done, err)
	}
	if got, err := csvOf(t.Context(), s); err != nil || !strings.Contains(got, "\nP-2,Horn,matched,I,") {
		t.Errorf("%v\n%s", err, got)
	}
	again, err := prepare(t, s).Accept(t.Context(), session.Choice{AllCurrent: true}, terms)
	if err != nil || len(again.List) > 0 {
		t.Errorf("%+v, %v", again, err)
	}
}

// TestCancelled says that a caller who gives up gets context.Canceled, and no half a result.
func TestCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for name, do := range map[string]func(*session.Session) error{
		"run":     func(s *session.Session) error { _, err := csvOf(ctx, s); return err },
		"check":   func(s *session.Session) error { _, err := s.Check(ctx, false); return err },
		"sources": func(s *session.Session) error { _, err := s.Open(ctx, nil); return err },
		"copies":  func(s *session.Session) error { _, err := s.Copies(ctx, nil); return err },
	} {
		if err := do(session.New(shop(t, ""))); !errors.Is(err, context.Canceled) {
			t.Errorf("%s: %v", name, fmt.Sprint(err))
		}
	}
}

// TestInWords says mistakes as owners of shops read them: a line each, the place in words, and no warning.
func TestInWords(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "reconcile.hcl")
	said := func() string {
		s := session.New(session.Options{ConfigPath: path})
		config, diags := s.Load()
		return session.InWords(fmt.Errorf("import: %w", s.Refuse(config, diags)))
	}
	if got := said(); !strings.HasPrefix(got, "No configuration. There is no ") {
		t.Errorf("without a configuration: %s", got)
	}
	if err := os.WriteFile(path, []byte("rule \"X\" {\n  when = pos.price !=\n}\nrule \"Y\" {\n}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if got := said(); !strings.HasPrefix(got, path+", line 2: Invalid expression. ") && !strings.HasPrefix(got, "reconcile.hcl, line 2: Invalid expression. ") {
		t.Errorf("a mistake: %s", got)
	}
	if got := session.InWords(errors.New("the store is away")); got != "the store is away" {
		t.Errorf("no mistake: %s", got)
	}
}
