package webapi

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"syscall"
	"time"
)

// unreachable explains in plain words why a try with the context ctx, which may take as long as patience, got no answer. A name
// that nobody knows, or a port of this machine where nothing listens, is a wrong address in the settings rather than something
// that passes, unless it has answered before: that is told at once.
func (s *Session) unreachable(ctx context.Context, err error, patience time.Duration) *Failure {
	var wrapped *url.Error
	if errors.As(err, &wrapped) {
		err = wrapped.Err // without the address, which the caller names
	}
	f := &Failure{Cause: Network, Temporary: true}
	setting := s.config.Setting
	said := s.Clean(err.Error())
	var dns *net.DNSError
	var op *net.OpError
	var network net.Error
	switch {
	case errors.As(err, &op) && op.Op == "proxyconnect":
		f.Text, f.Advice = "no answer: the proxy cannot be reached: "+said, "check this machine's proxy settings"
	case errors.As(err, &dns) && dns.IsNotFound:
		f.Temporary = s.pace.hasAnswered()
		f.Text = fmt.Sprintf("no answer: there is no host named %s", dns.Name)
		f.Advice = "check " + setting + ", and whether this machine is connected to the internet"
	case errors.As(err, &dns):
		f.Text, f.Advice = "no answer: the host's name cannot be looked up: "+said, "check whether this machine is connected to the internet"
	case isErrno(err, syscall.ECONNREFUSED, 10061):
		f.Temporary = s.pace.hasAnswered() || !onLoopback(err)
		f.Text = "no answer: the connection is refused, as nothing listens there: " + said
		f.Advice = "check " + setting + ", and whether a firewall is in between"
	case isErrno(err, syscall.ENETUNREACH, 10051), isErrno(err, syscall.EHOSTUNREACH, 10065):
		f.Text, f.Advice = "no answer: there is no way to the host: "+said, "check whether this machine is connected to the internet"
	case strings.Contains(said, "server response headers exceeded"): // net/http has no type for it
		f.Temporary, f.Cause, f.TooLarge = false, Platform, true
		f.Text = fmt.Sprintf("the header of the answer is larger than %d bytes", mostHeader)
	case isErrno(err, syscall.ECONNRESET, 10054):
		f.Text = "no answer: the connection was broken off: " + said
	case insecure(err):
		f.Temporary = false
		f.Text = "no answer: the other side cannot prove that it is the API: " + said
		f.Advice = "check " + setting + " and this machine's clock, and whether a proxy or a virus scanner is in between"
	case errors.Is(err, http.ErrSchemeMismatch):
		f.Temporary = false
		f.Text, f.Advice = "no answer: the other side does not encrypt", setting+" begins with https: check its host and port"
	case errors.As(err, &network) && network.Timeout(), errors.Is(context.Cause(ctx), errPatience):
		f.Text = fmt.Sprintf("no answer within %s", patience.Round(10*time.Millisecond))
		f.Advice = "the network is slow, the API is, or a firewall swallows what is asked"
	default:
		f.Text = "no answer: " + said
	}
	if !f.Temporary && f.Cause == Network {
		f.Cause = Settings // what does not pass by itself is about where the settings lead to
	}
	return f
}

// onLoopback reports whether what failed was a connection to this machine itself.
func onLoopback(err error) bool {
	var op *net.OpError
	if !errors.As(err, &op) {
		return false
	}
	to, ok := op.Addr.(*net.TCPAddr)
	return ok && to.IP.IsLoopback()
}

// insecure reports whether the other side has no certificate that can be trusted, or none at all.
func insecure(err error) bool {
	var verification *tls.CertificateVerificationError
	var authority x509.UnknownAuthorityError
	var host x509.HostnameError
	var invalid x509.CertificateInvalidError
	var record tls.RecordHeaderError
	return errors.As(err, &verification) || errors.As(err, &authority) || errors.As(err, &host) || errors.As(err, &invalid) || errors.As(err, &record)
}

// isErrno reports whether a system call failed with this error number. Windows has numbers of its own for the network.
func isErrno(err error, unix syscall.Errno, windows uintptr) bool {
	return errors.Is(err, unix) || errors.Is(err, syscall.Errno(windows))
}
