package main

import (
	"os"

	"github.com/reconcilehq/reconcile/plugins/devkit/conformance/bad"
)

// serveBadConnector is a connector that misbehaves as its argument says.
func serveBadConnector() { bad.Serve(os.Args[1]) }
