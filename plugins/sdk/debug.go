package sdk

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"slices"
	"syscall"

	plugin "github.com/hashicorp/go-plugin"

	"github.com/reconcilehq/reconcile/plugins/proto"
)

// debugFlag is the argument with which a person starts a connector to debug it.
const debugFlag = "-debug"

// debugging reports whether a person has started this process to debug it.
func debugging() bool {
	byHost := os.Getenv(proto.Handshake.MagicCookieKey) == proto.Handshake.MagicCookieValue
	return !byHost && slices.ContainsFunc(os.Args[1:], func(a string) bool { return a == debugFlag || a == "-"+debugFlag })
}

// serveDebug serves the connector until it is interrupted, and tells how a host attaches to it. One source at a time is
// configured: a new host's takes the place of the last one's, so that the process lives through many runs.
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
	s.again = true
	config := serveConfig(s)
	listening, closed := make(chan *plugin.ReattachConfig), make(chan struct{})
	config.Test = &plugin.ServeTestConfig{Context: ctx, ReattachConfigCh: listening, CloseCh: closed}
	go plugin.Serve(config)
	select {
	case at := <-listening:
		fmt.Printf(`The connector %q waits for reconcile, in process %d. In another terminal:

  export %s='%s=%s:%s'
  reconcile run

Set breakpoints as you like: no time limit applies. Ctrl-C ends it.
`, c.Name, at.Pid, proto.ReattachEnv, c.Name, at.Addr.Network(), at.Addr)
	case <-closed: // which has said why on stderr
	}
	<-closed
	return nil
}
