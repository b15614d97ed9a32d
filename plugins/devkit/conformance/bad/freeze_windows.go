package bad

import "os/exec"

// freeze comes as near to it as can be.
func freeze() { select {} }

// leaveProcess starts a process that has nobody to end it.
func leaveProcess() { _ = exec.Command("ping", "-n", "60", "127.0.0.1").Start() }
