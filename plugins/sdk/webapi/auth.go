package webapi

import (
	"context"
	"net/http"
)

// Auth signs requests. One that has to ask the platform for a token does so with a client of its own: requests of the same
// client may be waiting for this very answer.
type Auth interface {
	// Sign adds the credentials to a request. It is called for each try, possibly from several goroutines at once. Its error
	// ends the request: it says what to do.
	Sign(ctx context.Context, r *http.Request) error
	// Secrets are the texts that must stand in no error.
	Secrets() []string
}

// Renewer is an Auth whose credentials run out, such as a token that lasts an hour.
type Renewer interface {
	// Renew is called when the platform answers 401 to a request. It reports whether the credentials that signed it are
	// replaced, so that the request is worth making once more. Of several requests that failed with the same credentials, it
	// is called for each.
	Renew(ctx context.Context, signed *http.Request) (bool, error)
}

// Bearer signs in with a token in the header Authorization.
func Bearer(token string) Auth { return Header("Authorization", "Bearer "+token, token) }

// Basic signs in with a user's name and a password.
func Basic(user, password string) Auth {
	return signer{secrets: []string{password, user + ":" + password}, sign: func(r *http.Request) { r.SetBasicAuth(user, password) }}
}

// Header signs in with a header. secrets are the parts of the value that must stand in no error: the whole value if none are
// given.
func Header(name, value string, secrets ...string) Auth {
	if len(secrets) == 0 {
		secrets = []string{value}
	}
	return signer{secrets: secrets, sign: func(r *http.Request) { r.Header.Set(name, value) }}
}

// Query signs in with a parameter of the address.
func Query(name, value string) Auth {
	return signer{secrets: []string{value}, sign: func(r *http.Request) {
		query := r.URL.Query()
		query.Set(name, value)
		r.URL.RawQuery = query.Encode()
	}}
}

// signer is an Auth that never changes.
type signer struct {
	secrets []string
	sign    func(*http.Request)
}

func (s signer) Sign(_ context.Context, r *http.Request) error {
	s.sign(r)
	return nil
}

func (s signer) Secrets() []string { return s.secrets }
