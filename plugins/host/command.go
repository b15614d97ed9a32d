// Package host starts connectors as processes, talks to them over the protocol, and stops them, even if they hang.
//
// A Process is one connector, configured once, serving one source. The life of a Process:
//
//  1. Start runs the program and asks for its description.
//  2. Configure sends the settings; the caller has checked them against Description.Settings.
//  3. Check, Schema and Read are called as often as needed.
//  4. Close stops the program. It returns within seconds even if the program hangs.
//
// No connector can block the host for longer than the time limits. When the host ends, in whatever way, its connectors end
// too.
package host

import (
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strings"
)

// Command is how a connector's program is started.
type Command struct {
	Path string   // the executable
	Args []string // the arguments; Args[0] is the program's own name. nil means no arguments
	Dir  string   // the working directory: the folder of the configuration
	Env  []string // names of environment variables that the program gets in addition to those of Environment

	// OwnTemp makes the folder of its socket, which nobody else uses and which is removed afterwards, the one for temporary files. It
	// is so in a Sandbox.
	OwnTemp bool
	// Pinned are the private copies that Path and Args point to, if there are any. Start takes care of closing them.
	Pinned *Pinned
	// Sandbox limits what the program may do; nil: it may do all that the user may do.
	Sandbox *Sandbox
	// Reaper is the beginning of a command line of this program, with the program's name. With one more argument after it,
	// this program calls Reap with that argument: it starts the connector's program and ends all that this leaves. nil: what the
	// program starts and lets go of can outlive it. Only Linux has reapers; elsewhere it has no effect.
	Reaper []string
}

// prepare makes the exec.Cmd that runs the program. The program gets env in addition to its environment.
func (c Command) prepare(env []string) (*exec.Cmd, error) {
	cmd := exec.Command(c.Path)
	if len(c.Args) > 0 {
		cmd.Args = c.Args
	}
	cmd.Dir = c.Dir
	cmd.Env = append(Environment(c.Env...), env...)
	if c.OwnTemp || c.Sandbox != nil && SandboxLevel() > Unconfined {
		cmd.Env = append(cmd.Env, ownTemp(cmd.Env)...)
	}
	if c.Sandbox != nil && SandboxLevel() > Unconfined {
		if err := c.Sandbox.confine(cmd); err != nil {
			return nil, fmt.Errorf("confine the connector's program: %w", err)
		}
	}
	if c.reaped() {
		if err := reap(cmd, c.Reaper); err != nil {
			return nil, fmt.Errorf("start the connector's program: %w", err)
		}
	}
	return cmd, nil
}

// ownTemp are the variables that make the folder of the socket the one for temporary files. Of two values of a variable the last counts.
func ownTemp(env []string) []string {
	dir := socketDir(env)
	if dir == "" {
		return nil
	}
	return []string{"TMPDIR=" + dir, "TMP=" + dir, "TEMP=" + dir} // Windows knows the last two
}

// socketDir returns the folder of the socket; "" if the environment names none.
func socketDir(env []string) string {
	for _, entry := range env {
		if dir, ok := strings.CutPrefix(entry, socketDirEnv+"="); ok {
			return dir
		}
	}
	return ""
}

// reaped reports whether the program gets a reaper.
func (c Command) reaped() bool { return len(c.Reaper) > 0 && canReap }

// Environment returns the environment variables that a connector gets from the host: those that programs need to run, to
// reach the network, and to use the user's language. A connector gets no others, because they may hold secrets: what it
// needs, it gets as settings. also are the names of more variables to pass; a plugin block can name them.
func Environment(also ...string) []string {
	var env []string
	for _, entry := range os.Environ() {
		name, _, _ := strings.Cut(entry, "=")
		if slices.Contains(also, name) {
			env = append(env, entry)
			continue
		}
		if runtime.GOOS == "windows" {
			name = strings.ToUpper(name)
		}
		if slices.Contains(passedVariables, name) || strings.HasPrefix(name, "LC_") {
			env = append(env, entry)
		}
	}
	return env
}

var passedVariables = []string{
	"PATH", "HOME", "USER", "LOGNAME", "SHELL", "LANG", "LANGUAGE", "TZ", "TMPDIR", "TEMP", "TMP",
	"HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "no_proxy",
	"SSL_CERT_FILE", "SSL_CERT_DIR", "NODE_EXTRA_CA_CERTS",
	"SYSTEMROOT", "SYSTEMDRIVE", "WINDIR", "COMSPEC", "PATHEXT", "USERPROFILE", "APPDATA", "LOCALAPPDATA", "PROGRAMDATA",
	"GOCOVERDIR", "GOTRACEBACK", "GOMEMLIMIT", "GOGC",
}
