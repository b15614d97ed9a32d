package host

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"html"
	"net/url"
	"regexp"
	"strconv"
	"strings"
)

var (
	// passwordIn finds passwords in connection strings, quoted in the ways of PostgreSQL ('...' with backslashes), ODBC and
	// ADO ({...}, "..."), or not at all.
	passwordIn = regexp.MustCompile(`(?i)(?:password|passwd|pwd|pass|token|secret|api[_-]?key|access[_-]?key)\s*=\s*('(?:\\.|''|[^'\\])*'|"(?:""|[^"])*"|\{[^}]*\}|[^;\s&]+)`)
	percentHex = regexp.MustCompile(`%[0-9A-F]{2}`)
	base64Text = regexp.MustCompile(`^[A-Za-z0-9+/]{16,}={0,2}$`)
)

func isBase64(s string) bool { return base64Text.MatchString(s) }

// secretsIn returns the secrets in a value: the value with and without the white space around it, the password in it if it
// is an address or a connection string, and its lines if it has several.
func secretsIn(v string) []string {
	secrets := []string{v, strings.TrimSpace(v)}
	if u, err := url.Parse(strings.TrimSpace(v)); err == nil && u.User != nil {
		if password, ok := u.User.Password(); ok {
			secrets = append(secrets, password)
		}
	}
	// user:password@tcp(host)/db, and user:password@host:port/db. The password may itself have an @ in it.
	for _, end := range []int{strings.LastIndex(v, "@tcp("), strings.LastIndex(v, "@unix("), strings.LastIndex(v, "@")} {
		if end < 0 {
			continue
		}
		user := v[:end]
		if at := strings.Index(user, "://"); at >= 0 {
			user = user[at+3:]
		}
		if _, password, ok := strings.Cut(user, ":"); ok && end+1 < len(v) && !strings.ContainsAny(password, " \n") {
			secrets = append(secrets, password)
			if plain, err := url.PathUnescape(password); err == nil {
				secrets = append(secrets, plain)
			}
		}
	}
	for _, m := range passwordIn.FindAllStringSubmatch(v, -1) {
		password := m[1]
		secrets = append(secrets, password)
		if len(password) > 1 && strings.ContainsAny(password[:1], `'"{`) {
			password = password[1 : len(password)-1]
			secrets = append(secrets, password, strings.NewReplacer(`\\`, `\`, `\'`, `'`, `''`, `'`, `""`, `"`).Replace(password))
		}
		if plain, err := url.QueryUnescape(password); err == nil {
			secrets = append(secrets, plain)
		}
	}
	if strings.ContainsAny(strings.TrimSpace(v), "\r\n") {
		for line := range strings.Lines(v) {
			if line = strings.TrimSpace(line); len(line) > maxShortSecret {
				secrets = append(secrets, line)
			}
		}
	}
	return secrets
}

// spellings returns the forms in which a secret may appear in a text: escaped, quoted, encoded.
func spellings(v string) []string {
	words := []string{v}
	for _, escaped := range []string{url.QueryEscape(v), url.PathEscape(v), url.UserPassword("", v).String()} {
		escaped = strings.TrimPrefix(escaped, ":")
		words = append(words, escaped, percentHex.ReplaceAllStringFunc(escaped, strings.ToLower))
	}
	inner := func(quoted string) string { return quoted[1 : len(quoted)-1] }
	words = append(words, inner(strconv.Quote(v)), inner(strconv.QuoteToASCII(v)), html.EscapeString(v))
	if text, err := json.Marshal(v); err == nil {
		words = append(words, inner(string(text)))
	}
	var plain strings.Builder
	enc := json.NewEncoder(&plain)
	enc.SetEscapeHTML(false)
	if enc.Encode(v) == nil {
		words = append(words, inner(strings.TrimSpace(plain.String())))
	}
	if len(v) <= maxShortSecret {
		return words // the encoded form of so short a secret is part of many words
	}
	words = append(words, hex.EncodeToString([]byte(v)), strings.ToUpper(hex.EncodeToString([]byte(v))))
	for _, encoding := range []*base64.Encoding{base64.RawStdEncoding, base64.RawURLEncoding} {
		words = append(words, base64Forms(v, encoding)...)
	}
	return words
}

// base64Forms returns how v looks inside a longer text that was encoded, such as user:password. There are three forms: base64
// encodes three bytes at a time, so the form depends on the number of bytes before v.
func base64Forms(v string, encoding *base64.Encoding) []string {
	const least = 6 // fewer characters are also part of other words
	var words []string
	for before := range 3 {
		text := encoding.EncodeToString(append(make([]byte, before), v...))
		from := (before*8 + 5) / 6      // the first character that depends on v alone
		to := (before + len(v)) * 8 / 6 // after the last one
		if to-from >= least {
			words = append(words, text[from:to])
		}
	}
	return words
}
