package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/reconcilehq/reconcile/plugins/devkit/scaffold"
)

// newPluginFlags are the flags of reconcile plugin new.
type newPluginFlags struct {
	lang, sdk string
	writes    bool
}

func pluginNewCommand(c *commandLine) *cobra.Command {
	var f newPluginFlags
	cmd := &cobra.Command{
		Use:   "new NAME [DIR]",
		Short: "Write a connector of your own, which works as it is",
		Long: `New writes a connector's whole project into a new folder, in Go or TypeScript: one short file that reads a shop's JSON API
page by page, a test that runs the conformance suite, and a configuration that compares a sample shop with a sample
inventory. It builds, passes and runs as it is. Then put your platform in the sample's place: docs/plugins.md leads
through it.

NAME is what a source block calls the connector, in lower case and with dashes. DIR is reconcile-plugin-NAME if it is
left out. Nothing is overwritten.

With --writes it can change its platform, too: reconcile plan and reconcile apply work with it.`,
		Example: `  reconcile plugin new lanternshop
  reconcile plugin new lanternshop --lang typescript
  reconcile plugin new lanternshop --writes`,
		Args: cobra.RangeArgs(1, 2),
		RunE: func(_ *cobra.Command, args []string) error {
			dir := "reconcile-plugin-" + args[0]
			if len(args) == 2 {
				dir = args[1]
			}
			return c.newPlugin(args[0], dir, f)
		},
	}
	cmd.Flags().StringVar(&f.lang, "lang", "go", "the language: go or typescript")
	cmd.Flags().StringVar(&f.sdk, "sdk", "", "of Go, the folder of reconcile's source to build with (default: the one that this program was built from)")
	cmd.Flags().BoolVar(&f.writes, "writes", false, "one that can also change its platform, for reconcile apply")
	return cmd
}

func (c *commandLine) newPlugin(name, dir string, f newPluginFlags) error {
	if err := scaffold.CheckName(name); err != nil {
		return err
	}
	if slices.Contains(bundledNames(), name) {
		return fmt.Errorf("reconcile brings a connector %q itself: choose another name", name)
	}
	project, err := newProject(name, f)
	if err != nil {
		return err
	}
	files, err := project.Write(dir)
	if err != nil {
		return err
	}
	fmt.Fprintf(c.term.Out, "Wrote the connector %q into %s: %d files, which README.md there explains.\n", name, dir, len(files))
	fmt.Fprintf(c.term.Out, "\nIt works as it is:\n\n  cd %s\n", dir)
	for _, next := range project.Next {
		fmt.Fprintf(c.term.Out, "  %s\n", next)
	}
	fmt.Fprintf(c.term.Out, "\nThen make %s yours.\n", project.Main)
	return nil
}

func newProject(name string, f newPluginFlags) (scaffold.Project, error) {
	switch f.lang {
	case "go":
		sdk, err := findSDK(f.sdk)
		if err != nil {
			return scaffold.Project{}, err
		}
		return scaffold.Go(name, sdk, version, f.writes)
	case "typescript":
		if f.sdk != "" {
			return scaffold.Project{}, errors.New("--sdk is for connectors in Go: one in TypeScript has its SDK in src/sdk")
		}
		return scaffold.TypeScript(name, f.writes)
	}
	return scaffold.Project{}, fmt.Errorf("--lang is go or typescript, not %q", f.lang)
}

// findSDK returns the folder of reconcile's source: the given one, or the one that this program was built from if it is
// still there, or one that the program or the current folder lies in. "" means that the released SDK is to be used.
func findSDK(given string) (string, error) {
	if given != "" {
		dir, err := filepath.Abs(given)
		if err != nil {
			return "", err
		}
		if !scaffold.IsSDK(dir) {
			return "", fmt.Errorf("--sdk %s: it is not the folder of reconcile's source, which has a go.mod of %s", given, scaffold.Module)
		}
		return dir, nil
	}
	_, source, _, _ := runtime.Caller(0)
	for _, from := range []func() (string, error){func() (string, error) { return source, nil }, os.Executable, os.Getwd} {
		start, err := from()
		if err != nil || !filepath.IsAbs(start) {
			continue
		}
		for dir := start; ; dir = filepath.Dir(dir) {
			if scaffold.IsSDK(dir) {
				return dir, nil
			}
			if dir == filepath.Dir(dir) {
				break
			}
		}
	}
	if strings.Contains(version, "-") {
		return "", errors.New("this is no released version, and the source that it was built from is not there: say --sdk and the folder of reconcile's source")
	}
	return "", nil
}
