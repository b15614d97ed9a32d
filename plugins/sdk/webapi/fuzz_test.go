package webapi

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
)

// FuzzRetryAfter reads what an answer asks to wait: it is never negative, and never longer than anybody would wait.
func FuzzRetryAfter(f *testing.F) {
	const date = "Wed, 04 Mar 2026 05:06:07 GMT"
	for _, text := range []string{"", "7", "0", "-1", "1e99", "NaN", "Inf", "-Inf", "0x10", " 7 ", "7.5", date, "Wed, 04 Mar 9999 05:06:07 GMT", "Wed, 04 Mar 1026 05:06:07 GMT"} {
		f.Add(text, date)
		f.Add(text, "")
	}
	f.Fuzz(func(t *testing.T, text, date string) {
		if d := RetryAfter(http.Header{"Retry-After": {text}, "Date": {date}}, time.Unix(1_800_000_000, 0)); d < 0 || d > longestRetryAfter {
			t.Errorf("%q at %q: %s", text, date, d)
		}
	})
}

// FuzzRateLimitHeaders reads limits: those that are believed can be paced by, and make no request wait for ever.
func FuzzRateLimitHeaders(f *testing.F) {
	f.Add("100, 100;w=60", "7", "30", "")
	f.Add("100", "0", "1772600767", "Wed, 04 Mar 2026 05:06:07 GMT")
	f.Add("", "5", "0", "")
	f.Add("-1", "-5", "1e300", "x")
	f.Add("9223372036854775807", "2147483647", "NaN", "")
	f.Add("0", "0", "0.5", "")
	f.Fuzz(func(t *testing.T, limit, left, reset, date string) {
		for _, prefix := range []string{"Ratelimit-", "X-Ratelimit-", "X-Rate-Limit-"} {
			l, ok := RateLimitHeaders(http.Header{prefix + "Limit": {limit}, prefix + "Remaining": {left}, prefix + "Reset": {reset}, "Date": {date}})
			if !ok {
				continue
			}
			if l.Left < 0 || l.Left > l.Quota || l.Quota < 1 || l.Reset < 0 || l.Reset > l.Window || l.Window > longestReset || l.Window == 0 {
				t.Errorf("%+v", l)
			}
			p := newPacer(Config{Clock: WallClock{}, Name: "the API", Share: 0.95, Shared: len(limit)%2 == 0})
			now := time.Unix(1_800_000_000, 0)
			p.window.note(l, now, now, 0)
			ok, wait, _ := p.window.admit(now, nil, p.share, 0)
			if !ok && (wait <= 0 || wait > longestReset+time.Second) {
				t.Errorf("%+v: it waits %s", l, wait)
			}
		}
	})
}

// FuzzLinks reads the header Link: of one with a link for the next page, it finds that, whatever stands around it.
func FuzzLinks(f *testing.F) {
	f.Add(`</a?page=3>; rel="next", </a?page=9>; rel="last"`, "/b")
	f.Add(`<https://elsewhere.example/>; title="a, b; rel=next"; rel="prev"`, "?page=2&q=a,b;c")
	f.Add(`<`, "")
	f.Add(`<>;;;===,,,<x>;rel`, "x")
	f.Add(`</a>; rel="first\"next`, "%zz")
	f.Add(`</a>; REL = NEXT`, "//host/path")
	f.Fuzz(func(t *testing.T, text, target string) {
		asked, err := url.Parse("https://shop.example/v1/items?page=1")
		if err != nil {
			t.Fatal(err)
		}
		_ = NextLink(&Answer{Header: http.Header{"Link": {text}}, URL: asked})
		if strings.ContainsAny(target, "<>") || strings.TrimSpace(target) != target {
			return
		}
		got := NextLink(&Answer{Header: http.Header{"Link": {`<x>; rel="prev"; title="a, <b>; \" rel=next", <` + target + `>; rel="last next"`}}, URL: asked})
		want := target
		if u, err := url.Parse(target); err == nil {
			want = asked.ResolveReference(u).String()
		}
		if got != want {
			t.Errorf("%q is %q, want %q", target, got, want)
		}
	})
}
