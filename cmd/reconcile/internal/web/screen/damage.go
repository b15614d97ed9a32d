package screen

import (
	"errors"
	"fmt"
	"io/fs"

	"github.com/reconcilehq/reconcile/engine/history"
)

// fileError is why the file of a run could not be opened or read.
type fileError struct {
	of  Kept
	err error
}

// Error implements error.
func (e *fileError) Error() string { return e.err.Error() }

// Unwrap returns what went wrong.
func (e *fileError) Unwrap() error { return e.err }

// Damage says for people what is wrong with the file of a run, where that is why something failed; false where it is not. Where the file
// is does not stand there.
func Damage(err error) (text string, is bool) {
	what := "The file of this run"
	var file *fileError
	named := errors.As(err, &file)
	if named {
		what = fmt.Sprintf("The file of the run %s of %s", file.of.ID, file.of.MadeAt.UTC().Format("2006-01-02 15:04 MST"))
	}
	var damage *history.DamageError
	switch {
	case errors.As(err, &damage):
		return what + " is damaged, and nothing of it can be relied on: " + damage.What + ".", true
	case named && errors.Is(err, fs.ErrNotExist):
		return what + " is missing.", true
	case errors.Is(err, history.ErrNewer):
		return what + " was written by a newer version of reconcile: install that one to read it.", true
	}
	return "", false
}

// Failed returns an error of reading the run as one that names it.
func (r *Run) Failed(err error) error { return &fileError{r.Kept, err} }
