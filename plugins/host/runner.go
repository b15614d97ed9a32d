package host

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"sync"

	"github.com/hashicorp/go-plugin/runner"

	"github.com/reconcilehq/reconcile/plugins/proto"
)

var _ runner.Runner = (*process)(nil)

// process runs a connector's program for go-plugin. It differs from go-plugin's own runner in that the program does not
// share our standard input, holds a lifeline to us, and can be killed and waited for by the host as well.
type process struct {
	cmd            *exec.Cmd
	stdout, stderr io.ReadCloser
	lifeline       *os.File // our end: the program exits when it is closed

	done chan struct{} // closed when the program has ended
	once sync.Once
	err  error // how it ended; read after done
}

func newProcess(cmd *exec.Cmd) (*process, error) {
	p := &process{cmd: cmd, done: make(chan struct{})}
	cmd.Stdin = nil // the null device: our own standard input is none of its business
	var err error
	if p.stdout, err = cmd.StdoutPipe(); err != nil {
		return nil, err
	}
	if p.stderr, err = cmd.StderrPipe(); err != nil {
		return nil, err
	}
	return p, nil
}

// Start starts the program.
func (p *process) Start(context.Context) error {
	theirs, err := p.tie()
	if err != nil {
		return err
	}
	err = p.cmd.Start()
	if theirs != nil {
		_ = theirs.Close()
	}
	if err != nil {
		p.cut()
		p.end(err)
	}
	return err
}

// tie gives the program a way to notice our end: the reading end of a pipe where descriptors can be inherited, our
// process id elsewhere.
func (p *process) tie() (theirs *os.File, err error) {
	if !inheritsFiles {
		p.cmd.Env = append(p.cmd.Env, proto.ParentEnv+"="+strconv.Itoa(os.Getpid()))
		return nil, nil
	}
	theirs, ours, err := os.Pipe()
	if err != nil {
		return nil, fmt.Errorf("make a lifeline: %w", err)
	}
	p.lifeline = ours
	p.cmd.ExtraFiles = append(p.cmd.ExtraFiles, theirs)
	p.cmd.Env = append(p.cmd.Env, proto.LifelineEnv+"="+strconv.Itoa(2+len(p.cmd.ExtraFiles)))
	return theirs, nil
}

func (p *process) cut() {
	if p.lifeline != nil {
		_ = p.lifeline.Close()
	}
}

func (p *process) end(err error) {
	p.once.Do(func() {
		p.err = err
		close(p.done)
	})
}

// Wait waits for the program's end; go-plugin calls it once, after it has read all output.
func (p *process) Wait(context.Context) error {
	err := p.cmd.Wait()
	p.cut()
	p.end(err)
	return err
}

// Kill ends the program at once.
func (p *process) Kill(context.Context) error {
	if p.cmd.Process == nil {
		return nil
	}
	if err := p.cmd.Process.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return err
	}
	return nil
}

func (p *process) Stdout() io.ReadCloser { return p.stdout }
func (p *process) Stderr() io.ReadCloser { return p.stderr }
func (p *process) Name() string          { return p.cmd.Path }

// ID returns the process id, "" before the start.
func (p *process) ID() string {
	if p.cmd.Process == nil {
		return ""
	}
	return strconv.Itoa(p.cmd.Process.Pid)
}

// Diagnose adds nothing: the host explains a failed start in its own words.
func (p *process) Diagnose(context.Context) string { return "" }

func (p *process) PluginToHost(network, addr string) (string, string, error) {
	return network, addr, nil
}
func (p *process) HostToPlugin(network, addr string) (string, string, error) {
	return network, addr, nil
}
