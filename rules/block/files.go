package block

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"github.com/reconcilehq/reconcile/rules/syntax"
)

// Files are the files that make up a configuration.
type Files struct {
	Dir    string               // that relative paths are relative to
	Parsed map[string]*hcl.File // by name, for printing diagnostics with their source

	// Accepted is the path of the file that accepted discrepancies are written to and that is read along, there or not.
	Accepted string
	// Unread is the path of a file of accepted discrepancies of another name beside it, which was read along with every
	// configuration once; "" if there is none.
	Unread string
	// UnreadBy is the path of the configuration beside it that Unread belongs to; "" if there is none, and Unread is a left-over.
	UnreadBy string

	bodies []*hclsyntax.Body
}

// Parse reads the configuration at path, a file or a folder. The Files are never nil.
func Parse(path string) (*Files, hcl.Diagnostics) { return ParseWith(path, "", nil, nil, nil) }

// ShopName is what a shop can be called: it is the name of files, too.
var ShopName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$`)

// ParseWith is like Parse for one shop, if shop names one: discrepancies that are accepted for it alone are in a file of its own,
// reconcile.accepted.SHOP.hcl, and what is accepted for all is read along. But what accepted holds, if it is not nil, is taken for the text of the file of accepted discrepancies,
// and where texts has one for another file, by its clean path, that is taken for what stands there. Closing stop ends the wait for a file
// that is a pipe.
func ParseWith(path, shop string, accepted []byte, texts map[string][]byte, stop <-chan struct{}) (*Files, hcl.Diagnostics) {
	files := &Files{Parsed: map[string]*hcl.File{}}
	names, dir, diags := configFiles(path)
	if diags.HasErrors() {
		return files, diags
	}
	files.Dir = dir
	files.Accepted, files.Unread, files.UnreadBy = acceptedBeside(path)
	if ShopName.MatchString(shop) {
		files.Accepted = strings.TrimSuffix(files.Accepted, "hcl") + shop + ".hcl"
		if accepted == nil && isThere(files.Accepted) {
			names = append(names, files.Accepted)
		}
	}
	if accepted == nil {
		return files, append(diags, files.add(names, texts, stop)...)
	}
	names = slices.DeleteFunc(names, func(name string) bool { return name == files.Accepted })
	diags = append(diags, files.add(names, texts, stop)...)
	return files, append(diags, files.addText(files.Accepted, accepted)...)
}

// ParseAll reads just these files, none of which is a pipe.
func ParseAll(names []string) (*Files, hcl.Diagnostics) {
	files := &Files{}
	return files, files.addFrom(names, readPlain)
}

func (f *Files) add(names []string, texts map[string][]byte, stop <-chan struct{}) hcl.Diagnostics {
	return f.addFrom(names, func(name string) ([]byte, error) {
		if text, ok := texts[filepath.Clean(name)]; ok {
			return text, nil
		}
		if isAccepted(name) { // a program writes and reads it: nobody gives it through a pipe
			return readPlain(name)
		}
		return ReadFile(name, stop)
	})
}

// addFrom adds files whose texts read returns.
func (f *Files) addFrom(names []string, read func(name string) ([]byte, error)) hcl.Diagnostics {
	var diags hcl.Diagnostics
	if f.Parsed == nil {
		f.Parsed = map[string]*hcl.File{}
	}
	for _, name := range names {
		text, err := read(name)
		if err != nil {
			diags = append(diags, unreadable(name, err))
			continue
		}
		diags = append(diags, f.addText(name, text)...)
	}
	return diags
}

func (f *Files) addText(name string, text []byte) hcl.Diagnostics {
	file, diags := syntax.Parse(name, text)
	if file != nil {
		f.bodies, f.Parsed[name] = append(f.bodies, file.Body.(*hclsyntax.Body)), file
	}
	return diags
}

// configFiles returns the files that make up the configuration, and the folder that its paths are relative to.
func configFiles(path string) (names []string, dir string, diags hcl.Diagnostics) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, "", noConfig(path, err)
	}
	if !info.IsDir() {
		names := []string{path}
		if accepted, _, _ := acceptedBeside(path); isThere(accepted) {
			names = append(names, accepted)
		}
		return names, absolute(filepath.Dir(path)), nil
	}
	entries, err := os.ReadDir(path)
	if err != nil {
		return nil, "", noConfig(path, err)
	}
	for _, e := range entries {
		if name := e.Name(); isConfig(name) && (!e.IsDir() || isAccepted(name)) {
			names = append(names, filepath.Join(path, name))
		}
	}
	slices.Sort(names)
	if len(names) == 0 {
		return nil, "", hcl.Diagnostics{{Severity: hcl.DiagError, Summary: "No configuration",
			Detail: fmt.Sprintf("The folder %s holds no file that ends in .hcl.", path)}}
	}
	return names, absolute(path), nil
}

// usualName is the name of a configuration where nobody chose another.
const usualName = "reconcile.hcl"

// acceptedName returns the name of the file of discrepancies that were accepted with the configuration of that name.
func acceptedName(config string) string {
	return strings.TrimSuffix(config, ".hcl") + acceptedMark + "hcl"
}

// acceptedMark stands in the names of files of accepted discrepancies.
const acceptedMark = ".accepted."

// acceptedBeside returns the path of the file of accepted discrepancies that belongs to the configuration at path: that of
// reconcile.hcl is reconcile.accepted.hcl, that of us.hcl is us.accepted.hcl, and a folder's is reconcile.accepted.hcl in it.
// unread is that of another name which was read along with every configuration once, "" if it is not there, and by is
// the configuration that reads it, "" if none does.
func acceptedBeside(path string) (accepted, unread, by string) {
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		return filepath.Join(path, acceptedName(usualName)), "", ""
	}
	dir, name := filepath.Split(filepath.Clean(path))
	accepted = dir + acceptedName(name)
	usual := dir + acceptedName(usualName)
	if usual == accepted || usual == filepath.Clean(path) || !isFile(usual) {
		return accepted, "", ""
	}
	if by = dir + usualName; !isFile(by) {
		by = ""
	}
	return accepted, usual, by
}

// Beside returns the other configurations in the folder of the one at path, without what was accepted with them.
func Beside(path string) (others []string) {
	dir, name := filepath.Split(filepath.Clean(path))
	entries, err := os.ReadDir(filepath.Clean(dir + "."))
	if err != nil {
		return nil
	}
	for _, e := range entries {
		if n := e.Name(); n != name && e.Type().IsRegular() && isConfig(n) && !strings.HasSuffix(n, ".accepted.hcl") {
			others = append(others, dir+n)
		}
	}
	return others
}

func isFile(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular()
}

func isThere(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// isAccepted reports whether a file is called as those of accepted discrepancies are.
func isAccepted(path string) bool {
	return strings.Contains(filepath.Base(path), acceptedMark) && strings.HasSuffix(path, ".hcl")
}

// isConfig tells the configuration's files from those that lie beside it.
func isConfig(name string) bool {
	return strings.HasSuffix(name, ".hcl") && !strings.HasPrefix(name, ".") && !isOfOneShop(name) &&
		!strings.HasSuffix(name, ".test.hcl") && !strings.HasSuffix(name, ".lock.hcl")
}

// isOfOneShop reports whether a file holds what was accepted for one shop.
func isOfOneShop(name string) bool {
	i := strings.LastIndex(name, acceptedMark)
	return i >= 0 && ShopName.MatchString(strings.TrimSuffix(name[i+len(acceptedMark):], ".hcl")) && name[i+len(acceptedMark):] != "hcl"
}

func absolute(dir string) string {
	if abs, err := filepath.Abs(dir); err == nil {
		return abs
	}
	return dir
}

func noConfig(path string, err error) hcl.Diagnostics {
	detail := fmt.Sprintf("Cannot read %s: %v.", path, err)
	if errors.Is(err, fs.ErrNotExist) {
		detail = fmt.Sprintf("There is no %s. Name the configuration with --config, or write one with reconcile init.", path)
	}
	return hcl.Diagnostics{{Severity: hcl.DiagError, Summary: "No configuration", Detail: detail}}
}
