package bigcommerce

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/reconcilehq/reconcile/engine/replace"
	"github.com/reconcilehq/reconcile/plugins/connectors/bigcommerce/emulator"
	"github.com/reconcilehq/reconcile/plugins/sdk"
)

// Keeping returns the connector, with sandboxes that keep in a folder what was written to them: each configuration's own.
func Keeping(folder string) sdk.Connector {
	c := Connector()
	c.New = func() sdk.Source { return &Source{sandbox: sandbox{folder: folder}} }
	return c
}

// sandbox is an emulated store in this process, asked over HTTP like any other.
type sandbox struct {
	folder  string // where it is kept; "" if it is not
	file    string // in it
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
	if err != nil || s.folder == "" {
		return err
	}
	if s.file, err = s.fileFor(path); err != nil {
		return err
	}
	if err := os.MkdirAll(s.folder, 0o700); err != nil { //nolint:staticcheck // it can be read all the same
		s.folder = ""
	}
	kept, err := emulator.Load(s.file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("what was written to the sandbox cannot be read: %w; reconcile sandbox reset takes it back", err)
	}
	s.catalog = kept
	return nil
}

// fileFor names the file of this configuration's sandbox. One whose catalogue is edited begins anew.
func (s *sandbox) fileFor(path string) (string, error) {
	dir, err := os.Getwd() // the folder of the configuration
	if err != nil {
		return "", err
	}
	name := sha256.New()
	fmt.Fprintf(name, "%q %q ", dir, path)
	if path != "" {
		text, err := os.ReadFile(path)
		if err != nil {
			return "", err
		}
		_, _ = name.Write(text) // it never fails
	}
	return filepath.Join(s.folder, hex.EncodeToString(name.Sum(nil))[:24]+".json"), nil
}

// keep writes the store as it is now, in one step.
func (s *sandbox) keep(c *emulator.Catalog) error {
	if s.file == "" {
		return nil // it lives as long as the process
	}
	if s.folder == "" {
		return errors.New("the sandbox has no folder in which it could keep what is written")
	}
	text, err := json.Marshal(c)
	if err != nil {
		return err
	}
	return replace.Write(s.file, text, 0o600)
}

// start serves the store on a free port that only this machine can reach, and returns the address.
func (s *sandbox) start(ctx context.Context) (string, error) {
	// A quota like a real store's would only keep people waiting who try something out.
	server, err := emulator.New(s.catalog, emulator.WithCredentials(s.credentials()), emulator.WithQuota(10_000, 30*time.Second), emulator.WithWritten(s.keep))
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
