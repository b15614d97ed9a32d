// Package scaffold writes new connectors: whole projects that build, pass the conformance suite and run as they are.
//
// What it writes is one of the examples in plugins/devkit/examples under another name; it is no template language, and knows
// nothing of what the files say.
package scaffold

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/reconcilehq/reconcile/plugins/devkit/examples"
)

// exampleName is the name that the examples have, which the new one's takes the place of.
const exampleName = "example-shop"

// Project is a connector to be written.
type Project struct {
	Name string // as in source "NAME" "..." { }
	Main string // the files to change first

	// Next are the commands that build, test and run the project, in its folder.
	Next []string

	writes bool              // it can change its platform
	files  fs.FS             // the example
	made   map[string][]byte // what is written beside it
}

var validName = regexp.MustCompile(`^[a-z][a-z0-9]*(-[a-z0-9]+)*$`)

// TypeScript returns the project of a connector in TypeScript, which brings the SDK with it. If writes, it can change its platform.
func TypeScript(name string, writes bool) (Project, error) {
	files, err := fs.Sub(examples.TypeScript, "typescript")
	p := Project{Name: name, Main: "src/shop.ts", writes: writes, files: files,
		Next: []string{"npm ci", "npm run build", "npm test", "reconcile run"}}
	if writes {
		p.Main = "src/shop.ts and src/writer.ts"
	}
	return p, err
}

// CheckName says whether a connector can have the name, and what to do if it cannot.
func CheckName(name string) error {
	if len(name) > 40 {
		return fmt.Errorf("the connector's name has %d characters: take at most 40", len(name))
	}
	if validName.MatchString(name) {
		return nil
	}
	hint := ""
	if near := nearName(name); near != "" {
		hint = fmt.Sprintf(", such as %q", near)
	}
	return fmt.Errorf("%q cannot be a connector's name: it has lower-case letters, digits and single dashes, and begins with a letter%s", name, hint)
}

// nearName makes a valid name of what was meant; "" if nothing is left.
func nearName(name string) string {
	near := strings.Trim(regexp.MustCompile(`[^a-z0-9]+`).ReplaceAllString(strings.ToLower(name), "-"), "-0123456789")
	if !validName.MatchString(near) {
		return ""
	}
	return near
}

// Write writes the project into dir, which it makes if need be, and returns the files' names, sorted. It overwrites
// nothing: where a file is there already it names all such files and writes none. Where a file cannot be written it removes
// those that it has.
func (p Project) Write(dir string) ([]string, error) {
	contents, err := p.contents()
	if err != nil {
		return nil, err
	}
	var names, there []string
	for name := range contents {
		names = append(names, name)
		if _, err := os.Lstat(filepath.Join(dir, filepath.FromSlash(name))); err == nil {
			there = append(there, name)
		} else if !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
	}
	slices.Sort(names)
	slices.Sort(there)
	if len(there) > 0 {
		return nil, fmt.Errorf("%s has these files already: %s; nothing was written: choose another folder, or move them away", dir, strings.Join(there, ", "))
	}
	var made made
	for _, name := range names {
		if err := made.write(filepath.Join(dir, filepath.FromSlash(name)), contents[name]); err != nil {
			made.remove()
			return nil, fmt.Errorf("%w; nothing is left of what was written before", err)
		}
	}
	return names, nil
}

// made are files and folders that Write has made, the first one first.
type made []string

// remove removes them, as far as that goes: there is an error to tell already.
func (m made) remove() {
	for _, path := range slices.Backward(m) {
		_ = os.Remove(path)
	}
}

// contents returns what the project's files hold, by name.
func (p Project) contents() (map[string][]byte, error) {
	contents := map[string][]byte{}
	err := fs.WalkDir(p.files, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !p.writes && slices.Contains(examples.Writers, name) {
			return err
		}
		text, err := fs.ReadFile(p.files, name)
		if err != nil {
			return err
		}
		contents[path.Clean(name)] = p.rename(p.choose(text))
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read the example: %w", err)
	}
	for name, text := range p.made {
		contents[name] = p.rename(text)
	}
	return contents, nil
}

// choose takes from a file of the example what is for this project: see the package examples.
func (p Project) choose(text []byte) []byte {
	var kept [][]byte
	for _, line := range bytes.SplitAfter(text, []byte("\n")) {
		indent := line[:len(line)-len(bytes.TrimLeft(line, " \t"))]
		for _, comment := range []string{"#", "//"} {
			if added, is := bytes.CutPrefix(line[len(indent):], []byte(comment+"+")); is {
				if line = nil; p.writes {
					line = append(bytes.Clone(indent), bytes.TrimPrefix(added, []byte(" "))...)
				}
				break
			}
			if plain, is := bytes.CutSuffix(line, []byte(" "+comment+"-\n")); is {
				if line = nil; !p.writes {
					line = append(bytes.Clone(plain), '\n')
				}
				break
			}
		}
		kept = append(kept, line)
	}
	return bytes.Join(kept, nil)
}

func (p Project) rename(text []byte) []byte {
	return bytes.ReplaceAll(text, []byte(exampleName), []byte(p.Name))
}

// write writes a new file, and makes the folders that it is in.
func (m *made) write(file string, text []byte) error {
	if err := m.folder(filepath.Dir(file)); err != nil {
		return err
	}
	f, err := os.OpenFile(file, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	if err != nil {
		return err
	}
	*m = append(*m, file)
	_, err = f.Write(text)
	return errors.Join(err, f.Close())
}

// folder makes a folder with those above it, unless it is there.
func (m *made) folder(dir string) error {
	if _, err := os.Stat(dir); err == nil {
		return nil
	}
	if parent := filepath.Dir(dir); parent != dir {
		if err := m.folder(parent); err != nil {
			return err
		}
	}
	err := os.Mkdir(dir, 0o777)
	if err == nil {
		*m = append(*m, dir)
	} else if errors.Is(err, fs.ErrExist) { // somebody else has just made it
		return nil
	}
	return err
}
