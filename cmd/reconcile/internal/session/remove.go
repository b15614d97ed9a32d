package session

import (
	"context"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/engine/replace"
	"github.com/reconcilehq/reconcile/engine/report"
	"github.com/reconcilehq/reconcile/engine/verdict"
	"github.com/reconcilehq/reconcile/rules"
)

// Removed is what was taken out of the file of accepted discrepancies.
type Removed struct {
	Path  string
	What  []string // blocks, by their names and file, and lines of files
	Gone  []string // files of which the last line was removed, and that were removed with it
	Again []string // what is reported again: SKUs with rules or statuses
	Still []string // what is intentional still, by another block
}

// Remove takes acceptances back: those that the choice names, or the block of that name where it is not "". It reads both sides to
// say what is reported again. Where nothing is found to be taken back, or only together with more than was named, that is a
// mistake, and nothing is changed.
func (p *Prepared) Remove(ctx context.Context, c Choice, block string) (*Removed, error) {
	var found []*rules.Intentional
	var err error
	if block != "" {
		found, err = p.acceptedBlock(block)
	} else {
		found, err = p.accepting(c)
	}
	if err != nil {
		return nil, err
	}
	after, removed, err := p.without(found, block)
	if err != nil {
		return nil, err
	}
	named := c.SKUs
	if block != "" {
		named = nil // it may be about any items
	}
	result, err := p.readItems(ctx, named)
	if err != nil {
		return nil, err
	}
	defer p.CloseResult(result)
	if err := p.compareWithout(result, found, removed); err != nil {
		return nil, err
	}
	unlock, err := p.lockAccepted()
	if err != nil {
		return nil, err
	}
	defer unlock()
	return removed, after.write()
}

// acceptedBlock returns all that the block of that name in the file of accepted discrepancies says.
func (p *Prepared) acceptedBlock(name string) (found []*rules.Intentional, err error) {
	var names []string
	for _, in := range p.Config.Intentional {
		switch {
		case in.Range.Filename == p.Config.Accepted && in.Name == name:
			found = append(found, in)
		case in.Name == name:
			return nil, p.elsewhere(in)
		case in.Range.Filename == p.Config.Accepted && !slices.Contains(names, in.Name):
			names = append(names, in.Name)
		}
	}
	if len(found) > 0 {
		return found, nil
	}
	text, err := readAccepted(p.Config.Accepted) // a block whose skus_file has no line says nothing
	if err != nil {
		return nil, err
	}
	if slices.Contains(text.Names(), name) {
		return []*rules.Intentional{{Name: name}}, nil
	}
	if len(names) == 0 {
		return nil, fmt.Errorf("%s has no block %q: nothing is accepted there", p.Config.Accepted, name)
	}
	return nil, fmt.Errorf("%s has no block %q.%s It has: %s", p.Config.Accepted, name, catalog.DidYouMean(name, names), strings.Join(names, ", "))
}

func (p *Prepared) elsewhere(in *rules.Intentional) error {
	return fmt.Errorf("intentional %q stands in %s, which people write: remove it there", in.Name, in.Place())
}

// accepting returns the blocks, and lines of files, that accept what the choice names, each of which must be accepted by one.
func (p *Prepared) accepting(c Choice) (found []*rules.Intentional, err error) {
	for _, sku := range c.SKUs {
		for _, code := range c.Codes {
			more, err := p.acceptingOne(sku, code, func(in *rules.Intentional) bool { return slices.Contains(in.Rules, code) })
			if err != nil {
				return nil, err
			}
			found = append(found, more...)
		}
		for _, status := range c.Statuses {
			more, err := p.acceptingOne(sku, status.String(), func(in *rules.Intentional) bool { return slices.Contains(in.Statuses, status) })
			if err != nil {
				return nil, err
			}
			found = append(found, more...)
		}
	}
	seen := map[*rules.Intentional]bool{}
	return slices.DeleteFunc(found, func(in *rules.Intentional) bool {
		was := seen[in]
		seen[in] = true
		return was
	}), nil
}

func (p *Prepared) acceptingOne(sku, what string, about func(*rules.Intentional) bool) (found []*rules.Intentional, err error) {
	key := p.Program.KeysNamed(&rules.Intentional{SKUs: []string{sku}})[0]
	var others *rules.Intentional
	for _, in := range p.Config.Intentional {
		if !p.Program.Concerns(in) || !about(in) || !slices.Contains(in.SKUs, sku) && !slices.Contains(p.Program.KeysNamed(in), key) {
			continue
		}
		if in.Range.Filename != p.Config.Accepted {
			others = in
			continue
		}
		if err := p.alone(in, sku, what); err != nil {
			return nil, err
		}
		found = append(found, in)
	}
	switch {
	case len(found) > 0:
		return found, nil
	case others != nil:
		return nil, p.elsewhere(others)
	}
	return nil, fmt.Errorf("%s %s is not accepted in %s for reconciliation %q, so there is nothing to remove", sku, what, p.Config.Accepted, p.Reconciliation.Name)
}

