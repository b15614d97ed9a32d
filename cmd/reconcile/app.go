package main

import (
	"fmt"
	"io"
	"log/slog"
	"os"
	"strconv"

	"github.com/hashicorp/hcl/v2"
	"github.com/mattn/go-colorable"
	"golang.org/x/term"

	"github.com/reconcilehq/reconcile/plugins/host"
)

// app is what all commands share: where to write, and the flags that every command has.
type app struct {
	stdout, stderr io.Writer
	log            *slog.Logger
	secrets        *host.Secrets // of all sources

	configPath string
	dataDir    string
	verbose    bool
	// memoryLimit bounds what a run takes, in bytes. 0: anything, for commands that hold all items anyway.
	memoryLimit int64
	color       string // the flag

	copies copyFlags

	colorOut, colorErr bool
	width              int  // of what a table on stdout is read in
	person             bool // whether somebody watches stderr
}

// pipeWidth is the width of a table that goes to a pipe or a file, where nothing says how wide it may be: a name of
// hundreds of letters would spoil it, and programs read the other formats.
const pipeWidth = 120

func newApp() *app {
	return &app{stdout: os.Stdout, stderr: os.Stderr, log: slog.New(slog.DiscardHandler), secrets: &host.Secrets{}}
}

// setUp looks at the terminal, once the flags are known.
func (a *app) setUp() error {
	outIsTerminal, errIsTerminal := term.IsTerminal(int(os.Stdout.Fd())), term.IsTerminal(int(os.Stderr.Fd()))
	a.person = errIsTerminal && os.Getenv("TERM") != "dumb"
	switch a.color {
	case "always":
		a.colorOut, a.colorErr = true, true
	case "never":
	case "auto":
		wanted := os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb"
		a.colorOut, a.colorErr = wanted && outIsTerminal, wanted && errIsTerminal
	default:
		return fmt.Errorf("--color is auto, always or never, not %q", a.color)
	}
	a.width = pipeWidth
	if columns, err := strconv.Atoi(os.Getenv("COLUMNS")); err == nil && columns > 0 {
		a.width = columns
	}
	if outIsTerminal {
		if width, _, err := term.GetSize(int(os.Stdout.Fd())); err == nil {
			a.width = width
		}
		a.stdout = colorable.NewColorableStdout() // Windows consoles
	}
	if errIsTerminal {
		a.stderr = colorable.NewColorableStderr()
	}
	if a.verbose {
		a.log = slog.New(slog.NewTextHandler(a.stderr, &slog.HandlerOptions{Level: slog.LevelDebug}))
	}
	return nil
}

func (a *app) red(s string) string    { return a.paint("1;31", s) }
func (a *app) yellow(s string) string { return a.paint("1;33", s) }

func (a *app) paint(code, s string) string {
	if !a.colorErr {
		return s
	}
	return "\x1b[" + code + "m" + s + "\x1b[0m"
}

// show prints diagnostics with the lines that they are about.
func (a *app) show(files map[string]*hcl.File, diags hcl.Diagnostics) error {
	return hcl.NewDiagnosticTextWriter(a.stderr, a.withoutSecrets(files), uint(min(a.width, 100)), a.colorErr).WriteDiagnostics(a.hideSecrets(diags))
}

func (a *app) warn(format string, args ...any) {
	fmt.Fprintf(a.stderr, "%s %s\n", a.yellow("Warning:"), a.secrets.Hide(fmt.Sprintf(format, args...)))
}
