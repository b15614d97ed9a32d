package main

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/reconcilehq/reconcile/engine"
	"github.com/reconcilehq/reconcile/engine/report"
	"github.com/reconcilehq/reconcile/engine/verdict"
	"github.com/reconcilehq/reconcile/rules/source"
)

// runFlags are the flags of reconcile run.
type runFlags struct {
	format, output string
	exitCode       bool
	memory         byteSize
	options        report.Options
}

func runCommand(a *app) *cobra.Command {
	var f runFlags
	var names []string
	for _, format := range report.Formats() {
		names = append(names, format.Name)
	}
	cmd := &cobra.Command{
		Use:   "run [NAME]",
		Short: "Compare the two sides of a reconciliation and report the discrepancies",
		Long: `Run reads both sources of a reconciliation to their ends, pairs their items by key, evaluates the rules on each
pair and reports the discrepancies. NAME may be left out when the configuration has one reconciliation.

A source that keeps a Local Copy is refreshed first and read from there; see reconcile pull. With --offline nothing is
refreshed, with --max-age only what is older.

The exit status is 0 if the run succeeded, whatever it found; with --exit-code it is 2 if a cell is N or an item is
not matched. It is 1 if the run failed, and then nothing that looks like a result is printed.`,
		Example: `  reconcile run
  reconcile run --details --rule P
  reconcile run --format csv --output discrepancies.csv`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.run(cmd.Context(), strings.Join(args, ""), f)
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&f.format, "format", "table", "how to show the result: "+strings.Join(names, ", "))
	flags.StringVar(&f.output, "output", "", "write the result to this file, all at once when it is complete")
	flags.BoolVar(&f.options.Details, "details", false, "below each item with an N: both values and the note")
	flags.BoolVar(&f.options.All, "all", false, "show synchronized items too")
	flags.StringArrayVar(&f.options.Rules, "rule", nil, "show only items with an N or I in this rule (repeatable)")
	flags.StringArrayVar(&f.options.SKUs, "sku", nil, "show only this item (repeatable)")
	flags.IntVar(&f.options.MaxRows, "max-rows", 200, "rows of the table; 0 for all")
	a.addCopyFlags(cmd)
	flags.Var(&f.memory, "memory-limit", "memory to use at most, such as 512MiB; what exceeds it is kept on disk (default a quarter of the machine's)")
	flags.BoolVar(&f.exitCode, "exit-code", false, "exit with status 2 if there are discrepancies")
	return cmd
}

func (a *app) run(ctx context.Context, name string, f runFlags) error {
	format, err := chooseFormat(f.format)
	if err != nil {
		return err
	}
	if f.options.MaxRows < 0 {
		return fmt.Errorf("--max-rows %d: give a number of rows, or 0 for all", f.options.MaxRows)
	}
	if a.memoryLimit = int64(f.memory); f.memory == 0 {
		a.memoryLimit = defaultMemoryLimit()
	}
	p, err := a.prepare(ctx, name)
	if err != nil {
		return err
	}
	defer p.Close()
	if err := p.checkCodes(f.options.Rules); err != nil {
		return err
	}
	out, err := a.openOutput(f.output)
	if err != nil {
		return err
	}
	defer out.Discard()
	result, err := p.reconcile(ctx, f.options.All)
	if err != nil {
		return err
	}
	defer a.closeResult(result)
	p.letGo() // everything has been read, and the result takes a while to be written
	a.warnUnused(result)
	f.options.Color, f.options.Width = a.colorOut, a.width
	if f.output != "" {
		f.options.Color, f.options.Width = a.color == "always", pipeWidth
	}
	if err := format.Write(out, result, f.options); err != nil {
		return fmt.Errorf("write the result: %w", err)
	}
	if err := out.Commit(); err != nil {
		return err
	}
	if f.exitCode && result.Discrepancies() {
		return &discrepanciesError{}
	}
	return nil
}

// closeResult lets go of a result. That something of it could not be removed from disk does not make it a wrong one.
func (a *app) closeResult(result *report.Result) {
	if err := result.Close(); err != nil {
		a.warn("temporary files are left, which the next run will try to remove: %v", err)
	}
}

// warnUnused names intentional blocks that are of no use any more; lines of a file with one warning.
func (a *app) warnUnused(result *report.Result) {
	const few = 5
	var names []string
	places := map[string][]string{}
	for _, in := range result.Unused {
		if places[in.Name] == nil {
			names = append(names, in.Name)
		}
		places[in.Name] = append(places[in.Name], in.Place)
	}
	for _, name := range names {
		where := places[name]
		more := ""
		if len(where) > few {
			more = fmt.Sprintf(" and %d more", len(where)-few)
			where = where[:few]
		}
		a.warn("intentional %q makes nothing intentional any more (%s%s): what it was about is synchronized, gone, or has other values than were accepted. Remove it, or mend it.",
			name, strings.Join(where, ", "), more)
	}
}

func chooseFormat(name string) (report.Format, error) {
	var names []string
	for _, f := range report.Formats() {
		if f.Name == name {
			return f, nil
		}
		names = append(names, f.Name)
	}
	return report.Format{}, fmt.Errorf("there is no format %q: use %s", name, strings.Join(names, ", "))
}

func (p *prepared) checkCodes(codes []string) error {
	var known []string
	for _, r := range p.reconciliation.Rules {
		known = append(known, r.Code)
	}
	for _, code := range codes {
		if !slices.Contains(known, code) {
			return fmt.Errorf("--rule %s: reconciliation %q has no such rule; it has %s", code, p.reconciliation.Name, strings.Join(known, ", "))
		}
	}
	return nil
}

// reconcile reads both sides and evaluates the rules; it shows progress while it does, and the sources' warnings after.
func (p *prepared) reconcile(ctx context.Context, all bool) (*report.Result, error) {
	return p.read(ctx, all, func(_ verdict.Side, s engine.Source) engine.Source { return s })
}

// read is the one place where sources are read. wrap returns what is read in the place of a side's source.
func (p *prepared) read(ctx context.Context, all bool, wrap func(side verdict.Side, s engine.Source) engine.Source) (*report.Result, error) {
	if err := p.app.copies.check(); err != nil {
		return nil, err
	}
	r := p.reconciliation
	progress := newProgress(p.app, r.Pos, r.Store)
	side := func(of verdict.Side, source *source.Source) engine.Side {
		w := progress.side(int(of))
		return engine.Side{Source: wrap(of, p.source(p.of(source), w)), Connector: source.Connector, Name: source.Name, Watch: w}
	}
	result, err := engine.Run(ctx, engine.Job{Reconciliation: r.Name, Program: p.program,
		Pos: side(verdict.Pos, r.Pos), Store: side(verdict.Store, r.Store), All: all, MaxSkew: r.MaxSkew, MemoryLimit: p.app.memoryLimit})
	progress.finish()
	if err != nil {
		if ctx.Err() != nil {
			return nil, context.Canceled
		}
		return nil, p.place(err)
	}
	if lag := result.Lag(); lag != "" {
		p.app.warn("%s", lag)
	}
	return result, nil
}
