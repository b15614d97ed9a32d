package host

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/reconcilehq/reconcile/engine/fault"
	"github.com/reconcilehq/reconcile/plugins/proto"
)

// Program is a connector's program that was started as Start does it, but nothing was sent to it yet. The conformance suite
// uses it to see what a Process hides. To use a connector, call Start.
type Program struct {
	process *process
	dir     string
	pinned  *Pinned
}

// LaunchOptions receive what a program does except answering calls. Each is used from one goroutine.
type LaunchOptions struct {
	StrayOutput io.Writer     // receives what the program prints after its greeting
	Log         io.Writer     // receives its standard error
	Ended       func(pid int) // called when the program has ended, before the processes that it left are killed; may be nil
}

// Launch starts a program. The caller closes the Program.
func Launch(command Command, w LaunchOptions) (*Program, error) {
	dir, err := privateDir()
	if err != nil {
		command.Pinned.Close()
		return nil, err
	}
	cmd, err := command.prepare([]string{
		proto.Handshake.MagicCookieKey + "=" + proto.Handshake.MagicCookieValue,
		"PLUGIN_MIN_PORT=10000", "PLUGIN_MAX_PORT=25000", // for systems without Unix sockets
		fmt.Sprintf("PLUGIN_PROTOCOL_VERSIONS=%d", proto.Major),
		socketDirEnv + "=" + dir,
	})
	p := &Program{dir: dir, pinned: command.Pinned}
	if err == nil {
		p.process = newProcess(command, cmd, proto.NewSecret(), w.StrayOutput)
		p.process.onExit = w.Ended
		err = p.process.Start(context.Background())
	}
	if err != nil {
		_ = os.RemoveAll(dir)
		command.Pinned.Close()
		return nil, err
	}
	logged := make(chan struct{})
	fault.Go(func() {
		defer close(logged)
		_, _ = io.Copy(w.Log, p.process.stderr)
	})
	fault.Go(func() {
		_, _ = io.Copy(io.Discard, p.process.stdout)
		<-logged
		_ = p.process.Wait(context.Background())
	})
	return p, nil
}

// Greeting waits for the program's greeting. Its error is a *GreetingError, or that of ctx.
func (p *Program) Greeting(ctx context.Context) (Greeting, error) {
	select {
	case <-p.process.greeted:
		return p.process.greeting, p.process.greetingErr
	case <-ctx.Done():
		return Greeting{}, context.Cause(ctx)
	}
}

// SocketDir returns the folder in which the program must make its socket.
func (p *Program) SocketDir() string { return p.dir }

// Secret returns what calls to the program have to carry.
func (p *Program) Secret() proto.Secret { return p.process.secret }

// SecretPipe returns how /proc names the pipe from which the program reads its secret; "" if this system has no /proc.
func (p *Program) SecretPipe() string { return p.process.secretPipe }

// Pid returns the program's process id.
func (p *Program) Pid() int { return p.process.running.Pid }

// Done returns a channel that is closed when the program has ended and all its output was read.
func (p *Program) Done() <-chan struct{} { return p.process.outputRead }

// Ended returns the program's exit status in words. Call it after Done.
func (p *Program) Ended() string {
	if p.process.err == nil {
		return "exit status 0"
	}
	return p.process.err.Error()
}

// CloseLifeline closes the lifeline, as the end of the host would. It fails if this system has no lifelines.
func (p *Program) CloseLifeline() error {
	if p.process.lifeline == nil {
		return errors.New("this system hands down no lifeline")
	}
	p.process.closeLifeline()
	return nil
}

// Close kills the program and all that it started, and waits a little for its end.
func (p *Program) Close() {
	_ = p.process.Kill(context.Background())
	within(killTimeout, p.process.outputRead)
	_ = os.RemoveAll(p.dir)
	p.pinned.Close()
}
