package block

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclparse"
	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// AcceptedFile is where accepted discrepancies are written, beside the configuration, and read along with it. What
// people write stands in other files.
const AcceptedFile = "reconcile.accepted.hcl"

// Files are the files that make up a configuration.
type Files struct {
	Dir    string               // that relative paths are relative to
	Parsed map[string]*hcl.File // by name, for printing diagnostics with their source

	bodies []*hclsyntax.Body
}

// Parse reads the configuration at path, a file or a folder. The Files are never nil.
func Parse(path string) (*Files, hcl.Diagnostics) {
	files := &Files{Parsed: map[string]*hcl.File{}}
	names, dir, diags := configFiles(path)
	if diags.HasErrors() {
		return files, diags
	}
	files.Dir = dir
	return files, append(diags, files.add(names)...)
}

// ParseAll reads just these files.
func ParseAll(names []string) (*Files, hcl.Diagnostics) {
	files := &Files{}
	return files, files.add(names)
}

func (f *Files) add(names []string) hcl.Diagnostics {
	var diags hcl.Diagnostics
	parser := hclparse.NewParser()
	for _, name := range names {
		file, fileDiags := parser.ParseHCLFile(name)
		diags = append(diags, fileDiags...)
		if file != nil {
			f.bodies = append(f.bodies, file.Body.(*hclsyntax.Body))
		}
	}
	f.Parsed = parser.Files()
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
		if accepted := filepath.Join(filepath.Dir(path), AcceptedFile); accepted != filepath.Clean(path) && isFile(accepted) {
			names = append(names, accepted)
		}
		return names, absolute(filepath.Dir(path)), nil
	}
	entries, err := os.ReadDir(path)
	if err != nil {
		return nil, "", noConfig(path, err)
	}
	for _, e := range entries {
		if name := e.Name(); !e.IsDir() && isConfig(name) {
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

func isFile(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular()
}

// isConfig tells the configuration's files from those that lie beside it.
func isConfig(name string) bool {
	return strings.HasSuffix(name, ".hcl") && !strings.HasPrefix(name, ".") &&
		!strings.HasSuffix(name, ".test.hcl") && !strings.HasSuffix(name, ".lock.hcl")
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
