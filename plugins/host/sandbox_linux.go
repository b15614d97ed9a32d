package host

import (
	"encoding/json"
	"fmt"
	"os"
	"runtime"
	"syscall"

	"github.com/reconcilehq/reconcile/plugins/confine"
)

// Confine gives up the rights of this process that a Sandbox does not grant, and then becomes the program that policy
// names. policy is the argument after a Sandbox's Launcher. Confine returns only if it fails.
func Confine(policy string) error {
	var c confinement
	if err := json.Unmarshal([]byte(policy), &c); err != nil {
		return fmt.Errorf("this is for reconcile's own use: %w", err)
	}
	runtime.LockOSThread() // it is this thread that becomes the program
	if err := confine.Restrict(confine.Rights{Read: c.Read, Write: c.Write}); err != nil {
		return fmt.Errorf("confine the plugin: %w", err)
	}
	if err := confine.DropCapabilities(); err != nil {
		return fmt.Errorf("confine the plugin: %w", err)
	}
	if err := syscall.Exec(c.Path, c.Args, os.Environ()); err != nil {
		return fmt.Errorf("run %s: %w", c.Path, err)
	}
	return nil
}
