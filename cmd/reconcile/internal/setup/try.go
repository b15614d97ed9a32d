package setup

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/engine/replace"
	"github.com/reconcilehq/reconcile/plugins/host"
	"github.com/reconcilehq/reconcile/rules"
	"github.com/reconcilehq/reconcile/rules/starter"

	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/session"
	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/words"
)

// tryAndWrite validates the configuration, tries its sources and writes it. Where something fails, nothing is written.
func (i *setup) tryAndWrite(ctx context.Context, c *starter.Configuration) error {
	file, remove, err := i.temporary(c.Text)
	if err != nil {
		return err
	}
	defer remove()
	o := i.session
	o.ConfigPath, o.Getenv = file, i.getenv
	checked, err := session.New(o).Check(ctx, false)
	if err != nil {
		return i.mistakes(err, file)
	}
	defer checked.Close()
	checked.Rename(file, i.Output)
	// The rules are ours: what they say of fields that this store does not have is no news.
	if err := i.term.Show(checked.Files, rules.WithoutNotOffered(checked.Diags)); err != nil {
		return err
	}
	pos, store := checked.List[0], checked.List[1]
	program, _ := checked.Config.Compile(checked.Config.Reconciliations[0], pos.Schema, store.Schema, time.Now())
	if err := i.tryExport(ctx, pos, program); err != nil {
		return err
	}
	if err := i.tryStore(ctx, store); err != nil {
		return err
	}
	if err := replace.Write(i.Output, c.Text, 0o644); err != nil {
		return err
	}
	return i.writeTests(c)
}

// writeTests writes tests of the rules beside the configuration, unless there are tests: all that are there belong to it.
func (i *setup) writeTests(c *starter.Configuration) error {
	dir := filepath.Dir(i.Output)
	if there, err := filepath.Glob(filepath.Join(dir, "*.test.hcl")); err != nil || len(there) > 0 {
		return err
	}
	i.tests = filepath.Join(dir, strings.TrimSuffix(filepath.Base(i.Output), ".hcl")+".test.hcl")
	return replace.Write(i.tests, c.Tests(), 0o644)
}

// tryStore asks the store whether it lets us in. A person who has answered everything else may have the file even if it
// does not: the credentials are not in it.
func (i *setup) tryStore(ctx context.Context, o *session.Source) error {
	switch {
	case i.NoCheck:
		return nil
	case i.kind() == fileStore:
		return i.tryStoreFile(ctx, o)
	case i.kind() != bigCommerceStore && i.kind() != sandboxStore:
		return i.tryAnyStore(ctx, o)
	}
	facts, err := o.Check(ctx)
	switch {
	case ctx.Err() != nil:
		return context.Canceled
	case err == nil:
		fmt.Fprintf(i.term.Out, "\nThe store lets us in: %s, currency %s, prices %s.\n", about(facts, "store"), about(facts, "currency"), about(facts, "prices"))
		if safety, ok := fact(facts, "safety stock"); ok {
			fmt.Fprintf(i.term.Out, "Its safety stock: %s.\n", words.OneLine(safety))
		}
		return nil
	case !i.term.CanAsk():
		return fmt.Errorf("the store cannot be used, so nothing was written (--no-check writes without trying it): %w", err)
	}
	i.term.Say("")
	i.term.Warn("the store cannot be used: %s", failureText(err))
	all, askErr := i.term.Yes(ctx, "Write the file all the same?")
	if askErr != nil {
		return askErr
	}
	if !all {
		return fmt.Errorf("the store cannot be used, so nothing was written: %w", err)
	}
	return nil
}

