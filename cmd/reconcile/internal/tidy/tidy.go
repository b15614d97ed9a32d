// Package tidy lays out configuration files in the usual way. Nothing but white space changes.
package tidy

import (
	"bytes"
	"fmt"
	"io"
	"os"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/hashicorp/hcl/v2/hclwrite"

	"github.com/reconcilehq/reconcile/engine/replace"
)

// File is a configuration file as it is, and as it should be.
type File struct {
	Name    string
	Was, Is []byte
	path    string // "" for what came from stdin
}

// SyntaxError says that a file cannot be laid out, because it is not HCL.
type SyntaxError struct {
	Files map[string]*hcl.File
	Diags hcl.Diagnostics
}

// Error returns all that is wrong.
func (e *SyntaxError) Error() string { return e.Diags.Error() }

// Read reads a file, or stdin where its path is Stdin, and lays it out. A file that is not HCL is a *SyntaxError.
func Read(path string, stdin io.Reader) (*File, error) {
	f := &File{Name: path, path: path}
	var err error
	if path == Stdin {
		f.Name, f.path = "<stdin>", ""
		f.Was, err = io.ReadAll(stdin)
	} else {
		f.Was, err = os.ReadFile(path)
	}
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", f.Name, unwrapPath(err))
	}
	if parsed, diags := hclsyntax.ParseConfig(f.Was, f.Name, hcl.InitialPos); diags.HasErrors() {
		if parsed == nil {
			parsed = &hcl.File{Bytes: f.Was}
		}
		return nil, &SyntaxError{map[string]*hcl.File{f.Name: parsed}, diags}
	}
	f.Is = hclwrite.Format(f.Was)
	return f, nil
}

// Changed reports whether the layout was another.
func (f *File) Changed() bool { return !bytes.Equal(f.Was, f.Is) }

// Write replaces the file's content all at once; what came from stdin has no file.
func (f *File) Write() error {
	if f.path == "" {
		return nil
	}
	return replace.Write(f.path, f.Is, 0o666)
}
