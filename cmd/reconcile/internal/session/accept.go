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
	"time"

	"github.com/reconcilehq/reconcile/engine/report"
	"github.com/reconcilehq/reconcile/engine/verdict"
	"github.com/reconcilehq/reconcile/rules"

	"github.com/reconcilehq/reconcile/engine/replace"
)

// Choice names discrepancies of today.
type Choice struct {
	SKUs, Codes []string // of items and rules
	AllCurrent  bool     // all discrepancies; SKUs and Codes, where there are any, narrow them down
}

// Accepted is what was declared intentional.
type Accepted struct {
	List     []rules.Acceptance // empty if no such cell is N: then nothing was written
	Baseline string             // the file that lists them; "" if each has a block of its own
}

// Accept runs the reconciliation, and declares the chosen discrepancies intentional in the file of accepted discrepancies
// beside the configuration. Choosing one that is none is a mistake, and then nothing is written.
func (p *Prepared) Accept(ctx context.Context, c Choice, terms rules.Terms) (*Accepted, error) {
	result, err := p.read(ctx, unlimited)
	if err != nil {
		return nil, err
	}
	defer p.CloseResult(result)
	list, err := p.choose(result, c)
	if err != nil || len(list) == 0 {
		return &Accepted{}, err
	}
	if c.AllCurrent {
		name, err := p.writeBaseline(list, terms)
		return &Accepted{list, name}, err
	}
	var text bytes.Buffer
	for _, acceptance := range list {
		text.WriteByte('\n')
		text.Write(rules.AcceptedBlock(p.Config.FreeName("accepted: "+acceptance.Key+" "+acceptance.Rule), acceptance, terms))
	}
	return &Accepted{List: list}, p.appendAccepted(text.Bytes())
}

// choose returns the discrepancies that the choice names.
func (p *Prepared) choose(result *report.Result, c Choice) ([]rules.Acceptance, error) {
	keys := keyColumns{}
	var list []rules.Acceptance
	met := map[string]bool{} // SKUs
	for it, err := range result.Items {
		if err != nil {
			return nil, err
		}
		key := keys.of(p.Program, it)
		if len(c.SKUs) > 0 {
			at := slices.IndexFunc(c.SKUs, func(sku string) bool { return sku == it.SKU() || sku == key })
			if at < 0 {
				continue
			}
			met[c.SKUs[at]] = true
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
				list = append(list, rules.Acceptance{Key: key, Rule: rule.Code, Values: valuesOf(it, &rule)})
			} else if !c.AllCurrent {
				return nil, fmt.Errorf("%s %s is not N, so there is nothing to accept: %s", it.SKU(), rule.Code, inWords(it, cell))
			}
		}
	}
	for _, sku := range c.SKUs {
		if !met[sku] {
			return nil, fmt.Errorf("there is no item with the SKU %q on either side", sku)
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
		return "the rule does not apply to it, because a value is unknown"
	case verdict.NotSynchronized:
		return "the item has no key to name it by"
	}
	return "the item is " + it.Status.String() + ", which the rule is not about"
}

// valuesOf returns the item's values of the fields that the rule reads.
func valuesOf(it *report.Item, rule *report.Rule) []rules.Accepted {
	var values []rules.Accepted
	for _, f := range rule.Fields {
		values = append(values, rules.Accepted{Side: f.Side, Field: f.Field, Text: it.Row(f.Side).Value(f.Field).Text()})
	}
	return values
}

// writeBaseline writes all acceptances into a CSV file, whose name it returns, and one block that names it.
func (p *Prepared) writeBaseline(list []rules.Acceptance, terms rules.Terms) (name string, err error) {
	path := ""
	for n := 1; ; n++ {
		if name = "reconcile.accepted.csv"; n > 1 {
			name = fmt.Sprintf("reconcile.accepted-%d.csv", n)
		}
		path = filepath.Join(p.Config.Dir, name)
		if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
			break
		} else if err != nil {
			return "", fmt.Errorf("look for %s: %w", path, err)
		}
	}
	var text bytes.Buffer
	if err := rules.WriteBaseline(&text, list, terms.Pin); err != nil {
		return "", err
	}
	if err := replace.Write(path, text.Bytes(), 0o666); err != nil {
		return "", err
	}
	block := rules.BaselineBlock(p.Config.FreeName("baseline of "+time.Now().Format(time.DateOnly)), name, terms)
	return name, p.appendAccepted(append([]byte{'\n'}, block...))
}

const acceptedHeader = "# Accepted discrepancies, written by reconcile accept. To take one back, remove its block.\n"

// appendAccepted adds blocks to the file of accepted discrepancies; what stands in it stays.
func (p *Prepared) appendAccepted(blocks []byte) error {
	path := filepath.Join(p.Config.Dir, rules.AcceptedFile)
	text, err := os.ReadFile(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		text = []byte(acceptedHeader)
	case err != nil:
		return fmt.Errorf("read %s: %w", path, err)
	}
	if len(text) > 0 && text[len(text)-1] != '\n' {
		text = append(text, '\n')
	}
	return replace.Write(path, append(text, blocks...), 0o666)
}
