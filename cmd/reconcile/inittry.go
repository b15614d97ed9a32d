package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"text/tabwriter"

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
	for _, o := range s.sources {
		if err := i.try(ctx, o); err != nil {
			return err
		}
	}
	if err := os.Chmod(file.Name(), 0o644); err != nil {
		return fmt.Errorf("write %s: %w", i.output, err)
	}
	if err := os.Rename(file.Name(), i.output); err != nil {
		return fmt.Errorf("write %s: %w", i.output, err)
	}
	return nil
}

// try asks a source whether it is there, and shows what it is.
func (i *initiation) try(ctx context.Context, o *openSource) error {
	isShop := o.Source.Name == "shop"
	if !isShop && i.noCheck {
		return nil
	}
	facts, err := o.process.Check(ctx)
	if ctx.Err() != nil {
		return context.Canceled
	}
	about := func(name string) string {
		at := slices.IndexFunc(facts, func(f catalog.Fact) bool { return f.Name == name })
		if at < 0 {
			return ""
		}
		return facts[at].Value
	}
	switch {
	case err != nil && isShop:
		return fmt.Errorf("the export cannot be read, so nothing was written: %w", err)
	case err != nil:
		return fmt.Errorf("the store cannot be used, so nothing was written (--no-check writes without trying it): %w", err)
	case isShop:
		fmt.Fprintf(i.app.stdout, "%s has %s rows and %s columns. Each field, its column and the first item's value:\n", i.pos, about("rows"), about("columns"))
		return i.showFields(ctx, o)
	}
	fmt.Fprintf(i.app.stdout, "\nThe store lets us in: %s, currency %s, prices %s.\n", about("store"), about("currency"), about("prices"))
	return nil
}

// showFields reads the whole export, so that a value that cannot be read shows now and not in the first run, and lists
// the fields.
func (i *initiation) showFields(ctx context.Context, o *openSource) error {
	var first *catalog.Batch
	_, err := o.process.Read(ctx, o.schema, unwatched{}, func(b *catalog.Batch) error {
		if first == nil && b.Len() > 0 {
			first = b
		}
		return nil
	})
	if ctx.Err() != nil {
		return context.Canceled
	}
	w := tabwriter.NewWriter(i.app.stdout, 0, 0, 3, ' ', 0)
	row := func(field, column string) {
		fmt.Fprintf(w, "  %s\t%s", field, oneLine(column))
		if first != nil {
			fmt.Fprintf(w, "\t%s", literal(first.Value(field, 0)))
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
	if err := w.Flush(); err != nil {
		return err
	}
	if err != nil {
		detail := err.Error()
		var failure *host.Failure
		if errors.As(err, &failure) {
			detail = failure.Explanation()
		}
		i.app.warn("a run would fail: %s\nMend the export, map another column, or set on_bad_row = \"skip\".", detail)
	}
	return nil
}

// unwatched is a read that nobody watches.
type unwatched struct{}

func (unwatched) Progress(int64, int64, string) {}
func (unwatched) Warning(string)                {}

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
