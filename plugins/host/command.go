// Package host starts source connectors as processes, talks to them over the protocol, and stops them whatever they do.
//
// A Process is one connector, configured once, serving one source. The life of a Process:
//
//  1. Start runs the program and asks Describe.
//  2. Configure hands over the settings; the caller decoded them with Description.Settings.
//  3. Check, Schema and Read, as often as needed.
//  4. Close stops the program. It returns in bounded time even where the program is frozen.
//
// Nothing that a connector does can block the host beyond its time limits, and an ending host takes its connectors with
// it, however it ends.
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
	Args []string // its arguments, Args[0] being the program's name as it sees it; nil: Path alone
	Dir  string   // its working directory: the configuration's folder
	Env  []string // the names of environment variables that it gets beside Environment's

	// Pinned are the files that Path and Args lead to, where they are copies. Start takes them over.
	Pinned *Pinned
	// Sandbox is what the program is held to; nil: it may do what the user may.
	Sandbox *Sandbox
}

// prepare makes the command that runs the program; env is what it gets beside its environment.
func (c Command) prepare(env []string) (*exec.Cmd, error) {
	cmd := exec.Command(c.Path)
	if len(c.Args) > 0 {
		cmd.Args = c.Args
	}
	cmd.Dir = c.Dir
	cmd.Env = append(Environment(c.Env...), env...)
	if c.Sandbox != nil && SandboxLevel() > Unconfined {
		if err := c.Sandbox.confine(cmd); err != nil {
			return nil, fmt.Errorf("confine the connector's program: %w", err)
		}
	}
	return cmd, nil
}

// Environment returns those of the host's environment variables that a connector gets: what programs need to run, to
// find the network, and to speak the user's language. Everything else, secrets above all, stays here; a connector gets
// what it needs by its settings. also are names of more variables, which a plugin's block may ask for.
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
		if slices.Contains(passed, name) || strings.HasPrefix(name, "LC_") {
			env = append(env, entry)
		}
	}
	return env
}

var passed = []string{
	"PATH", "HOME", "USER", "LOGNAME", "SHELL", "LANG", "LANGUAGE", "TZ", "TMPDIR", "TEMP", "TMP",
	"HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "no_proxy",
	"SSL_CERT_FILE", "SSL_CERT_DIR", "NODE_EXTRA_CA_CERTS",
	"SYSTEMROOT", "SYSTEMDRIVE", "WINDIR", "COMSPEC", "PATHEXT", "USERPROFILE", "APPDATA", "LOCALAPPDATA", "PROGRAMDATA",
	"GOCOVERDIR", "GOTRACEBACK", "GOMEMLIMIT", "GOGC",
}
