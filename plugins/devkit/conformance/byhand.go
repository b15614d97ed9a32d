package conformance

import (
	"context"
	"errors"
	"os/exec"
	"time"

	"github.com/reconcilehq/reconcile/plugins/host"
)

// checkStartByHand starts the program without a host, as a person would.
func (s *suite) checkStartByHand(ctx context.Context) {
	const patience = 10 * time.Second
	ctx, cancel := context.WithTimeout(ctx, min(patience, s.timeout))
	defer cancel()
	cmd := exec.CommandContext(ctx, s.command.Path)
	cmd.Args, cmd.Dir, cmd.Env = s.command.Args, s.command.Dir, host.Environment()
	cmd.WaitDelay = time.Second
	said := &output{}
	cmd.Stderr = said
	err := cmd.Run()
	var exit *exec.ExitError
	switch {
	case ctx.Err() != nil:
		s.fail("1.5", "it was still running after %s", min(patience, s.timeout))
	case err == nil:
		s.fail("1.5", "it ended with status 0")
	case !errors.As(err, &exit):
		s.skip("1.5", "it could not be started by hand: %v", err)
	case said.first() == "":
		s.fail("1.5", "it said nothing on standard error")
	default:
		s.pass("1.5", "status %d: %s", exit.ExitCode(), said.first())
	}
}
