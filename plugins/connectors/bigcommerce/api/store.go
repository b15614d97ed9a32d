// Package api knows how the API of a BigCommerce store is spoken to: its credentials, its quota, what its errors mean, and its lists.
// It knows nothing of products, stock or orders.
package api

import (
	"cmp"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/reconcilehq/reconcile/plugins/sdk/webapi"
)

// Config is where a client asks, and as whom.
type Config struct {
	URL       string // of the API; /stores/{hash} follows it
	StoreHash string
	Token     string
	Share     float64 // of the store's quota, that may be used
	Pace      webapi.Pace
	Clock     webapi.Clock // the wall's if it is nil

	// ScopeOf names the scope that a path needs, for people.
	ScopeOf func(path string) string
}

// New returns a client. Nothing is asked yet.
func New(c Config) *webapi.Client {
	return webapi.New(webapi.Config{
		URL:  strings.TrimRight(c.URL, "/") + "/stores/" + url.PathEscape(c.StoreHash),
		Auth: webapi.Header("X-Auth-Token", c.Token), Name: "BigCommerce", Setting: "api_url",
		Limits: quotaOf, Share: c.Share, Shared: true, Pace: c.Pace, Clock: c.Clock,
		Explain: explain("access_token", "at least read-only access to ", c.ScopeOf)})
}

// Writer returns a client of the same store with the token that may write. scopeOf is as in Config. What one of the two clients
// asks counts for both.
func Writer(c *webapi.Client, token string, scopeOf func(path string) string) *webapi.Client {
	return c.As(webapi.Header("X-Auth-Token", token), explain("write_access_token", "modify access to ", scopeOf))
}

// explain says what a status means. setting is that of the token, and access what its scopes must give.
func explain(setting, access string, scopeOf func(path string) string) func(f *webapi.Failure, a *webapi.Answer) {
	return func(f *webapi.Failure, a *webapi.Answer) {
		switch f.Status {
		case http.StatusUnauthorized:
			f.Text = "the access token is wrong or was revoked, or is another store's; check " + setting + " and store_hash, or create a new API account in BigCommerce's control panel"
		case http.StatusForbidden:
			f.Text = "the access token lacks a scope; give its API account " + access + scopeOf(a.URL.Path)
		case http.StatusNotFound:
			f.Text = "the API does not know this store; check store_hash (and api_url, if it is set)"
		case http.StatusUnprocessableEntity:
			f.Said = cmp.Or(f.Said, batchErrors(a.Body))
		case http.StatusTooManyRequests:
			f.RetryAfter = retryAfter(a.Header, f.RetryAfter)
		case http.StatusServiceUnavailable:
			f.Text = "the store is down for maintenance, being upgraded, or suspended"
			f.Advice = "its control panel says which: the first two pass, a suspended store's account has to be settled with BigCommerce"
		}
	}
}

// mostErrors is how many errors of a batch are repeated.
const mostErrors = 3

// batchErrors returns what an answer says of a batch's entries, for people.
func batchErrors(body []byte) string {
	var answer struct {
		Errors []struct {
			Title string `json:"title"`
		} `json:"batch_errors"`
	}
	if json.Unmarshal(body, &answer) != nil {
		return ""
	}
	var said []string
	for _, e := range answer.Errors {
		if e.Title != "" && len(said) < mostErrors {
			said = append(said, e.Title)
		}
	}
	return strings.Join(said, "; ")
}

// The headers in which an answer says how the quota stands.
const (
	windowHeader = "X-Rate-Limit-Time-Window-Ms"
	resetHeader  = "X-Rate-Limit-Time-Reset-Ms"
	quotaHeader  = "X-Rate-Limit-Requests-Quota"
	leftHeader   = "X-Rate-Limit-Requests-Left"
)

const (
	usualQuota  = 150 // requests in a window, of the smaller plans
	usualWindow = 30 * time.Second
	// longestReset is the longest time to a window's end that is believed: the vendor's windows have half a minute.
	longestReset = 10 * time.Minute
)

// quotaOf reads the quota headers of an answer. It reports false if they are missing or make no sense.
func quotaOf(h http.Header) (webapi.Limits, bool) {
	left, hasLeft := webapi.HeaderNumber(h, leftHeader)
	reset, hasReset := headerTime(h, resetHeader)
	if !hasLeft || !hasReset || reset > longestReset {
		return webapi.Limits{}, false
	}
	quota, ok := webapi.HeaderNumber(h, quotaHeader)
	if !ok {
		quota = max(usualQuota, left)
	}
	length, ok := headerTime(h, windowHeader)
	if !ok || length == 0 || length > longestReset {
		length = usualWindow
	}
	return webapi.Limits{Quota: quota, Left: left, Reset: reset, Window: length}, quota > 0
}

// retryAfter returns how long a 429 asks to wait; usual is what its Retry-After says. It may come without saying so.
func retryAfter(h http.Header, usual time.Duration) time.Duration {
	if wait, ok := headerTime(h, resetHeader); ok {
		return wait
	}
	if seconds, ok := webapi.HeaderNumber(h, "X-Retry-After"); ok {
		return time.Duration(seconds) * time.Second
	}
	return usual
}

// headerTime reads a header that is a number of milliseconds.
func headerTime(h http.Header, name string) (time.Duration, bool) {
	n, ok := webapi.HeaderNumber(h, name)
	return time.Duration(n) * time.Millisecond, ok
}
