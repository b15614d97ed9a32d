package sdktest

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"
)

// notSecret is how places in a list are called whose name ends like a secret's: nextPageToken.
var notSecret = regexp.MustCompile(`(?i)page|next|cursor|continu|sync|after|before`)

// struck stands in a recording where a secret was.
const struck = "struck-out"

// secretName is what secrets are called in queries, forms and JSON.
var secretName = regexp.MustCompile(`(?i)^(.*[_-])?(token|secret|password|passwd|pwd|signature|api[_-]?key|apikey|access[_-]?key|private[_-]?key|session|authorization|jwt)$|(?i:token|secret|password)$`)

// striker strikes secrets out. What it strikes out by its name it learns, so that it finds it elsewhere, too: a token that a login
// answers comes back in later requests.
type striker struct{ secrets []string }

func newStriker(secrets []string) *striker {
	s := &striker{}
	for _, secret := range secrets {
		s.learn(secret)
	}
	return s
}

// learn adds a secret in all forms in which it may stand.
func (s *striker) learn(secret string) {
	quoted, err := json.Marshal(secret)
	if err != nil {
		quoted = []byte(`""`)
	}
	for _, form := range []string{secret, string(quoted[1 : len(quoted)-1]), url.QueryEscape(secret), url.PathEscape(secret), base64.StdEncoding.EncodeToString([]byte(secret)), base64.URLEncoding.EncodeToString([]byte(secret))} {
		if secret != "" && form != struck && !slices.Contains(s.secrets, form) {
			s.secrets = append(s.secrets, form)
		}
	}
	slices.SortStableFunc(s.secrets, func(a, b string) int { return len(b) - len(a) }) // one may be a part of another
}

func (s *striker) text(text string) string {
	for _, secret := range s.secrets {
		text = strings.ReplaceAll(text, secret, struck)
	}
	return text
}

// learnable is how long a value is at least that is searched for everywhere. Shorter ones stand in ordinary data, too.
const learnable = 6

func (s *striker) named(name, value string) (out string, is bool) {
	if !secretName.MatchString(name) || notSecret.MatchString(name) || value == "" {
		return value, false
	}
	if len(value) >= learnable {
		s.learn(value)
	}
	return struck, true
}

// query strikes secrets out of parameters.
func (s *striker) query(query url.Values) {
	for name, values := range query {
		for i := range values {
			if out, is := s.named(name, values[i]); is {
				values[i] = out
			}
			values[i] = s.text(values[i])
		}
	}
}

// body strikes secrets out of JSON, of a form, or of other text. Of JSON only the layout may change beside.
func (s *striker) body(contentType string, body []byte) []byte {
	switch {
	case len(body) == 0:
		return nil
	case json.Valid(body):
		return []byte(s.text(string(s.json(body))))
	case strings.HasPrefix(contentType, "application/x-www-form-urlencoded"):
		if form, err := url.ParseQuery(string(body)); err == nil {
			s.query(form)
			return []byte(form.Encode())
		}
	}
	return []byte(s.text(string(body)))
}

// jsonMember is a member of an object whose value is a text.
var jsonMember = regexp.MustCompile(`"((?:[^"\\]|\\.)*)"\s*:\s*"((?:[^"\\]|\\.)*)"`)

// json strikes the values of members out whose name is that of a secret. It works on the text, so that numbers keep their digits.
func (s *striker) json(text []byte) []byte {
	return jsonMember.ReplaceAllFunc(text, func(member []byte) []byte {
		parts := jsonMember.FindSubmatch(member)
		var value string
		if json.Unmarshal([]byte(`"`+string(parts[2])+`"`), &value) != nil {
			return member
		}
		if _, is := s.named(string(parts[1]), value); is {
			return []byte(`"` + string(parts[1]) + `":"` + struck + `"`)
		}
		return member
	})
}

// kept reports whether a header of an answer is recorded.
func kept(name string) bool {
	return !slices.Contains([]string{"Set-Cookie", "Date", "Content-Length", "Transfer-Encoding", "Connection", "Server", "Strict-Transport-Security", "Alt-Svc"}, name)
}

// answer makes of a platform's answer what is recorded.
func (s *striker) answer(res *http.Response, body []byte, platform string) savedAnswer {
	a := savedAnswer{Status: res.StatusCode, Header: map[string][]string{}}
	for name, values := range res.Header {
		if !kept(name) {
			continue
		}
		for _, value := range values {
			value, _ = s.named(name, value)
			a.Header[name] = append(a.Header[name], s.text(strings.ReplaceAll(value, platform, urlMark)))
		}
	}
	if !utf8.Valid(body) {
		a.Bytes = body
		return a
	}
	clean := s.body(res.Header.Get("Content-Type"), body)
	text := replaceURL(string(clean), platform, urlMark)
	if json.Valid([]byte(text)) {
		var compact bytes.Buffer
		if json.Compact(&compact, []byte(text)) == nil {
			a.JSON = compact.Bytes()
			return a
		}
	}
	a.Text = text
	return a
}
