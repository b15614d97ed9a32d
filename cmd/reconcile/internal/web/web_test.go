package web

import (
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/store"
)

// site is a server with its store, and what a test needs to talk to it.
type site struct {
	*httptest.Server
	t      *testing.T
	server *Server
	store  *store.Store
	now    time.Time
}

const password = "a good password"

func newSite(t *testing.T, o Options) *site {
	t.Helper()
	s, err := store.Open(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	at := &site{t: t, store: s, now: time.Now()}
	o.Store, o.Now = s, func() time.Time { return at.now }
	at.server = New(o)
	at.Server = httptest.NewServer(at.server)
	t.Cleanup(at.Close)
	return at
}

// browser returns a client with cookies, which follows no redirect.
func (s *site) browser() *http.Client {
	jar, _ := cookiejar.New(nil) // never fails
	return &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
}

// user adds a user, and returns a browser in which they are logged in.
func (s *site) user(name string, role store.Role) *http.Client {
	s.t.Helper()
	if err := s.store.AddUser(s.t.Context(), store.Actor{}, name, role, password); err != nil {
		s.t.Fatal(err)
	}
	b := s.browser()
	if r := s.post(b, "/login", "name", name, "password", password); r.status != http.StatusSeeOther {
		s.t.Fatalf("log in as %s: %d\n%s", name, r.status, r.text)
	}
	return b
}

type got struct {
	*http.Response
	status int
	text   string
}

func (s *site) do(c *http.Client, r *http.Request) got {
	s.t.Helper()
	answer, err := c.Do(r)
	if err != nil {
		s.t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	return got{answer, answer.StatusCode, string(text)}
}

func (s *site) request(method, path, body string) *http.Request {
	s.t.Helper()
	r, err := http.NewRequestWithContext(s.t.Context(), method, s.URL+path, strings.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
	}
	return r
}

func (s *site) get(c *http.Client, path string) got { return s.do(c, s.request("GET", path, "")) }

func (s *site) post(c *http.Client, path string, pairs ...string) got {
	form := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		form.Add(pairs[i], pairs[i+1])
	}
	r := s.request("POST", path, form.Encode())
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return s.do(c, r)
}

func TestSetUp(t *testing.T) {
	s := newSite(t, Options{Setup: "SECRET"})
	b := s.browser()
	if r := s.get(b, "/setup?token=WRONG"); r.status != http.StatusForbidden {
		t.Errorf("a wrong link: %d", r.status)
	}
	if r := s.post(b, "/setup", "token", "", "name", "Eve", "password", password); r.status != http.StatusForbidden {
		t.Errorf("no token: %d", r.status)
	}
	if r := s.get(b, "/setup?token=SECRET"); r.status != http.StatusOK || !strings.Contains(r.text, "User name") {
		t.Fatalf("the link: %d\n%s", r.status, r.text)
	}
	r := s.post(b, "/setup", "token", "SECRET", "name", "Ann", "password", "short")
	if r.status != http.StatusUnprocessableEntity || !strings.Contains(r.text, "The password is too short") || !strings.Contains(r.text, `value="Ann"`) {
		t.Errorf("a short password: %d\n%s", r.status, r.text)
	}
	if r := s.post(b, "/setup", "token", "SECRET", "name", "Ann", "password", password); r.status != http.StatusSeeOther || r.Header.Get("Location") != "/" {
		t.Fatalf("set up: %d\n%s", r.status, r.text)
	}
	if r := s.get(b, "/"); r.status != http.StatusOK || !strings.Contains(r.text, `<b>Ann</b><span class="as"> · admin`) {
		t.Errorf("not logged in afterwards: %d\n%s", r.status, r.text)
	}
	for _, r := range []got{s.get(s.browser(), "/setup?token=SECRET"), s.post(s.browser(), "/setup", "token", "SECRET", "name", "Eve", "password", password)} {
		if r.status != http.StatusForbidden {
			t.Errorf("the link works twice: %d", r.status)
		}
	}
	if users, err := s.store.Users(t.Context()); err != nil || len(users) != 1 {
		t.Errorf("%v, %v", users, err)
	}
}

// TestSetUpWithoutLink says that no secret is no secret that fits: a server that has users has none.
func TestSetUpWithoutLink(t *testing.T) {
	s := newSite(t, Options{})
	if r := s.post(s.browser(), "/setup", "token", "", "name", "Eve", "password", password); r.status != http.StatusForbidden {
		t.Errorf("%d", r.status)
	}
}

func TestLogIn(t *testing.T) {
	s := newSite(t, Options{})
	out := s.user("Ann", store.Admin)
	b := s.browser()
	if r := s.get(b, "/?show=P"); r.status != http.StatusSeeOther || r.Header.Get("Location") != "/login?next=%2F%3Fshow%3DP" {
		t.Errorf("a stranger: %d to %s", r.status, r.Header.Get("Location"))
	}
	for _, wrong := range [][2]string{{"Ann", "wrong password"}, {"Eve", password}, {"", ""}} {
		r := s.post(b, "/login", "name", wrong[0], "password", wrong[1])
		if r.status != http.StatusUnauthorized || !strings.Contains(r.text, "The user name or the password is wrong") || len(r.Cookies()) > 0 {
			t.Errorf("%v: %d\n%s", wrong, r.status, r.text)
		}
		if strings.Contains(r.text, "wrong password") {
			t.Error("the page has the password that was sent")
		}
	}
	r := s.post(b, "/login", "name", "ann", "password", password, "next", "/?show=P")
	if r.status != http.StatusSeeOther || r.Header.Get("Location") != "/?show=P" {
		t.Fatalf("%d to %s", r.status, r.Header.Get("Location"))
	}
	cookie := r.Cookies()[0]
	if !cookie.HttpOnly || cookie.SameSite != http.SameSiteLaxMode || cookie.Secure {
		t.Errorf("the cookie is %v", cookie)
	}
	if r := s.get(b, "/"); r.status != http.StatusOK {
		t.Errorf("%d", r.status)
	}
	if r := s.post(out, "/logout"); r.status != http.StatusSeeOther {
		t.Errorf("log out: %d", r.status)
	}
	if r := s.get(out, "/"); r.status != http.StatusSeeOther {
		t.Errorf("after the log-out: %d", r.status)
	}
	if _, err := s.store.RemoveUser(t.Context(), store.Actor{}, "Ann"); err != nil {
		t.Fatal(err)
	}
	if r := s.get(b, "/"); r.status != http.StatusSeeOther {
		t.Errorf("a user that was removed: %d", r.status)
	}
}

func TestLocalPath(t *testing.T) {
	for next, want := range map[string]string{
		"": "/", "/inventory/x?show=P&q=a": "/inventory/x?show=P&q=a", "//evil.example": "/", "https://evil.example/": "/", "/\\evil.example": "/",
		"\\\\evil.example": "/", "javascript:alert(1)": "/", "/login?next=/login": "/", "/logout": "/", "/%2f/evil.example": "/", "/a\r\nSet-Cookie: x=y": "/",
	} {
		if got := localPath(next); got != want {
			t.Errorf("%q leads to %q, not to %q", next, got, want)
		}
	}
}

func TestOtherOrigins(t *testing.T) {
	s := newSite(t, Options{})
	b := s.user("Ann", store.Admin)
	for name, header := range map[string][2]string{"by its site": {"Sec-Fetch-Site", "cross-site"}, "by its origin": {"Origin", "https://evil.example"}, "of a sibling": {"Sec-Fetch-Site", "same-site"}} {
		r := s.request("POST", "/logout", "")
		r.Header.Set(header[0], header[1])
		if got := s.do(b, r); got.status != http.StatusForbidden {
			t.Errorf("%s: %d", name, got.status)
		}
	}
	if r := s.get(b, "/"); r.status != http.StatusOK {
		t.Error("somebody else has logged Ann out")
	}
}

// TestSlowedLogIns has somebody guess, and somebody else who knows.
func TestSlowedLogIns(t *testing.T) {
	s := newSite(t, Options{})
	s.user("Ann", store.Admin)
	b := s.browser()
	slowed := 0
	for range freeTries + 3 {
		r := s.post(b, "/login", "name", "Ann", "password", "a wrong password")
		if r.status == http.StatusTooManyRequests {
			slowed++
			if r.Header.Get("Retry-After") == "" {
				t.Error("it does not say for how long")
			}
		}
	}
	if slowed == 0 {
		t.Fatal("nobody is slowed down")
	}
	if r := s.post(b, "/login", "name", "Ann", "password", password); r.status != http.StatusTooManyRequests {
		t.Errorf("the right password at once: %d", r.status)
	}
	s.now = s.now.Add(longestWait)
	if r := s.post(b, "/login", "name", "Ann", "password", password); r.status != http.StatusSeeOther {
		t.Errorf("the right password after the wait: %d", r.status)
	}
}

func TestSlowdown(t *testing.T) {
	now := time.Now()
	s := newSlowdown(func() time.Time { return now })
	from, other := netip.MustParseAddr("10.0.0.1"), netip.MustParseAddr("10.0.0.2")
	try := func(user string, from netip.Addr) time.Duration {
		wait, _ := s.begin(user, from)
		return wait
	}
	for range freeTries {
		if wait := try("ann", from); wait > 0 {
			t.Fatalf("the first tries have to wait %v", wait)
		}
	}
	if try("ann", other) == 0 {
		t.Error("the same name from elsewhere is not slowed down")
	}
	if try("bob", from) == 0 {
		t.Error("another name from there is not slowed down")
	}
	if wait := try("bob", other); wait > 0 {
		t.Errorf("somebody else has to wait %v", wait)
	}
	var waits []time.Duration
	for range 12 {
		wait := try("ann", other)
		waits = append(waits, wait)
		now = now.Add(wait)
		try("ann", other)
	}
	if waits[0] >= waits[3] || waits[11] > longestWait {
		t.Errorf("the waits are %v", waits)
	}
	now = now.Add(longestWait)
	_, right := s.begin("ann", from)
	right()
	if wait := try("ann", netip.MustParseAddr("10.0.0.3")); wait > 0 {
		t.Errorf("after the right password: %v", wait)
	}
	six := netip.MustParseAddr("2001:db8::1")
	for range freeTries {
		try("x"+six.String(), six)
		six = six.Next()
	}
	if try("y", six) == 0 {
		t.Error("another address of the same network is another place")
	}
	for i := range mostRemember + 10 {
		try("user", netip.AddrFrom4([4]byte{1, byte(i >> 16), byte(i >> 8), byte(i)}))
		now = now.Add(time.Millisecond)
	}
	if len(s.tries) > mostRemember {
		t.Errorf("%d places are remembered", len(s.tries))
	}
}

func TestWhoSeesMetrics(t *testing.T) {
	ask := func(o Options, set func(*http.Request)) int {
		s := newSite(t, o)
		token, err := s.store.MakeToken(t.Context(), store.Actor{}, "watcher", store.Viewer)
		if err != nil {
			t.Fatal(err)
		}
		r := s.request("GET", "/metrics", "")
		r.Header.Set("Authorization", "none")
		set(r)
		if r.Header.Get("Authorization") == "token" {
			r.Header.Set("Authorization", "Bearer "+token)
		}
		return s.do(http.DefaultClient, r).status
	}
	proxy := Options{Proxies: []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")}}
	for _, test := range []struct {
		name string
		o    Options
		set  func(*http.Request)
		want int
	}{
		{"from this machine", Options{}, func(*http.Request) {}, 200},
		{"passed on", Options{}, func(r *http.Request) { r.Header.Set("X-Forwarded-For", "10.0.0.1") }, 401},
		{"passed on, in the standard's way", Options{}, func(r *http.Request) { r.Header.Set("Forwarded", "for=10.0.0.1") }, 401},
		{"where there is a proxy", proxy, func(*http.Request) {}, 401},
		{"by a name of elsewhere", Options{}, func(r *http.Request) { r.Host = "evil.example" }, 421},
		{"by another name of this machine", Options{Hosts: []string{"shop.example"}}, func(r *http.Request) { r.Host = "shop.example" }, 401},
		{"with a token", proxy, func(r *http.Request) { r.Header.Set("Authorization", "token") }, 200},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := ask(test.o, test.set); got != test.want {
				t.Errorf("%d, not %d", got, test.want)
			}
		})
	}
	if r := newSite(t, proxy); r.get(http.DefaultClient, "/healthz").status != http.StatusOK {
		t.Error("/healthz needs a log-in")
	}
}

