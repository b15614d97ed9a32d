package host

import (
	"encoding/json"
	"os"
	"os/exec"
	"strings"
)

// Sandbox limits which files a connector's program may use. It may read the files named here and those that every program
// of the system needs. It may write only in the folder of its socket, which is also its folder for temporary files. It can
// neither look into other processes nor send them signals. It may use the network.
//
// The kernel enforces this by Landlock, for the program and all that it starts, as far as SandboxLevel says. On other
// systems a Sandbox has no effect.
type Sandbox struct {
	// Launcher is the beginning of a command line of this program, with the program's name. With one more argument after
	// it, this program calls Confine with that argument.
	Launcher []string
	// Read are files, and folders with everything below them. Paths that do not exist are ignored.
	Read []string
}

// Level says how much of a Sandbox this system can enforce.
type Level int

const (
	// Unconfined: nothing.
	Unconfined Level = iota
	// PartlyConfined: all except that the kernel lets a program truncate files which it may not open for writing.
	PartlyConfined
	// Confined: all of it.
	Confined
)

// confinement is the argument of Confine, written as JSON.
type confinement struct {
	Path  string
	Args  []string
	Read  []string
	Write []string
}

// socketDirEnv names go-plugin's variable for the folder of the socket.
const socketDirEnv = "PLUGIN_UNIX_SOCKET_DIR"

// confine changes a command to run its program in the sandbox. The command's environment must be complete before.
func (s *Sandbox) confine(cmd *exec.Cmd) error {
	c := confinement{Path: cmd.Path, Args: cmd.Args, Read: s.Read}
	for _, entry := range cmd.Env {
		if dir, ok := strings.CutPrefix(entry, socketDirEnv+"="); ok {
			c.Write = []string{dir}
			cmd.Env = append(cmd.Env, "TMPDIR="+dir) // of two values of a variable the last counts
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
