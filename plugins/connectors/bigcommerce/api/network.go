package api

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"syscall"
)

// unreachable explains in plain words why a request got no answer. A name that nobody knows, or a port of this machine where nothing
// listens, is a wrong api_url rather than something that passes, unless it has answered before: that is told at once.
func (s *Session) unreachable(err error) *Failure {
	var wrapped *url.Error
	if errors.As(err, &wrapped) {
		err = wrapped.Err // without the address, which the caller names
	}
	f := &Failure{temporary: true}
	said := s.clean(err.Error())
	var dns *net.DNSError
	var op *net.OpError
	var network net.Error
	switch {
	case errors.As(err, &op) && op.Op == "proxyconnect":
		f.text, f.advice = "no answer: the proxy cannot be reached: "+said, "check this machine's proxy settings"
	case errors.As(err, &dns) && dns.IsNotFound:
		f.temporary = s.pace.hasAnswered()
		f.text = fmt.Sprintf("no answer: there is no host named %s", dns.Name)
		f.advice = "check api_url, and whether this machine is connected to the internet"
	case errors.As(err, &dns):
		f.text, f.advice = "no answer: the host's name cannot be looked up: "+said, "check whether this machine is connected to the internet"
	case isErrno(err, syscall.ECONNREFUSED, 10061):
		f.temporary = s.pace.hasAnswered() || !onLoopback(err)
		f.text = "no answer: the connection is refused, as nothing listens there: " + said
		f.advice = "check api_url, and whether a firewall is in between"
	case isErrno(err, syscall.ENETUNREACH, 10051), isErrno(err, syscall.EHOSTUNREACH, 10065):
		f.text, f.advice = "no answer: there is no way to the host: "+said, "check whether this machine is connected to the internet"
	case isErrno(err, syscall.ECONNRESET, 10054):
		f.text = "no answer: the connection was broken off: " + said
	case insecure(err):
		f.temporary = false
		f.text = "no answer: the other side cannot prove that it is the API: " + said
		f.advice = "check api_url and this machine's clock, and whether a proxy or a virus scanner is in between"
	case errors.Is(err, http.ErrSchemeMismatch):
		f.temporary = false
		f.text, f.advice = "no answer: the other side does not encrypt", "api_url begins with https: check its host and port"
	case errors.As(err, &network) && network.Timeout():
		f.text = fmt.Sprintf("no answer within %s", requestTimeout)
		f.advice = "the network is slow, the API is, or a firewall swallows what is asked"
	default:
		f.text = "no answer: " + said
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
