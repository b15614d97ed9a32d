package confine

import (
	"fmt"

	"golang.org/x/sys/unix"
)

// keptCapabilities are those of root that a program may need to read what it may read, whoever it belongs to, and to serve a port.
const keptCapabilities = 1<<unix.CAP_DAC_OVERRIDE | 1<<unix.CAP_DAC_READ_SEARCH | 1<<unix.CAP_NET_BIND_SERVICE

// DropCapabilities gives up the rights that root has beside those of files, such as to change networks and to end others'
// processes. It does so for this thread alone, which is to become another program. Where somebody else runs it, there are none.
func DropCapabilities() error {
	header := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
	var sets [2]unix.CapUserData // 32 capabilities each
	if err := unix.Capget(&header, &sets[0]); err != nil {
		return fmt.Errorf("ask for capabilities: %w", err)
	}
	sets[0].Permitted &= keptCapabilities
	sets[0].Effective &= keptCapabilities
	sets[0].Inheritable = 0
	sets[1] = unix.CapUserData{}
	if err := unix.Capset(&header, &sets[0]); err != nil {
		return fmt.Errorf("give up capabilities: %w", err)
	}
	return nil
}
