package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/hashicorp/hcl/v2"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/plugins/host"
	"github.com/reconcilehq/reconcile/rules"
	"github.com/reconcilehq/reconcile/rules/starter"
)

// tryAndWrite validates the configuration, tries its sources and writes it. Where something fails, nothing is written.
func (i *initiation) tryAndWrite(ctx context.Context, c *starter.Configuration) error {
	// It is tried in the folder that it is for, because its paths are relative to that.
	file, err := os.CreateTemp(filepath.Dir(i.output), ".reconcile-*.hcl")
	if err != nil {
		return fmt.Errorf("write %s: %w", i.output, err)
	}
	defer func() { _ = os.Remove(file.Name()) }() // which it is not any more once it was renamed
	_, err = file.Write(c.Text)
	if err := errors.Join(err, file.Close()); err != nil {
		return fmt.Errorf("write %s: %w", i.output, err)
	}
	config, diags := rules.Load(file.Name(), rules.Options{Bundled: bundledNames(), Getenv: i.getenv})
	s, diags := i.app.check(ctx, config, diags, false)
	defer s.Close()
	i.callIt(config, diags, file.Name())
	if err := i.app.showAll(ctx, config, diags); err != nil {
		if errors.Is(err, errReported) {
			fmt.Fprintln(i.app.stderr, "Nothing was written.")
		}
		return err
	}
	program, _ := config.Compile(config.Reconciliations[0], s.sources[0].schema, s.sources[1].schema, time.Now())
	if err := i.tryExport(ctx, s.sources[0], program); err != nil {
		return err
	}
	if err := i.tryStore(ctx, s.sources[1]); err != nil {
		return err
	}
	if err := os.Chmod(file.Name(), 0o644); err != nil {
		return fmt.Errorf("write %s: %w", i.output, err)
	}
	if err := os.Rename(file.Name(), i.output); err != nil {
		return fmt.Errorf("write %s: %w", i.output, err)
	}
	return nil
}

// tryStore asks the store whether it lets us in. A person who has answered everything else may have the file even if it
// does not: the credentials are not in it.
func (i *initiation) tryStore(ctx context.Context, o *openSource) error {
	if i.noCheck {
		return nil
	}
	facts, err := o.process.Check(ctx)
	switch {
	case ctx.Err() != nil:
		return context.Canceled
	case err == nil:
		fmt.Fprintf(i.app.stdout, "\nThe store lets us in: %s, currency %s, prices %s.\n", about(facts, "store"), about(facts, "currency"), about(facts, "prices"))
		return nil
	case !i.talk.interactive:
		return fmt.Errorf("the store cannot be used, so nothing was written (--no-check writes without trying it): %w", err)
	}
	i.talk.say("")
	i.app.warn("the store cannot be used: %s", failureText(err))
	all, askErr := i.talk.yes(ctx, "Write the file all the same?")
	if askErr != nil {
		return askErr
	}
	if !all {
		return fmt.Errorf("the store cannot be used, so nothing was written: %w", err)
	}
	return nil
}

// about returns what a source tells under a name.
func about(facts []catalog.Fact, name string) string {
	at := slices.IndexFunc(facts, func(f catalog.Fact) bool { return f.Name == name })
	if at < 0 {
		return "not known"
	}
	return oneLine(facts[at].Value)
}

// tryExport lists the fields with the first item's values. It reads the whole export, so that a value that cannot be
// read shows now and not in the first run.
func (i *initiation) tryExport(ctx context.Context, o *openSource, program *rules.Program) error {
	facts, err := o.process.Check(ctx)
	if err != nil && ctx.Err() == nil {
		return fmt.Errorf("the export cannot be read, so nothing was written: %w", err)
	}
	first, err := readFirst(ctx, o, o.schema)
	var needed error // what a run would find, which reads fewer fields
	if err != nil && program != nil {
		first, needed = readFirst(ctx, o, program.Pos)
	}
	if ctx.Err() != nil {
		return context.Canceled
	}
	rows, _ := strconv.Atoi(about(facts, "rows"))
	fmt.Fprintf(i.app.stdout, "%s has %s and %s. Each field, its column and the first item's value:\n",
		i.pos, count(rows, "row"), count(len(i.shop.Mapping.Columns()), "column"))
	if err := i.showFields(first); err != nil {
		return err
	}
	switch {
	case needed != nil:
		i.app.warn("a run would fail: %s.\nMend the export, map another column, or set on_bad_row = \"skip\" in its source.", failureText(needed))
	case err != nil:
		i.app.warn("no rule reads it, but this cannot be read: %s.", failureText(err))
	}
	return nil
}

// readFirst reads all items and returns the batch that the first one is in; nil if there is none.
func readFirst(ctx context.Context, o *openSource, asked *catalog.Schema) (first *catalog.Batch, err error) {
	_, err = o.process.Read(ctx, asked, unwatched{}, func(b *catalog.Batch) error {
		if first == nil && b.Len() > 0 {
			first = b
		}
		return nil
	})
	return first, err
}

func (i *initiation) showFields(first *catalog.Batch) error {
	w := tabwriter.NewWriter(i.app.stdout, 0, 0, 3, ' ', 0)
	row := func(field, column string) {
		fmt.Fprintf(w, "  %s\t%s", field, oneLine(column))
		if first != nil && first.Schema().Index(field) >= 0 {
			value := first.Value(field, 0)
			if value.IsNull() {
				fmt.Fprint(w, "\t(empty)")
			} else {
				fmt.Fprintf(w, "\t%s", literal(value))
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

// failureText returns what a connector says went wrong, without what it was doing.
func failureText(err error) string {
	var failure *host.Failure
	if errors.As(err, &failure) {
		return failure.Text
	}
	return err.Error()
}

// unwatched is a read that nobody watches.
type unwatched struct{}

func (unwatched) Progress(int64, int64, string) {}
func (unwatched) Warning(string)                {}
func (unwatched) Notice(string)                 {}

// callIt makes the diagnostics speak of the file that is to be written, not of the one that it was tried in.
func (i *initiation) callIt(config *rules.Config, diags hcl.Diagnostics, tried string) {
	config.Files[i.output] = config.Files[tried]
	for _, d := range diags {
		for _, r := range []*hcl.Range{d.Subject, d.Context} {
			if r != nil && r.Filename == tried {
				r.Filename = i.output
			}
		}
	}
}