// tryStoreFile reads the store's catalogue as a run would, and says which column is which field.
func (i *setup) tryStoreFile(ctx context.Context, o *session.Source) error {
	_, err := o.First(ctx, o.Schema)
	switch {
	case ctx.Err() != nil:
		return context.Canceled
	case err != nil:
		i.fails = true
		i.term.Warn("a run would fail: %s.\nMend the file, map another column, or set on_bad_row = \"skip\" in its source.", failureText(err))
	}
	var fields []string
	for _, d := range i.storeMapping.Fields() {
		fields = append(fields, d.Field+" from "+words.OneLine(d.Column))
	}
	fmt.Fprintf(i.term.Out, "\n%s is the store's catalogue: %s.\n", i.Store, strings.Join(fields, ", "))
	return i.showUnused(i.storeMapping, "--store-column")
}

// about returns what a source tells under a name.
func about(facts []catalog.Fact, name string) string {
	value, ok := fact(facts, name)
	if !ok {
		return "not known"
	}
	return words.OneLine(value)
}

// fact returns the value of the fact by that name.
func fact(facts []catalog.Fact, name string) (value string, ok bool) {
	at := slices.IndexFunc(facts, func(f catalog.Fact) bool { return f.Name == name })
	if at < 0 {
		return "", false
	}
	return facts[at].Value, true
}

// tryExport lists the fields with the first item's values. It reads the whole export, so that a value that cannot be
// read shows now and not in the first run.
func (i *setup) tryExport(ctx context.Context, o *session.Source, program *rules.Program) error {
	facts, err := o.Check(ctx)
	if err != nil && ctx.Err() == nil {
		return fmt.Errorf("the export cannot be read, so nothing was written: %w", err)
	}
	first, err := o.First(ctx, o.Schema)
	var needed error // what a run would find, which reads fewer fields
	if err != nil && program != nil {
		first, needed = o.First(ctx, program.Pos)
	}
	if ctx.Err() != nil {
		return context.Canceled
	}
	rows, _ := strconv.Atoi(about(facts, "rows"))
	fmt.Fprintf(i.term.Out, "%s has %s and %s. Each field, its column and the first item's value:\n",
		i.Pos, words.Count(rows, "row"), words.Count(len(i.shop.Mapping.Columns()), "column"))
	if err := i.showFields(first); err != nil {
		return err
	}
	if err := i.showUnused(i.shop.Mapping, "--column"); err != nil {
		return err
	}
	switch {
	case needed != nil:
		i.fails = true
		i.term.Warn("a run would fail: %s.\nMend the export, map another column, or set on_bad_row = \"skip\" in its source.", failureText(needed))
	case err != nil:
		i.term.Warn("no rule reads it, but this cannot be read: %s.", failureText(err))
	}
	return nil
}

func (i *setup) showFields(first *catalog.Batch) error {
	w := tabwriter.NewWriter(i.term.Out, 0, 0, 3, ' ', 0)
	row := func(field, column string) {
		fmt.Fprintf(w, "  %s\t%s", field, words.OneLine(column))
		if first != nil && first.Schema().Index(field) >= 0 {
			value := first.Value(field, 0)
			if value.IsNull() {
				fmt.Fprint(w, "\t(empty)")
			} else {
				fmt.Fprintf(w, "\t%s", words.Literal(value))
			}
		}
		fmt.Fprintln(w)
	}
	for _, d := range i.shop.Mapping.Fields() {
		row(d.Field, d.Column)
	}
	if options := i.shop.Mapping.Options(); len(options) > 0 {
		var columns []string
		for _, d := range options {
			columns = append(columns, d.Column)
		}
		row("options", strings.Join(columns, ", "))
	}
	return w.Flush()
}

// showUnused lists the columns that are no field that the rules know: one may be a field all the same, or be misspelt.
func (i *setup) showUnused(m *starter.Mapping, flag string) error {
	unused := m.Unused()
	if len(unused) == 0 {
		return nil
	}
	_, err := fmt.Fprintf(i.term.Out, "  Not used: %s (%s FIELD=COLUMN says that one is a field)\n", words.OneLine(starter.Quoted(unused)), flag)
	return err
}

// failureText returns what a connector says went wrong, without what it was doing.
func failureText(err error) string {
	var failure *host.Failure
	if errors.As(err, &failure) {
		return failure.Text
	}
	return err.Error()
}
