package api

import (
	"context"
	"errors"
	"net"
	"net/url"
	"strings"
	"syscall"
	"testing"
)

// TestUnreachable explains errors that a test cannot provoke everywhere.
func TestUnreachable(t *testing.T) {
	const secret = "t0ken-that-nobody-may-see"
	s := &Session{Client: New(Config{URL: "https://api.example", StoreHash: "abc123", Token: secret, Share: 1})}
	for _, c := range []struct {
		err  error
		want string
	}{
		{&net.DNSError{Err: "no such host", Name: "api.example", IsNotFound: true}, "there is no host named api.example; check api_url, and whether this machine is connected"},
		{&net.DNSError{Err: "server misbehaving", Name: "api.example", IsTemporary: true}, "the host's name cannot be looked up: lookup api.example: server misbehaving; check whether"},
		{&net.OpError{Op: "proxyconnect", Err: syscall.ECONNREFUSED}, "the proxy cannot be reached"},
		{&net.OpError{Op: "dial", Err: syscall.ENETUNREACH}, "there is no way to the host"},
		{&net.OpError{Op: "dial", Err: syscall.Errno(10061)}, "the connection is refused"},
		{&net.OpError{Op: "read", Err: syscall.ECONNRESET}, "the connection was broken off"},
		{context.DeadlineExceeded, "no answer within 30s; the network is slow"},
		{errors.New("bad " + secret), "no answer: bad [access token]"},
	} {
		got := s.unreachable(&url.Error{Op: "Get", URL: "https://api.example/" + secret, Err: c.err}).finally("GET /v2/store", "").Error()
		if !strings.Contains(got, c.want) || strings.Contains(got, secret) {
			t.Errorf("%v: %s\nwant %s", c.err, got, c.want)
		}
	}
}
