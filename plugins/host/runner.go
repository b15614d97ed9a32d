package host

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"sync"
	"time"

	"github.com/hashicorp/go-plugin/runner"

	"github.com/reconcilehq/reconcile/engine/fault"
	"github.com/reconcilehq/reconcile/plugins/proto"
)

var _ runner.Runner = (*process)(nil)

// drainTime is how long the host still reads the output of a program that has ended: a process that the program left
// running can keep the output open for ever.
const drainTime = 300 * time.Millisecond

// reaperTime is how long a reaper may take to end everything.
const reaperTime = time.Second

// process runs a connector's program for go-plugin. go-plugin's own runner does not do this:
//
//   - The program gets neither our standard input nor our terminal's signals.
//   - It inherits a lifeline, which closes when we end, and the secret that calls to it carry.
//   - The host can kill it and wait for its end, not only go-plugin.
//   - When it ends, the processes that it started are killed: those of its group, or all where it has a reaper.
//   - Its greeting is checked, and an error says which kind of fault it has.
type process struct {
	name           string // the program's name for people; cmd may run it through a launcher
	cmd            *exec.Cmd
	output         *os.File // our end of its standard output
	stdout, stderr io.ReadCloser
	lifeline       *os.File // our end: the program exits when it is closed
	secret         proto.Secret
	reaped         bool     // cmd runs the program below a reaper
	reaper         *os.File // our end: the reaper ends everything when it is closed
	secretPipe     string   // how /proc names the pipe through which it goes; "" where there is no /proc
	strayOutput    io.Writer
	handed         map[string]*os.File // files that it inherits besides, by the variables that tell their numbers
	onExit         func(pid int)       // called when the program has ended, before the processes that it left are killed; may be nil

	greeted      chan struct{} // closed after the greeting, or at the end of the output without one
	exited       chan struct{} // closed when the program has ended
	outputRead   chan struct{} // closed when the program has ended and all its output was read
	lifelineOnce sync.Once
	reaperOnce   sync.Once
	err          error // how it ended; read it after exited

	greeting    Greeting // read it after greeted
	greetingErr error    // what is wrong with the greeting, a *GreetingError; read it after greeted

	mu      sync.Mutex
	running *os.Process // nil before the start
	group   group       // the program and all that it starts
}

// newProcess prepares a program, to which calls will carry the secret. stray receives what the program prints on its
// standard output after its greeting.
func newProcess(command Command, cmd *exec.Cmd, secret proto.Secret, stray io.Writer) *process {
	cmd.Stdin = nil // the null device, not our own standard input
	return &process{name: command.Path, reaped: command.reaped(), cmd: cmd, secret: secret, strayOutput: stray,
		greeted: make(chan struct{}), exited: make(chan struct{}), outputRead: make(chan struct{})}
}

// Start starts the program.
func (p *process) Start(context.Context) error {
	theirs, err := p.open()
	if err == nil {
		started := make(chan error, 1)
		fault.Go(func() { p.startAndWait(started) })
		err = <-started
	}
	for _, file := range theirs {
		_ = file.Close()
	}
	if err != nil {
		p.closePipes()
		p.err = err
		close(p.exited)
		return err
	}
	forward, toPlugin := io.Pipe()
	fault.Go(func() { p.readOutput(toPlugin) })
	p.stdout = forward
	return nil
}

// open makes the pipes between the program and us and returns the program's ends.
func (p *process) open() (theirs []*os.File, err error) {
	pipe := func() (ours, other *os.File) {
		if err == nil {
			if ours, other, err = os.Pipe(); err != nil {
				err = fmt.Errorf("make a pipe to the connector: %w", err)
			}
		}
		return ours, other
	}
	var out, errs *os.File
	p.output, out = pipe()
	stderr, errs := pipe()
	theirs = append(theirs, out, errs)
	p.cmd.Stdout, p.cmd.Stderr, p.stderr = out, errs, stderr
	secret, toPlugin := pipe()
	theirs = append(theirs, secret)
	if canInheritFiles {
		end, ours := pipe()
		p.lifeline = ours
		theirs = append(theirs, end)
		p.inherit(proto.LifelineEnv, end)
		p.inherit(proto.SecretEnv, secret)
		for variable, file := range p.handed {
			theirs = append(theirs, file)
			p.inherit(variable, file)
		}
	} else {
		p.cmd.Env = append(p.cmd.Env, proto.ParentEnv+"="+strconv.Itoa(os.Getpid()), proto.SecretEnv+"=0")
		p.cmd.Stdin = secret
	}
	if p.reaped {
		end, ours := pipe()
		p.reaper, p.cmd.Stdin = ours, end
		theirs = append(theirs, end)
	}
	if err == nil {
		p.secretPipe, _ = os.Readlink(fmt.Sprintf("/proc/self/fd/%d", secret.Fd()))
		_, err = p.secret.WriteTo(toPlugin) // the pipe holds more than that
	}
	_ = toPlugin.Close()
	return theirs, err
}

