package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/spf13/cobra"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/plugins/devkit/manual"
	"github.com/reconcilehq/reconcile/plugins/host"
	"github.com/reconcilehq/reconcile/plugins/host/trust"
	"github.com/reconcilehq/reconcile/rules/source"
)

func pluginDocsCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "docs NAME | BINARY | COMMAND ARGUMENT...",
		Short: "Write a connector's page for its users, in Markdown",
		Long: `Docs prints a connector's page: what it reads, its settings with their types and defaults, its fields, and what else it
can do. All of it is what the connector says of itself.

The connector is one that reconcile brings (amberpos), or a program. With --config the fields are those of the first
source of this connector in the configuration. Without it they are those that the connector has when nothing is set, or
with sandbox = true if it has such a setting.`,
		Example: `  reconcile plugin docs bigcommerce
  reconcile plugin docs ./reconcile-plugin-lanternshop > docs/lanternshop.md
  reconcile plugin docs node dist/lanternshop.mjs
  reconcile plugin docs amberpos --config reconcile.hcl`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.pluginDocs(cmd.Context(), args, cmd.Flags().Changed("config"))
		},
	}
}

func (a *app) pluginDocs(ctx context.Context, args []string, configured bool) error {
	d := &pluginPage{app: a}
	var err error
	if d.command, err = programOf(args); err != nil {
		return err
	}
	page := manual.Connector{Remake: "reconcile plugin docs " + strings.Join(args, " ")}
	if configured {
		page.Remake += " --config " + a.configPath
		page.Schema, page.Of, err = d.schemaByConfig(ctx)
	} else {
		page.Schema, err = d.schemaByItself(ctx)
	}
	if err != nil {
		return err
	}
	if page.Schema == nil {
		fmt.Fprintln(a.stderr, "The page lists no fields: they depend on the configuration. Say --config and a file with a source of this connector to list that one's.")
	}
	page.Name, page.Version, page.Doc = d.about.Connector, d.about.Version, d.about.Doc
	page.Capabilities, page.Settings = d.about.Capabilities, d.about.Settings
	return page.Write(a.stdout)
}

// programOf returns how the connector is started that is named on the command line: a bundled one by its name, or a
// program with its arguments. What is relative is so to the current folder, wherever the program will run.
func programOf(args []string) (host.Command, error) {
	dir, err := os.Getwd()
	if err != nil {
		return host.Command{}, err
	}
	if len(args) == 1 && slices.Contains(bundledNames(), args[0]) {
		self, err := os.Executable()
		if err != nil {
			return host.Command{}, fmt.Errorf("find this program's own file: %w", err)
		}
		return host.Command{Path: self, Args: []string{os.Args[0], connectorArg, args[0]}, Dir: dir}, nil
	}
	program := args[0]
	if _, err := os.Stat(program); err == nil && len(args) == 1 && !strings.ContainsAny(program, `/\`) {
		program = "./" + program
	}
	found, err := trust.Executable(program, dir)
	if err != nil {
		return host.Command{}, fmt.Errorf("%w; reconcile itself brings the connectors %s", err, strings.Join(bundledNames(), ", "))
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

// pluginPage finds out what a page needs. Each try is a process of its own, because one is configured once.
type pluginPage struct {
	app     *app
	command host.Command
	about   host.Description
}

func (d *pluginPage) start(ctx context.Context) (*host.Process, error) {
	p, err := host.Start(ctx, d.command, host.Options{Label: "the connector", Version: version, Log: d.app.log})
	if err == nil {
		d.about = p.Describe()
	}
	return p, err
}

var errRefused = errors.New("the connector refuses the settings")

// schema returns the fields that the connector has with the settings that the function makes of its description.
func (d *pluginPage) schema(ctx context.Context, settings func() (text []byte, secrets []string, err error), refused func([]catalog.Problem) error) (*catalog.Schema, error) {
	p, err := d.start(ctx)
	if err != nil {
		return nil, err
	}
	defer p.Close()
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
func (d *pluginPage) schemaByConfig(ctx context.Context) (*catalog.Schema, string, error) {
	config, diags := d.app.load()
	if diags.HasErrors() && len(config.Sources) == 0 {
		return nil, "", d.app.refuse(config, diags)
	}
	d.command.Dir = config.Dir
	var first *source.Source
	var decoded *source.Settings
	schema, err := d.schema(ctx, func() ([]byte, []string, error) {
		i := slices.IndexFunc(config.Sources, func(s *source.Source) bool { return s.Connector == d.about.Connector })
		if i < 0 {
			return nil, nil, fmt.Errorf("%s has no source of the connector %q", d.app.configPath, d.about.Connector)
		}
		first = config.Sources[i]
		var diags hcl.Diagnostics
		if decoded, diags = config.Settings(first, d.about.Settings); decoded == nil {
			return nil, nil, d.app.refuse(config, diags)
		}
		return decoded.JSON, decoded.Secrets, nil
	}, func(problems []catalog.Problem) error { return d.app.refuse(config, decoded.Diagnose(problems)) })
	if err != nil {
		return nil, "", err
	}
	return schema, fmt.Sprintf("`source %q %q` in %s", first.Connector, first.Name, d.app.configPath), nil
}

// schemaByItself returns the fields that the connector has without a configuration, or with its sandbox; nil if they
// cannot be known so.
func (d *pluginPage) schemaByItself(ctx context.Context) (*catalog.Schema, error) {
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
