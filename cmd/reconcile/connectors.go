package main

import (
	"fmt"
	"os"

	"github.com/reconcilehq/reconcile/plugins/connectors/amberpos"
	"github.com/reconcilehq/reconcile/plugins/connectors/bigcommerce"
	"github.com/reconcilehq/reconcile/plugins/connectors/file"
	"github.com/reconcilehq/reconcile/plugins/connectors/restapi"
	"github.com/reconcilehq/reconcile/plugins/host"
	"github.com/reconcilehq/reconcile/plugins/sdk"

	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/guard"
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

func serveConnector(name string) {
	for _, c := range bundled() {
		if c.Name == name {
			sdk.Serve(c)
			return
		}
	}
	fmt.Fprintf(os.Stderr, "reconcile has no connector %q\n", name)
	os.Exit(statusFailed)
}

// self is the program as it starts itself: as a connector that is bundled, as a plugin's sandbox and as its reaper.
func self() guard.Self {
	return guard.Self{Version: version, Bundled: bundledNames(), Confine: []string{os.Args[0], sandboxArg}, Reap: []string{os.Args[0], reaperArg},
		Command: func(connector string) (host.Command, error) {
			path, err := os.Executable()
			if err != nil {
				return host.Command{}, fmt.Errorf("find this program's own file: %w", err)
			}
			return host.Command{Path: path, Args: []string{os.Args[0], connectorArg, connector}}, nil
		}}
}
