package conformance

import (
	"fmt"
	"net"
	"path/filepath"
	"strings"

	"github.com/reconcilehq/reconcile/plugins/host"
)

// badAddress says what is wrong with the address at which a connector listens; "" if nothing is.
func badAddress(g host.Greeting, socketDir string) string {
	if g.Network == "unix" {
		rel, err := filepath.Rel(socketDir, g.Address)
		if err != nil || !filepath.IsAbs(g.Address) || rel == ".." || strings.HasPrefix(rel, ".."+string(filepath.Separator)) {
			return fmt.Sprintf("its socket is %s, which is not in the folder that was named to it, %s: others may reach it there", g.Address, socketDir)
		}
		return ""
	}
	name, _, err := net.SplitHostPort(g.Address)
	if err != nil {
		return fmt.Sprintf("%q is no address: %v", g.Address, err)
	}
	if ip := net.ParseIP(name); ip == nil || !ip.IsLoopback() {
		return fmt.Sprintf("it listens on %s, where other machines may reach it", g.Address)
	}
	return ""
}
