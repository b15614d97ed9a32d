// Package trust says which program a plugin block runs, which of its files are locked, and which files it may read.
//
// Find decides which files are locked:
//
//   - If the block has a path: the file at that path. It is a program, or a script whose first line, #!, names its
//     interpreter.
//   - If the block has a command: the script, which is the first word after the program that names an existing file. The
//     program is then an interpreter. It is not locked, because it belongs to the system and changes with it.
//   - The program of a command is locked too if its path is relative, because it then belongs to the configuration, and
//     also if there is no script.
//
// Nothing else is locked: neither what a script imports, nor what an interpreter loads. To lock a plugin as a whole, make
// it one file: a program that contains its libraries, or a script that was bundled.
package trust

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"github.com/reconcilehq/reconcile/plugins/host"
	"github.com/reconcilehq/reconcile/plugins/host/lockfile"
)

// Program is what a plugin block runs.
type Program struct {
	Path     string   // of the executable
	Files    []string // the files that are locked, as absolute paths
	Platform string   // the platform that the hash of Files is for: this one, or lockfile.Any

	dir    string
	args   []string // the command's words; args[0] is the program's own name
	script int      // the index in args of the script that is locked; 0 if there is none
}

// Platform returns the platform of this computer, in the form that lock files use.
func Platform() string { return runtime.GOOS + "_" + runtime.GOARCH }

// Find finds the program that a command runs. The words are the program and its arguments. A program without a folder is
// looked up in PATH. Relative paths are relative to dir, in which the program will run.
func Find(words []string, dir string) (*Program, error) {
	path, err := Executable(words[0], dir)
	if err != nil {
		return nil, err
	}
	p := &Program{Path: path, dir: dir, args: slices.Clone(words), Platform: lockfile.Any}
	p.args[0] = path
	for i := 1; i < len(words) && p.script == 0; i++ {
		if info, err := os.Stat(absolutePath(dir, words[i])); err == nil && info.Mode().IsRegular() {
			p.script = i
		}
	}
	if p.script == 0 || strings.ContainsAny(words[0], `/\`) && !filepath.IsAbs(words[0]) {
		p.Files = append(p.Files, path)
		if interpreter, err := interpreterOf(path); err != nil || interpreter == nil {
			p.Platform = Platform()
		}
	}
	if p.script > 0 {
		p.Files = append(p.Files, absolutePath(dir, words[p.script]))
	}
	return p, nil
}

// FindFile is Find for a path. It never uses PATH.
func FindFile(path, dir string) (*Program, error) {
	if !strings.ContainsAny(path, `/\`) {
		path = "./" + path
	}
	return Find([]string{path}, dir)
}

func absolutePath(dir, path string) string {
	if filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(dir, path)
}

// Executable returns the file of a program. A name without a folder is looked up in PATH; a relative path is relative to
// dir.
func Executable(program, dir string) (string, error) {
	if strings.ContainsAny(program, `/\`) {
		program = absolutePath(dir, program)
	}
	found, err := exec.LookPath(program)
	if err == nil {
		if info, statErr := os.Stat(found); statErr == nil && !info.Mode().IsRegular() {
			return "", fmt.Errorf("%s is not a plain file", program) // a pipe could be waited for without end
		}
		return filepath.Abs(found)
	}
	if _, statErr := os.Stat(program); statErr == nil && runtime.GOOS != "windows" {
		return "", fmt.Errorf("%s is not executable: chmod +x it, or give a command that runs it", program)
	}
	return "", fmt.Errorf("cannot find the program %s: %w", program, errors.Unwrap(err))
}

// Command returns the command that runs the pinned copies of the files.
func (p *Program) Command(pinned *host.Pinned) host.Command {
	c := host.Command{Path: p.Path, Args: slices.Clone(p.args), Dir: p.dir, Pinned: pinned}
	if copied := pinned.Copy(p.Path); copied != "" {
		c.Path = copied
	}
	if p.script > 0 {
		c.Args[p.script] = pinned.Copy(absolutePath(p.dir, p.args[p.script]))
	}
	return c
}

// interpreterOf returns the words after #! in a script's first line: the interpreter and its arguments. It returns nil if
// the file does not begin with #!.
func interpreterOf(path string) ([]string, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	line, _, err := bufio.NewReaderSize(f, 512).ReadLine()
	text, ok := strings.CutPrefix(string(line), "#!")
	if err != nil || !ok {
		return nil, nil //nolint:nilerr // an empty file is no script
	}
	return strings.Fields(text), nil
}
