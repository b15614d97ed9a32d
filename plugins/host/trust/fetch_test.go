package trust

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// TestFetch says what is fetched and from where it is not.
func TestFetch(t *testing.T) {
	secure := httptest.NewTLSServer(http.NotFoundHandler()) // whose certificate nobody vouches for
	defer secure.Close()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/shop":
			_, _ = w.Write([]byte("plugin"))
		case "/moved":
			http.Redirect(w, r, "/shop", http.StatusFound)
		case "/astray":
			http.Redirect(w, r, "http://shop.example/plugin", http.StatusFound)
		case "/round":
			http.Redirect(w, r, "/round", http.StatusFound)
		case "/short":
			w.Header().Set("Content-Length", "100")
			_, _ = w.Write([]byte("plug"))
		default:
			http.NotFound(w, r)
		}
	}))
	defer server.Close()
	_, missing := os.Stat("none") // in the system's words
	cases := []struct{ place, want, wrong string }{
		{server.URL + "/shop", "plugin", ""},
		{server.URL + "/moved", "plugin", ""},
		{server.URL + "/astray", "", "not fetched by plain http"},
		{server.URL + "/round", "", "redirects more than 10 times"},
		{server.URL + "/short", "", "unexpected EOF"},
		{server.URL + "/none", "", "404 Not Found"},
		{secure.URL, "", "certificate"},
		{"http://shop.example/plugin", "", "use https"},
		{"ftp://shop.example/plugin", "", "fetched by https"},
		{"https://user:pass@127.0.0.1:1/plugin", "", "refused"},
		{t.TempDir(), "", "not a plain file"},
		{"none", "", missing.Error()},
	}
	for _, c := range cases {
		t.Run(c.place, func(t *testing.T) {
			var got strings.Builder
			hash, err := Fetch(t.Context(), c.place, &got)
			if c.wrong != "" {
				if err == nil || !strings.Contains(err.Error(), c.wrong) || strings.Contains(err.Error(), "user:pass@") {
					t.Errorf("the error is %v", err)
				}
				return
			}
			if err != nil || got.String() != c.want || hash != "5e689e2b01672bf33996e75d5e372ff60c536ce1599a1458e867cd8f4bef5160" {
				t.Errorf("got %q, %s, %v", got.String(), hash, err)
			}
		})
	}
}

// TestFetchEnds says that a fetch ends where a server stops in the middle, or never comes to an end, or the person has had enough.
func TestFetchEnds(t *testing.T) {
	closing := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/late" {
			<-closing
			return
		}
		_, _ = w.Write([]byte("plug"))
		w.(http.Flusher).Flush()
		for r.URL.Path == "/endless" && r.Context().Err() == nil {
			_, _ = w.Write([]byte("plug"))
			w.(http.Flusher).Flush()
		}
		<-closing
	}))
	defer server.Close()
	defer close(closing)
	never := time.Hour
	for _, c := range []struct {
		path string
		with patience
		want string
	}{
		{"/stops", patience{50 * time.Millisecond, never}, "nothing came from there for 50ms"},
		{"/late", patience{50 * time.Millisecond, never}, "nothing came from there for 50ms, after 0 bytes"},
		{"/endless", patience{never, 50 * time.Millisecond}, "not at its end after 50ms"},
		{"/endless", patience{never, never}, ""}, // until it is too large
	} {
		n, err := c.with.fetch(t.Context(), server.URL+c.path, io.Discard, 1<<20)
		if c.want == "" && (err != nil || n != 1<<20+1) || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%s: %d bytes, %v", c.path, n, err)
		}
	}
	enough := errors.New("the person has had enough")
	ctx, cancel := context.WithCancelCause(t.Context())
	_, err := patience{never, never}.fetch(ctx, server.URL+"/stops", writer(func() { cancel(enough) }), 1<<20)
	if !errors.Is(err, enough) {
		t.Errorf("interrupted: %v", err)
	}
}

// writer calls itself for each write.
type writer func()

func (w writer) Write(p []byte) (int, error) {
	w()
	return len(p), nil
}

// TestFetchList says that a list of hashes is no larger than lists are.
func TestFetchList(t *testing.T) {
	dir := t.TempDir()
	for size, want := range map[int]string{maxList: "", maxList + 1: "larger than 1 MiB: that is no list of hashes"} {
		path := filepath.Join(dir, "SHA256SUMS")
		if err := os.WriteFile(path, make([]byte, size), 0o600); err != nil {
			t.Fatal(err)
		}
		list, err := FetchList(t.Context(), path)
		if want == "" && (err != nil || len(list) != size) || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%d bytes: %v", size, err)
		}
	}
}

func TestSums(t *testing.T) {
	a, b, c := strings.Repeat("a1", 32), strings.Repeat("b2", 32), strings.Repeat("c3", 32)
	list := "# shop 1.2.0\n" + a + "  shop_1.2.0_linux_amd64\n" + b + " *shop_1.2.0_macos_aarch64\n" + c + "  shop_1.2.0_windows_x86_64.exe\n" +
		c + "  shop_1.2.0_linux_amd64.tar.gz\n" + c + "  till_1.2.0_linux_amd64\n"
	got, err := Sums(list, "https://shop.example/dl/shop_1.2.0_linux_amd64?x=/y")
	want := map[string]string{"linux_amd64": a, "darwin_arm64": b, "windows_amd64": c}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("%v (-want +got)\n%s", err, diff)
	}
	if got, err := Sums(list+c+"  shop.mjs\n", "dist/shop.mjs"); err != nil || len(got) != 1 || got["any"] != c {
		t.Errorf("of a script: %v, %v", got, err)
	}
	for why, bad := range map[string][2]string{
		"does not name":     {list, "shop_1.2.0_linux_arm64"},
		"not name shop":     {list, "shop"},
		"two for":           {list + b + "  shop_1.2.0_linux_amd64\n", "shop_1.2.0_linux_amd64"},
		"is not a SHA-256 ": {"shop_1.2.0_linux_amd64\n", "shop_1.2.0_linux_amd64"},
	} {
		if got, err := Sums(bad[0], bad[1]); err == nil || !strings.Contains(err.Error(), why) {
			t.Errorf("%s: %v, %v", why, got, err)
		}
	}
}
