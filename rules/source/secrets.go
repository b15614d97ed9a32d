package source

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/hashicorp/hcl/v2"

	"github.com/reconcilehq/reconcile/engine/fault"
	"github.com/reconcilehq/reconcile/rules/block"
	"github.com/reconcilehq/reconcile/rules/grammar"
)

// secretStore is where secret() looks: at first in a folder, or what a command says, and else in the environment.
type secretStore struct {
	folder  string   // "" for none
	command []string // nil for none; the name is its last argument
	prefix  string   // of the environment's variables
	getenv  func(string) (string, bool)
	stop    <-chan struct{}
	dir     string // in which the command runs

	mu    sync.Mutex
	known map[string]string // what was looked up already
}

// The bounds of secrets. docs/limits.md lists all bounds.
const (
	maxSecret     = 64 << 10
	secretTimeout = time.Minute
)

// secretPath is what a secret can be called: names between slashes, none of which leads out of a folder.
var secretPath = regexp.MustCompile(`^[A-Za-z0-9_][A-Za-z0-9._@+-]*(/[A-Za-z0-9_][A-Za-z0-9._@+-]*)*$`)

// readSecrets reads the secrets block, of which there is one at most.
func (c *Config) readSecrets(r *block.Reader, blocks hcl.Blocks, opts Options) {
	c.secrets = &secretStore{prefix: "RECONCILE_SECRET_", getenv: r.Scope().Getenv, stop: opts.Stop, dir: c.Dir, known: map[string]string{}}
	for i, b := range blocks {
		if i > 0 {
			r.Fail(b.DefRange, "Duplicate secrets", "There is a secrets block at %s already.", block.Place(blocks[0].DefRange))
			return
		}
		attrs := r.Attributes(b, grammar.Secrets)
		r.Unshown(func() {
			if folder := r.Text(attrs, "folder"); folder != "" {
				c.secrets.folder = c.absolute(folder)
			}
			for _, w := range r.Words(attrs, "command") {
				c.secrets.command = append(c.secrets.command, w.Text)
			}
		})
		if a, ok := attrs["environment"]; ok {
			c.secrets.prefix = r.Text(attrs, "environment")
			if c.secrets.prefix != "" && !variableName.MatchString(c.secrets.prefix) {
				r.Fail(a.Expr.Range(), "Invalid name", `"environment" is what the names of variables begin with, such as "SHOPS_".`)
			}
		}
		for _, name := range []string{"folder", "command", "environment"} {
			if a, ok := attrs[name]; ok && name != "command" {
				c.open.add(a.Range)
			}
		}
		if c.secrets.folder != "" && c.secrets.command != nil {
			r.Fail(b.DefRange, "Where secrets are", "Secrets are in a folder, or a command says them: leave one out.")
		}
	}
}

// look returns a secret. The errors do not tell it.
func (s *secretStore) look(name string) (string, error) {
	if len(name) > 255 || !secretPath.MatchString(name) {
		return "", errors.New(`a secret's name has letters, digits and . _ @ + -, and slashes between them, such as "bigcommerce/toronto"`)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	value, known := s.known[name]
	if known {
		return value, nil
	}
	value, err := s.find(name)
	if err == nil {
		s.known[name] = value
	}
	return value, err
}

func (s *secretStore) find(name string) (string, error) {
	switch {
	case s.folder != "":
		return s.read(name)
	case s.command != nil:
		return s.ask(name)
	}
	variable := s.variable(name)
	value, ok := s.getenv(variable)
	if !ok || value == "" {
		return "", fmt.Errorf("there is no secret %q: set the environment variable %s, or say in a secrets block in which folder secrets are, or which command says them", name, variable)
	}
	return value, nil
}

// variable returns the name of the variable that holds a secret.
func (s *secretStore) variable(name string) string {
	return s.prefix + strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z':
			return r - 'a' + 'A'
		case r >= 'A' && r <= 'Z' || r >= '0' && r <= '9':
			return r
		}
		return '_'
	}, name)
}