// inherit has the program inherit a file, whose number variable tells it.
func (p *process) inherit(variable string, file *os.File) {
	p.cmd.ExtraFiles = append(p.cmd.ExtraFiles, file)
	p.cmd.Env = append(p.cmd.Env, variable+"="+strconv.Itoa(2+len(p.cmd.ExtraFiles)))
}

// startAndWait starts the program and waits for its end. It stays on one thread: Linux kills the program when the thread
// that started it is gone.
func (p *process) startAndWait(started chan<- error) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	configureChild(p.cmd)
	if p.reaped {
		outliveParent(p.cmd)
	}
	if err := p.cmd.Start(); err != nil {
		started <- err
		return
	}
	family := groupOf(p.cmd.Process)
	p.mu.Lock()
	p.running, p.group = p.cmd.Process, family
	p.mu.Unlock()
	started <- nil
	err := p.cmd.Wait()
	if p.onExit != nil {
		p.onExit(p.cmd.Process.Pid)
	}
	family.kill() // processes that the program started and left running
	p.err = p.howEnded(err)
	close(p.exited)
	p.closeLifeline()
	p.closeReaper()
	// The output ends by itself, unless another process keeps it open.
	time.AfterFunc(drainTime, fault.Caught(p.closePipes))
}

// readOutput reads the program's standard output: first the greeting, which it passes on to go-plugin, then what the
// program prints by mistake.
func (p *process) readOutput(forward *io.PipeWriter) {
	var rest io.Reader
	p.greeting, rest, p.greetingErr = readGreeting(p.output)
	close(p.greeted)
	if p.greetingErr != nil {
		_ = forward.Close() // go-plugin then stops waiting
	} else if _, err := io.WriteString(forward, p.greeting.line+"\n"); err != nil {
		_ = forward.CloseWithError(err)
	}
	_, _ = io.Copy(p.strayOutput, rest)
	_ = forward.Close()
}

// closeLifeline closes our end of the lifeline. A connector that sees this exits.
func (p *process) closeLifeline() {
	p.lifelineOnce.Do(func() {
		if p.lifeline != nil {
			_ = p.lifeline.Close()
		}
	})
}

// closeReaper has the reaper, if there is one, end the program and all that it started.
func (p *process) closeReaper() {
	p.reaperOnce.Do(func() {
		if p.reaper != nil {
			_ = p.reaper.Close()
		}
	})
}

// closePipes closes our ends of the pipes.
func (p *process) closePipes() {
	p.closeLifeline()
	p.closeReaper()
	for _, c := range []io.Closer{p.output, p.stderr} {
		if c != nil {
			_ = c.Close()
		}
	}
}

// Wait waits for the program's end; go-plugin calls it once, after it has read all output.
func (p *process) Wait(context.Context) error {
	<-p.exited
	close(p.outputRead)
	return p.err
}

// Kill ends the program, and all that it started, at once.
func (p *process) Kill(context.Context) error {
	p.mu.Lock()
	running, family := p.running, p.group
	p.mu.Unlock()
	if running == nil {
		return nil
	}
	select {
	case <-p.exited:
		return nil // its process id may be another's by now
	default:
	}
	if p.reaped {
		p.closeReaper()
		wake(running)
		// The program may have broken its reaper, or stop it again and again, where the system lets it.
		time.AfterFunc(reaperTime, fault.Caught(func() {
			if !within(0, p.exited) {
				family.kill()
			}
		}))
		return nil
	}
	family.kill()
	if err := running.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return err
	}
	return nil
}

func (p *process) Stdout() io.ReadCloser { return p.stdout }
func (p *process) Stderr() io.ReadCloser { return p.stderr }
func (p *process) Name() string          { return p.name }

// ID returns the process id, "" before the start.
func (p *process) ID() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.running == nil {
		return ""
	}
	return strconv.Itoa(p.running.Pid)
}

// Diagnose adds nothing: the host explains a failed start in its own words.
func (p *process) Diagnose(context.Context) string { return "" }

func (p *process) PluginToHost(network, addr string) (string, string, error) {
	return network, addr, nil
}
func (p *process) HostToPlugin(network, addr string) (string, string, error) {
	return network, addr, nil
}
