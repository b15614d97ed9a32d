package web

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"sync"
	"time"

	"github.com/reconcilehq/reconcile/engine/fault"
)

// How long a server waits: for what is sent to it, and for its own end.
const (
	headTimeout  = 15 * time.Second
	readTimeout  = time.Minute
	writeTimeout = 10 * time.Minute // of the largest download over a slow line
	idleTimeout  = 2 * time.Minute
	endTimeout   = 8 * time.Second // less than the 10 s after which managers of services kill
)

// Serve answers what comes to l until ctx is done, and then the requests that are under way. It closes l.
func (s *Server) Serve(ctx context.Context, l net.Listener, cert *Certificate) error {
	server := &http.Server{Handler: s, ReadHeaderTimeout: headTimeout, ReadTimeout: readTimeout, WriteTimeout: writeTimeout, IdleTimeout: idleTimeout,
		MaxHeaderBytes: 64 << 10, ErrorLog: slog.NewLogLogger(s.Log.Handler(), slog.LevelDebug)}
	if cert != nil {
		server.TLSConfig = &tls.Config{MinVersion: tls.VersionTLS12, GetCertificate: cert.get}
	}
	ended := make(chan error, 1)
	fault.Go(func() {
		if cert != nil {
			ended <- server.ServeTLS(l, "", "")
		} else {
			ended <- server.Serve(l)
		}
	})
	select {
	case err := <-ended:
		return fmt.Errorf("serve: %w", err)
	case <-ctx.Done():
	}
	end, cancel := context.WithTimeout(context.WithoutCancel(ctx), endTimeout)
	defer cancel()
	err := server.Shutdown(end)
	if errors.Is(err, context.DeadlineExceeded) {
		s.Log.Warn("requests were under way and are given up")
		err = server.Close()
	}
	if last := <-ended; !errors.Is(last, http.ErrServerClosed) {
		err = errors.Join(err, last)
	}
	return err
}

// Certificate is a certificate with its key, in two files. It is read anew when they change: certificates are renewed.
type Certificate struct {
	certFile, keyFile string
	log               *slog.Logger

	mu     sync.Mutex
	pair   *tls.Certificate
	stamps [2]time.Time
}

// LoadCertificate reads a certificate.
func LoadCertificate(certFile, keyFile string, log *slog.Logger) (*Certificate, error) {
	c := &Certificate{certFile: certFile, keyFile: keyFile, log: log}
	c.stamps = c.stampsNow()
	return c, c.load()
}

func (c *Certificate) load() error {
	pair, err := tls.LoadX509KeyPair(c.certFile, c.keyFile)
	if err != nil {
		return fmt.Errorf("read the certificate %s and its key %s: %w", c.certFile, c.keyFile, err)
	}
	c.pair = &pair
	return nil
}

// Names returns the names that the certificate is for; nothing where there is no certificate.
func (c *Certificate) Names() []string {
	if c == nil || c.pair.Leaf == nil {
		return nil
	}
	return c.pair.Leaf.DNSNames
}

func (c *Certificate) stampsNow() (stamps [2]time.Time) {
	for i, name := range []string{c.certFile, c.keyFile} {
		if info, err := os.Stat(name); err == nil {
			stamps[i] = info.ModTime()
		}
	}
	return stamps
}

func (c *Certificate) get(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if now := c.stampsNow(); now != c.stamps {
		if err := c.load(); err != nil { // one of the two may not be there yet: the old one goes on
			c.log.Error("the certificate was changed, and cannot be used", "error", err)
		} else {
			c.stamps = now
		}
	}
	return c.pair, nil
}
