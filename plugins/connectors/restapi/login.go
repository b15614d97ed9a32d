package restapi

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"

	"github.com/reconcilehq/reconcile/plugins/sdk/webapi"
)

// signer returns what signs requests; nil if nothing does. login is the client that asks for a token, and told is told each.
func (a *auth) signer(tokenPath *path, login *webapi.Client, told func(token string)) webapi.Auth {
	if a == nil {
		return nil
	}
	switch a.Type {
	case "bearer":
		return webapi.Bearer(a.Token)
	case "basic":
		return webapi.Basic(a.Username, a.Password)
	case "login":
		return &session{auth: a, tokenPath: tokenPath, client: login, told: told}
	}
	return signature{a}
}

// signature signs requests with headers or parameters that never change.
type signature struct{ *auth }

// Sign implements webapi.Auth.
func (s signature) Sign(_ context.Context, r *http.Request) error {
	for name, value := range s.Headers {
		r.Header.Set(name, value)
	}
	if len(s.Params) > 0 {
		query := r.URL.Query()
		for name, value := range s.Params {
			query.Set(name, value)
		}
		r.URL.RawQuery = query.Encode()
	}
	return nil
}

// Secrets implements webapi.Auth.
func (s signature) Secrets() []string { return s.secrets() }

// session signs requests with a token that the platform gives for the credentials. It asks for one when it needs one, and for
// another when that is not taken any more.
type session struct {
	*auth
	tokenPath *path
	client    *webapi.Client
	told      func(token string) // is told each token, which must stand in no message

	mu    sync.Mutex
	token string
}

// Secrets implements webapi.Auth. Tokens are not known yet: see told.
func (s *session) Secrets() []string { return s.secrets() }

// Sign implements webapi.Auth.
func (s *session) Sign(ctx context.Context, r *http.Request) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.token == "" {
		if err := s.login(ctx); err != nil {
			return err
		}
	}
	r.Header.Set(s.Header, s.Prefix+s.token)
	return nil
}

// Renew implements webapi.Renewer.
func (s *session) Renew(ctx context.Context, signed *http.Request) (bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if signed.Header.Get(s.Header) != s.Prefix+s.token {
		return true, nil // another request has got a new one meanwhile
	}
	if err := s.login(ctx); err != nil {
		return false, err
	}
	return true, nil
}

// login asks for a token. The caller holds the lock.
func (s *session) login(ctx context.Context) error {
	var token string
	var refused error // not an error of Read, which would be tried again
	r := webapi.Request{Method: http.MethodPost, Path: s.Path, Again: true, Body: s.message(), Read: func(a *webapi.Answer) error {
		token, refused = s.tokenOf(a)
		return nil
	}}
	if s.Encoding == "form" {
		r.Header = http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}
	}
	if err := s.client.Session(nil).Do(ctx, r); err != nil {
		return err
	}
	if refused != nil {
		return refused
	}
	s.token = token
	s.told(token)
	return nil
}

// message is the body of the request for a token.
func (s *session) message() []byte {
	if s.Encoding == "form" && s.GraphQL == "" {
		form := url.Values{}
		for name, value := range s.Body {
			form.Set(name, value)
		}
		return []byte(form.Encode())
	}
	var message any = s.Body
	if s.GraphQL != "" {
		message = map[string]any{"query": s.GraphQL, "variables": s.Body}
	}
	text, _ := json.Marshal(message) // texts in maps: nothing that could fail
	return text
}

// tokenOf returns the token that an answer has.
func (s *session) tokenOf(a *webapi.Answer) (string, error) {
	if s.TokenHeader != "" {
		token := a.Header.Get(s.TokenHeader)
		if token == "" {
			return "", fmt.Errorf("the answer has no header %s with a token%s; check the credentials", s.TokenHeader, said(a.Body))
		}
		return token, nil
	}
	tree, err := decodeTree(a.Body)
	if err != nil {
		return "", err
	}
	node, ok := s.tokenPath.one(tree)
	token, isText := node.(string)
	switch {
	case !ok || node == nil:
		return "", fmt.Errorf("the answer has no token at %s%s; check the credentials", s.tokenPath.text, said(a.Body))
	case !isText || token == "" || strings.ContainsFunc(token, func(r rune) bool { return r <= ' ' || r > '~' }):
		return "", errors.New("what the answer has at " + s.tokenPath.text + " is no token")
	}
	return token, nil
}

// said returns the texts called message, error or the like in an answer, for people: a login that fails may be answered with 200.
func said(body []byte) string {
	tree, err := decodeTree(body)
	if err != nil {
		return ""
	}
	var texts []string
	var look func(node any)
	look = func(node any) {
		switch v := node.(type) {
		case map[string]any:
			for _, name := range slices.Sorted(maps.Keys(v)) {
				text, ok := v[name].(string)
				if ok && text != "" && slices.Contains([]string{"message", "error", "error_description", "errorCode", "detail"}, name) {
					texts = append(texts, shortened(text))
				}
				look(v[name])
			}
		case []any:
			for _, inner := range v {
				look(inner)
			}
		}
	}
	look(tree)
	if len(texts) == 0 {
		return ""
	}
	return " (it says: " + strings.Join(texts[:min(len(texts), 3)], "; ") + ")"
}