// alone returns an error if a block says more than that one thing about one item, which would be lost with it.
func (p *Prepared) alone(in *rules.Intentional, sku, what string) error {
	more := ""
	switch {
	case len(unique(p.Program.KeysNamed(in))) > 1:
		more = "other items"
	case len(unique(in.About())) > 1:
		more = "more (" + strings.Join(unique(in.About()), ", ") + ")"
	case len(unique(in.Reconciliations)) != 1 && len(p.Config.Reconciliations) > 1:
		more = "other reconciliations"
	default:
		return nil
	}
	if in.File != "" {
		return fmt.Errorf("%s, which accepts %s %s, is about %s, too: change that line", in.Place(), sku, what, more)
	}
	return fmt.Errorf("intentional %q (%s), which accepts %s %s, is about %s, too: change it there, or remove all of it with --remove --block %q",
		in.Name, in.Place(), sku, what, more, in.Name)
}

// unique returns a list with each of its texts once.
func unique(list []string) []string { return slices.Compact(slices.Sorted(slices.Values(list))) }

// without returns the files without blocks and lines. A block whose file has no line left goes with it. A file that is not this
// configuration's own stays as it is: block is the name of the block that is removed whole, which takes nothing out of such a
// file; "" if single things are.
func (p *Prepared) without(found []*rules.Intentional, block string) (files rewritten, removed *Removed, err error) {
	removed = &Removed{Path: p.Config.Accepted}
	accepted, err := readAccepted(p.Config.Accepted)
	if err != nil {
		return nil, nil, err
	}
	var blocks []string
	lines := map[string][]int{} // by file
	for _, in := range found {
		switch {
		case in.File != "" && p.isOwn(in):
			lines[in.File] = append(lines[in.File], in.Line)
			continue
		case in.File != "" && block == "":
			return nil, nil, fmt.Errorf("%s is not a list that %s alone reads: change that line there, or remove all of it here with --remove --block %q",
				in.Place(), p.session.ConfigPath, in.Name)
		case slices.Contains(blocks, in.Name):
			continue
		}
		blocks = append(blocks, in.Name)
		removed.What = append(removed.What, fmt.Sprintf("%q from %s", in.Name, removed.Path))
	}
	var later rewritten // after the blocks that name them
	for _, name := range slices.Sorted(maps.Keys(lines)) {
		list := lines[name]
		path := name
		if !filepath.IsAbs(path) {
			path = filepath.Join(p.Config.Dir, path)
		}
		text, err := replace.Read(path)
		if err != nil {
			return nil, nil, fmt.Errorf("read the accepted discrepancies: %w", err)
		}
		text, left, err := rules.WithoutLines(text, list)
		switch {
		case err != nil:
			return nil, nil, fmt.Errorf("read %s: %w", name, err)
		case left > 0:
			later.set(path, text)
		default:
			for _, in := range found {
				if in.File == name {
					blocks = append(blocks, in.Name)
				}
			}
			later.set(path, nil)
			removed.Gone = append(removed.Gone, name)
		}
		what := fmt.Sprintf("%d lines from %s", len(list), name)
		if len(list) == 1 {
			what = fmt.Sprintf("line %d from %s", list[0], name)
		}
		removed.What = append(removed.What, what)
	}
	if len(blocks) > 0 {
		files.set(p.Config.Accepted, accepted.Without(blocks))
	}
	return append(files, later...), removed, nil
}

// isOwn reports whether the list in which an acceptance stands belongs to this configuration, and to one block of it.
func (p *Prepared) isOwn(in *rules.Intentional) bool {
	return rules.IsList(p.Config.Accepted, in.File) && !slices.ContainsFunc(p.Config.Intentional, func(other *rules.Intentional) bool {
		return other.File == in.File && other.Name != in.Name
	})
}

// compareWithout says what is reported again without blocks that made it intentional, and what another block covers.
func (p *Prepared) compareWithout(result *report.Result, found []*rules.Intentional, removed *Removed) error {
	gone := map[int]bool{}
	for at := range p.Program.Intentional {
		if slices.Contains(found, p.Program.Intentional[at].Intentional) {
			gone[at] = true
		}
	}
	before, after := p.Program.NewEvaluator(), p.Program.NewEvaluator()
	other := p.Program.InOtherCurrencies(currenciesOf(result))
	before.Ignore(other)
	without := maps.Clone(gone)
	maps.Copy(without, other)
	after.Ignore(without)
	keys := keyColumns{}
	for it, err := range result.Items {
		if err != nil {
			return err
		}
		if it.Outcome == nil {
			continue
		}
		note := func(was, is int, what string) {
			switch {
			case !gone[was]:
			case is < 0:
				removed.Again = append(removed.Again, it.SKU()+" "+what)
			default:
				removed.Still = append(removed.Still, fmt.Sprintf("%s %s by %q", it.SKU(), what, p.Program.Intentional[is].Name))
			}
		}
		key := keys.of(p.Program, it)
		row, side := it.Row(it.Side()), it.Side()
		if it.Status != verdict.Matched && row.Has() {
			note(before.Intended(it.Status, side, row.Batch, row.I, key), after.Intended(it.Status, side, row.Batch, row.I, key), it.Status.String())
		}
		was, is := evaluate(before, it, key), evaluate(after, it, key)
		for i := range was {
			note(was[i].Intent, is[i].Intent, p.Program.Rules[i].Code)
		}
	}
	return nil
}

// evaluate returns the cells of an item.
func evaluate(e *rules.Evaluator, it *report.Item, key string) (cells []rules.Cell) {
	if it.Status == verdict.Matched {
		cells, _ = e.Evaluate(it.Pos.Batch, it.Pos.I, it.Store.Batch, it.Store.I, key)
	} else if row := it.Row(it.Side()); row.Has() {
		cells, _ = e.EvaluateOne(it.Status, it.Side(), row.Batch, row.I, key)
	}
	return cells
}
