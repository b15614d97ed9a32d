// Package terminal is what a person at a terminal sees of the program, and is asked by it: streams, colour, width, progress,
// questions, and mistakes with the lines that they are about. It knows nothing of what the program does.
package terminal

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strconv"
	"strings"

	"github.com/mattn/go-colorable"
	"golang.org/x/term"

	"github.com/reconcilehq/reconcile/engine/signs"
)

// PipeWidth is the width of a table that goes to a pipe or a file, where nothing says how wide it may be: a name of
// hundreds of letters would spoil it, and programs read the other formats.
const PipeWidth = 120

// ErrShown is returned by what has shown already why it failed.
var ErrShown = errors.New("what went wrong was shown")

// Terminal is where a command reads from and writes to. What is written to Out is the command's result; all else goes to Err.
// Through both, nothing reaches a terminal that acts on it, whoever the text is from.
type Terminal struct {
	In       *bufio.Reader
	Out, Err io.Writer
	Log      *slog.Logger // the connectors' own, discarded unless somebody wants to see it

	Painted io.Writer // is Out for texts that were cleaned, and have colours
	JSON    io.Writer // is Out for JSON, of which the values stay as they are
	Data    io.Writer // is Out for what programs read, or files are made of: as it stands, unless it goes to a terminal

	ColorOut, ColorErr bool
	AlwaysColor        bool // even what goes to a file
	Width              int  // of what a table on Out is read in

	inIsTerminal, outIsTerminal, errIsTerminal bool
	errWidth                                   int // of Err, in cells; 0 where it is no terminal

	out   *latch    // what is behind all of Out
	err   io.Writer // is Err without a door
	hide  func(string) string
	watch bool // somebody watches Err
	meter *meter
	waits waits
}

// New returns the terminal of the process, for a command whose flags are not known yet. hide takes out of a text what is
// not to be seen.
func New(hide func(string) string) *Terminal {
	t := &Terminal{In: bufio.NewReader(os.Stdin), Log: slog.New(slog.DiscardHandler), hide: hide}
	t.open(os.Stdout, os.Stderr)
	return t
}

// open puts the doors before two streams.
func (t *Terminal) open(stdout, err io.Writer) {
	out := &latch{to: stdout}
	if t.out != nil {
		out.err = t.out.err
	}
	t.out = out
	t.Out, t.Painted, t.JSON = &signs.Door{To: out}, &signs.Door{To: out, Paint: true}, &signs.Door{To: out, Escapes: true}
	t.Data = out
	if t.outIsTerminal {
		t.Data = t.Painted
	}
	t.Err, t.err = &signs.Door{To: err}, err
}

// SetUp looks at the terminal. color is auto, always or never; verbose shows the connectors' log, and no progress, which
// would be torn by it.
func (t *Terminal) SetUp(color string, verbose bool) error {
	t.inIsTerminal, t.outIsTerminal, t.errIsTerminal = isTerminal(os.Stdin), isTerminal(os.Stdout), isTerminal(os.Stderr)
	t.watch = t.errIsTerminal && os.Getenv("TERM") != "dumb" && !verbose
	switch color {
	case "always":
		t.ColorOut, t.ColorErr, t.AlwaysColor = true, true, true
	case "never":
	case "auto":
		wanted := os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb"
		t.ColorOut, t.ColorErr = wanted && t.outIsTerminal, wanted && t.errIsTerminal
	default:
		return fmt.Errorf("--color is auto, always or never, not %q", color)
	}
	var out, err io.Writer = os.Stdout, os.Stderr
	t.Width = PipeWidth
	if columns, err := strconv.Atoi(os.Getenv("COLUMNS")); err == nil && columns > 0 {
		t.Width = columns
	}
	if t.outIsTerminal {
		if width, _, err := term.GetSize(int(os.Stdout.Fd())); err == nil {
			t.Width = width
		}
		out = colorable.NewColorableStdout() // Windows consoles
	}
	if t.errIsTerminal {
		err = colorable.NewColorableStderr()
		if width, _, err := term.GetSize(int(os.Stderr.Fd())); err == nil {
			t.errWidth = width
		}
	}
	t.open(out, err)
	if verbose {
		t.Log = slog.New(slog.NewTextHandler(t.Err, &slog.HandlerOptions{Level: slog.LevelDebug}))
	}
	return nil
}

func isTerminal(f *os.File) bool { return term.IsTerminal(int(f.Fd())) }

// Warn prints a warning.
func (t *Terminal) Warn(format string, args ...any) {
	t.headed(t.err, "1;33", "Warning:", fmt.Sprintf(format, args...))
}

// Fail prints an error.
func (t *Terminal) Fail(format string, args ...any) { t.fail(t.err, format, args...) }

// Reply prints an error where a conversation's answers go.
func (t *Terminal) Reply(err error) { t.fail(t.Painted, "%v", err) }

func (t *Terminal) fail(to io.Writer, format string, args ...any) {
	t.headed(to, "1;31", "Error:", fmt.Sprintf(format, args...))
}

// headed prints a text behind a painted word.
func (t *Terminal) headed(to io.Writer, paint, head, text string) {
	lines := t.wrapped(head + " " + signs.Lines(t.hide(text)))
	fmt.Fprintln(to, t.paint(paint, head)+strings.TrimPrefix(lines, head))
}

// Interrupted prints that the program was stopped, by that signal; "" is for Ctrl-C. A terminal shows the keys for it, ^C, and
// stays in that line. done says what was done until then.
func (t *Terminal) Interrupted(signal, done string) {
	if t.errIsTerminal {
		fmt.Fprintln(t.Err)
	}
	how := "Interrupted"
	if signal != "" {
		how += " by " + signal
	}
	fmt.Fprintln(t.Err, how+". "+done)
}

func (t *Terminal) paint(code, s string) string {
	if !t.ColorErr {
		return s
	}
	return "\x1b[" + code + "m" + s + "\x1b[0m"
}

// OutIsTerminal reports whether stdout is shown to a person at once.
func (t *Terminal) OutIsTerminal() bool { return t.outIsTerminal }
