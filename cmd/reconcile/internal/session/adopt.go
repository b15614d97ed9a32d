package session

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"github.com/reconcilehq/reconcile/engine/replace"
	"github.com/reconcilehq/reconcile/rules"
)

// Adopted says what became of a file of accepted discrepancies that was not read.
type Adopted struct {
	From, To string
	Added    int      // how many blocks were taken over
	Blocks   int      // in To
	Lists    []string // that were written with it
	KeptFor  string   // the configuration beside this one that From stays there for; "" if it is gone
}

// Adopt takes over what stands in the file of accepted discrepancies that is not read, whole or not at all. What is there
// already stays single. Lists are copied, so that nothing that is accepted or taken back here changes anything there.
func (s *Session) Adopt() (*Adopted, error) {
	config, diags := s.Load()
	if len(config.Files) == 0 {
		return nil, s.Refuse(config, diags)
	}
	a := &Adopted{From: config.Unread, To: config.Accepted}
	if a.From == "" {
		return nil, fmt.Errorf("there is nothing to take over: no reconcile.accepted.hcl lies beside %s that it does not read", s.ConfigPath)
	}
	own, err := readAccepted(a.To)
	if err != nil {
		return nil, err
	}
	other, err := readAccepted(a.From)
	if err != nil {
		return nil, err
	}
	adopting := &rules.Adopting{From: a.From, To: a.To, Dir: config.Dir, Name: config.FreeNames(), NewList: freeLists(config),
		Lists: map[string][]byte{}}
	text, err := own.Adopt(other, adopting)
	if err != nil {
		return nil, fmt.Errorf("take over %s into %s: %w", a.From, a.To, err)
	}
	with, err := s.loadAdopted(config, text, adopting)
	if err != nil {
		return nil, err
	}
	parsed, diags := rules.ParseAccepted(a.To, text)
	if diags.HasErrors() {
		return nil, s.Refuse(config, diags)
	}
	a.Added, a.Blocks, a.Lists = adopting.Added, len(parsed.Names()), slices.Sorted(maps.Keys(adopting.Lists))
	if err := a.write(config.Dir, text, adopting.Lists); err != nil {
		return nil, err
	}
	if others := rules.Beside(s.ConfigPath); len(others) > 0 {
		a.KeptFor = others[0]
		if config.UnreadBy != "" {
			a.KeptFor = config.UnreadBy
		}
		return a, nil
	}
	return a, a.clear(with, other.Lists())
}

// loadAdopted reads the configuration as it would be. What it says must be right, and it must name no list of the other file.
func (s *Session) loadAdopted(config *rules.Config, text []byte, adopting *rules.Adopting) (*rules.Config, error) {
	o := s.loadOptions()
	o.Accepted, o.Texts = text, maps.Clone(o.Texts)
	if o.Texts == nil {
		o.Texts = map[string][]byte{}
	}
	for name, list := range adopting.Lists {
		o.Texts[filepath.Join(config.Dir, name)] = list
	}
	with, diags := rules.Load(s.ConfigPath, o)
	if diags.HasErrors() {
		return nil, s.Refuse(with, diags)
	}
	for _, in := range with.Intentional {
		if in.Range.Filename == adopting.To && rules.IsList(adopting.From, in.File) {
			return nil, fmt.Errorf("intentional %q in %s names %s, a list of %s: name a copy of it there, so that the two can change each for itself",
				in.Name, adopting.To, in.File, adopting.From)
		}
	}
	return with, nil
}

// write writes the lists and then the file that names them, or nothing of it.
func (a *Adopted) write(dir string, text []byte, lists map[string][]byte) error {
	var contents []replace.Content
	for _, name := range a.Lists {
		contents = append(contents, replace.Content{Path: filepath.Join(dir, name), Text: lists[name], Mode: 0o666})
	}
	err := replace.WriteAll(append(contents, replace.Content{Path: a.To, Text: text, Mode: 0o666})...)
	if err == nil {
		return nil
	}
	for _, c := range contents { // nothing names them
		if gone := os.Remove(c.Path); gone != nil && !errors.Is(gone, fs.ErrNotExist) {
			err = errors.Join(err, gone)
		}
	}
	return err
}

// clear removes the file that was taken over and its lists.
func (a *Adopted) clear(config *rules.Config, lists []string) error {
	paths := []string{a.From}
	for _, list := range lists {
		named := slices.ContainsFunc(config.Intentional, func(in *rules.Intentional) bool { return in.File == list })
		if rules.IsList(a.From, list) && !named {
			if !filepath.IsAbs(list) {
				list = filepath.Join(config.Dir, list)
			}
			paths = append(paths, list)
		}
	}
	for _, path := range paths {
		if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("%s is taken over into %s, but cannot be removed: %w", path, a.To, err)
		}
	}
	return nil
}
