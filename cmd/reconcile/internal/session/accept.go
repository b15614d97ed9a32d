package session

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/engine/report"
	"github.com/reconcilehq/reconcile/engine/verdict"
	"github.com/reconcilehq/reconcile/rules"

	"github.com/reconcilehq/reconcile/engine/replace"
)

// Choice names discrepancies of today.
type Choice struct {
	SKUs       []string         // of items
	Codes      []string         // of rules
	Statuses   []verdict.Status // of items of one side that are meant to be
	AllCurrent bool             // all that Codes and Statuses name, or all discrepancies where they name nothing; SKUs narrow them down
}

// discrepancies reports whether cells are chosen, and not only items of one side.
func (c *Choice) discrepancies() bool { return len(c.Codes) > 0 || len(c.Statuses) == 0 }

// Accepted is what was declared intentional.
type Accepted struct {
	List     []rules.Acceptance // empty if no such cell is N: then nothing was written
	Path     string             // the file that says so
	Baseline string             // the file that lists them; "" if each has a block of its own
	Passed   int                // how many were accepted already, and passed over
	Beside   string             // the file of accepted discrepancies that another configuration reads; "" but for the first acceptance
}

// Accept reads both sides, and declares the chosen discrepancies intentional in the file of accepted discrepancies
// beside the configuration. Choosing one that is none is a mistake, and then nothing is written.
func (p *Prepared) Accept(ctx context.Context, c Choice, terms rules.Terms) (*Accepted, error) {
	terms.Reconciliation = p.Reconciliation.Name
	result, err := p.readItems(ctx, c.SKUs)
	if err != nil {
		return nil, err
	}
	defer p.CloseResult(result)
	if empty := result.Empty(); empty != "" {
		return nil, fmt.Errorf("nothing was accepted: %s, so what is on the other side looks as if it were missing there; %s", empty, report.See)
	}
	list, err := p.choose(result, c)
	if err != nil || len(list) == 0 {
		return &Accepted{}, err
	}
	unlock, err := p.lockAccepted()
	if err != nil {
		return nil, err
	}
	defer unlock()
	return p.declare(list, terms, c.AllCurrent)
}

// ErrChanged means that somebody has changed the accepted discrepancies in the meantime.
var ErrChanged = errors.New("the file of accepted discrepancies was changed in the meantime, so nothing was written: do it again")

// lockAccepted keeps others from accepting and taking back, and looks whether somebody has since the configuration was read.
func (p *Prepared) lockAccepted() (unlock func(), err error) {
	unlock, err = replace.LockFolder(filepath.Dir(p.Config.Accepted))
	if err != nil {
		return nil, err
	}
	now, err := replace.Read(p.Config.Accepted)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		err = fmt.Errorf("read the accepted discrepancies: %w", err)
	} else {
		err = nil
		var read []byte
		if file := p.Config.Files[p.Config.Accepted]; file != nil {
			read = file.Bytes
		}
		if !bytes.Equal(now, read) {
			err = fmt.Errorf("%s: %w", p.Config.Accepted, ErrChanged)
		}
	}
	if err != nil {
		unlock()
		return nil, err
	}
	return unlock, nil
}

// UnwrittenError says that acceptances were not written because their file, or its folder, may not be changed.
type UnwrittenError struct {
	Path string // of the file
	Text string // what somebody who may change it adds to it
	err  error
}

// Error implements error.
func (e *UnwrittenError) Error() string { return e.err.Error() }

// Unwrap returns what the system said.
func (e *UnwrittenError) Unwrap() error { return e.err }

// mostByHand is how many acceptances somebody may be asked to add to a file by hand.
const mostByHand = 100

// byHand returns an error of writing acceptances as an *UnwrittenError, where the file may not be changed. Each has a block of its own then,
// since a list would be a second file.
func (p *Prepared) byHand(err error, list []rules.Acceptance, terms rules.Terms) error {
	if !errors.Is(err, fs.ErrPermission) && !errors.Is(err, syscall.EROFS) || len(list) > mostByHand {
		return err
	}
	return &UnwrittenError{Path: p.Config.Accepted, Text: string(bytes.Join(p.blocks(list, terms), []byte("\n"))), err: err}
}

