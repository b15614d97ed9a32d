package examples

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/plugins/host"
	"github.com/reconcilehq/reconcile/plugins/proto"
)

// npmEnv names the environment variable that lets the tests run npm, which may ask the network for packages.
const npmEnv = "RECONCILE_TEST_NPM"

// everything builds the connector in typescript/test and returns its file.
func everything(t *testing.T) string { return built(t, "test", "test/everything.ts") }

// built builds a connector, which project checks, and returns its file.
func built(t *testing.T, project, entry string) string {
	t.Helper()
	if os.Getenv(npmEnv) == "" {
		t.Skipf("the SDK in TypeScript is built with npm, which may ask the network: set %s=1 to test it, as .ci/run does", npmEnv)
	}
	installed, err := os.Stat(filepath.Join("typescript", "node_modules", ".package-lock.json"))
	wanted, lockErr := os.Stat(filepath.Join("typescript", "package-lock.json"))
	if lockErr != nil {
		t.Fatal(lockErr)
	}
	if err != nil || installed.ModTime().Before(wanted.ModTime()) {
		node(t, "npm", "ci")
	}
	node(t, "npx", "tsc", "-p", project)
	file := filepath.Join(t.TempDir(), "connector.mjs")
	node(t, "node", "build.mjs", entry, file)
	return file
}

func node(t *testing.T, args ...string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), args[0], args[1:]...)
	cmd.Dir = "typescript"
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", strings.Join(args, " "), err, out)
	}
}

