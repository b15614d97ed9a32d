package trust

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// Readable returns the files and folders that the program has to read, beside what any program of the system needs:
//
//   - the folder of each locked file, unless that is a folder that holds other things, too: the configuration's or one
//     above it, the user's home or one above it, the folder for temporary files,
//   - what Node and its like look for in every folder upwards from there: node_modules, package.json,
//   - its interpreter, with the libraries that were installed with it.
//
// The configuration's folder is not among them: exported inventories and passwords lie there.
func (p *Program) Readable() []string {
	shared := []string{real(p.dir), os.TempDir(), "/tmp", "/var/tmp"}
	if home, err := os.UserHomeDir(); err == nil {
		shared = append(shared, real(home))
	}
	var paths []string
	for _, file := range p.Files {
		dir := filepath.Dir(real(file))
		if !slices.ContainsFunc(shared, func(s string) bool { return holds(dir, s) }) {
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

// interpreters returns the programs that run the plugin's files, and that they are looked up through.
func (p *Program) interpreters() []string {
	if !slices.Contains(p.Files, p.Path) {
		return []string{p.Path}
	}
	words, err := shebang(p.Path)
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

// managers are the folders at home of programs that install interpreters in several versions, and choose one of them at
// the start.
var managers = []string{".asdf", ".bun", ".deno", ".fnm", ".local/share/fnm", ".local/share/mise", ".nodenv", ".nvm", ".pyenv", ".rbenv", ".sdkman",
	".volta", "miniconda3", "miniforge3"}

// installed returns a program's file, by all links that lead to it, and where an installer put its libraries: beside
// its folder bin, as in /opt/node/lib for /opt/node/bin/node.
func installed(program string, shared []string) []string {
	paths := []string{program}
	home, err := os.UserHomeDir()
	for _, at := range []string{program, real(program)} {
		for _, name := range managers {
			if folder := filepath.Join(real(home), name); err == nil && (holds(folder, at) || holds(filepath.Join(home, name), at)) {
				paths = append(paths, folder)
			}
		}
		dir := filepath.Dir(at)
		if filepath.Base(dir) == "bin" {
			for _, name := range []string{"lib", "lib64", "libexec", "pyvenv.cfg"} {
				paths = append(paths, filepath.Join(filepath.Dir(dir), name))
			}
		}
		if !slices.ContainsFunc(shared, func(s string) bool { return holds(dir, s) }) {
			paths = append(paths, dir)
		}
	}
	return append(paths, real(program))
}

// holds reports whether path is dir or lies below it.
func holds(dir, path string) bool {
	rel, err := filepath.Rel(dir, path)
	return err == nil && filepath.IsLocal(rel)
}

// real returns a path without links in it, as far as it is there.
func real(path string) string {
	if found, err := filepath.EvalSymlinks(path); err == nil {
		return found
	}
	return path
}
