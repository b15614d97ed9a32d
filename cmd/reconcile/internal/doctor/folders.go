package doctor

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/words"
)

// folder is a folder that the program writes to.
type folder struct {
	topic, what string
	path        string
	need        int64  // bytes that there should be room for
	do          string // what to do where there is something wrong with it
	unusable    Level  // how bad it is if nothing can be written there
}

// lookAtFolder tries to write to a folder, or to the nearest one above that is there, and returns whether that went well.
func (e *Examination) lookAtFolder(f folder) bool {
	at, err := nearest(f.path)
	if err == nil {
		err = tryToWrite(at)
	}
	if err != nil {
		e.privately(f.unusable, f.topic, f.do, f.what+" cannot be written: "+class(err), fmt.Sprintf("%s, %s, cannot be written: %v", f.what, f.path, cause(err)))
		return false
	}
	free, known := freeSpace(at)
	switch {
	case !known:
		e.privately(OK, f.topic, "", f.what+" can be written", fmt.Sprintf("%s, %s, can be written", f.what, f.path))
	case free < f.need:
		e.privately(Warning, f.topic, f.do, fmt.Sprintf("%s has room for %s; %s are better", f.what, words.FileSize(free), words.FileSize(f.need)),
			fmt.Sprintf("%s, %s, has room for %s; %s are better", f.what, f.path, words.FileSize(free), words.FileSize(f.need)))
	default:
		e.privately(OK, f.topic, "", fmt.Sprintf("%s has room for %s", f.what, words.FileSize(free)),
			fmt.Sprintf("%s, %s, can be written and has room for %s", f.what, f.path, words.FileSize(free)))
	}
	return true
}

// nearest returns the folder itself, or the nearest one above it that is there.
func nearest(path string) (string, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return "", err
	}
	for {
		info, err := os.Stat(path)
		switch {
		case err == nil && !info.IsDir():
			return "", fmt.Errorf("%s is no folder", path)
		case err == nil:
			return path, nil
		case !errors.Is(err, fs.ErrNotExist) || filepath.Dir(path) == path:
			return "", err
		}
		path = filepath.Dir(path)
	}
}

// tryToWrite writes a file and removes it.
func tryToWrite(dir string) error {
	file, err := os.CreateTemp(dir, ".reconcile-doctor-*")
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(file.Name()) }()
	_, err = file.Write(make([]byte, 64<<10)) // a full disk lets files be made
	return errors.Join(err, file.Close())
}

// cause returns an error of a file without its name, which may be that of one that is gone.
func cause(err error) error {
	var at *fs.PathError
	if errors.As(err, &at) {
		return at.Err
	}
	return err
}

// class says what kind of error it is, in our own words or the system's.
func class(err error) string {
	var at *fs.PathError
	if errors.As(err, &at) {
		return at.Err.Error()
	}
	return "see the message on the machine"
}
