package main

import (
	"bufio"
	"io"
	"net/http"
	"os"
	"regexp"
	"runtime"
	"strings"
	"syscall"
	"testing"
)

// TestServe starts the screen as people do, and stops it as services are.
func TestServe(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("Windows has no SIGTERM")
	}
	t.Parallel()
	cmd := program(t, t.TempDir(), "serve", "--listen", "127.0.0.1:0", "--data", "data")
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
