// Package trust says what a plugin block runs, which of its files are locked, and what those may read.
//
// What is locked, as Find decides it:
//
//   - With a path, the file that it names: a program, or a script that begins with #! and its interpreter.
//   - With a command, the script: the first word after the program that names an existing file. The program is the
//     interpreter then and is not locked, for it belongs to the system and changes with it.
//   - A program that the command names by a relative path belongs to the configuration, not to the system: it is locked as
//     well. So is any program where no word names a file.
//
// Nothing else is: neither what a script imports from beside it, nor what an interpreter loads. A plugin that is to be
// locked as a whole is one file: a program with its libraries in it, or a script that was bundled.
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
	Files    []string // those that are locked, by absolute paths
	Platform string   // which the hash of Files is for: this one, or lockfile.Any

	dir    string
	args   []string // the command's words; args[0] is the program's name as it sees it
	script int      // which of args is a script that is locked; 0 if none is
}

// Platform is this computer's, as lock files name it.
func Platform() string { return runtime.GOOS + "_" + runtime.GOARCH }

// Find finds what the words of a command run: a program, then its arguments. A program without a folder is looked up in
// PATH; what is relative is so to dir, in which the program will run.
func Find(words []string, dir string) (*Program, error) {
	path, err := Executable(words[0], dir)
	if err != nil {
		return nil, err
	}
	p := &Program{Path: path, dir: dir, args: slices.Clone(words), Platform: lockfile.Any}
	p.args[0] = path
	for i := 1; i < len(words) && p.script == 0; i++ {
		if info, err := os.Stat(within(dir, words[i])); err == nil && info.Mode().IsRegular() {
			p.script = i
		}
	}
	if p.script == 0 || strings.ContainsAny(words[0], `/\`) && !filepath.IsAbs(words[0]) {
		p.Files = append(p.Files, path)
		if interpreter, err := shebang(path); err != nil || interpreter == nil {
			p.Platform = Platform()
		}
	}
	if p.script > 0 {
		p.Files = append(p.Files, within(dir, words[p.script]))
	}
	return p, nil
}

// FindFile is Find for a path, which is never looked up in PATH.
func FindFile(path, dir string) (*Program, error) {
	if !strings.ContainsAny(path, `/\`) {
		path = "./" + path
	}
	return Find([]string{path}, dir)
}

func within(dir, path string) string {
	if filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(dir, path)
}

// Executable returns the file of a program: a name without a folder is looked up in PATH, a relative one is relative to
// dir.
func Executable(program, dir string) (string, error) {
	if strings.ContainsAny(program, `/\`) {
		program = within(dir, program)
	}
	found, err := exec.LookPath(program)
	if err == nil {
		return filepath.Abs(found)
	}
	if _, statErr := os.Stat(program); statErr == nil && runtime.GOOS != "windows" {
		return "", fmt.Errorf("%s is not executable: chmod +x it, or give a command that runs it", program)
	}
	return "", fmt.Errorf("cannot find the program %s: %w", program, errors.Unwrap(err))
}

// Command returns how the files that were pinned are run.
func (p *Program) Command(pinned *host.Pinned) host.Command {
	c := host.Command{Path: p.Path, Args: slices.Clone(p.args), Dir: p.dir, Pinned: pinned}
	if copied := pinned.Copy(p.Path); copied != "" {
		c.Path = copied
	}
	if p.script > 0 {
		c.Args[p.script] = pinned.Copy(within(p.dir, p.args[p.script]))
	}
	return c
}

// shebang returns the interpreter and its argument that a script names in its first line; nil if it is no such script.
func shebang(path string) ([]string, error) {
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
