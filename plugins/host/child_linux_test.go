package host

import (
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"testing"
)

// TestSlack says that a program that is started may be woken late when it sleeps. It takes no right that a user does not have.
func TestSlack(t *testing.T) {
	runtime.LockOSThread() // for good: the thread ends with the test
	cmd := exec.Command("cat", "/proc/self/timerslack_ns")
	configureChild(cmd)
	got, err := cmd.Output()
	if err != nil {
		t.Skipf("this system does not show it: %v", err)
	}
	if is := strings.TrimSpace(string(got)); is != strconv.FormatInt(slack.Nanoseconds(), 10) {
		t.Errorf("it has %s ns", is)
	}
}
