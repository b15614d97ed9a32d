// Package inspect asks a connector what it is, for its page.
package inspect

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/plugins/devkit/manual"
	"github.com/reconcilehq/reconcile/plugins/host"
	"github.com/reconcilehq/reconcile/plugins/host/trust"
	"github.com/reconcilehq/reconcile/rules/source"

	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/guard"
	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/session"
)

// Page returns a connector's page, all but how it is made anew. Its fields are those of the first source of this connector in
// the configuration or, if it is not to be looked at, those that the connector has by itself; nil where that cannot be known.
func Page(ctx context.Context, s *session.Session, command host.Command, byConfig bool) (page manual.Connector, err error) {
	d := &inspection{session: s, command: command}
	d.start = func(ctx context.Context) (*host.Process, error) {
		return host.Start(ctx, d.command, host.Options{Label: "the connector", Version: s.Version, Log: s.Log})
	}
	if byConfig {
		page.Schema, page.Of, err = d.schemaByConfig(ctx)
	} else {
		page.Schema, err = d.schemaByItself(ctx)
	}
	fill(&page, d.about)
	return page, err
}

func fill(page *manual.Connector, about host.Description) {
	page.Name, page.Version, page.Doc = about.Connector, about.Version, about.Doc
	page.Capabilities, page.Settings = about.Capabilities, about.Settings
}

// Program returns how the connector is started that is named on the command line: a bundled one by its name, or a
// program with its arguments. What is relative is so to the current folder, wherever the program will run.
func Program(self guard.Self, args []string) (host.Command, error) {
	dir, err := os.Getwd()
	if err != nil {
		return host.Command{}, err
	}
	if len(args) == 1 && slices.Contains(self.Bundled, args[0]) {
		command, err := self.Command(args[0])
		command.Dir = dir
		return command, err
	}
	program := args[0]
	if _, err := os.Stat(program); err == nil && len(args) == 1 && !strings.ContainsAny(program, `/\`) {
		program = "./" + program
	}
	found, err := trust.Executable(program, dir)
	if err != nil {
		return host.Command{}, fmt.Errorf("%w; reconcile itself brings the connectors %s", err, strings.Join(self.Bundled, ", "))
	}
	words := append([]string{found}, args[1:]...)
	for i, word := range words[1:] {
		if _, err := os.Stat(word); err == nil { // a script, for example
			words[i+1] = filepath.Join(dir, word)
			if filepath.IsAbs(word) {
				words[i+1] = word
			}
		}
	}
	return host.Command{Path: found, Args: words, Dir: dir}, nil
}

// inspection finds out what a page needs. Each try is a process of its own, because one is configured once.
type inspection struct {
	session *session.Session
	command host.Command
	start   func(context.Context) (*host.Process, error)
	about   host.Description
}

var errRefused = errors.New("the connector refuses the settings")

// schema returns the fields that the connector has with the settings that the function makes of its description.
func (d *inspection) schema(ctx context.Context, settings func() (text []byte, secrets []string, err error), refused func([]catalog.Problem) error) (*catalog.Schema, error) {
	p, err := d.start(ctx)
	if err != nil {
		return nil, err
	}
	defer p.Close()
	d.about = p.Describe()
	text, secrets, err := settings()
	if err != nil {
		return nil, err
	}
	problems, err := p.Configure(ctx, text, secrets)
	if err != nil {
		return nil, err
	}
	if slices.ContainsFunc(problems, func(p catalog.Problem) bool { return !p.Warning }) {
		return nil, refused(problems)
	}
	return p.Schema(ctx)
}

// schemaByConfig returns the fields of the first source of this connector in the configuration, and what it is called.
func (d *inspection) schemaByConfig(ctx context.Context) (*catalog.Schema, string, error) {
	config, diags := d.session.Load()
	if diags.HasErrors() && len(config.Sources) == 0 {
		return nil, "", d.session.Refuse(config, diags)
	}
	d.command.Dir = config.Dir
	var first *source.Source
	var decoded *source.Settings
	schema, err := d.schema(ctx, func() ([]byte, []string, error) {
		i := slices.IndexFunc(config.Sources, func(s *source.Source) bool { return s.Connector == d.about.Connector })
		if i < 0 {
			return nil, nil, fmt.Errorf("%s has no source of the connector %q", d.session.ConfigPath, d.about.Connector)
		}
		first = config.Sources[i]
		var diags hcl.Diagnostics
		if decoded, diags = config.Settings(first, d.about.Settings); decoded == nil {
			return nil, nil, d.session.Refuse(config, diags)
		}
		return decoded.JSON, decoded.Secrets, nil
	}, func(problems []catalog.Problem) error { return d.session.Refuse(config, decoded.Diagnose(problems)) })
	if err != nil {
		return nil, "", err
	}
	return schema, configured(first, d.session.ConfigPath), nil
}

// configured names a source on a page.
func configured(s *source.Source, path string) string {
	return fmt.Sprintf("`source %q %q` in %s", s.Connector, s.Name, path)
}

// schemaByItself returns the fields that the connector has without a configuration, or with its sandbox; nil if they
// cannot be known so.
func (d *inspection) schemaByItself(ctx context.Context) (*catalog.Schema, error) {
	for _, settings := range []string{`{}`, `{"sandbox":true}`} {
		if d.about.Settings != nil && settings != `{}` && !hasSandbox(d.about.Settings) {
			break
		}
		schema, err := d.schema(ctx, func() ([]byte, []string, error) { return []byte(settings), nil, nil },
			func([]catalog.Problem) error { return errRefused })
		switch {
		case err == nil:
			return schema, nil
		case d.about.Settings == nil || ctx.Err() != nil: // it did not even start, or nobody waits any more
			return nil, err
		}
	}
	return nil, nil
}

func hasSandbox(s *catalog.Settings) bool {
	a := s.Attribute("sandbox")
	return a != nil && a.Type == catalog.SettingBool
}
