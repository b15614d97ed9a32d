package setup

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"strings"

	"github.com/reconcilehq/reconcile/plugins/sdk/webapi"
)

// login is how an API lets programs in. What opens it stands in variables of the environment.
type login struct {
	kind      string // bearer, basic, header, query or token; "" if nothing is needed
	name      string // of the header, or of the parameter
	variables []string

	*tokenLogin // of kind token
}

// loginForms says how the flag --login is written.
const loginForms = "bearer:VARIABLE, basic:USER_VARIABLE,PASSWORD_VARIABLE, header:NAME=VARIABLE, query:NAME=VARIABLE or, for a login that answers with a token, token:/PATH,NAME=VARIABLE,NAME=VARIABLE, with variables of the environment; of other ways docs/connectors/rest.md tells, under auth"

// parseLogin reads the flag --login.
func parseLogin(text string) (*login, error) {
	if text == "" {
		return &login{}, nil
	}
	kind, rest, _ := strings.Cut(text, ":")
	l := &login{kind: strings.TrimSpace(kind)}
	switch l.kind {
	case "bearer":
		l.variables = []string{rest}
	case "basic":
		l.variables = strings.Split(rest, ",")
	case "token":
		l.tokenLogin = parseTokenLogin(l, rest)
	case "header", "query":
		name, variable, _ := strings.Cut(rest, "=")
		l.name, l.variables = strings.TrimSpace(name), []string{variable}
	}
	for n := range l.variables {
		l.variables[n] = strings.TrimSpace(l.variables[n])
	}
	ok := len(l.variables) == 1 && (l.kind == "bearer" || l.name != "") || len(l.variables) == 2 && l.kind == "basic" || l.tokenLogin != nil
	for _, name := range l.variables {
		ok = ok && isVariable(name)
	}
	if !ok { // the text is not repeated: it may be the secret itself
		return nil, errors.New("--login is written as " + loginForms)
	}
	return l, nil
}

// askLogin asks how the API lets programs in.
func (i *setup) askLogin(ctx context.Context) error {
	for i.Login == "" && i.term.CanAsk() {
		answer, err := i.term.Ask(ctx, "\nHow does the store let programs in: bearer, basic, header:NAME, query:NAME, token:/PATH of a login that answers with a token, or Enter if it asks for nothing? ")
		if err != nil || answer == "" {
			return err
		}
		kind, name, _ := strings.Cut(answer, ":")
		prefix := nameFor(i.Store)
		switch {
		case kind == "bearer":
			i.Login = "bearer:" + prefix + "_TOKEN"
		case kind == "basic":
			i.Login = "basic:" + prefix + "_USER," + prefix + "_PASSWORD"
		case (kind == "header" || kind == "query") && name != "":
			i.Login = kind + ":" + name + "=" + prefix + "_KEY"
		case kind == "token" && strings.HasPrefix(name, "/"):
			i.Login = "token:" + name
			sent, err := i.term.Ask(ctx, "What does it send, with commas between? Enter for username,password: ")
			if err != nil {
				return err
			}
			for _, member := range strings.Split(cmp.Or(sent, "username,password"), ",") {
				member = strings.TrimSpace(member)
				i.Login += "," + member + "=" + prefix + "_" + strings.ToUpper(strings.ReplaceAll(member, "-", "_"))
			}
		default:
			i.term.Say("%q is none of these. Other ways are written by hand: docs/connectors/rest.md, under auth.", kind)
		}
	}
	return nil
}

// auth signs requests.
func (l *login) auth(getenv func(string) (string, bool)) webapi.Auth {
	var values []string
	for _, name := range l.variables {
		value, _ := getenv(name)
		values = append(values, value)
	}
	switch l.kind {
	case "bearer":
		return webapi.Bearer(values[0])
	case "basic":
		return webapi.Basic(values[0], values[1])
	case "header":
		return webapi.Header(http.CanonicalHeaderKey(l.name), values[0])
	case "query":
		return webapi.Query(l.name, values[0])
	case "token":
		return webapi.Header(l.header, l.prefix+l.token.Value, l.token.Value)
	}
	return nil
}

// write writes the block auth.
func (l *login) write(b *block) {
	if l.kind == "" {
		return
	}
	env := func(n int) string { return `env("` + l.variables[n] + `")` }
	inner := b.block("auth")
	inner.text("type", l.kind)
	switch l.kind {
	case "bearer":
		inner.set("token", env(0))
	case "basic":
		inner.set("username", env(0))
		inner.set("password", env(1))
	case "header":
		inner.set("headers", "{ "+quote(l.name)+" = "+env(0)+" }")
	case "token":
		l.tokenLogin.write(inner, env)
	case "query":
		inner.set("params", "{ "+quote(l.name)+" = "+env(0)+" }")
	}
}
