package setup

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/reconcilehq/reconcile/plugins/sdk/webapi"

	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/setup/answer"
)

// tokenLogin is a login that answers with a token, and how requests take it.
type tokenLogin struct {
	path    string   // that is posted to
	members []string // that are sent, one for each of the login's variables

	form           bool // they are sent as a form
	token          answer.Token
	header, prefix string
}

// parseTokenLogin reads what follows token: in the flag --login. It returns nil for what makes no sense.
func parseTokenLogin(l *login, text string) *tokenLogin {
	path, rest, _ := strings.Cut(text, ",")
	s := &tokenLogin{path: strings.TrimSpace(path), header: "Authorization", prefix: "Bearer "}
	for _, pair := range strings.Split(rest, ",") {
		name, variable, _ := strings.Cut(pair, "=")
		s.members, l.variables = append(s.members, strings.TrimSpace(name)), append(l.variables, variable)
	}
	if !strings.HasPrefix(s.path, "/") || slices.Contains(s.members, "") {
		return nil
	}
	return s
}

// carriers are the ways in which requests take a token, the usual one first.
func (s *tokenLogin) carriers() []tokenLogin {
	ways := []tokenLogin{{header: "Authorization", prefix: "Bearer "}, {header: "Authorization", prefix: "Token "}, {header: "X-Auth-Token"}}
	if s.token.Header != "" {
		ways = append(ways, tokenLogin{header: s.token.Header})
	}
	return ways
}

// signIn asks for a token, with JSON and then, where the platform does not take that, with a form.
func (l *login) signIn(ctx context.Context, base string, getenv func(string) (string, bool)) error {
	message, form, secrets := map[string]string{}, url.Values{}, []string{}
	for n, member := range l.members {
		value, _ := getenv(l.variables[n])
		message[member] = value
		form.Set(member, value)
		secrets = append(secrets, value)
	}
	body, err := json.Marshal(message)
	if err != nil {
		return err
	}
	client := webapi.New(webapi.Config{URL: base, Secrets: secrets, Name: "the store", Setting: "--store, and --login"})
	err = l.post(ctx, client, body, nil)
	if status := webapi.Status(err); status == http.StatusBadRequest || status == http.StatusUnsupportedMediaType || status == http.StatusUnprocessableEntity {
		if l.post(ctx, client, []byte(form.Encode()), http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}) == nil {
			l.form, err = true, nil
		}
	}
	if err != nil {
		return fmt.Errorf("the store gives no token: %w", err)
	}
	return nil
}

// post asks for a token.
func (l *login) post(ctx context.Context, client *webapi.Client, body []byte, header http.Header) error {
	s := client.Session(nil)
	s.Tries = 3
	var found bool
	err := s.Do(ctx, webapi.Request{Method: http.MethodPost, Path: l.path, Body: body, Header: header, Again: true, Read: func(a *webapi.Answer) error {
		l.token, found = answer.FindToken(a.Body, a.Header)
		return nil
	}})
	if err == nil && !found {
		err = errors.New("POST " + l.path + ": the answer has nothing that is called a token; write the source by hand: docs/connectors/rest.md, under auth")
	}
	return err
}

// write writes the settings of a login of the connector rest, as far as they are not the usual ones.
func (s *tokenLogin) write(b *block, env func(n int) string) {
	b.text("type", "login") // in the place of token
	b.text("path", s.path)
	b.set("body", object(s.members, func(name string) string { return env(slices.Index(s.members, name)) }))
	if s.form {
		b.text("encoding", "form")
	}
	b.text("token_path", s.token.Path)
	b.text("token_header", s.token.Header)
	if s.header != "Authorization" {
		b.text("header", s.header)
	}
	if s.prefix != "Bearer " {
		b.set("prefix", quote(s.prefix))
	}
}
