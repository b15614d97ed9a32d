package webapi

import (
	"context"
	"encoding/json"
	"net/http"
	"sync"
)

// Login signs in with a token that the platform gives for credentials, in a header: prefix stands before it, such as "Bearer ". ask
// asks for a token, with a client of its own that has no Auth and whose Secrets are the credentials. It is called for the first
// request, and again where the platform answers 401. The token stands in no error of the client that is made with this Auth.
func Login(header, prefix string, ask func(ctx context.Context) (token string, err error)) Auth {
	return &login{header: header, prefix: prefix, ask: ask, told: func(string) {}}
}

// Token returns a function for Login: it posts a message to a path, as JSON, and takes the token from the answer's member of that name.
func (c *Client) Token(path string, message any, member string) func(ctx context.Context) (string, error) {
	return func(ctx context.Context) (string, error) {
		body, err := json.Marshal(message)
		if err != nil {
			return "", err
		}
		var token string
		err = c.Session(nil).Do(ctx, Request{Method: http.MethodPost, Path: path, Body: body, Again: true, Read: func(a *Answer) error {
			var answer map[string]json.RawMessage
			var text Text
			if err := Decode(a.Body, &answer); err != nil {
				return err
			}
			if raw, ok := answer[member]; ok {
				if err := json.Unmarshal(raw, &text); err != nil {
					return err
				}
			}
			token = text.Value // "" is no broken answer that would be asked for again: Login refuses it
			return nil
		}})
		return token, err
	}
}

type login struct {
	header, prefix string
	ask            func(context.Context) (string, error)
	told           func(token string) // the client, which hides it

	mu    sync.Mutex
	token string
}

// Secrets implements Auth. The token is not known yet.
func (l *login) Secrets() []string { return nil }

// Sign implements Auth.
func (l *login) Sign(ctx context.Context, r *http.Request) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.token == "" {
		if err := l.renew(ctx); err != nil {
			return err
		}
	}
	r.Header.Set(l.header, l.prefix+l.token)
	return nil
}

// Renew implements Renewer.
func (l *login) Renew(ctx context.Context, signed *http.Request) (bool, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if signed.Header.Get(l.header) != l.prefix+l.token {
		return true, nil // another request has got a new one meanwhile
	}
	if err := l.renew(ctx); err != nil {
		return false, err
	}
	return true, nil
}

// renew asks for a token. The caller holds the lock.
func (l *login) renew(ctx context.Context) error {
	token, err := l.ask(ctx)
	if err != nil {
		return err
	}
	if token == "" {
		return &Failure{Cause: Platform, Text: "the answer to the login has no token", Advice: "check the credentials"}
	}
	l.token = token
	l.told(token)
	return nil
}