// blocks returns a block for each acceptance, with names that are not used yet.
func (p *Prepared) blocks(list []rules.Acceptance, terms rules.Terms) (blocks [][]byte) {
	names := p.Config.FreeNames()
	for _, a := range list {
		blocks = append(blocks, rules.AcceptedBlock(names("accepted: "+a.SKU+" "+a.What()), a, terms))
	}
	return blocks
}

// declare writes acceptances: as a list where there are many, otherwise each as a block. It is called with the lock. Where the file may not
// be changed the error is an *UnwrittenError.
func (p *Prepared) declare(list []rules.Acceptance, terms rules.Terms, asList bool) (accepted *Accepted, err error) {
	accepted = &Accepted{List: list, Path: p.Config.Accepted}
	if _, err := os.Stat(accepted.Path); errors.Is(err, fs.ErrNotExist) && p.Config.UnreadBy != "" {
		accepted.Beside = p.Config.Unread
	}
	if asList {
		accepted.Baseline, err = p.writeBaseline(list, terms, p.Config.FreeNames()("baseline of "+time.Now().Format(time.DateOnly)))
	} else {
		err = p.addAccepted(p.blocks(list, terms)...)
	}
	return accepted, p.byHand(err, list, terms)
}

// choose returns the discrepancies that the choice names.
func (p *Prepared) choose(result *report.Result, c Choice) ([]rules.Acceptance, error) {
	keys := keyColumns{}
	var list []rules.Acceptance
	met := map[string]bool{} // SKUs
	named := p.Program.KeysNamed(&rules.Intentional{SKUs: c.SKUs})
	for it, err := range result.Items {
		if err != nil {
			return nil, err
		}
		key := keys.of(p.Program, it)
		if len(c.SKUs) > 0 {
			at := slices.Index(c.SKUs, it.SKU())
			if at < 0 {
				at = slices.Index(named, key)
			}
			if at < 0 {
				continue
			}
			met[c.SKUs[at]] = true
		}
		found, err := p.ofItem(result, it, key, &c)
		if err != nil {
			return nil, err
		}
		list = append(list, found...)
	}
	for _, sku := range c.SKUs {
		if !met[sku] {
			return nil, fmt.Errorf("there is no item with the SKU %q on either side", sku)
		}
	}
	return list, nil
}

// ofItem returns what the choice names of one item. Of a named item, what is named and is not found is a mistake.
func (p *Prepared) ofItem(result *report.Result, it *report.Item, key string, c *Choice) (list []rules.Acceptance, err error) {
	named := key
	if p.Program.NamedBySKU() {
		named = it.SKU()
	}
	for _, status := range c.Statuses {
		switch {
		case c.AllCurrent && (it.Status != status || it.Intended() != nil || it.Parent):
		case it.Status != status:
			return nil, fmt.Errorf("%s is not %s, so there is nothing to accept: it is %s", it.SKU(), status, it.Status)
		case it.Parent:
			return nil, fmt.Errorf("%s is the parent of variants that are on both sides, so it is not missing, and there is nothing to accept", it.SKU())
		case it.Intended() != nil:
			return nil, fmt.Errorf("%s is %s, and meant to be already, by intentional %q", it.SKU(), status, it.Intended().Name)
		default:
			list = append(list, rules.Acceptance{SKU: named, Status: status})
		}
	}
	if !c.discrepancies() {
		return list, nil
	}
	for column, rule := range result.Rules {
		if len(c.Codes) > 0 && !slices.Contains(c.Codes, rule.Code) {
			continue
		}
		cell := verdict.NotThere
		if it.Outcome != nil {
			cell = it.Outcome.Cells[column]
		}
		if cell == verdict.NotSynchronized && key != "" {
			list = append(list, rules.Acceptance{SKU: named, Rule: rule.Code, Values: valuesOf(result, it, &rule)})
		} else if cell == verdict.NotApplicable && !c.AllCurrent && it.Outcome.IsUnknown(column) {
			return nil, fmt.Errorf("%s %s is not N, so there is nothing to accept: it is unknown%s, and nobody can say of what is unknown that it is meant to be. Fill it in there, or let the rule's applies say that it is not about such items",
				it.SKU(), rule.Code, whatUnknown(result, it, column))
		} else if !c.AllCurrent {
			return nil, fmt.Errorf("%s %s is not N, so there is nothing to accept: %s", it.SKU(), rule.Code, inWords(it, cell))
		}
	}
	return list, nil
}

