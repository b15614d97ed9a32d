package session

import (
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/reconcilehq/reconcile/engine/replace"
)

// rewritten are files as they are to be; nil text: the file is not to be.
type rewritten []struct {
	path string
	text []byte
}

// write writes all of them, or none where the disk has no room.
func (r rewritten) write() error {
	var contents []replace.Content
	for _, file := range r {
		if file.text != nil {
			contents = append(contents, replace.Content{Path: file.path, Text: file.text, Mode: 0o666})
		}
	}
	if err := replace.WriteAll(contents...); err != nil {
		return err
	}
	for _, file := range r {
		if file.text != nil {
			continue
		}
		if err := os.Remove(file.path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("remove %s: %w", file.path, err)
		}
	}
	return nil
}

func (r *rewritten) set(path string, text []byte) {
	*r = append(*r, struct {
		path string
		text []byte
	}{path, text})
}
