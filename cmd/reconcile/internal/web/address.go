package web

import (
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strconv"
	"strings"
)

// trusted reports whether the word of an address is taken for where a request comes from.
func (s *Server) trusted(a netip.Addr) bool {
	return slices.ContainsFunc(s.Proxies, func(p netip.Prefix) bool { return p.Contains(a) })
}

// peer returns the address that a request came from, a proxy's where there is one.
func peer(r *http.Request) netip.Addr {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		host = r.RemoteAddr
	}
	a, _ := netip.ParseAddr(host)
	return a.Unmap().WithZone("")
}

// addressOf returns the address of whoever sends a request. Of a trusted proxy the last address is taken that it was told by
// somebody who is not trusted: what stands before that, anybody could have written.
func (s *Server) addressOf(r *http.Request) netip.Addr {
	at := peer(r)
	hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for i := len(hops) - 1; i >= 0 && s.trusted(at); i-- {
		next, err := netip.ParseAddr(strings.TrimSpace(hops[i]))
		if err != nil {
			break
		}
		at = next.Unmap().WithZone("")
	}
	return at
}

// overTLS reports whether whoever sends a request has spoken TLS, to this server or to a trusted proxy before it.
func (s *Server) overTLS(r *http.Request) bool {
	return s.TLS || s.trusted(peer(r)) && r.Header.Get("X-Forwarded-Proto") == "https"
}

// forwardingHeaders are what proxies add.
var forwardingHeaders = []string{"Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Real-Ip", "Via"}

// onThisMachine reports whether a request was sent on this machine, and no proxy has passed it on. The host that it names has to be
// this machine, too: a page of elsewhere whose name leads here is not.
func (s *Server) onThisMachine(r *http.Request) bool {
	if len(s.Proxies) > 0 || !peer(r).IsLoopback() {
		return false
	}
	for _, name := range forwardingHeaders {
		if r.Header.Get(name) != "" {
			return false
		}
	}
	host := hostOf(r)
	if host == "localhost" {
		return true
	}
	a, err := netip.ParseAddr(host)
	return err == nil && a.IsLoopback()
}

// hostOf returns the name or the address that a request asks for, in one form.
func hostOf(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.Host)
	if err != nil {
		host = r.Host
	}
	return strings.TrimSuffix(strings.ToLower(strings.Trim(host, "[]")), ".")
}

// addressed has h answer only requests that ask for this server. A page of elsewhere can have its own name lead to any address, and
// browsers take this server for that page's then; no page has an address for a name. A trusted proxy asks for what it was asked for, so
// that it counts only where names are told.
func (s *Server) addressed(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/healthz" && !s.asked(r) {
			s.refuse(w, r, http.StatusMisdirectedRequest, "wrong_host", "This server is not asked for by the name "+strconv.Quote(hostOf(r))+". Use its address, or start it with --host and the name.")
			return
		}
		h.ServeHTTP(w, r)
	})
}

// asked reports whether a request asks for this server.
func (s *Server) asked(r *http.Request) bool {
	host := hostOf(r)
	if _, err := netip.ParseAddr(host); err == nil || host == "localhost" {
		return true
	}
	_, above, _ := strings.Cut(host, ".")
	for _, name := range s.Hosts {
		name = strings.TrimSuffix(strings.ToLower(name), ".")
		if wild, is := strings.CutPrefix(name, "*."); name == host || is && wild == above {
			return true
		}
	}
	return len(s.Hosts) == 0 && s.trusted(peer(r))
}
