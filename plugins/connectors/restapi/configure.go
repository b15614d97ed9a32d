package restapi

import (
	"context"
	"errors"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/reconcilehq/reconcile/plugins/sdk/webapi"
)

// Configure implements sdk.Configurer: it checks the settings, and parses paths.
func (s *Source) Configure(context.Context) error {
	m := &mistakes{all: s.CheckPace()}
	address := s.BaseURL
	if rest, plain := strings.CutPrefix(address, "http://"); plain && s.AllowHTTP {
		address = "https://" + rest
	}
	var secret *url.Error // whose text has the address
	if err := webapi.CheckURL("base_url", address, "https://shop.example/api"); err != nil && !errors.As(err, &secret) {
		m.all = append(m.all, err)
	}
	s.plan = s.makePlan(m)
	s.paging = s.Page.plan(m)
	if s.paging.key == nil && s.plan.parents == nil {
		if id := s.plan.field("id"); id != nil && id.path != nil && id.path.singular {
			s.paging.key = id.path
		}
	}
	s.checkRequest(m)
	for _, name := range slices.Sorted(maps.Keys(s.Headers)) {
		switch http.CanonicalHeaderKey(name) {
		case "Authorization", "Proxy-Authorization", "Cookie":
			m.add("the header "+name+" is one for credentials", "They belong in the block auth, which keeps them out of messages.", "headers", name)
		default:
			m.header(name, s.Headers[name], "headers", name)
		}
	}
	if s.Errors != "" {
		s.errors = m.path(s.Errors, "errors")
	}
	if s.Auth != nil {
		s.tokenPath = s.Auth.check(m)
	}
	if s.Since != nil {
		s.checkSince(m)
	}
	return m.err()
}

// checkRequest checks the settings that say how the list is asked for, and parses the body.
func (s *Source) checkRequest(m *mistakes) {
	if !strings.HasPrefix(s.Path, "/") {
		m.add("path does not begin with /", "It follows base_url: /products.", "path")
	}
	where, parameters, _ := strings.Cut(s.Path, "?")
	taken, err := url.ParseQuery(parameters)
	if err != nil || strings.Contains(where, "#") || strings.ContainsFunc(s.Path, func(r rune) bool { return r <= ' ' }) {
		m.add("path is not the path of an address", "It reads like /products?status=any; other characters than letters, digits and - _ . ~ are written as %20.", "path")
	}
	method := s.Method
	switch {
	case s.GraphQL != "" && s.Body != "":
		m.add("graphql and body exclude each other", "Take one of them out.", "body")
	case s.GraphQL == "" && len(s.Variables) > 0:
		m.add("variables are for graphql", "Put what the API needs into path or body.", "variables")
	case (s.GraphQL != "" || s.Body != "") && method == http.MethodGet:
		m.add("a GET has no body", "Take method out, and it is POST.", "method")
	}
	if method == "" {
		method = http.MethodGet
		if s.GraphQL != "" || s.Body != "" {
			method = http.MethodPost
		}
	}
	s.method = method
	if s.Body != "" {
		tree, err := decodeTree([]byte(s.Body))
		object, ok := tree.(map[string]any)
		if err != nil || !ok {
			m.add("body is not a JSON object", `It reads like { "status": "any" }.`, "body")
		}
		s.body = object
	}
	inBody := s.Page.In == "body"
	switch {
	case s.GraphQL != "":
		s.Page.checkParams(m, slices.Collect(maps.Keys(s.Variables)), "variables")
	case inBody && method == http.MethodGet:
		m.add("a GET has no body for the page's parameters", `Say method = "POST", or take in out.`, "page", "in")
	case inBody:
		s.Page.checkParams(m, slices.Collect(maps.Keys(s.body)), "body")
	default:
		s.Page.checkParams(m, slices.Collect(maps.Keys(taken)), "path")
	}
}

// connect returns the client.
func (s *Source) connect() *webapi.Client {
	s.once.Do(func() {
		c := webapi.Config{URL: s.BaseURL, Setting: "base_url", Pace: s.Pace, Limits: webapi.RateLimitHeaders, Clock: s.clock, Timeout: answerTime}
		if s.Auth != nil {
			c.Secrets = s.Auth.secrets()
			login := c
			s.signs = s.Auth.signer(s.tokenPath, webapi.New(login), s.hide)
			c.Auth = s.signs
		}
		s.client = webapi.New(c)
	})
	return s.client
}

// answerTime is how long an answer may take. Large pages of small shops take long.
const answerTime = time.Minute
