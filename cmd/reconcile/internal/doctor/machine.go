package doctor

import (
	"cmp"
	"os"
	"runtime"
	"strings"

	"github.com/reconcilehq/reconcile/engine/spill"

	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/memory"
	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/words"
)

const (
	fewFiles    = 64  // with fewer open files a run of two sources fails
	enoughFiles = 256 // what a run needs that keeps items on disk, and some

	littleMemory = 256 << 20 // bytes that a run may use
)

// lookAtFiles looks at how many files a process may have open.
func (e *Examination) lookAtFiles() {
	limit, ok := openFiles()
	const do = "Allow more: ulimit -n 1024 in the shell, or LimitNOFILE= of the service."
	switch {
	case !ok:
	case limit < fewFiles:
		e.plainly(Wrong, "open files", do, "a process may have %d files open: too few for a run", limit)
	case limit < enoughFiles:
		e.plainly(Warning, "open files", do, "a process may have %d files open: too few for a large catalogue", limit)
	default:
		e.plainly(OK, "open files", "", "a process may have %d files open", limit)
	}
}

// lookAtMemory looks at what a run may use.
func (e *Examination) lookAtMemory() {
	limit := memory.DefaultLimit()
	if limit < littleMemory {
		e.plainly(Warning, "memory", "Nothing has to be done; --memory-limit allows more.",
			"a run may use %s, a quarter of what there is: a large catalogue is kept on disk, which is slower", words.FileSize(limit))
		return
	}
	e.plainly(OK, "memory", "", "a run may use %s; what exceeds that is kept on disk", words.FileSize(limit))
}

// lookAtTemp looks at the folder in which runs keep what does not fit memory, and sockets.
func (e *Examination) lookAtTemp() {
	f := folder{topic: "temporary files", what: "the folder for temporary files", path: os.TempDir(), need: 512 << 20,
		do: "Make room there, or name another folder in TMPDIR.", unusable: Wrong}
	if !e.lookAtFolder(f) {
		return
	}
	if info, err := os.Lstat(spill.Root()); err == nil && !info.IsDir() {
		e.privately(Wrong, f.topic, "Remove it, or name another folder in TMPDIR.", "something is in the way of our folder for temporary files",
			spill.Root()+" is in the way: it is no folder")
	}
}

// lookAtTerminal looks at how a table will look.
func (e *Examination) lookAtTerminal() {
	t := e.patient.Terminal
	if !t.Out {
		e.plainly(OK, "terminal", "", "the output goes to a file or a pipe: no colour, and %d columns", t.Width)
		return
	}
	locale := cmp.Or(os.Getenv("LC_ALL"), os.Getenv("LC_CTYPE"), os.Getenv("LANG"))
	if runtime.GOOS != "windows" && runtime.GOOS != "darwin" && !strings.Contains(strings.ToUpper(strings.ReplaceAll(locale, "-", "")), "UTF8") {
		e.plainly(Warning, "terminal", "Set LANG to a locale with UTF-8, such as C.UTF-8.",
			"the locale is not one of UTF-8: lines and letters with accents may look wrong")
		return
	}
	color := "without colour"
	if t.Color {
		color = "with colour"
	}
	e.plainly(OK, "terminal", "", "%d columns, %s", t.Width, color)
}
