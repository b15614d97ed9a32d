package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/term"
)

// converse reads lines from a person until that one leaves.
func (c *console) converse(ctx context.Context) error {
	out := c.app.stdout
	fmt.Fprintf(out, "%s in %s, %s in %s. :help says what can be typed.\n", count(int(c.result.Pos.Items), "item"), c.sourceName(0),
		count(int(c.result.Store.Items), "item"), c.sourceName(1))
	if err := c.introduce(out, len(c.find(c.item.SKU()))); err != nil {
		return err
	}
	history := openHistory()
	defer history.close()
	terminal := term.NewTerminal(struct {
		io.Reader
		io.Writer
	}{clearing{os.Stdin}, out}, "")
	terminal.History = history
	terminal.AutoCompleteCallback = c.completeKey(terminal)
	for {
		terminal.SetPrompt(c.label() + "> ")
		line, err := c.readLine(ctx, terminal)
		if errors.Is(err, io.EOF) {
			fmt.Fprintln(out)
			return nil
		}
		if err != nil {
			return err
		}
		leave, err := c.do(strings.TrimSpace(line), out)
		if err != nil {
			fmt.Fprintf(out, "%s %v\n", c.app.red("Error:"), err)
		}
		if leave {
			return nil
		}
	}
}

// readLine has the terminal hand over every key only for as long as a line is typed: whatever is printed in between, and
// whatever goes wrong, finds it as it was.
func (c *console) readLine(ctx context.Context, terminal *term.Terminal) (string, error) {
	fd := int(os.Stdin.Fd())
	if width, height, err := term.GetSize(int(os.Stdout.Fd())); err == nil && width > 0 && height > 0 {
		_ = terminal.SetSize(width, height)
	}
	before, err := term.MakeRaw(fd)
	if err != nil {
		return "", fmt.Errorf("read from the terminal: %w", err)
	}
	defer func() { _ = term.Restore(fd, before) }()
	return await(ctx, terminal.ReadLine)
}

// clearing makes Ctrl-C clear the line, as shells do, where the terminal's editor would end: it stands for Ctrl-E, to
// the end, and Ctrl-U, delete what is before.
type clearing struct{ io.Reader }

func (r clearing) Read(p []byte) (int, error) {
	const ctrlC, clearLine = "\x03", "\x05\x15"
	if len(p) < 2 {
		return r.Reader.Read(p)
	}
	n, err := r.Reader.Read(p[:len(p)/2]) // there is room for two bytes where there was one
	return copy(p, strings.ReplaceAll(string(p[:n]), ctrlC, clearLine)), err
}
