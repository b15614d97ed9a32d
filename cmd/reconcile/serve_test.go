package main

import (
	"bufio"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
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
	dir := t.TempDir()
	writeFiles(t, dir, map[string]string{"reconcile.hcl": servedConfig, "pos.csv": "sku,name,price\nA-1,Amp,10\nA-2,Bass,20\nA-3,Cable,5\nA-4,Drum,7\n",
		"web.csv": "sku,name,price\nA-1,Amp,11\nA-2,Bass,21\nA-4,Drum,8\n"})
	v := serveIn(t, dir, false)
	cmd, at, link := v.cmd, v.at, v.link
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
	useScreen(t, v)
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	rest, err := io.ReadAll(v.lines)
	if err != nil || len(rest) > 0 {
		t.Errorf("at the end it said %q: %v", rest, err)
	}
	if err := cmd.Wait(); err != nil {
		t.Errorf("stopped by SIGTERM: %v", err)
	}
	if text := v.said.String(); strings.Contains(text, "token=") || strings.Contains(text, strings.TrimPrefix(link, at+"/setup?token=")) {
		t.Errorf("the log has the link's secret:\n%s", text)
	}
	if _, err := os.Stat(cmd.Dir + "/data/reconcile.db"); err != nil {
		t.Error(err)
	}
}

const servedConfig = `
source "file" "pos" {
  path = "pos.csv"
}
source "file" "web" {
  path = "web.csv"
}
reconciliation "bigcommerce" {
  title = "BigCommerce"
  pos   = source.file.pos
  store = source.file.web
}
rule "P" {
  title = "Price"
  when  = pos.price != store.price
}
`

