package sdk

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"slices"
	"syscall"

	plugin "github.com/hashicorp/go-plugin"

	"github.com/reconcilehq/reconcile/engine/fault"
	"github.com/reconcilehq/reconcile/plugins/proto"
)

// debugFlag is the argument with which a person starts a connector to debug it.
const debugFlag = "-debug"

// startedForDebugging reports whether a person has started this process to debug it.
func startedForDebugging() bool {
	byHost := os.Getenv(proto.Handshake.MagicCookieKey) == proto.Handshake.MagicCookieValue
	return !byHost && slices.ContainsFunc(os.Args[1:], func(a string) bool { return a == debugFlag || a == "-"+debugFlag })
}

// serveDebug serves the connector until it is interrupted, and prints how to attach a host to it. It has one source at a
// time: when the next host configures one, it replaces the last. So the process can serve many runs.
func serveDebug(c Connector) error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	dir, err := os.MkdirTemp("", "reconcile-debug-") // only the user can enter it
	if err != nil {
		return fmt.Errorf("make a folder for the socket: %w", err)
	}
	defer os.RemoveAll(dir)
	if err := os.Setenv(plugin.EnvUnixSocketDir, dir); err != nil {
		return err
	}
	s := newServer(c)
	s.reconfigurable = true
	config := serveConfig(s)
	listening, closed := make(chan *plugin.ReattachConfig), make(chan struct{})
	config.Test = &plugin.ServeTestConfig{Context: ctx, ReattachConfigCh: listening, CloseCh: closed}
	fault.Go(func() { plugin.Serve(config) })
	select {
	case at := <-listening:
		fmt.Printf(`The connector %q waits for reconcile, in process %d. In another terminal:

  export %s='%s=%s:%s'
  reconcile run

Set breakpoints as you like: no time limit applies. Ctrl-C ends it.
`, c.Name, at.Pid, proto.ReattachEnv, c.Name, at.Addr.Network(), at.Addr)
	case <-closed: // go-plugin has printed the reason to stderr
	}
	<-closed
	return nil
}