// read reads a secret's file.
func (s *secretStore) read(name string) (string, error) {
	root, err := os.OpenRoot(s.folder)
	if err != nil {
		return "", fmt.Errorf("the folder of secrets %s cannot be opened: %w", s.folder, withoutPath(err))
	}
	defer func() { _ = root.Close() }() // it was only read
	info, err := root.Stat(filepath.FromSlash(name))
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "", fmt.Errorf("there is no secret %q: its file %s is not there", name, filepath.Join(s.folder, filepath.FromSlash(name)))
	case err != nil:
		return "", fmt.Errorf("the secret %q: %w", name, withoutPath(err))
	case !info.Mode().IsRegular():
		return "", fmt.Errorf("the secret %q is no file", name)
	}
	file, err := root.Open(filepath.FromSlash(name))
	if err != nil {
		return "", fmt.Errorf("the secret %q: %w", name, withoutPath(err))
	}
	defer func() { _ = file.Close() }() // it was only read
	text, err := io.ReadAll(io.LimitReader(file, maxSecret+1))
	if err != nil {
		return "", fmt.Errorf("the secret %q: %w", name, withoutPath(err))
	}
	return said(name, text)
}

// withoutPath returns what went wrong with a file.
func withoutPath(err error) error {
	var at *fs.PathError
	if errors.As(err, &at) {
		return at.Err
	}
	return err
}

// ask has the command say a secret. What it writes to stderr may hold one, and is not shown.
func (s *secretStore) ask(name string) (string, error) {
	ctx, cancel := context.WithTimeout(context.Background(), secretTimeout)
	defer cancel()
	fault.Go(func() {
		select {
		case <-s.stop: // nil where nobody stops it
			cancel()
		case <-ctx.Done():
		}
	})
	args := append(append([]string(nil), s.command[1:]...), name)
	cmd := exec.CommandContext(ctx, s.command[0], args...)
	cmd.Dir, cmd.WaitDelay = s.dir, time.Second
	var out bounded
	cmd.Stdout = &out
	err := cmd.Run()
	var status *exec.ExitError
	switch {
	case out.over:
		return "", fmt.Errorf("the secret %q: the command %s says more than %d KiB (max_secret)", name, s.command[0], maxSecret>>10)
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		return "", fmt.Errorf("the secret %q: the command %s did not end within %s", name, s.command[0], secretTimeout)
	case ctx.Err() != nil:
		return "", fmt.Errorf("the secret %q: the command %s was interrupted", name, s.command[0])
	case errors.As(err, &status):
		return "", fmt.Errorf("the secret %q: the command %s failed (%w)", name, s.command[0], status)
	case err != nil:
		return "", fmt.Errorf("the secret %q: the command cannot be run: %w", name, err)
	}
	return said(name, out.text)
}

// said returns the text of a secret: what is said, without the end of its line.
func said(name string, text []byte) (string, error) {
	if len(text) > maxSecret {
		return "", fmt.Errorf("the secret %q has more than %d KiB (max_secret)", name, maxSecret>>10)
	}
	text = bytes.TrimSuffix(bytes.TrimSuffix(text, []byte("\n")), []byte("\r"))
	switch {
	case len(text) == 0:
		return "", fmt.Errorf("the secret %q is empty", name)
	case !utf8.Valid(text) || bytes.IndexByte(text, 0) >= 0:
		return "", fmt.Errorf("the secret %q is no text in UTF-8", name)
	}
	return string(text), nil
}

// bounded keeps what is written to it, up to the bound of a secret.
type bounded struct {
	text []byte
	over bool
}

// Write implements io.Writer.
func (b *bounded) Write(p []byte) (int, error) {
	if len(b.text)+len(p) > maxSecret {
		b.over = true
		return 0, errors.New("too long")
	}
	b.text = append(b.text, p...)
	return len(p), nil
}
