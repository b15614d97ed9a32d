package host

import (
	"encoding/json"
	"os"
	"os/exec"
	"strings"

	"github.com/reconcilehq/reconcile/plugins/confine"
)

// Sandbox limits which files a connector's program may use. It may read the files named here and those that every program
// of the system needs. It may write only in the folder of its socket, which is also its folder for temporary files. It can
// neither change whose a file is and when it was changed, nor look into other processes, nor send them signals. It may use the network.
//
// The kernel enforces this, by what package confine has, for the program and all that it starts, as far as SandboxLevel says. On
// other systems a Sandbox has no effect.
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
	// PartlyConfined: all except what SandboxGap says.
	PartlyConfined
	// Confined: all of it.
	Confined
)

// SandboxLevel returns how much of a Sandbox this system can enforce.
func SandboxLevel() Level {
	switch {
	case confine.Landlock() == 0:
		return Unconfined
	case SandboxGap() != "":
		return PartlyConfined
	}
	return Confined
}

// SandboxGap says what a program in a Sandbox can do on this system, and elsewhere cannot, and what would help; "" if there is nothing.
func SandboxGap() string {
	var gaps []string
	if abi := confine.Landlock(); abi > 0 && abi < confine.CutsFilesABI {
		gaps = append(gaps, "it can cut files short that you can write, as this kernel's Landlock is old (Linux 6.2 or later has what is needed)")
	}
	if !confine.HasFilter() {
		gaps = append(gaps, "it can change who may use your files, as there is no filter of system calls here (Linux on amd64 and arm64 has one)")
	}
	return strings.Join(gaps, "; ")
}

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
	if dir := socketDir(cmd.Env); dir != "" {
		c.Write = []string{dir}
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
