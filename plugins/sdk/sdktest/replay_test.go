package sdktest_test

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/reconcilehq/reconcile/plugins/sdk"
	"github.com/reconcilehq/reconcile/plugins/sdk/sdktest"
)

const password, session = `pa"ss wörd/7`, "sess-5f3a91"

// lampShop is a platform that tells its secrets wherever it can: in headers, cookies, links and bodies.
func lampShop(t *testing.T) http.Handler {
	t.Helper()
	items := sdktest.Catalogue(5)
	mux := http.NewServeMux()
	mux.HandleFunc("POST /login", func(w http.ResponseWriter, r *http.Request) {
		if _, given, _ := r.BasicAuth(); given != password {
			http.Error(w, "no", http.StatusUnauthorized)
			return
		}
		w.Header().Set("Set-Cookie", "s="+session)
		w.Header().Set("X-Session", session)
		fmt.Fprintf(w, `{"access_token": %q, "for": %q}`, session, "clerk:"+password)
	})
	mux.HandleFunc("GET /items", func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Get("access_token") != session {
			http.Error(w, "no such session: "+r.URL.Query().Get("access_token"), http.StatusForbidden)
			return
		}
		from := 0
		if _, err := fmt.Sscan(r.URL.Query().Get("from"), &from); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		page := items[from:min(from+2, len(items))]
		next := ""
		if from+2 < len(items) {
			next = fmt.Sprintf("http://%s/items?access_token=%s&from=%d", r.Host, session, from+2)
		}
		text, err := json.Marshal(map[string]any{"items": page, "nextPageToken": fmt.Sprint("page-", from), "next": next, "price": json.Number("10.10")})
		if err != nil {
			t.Error(err)
		}
		_, _ = w.Write([]byte(strings.ReplaceAll(string(text), "/", `\/`)))
	})
	return mux
}

// lamps is a connector's source for it.
type lamps struct {
	URL      string `setting:"url,required"`
	Password string `setting:"password,required,sensitive"`
}

func (l *lamps) Schema(context.Context) ([]sdk.Field, error) {
	return sdk.Known("sku", "name", "price", "qoh"), nil
}

func (l *lamps) ask(ctx context.Context, method, address string, answer any) error {
	req, err := http.NewRequestWithContext(ctx, method, address, nil)
	if err != nil {
		return err
	}
	req.SetBasicAuth("clerk", l.Password)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return errors.New(res.Status)
	}
	return json.NewDecoder(res.Body).Decode(answer)
}

func (l *lamps) Read(ctx context.Context, _ sdk.ReadRequest, emit func(sdk.Item) error) error {
	var login struct {
		Token string `json:"access_token"`
	}
	if err := l.ask(ctx, http.MethodPost, l.URL+"/login", &login); err != nil {
		return err
	}
	last := ""
	for next := l.URL + "/items?from=0&access_token=" + url.QueryEscape(login.Token); next != ""; {
		var page struct {
			Items []struct {
				SKU, Name  string
				Price, QOH *string
			}
			Next string
		}
		if err := l.ask(ctx, http.MethodGet, next, &page); err != nil {
			return err
		}
		if page.Items == nil {
			return errors.New("the answer has no items")
		}
		if page.Next == next || len(page.Items) == 0 || page.Items[0].SKU <= last {
			return errors.New("a page came twice")
		}
		next, last = page.Next, page.Items[0].SKU
		for _, it := range page.Items {
			item := sdk.Item{"sku": it.SKU, "name": it.Name}
			if it.Price != nil {
				item["price"] = *it.Price
			}
			if it.QOH != nil {
				item["qoh"] = *it.QOH
			}
			if err := emit(item); err != nil {
				return err
			}
		}
	}
	return nil
}

func readLamps(ctx context.Context, url, password string) (sdktest.Result, error) {
	return sdktest.Read(ctx, sdk.Connector{New: func() sdk.Source { return &lamps{} }}, sdktest.Settings{"url": url, "password": password})
}

// reporter is a test whose errors are kept.
type reporter struct {
	testing.TB
	errors []string
	clean  []func()
}

