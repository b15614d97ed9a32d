package terminal

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/term"

	"github.com/reconcilehq/reconcile/engine/fault"
)

// CanAsk reports whether there is somebody to ask. Questions go to Err, so that Out can go elsewhere.
func (t *Terminal) CanAsk() bool { return t.inIsTerminal && t.errIsTerminal }

// Say prints a line of a conversation.
func (t *Terminal) Say(format string, args ...any) { fmt.Fprintf(t.Err, format+"\n", args...) }

// Ask returns the answer without white space around it.
func (t *Terminal) Ask(ctx context.Context, question string) (string, error) {
	fmt.Fprint(t.Err, question)
	answer, err := await(ctx, func() (string, error) { return t.In.ReadString('\n') })
	if errors.Is(err, io.EOF) && answer == "" {
		return "", context.Canceled // Ctrl-D: the person has left
	}
	if err != nil && !errors.Is(err, io.EOF) {
		return "", fmt.Errorf("read the answer: %w", err)
	}
	return strings.TrimSpace(answer), nil
}

// Yes asks a question whose usual answer is yes.
func (t *Terminal) Yes(ctx context.Context, question string) (bool, error) {
	for {
		answer, err := t.Ask(ctx, question+" [Y/n] ")
		if err != nil {
			return false, err
		}
		switch strings.ToLower(answer) {
		case "", "y", "yes":
			return true, nil
		case "n", "no":
			return false, nil
		}
	}
}

// Secret asks for something that is not to be seen while it is typed.
func (t *Terminal) Secret(ctx context.Context, question string) (string, error) {
	fd := int(os.Stdin.Fd())
	before, err := term.GetState(fd)
	if err != nil {
		return "", fmt.Errorf("hide what is typed: %w", err)
	}
	fmt.Fprint(t.Err, question)
	answer, err := await(ctx, func() (string, error) {
		typed, err := term.ReadPassword(fd)
		return string(typed), err
	})
	fmt.Fprintln(t.Err)
	if ctx.Err() != nil {
		_ = term.Restore(fd, before) // the read that was left behind had switched the echo off
	}
	if errors.Is(err, io.EOF) {
		return "", context.Canceled
	}
	if err != nil && ctx.Err() == nil {
		return "", fmt.Errorf("read the answer: %w", err)
	}
	return strings.TrimSpace(answer), err
}

// ReadLine returns the next line of In, with its end; the last one may have none, and comes with io.EOF.
func (t *Terminal) ReadLine(ctx context.Context) (string, error) {
	return await(ctx, func() (string, error) { return t.In.ReadString('\n') })
}

// await waits for a read that no context ends. When ctx is done first, the read is left behind: the program is ending.
func await(ctx context.Context, read func() (string, error)) (string, error) {
	type answer struct {
		text string
		err  error
	}
	came := make(chan answer, 1)
	fault.Go(func() {
		text, err := read()
		came <- answer{text, err}
	})
	select {
	case <-ctx.Done():
		return "", context.Canceled
	case a := <-came:
		return a.text, a.err
	}
}
