package main

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// stdin is what people write for it on the command line.
const stdin = "-"

// layOutFiles returns the files to format.
func (a *app) layOutFiles(paths []string) ([]string, error) {
	if len(paths) == 0 {
		info, err := os.Stat(a.configPath)
		switch {
		case err != nil:
			return nil, fmt.Errorf("read %s: %w", a.configPath, unwrapPath(err))
		case info.IsDir():
			return hclFiles(a.configPath, isLaidOut)
		}
		beside, err := hclFiles(filepath.Dir(a.configPath), belongs)
		if err != nil {
			return nil, err
		}
		files := []string{a.configPath}
		for _, file := range beside {
			if file != filepath.Clean(a.configPath) {
				files = append(files, file)
			}
		}
		return files, nil
	}
	var files []string
	for _, path := range paths {
		if path != stdin {
			info, err := os.Stat(path)
			if err != nil {
				return nil, fmt.Errorf("read %s: %w", path, unwrapPath(err))
			}
			if info.IsDir() {
				found, err := hclFiles(path, isLaidOut)
				if err != nil {
					return nil, err
				}
				files = append(files, found...)
				continue
			}
		}
		if !slices.Contains(files, path) {
			files = append(files, path)
		}
	}
	return files, nil
}

// hclFiles returns a folder's files that count, sorted.
func hclFiles(dir string, counts func(name string) bool) ([]string, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", dir, unwrapPath(err))
	}
	var files []string
	for _, e := range entries {
		if !e.IsDir() && counts(e.Name()) {
			files = append(files, filepath.Join(dir, e.Name()))
		}
	}
	return files, nil
}

// isLaidOut tells files that people write from hidden ones and from lock files, which programs write.
func isLaidOut(name string) bool {
	return strings.HasSuffix(name, ".hcl") && !strings.HasPrefix(name, ".") && !strings.HasSuffix(name, ".lock.hcl")
}

// belongs tells the files that go with a configuration of one file: tests, and what was accepted.
func belongs(name string) bool {
	return isLaidOut(name) && (strings.HasSuffix(name, ".test.hcl") || strings.HasSuffix(name, ".accepted.hcl"))
}

// rewrite replaces a file's content all at once; its mode stays. A link stays, too: what it leads to is replaced.
func rewrite(path string, content []byte) error {
	real, err := filepath.EvalSymlinks(path)
	if err != nil {
		return fmt.Errorf("write %s: %w", path, unwrapPath(err))
	}
	info, err := os.Stat(real)
	if err != nil {
		return fmt.Errorf("write %s: %w", path, unwrapPath(err))
	}
	temp := filepath.Join(filepath.Dir(real), "."+filepath.Base(real)+"."+rand.Text()[:8]+".tmp")
	err = errors.Join(os.WriteFile(temp, content, 0o600), os.Chmod(temp, info.Mode().Perm()))
	if err == nil {
		err = os.Rename(temp, real)
	}
	if err != nil {
		_ = os.Remove(temp)
		return fmt.Errorf("write %s: %w", path, unwrapPath(err))
	}
	return nil
}

// unwrapPath leaves out the file's name where the message has it already.
func unwrapPath(err error) error {
	var path *fs.PathError
	if errors.As(err, &path) {
		return path.Err
	}
	return err
}
