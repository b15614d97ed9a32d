package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/term"
)

// talk asks a person. It asks on stderr, so that stdout can go elsewhere.
type talk struct {
	interactive bool // there is somebody to ask
	in          *bufio.Reader
	out         io.Writer
}

func newTalk(a *app) *talk {
	return &talk{interactive: term.IsTerminal(int(os.Stdin.Fd())) && term.IsTerminal(int(os.Stderr.Fd())),
		in: bufio.NewReader(os.Stdin), out: a.stderr}
}

func (t *talk) say(format string, args ...any) { fmt.Fprintf(t.out, format+"\n", args...) }

// ask returns the answer without white space around it.
func (t *talk) ask(ctx context.Context, question string) (string, error) {
	fmt.Fprint(t.out, question)
	answer, err := await(ctx, func() (string, error) { return t.in.ReadString('\n') })
	if errors.Is(err, io.EOF) && answer == "" {
		return "", context.Canceled // Ctrl-D: the person has left
	}
	if err != nil && !errors.Is(err, io.EOF) {
		return "", fmt.Errorf("read the answer: %w", err)
	}
	return strings.TrimSpace(answer), nil
}

// yes asks a question whose usual answer is yes.
func (t *talk) yes(ctx context.Context, question string) (bool, error) {
	for {
		answer, err := t.ask(ctx, question+" [Y/n] ")
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

// secret asks for something that is not to be seen while it is typed.
func (t *talk) secret(ctx context.Context, question string) (string, error) {
	fd := int(os.Stdin.Fd())
	before, err := term.GetState(fd)
	if err != nil {
		return "", fmt.Errorf("hide what is typed: %w", err)
	}
	fmt.Fprint(t.out, question)
	answer, err := await(ctx, func() (string, error) {
		typed, err := term.ReadPassword(fd)
		return string(typed), err
	})
	fmt.Fprintln(t.out)
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

// await waits for a read that no context ends. When ctx is done first, the read is left behind: the program is ending.
func await(ctx context.Context, read func() (string, error)) (string, error) {
	type answer struct {
		text string
		err  error
	}
	came := make(chan answer, 1)
	go func() {
		text, err := read()
		came <- answer{text, err}
	}()
	select {
	case <-ctx.Done():
		return "", context.Canceled
	case a := <-came:
		return a.text, a.err
	}
}
