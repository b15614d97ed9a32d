package session

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/reconcilehq/reconcile/engine/replace"
	"github.com/reconcilehq/reconcile/rules"
)

// Adopted says what became of a file of accepted discrepancies that was not read any more.
type Adopted struct {
	From, To string
	Blocks   int  // in To
	Kept     bool // From is there still: another configuration reads it
}

// Adopt takes over what stands in the file of accepted discrepancies that is not read any more, whole or not at all. Blocks that
// are there already stay single.
func (s *Session) Adopt() (*Adopted, error) {
	config, diags := s.Load()
	if len(config.Files) == 0 {
		return nil, s.Refuse(config, diags)
	}
	a := &Adopted{From: config.Unread, To: config.Accepted}
	if a.From == "" {
		return nil, fmt.Errorf("there is nothing to take over: all that was accepted with %s stands in %s", s.ConfigPath, a.To)
	}
	own, err := readAccepted(a.To)
	if err != nil {
		return nil, err
	}
	other, err := readAccepted(a.From)
	if err != nil {
		return nil, err
	}
	text, err := own.Adopt(other)
	if err != nil {
		return nil, fmt.Errorf("take over %s into %s: %w: rename one of them", a.From, a.To, err)
	}
	adopting := s.loadOptions()
	adopting.Accepted = text
	if with, diags := rules.Load(s.ConfigPath, adopting); diags.HasErrors() {
		return nil, s.Refuse(with, diags)
	}
	parsed, diags := rules.ParseAccepted(a.To, text)
	if diags.HasErrors() {
		return nil, s.Refuse(config, diags)
	}
	a.Blocks = len(parsed.Names())
	if err := replace.Write(a.To, text, 0o666); err != nil {
		return nil, err
	}
	if _, err := os.Stat(filepath.Join(filepath.Dir(a.From), "reconcile.hcl")); err == nil {
		a.Kept = true
		return a, nil
	}
	if err := os.Remove(a.From); err != nil {
		return nil, fmt.Errorf("%s is taken over into %s, but cannot be removed: %w", a.From, a.To, err)
	}
	return a, nil
}
