package trust

import (
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

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
	_, missing := os.Open("none") // in the system's words
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
