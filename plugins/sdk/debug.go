package sdk

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/signal"
	"path/filepath"
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
	return !startedByHost() && slices.ContainsFunc(os.Args[1:], func(a string) bool { return a == debugFlag || a == "-"+debugFlag })
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
	secret := proto.NewSecret()
	config := serveConfig(s, secret)
	listening, closed := make(chan *plugin.ReattachConfig), make(chan struct{})
	config.Test = &plugin.ServeTestConfig{Context: ctx, ReattachConfigCh: listening, CloseCh: closed}
	fault.Go(func() { plugin.Serve(config) })
	select {
	case at := <-listening:
		address, err := keepSecret(secret, dir, at.Addr)
		if err != nil {
			return err
		}
		fmt.Printf(`The connector %q waits for reconcile, in process %d. In another terminal:

  export %s='%s=%s'
  reconcile run

Set breakpoints as you like: no time limit applies. Ctrl-C ends it.
`, c.Name, at.Pid, proto.ReattachEnv, c.Name, address)
	case <-closed: // go-plugin has printed the reason to stderr
	}
	<-closed
	return nil
}

// keepSecret writes the secret into a file that only the user can read, and returns the address by which a host finds both the
// connector and that file.
func keepSecret(secret proto.Secret, dir string, at net.Addr) (address string, err error) {
	address = at.Network() + ":" + at.String()
	path := at.String() + proto.SecretFileSuffix
	if at.Network() != "unix" {
		path = filepath.Join(dir, "connector"+proto.SecretFileSuffix)
		address += "@" + path
	}
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err == nil {
		_, err = secret.WriteTo(file)
		err = errors.Join(err, file.Close())
	}
	if err != nil {
		return "", fmt.Errorf("write the secret for hosts: %w", err)
	}
	return address, nil
}
