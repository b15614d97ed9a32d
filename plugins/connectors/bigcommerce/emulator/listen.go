package emulator

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"

	"github.com/reconcilehq/reconcile/plugins/sdk"
)

// Running is a server that listens on a port.
type Running struct {
	// URL is the address in place of https://api.bigcommerce.com, without a slash at the end.
	URL string

	server http.Server
	done   chan error
}

// Listen starts serving on an address such as "127.0.0.1:0" (a free port of this machine only) until Close is called.
func (s *Server) Listen(ctx context.Context, address string) (*Running, error) {
	return listen(ctx, address, s)
}

func listen(ctx context.Context, address string, h http.Handler) (*Running, error) {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", address)
	if err != nil {
		return nil, fmt.Errorf("start the emulator: %w", err)
	}
	r := &Running{URL: "http://" + listener.Addr().String(), done: make(chan error, 1),
		server: http.Server{Handler: h, ReadHeaderTimeout: 10 * time.Second}}
	sdk.Go(func() { r.done <- r.server.Serve(listener) })
	return r, nil
}

// Close stops serving at once and returns what ended it, if that was not Close itself.
func (r *Running) Close() error {
	err := r.server.Close()
	if served := <-r.done; !errors.Is(served, http.ErrServerClosed) {
		return served
	}
	return err
}
