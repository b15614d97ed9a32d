package bigcommerce

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"github.com/reconcilehq/reconcile/plugins/connectors/bigcommerce/emulator"
	"github.com/reconcilehq/reconcile/plugins/sdk"
	"github.com/reconcilehq/reconcile/plugins/sdk/keep"
)

// Keeping returns the connector, with sandboxes that keep in a folder what was written to them: each configuration's own.
func Keeping(folder string) sdk.Connector {
	c := Connector()
	c.New = func() sdk.Source { return &Source{sandbox: sandbox{folder: folder}} }
	return c
}

// sandbox is an emulated store in this process, asked over HTTP like any other.
type sandbox struct {
	folder  string     // where sandboxes are kept; "" if they are not
	file    *keep.File // where this one is
	catalog *emulator.Catalog
}

// load reads the store as it was kept, or else from its catalogue.
func (s *sandbox) load(path string) (err error) {
	if path == "" {
		s.catalog, err = emulator.Sample()
	} else {
		s.catalog, err = emulator.Load(path)
	}
	if err == nil {
		_, err = emulator.New(s.catalog)
	}
	if err == nil {
		s.file, err = keep.In(s.folder, path)
	}
	if err != nil || s.file == nil {
		return err
	}
	kept, err := emulator.Load(s.file.Path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("what was written to the sandbox cannot be read: %w; reconcile sandbox reset takes it back", err)
	}
	s.catalog = kept
	return nil
}

// start serves the store on a free port that only this machine can reach, and returns the address.
func (s *sandbox) start(ctx context.Context) (string, error) {
	// A quota like a real store's would only keep people waiting who try something out.
	server, err := emulator.New(s.catalog, emulator.WithCredentials(s.credentials()), emulator.WithQuota(10_000, 30*time.Second),
		emulator.WithWritten(func(c *emulator.Catalog) error { return s.file.Keep(c) }))
	if err != nil {
		return "", err
	}
	running, err := server.Listen(ctx, "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return running.URL, nil
}

func (s *sandbox) credentials() (hash, token string) {
	return emulator.DefaultStoreHash, emulator.DefaultAccessToken
}