func inWords(it *report.Item, cell verdict.Cell) string {
	switch cell {
	case verdict.Synchronized:
		return "it reads S, synchronized"
	case verdict.Intentional:
		return "it reads I, intentional already"
	case verdict.NotApplicable:
		return "the rule is not about it"
	case verdict.NotSynchronized:
		return "the item has no key to name it by"
	}
	return "the item is " + it.Status.String() + ", which the rule is not about"
}

// whatUnknown says what of an item was unknown to a rule: " (store.qoh)"; "" if nobody knows.
func whatUnknown(result *report.Result, it *report.Item, rule int) string {
	if result.WhyUnknown == nil {
		return ""
	}
	var parts []string
	for _, u := range result.WhyUnknown(it, rule) {
		parts = append(parts, u.String())
	}
	if len(parts) == 0 {
		return ""
	}
	return " (" + strings.Join(parts, ", ") + ")"
}

// valuesOf returns the item's values of the fields that the rule reads, prices with their currencies.
func valuesOf(result *report.Result, it *report.Item, rule *report.Rule) []rules.Accepted {
	var values []rules.Accepted
	now := currenciesOf(result)
	for _, f := range rule.Fields {
		a := rules.Accepted{Side: f.Side, Field: f.Field, Text: it.Row(f.Side).Value(f.Field).Text()}
		if a.Text != "" && catalog.UnitOf(f.Field) == catalog.Money {
			a.Currency = now[f.Side][f.Field]
		}
		values = append(values, a)
	}
	return values
}

// currenciesOf returns the currencies of both sides' amounts, by field.
func currenciesOf(result *report.Result) [2]map[string]catalog.Currency {
	return [2]map[string]catalog.Currency{verdict.Pos: result.Pos.Currencies, verdict.Store: result.Store.Currencies}
}

// writeBaseline writes all acceptances into a CSV file, whose name it returns, and one block that names it.
func (p *Prepared) writeBaseline(list []rules.Acceptance, terms rules.Terms, title string) (name string, err error) {
	name, err = freeLists(p.Config)()
	if err != nil {
		return "", err
	}
	path := filepath.Join(p.Config.Dir, name)
	var text bytes.Buffer
	if err := rules.WriteBaseline(&text, list, terms.Pin); err != nil {
		return "", err
	}
	if err := replace.Write(path, text.Bytes(), 0o666); err != nil {
		return "", err
	}
	if err := p.addAccepted(rules.BaselineBlock(title, name, terms)); err != nil {
		return "", errors.Join(err, os.Remove(path)) // no block names it, so nothing was accepted
	}
	return name, nil
}

// freeLists returns a function that returns names of lists that are not there yet, another one each time.
func freeLists(config *rules.Config) func() (string, error) {
	n := 0
	return func() (string, error) {
		for {
			n++
			name := rules.ListName(config.Accepted, n)
			path := filepath.Join(config.Dir, name)
			if _, err := os.Lstat(path); errors.Is(err, fs.ErrNotExist) {
				return name, nil
			} else if err != nil {
				return "", fmt.Errorf("look for %s: %w", path, err)
			}
		}
	}
}

// addAccepted adds blocks to the file of accepted discrepancies; what stands in it stays.
func (p *Prepared) addAccepted(blocks ...[]byte) error {
	text, err := readAccepted(p.Config.Accepted)
	if err != nil {
		return err
	}
	return replace.Write(p.Config.Accepted, text.With(blocks...), 0o666)
}

// readAccepted reads a file of accepted discrepancies. One that is not there has no text.
func readAccepted(path string) (*rules.AcceptedText, error) {
	text, err := replace.Read(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("read the accepted discrepancies: %w", err)
	}
	accepted, diags := rules.ParseAccepted(path, text)
	if diags.HasErrors() {
		return nil, fmt.Errorf("read the accepted discrepancies: %w", diags)
	}
	return accepted, nil
}
