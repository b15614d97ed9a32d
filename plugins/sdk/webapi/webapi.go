// Package webapi is a client for the API of a platform on the web: what a connector needs beside knowing the platform.
//
// It signs in, keeps within the limits that the platform tells, tries again what may pass, reads lists to their ends and
// proves it, and says of what fails whose fault it is and what to do.
//
//	client := webapi.New(webapi.Config{URL: s.URL, Auth: webapi.Bearer(s.Token), Name: "Corner Shop", Setting: "url"})
//	products := webapi.List[product]{
//		What: "GET /products", Size: 100,
//		Ask:  func(page string) webapi.Request { return webapi.Request{Path: "/products", Query: url.Values{"page": {page}}} },
//		Read: readProducts,
//		Key:  func(p product) string { return p.ID },
//	}
//	err := products.ByNumber(1).Each(ctx, client.Session(req), func(page []product) error { ... })
//
// What is promised:
//
//   - A try ends: after Config.Timeout, and long before the host takes the connector for hung (sdk.ReadTimeout).
//   - No redirect is followed, and nothing is asked of another host than the one of Config.URL: credentials go nowhere else.
//   - An answer is bounded, unpacked, and the objects in it; so is its header.
//   - Config.Secrets and those of Auth stand in no error and in no text for people.
//   - Waiting, for a quota or for the next try, is told to the host as such, so that it does not count as silence.
//   - A write is not sent twice, unless it says that it may be, or it is sure that the platform did nothing. Failure.Sent
//     says what is known.
//   - A list that was read is whole, or there is an error; see List.
//
// It is not for files that are downloaded, streams of events, or answers that do not fit into memory.
package webapi

import (
	"encoding/base64"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"time"
)

const (
	usualTimeout = 30 * time.Second
	// MostTries is how often a request is made, unless a session says otherwise.
	MostTries = 6
	// mostBytes is how large an answer is at most, unless a client says otherwise.
	mostBytes = 128 << 20
	// mostObjects is how many objects an answer has at most: a few bytes of it can become hundreds in memory.
	mostObjects = 1 << 20
	// mostHeader is how large the header of an answer is at most, in bytes.
	mostHeader = 1 << 20
)

// Config is where a client asks, as whom, and what is known of the platform.
type Config struct {
	// URL is the API's address: the paths of requests follow it. CheckURL says what is wrong with one.
	URL string
	// Auth adds the credentials to each request; nil if none are needed.
	Auth Auth
	// Secrets are texts that must stand in no error, beside those of Auth.
	Secrets []string

	// Name is what people call the platform: "BigCommerce". "the API" if it is empty.
	Name string
	// Setting is the connector's setting that URL comes from; it is named where the address may be wrong. "url" if it is empty.
	Setting string

	// Limits reads from the header of an answer what the platform allows; nil if it does not say. RateLimitHeaders reads the
	// usual ones.
	Limits func(http.Header) (Limits, bool)
	// BodyLimits does the same from an answer's body.
	BodyLimits func(body []byte) (Limits, bool)
	// Share is how much of the told limits may be used, more than 0 and at most 1. 0 means all but a twentieth.
	Share float64
	// Shared says that other programs take from the same limits. They are left what they are seen to use, up to half.
	Shared bool
	// Pace are bounds that people set. The zero value sets none.
	Pace Pace

	// Explain may change what is said of an answer that is a failure, and whether it passes: it knows what a status means on
	// this platform. nil if it means what it usually means.
	Explain func(f *Failure, a *Answer)

	// Timeout is how long one try may take, from the connection to the last byte. 0 means 30 seconds.
	Timeout time.Duration
	// Clock is the clock of tests. WallClock if it is nil.
	Clock Clock
}

// Client asks one platform. It waits as the platform's limits demand, and tries again what may succeed later. Any number of
// goroutines may share it; all requests to the platform should go through one, because it can only pace those.
type Client struct {
	// MostBytes is how large an answer may be.
	MostBytes int64

	http    *http.Client
	config  Config
	address *url.URL // nil if it makes no sense
	hidden  atomic.Pointer[strings.Replacer]
	pace    *pacer
}

// New returns a client. Nothing is asked yet.
func New(c Config) *Client {
	if c.Clock == nil {
		c.Clock = WallClock{}
	}
	if c.Name == "" {
		c.Name = "the API"
	}
	if c.Setting == "" {
		c.Setting = "url"
	}
	if c.Timeout == 0 {
		c.Timeout = usualTimeout
	}
	if c.Share == 0 {
		c.Share = 0.95
	}
	c.URL = strings.TrimRight(c.URL, "/")
	secrets := c.Secrets
	if c.Auth != nil {
		secrets = slices.Concat(secrets, c.Auth.Secrets())
	}
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.MaxIdleConnsPerHost = 2 * c.Pace.most()
	transport.MaxResponseHeaderBytes = mostHeader
	address, err := url.Parse(c.URL)
	if err != nil {
		address = nil // the first request says so
	}
	client := &Client{MostBytes: mostBytes, config: c, address: address, pace: newPacer(c),
		http: &http.Client{Transport: transport,
			// An API redirects nowhere; whoever does shall not see the credentials.
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
	client.hidden.Store(hiding(secrets))
	if l, ok := c.Auth.(*login); ok {
		l.told = func(token string) { client.hidden.Store(hiding(append(slices.Clone(secrets), token))) }
	}
	return client
}

// Through has all requests go through t, in place of the network. It is for tests; call it before anything is asked.
func (c *Client) Through(t http.RoundTripper) { c.http.Transport = t }

// As returns a client of the same platform with other credentials: what one of them asks counts for both. explain is in place of
// Config.Explain.
func (c *Client) As(auth Auth, explain func(f *Failure, a *Answer)) *Client {
	other := &Client{MostBytes: c.MostBytes, http: c.http, config: c.config, address: c.address, pace: c.pace}
	other.config.Auth, other.config.Explain = auth, explain
	secrets := slices.Concat(c.config.Secrets, auth.Secrets())
	if c.config.Auth != nil {
		secrets = append(secrets, c.config.Auth.Secrets()...)
	}
	other.hidden.Store(hiding(secrets))
	return other
}

// Takes estimates how long so many requests take, one after the other, at the pace that the platform allows. each is how long one
// takes by itself.
func (c *Client) Takes(requests int64, each time.Duration) time.Duration {
	return c.pace.takes(requests, each)
}

// Quota says what is known of the platform's limits, for people; "" if it says nothing about them.
func (c *Client) Quota() string { return c.pace.quota() }

// Clean strikes the secrets out of a text that came from elsewhere.
func (c *Client) Clean(text string) string { return c.hidden.Load().Replace(text) }

// hidden is what stands in place of a secret.
const hidden = "[secret]"

// hiding returns what strikes secrets out, in each form in which they travel.
func hiding(secrets []string) *strings.Replacer {
	var forms []string
	for _, secret := range secrets {
		if secret == "" {
			continue
		}
		for _, form := range []string{secret, url.QueryEscape(secret), url.PathEscape(secret), strings.Trim(strconv.Quote(secret), `"`),
			base64.StdEncoding.EncodeToString([]byte(secret))} {
			if !slices.Contains(forms, form) {
				forms = append(forms, form)
			}
		}
	}
	// A secret that holds another one goes first, as a whole.
	slices.SortStableFunc(forms, func(a, b string) int { return len(b) - len(a) })
	var pairs []string
	for _, form := range forms {
		pairs = append(pairs, form, hidden)
	}
	return strings.NewReplacer(pairs...)
}
