package main

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/reconcilehq/reconcile/plugins/connectors/amberpos"
	"github.com/reconcilehq/reconcile/plugins/connectors/bigcommerce"
	"github.com/reconcilehq/reconcile/plugins/connectors/file"
	"github.com/reconcilehq/reconcile/plugins/connectors/restapi"
	"github.com/reconcilehq/reconcile/plugins/host"
	"github.com/reconcilehq/reconcile/plugins/sdk"

	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/guard"
	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/session"
)

// connectorArg makes this program a bundled connector: one binary is the whole product, and bundled connectors take the
// same path as foreign ones.
const connectorArg = "__connector"

// sandboxArg makes this program take its own rights away and become a plugin's.
const sandboxArg = "__sandbox"

// reaperArg makes this program start a plugin, and end all that this leaves behind.
const reaperArg = "__reaper"

func bundled() []sdk.Connector {
	return []sdk.Connector{amberpos.Connector(), bigcommerce.Connector(), file.Connector(), restapi.Connector()}
}

func bundledNames() []string {
	var names []string
	for _, c := range bundled() {
		names = append(names, c.Name)
	}
	return names
}

// sandboxes is the folder below the data folder where sandboxes keep what was written to them.
const sandboxes = "sandbox"

// serveConnector is the life of a bundled connector. args are its name and, where it is known, the data folder.
func serveConnector(args []string) {
	for _, c := range bundled() {
		if c.Name != args[0] {
			continue
		}
		if len(args) > 1 && c.Name == bigcommerce.Connector().Name {
			c = bigcommerce.Keeping(filepath.Join(args[1], sandboxes))
		}
		sdk.Serve(c)
		return
	}
	fmt.Fprintf(os.Stderr, "reconcile has no connector %q\n", args[0])
	os.Exit(statusFailed)
}

// asConnector returns the arguments of a connector that this program was started as; nil if it was not.
func asConnector(args []string) []string {
	if (len(args) == 3 || len(args) == 4) && args[1] == connectorArg {
		return args[2:]
	}
	return nil
}

// self is the program as it starts itself: as a connector that is bundled, as a plugin's sandbox and as its reaper. dataDir is as in
// session.Options.
func self(dataDir string) guard.Self {
	return guard.Self{Version: version, Bundled: bundledNames(), Confine: []string{os.Args[0], sandboxArg}, Reap: []string{os.Args[0], reaperArg},
		Command: func(connector string) (host.Command, error) {
			path, err := os.Executable()
			if err != nil {
				return host.Command{}, fmt.Errorf("find this program's own file: %w", err)
			}
			args := []string{os.Args[0], connectorArg, connector}
			if data, err := session.DataFolder(dataDir); err == nil { // nothing else needs one
				args = append(args, data)
			}
			return host.Command{Path: path, Args: args}, nil
		}}
}