// start starts the connector and configures it.
func start(t *testing.T, file, settings string) (*host.Process, []catalog.Problem) {
	t.Helper()
	program, err := exec.LookPath("node")
	if err != nil {
		t.Fatal(err)
	}
	p, err := host.Start(t.Context(), host.Command{Path: program, Args: []string{"node", file}, Dir: t.TempDir()},
		host.Options{Label: "everything", Timeout: time.Minute, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Close)
	problems, err := p.Configure(t.Context(), []byte(settings), nil)
	if err != nil {
		t.Fatal(err)
	}
	return p, problems
}

// news keeps what a read tells.
type news struct {
	warnings   []string
	unreadable []catalog.Unreadable
	told       []string // progress and waits
	progress   func(text string)
}

func (n *news) Warning(text string) { n.warnings = append(n.warnings, text) }
func (n *news) Notice(string)       {}

func (n *news) Unreadable(list []catalog.Unreadable) error {
	n.unreadable = append(n.unreadable, list...)
	return nil
}

func (n *news) Waiting(until time.Time, text string) {
	n.told = append(n.told, until.String()+": "+text)
}

func (n *news) Progress(items, total int64, text string) {
	n.told = append(n.told, fmt.Sprintf("%d of %d: %s", items, total, text))
	if n.progress != nil {
		n.progress(text)
	}
}

// read reads the fields of all items and returns each as JSON.
func read(ctx context.Context, t *testing.T, p *host.Process, n *news, fields ...string) ([]string, error) {
	t.Helper()
	schema, err := p.Schema(t.Context())
	if err != nil {
		return nil, err
	}
	asked, err := schema.Select(fields)
	if err != nil {
		return nil, err
	}
	var items []string
	done, err := p.Read(ctx, asked, n, func(b *catalog.Batch) error {
		for i := range b.Len() {
			var item []catalog.Value
			for c := range asked.Len() {
				item = append(item, b.Column(c).Value(i))
			}
			text, err := json.Marshal(item)
			if err != nil {
				return err
			}
			items = append(items, string(text))
		}
		return nil
	})
	if err == nil && done.Items != int64(len(items)) {
		t.Errorf("%d items arrived, done says %d", len(items), done.Items)
	}
	return items, err
}

var allFields = []string{"sku", "name", "price", "qoh", "tracked", "options", "variation", "season"}

func TestTypeScript(t *testing.T) {
	file := everything(t)

	t.Run("describe", func(t *testing.T) {
		p, _ := start(t, file, `{"token": "t"}`)
		about := p.Describe()
		got, err := json.Marshal(about.Settings)
		if err != nil {
			t.Fatal(err)
		}
		for _, want := range []string{
			`{"Name":"how","Type":"string","Doc":"What read does.","Required":false,"Sensitive":false,"Default":"\"values\"","Values":["values",`,
			`{"Name":"token","Type":"string","Doc":"A secret.","Required":true,"Sensitive":true,"Default":"","Values":null,"Path":false`,
			`{"Name":"file","Type":"string","Doc":"A file.","Required":false,"Sensitive":false,"Default":"","Values":null,"Path":true`,
			`"Default":"[\"a\",\"b\"]"`, `"Name":"sites","Type":"list(number)"`, `"Name":"words","Type":"map(string)"`, `"Name":"deep","Type":"bool"`,
			`"Blocks":[{"Name":"retry","Doc":"Trying again.","Required":false,"Attributes":[{"Name":"times","Type":"number","Doc":"How often.","Required":true`,
		} {
			if !strings.Contains(string(got), want) {
				t.Errorf("no %s in\n%s", want, got)
			}
		}
	})

	t.Run("settings", func(t *testing.T) {
		p, problems := start(t, file, `{"token": "secret", "items": 7, "ratio": 0.5, "deep": true, "sites": [1, 2], "words": {"a": "b"}, "retry": {"times": 3}}`)
		if len(problems) > 0 {
			t.Fatal(problems)
		}
		facts, err := p.Check(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		want := `{"how":"values","token":6,"items":7,"ratio":0.5,"deep":true,"names":["a","b"],"sites":[1,2],"words":{"a":"b"},"retry":{"times":3},"times":3}`
		if diff := cmp.Diff([]catalog.Fact{{Name: "settings", Value: want}}, facts); diff != "" {
			t.Error(diff)
		}
	})

	t.Run("wrong settings", func(t *testing.T) {
		tests := []struct{ settings, want string }{
			{`{}`, `[token] Setting "token" is missing`},
			{`{"token": "t", "toke": 1}`, `[toke] Unknown setting "toke"`},
			{`{"token": 5}`, `[token] Setting "token" is not a string`},
			{`{"token": "t", "items": 1.5}`, `[items] Setting "items" is not a whole number`},
			{`{"token": "t", "items": "5"}`, `[items] Setting "items" is not a number`},
			{`{"token": "t", "ratio": "5"}`, `[ratio] Setting "ratio" is not a number`},
			{`{"token": "t", "deep": "true"}`, `[deep] Setting "deep" is not a bool`},
			{`{"token": "t", "names": ["a", 5]}`, `[names] Setting "names" is not a list(string)`},
			{`{"token": "t", "sites": "1"}`, `[sites] Setting "sites" is not a list(number)`},
			{`{"token": "t", "words": {"a": 1}}`, `[words] Setting "words" is not a map(string)`},
			{`{"token": "t", "how": "well"}`, `[how] Setting "how" has a value that it cannot have`},
			{`{"token": "t", "retry": {}}`, `[retry times] Setting "times" is missing`},
			{`{"token": "t", "retry": {"times": 1, "wait": 2}}`, `[retry wait] Unknown setting "wait"`},
			{`{"token": "t", "retry": 5}`, `[retry] "retry" is a block`},
			{`{"token": "wrong"}`, `[token] the token is wrong; [retry times] and so is this; [] and all else`},
			{`{"token": "tr0ub4dor", "how": "tr0ub4dor", "items": "tr0ub4dor"}`, `[how] Setting "how" has a value that it cannot have; [items] Setting "items" is not a number`},
		}
		for _, tt := range tests {
			_, problems := start(t, file, tt.settings)
			var got []string
			for _, p := range problems {
				got = append(got, fmt.Sprintf("%v %s", p.Path, p.Summary))
			}
			if diff := cmp.Diff(tt.want, strings.Join(got, "; ")); diff != "" {
				t.Errorf("%s: %s", tt.settings, diff)
			}
		}
	})

	t.Run("values", func(t *testing.T) {
		p, _ := start(t, file, `{"token": "t"}`)
		var n news
		got, err := read(t.Context(), t, p, &n, allFields...)
		if err != nil {
			t.Fatal(err)
		}
		want := []string{
			`["A","Café 🔔",10.1,12345678901234567890,true,{"B":"é","Größe":"M"},["x","é"],"summer"]`,
			`["B","",12345678901234567890.123456789,0,false,{},[],""]`,
			`["C","",null,null,null,{},[],""]`,
			`["D","a\u0000b\nc\nd\n",0.0000001,-0.5,null,{"é":"1\n"},[],""]`,
			`["","",9007199254740991,null,null,{},[],""]`,
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
		if diff := cmp.Diff([]string{"a warning"}, n.warnings); diff != "" {
			t.Error(diff)
		}
		for i, f := range allFields { // each alone: the columns do not lean on each other
			alone, err := read(t.Context(), t, p, &n, f)
			if err != nil {
				t.Fatal(err)
			}
			var first, whole []json.RawMessage
			if err := errors.Join(json.Unmarshal([]byte(alone[0]), &first), json.Unmarshal([]byte(got[0]), &whole)); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(whole[i]), string(first[0])); diff != "" {
				t.Errorf("%s alone: %s", f, diff)
			}
		}
	})

	t.Run("many, two reads at once", func(t *testing.T) {
		const items = 50_000
		p, _ := start(t, file, fmt.Sprintf(`{"token": "t", "how": "many", "items": %d}`, items))
		reads := make(chan error, 2)
		for range 2 {
			go func() {
				got, err := read(t.Context(), t, p, &news{}, "sku", "name", "price", "tracked", "options")
				if err == nil && (len(got) != items || got[items-1] != `["SKU-49999","Item 49999 é",499.99,false,{"Size":"5"}]`) {
					err = fmt.Errorf("%d items, the last %s", len(got), got[len(got)-1])
				}
				reads <- err
			}()
		}
		if err := errors.Join(<-reads, <-reads); err != nil {
			t.Error(err)
		}
	})

	t.Run("currency", func(t *testing.T) {
		p, _ := start(t, file, `{"token": "t", "how": "currency"}`)
		schema, err := p.Schema(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		asked, err := schema.Select([]string{"sku", "price", "weight"}) // what qoh is in was not asked for
		if err != nil {
			t.Fatal(err)
		}
		done, err := p.Read(t.Context(), asked, &news{}, func(*catalog.Batch) error { return nil })
		if diff := cmp.Diff(map[string]catalog.Currency{"price": "CAD"}, done.Currencies); err != nil || diff != "" {
			t.Error(err, diff)
		}
		if diff := cmp.Diff(map[string]catalog.Measure{"weight": "kg"}, done.Units); diff != "" {
			t.Error(diff)
		}
		if want := time.Date(2026, 3, 12, 10, 0, 0, 250e6, time.UTC); !done.ReadAt.Equal(want) || done.File != "old.csv" {
			t.Errorf("the data are of %s, file %q", done.ReadAt, done.File)
		}
	})

	t.Run("unreadable items", func(t *testing.T) {
		p, _ := start(t, file, `{"token": "t", "how": "unreadable", "items": 2500}`)
		schema, err := p.Schema(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		asked, err := schema.Select([]string{"sku"})
		if err != nil {
			t.Fatal(err)
		}
		n := news{}
		done, err := p.Read(t.Context(), asked, &n, func(*catalog.Batch) error { return nil })
		if err != nil || done.Items != 1 || done.Skipped != 4 || len(n.unreadable) != 2502 {
			t.Fatalf("%d items, %d rows skipped, %d items unreadable, error %v", done.Items, done.Skipped, len(n.unreadable), err)
		}
		if first := n.unreadable[0]; first.SKU != "\u00c9" || first.Reason != "line 2: it is torn" {
			t.Errorf("the first is %+v", first)
		}
		if second := n.unreadable[1]; len(second.Reason) > proto.MaxText || !strings.HasPrefix(second.Reason, "line 6: é") || !utf8.ValidString(second.Reason) || strings.Contains(second.Reason, "\ufffd") {
			t.Errorf("its reason has %d bytes: %.20s", len(second.Reason), second.Reason)
		}
		if last := n.unreadable[2501]; last.SKU != "C-2499" {
			t.Errorf("the last is %+v", last)
		}
	})

	t.Run("steps and waiting", func(t *testing.T) {
		p, _ := start(t, file, `{"token": "t", "how": "steps"}`)
		n := news{}
		if _, err := read(t.Context(), t, p, &n, "sku"); err != nil {
			t.Fatal(err)
		}
		until := time.Date(2099, 1, 1, 10, 4, 12, 0, time.UTC).Local()
		want := []string{"0 of 0: page 1", "5 of 10: page 2", "5 of 10: page 3", until.String() + ": waiting for the shop's quota until " + until.Format(time.TimeOnly), "1 of 0: "}
		if diff := cmp.Diff(want, n.told); diff != "" {
			t.Error(diff)
		}
	})

	t.Run("no items", func(t *testing.T) {
		p, _ := start(t, file, `{"token": "t", "how": "many", "items": 0}`)
		if got, err := read(t.Context(), t, p, &news{}, allFields...); err != nil || len(got) != 0 {
			t.Errorf("got %v, %v", got, err)
		}
	})

	for how, want := range map[string]string{
		"throw":     "the shop is closed: it is Sunday",
		"surrogate": `item 1 (SKU "A"), field "name": "half a bell: \ud83d" is not valid Unicode`,
		"wrong":     `item 2 (SKU "B"), field "price": an object does not fit a number`,
		"nan":       `item 1 (SKU "A"), field "price": NaN is no decimal number`,
		"misspelt":  `item 1 (SKU "A"): schema offers no field "qho": did you mean "qoh"?`,
		"rounded":   `item 1 (SKU "A"), field "qoh": 9007199254740992 is a whole number that a number holds only rounded`,
		"keys":      `item 1 (SKU "A"), field "options": the map has two keys that are the same text, "é"`,
		"huge":      `item 1 (SKU "A"), field "name": a text of 65 MiB, more than 16 (max_field)`,
	} {
		t.Run(how, func(t *testing.T) {
			p, _ := start(t, file, fmt.Sprintf(`{"token": "t", "how": %q}`, how))
			_, err := read(t.Context(), t, p, &news{}, allFields...)
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("got %v, want %s", err, want)
			}
			platforms := how == "throw" || how == "keys" || how == "huge"
			if failure := (*host.Failure)(nil); !errors.As(err, &failure) || (failure.Fault == host.Connector) == platforms {
				t.Errorf("%v: it says whose fault that is, but for what the platform has", err)
			}
			if _, err := p.Check(t.Context()); err != nil {
				t.Errorf("after it: %v", err)
			}
		})
	}

	t.Run("cancelled", func(t *testing.T) {
		p, _ := start(t, file, `{"token": "t", "how": "hang"}`)
		for range 3 {
			ctx, cancel := context.WithCancel(t.Context())
			n := news{progress: func(text string) {
				if text == "waiting" {
					cancel()
				}
			}}
			if _, err := read(ctx, t, p, &n, "sku"); !errors.Is(err, context.Canceled) {
				t.Errorf("got %v", err)
			}
			cancel()
		}
		if _, err := p.Check(t.Context()); err != nil {
			t.Errorf("after it: %v", err)
		}
	})

	t.Run("prints", func(t *testing.T) {
		p, _ := start(t, file, `{"token": "t", "how": "print"}`)
		if _, err := read(t.Context(), t, p, &news{}, "sku"); err != nil {
			t.Error(err)
		}
		p.Close()
		if got := p.LastWords(); !strings.Contains(got, "printed to stdout") {
			t.Errorf("what it printed is not in its log: %q", got)
		}
	})

	t.Run("debug", func(t *testing.T) {
		cmd := exec.CommandContext(t.Context(), "node", file, "-debug")
		stdout, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		address := ""
		for lines := bufio.NewScanner(stdout); address == "" && lines.Scan(); {
			if m := regexp.MustCompile(`export RECONCILE_REATTACH='everything=(unix:.*)'`).FindStringSubmatch(lines.Text()); m != nil {
				address = m[1]
			}
		}
		for _, items := range []int{2, 3} { // it outlives a host, and is configured anew
			p, err := host.Attach(t.Context(), address, host.Options{Label: "everything", Log: slog.New(slog.DiscardHandler)})
			if err != nil {
				t.Fatal(err)
			}
			settings := fmt.Sprintf(`{"token": "t", "how": "many", "items": %d}`, items)
			if problems, err := p.Configure(t.Context(), []byte(settings), nil); err != nil || len(problems) > 0 {
				t.Fatal(problems, err)
			}
			if got, err := read(t.Context(), t, p, &news{}, "sku"); err != nil || len(got) != items {
				t.Errorf("%d items, %v", len(got), err)
			}
			p.Close()
		}
		if err := cmd.Process.Signal(os.Interrupt); err != nil {
			t.Fatal(err)
		}
		if err := cmd.Wait(); err != nil {
			t.Errorf("interrupted, it ends with %v", err)
		}
		if _, err := os.Stat(filepath.Dir(strings.TrimPrefix(address, "unix:"))); err == nil {
			t.Error("it left its socket behind")
		}
	})

	t.Run("lifeline", func(t *testing.T) {
		if runtime.GOOS == "windows" {
			t.Skip("there are no inherited descriptors")
		}
		theirs, ours, err := os.Pipe()
		if err != nil {
			t.Fatal(err)
		}
		cmd := exec.CommandContext(t.Context(), "node", file)
		var said bytes.Buffer
		cmd.Stderr = &said
		secret, toPlugin, err := os.Pipe()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := proto.NewSecret().WriteTo(toPlugin); err != nil {
			t.Fatal(err)
		}
		toPlugin.Close()
		cmd.ExtraFiles = []*os.File{theirs, secret}
		cmd.Env = append(os.Environ(), proto.Handshake.MagicCookieKey+"="+proto.Handshake.MagicCookieValue,
			proto.LifelineEnv+"=3", proto.SecretEnv+"=4", "PLUGIN_UNIX_SOCKET_DIR="+t.TempDir())
		stdout, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		theirs.Close()
		secret.Close()
		if line, err := bufio.NewReader(stdout).ReadString('\n'); err != nil || !strings.HasPrefix(line, "1|1|unix|/") {
			t.Fatalf("%q, %v\n%s", line, err, &said)
		}
		ours.Close() // as the host's end would
		ended := make(chan error, 1)
		go func() { ended <- cmd.Wait() }()
		select {
		case err := <-ended:
			if err != nil {
				t.Errorf("%v\n%s", err, &said)
			}
		case <-time.After(time.Minute):
			t.Error("it outlives its host")
		}
	})
}