func (r *reporter) Error(args ...any)                 { r.errors = append(r.errors, fmt.Sprint(args...)) }
func (r *reporter) Errorf(format string, args ...any) { r.Error(fmt.Sprintf(format, args...)) }
func (r *reporter) Cleanup(f func())                  { r.clean = append(r.clean, f) }
func (r *reporter) Failed() bool                      { return len(r.errors) > 0 }

// TestReplay records a platform, without any secret, and plays it when the platform is gone.
func TestReplay(t *testing.T) {
	want, err := sdktest.Lines(t.Context(), sdktest.Catalogue(5), "sku", "name", "price", "qoh")
	if err != nil {
		t.Fatal(err)
	}
	shop := httptest.NewServer(lampShop(t))
	file := filepath.Join(t.TempDir(), "new", "shop.json")
	t.Setenv(sdktest.RecordEnv, "1")
	recording := &reporter{TB: t}
	got, err := readLamps(t.Context(), sdktest.Replay(recording, file, sdktest.Platform{URL: shop.URL + "/", Secrets: []string{password, ""}}), password)
	for _, f := range recording.clean {
		f()
	}
	shop.Close()
	if err != nil || !slices.Equal(got.Items, want) || recording.errors != nil {
		t.Fatalf("%v, %q, %q", err, got.Items, recording.errors)
	}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	basic := base64.StdEncoding.EncodeToString([]byte("clerk:" + password))
	for _, secret := range []string{password, `pa\"ss`, `wörd`, session, basic, basic[:12], shop.URL, "127.0.0.1", "Set-Cookie"} {
		if strings.Contains(string(text), secret) {
			t.Errorf("%q stands in the recording:\n%s", secret, text)
		}
	}
	for _, part := range []string{`"nextPageToken": "page-0"`, `"price": 10.10`, "{{url}}", "Crème"} {
		if !strings.Contains(string(text), part) {
			t.Errorf("the recording has no %q:\n%s", part, text)
		}
	}

	t.Setenv(sdktest.RecordEnv, "")
	address := sdktest.Replay(t, file, sdktest.Platform{Secrets: []string{"another password"}})
	for range 2 { // as often as one likes
		if got, err = readLamps(t.Context(), address, "another password"); err != nil || !slices.Equal(got.Items, want) {
			t.Errorf("%v, %q", err, got.Items)
		}
	}
}

// TestReplayUnknown says what becomes of requests that were not recorded.
func TestReplayUnknown(t *testing.T) {
	t.Setenv(sdktest.RecordEnv, "")
	file := filepath.Join(t.TempDir(), "shop.json")
	if err := os.WriteFile(file, []byte(`[
		{"method": "GET", "path": "/a", "answer": {"status": 200, "text": "first"}},
		{"method": "GET", "path": "/a", "answer": {"status": 503, "text": "second", "header": {"Retry-After": ["0"]}}},
		{"method": "POST", "path": "/a?x=1", "body": "{\"token\":\"struck-out\"}", "answer": {"status": 201, "json": {"a": 1}}}]`), 0o600); err != nil {
		t.Fatal(err)
	}
	report := &reporter{TB: t}
	address := sdktest.Replay(report, file, sdktest.Platform{Ignore: []string{"since"}})
	defer report.clean[0]()
	ask := func(method, path, body string) string {
		req, err := http.NewRequestWithContext(t.Context(), method, address+path, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		text := make([]byte, 1000)
		n, _ := res.Body.Read(text)
		return fmt.Sprint(res.StatusCode, " ", string(text[:n]))
	}
	for _, c := range []struct{ method, path, body, want string }{
		{"GET", "/a?since=yesterday", "", "200 first"},
		{"GET", "/a", "", "503 second"},
		{"GET", "/a", "", "503 second"},
		{"POST", "/a?x=1", `{"token": "any token"}`, `201 {"a": 1}`},
	} {
		if got := ask(c.method, c.path, c.body); got != c.want || report.errors != nil {
			t.Errorf("%s %s: %s, %q", c.method, c.path, got, report.errors)
		}
	}
	got := ask("GET", "/b?page=2", "")
	if want := "GET /b?page=2 was not recorded. " + file + " has GET /a, POST /a?x=1 "; !strings.HasPrefix(got, "501 "+want) || len(report.errors) != 1 || !strings.HasPrefix(report.errors[0], want) {
		t.Errorf("got %q, and %q", got, report.errors)
	}
}
