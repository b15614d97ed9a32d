package rules

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

	"github.com/reconcilehq/reconcile/rules/expr"
)

// Options are what Load needs to know of the world.
type Options struct {
	// Getenv looks up an environment variable for env(); nil means os.LookupEnv.
	Getenv func(name string) (string, bool)
	// Bundled are the connectors that need no plugin block.
	Bundled []string
}

// Load reads the configuration at path, a file or a folder. The Config is never nil, so that the diagnostics can be
// printed with its Files. After a syntax error it holds nothing else.
func Load(path string, opts Options) (*Config, hcl.Diagnostics) {
	c := &Config{Files: map[string]*hcl.File{}, locals: map[string]expr.Local{}, broken: map[string]bool{}, getenv: opts.Getenv}
	if c.getenv == nil {
		c.getenv = os.LookupEnv
	}
	names, dir, diags := configFiles(path)
	if diags.HasErrors() {
		return c, diags
	}
	c.Dir = dir
	parser := hclparse.NewParser()
	var bodies []*hclsyntax.Body
	for _, name := range names {
		file, fileDiags := parser.ParseHCLFile(name)
		diags = append(diags, fileDiags...)
		if file != nil {
			bodies = append(bodies, file.Body.(*hclsyntax.Body))
		}
	}
	c.Files = parser.Files()
	if diags.HasErrors() {
		return c, diags
	}
	return c, append(diags, c.decode(bodies, opts.Bundled)...)
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
