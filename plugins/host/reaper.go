package host

import (
	"encoding/json"
	"os"
	"os/exec"
)

// reaperOrder is the argument of Reap, written as JSON.
type reaperOrder struct {
	Path string
	Args []string
}

// reap changes a command to run its program below a reaper. Its standard input is the reaper's, which ends everything when it
// comes to its end; the program itself has the null device.
func reap(cmd *exec.Cmd, launcher []string) error {
	text, err := json.Marshal(reaperOrder{Path: cmd.Path, Args: cmd.Args})
	if err != nil {
		return err
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	cmd.Path, cmd.Args = self, append(append([]string{}, launcher...), string(text))
	return nil
}