func TestAddress(t *testing.T) {
	s := New(Options{Proxies: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}})
	for _, test := range []struct{ peer, told, want string }{
		{"192.0.2.1:5", "", "192.0.2.1"},
		{"192.0.2.1:5", "198.51.100.1", "192.0.2.1"},
		{"10.0.0.1:5", "198.51.100.1", "198.51.100.1"},
		{"10.0.0.1:5", "6.6.6.6, 198.51.100.1", "198.51.100.1"},
		{"10.0.0.1:5", "6.6.6.6, 198.51.100.1, 10.0.0.2", "198.51.100.1"},
		{"10.0.0.1:5", "rubbish", "10.0.0.1"},
		{"[::ffff:10.0.0.1]:5", "198.51.100.1", "198.51.100.1"},
		{"10.0.0.1:5", "", "10.0.0.1"},
	} {
		r := httptest.NewRequest("GET", "/", nil)
		r.RemoteAddr = test.peer
		r.Header.Set("X-Forwarded-For", test.told)
		if got := s.addressOf(r).String(); got != test.want {
			t.Errorf("%v: %s", test, got)
		}
	}
}

// TestSecureCookie says that behind TLS, the server's own or a trusted proxy's, the session goes over nothing else.
func TestSecureCookie(t *testing.T) {
	s := newSite(t, Options{Proxies: []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")}})
	s.user("Ann", store.Admin)
	r := s.request("POST", "/login", url.Values{"name": {"Ann"}, "password": {password}}.Encode())
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("X-Forwarded-Proto", "https")
	cookie := s.do(s.browser(), r).Cookies()[0]
	if !cookie.Secure || !strings.HasPrefix(cookie.Name, "__Host-") || cookie.Path != "/" || cookie.Domain != "" {
		t.Errorf("the cookie is %v", cookie)
	}
}

// TestPagesHaveNothingInline holds each page against the policy that is sent with it.
func TestPagesHaveNothingInline(t *testing.T) {
	s := newSite(t, Options{Setup: "SECRET"})
	list := []got{s.get(s.browser(), "/login"), s.get(s.browser(), "/setup?token=SECRET"), s.get(s.browser(), "/setup")}
	b := s.user("Ann", store.Admin)
	for _, path := range []string{"/", "/nothing-there"} {
		list = append(list, s.get(b, path))
	}
	for _, r := range list {
		head := r.Header.Get("Content-Security-Policy")
		if !strings.Contains(head, "default-src 'none'") || strings.Contains(head, "unsafe") {
			t.Errorf("%s: the policy is %q", r.Request.URL, head)
		}
		for _, inline := range []string{"style=", "<style", " onclick", " onload", "javascript:"} {
			if strings.Contains(r.text, inline) {
				t.Errorf("%s has %s", r.Request.URL, inline)
			}
		}
		for _, part := range strings.Split(r.text, "<script")[1:] {
			if !strings.HasPrefix(strings.TrimSpace(part), "src=") && !strings.HasPrefix(part, ` type="module" blocking="render" src=`) && !strings.HasPrefix(part, " defer src=") {
				t.Errorf("%s has a script inline: %.80s", r.Request.URL, part)
			}
		}
	}
}

func TestAssets(t *testing.T) {
	s := newSite(t, Options{})
	r := s.request("GET", "/assets/screen.css", "")
	r.Header.Set("Accept-Encoding", "identity") // or the client unpacks it
	plain := s.do(http.DefaultClient, r)
	if plain.status != 200 || !strings.HasPrefix(plain.Header.Get("Content-Type"), "text/css") || !strings.Contains(plain.text, ":root") {
		t.Fatalf("%d %s", plain.status, plain.Header.Get("Content-Type"))
	}
	r.Header.Set("Accept-Encoding", "gzip")
	r.Header.Set("If-None-Match", strings.TrimSuffix(plain.Header.Get("ETag"), `"`)+`-gzip"`)
	if again := s.do(http.DefaultClient, r); plain.Header.Get("ETag") == "" || again.status != http.StatusNotModified {
		t.Errorf("asked again: %d", again.status)
	}
	if r := s.get(http.DefaultClient, "/assets/..%2fweb.go"); r.status != http.StatusNotFound {
		t.Errorf("another file: %d", r.status)
	}
}
