package session

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/reconcilehq/reconcile/engine/replace"
	"github.com/reconcilehq/reconcile/rules"
	"github.com/reconcilehq/reconcile/rules/ruletest"

	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/guard"
)

// Spare returns an error if the file at Options.Output is one that this configuration reads, or that is kept with it.
func (s *Session) Spare(config *rules.Config) error {
	if s.Output == "" {
		return nil
	}
	var read []replace.Reading
	add := func(by string, paths ...string) {
		for _, path := range paths {
			read = append(read, replace.Reading{Path: path, By: by})
		}
	}
	for _, source := range config.Sources {
		add(fmt.Sprintf("what source %q %q reads", source.Connector, source.Name), config.MayRead(source)...)
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
	return replace.Spare(s.Output, read)
}
