package bigcommerce

import (
	"context"
	"time"

	"github.com/reconcilehq/reconcile/plugins/connectors/bigcommerce/emulator"
)

// sandbox is an emulated store in this process, read over HTTP like any other.
type sandbox struct{ catalog *emulator.Catalog }

func (s *sandbox) load(path string) (err error) {
	if path == "" {
		s.catalog, err = emulator.Sample()
	} else {
		s.catalog, err = emulator.Load(path)
	}
	if err == nil {
		_, err = emulator.New(s.catalog)
	}
	return err
}

// start serves the store on a free port that only this machine can reach, and returns the address.
func (s *sandbox) start(ctx context.Context) (string, error) {
	// A quota like a real store's would only keep people waiting who try something out.
	server, err := emulator.New(s.catalog, emulator.WithCredentials(s.credentials()), emulator.WithQuota(10_000, 30*time.Second))
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
