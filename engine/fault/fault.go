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

// Version is said in reports. Main sets it before anything starts.
var Version = "unknown"

// Prepare has faults that cannot be caught, such as a stack without end or a map that two goroutines write, end the process by
// SIGABRT, which shells show as 134. Go's own way is status 2.
func Prepare(version string) {
	Version = version
	debug.SetTraceback("crash")
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

// CaughtError is Caught for a function that returns an error, as those of an errgroup do.
func CaughtError(f func() error) func() error {
	return func() error {
		defer Catch()
		return f()
	}
}

// Catch is deferred. It ends the program if there is a panic.
func Catch() {
	if p := recover(); p != nil {
		Report(os.Stderr, p)
		os.Exit(Status)
	}
}

// Beginning is what every report begins with.
const Beginning = "Error: this is a fault of reconcile"

// Report writes what a person can do about a panic, and what whoever mends it needs: what kind it was and the functions that it came
// through. A panic's own text can hold what was worked on, so only that of the Go runtime is written.
func Report(to io.Writer, p any) {
	what := fmt.Sprintf("a panic (%T)", p)
	if e, ok := p.(runtime.Error); ok {
		what = e.Error()
	}
	var b strings.Builder
	fmt.Fprintf(&b, Beginning+", not of your configuration or your data. Nothing that it was writing can be relied on.\n"+
		"Please report it at %s with the lines below, which hold none of your values.\n\nreconcile %s, %s, %s/%s: %s\n", Where, Version, runtime.Version(), runtime.GOOS, runtime.GOARCH, what)
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
