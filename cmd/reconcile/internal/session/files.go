package session

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"github.com/hashicorp/hcl/v2"

	"github.com/reconcilehq/reconcile/engine/replace"
	"github.com/reconcilehq/reconcile/rules"
	"github.com/reconcilehq/reconcile/rules/ruletest"
	"github.com/reconcilehq/reconcile/rules/source"

	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/guard"
)

// Spare returns an error if the file at Options.Output is one that this configuration reads, or that is kept with it.
func (s *Session) Spare(config *rules.Config) error {
	if s.Output == "" {
		return nil
	}
	return replace.Spare(s.Output, s.reads(config, nil))
}

// reads returns the files that a configuration reads, and that are kept with it, but for the one that a source writes.
func (s *Session) reads(config *rules.Config, written *source.Written) []replace.Reading {
	var read []replace.Reading
	add := func(by string, paths ...string) {
		for _, path := range paths {
			read = append(read, replace.Reading{Path: path, By: by})
		}
	}
	for _, source := range config.Sources {
		paths := config.MayRead(source)
		if written != nil && source == written.Source {
			if at := slices.Index(paths, written.Path); at >= 0 {
				paths = slices.Delete(paths, at, at+1)
			}
		}
		add(fmt.Sprintf("what source %q %q reads", source.Connector, source.Name), paths...)
	}
	add("a skus_file", config.SkusFiles...)
	if config.ShopsFile != "" {
		add("the list of shops", config.ShopsFile)
	}
	add("the file of accepted discrepancies", config.Accepted)
	add("the lock file of plugins", guard.LockFileOf(config))
	if tests, err := ruletest.Files(s.ConfigPath); err == nil {
		add("a file of tests", tests...)
	}
	add("the configuration", s.ConfigPath)
	for path := range config.Files {
		add("the configuration", path)
	}
	if copies, err := s.CopiesFolder(); err == nil {
		entries, _ := os.ReadDir(copies) // where there is none, there is nothing to spare
		for _, e := range entries {
			add("a Local Copy, or what belongs to it", filepath.Join(copies, e.Name()))
		}
	}
	return read
}

// checkWritten says which files that apply writes are no files of their own, and which have no folder.
func (s *Session) checkWritten(config *rules.Config) (diags hcl.Diagnostics) {
	for _, source := range config.Sources {
		w := config.Written(source)
		if w == nil {
			continue
		}
		var others []replace.Reading
		for _, other := range config.Sources {
			if also := config.Written(other); also != nil && other != source {
				others = append(others, replace.Reading{Path: also.Path, By: fmt.Sprintf("what it writes for source %q %q", other.Connector, other.Name)})
			}
		}
		for _, r := range append(others, s.reads(config, w)...) {
			if replace.Same(w.Path, r.Path) {
				diags = append(diags, &hcl.Diagnostic{Severity: hcl.DiagError, Summary: "Not a file of its own", Subject: &w.At,
					Detail: fmt.Sprintf("reconcile apply is to write %s, and that is %s: name another file, which is not there yet.", w.Path, r.By)})
				break
			}
		}
		dir := filepath.Dir(w.Path)
		if info, err := os.Stat(dir); err != nil || !info.IsDir() {
			diags = append(diags, &hcl.Diagnostic{Severity: hcl.DiagWarning, Summary: "There is no folder for the file of changes", Subject: &w.At, // whoever only reads needs none
				Detail: fmt.Sprintf("reconcile apply could not write %s: make the folder %s first.", w.Path, dir)})
		}
	}
	return diags
}

// Fingerprint returns a text that is another one once the configuration has changed, what was accepted in it, or a file that it names: a list of
// SKUs, or an export that a source reads. It says nothing of what platforms have.
func (s *Session) Fingerprint() string {
	config, _ := s.Load() // whatever is wrong with it is told by who works with it
	sum := sha256.New()
	for _, name := range slices.Sorted(maps.Keys(config.Files)) {
		text := config.Files[name].Bytes
		fmt.Fprintf(sum, "%q %d ", name, len(text))
		sum.Write(text)
	}
	paths := slices.Clone(config.SkusFiles)
	for _, source := range config.Sources {
		paths = append(paths, config.MayRead(source)...)
	}
	for _, path := range paths {
		fmt.Fprintf(sum, "%q ", path)
		if info, err := os.Stat(path); err == nil {
			fmt.Fprintf(sum, "%d %d ", info.Size(), info.ModTime().UnixNano())
		}
	}
	return hex.EncodeToString(sum.Sum(nil))
}
