// Package keep keeps what was written to a sandbox, a store that a connector serves itself so that people can try it, from one start of the
// connector to the next. A connector whose sandbox cannot be written to needs none of it.
package keep

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/reconcilehq/reconcile/engine/replace"
)

// File is where a sandbox is kept. A nil File keeps nothing: the sandbox lives as long as the process.
type File struct {
	// Folder is the folder that the connector may write to, for Needs.Write; "" if it could not be made. The sandbox can be read then, but not
	// written to.
	Folder string
	// Path is the file. It need not exist.
	Path string
}

// In returns the file of this configuration's sandbox, which is the working directory's, in a folder of all sandboxes. It returns nil if
// folder is "". catalogue is the file that the sandbox is made of, "" for the connector's own: a sandbox whose catalogue is edited
// begins anew.
func In(folder, catalogue string) (*File, error) {
	if folder == "" {
		return nil, nil
	}
	dir, err := os.Getwd() // the folder of the configuration
	if err != nil {
		return nil, err
	}
	name := sha256.New()
	fmt.Fprintf(name, "%q %q ", dir, catalogue)
	if catalogue != "" {
		text, err := os.ReadFile(catalogue)
		if err != nil {
			return nil, err
		}
		_, _ = name.Write(text) // it never fails
	}
	f := &File{Folder: folder, Path: filepath.Join(folder, hex.EncodeToString(name.Sum(nil))[:24]+".json")}
	if err := os.MkdirAll(folder, 0o700); err != nil { //nolint:staticcheck // it can be read all the same
		f.Folder = ""
	}
	return f, nil
}

// Keep writes the store as JSON, in one step.
func (f *File) Keep(store any) error {
	switch {
	case f == nil:
		return nil
	case f.Folder == "":
		return errors.New("the sandbox has no folder in which it could keep what is written")
	}
	text, err := json.Marshal(store)
	if err != nil {
		return err
	}
	return replace.Write(f.Path, text, 0o600)
}
