package main

import (
	"bufio"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestServe starts the screen as people do, and stops it as services are.
func TestServe(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("Windows has no SIGTERM")
	}
	t.Parallel()
	root, err := filepath.Abs(filepath.Join("..", ".."))
	if err != nil {
		t.Fatal(err)
	}
	cmd := program(t, t.TempDir(), "serve", "--listen", "127.0.0.1:0", "--data", "data", "--config", filepath.Join(root, "reconcile.hcl"))
	var said strings.Builder
	cmd.Stderr = &said
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewReader(out)
	line := func(pattern string) string {
		t.Helper()
		text, err := lines.ReadString('\n')
		found := regexp.MustCompile(pattern).FindStringSubmatch(text)
		if err != nil || found == nil {
			_ = cmd.Process.Kill()
			_ = cmd.Wait()
			t.Fatalf("it said %q: %v\n%s", text, err, said.String())
		}
		return found[1]
	}
	at := line(`^Listening on (http://127\.0\.0\.1:\d+)\n$`)
	link := line(`^Set up the first administrator: (http://127\.0\.0\.1:\d+/setup\?token=[A-Z2-7]{26})\n$`)
	for _, url := range []string{at + "/healthz", link} {
		answer, err := http.Get(url)
		if err != nil {
			t.Fatal(err)
		}
		_, _ = io.Copy(io.Discard, answer.Body)
		_ = answer.Body.Close()
		if answer.StatusCode != http.StatusOK {
			t.Errorf("%s: %s", url, answer.Status)
		}
	}
	importSample(t, at, strings.TrimPrefix(link, at+"/setup?token="))
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	rest, err := io.ReadAll(lines)
	if err != nil || len(rest) > 0 {
		t.Errorf("at the end it said %q: %v", rest, err)
	}
	if err := cmd.Wait(); err != nil {
		t.Errorf("stopped by SIGTERM: %v", err)
	}
	if text := said.String(); strings.Contains(text, "token=") || strings.Contains(text, strings.TrimPrefix(link, at+"/setup?token=")) {
		t.Errorf("the log has the link's secret:\n%s", text)
	}
	if _, err := os.Stat(cmd.Dir + "/data/reconcile.db"); err != nil {
		t.Error(err)
	}
}

// importSample sets up the first administrator, imports the sample, and looks at what there is then.
func importSample(t *testing.T, at, token string) {
	t.Helper()
	jar, _ := cookiejar.New(nil) // never fails
	browser := &http.Client{Jar: jar}
	ask := func(answer *http.Response, err error) (*http.Response, string) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		defer answer.Body.Close()
		text, err := io.ReadAll(answer.Body)
		if err != nil || answer.StatusCode != http.StatusOK {
			t.Fatalf("%s: %v\n%s", answer.Status, err, text)
		}
		return answer, string(text)
	}
	ask(browser.PostForm(at+"/setup", url.Values{"token": {token}, "name": {"ann"}, "password": {"a good password"}}))
	for range 2 { // pressed twice, it is one run
		ask(browser.Post(at+"/inventory/bigcommerce/import", "", nil))
	}
	run, busy := "", true
	for end := time.Now().Add(5 * time.Minute); run == "" || busy; time.Sleep(20 * time.Millisecond) { // between two looks at another process
		band, text := ask(browser.Get(at + "/inventory/bigcommerce/band"))
		run, busy = band.Header.Get("X-Last-Run"), strings.Contains(text, "Importing")
		if time.Now().After(end) || strings.Contains(text, "could not be imported") {
			t.Fatalf("there is no run:\n%s", text)
		}
	}
	_, page := ask(browser.Get(at + "/inventory/bigcommerce?details=1"))
	for _, want := range []string{"LIGHT-F", "Import Skus", "Display Discrepancy Details", "BigCommerce"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page has no %q", want)
		}
	}
	_, why := ask(browser.Get(at + "/inventory/bigcommerce/why?item=LIGHT-F&rule=P"))
	if !strings.Contains(why, "pos.price != store.price") {
		t.Errorf("why has no condition:\n%s", why)
	}
}
