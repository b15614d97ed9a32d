package sdk

import (
	"fmt"
	"os"

	plugin "github.com/hashicorp/go-plugin"

	"github.com/reconcilehq/reconcile/plugins/confine"
)

// Confined is a source that gives up what it does not need, so that whoever gets hold of it through what it reads gets
// little. Where the system can, it keeps from then on to what Needs says: it starts no programs, reads and writes no other files,
// makes no other connections.
type Confined interface {
	// Needs says what the source needs from now on. It is called once, after Configure.
	Needs() Needs
}

// Needs are what a source needs of the system beside what every program does. Folders stand for all that is below them.
type Needs struct {
	Read  []string // files and folders; a file that is replaced by another cannot be read any more
	Write []string // folders; that of its socket, which is the one for temporary files, comes to them
	// WriteToApply are folders like those of Write, but only of a process that may be asked for Apply.
	WriteToApply []string

	Sockets []string // sockets in the file system, or their folders, to connect to
	Network bool     // it connects to others over the network
	Serves  bool     // it opens ports, too
}

// confineTo gives up what needs do not say. The settings hold already: it returns a problem for people if the system refuses.
func confineTo(needs Needs) *SettingError {
	rights := confine.Rights{Read: needs.Read, Write: needs.Write, Sockets: needs.Sockets, Network: confine.NoNetwork, Alone: true, Serves: needs.Serves}
	if needs.Network {
		rights.Network = confine.Internet
	}
	// The host has made the first the one for temporary files. The other is where a program that was built to be measured writes
	// what was run of it.
	for _, dir := range []string{os.Getenv(plugin.EnvUnixSocketDir), os.Getenv("GOCOVERDIR")} {
		if info, err := os.Stat(dir); err == nil && info.IsDir() {
			rights.Write = append(rights.Write, dir)
		}
	}
	if err := confine.Restrict(rights); err != nil {
		return &SettingError{Summary: "the connector could not confine itself", Warning: true,
			Detail: fmt.Sprintf("It goes on, and may do all that you may: %v.", err)}
	}
	return nil
}
