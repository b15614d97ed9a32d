// Package fault is what becomes of a mistake in this program itself: a panic. Wherever it happens, the program says what to report
// and where, shows no value that it was working on, and ends with a status of its own, which no script takes for a result.
//
// A panic in a goroutine ends the program with Go's own words and Go's own status, which another status of ours stands for. So every
// goroutine starts here: by Go, or with Caught where something else starts it.
package fault

import (
	"fmt"
	"io"
	"os"
	"runtime"
	"runtime/debug"
	"strings"
)

// Status is what the program exits with: EX_SOFTWARE of sysexits.h.
const Status = 70

// Where is where faults are reported.
const Where = "https://github.com/reconcilehq/reconcile/issues"

// version is that of reconcile, which Prepare sets. "" is a connector's program, which only uses this package through the SDK.
var version string

// Prepare has faults that cannot be caught, such as a stack without end or a map that two goroutines write, end the process by
// SIGABRT, which shells show as 134. Go's own way is status 2. That leaves no core dump, in which secrets would be.
func Prepare(reconcile string) {
	version = reconcile
	debug.SetTraceback("crash")
	keepMemory()
}

// Go runs f in a goroutine.
func Go(f func()) {
	go func() {
		defer Catch()
		f()
	}()
}

// Caught returns f for something that will run it in a goroutine, such as a WaitGroup or a timer.
func Caught(f func()) func() {
	return func() {
		defer Catch()
		f()
	}
}

// CaughtError is Caught for a function that returns an error, as those of an errgroup do. What Halt was called with is its error.
func CaughtError(f func() error) func() error {
	return func() (err error) {
		defer func() {
			if p := recover(); p != nil {
				if err = Halted(p); err == nil {
					end(p)
				}
			}
		}()
		return f()
	}
}

// halt is the value of a panic that is no fault.
type halt struct{ err error }

// Halt ends what is being done, up to whoever recovers it, with an error that is no fault of the program. It is for code that has no way
// to return one, such as what computes a single value.
func Halt(err error) { panic(halt{err}) }

// Halted returns the error that Halt was called with, of a panic that was recovered; nil if it is another one.
func Halted(p any) error {
	if h, ok := p.(halt); ok {
		return h.err
	}
	return nil
}

// Catch is deferred. It ends the program if there is a panic.
func Catch() {
	if p := recover(); p != nil {
		end(p)
	}
}

func end(p any) {
	if err := Halted(p); err != nil {
		fmt.Fprintf(os.Stderr, "Error: %v\n", err)
		os.Exit(1)
	}
	Report(os.Stderr, p)
	os.Exit(Status)
}

// What says what kind of panic it was, without its value: that is told only where it is the Go runtime's own text.
func What(p any) string {
	if e, ok := p.(runtime.Error); ok {
		return e.Error()
	}
	return fmt.Sprintf("a panic (%T)", p)
}

// Beginning is what every report begins with.
const Beginning = "Error: this is a fault of "

// Report writes what a person can do about a panic, and what whoever mends it needs: what kind it was and the functions that it came
// through. A panic's own text can hold what was worked on, so only that of the Go runtime is written.
func Report(to io.Writer, p any) {
	what := What(p)
	var b strings.Builder
	if version == "" {
		fmt.Fprintf(&b, Beginning+"the connector: tell whoever makes it the lines below, which hold none of your values.\n\n%s, %s/%s: %s\n", runtime.Version(), runtime.GOOS, runtime.GOARCH, what)
	} else {
		fmt.Fprintf(&b, Beginning+"reconcile, not of your configuration or your data. Nothing that it was writing can be relied on.\n"+
			"Please report it at %s with the lines below, which hold none of your values.\n\nreconcile %s, %s, %s/%s: %s\n", Where, version, runtime.Version(), runtime.GOOS, runtime.GOARCH, what)
	}
	var callers [64]uintptr
	frames := runtime.CallersFrames(callers[:runtime.Callers(2, callers[:])])
	for more := true; more; {
		var f runtime.Frame
		if f, more = frames.Next(); f.Function != "" && !strings.HasPrefix(f.Function, "runtime.") && !strings.Contains(f.Function, "/engine/fault.") {
			fmt.Fprintf(&b, "  %s:%d\n", f.Function, f.Line)
		}
	}
	_, _ = io.WriteString(to, b.String())
}
