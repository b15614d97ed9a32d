// Package tidy lays out configuration files in the usual way, and writes the shipped rules of today into them.
package tidy

import (
	"bytes"
	"fmt"
	"io"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclwrite"

	"github.com/reconcilehq/reconcile/engine/replace"
	"github.com/reconcilehq/reconcile/rules/block"
	"github.com/reconcilehq/reconcile/rules/hidden"
	"github.com/reconcilehq/reconcile/rules/shipped"
	"github.com/reconcilehq/reconcile/rules/syntax"
)

// File is a configuration file as it is, and as it should be.
type File struct {
	Name    string
	Was, Is []byte
	path    string // "" for what came from stdin

	// Of the rules that are shipped in another form today: those that were written anew, and those that somebody made their own.
	Renewed, LeftOut []shipped.Rule
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
		f.Was, err = block.ReadAll(stdin)
	} else {
		f.Was, err = block.ReadFile(path, nil)
	}
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", f.Name, unwrapPath(err))
	}
	if parsed, diags := syntax.Parse(f.Name, f.Was); diags.HasErrors() {
		if parsed == nil {
			parsed = &hcl.File{Bytes: f.Was}
		}
		files, diags := hidden.Diagnostics(map[string]*hcl.File{f.Name: parsed}, diags, nil)
		return nil, &SyntaxError{files, diags}
	}
	f.Is = hclwrite.Format(f.Was)
	return f, nil
}

// Renew writes the rules that are shipped today in place of those that were shipped before, except of some codes.
func (f *File) Renew(except ...string) error {
	r, err := shipped.Renew(f.Was, f.Name, except...)
	if err != nil {
		return err
	}
	f.Is, f.Renewed, f.LeftOut = hclwrite.Format(r.Text), r.Rules, r.LeftOut
	return nil
}

// Changed reports whether the layout was another.
func (f *File) Changed() bool { return !bytes.Equal(f.Was, f.Is) }

// Stdin reports whether it came from stdin.
func (f *File) Stdin() bool { return f.path == "" }

// Shown returns the file as it is and as it should be for people to see: without what may be a secret.
func (f *File) Shown() (was, is []byte) {
	return hidden.Shorten(f.Was, hidden.Find(f.Was)), hidden.Shorten(f.Is, hidden.Find(f.Is))
}

// Write replaces the file's content all at once; what came from stdin has no file.
func (f *File) Write() error {
	if f.Stdin() {
		return nil
	}
	return replace.Write(f.path, f.Is, 0o666)
}
