package main

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
	"time"

	"github.com/spf13/cobra"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/engine/report"
	"github.com/reconcilehq/reconcile/engine/verdict"
	"github.com/reconcilehq/reconcile/rules"
)

// acceptFlags are the flags of reconcile accept.
type acceptFlags struct {
	skus, codes []string
	allCurrent  bool
	expires     string
	terms       rules.Terms
}

func acceptCommand(a *app) *cobra.Command {
	var f acceptFlags
	cmd := &cobra.Command{
		Use:   "accept [NAME]",
		Short: "Declare discrepancies of today intentional",
		Long: `Accept reads both sides, as run does, and declares the named discrepancies intentional: it adds a block for each to
` + rules.AcceptedFile + `, which lies beside the configuration and is read along with it. The values are recorded: when one of
them changes, the cell is N again, unless --pin=false is given. What people wrote is not touched.

With --all-current all of today's discrepancies become the baseline, in a CSV file beside it.`,
		Example: `  reconcile accept --sku A-1 --rule P --reason "on offer in the store" --expires 2027-03-31
  reconcile accept --all-current --reason "as we found it"`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.accept(cmd.Context(), strings.Join(args, ""), f)
		},
	}
	flags := cmd.Flags()
	flags.StringArrayVar(&f.skus, "sku", nil, "the item (repeatable)")
	flags.StringArrayVar(&f.codes, "rule", nil, "the rule whose N is accepted (repeatable)")
	flags.BoolVar(&f.allCurrent, "all-current", false, "accept all of today's discrepancies; --sku and --rule narrow it down")
	flags.StringVar(&f.terms.Reason, "reason", "", "why (required)")
	flags.StringVar(&f.terms.Owner, "owner", "", "who answers for it")
	flags.StringVar(&f.expires, "expires", "", `the last day that it holds, such as "2027-03-31"; for ever if left out`)
	a.addCopyFlags(cmd)
	flags.BoolVar(&f.terms.Pin, "pin", true, "the cell is N again when one of the accepted values changes")
	return cmd
}

func (f *acceptFlags) check(now time.Time) error {
	switch {
	case strings.TrimSpace(f.terms.Reason) == "":
		return errors.New("--reason is missing: whoever reads the report will ask why")
	case !f.allCurrent && (len(f.skus) == 0 || len(f.codes) == 0):
		return errors.New("say what to accept: --sku and --rule, or --all-current")
	case f.expires == "":
		return nil
	}
	day, err := time.ParseInLocation(time.DateOnly, f.expires, time.Local)
	if err != nil {
		return fmt.Errorf(`--expires %s is not a date: write the last day that it holds as "2027-03-31"`, f.expires)
	}
	if f.terms.Expires = day; !now.Before(day.AddDate(0, 0, 1)) {
		return fmt.Errorf("--expires %s is in the past", f.expires)
	}
	return nil
}

func (a *app) accept(ctx context.Context, name string, f acceptFlags) error {
	if err := f.check(time.Now()); err != nil {
		return err
	}
	p, err := a.prepare(ctx, name)
	if err != nil {
		return err
	}
	defer p.Close()
	if err := p.checkCodes(f.codes); err != nil {
		return err
	}
	result, err := p.reconcile(ctx, true)
	if err != nil {
		return err
	}
	defer a.closeResult(result)
	list, err := f.choose(p, result)
	if err != nil {
		return err
	}
	if len(list) == 0 {
		fmt.Fprintln(a.stdout, "There is nothing to accept: no such cell is N.")
		return nil
	}
	if f.allCurrent {
		return a.writeBaseline(p.config, list, f.terms)
	}
	return a.writeAccepted(p.config, list, f.terms)
}

