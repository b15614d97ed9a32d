package host

import (
	"encoding/json"
	"os"
	"os/exec"
	"strings"
)

// Sandbox is what a connector's program may do with files: read those that are named here and what any program of the
// system needs, and write in the folder of its socket, which is its folder for temporary files, too. It cannot look into
// other processes, nor send them signals. The network is open to it.
//
// The kernel holds it to that, and all that it starts, by Landlock, where SandboxLevel says so; elsewhere a Sandbox is of
// no effect.
type Sandbox struct {
	// Launcher are the first words of this program's command line, its name included, that make it call Confine with the
	// word that follows them.
	Launcher []string
	// Read are files, and folders with all below them. What is not there is left out.
	Read []string
}

// Level is how far this system can hold a program to a Sandbox.
type Level int

const (
	// Unconfined is a system that cannot.
	Unconfined Level = iota
	// PartlyConfined is a kernel that cannot keep a program from cutting files short; it may not open them for writing.
	PartlyConfined
	// Confined is a system that can.
	Confined
)

// confinement is what Confine is told.
type confinement struct {
	Path  string
	Args  []string
	Read  []string
	Write []string
}

// socketDirEnv names go-plugin's variable for the folder of the socket.
const socketDirEnv = "PLUGIN_UNIX_SOCKET_DIR"

// confine makes a command one that runs the same in a sandbox. Its environment is complete.
func (s *Sandbox) confine(cmd *exec.Cmd) error {
	c := confinement{Path: cmd.Path, Args: cmd.Args, Read: s.Read}
	for _, entry := range cmd.Env {
		if dir, ok := strings.CutPrefix(entry, socketDirEnv+"="); ok {
			c.Write = []string{dir}
			cmd.Env = append(cmd.Env, "TMPDIR="+dir) // the last one counts
		}
	}
	text, err := json.Marshal(c)
	if err != nil {
		return err
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	cmd.Path, cmd.Args = self, append(append([]string{}, s.Launcher...), string(text))
	return nil
}
