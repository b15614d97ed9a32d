package tidy

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Stdin is what people write for it on the command line.
const Stdin = "-"

// Files returns the files to lay out that lie at the paths: without any, the configuration at config and what belongs to it.
func Files(config string, paths []string) ([]string, error) {
	if len(paths) == 0 {
		info, err := os.Stat(config)
		switch {
		case err != nil:
			return nil, fmt.Errorf("read %s: %w", config, unwrapPath(err))
		case info.IsDir():
			return hclFiles(config, isLaidOut)
		}
		beside, err := hclFiles(filepath.Dir(config), belongs)
		if err != nil {
			return nil, err
		}
		files := []string{config}
		for _, file := range beside {
			if file != filepath.Clean(config) {
				files = append(files, file)
			}
		}
		return files, nil
	}
	var files []string
	for _, path := range paths {
		if path != Stdin {
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

// unwrapPath leaves out the file's name where the message has it already.
func unwrapPath(err error) error {
	var path *fs.PathError
	if errors.As(err, &path) {
		return path.Err
	}
	return err
}
