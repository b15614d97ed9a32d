package trust

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// Readable returns the files and folders that the program must be able to read, in addition to those that every program of
// the system needs:
//
//   - the folder of each locked file, unless that is a shared folder: the folder of the configuration or of the user's home,
//     a folder above one of them, or a folder for temporary files,
//   - node_modules and package.json in every folder above a locked file, because Node and similar programs look there,
//   - its interpreter, and the libraries that were installed with it.
//
// The folder of the configuration is never among them, because exported inventories and passwords are there.
func (p *Program) Readable() []string {
	shared := []string{resolveLinks(p.dir), os.TempDir(), "/tmp", "/var/tmp"}
	if home, err := os.UserHomeDir(); err == nil {
		shared = append(shared, resolveLinks(home))
	}
	var paths []string
	for _, file := range p.Files {
		dir := filepath.Dir(resolveLinks(file))
		if !slices.ContainsFunc(shared, func(s string) bool { return contains(dir, s) }) {
			paths = append(paths, dir)
		}
		for ; ; dir = filepath.Dir(dir) {
			paths = append(paths, filepath.Join(dir, "node_modules"), filepath.Join(dir, "package.json"))
			if dir == filepath.Dir(dir) {
				break
			}
		}
	}
	for _, program := range p.interpreters() {
		paths = append(paths, installed(program, shared)...)
	}
	return paths
}

// interpreters returns the programs that run the plugin's files, including env if it looks up the interpreter.
func (p *Program) interpreters() []string {
	if !slices.Contains(p.Files, p.Path) {
		return []string{p.Path}
	}
	words, err := interpreterOf(p.Path)
	if err != nil || len(words) == 0 {
		return nil
	}
	programs := []string{words[0]}
	if filepath.Base(words[0]) == "env" { // it looks up the first word that is neither an option nor a variable
		for _, word := range words[1:] {
			if !strings.HasPrefix(word, "-") && !strings.Contains(word, "=") {
				if found, err := exec.LookPath(word); err == nil {
					programs = append(programs, found)
				}
				break
			}
		}
	}
	return programs
}

// versionManagers are folders in the user's home. They belong to programs that install several versions of an interpreter,
// and choose one of them when it starts.
var versionManagers = []string{".asdf", ".bun", ".deno", ".fnm", ".local/share/fnm", ".local/share/mise", ".nodenv", ".nvm", ".pyenv", ".rbenv", ".sdkman",
	".volta", "miniconda3", "miniforge3"}

// installed returns a program's file, the links that lead to it, and the folders of its libraries, which are beside its
// folder bin: for example /opt/node/lib for /opt/node/bin/node.
func installed(program string, shared []string) []string {
	paths := []string{program}
	home, err := os.UserHomeDir()
	for _, at := range []string{program, resolveLinks(program)} {
		for _, name := range versionManagers {
			if folder := filepath.Join(resolveLinks(home), name); err == nil && (contains(folder, at) || contains(filepath.Join(home, name), at)) {
				paths = append(paths, folder)
			}
		}
		dir := filepath.Dir(at)
		if filepath.Base(dir) == "bin" {
			for _, name := range []string{"lib", "lib64", "libexec", "pyvenv.cfg"} {
				paths = append(paths, filepath.Join(filepath.Dir(dir), name))
			}
		}
		if !slices.ContainsFunc(shared, func(s string) bool { return contains(dir, s) }) {
			paths = append(paths, dir)
		}
	}
	return append(paths, resolveLinks(program))
}

// contains reports whether path is dir or is below it.
func contains(dir, path string) bool {
	rel, err := filepath.Rel(dir, path)
	return err == nil && filepath.IsLocal(rel)
}

// resolveLinks returns a path without symbolic links; the path itself if it does not exist.
func resolveLinks(path string) string {
	if found, err := filepath.EvalSymlinks(path); err == nil {
		return found
	}
	return path
}
