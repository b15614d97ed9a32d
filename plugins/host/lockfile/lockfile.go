// Package lockfile reads and writes reconcile.lock.hcl, which says which plugins a configuration may run: for each plugin
// its version, and the SHA-256 of its file on each platform.
//
// Only this program writes the file, always the whole file, and always in one form: sorted by plugin and by platform. So two
// people who lock the same plugin write the same bytes, and a change of the file is a change of what will run. The next
// write removes what a person has added, for example a comment.
//
// This package neither computes hashes nor compares them.
package lockfile

import (
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclwrite"
	"github.com/zclconf/go-cty/cty"

	"github.com/reconcilehq/reconcile/engine/replace"
)

// Name is the file's name; it lies beside the configuration.
const Name = "reconcile.lock.hcl"

// Any is the platform of a file that is the same on all platforms, such as a script.
const Any = "any"

// File is a lock file's content.
type File struct {
	plugins map[string]Plugin
}

// Plugin is the entry of one plugin.
type Plugin struct {
	Connector string            // the name of its plugin block
	Version   string            // the connector's own
	SHA256    map[string]string // 64 hexadecimal digits in lower case by platform, such as linux_amd64, or Any
}

// Hash returns the SHA-256 for a platform: that of the platform itself, or else that of Any; "" if there is none.
func (p *Plugin) Hash(platform string) string {
	if hash, ok := p.SHA256[platform]; ok {
		return hash
	}
	return p.SHA256[Any]
}

// Plugin returns the entry of a connector, or nil.
func (f *File) Plugin(connector string) *Plugin {
	if p, ok := f.plugins[connector]; ok {
		return &p
	}
	return nil
}

// Set adds an entry, or replaces the one of the same connector.
func (f *File) Set(p Plugin) {
	if f.plugins == nil {
		f.plugins = map[string]Plugin{}
	}
	f.plugins[p.Connector] = p
}

// Bytes returns the file in its normal form.
func (f *File) Bytes() []byte {
	out := hclwrite.NewEmptyFile()
	for i, name := range slices.Sorted(maps.Keys(f.plugins)) {
		if i > 0 {
			out.Body().AppendNewline()
		}
		p := f.plugins[name]
		body := out.Body().AppendNewBlock("plugin", []string{name}).Body()
		body.SetAttributeValue("version", cty.StringVal(p.Version))
		hashes := map[string]cty.Value{}
		for platform, hash := range p.SHA256 {
			hashes[platform] = cty.StringVal(hash)
		}
		body.SetAttributeValue("sha256", cty.ObjectVal(hashes)) // in the order of the names
	}
	return hclwrite.Format(out.Bytes())
}

// Write replaces the file at path, whole or not at all.
func (f *File) Write(path string) error {
	return replace.Write(path, f.Bytes(), 0o644)
}

// Read reads the file at path. If there is none, the File is empty. If there is a mistake in it, there is no File, because
// the part with the mistake may forbid something. The map holds the file's text, for printing the diagnostics.
func Read(path string) (*File, map[string]*hcl.File, hcl.Diagnostics) {
	text, err := readFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return &File{}, nil, nil
	}
	if err != nil {
		return nil, nil, hcl.Diagnostics{{Severity: hcl.DiagError, Summary: "Lock file cannot be read", Detail: fmt.Sprintf("%v.", err)}}
	}
	return parse(path, text)
}

// maxSize is the largest lock file that is read, in bytes. docs/limits.md lists it.
const maxSize = 16 << 20

// readFile reads a lock file: a plain file, since a pipe could be waited for without end.
func readFile(path string) ([]byte, error) {
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return nil, err
	case !info.Mode().IsRegular():
		return nil, fmt.Errorf("%s is not a plain file", path)
	case info.Size() > maxSize:
		return nil, fmt.Errorf("%s has more than %d MiB, which no lock file has (max_lock_file)", path, maxSize>>20)
	}
	return os.ReadFile(path)
}

// validHash reports whether s is a SHA-256 in lower-case hexadecimal digits.
func validHash(s string) bool {
	b, err := hex.DecodeString(s)
	return err == nil && len(b) == 32 && s == strings.ToLower(s)
}