// choose returns the discrepancies that the flags name. Naming one that is none is a mistake.
func (f *acceptFlags) choose(p *prepared, result *report.Result) ([]rules.Acceptance, error) {
	keys := keyFinder{program: p.program, columns: map[*catalog.Batch]*catalog.Strings{}}
	var list []rules.Acceptance
	met := map[string]bool{} // SKUs
	for it, err := range result.Items {
		if err != nil {
			return nil, err
		}
		key := keys.of(it)
		if len(f.skus) > 0 {
			at := slices.IndexFunc(f.skus, func(sku string) bool { return sku == it.SKU() || sku == key })
			if at < 0 {
				continue
			}
			met[f.skus[at]] = true
		}
		for column, rule := range result.Rules {
			if len(f.codes) > 0 && !slices.Contains(f.codes, rule.Code) {
				continue
			}
			cell := verdict.NotThere
			if it.Outcome != nil {
				cell = it.Outcome.Cells[column]
			}
			if cell == verdict.NotSynchronized && key != "" {
				list = append(list, rules.Acceptance{Key: key, Rule: rule.Code, Values: valuesOf(it, &rule)})
			} else if !f.allCurrent {
				return nil, fmt.Errorf("%s %s is not N, so there is nothing to accept: %s", it.SKU(), rule.Code, inWords(it, cell))
			}
		}
	}
	for _, sku := range f.skus {
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

// keyFinder returns items' keys.
type keyFinder struct {
	program interface {
		Keys(side verdict.Side, b *catalog.Batch) *catalog.Strings
	}
	columns map[*catalog.Batch]*catalog.Strings
}

func (k *keyFinder) of(it *report.Item) string {
	row := it.Row(it.Side())
	column, ok := k.columns[row.Batch]
	if !ok {
		column = k.program.Keys(it.Side(), row.Batch)
		k.columns[row.Batch] = column
	}
	return strings.Clone(column.At(row.I))
}

// valuesOf returns the item's values of the fields that the rule reads.
func valuesOf(it *report.Item, rule *report.Rule) []rules.Accepted {
	var values []rules.Accepted
	for _, f := range rule.Fields {
		values = append(values, rules.Accepted{Side: f.Side, Field: f.Field, Text: it.Row(f.Side).Value(f.Field).Text()})
	}
	return values
}

// writeAccepted adds a block for each acceptance.
func (a *app) writeAccepted(config *rules.Config, list []rules.Acceptance, terms rules.Terms) error {
	var text bytes.Buffer
	var said []string
	for _, acceptance := range list {
		what := acceptance.Key + " " + acceptance.Rule
		text.WriteByte('\n')
		text.Write(rules.AcceptedBlock(config.FreeName("accepted: "+what), acceptance, terms))
		said = append(said, what)
	}
	if err := a.appendAccepted(config, text.Bytes()); err != nil {
		return err
	}
	return a.sayAccepted(strings.Join(said, ", "), terms)
}

// writeBaseline writes all acceptances into a CSV file, and one block that names it.
func (a *app) writeBaseline(config *rules.Config, list []rules.Acceptance, terms rules.Terms) error {
	name, path := "", ""
	for n := 1; ; n++ {
		if name = "reconcile.accepted.csv"; n > 1 {
			name = fmt.Sprintf("reconcile.accepted-%d.csv", n)
		}
		path = filepath.Join(config.Dir, name)
		if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
			break
		} else if err != nil {
			return fmt.Errorf("look for %s: %w", path, err)
		}
	}
	out, err := a.openOutput(path)
	if err != nil {
		return err
	}
	defer out.Discard()
	if err := rules.WriteBaseline(out, list, terms.Pin); err != nil {
		return err
	}
	if err := out.Commit(); err != nil {
		return err
	}
	block := rules.BaselineBlock(config.FreeName("baseline of "+time.Now().Format(time.DateOnly)), name, terms)
	if err := a.appendAccepted(config, append([]byte{'\n'}, block...)); err != nil {
		return err
	}
	return a.sayAccepted(fmt.Sprintf("%s, listed in %s", count(len(list), "discrepancy"), name), terms)
}

const acceptedHeader = "# Accepted discrepancies, written by reconcile accept. To take one back, remove its block.\n"

// appendAccepted adds blocks to the file of accepted discrepancies; what stands in it stays.
func (a *app) appendAccepted(config *rules.Config, blocks []byte) error {
	path := filepath.Join(config.Dir, rules.AcceptedFile)
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
	out, err := a.openOutput(path)
	if err != nil {
		return err
	}
	defer out.Discard()
	if _, err := out.Write(append(text, blocks...)); err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	return out.Commit()
}

func (a *app) sayAccepted(what string, terms rules.Terms) error {
	until := ""
	if !terms.Expires.IsZero() {
		until = " until " + terms.Expires.Format(time.DateOnly)
	}
	again := ""
	if terms.Pin {
		again = " A cell is N again when one of its values changes."
	}
	_, err := fmt.Fprintf(a.stdout, "Accepted%s, in %s: %s.%s\n", until, rules.AcceptedFile, what, again)
	return err
}
