package terminal

import (
	"context"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/mattn/go-colorable"
	"golang.org/x/term"
)

// CanConverse reports whether lines can be typed and their results be seen in between.
func (t *Terminal) CanConverse() bool { return t.inIsTerminal && t.outIsTerminal }

// Editor reads lines that a person types and can change, complete and bring back.
type Editor struct{ terminal *term.Terminal }

// Completer returns the line and the cursor's place after the tab key, false if that changes nothing. What it writes to list
// appears above the line.
type Completer func(list io.Writer, line string, pos int, key rune) (newLine string, newPos int, ok bool)

// Editor returns an editor that remembers lines in history.
func (t *Terminal) Editor(history term.History, complete Completer) *Editor {
	e := &Editor{terminal: term.NewTerminal(struct {
		io.Reader
		io.Writer
	}{clearing{os.Stdin}, colorable.NewColorableStdout()}, "")}
	e.terminal.History = history
	e.terminal.AutoCompleteCallback = func(line string, pos int, key rune) (string, int, bool) {
		return complete(e.terminal, line, pos, key)
	}
	return e
}

// ReadLine has the terminal hand over every key only for as long as a line is typed: whatever is printed in between, and
// whatever goes wrong, finds it as it was. After Ctrl-D the error is io.EOF.
func (e *Editor) ReadLine(ctx context.Context, prompt string) (string, error) {
	e.terminal.SetPrompt(prompt)
	fd := int(os.Stdin.Fd())
	if width, height, err := term.GetSize(int(os.Stdout.Fd())); err == nil && width > 0 && height > 0 {
		_ = e.terminal.SetSize(width, height)
	}
	before, err := term.MakeRaw(fd)
	if err != nil {
		return "", fmt.Errorf("read from the terminal: %w", err)
	}
	defer func() { _ = term.Restore(fd, before) }()
	return await(ctx, e.terminal.ReadLine)
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
