package main

import (
	"context"
	"fmt"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/rules"
	"github.com/reconcilehq/reconcile/rules/source"
)

func sourcesCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "sources [NAME...]",
		Short: "Check each source and list its fields",
		Long: `Sources starts each source's connector, tries its credentials and lists the fields that rules can use. It reads no
item. The exit status is 1 if a source cannot be used.`,
		RunE: func(cmd *cobra.Command, args []string) error { return a.sources(cmd.Context(), args) },
	}
}

func (a *app) sources(ctx context.Context, names []string) error {
	config, diags := a.load()
	if diags.HasErrors() && len(config.Sources) == 0 {
		return a.refuse(config, diags)
	}
	chosen, err := chooseSources(config, names)
	if err != nil {
		return err
	}
	s := a.open(ctx, config, chosen)
	defer s.Close()
	if ctx.Err() != nil {
		return context.Canceled
	}
	failed := false
	for i, o := range s.sources {
		if i > 0 {
			fmt.Fprintln(a.stdout)
		}
		if err := a.describeSource(ctx, config, o); err != nil {
			failed = true
			fmt.Fprintf(a.stdout, "  %s\n", strings.ReplaceAll(err.Error(), "\n", "\n  "))
		}
	}
	if failed {
		return errReported
	}
	return ctx.Err()
}

func chooseSources(config *rules.Config, names []string) ([]*source.Source, error) {
	if len(names) == 0 {
		return config.Sources, nil
	}
	var chosen []*source.Source
	for _, name := range names {
		found := false
		for _, s := range config.Sources {
			if name == s.Name || name == s.Connector+"."+s.Name || name == s.Address() {
				chosen, found = append(chosen, s), true
			}
		}
		if !found {
			var known []string
			for _, s := range config.Sources {
				known = append(known, s.Connector+"."+s.Name)
			}
			return nil, fmt.Errorf("there is no source %q; there are: %s", name, strings.Join(known, ", "))
		}
	}
	return chosen, nil
}

func (a *app) describeSource(ctx context.Context, config *rules.Config, o *openSource) error {
	fmt.Fprintf(a.stdout, "%s.%s", o.Connector, o.Name)
	if o.process != nil {
		fmt.Fprintf(a.stdout, "  (connector %s)", o.process.Describe().Version)
	}
	fmt.Fprintln(a.stdout)
	if len(o.diags) > 0 {
		if err := a.show(config.Files, o.diags); err != nil {
			return err
		}
	}
	if o.schema == nil {
		return fmt.Errorf("cannot be used: see the message above")
	}
	facts, err := o.process.Check(ctx)
	if err != nil {
		return fmt.Errorf("check failed: %w", err)
	}
	w := tabwriter.NewWriter(a.stdout, 0, 0, 2, ' ', 0)
	for _, f := range facts {
		fmt.Fprintf(w, "  %s\t%s\n", f.Name, f.Value)
	}
	if o.copy != nil {
		fmt.Fprintf(w, "  Local Copy\t%s\n", a.copyOf(ctx, o))
	}
	fmt.Fprintf(w, "  fields\t\n")
	for _, f := range o.schema.Fields() {
		fmt.Fprintf(w, "    %s\t%s\t%s\n", f.Name, f.Type, docOf(f))
	}
	return w.Flush()
}

// docOf returns a field's description, which a connector may leave to us where every source has the field.
func docOf(f catalog.Field) string {
	if known, ok := catalog.KnownField(f.Name); ok && f.Doc == "" {
		return known.Doc
	}
	return f.Doc
}
