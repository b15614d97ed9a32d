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

	"github.com/reconcilehq/reconcile/plugins/proto"
)

var _ runner.Runner = (*process)(nil)

// drainTime is how long what an ended program had written is still read: a process that it left behind may hold its
// output open for ever.
const drainTime = 300 * time.Millisecond

// process runs a connector's program for go-plugin. It differs from go-plugin's own runner in that the program does not
// share our standard input nor our terminal's signals, holds a lifeline to us, can be killed and waited for by the host
// as well, takes the processes that it started with it when it ends, and has to introduce itself on standard output as
// the protocol says, so that what is wrong there is known by its kind.
type process struct {
	name           string // for people: the program, whatever starts it
	cmd            *exec.Cmd
	out            *os.File // our end of its standard output
	stdout, stderr io.ReadCloser
	lifeline       *os.File // our end: the program exits when it is closed
	stray          io.Writer
	ended          func(pid int) // called before what it left behind is killed; may be nil

	greeted chan struct{} // closed when it has introduced itself, or has not done so and ended
	done    chan struct{} // closed when the program has ended
	heard   chan struct{} // closed when all that it wrote was read, after its end
	cutOnce sync.Once
	err     error // how it ended; read after done

	greeting Greeting // read after greeted
	unheard  error    // what is wrong with the greeting, a *GreetingError; read after greeted

	mu      sync.Mutex
	running *os.Process // nil before the start
	group   group       // the program with all that it starts
}

// newProcess prepares a program. What it prints on its standard output after its introduction goes to stray.
func newProcess(name string, cmd *exec.Cmd, stray io.Writer) *process {
	cmd.Stdin = nil // the null device: our own standard input is none of its business
	return &process{name: name, cmd: cmd, stray: stray,
		greeted: make(chan struct{}), done: make(chan struct{}), heard: make(chan struct{})}
}

// Start starts the program.
func (p *process) Start(context.Context) error {
	theirs, err := p.open()
	if err == nil {
		started := make(chan error, 1)
		go p.live(started)
		err = <-started
	}
	for _, file := range theirs {
		_ = file.Close()
	}
	if err != nil {
		p.shut()
		p.err = err
		close(p.done)
		return err
	}
	forward, toPlugin := io.Pipe()
	go p.listen(toPlugin)
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
	p.out, out = pipe()
	stderr, errs := pipe()
	theirs = append(theirs, out, errs)
	p.cmd.Stdout, p.cmd.Stderr, p.stderr = out, errs, stderr
	if inheritsFiles {
		end, ours := pipe()
		p.lifeline = ours
		theirs = append(theirs, end)
		p.cmd.ExtraFiles = append(p.cmd.ExtraFiles, end)
		p.cmd.Env = append(p.cmd.Env, proto.LifelineEnv+"="+strconv.Itoa(2+len(p.cmd.ExtraFiles)))
	} else {
		p.cmd.Env = append(p.cmd.Env, proto.ParentEnv+"="+strconv.Itoa(os.Getpid()))
	}
	return theirs, err
}

// live starts the program and waits for its end. It keeps its thread throughout: where the system kills a program whose
// parent is gone, the parent is the thread.
func (p *process) live(started chan<- error) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	tie(p.cmd)
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
	if p.ended != nil {
		p.ended(p.cmd.Process.Pid)
	}
	family.kill() // what it started and left behind
	p.err = err
	close(p.done)
	p.cut()
	// Readers see the end of the output by themselves, unless somebody else holds it open.
	time.AfterFunc(drainTime, p.shut)
}

// listen reads the program's standard output: its introduction, which goes on to go-plugin, and then what it prints by
// mistake.
func (p *process) listen(forward *io.PipeWriter) {
	var rest io.Reader
	p.greeting, rest, p.unheard = readGreeting(p.out)
	close(p.greeted)
	if p.unheard != nil {
		_ = forward.Close() // which has go-plugin give up
	} else if _, err := io.WriteString(forward, p.greeting.line+"\n"); err != nil {
		_ = forward.CloseWithError(err)
	}
	_, _ = io.Copy(p.stray, rest)
	_ = forward.Close()
}

// cut lets go of the lifeline, on which a connector ends by itself.
func (p *process) cut() {
	p.cutOnce.Do(func() {
		if p.lifeline != nil {
			_ = p.lifeline.Close()
		}
	})
}

// shut closes our ends of the pipes.
func (p *process) shut() {
	p.cut()
	for _, c := range []io.Closer{p.out, p.stderr} {
		if c != nil {
			_ = c.Close()
		}
	}
}

// Wait waits for the program's end; go-plugin calls it once, after it has read all output.
func (p *process) Wait(context.Context) error {
	<-p.done
	close(p.heard)
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
	case <-p.done:
		return nil // its process id may be another's by now
	default:
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
