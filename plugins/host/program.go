package host

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/reconcilehq/reconcile/plugins/proto"
)

// Program is a connector's program that was started as Start starts it, to which nobody has spoken yet. It is for those
// who look at how a connector behaves and want to see what a Process hides; to use a connector, call Start.
type Program struct {
	process *process
	dir     string
	pinned  *Pinned
}

// Watch takes what a Program does beside answering calls, each from one goroutine.
type Watch struct {
	Stray io.Writer     // what it prints after its introduction
	Log   io.Writer     // its standard error
	Ended func(pid int) // called when it has ended, before what it left behind is killed; may be nil
}

// Launch starts a program. The caller closes the Program.
func Launch(command Command, w Watch) (*Program, error) {
	dir, err := privateDir()
	if err != nil {
		command.Pinned.Close()
		return nil, err
	}
	cmd, err := command.prepare([]string{
		proto.Handshake.MagicCookieKey + "=" + proto.Handshake.MagicCookieValue,
		"PLUGIN_MIN_PORT=10000", "PLUGIN_MAX_PORT=25000", // where the system has no sockets in folders
		fmt.Sprintf("PLUGIN_PROTOCOL_VERSIONS=%d", proto.Major),
		socketDirEnv + "=" + dir,
	})
	p := &Program{dir: dir, pinned: command.Pinned}
	if err == nil {
		p.process = newProcess(command.Path, cmd, w.Stray)
		p.process.ended = w.Ended
		err = p.process.Start(context.Background())
	}
	if err != nil {
		_ = os.RemoveAll(dir)
		command.Pinned.Close()
		return nil, err
	}
	logged := make(chan struct{})
	go func() {
		defer close(logged)
		_, _ = io.Copy(w.Log, p.process.stderr)
	}()
	go func() {
		_, _ = io.Copy(io.Discard, p.process.stdout)
		<-logged
		_ = p.process.Wait(context.Background())
	}()
	return p, nil
}

// Greeting waits until the program has introduced itself. Its error is a *GreetingError, or ctx's.
func (p *Program) Greeting(ctx context.Context) (Greeting, error) {
	select {
	case <-p.process.greeted:
		return p.process.greeting, p.process.unheard
	case <-ctx.Done():
		return Greeting{}, context.Cause(ctx)
	}
}

// SocketDir returns the folder in which the program is to make its socket.
func (p *Program) SocketDir() string { return p.dir }

// Pid returns the program's process id.
func (p *Program) Pid() int { return p.process.running.Pid }

// Done is closed when the program has ended and all that it wrote was read.
func (p *Program) Done() <-chan struct{} { return p.process.heard }

// Ended says how the program ended, in a few words. It is called after Done.
func (p *Program) Ended() string {
	if p.process.err == nil {
		return "exit status 0"
	}
	return p.process.err.Error()
}

// LetGo closes the lifeline, as the end of the host would. Where there is none it says so.
func (p *Program) LetGo() error {
	if p.process.lifeline == nil {
		return errors.New("this system hands down no lifeline")
	}
	p.process.cut()
	return nil
}

// Close kills the program, with all that it has started, and waits for its end as long as the system may take.
func (p *Program) Close() {
	_ = p.process.Kill(context.Background())
	within(killTimeout, p.process.heard)
	_ = os.RemoveAll(p.dir)
	p.pinned.Close()
}
