package restapi

import (
	"maps"
	"net/http"
	"slices"
	"strings"
)

// auth are the settings for logging in.
type auth struct {
	Type     string            `setting:"type" values:"bearer|basic|header|query|login" doc:"Left out, it is the one whose settings are given. bearer: token, in the header Authorization. basic: username and password. header: the headers in headers. query: the parameters in params. login: a request that answers with a token."`
	Token    string            `setting:"token,sensitive" doc:"The token of type bearer."`
	Username string            `setting:"username" doc:"The user of type basic."`
	Password string            `setting:"password,sensitive" doc:"The password of type basic."`
	Headers  map[string]string `setting:"headers,sensitive" doc:"The headers of type header, as Name = env(\"...\")."`
	Params   map[string]string `setting:"params,sensitive" doc:"The parameters of type query, as name = env(\"...\")."`

	Path     string            `setting:"path" doc:"Where type login asks for a token, with POST, below base_url."`
	Body     map[string]string `setting:"body,sensitive" doc:"What type login sends: members of a JSON object, or the variables where graphql is set."`
	Encoding string            `setting:"encoding" default:"json" values:"json|form" doc:"How type login sends body: as JSON, or as a form, which OAuth asks for."`
	GraphQL  string            `setting:"graphql" doc:"A GraphQL mutation with which type login asks for a token; body has its variables."`

	TokenPath   string `setting:"token_path" doc:"The path of the token in the answer to type login: $.access_token."`
	TokenHeader string `setting:"token_header" doc:"The header of that answer that has the token, where it is not in the body."`
	Header      string `setting:"header" default:"Authorization" doc:"The header in which the token of type login is sent."`
	Prefix      string `setting:"prefix" default:"Bearer " doc:"What stands before it there."`
}

// authSettings are the settings that each type of login has; what it needs comes first.
var authSettings = map[string]struct{ needs, has []string }{
	"bearer": {needs: []string{"token"}},
	"basic":  {needs: []string{"username", "password"}},
	"header": {needs: []string{"headers"}},
	"query":  {needs: []string{"params"}},
	"login":  {needs: []string{"path", "body"}, has: []string{"encoding", "graphql", "token_path", "token_header", "header", "prefix"}},
}

// given are the settings that are there; those with a default are not among them.
func (a *auth) given() map[string]bool {
	return map[string]bool{"token": a.Token != "", "username": a.Username != "", "password": a.Password != "", "headers": len(a.Headers) > 0,
		"params": len(a.Params) > 0, "path": a.Path != "", "body": len(a.Body) > 0, "graphql": a.GraphQL != "",
		"token_path": a.TokenPath != "", "token_header": a.TokenHeader != ""}
}

// kind returns the type of the login; "" if it is left out, and the settings are not those of one type.
func (a *auth) kind(given map[string]bool) string {
	if a.Type != "" {
		return a.Type
	}
	var kinds []string
	for kind, of := range authSettings {
		if slices.ContainsFunc(of.needs, func(name string) bool { return given[name] }) {
			kinds = append(kinds, kind)
		}
	}
	if len(kinds) != 1 {
		return ""
	}
	return kinds[0]
}

// check notes what is wrong with the settings, and returns the path of a login's token, if there is one.
func (a *auth) check(m *mistakes) *path {
	given := a.given()
	if a.Type = a.kind(given); a.Type == "" {
		m.add("it is not clear how to log in", "Say token; or username and password; or headers; or params; or path and body. If one comes from a variable of the environment, check whether that is set.", "auth")
		return nil
	}
	of := authSettings[a.Type]
	for _, name := range of.needs {
		if !given[name] {
			m.add(name+" is missing", "A login of type "+a.Type+" needs it. If it comes from a variable of the environment, check whether that is set.", "auth", name)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(given)) {
		if given[name] && !slices.Contains(of.needs, name) && !slices.Contains(of.has, name) {
			m.add(name+" is not for a login of type "+a.Type, "Take it out, or choose the type that it is for.", "auth", name)
		}
	}
	for name, text := range map[string]string{"token": a.Token, "header": a.Header} {
		if strings.ContainsFunc(text, func(r rune) bool { return r <= ' ' || r > '~' }) {
			m.add(name+" has white space or other characters that cannot stand in a header", "Copy it again, without line breaks and quotes.", "auth", name)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(a.Headers)) {
		m.header(name, a.Headers[name], "auth", "headers", name)
	}
	if a.Type != "login" {
		return nil
	}
	if a.Path != "" && !strings.HasPrefix(a.Path, "/") {
		m.add("path does not begin with /", "It follows base_url.", "auth", "path")
	}
	switch {
	case a.TokenPath == "" && a.TokenHeader == "":
		m.add("where is the token?", "Say token_path if it is in the answer's body, token_header if it is in a header.", "auth", "type")
	case a.TokenPath != "" && a.TokenHeader != "":
		m.add("token_path and token_header exclude each other", "Take one of them out.", "auth", "token_header")
	case a.TokenPath != "":
		return m.path(a.TokenPath, "auth", "token_path")
	}
	return nil
}

// secrets are the texts that must stand in no message.
func (a *auth) secrets() []string {
	all := []string{a.Token, a.Password}
	for _, values := range []map[string]string{a.Headers, a.Params, a.Body} {
		for _, name := range slices.Sorted(maps.Keys(values)) {
			all = append(all, values[name])
			if _, token, ok := strings.Cut(values[name], " "); ok { // "Bearer x": the platform may repeat x alone
				all = append(all, token)
			}
		}
	}
	return slices.DeleteFunc(all, func(s string) bool { return s == "" })
}

// header notes what is wrong with a header of requests.
func (m *mistakes) header(name, value string, at ...string) {
	valid := name != "" && !strings.ContainsFunc(name, func(r rune) bool {
		return !('a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || strings.ContainsRune("-_.", r))
	})
	if !valid || strings.ContainsFunc(value, func(r rune) bool { return r < ' ' && r != '\t' || r == 0x7f }) {
		m.add("a header has a name or a value that cannot stand in a request", "A name has letters, digits and hyphens, a value no line breaks.", at...)
		return
	}
	switch canonical := http.CanonicalHeaderKey(name); canonical {
	case "Host", "Content-Length", "Transfer-Encoding", "Connection", "Accept-Encoding":
		m.add("the header "+canonical+" is not for the configuration", "It belongs to how requests are sent.", at...)
	}
}