func writeFiles(t *testing.T, dir string, files map[string]string) {
	t.Helper()
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// visitor is somebody with a browser, and the server that is looked at.
type visitor struct {
	*http.Client
	t        *testing.T
	at, link string // of the server; and of its first administrator, "" where there is one
	cmd      *exec.Cmd
	lines    *bufio.Reader // what is left of its stdout
	said     *strings.Builder
}

// serveIn starts the screen in a folder with a configuration, with the data folder data. The end of the test kills it. settled says that there
// is an administrator already.
func serveIn(t *testing.T, dir string, settled bool) *visitor {
	t.Helper()
	return visit(t, program(t, dir, "serve", "--listen", "127.0.0.1:0", "--data", "data"), settled)
}

// visit starts the screen by a command.
func visit(t *testing.T, serve *exec.Cmd, settled bool) *visitor {
	t.Helper()
	jar, _ := cookiejar.New(nil) // never fails
	many := http.DefaultTransport.(*http.Transport).Clone()
	many.MaxIdleConnsPerHost = 100
	v := &visitor{Client: &http.Client{Jar: jar, Transport: many}, t: t, cmd: serve, said: &strings.Builder{}}
	v.cmd.Stderr = v.said
	out, err := v.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := v.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(many.CloseIdleConnections)
	v.lines = bufio.NewReader(out)
	line := func(pattern string) string {
		t.Helper()
		text, err := v.lines.ReadString('\n')
		found := regexp.MustCompile(pattern).FindStringSubmatch(text)
		if err != nil || found == nil {
			_ = v.cmd.Process.Kill()
			_ = v.cmd.Wait()
			t.Fatalf("it said %q: %v\n%s", text, err, v.said.String())
		}
		return found[1]
	}
	v.at = line(`^Listening on (http://127\.0\.0\.1:\d+)\n$`)
	if settled {
		return v
	}
	v.link = line(`^Set up the first administrator: (http://127\.0\.0\.1:\d+/setup\?token=[A-Z2-7]{26})\n$`)
	return v
}

// setUp makes the first administrator.
func (v *visitor) setUp() {
	v.t.Helper()
	answer, err := v.PostForm(v.at+"/setup", url.Values{"token": {strings.TrimPrefix(v.link, v.at+"/setup?token=")}, "name": {"ann"}, "password": {"a good password"}})
	v.ask(http.StatusOK, answer, err)
}

// ask returns what is answered with that status.
func (v *visitor) ask(want int, answer *http.Response, err error) (http.Header, string) {
	v.t.Helper()
	if err != nil {
		v.t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode != want {
		v.t.Fatalf("%s, not %d: %v\n%s", answer.Status, want, err, text)
	}
	return answer.Header, string(text)
}

func (v *visitor) get(path string) (http.Header, string) {
	v.t.Helper()
	answer, err := v.Get(v.at + path)
	return v.ask(http.StatusOK, answer, err)
}

func (v *visitor) post(want int, path, body string) string {
	v.t.Helper()
	answer, err := v.Post(v.at+path, "application/json", strings.NewReader(body))
	_, text := v.ask(want, answer, err)
	return text
}

// imported waits for another run than that, and returns it.
func (v *visitor) imported(last string) string {
	v.t.Helper()
	for end := time.Now().Add(5 * time.Minute); ; time.Sleep(20 * time.Millisecond) { // between two looks at another process
		head, text := v.get("/inventory/bigcommerce/band")
		if run := head.Get("X-Last-Run"); run != last && !strings.Contains(text, "Importing") {
			return run
		}
		if time.Now().After(end) || strings.Contains(text, "could not be imported") {
			v.t.Fatalf("there is no new run:\n%s", text)
		}
	}
}

// useScreen sets up the first administrator, imports, looks at what there is then, and accepts some of it.
func useScreen(t *testing.T, v *visitor) {
	t.Helper()
	v.setUp()
	v.post(http.StatusOK, "/inventory/bigcommerce/import", "")
	run := v.imported("")
	_, page := v.get("/inventory/bigcommerce?details=1")
	for _, want := range []string{"A-4", "Import Skus", "Display Discrepancy Details", "BigCommerce"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page has no %q", want)
		}
	}
	if _, why := v.get("/inventory/bigcommerce/why?item=A-1&rule=P"); !strings.Contains(why, "pos.price != store.price") {
		t.Errorf("why has no condition:\n%s", why)
	}

	// Three are accepted at once, one of them twice.
	accept := "/api/v1/runs/" + run + "/accept"
	codes := make(chan int, 4)
	for _, item := range []string{`{"sku": "A-1", "rule": "P"}`, `{"sku": "A-2", "rule": "P"}`, `{"sku": "A-3"}`, `{"sku": "A-1", "rule": "P"}`} {
		go func() {
			answer, err := v.Post(v.at+accept, "application/json", strings.NewReader(`{"items": [`+item+`], "reason": "on offer"}`))
			if err != nil {
				codes <- 0
				return
			}
			_ = answer.Body.Close()
			codes <- answer.StatusCode
		}()
	}
	got := []int{<-codes, <-codes, <-codes, <-codes}
	if slices.Sort(got); !slices.Equal(got, []int{200, 200, 200, 409}) {
		t.Errorf("accepted at once: %v", got)
	}
	if text := v.post(http.StatusConflict, accept, `{"items": [{"sku": "A-2", "rule": "P"}], "reason": "again"}`); !strings.Contains(text, "accepted already") {
		t.Errorf("accepted twice: %s", text)
	}
	v.post(http.StatusAccepted, "/api/v1/runs", `{"reconciliation": "bigcommerce"}`)
	run = v.imported(run)
	_, text := v.get("/api/v1/runs/" + run + "/items?sort=sku")
	for _, want := range []string{`"sku":"A-1","name":"Amp","status":"matched","class":"intentional","cells":{"P":"I"}`,
		`"sku":"A-3","name":"Cable","status":"pos_only"`, `"sku":"A-4","name":"Drum","status":"matched","class":"not_synchronized"`} {
		if !strings.Contains(text, want) {
			t.Errorf("after the next import there is no %s:\n%s", want, text)
		}
	}
	if strings.Count(text, `"class":"intentional"`) != 2 || !strings.Contains(text, `"reason":"on offer"`) {
		t.Errorf("after the next import:\n%s", text)
	}
	if _, text := v.get("/api/v1/runs/" + run + "/compare"); !strings.Contains(text, `"accepted":3`) || !strings.Contains(text, `"new":0`) {
		t.Errorf("compared: %s", text)
	}
}
