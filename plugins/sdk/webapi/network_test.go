package webapi

import (
	"context"
	"errors"
	"net"
	"net/url"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestUnreachable explains errors that a test cannot provoke everywhere.
func TestUnreachable(t *testing.T) {
	const secret = "t0ken-that-nobody-may-see"
	s := &Session{Client: New(Config{URL: "https://api.example", Auth: Bearer(secret), Setting: "api_url"})}
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
		{errors.New("bad " + secret), "no answer: bad [secret]"},
	} {
		got := s.unreachable(t.Context(), &url.Error{Op: "Get", URL: "https://api.example/" + secret, Err: c.err}, 30*time.Second).finally("GET /v2/store", "").Error()
		if !strings.Contains(got, c.want) || strings.Contains(got, secret) {
			t.Errorf("%v: %s\nwant %s", c.err, got, c.want)
		}
	}
}

// TestTriedAgain checks which errors are told at once: those of an address that has never answered and seldom will.
func TestTriedAgain(t *testing.T) {
	refusedBy := func(ip net.IP) error {
		return &net.OpError{Op: "dial", Addr: &net.TCPAddr{IP: ip, Port: 443}, Err: syscall.ECONNREFUSED}
	}
	nobody := &net.DNSError{Err: "no such host", Name: "api.example", IsNotFound: true}
	for _, c := range []struct {
		err      error
		answered bool
		again    bool
	}{
		{nobody, false, false},
		{nobody, true, true},
		{refusedBy(net.IPv4(127, 0, 0, 1)), false, false},
		{refusedBy(net.IPv6loopback), false, false},
		{refusedBy(net.IPv4(127, 0, 0, 1)), true, true},
		{refusedBy(net.IPv4(192, 0, 2, 1)), false, true},
		{&net.DNSError{Err: "server misbehaving", Name: "api.example", IsTemporary: true}, false, true},
	} {
		s := &Session{Client: New(Config{URL: "https://api.example"})}
		s.pace.answered = c.answered
		if got := s.unreachable(t.Context(), &url.Error{Op: "Get", URL: "https://api.example/", Err: c.err}, time.Second).Temporary; got != c.again {
			t.Errorf("%v, answered before: %v: tried again is %v, want %v", c.err, c.answered, got, c.again)
		}
	}
}
