package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/reconcilehq/reconcile/plugins/amberpos"
	"github.com/reconcilehq/reconcile/plugins/bigcommerce"
	"github.com/reconcilehq/reconcile/plugins/file"
	"github.com/reconcilehq/reconcile/plugins/host"
	"github.com/reconcilehq/reconcile/plugins/sdk"
	"github.com/reconcilehq/reconcile/rules"
)

// connectorArg makes this program a bundled connector: one binary is the whole product, and bundled connectors take the
// same path as foreign ones.
const connectorArg = "__connector"

func bundled() []sdk.Connector {
	return []sdk.Connector{amberpos.Connector(), bigcommerce.Connector(), file.Connector()}
}

func bundledNames() []string {
	var names []string
	for _, c := range bundled() {
		names = append(names, c.Name)
	}
	return names
}

func serveConnector(name string) {
	for _, c := range bundled() {
		if c.Name == name {
			sdk.Serve(c)
			return
		}
	}
	fmt.Fprintf(os.Stderr, "reconcile has no connector %q\n", name)
	os.Exit(1)
}

// commandFor returns how the connector of a source is started.
func commandFor(config *rules.Config, s *rules.Source) (host.Command, error) {
	p := config.Plugin(s.Connector)
	if p == nil {
		self, err := os.Executable()
		if err != nil {
			return host.Command{}, fmt.Errorf("find this program's own file: %w", err)
		}
		return host.Command{Path: self, Args: []string{os.Args[0], connectorArg, s.Connector}, Dir: config.Dir}, nil
	}
	command := p.Command
	if len(command) == 0 {
		command = []string{p.Path}
		if !strings.ContainsAny(p.Path, `/\`) {
			command[0] = "./" + p.Path // a path is never looked up in PATH
		}
	}
	program, err := find(command[0], config.Dir)
	if err != nil {
		return host.Command{}, err
	}
	return host.Command{Path: program, Args: append([]string{program}, command[1:]...), Dir: config.Dir}, nil
}

// find returns the program's file: a name without a folder is looked up in PATH, a relative one is relative to dir.
func find(program, dir string) (string, error) {
	if strings.ContainsAny(program, `/\`) && !filepath.IsAbs(program) {
		program = filepath.Join(dir, program)
	}
	found, err := exec.LookPath(program)
	if err == nil {
		return found, nil
	}
	if _, statErr := os.Stat(program); statErr == nil && runtime.GOOS != "windows" {
		return "", fmt.Errorf("%s is not executable: chmod +x it, or give a command that runs it", program)
	}
	return "", fmt.Errorf("cannot find the program %s: %w", program, err)
}
