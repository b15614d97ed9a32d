package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/engine/report"

	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/archive"
	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/fleet"
	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/memory"
	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/session"
	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/store"
	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/terminal"
	"github.com/reconcilehq/reconcile/engine/fault"
	"github.com/reconcilehq/reconcile/engine/replace"
	"github.com/reconcilehq/reconcile/rules/source"
)

// runFlags are the flags of reconcile run.
type runFlags struct {
	format, output string
	allRows        bool // --max-rows 0
	exitCode       bool
	noHistory      bool
	onlyNew        bool
	memory         memory.Size
	jobs           int // with --shop all
	options        report.Options
}

func runCommand(c *commandLine) *cobra.Command {
	var f runFlags
	cmd := &cobra.Command{
		Use:   "run [NAME]",
		Short: "Compare the two sides of a reconciliation and report the discrepancies",
		Long: `Run reads both sources of a reconciliation to their ends, pairs their items by key, evaluates the rules on each
pair and reports the discrepancies. NAME may be left out when the configuration has one reconciliation.

A source that keeps a Local Copy is refreshed first and read from there; see reconcile pull. With --offline nothing is
refreshed, with --max-age only what is older.

A configuration with a list of shops is run for one, --shop NAME, or for all of them, --shop all: then the result is a line
for each shop, those first that need a person, and a shop that fails stops no other.

The run is kept in the data folder, where reconcile runs and reconcile diff find it, unless --no-history is given or
$` + historyEnv + ` is off. With --new only items are shown that have a discrepancy which the run before had not.

` + statusIf("if the run succeeded, whatever it found,", "if it failed; then nothing that looks like") + `
a result is printed. With --exit-code it is ` + strconv.Itoa(statusDiscrepancies) + ` if a cell of a rule
of severity error is N or a value was unknown to such a rule, an item is not matched and neither meant to be so nor a
parent, a row was skipped, or a side has no item.`,
		Example: `  reconcile run
  reconcile run --problems --details
  reconcile run --new
  reconcile run --details --rule P
  reconcile run --format csv --output discrepancies.csv
  reconcile run --all --output report.xlsx
  reconcile run --shop all --jobs 8 --exit-code`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			f.allRows = cmd.Flags().Changed("max-rows") && f.options.MaxRows == 0
			name, err := c.named(args)
			if err != nil {
				return err
			}
			if c.shop == source.AllShops {
				return c.runAll(cmd.Context(), cmd, name, f)
			}
			if cmd.Flags().Changed("jobs") {
				return errors.New("--jobs is for --shop all: how many shops are compared at a time")
			}
			return c.run(cmd.Context(), name, f)
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&f.format, "format", "", "how to show the result: "+strings.Join(formatNames(), ", ")+" (default as --output's suffix says, else table)")
	flags.StringVar(&f.output, "output", "", "write the result to this file, all at once when it is complete")
	flags.BoolVar(&f.options.Details, "details", false, "below each item with an N: both values, and why where that is hard to see")
	flags.BoolVar(&f.options.All, "all", false, "show synchronized items too")
	flags.BoolVar(&f.options.Raw, "raw", false, "CSV: texts as they are, without the apostrophe that keeps a spreadsheet from taking them for formulas")
	flags.BoolVar(&f.options.Unchecked, "unchecked", false, "show items too that are not checked, and what was unknown of them")
	flags.BoolVar(&f.options.Problems, "problems", false, "show only what somebody has to look at: not synchronized, not checked, or not paired")
	flags.StringArrayVar(&f.options.Rules, "rule", nil, "show only items with an N or I in this rule, with --all those with any cell in it (repeatable)")
	flags.StringArrayVar(&f.options.SKUs, "sku", nil, "show only this item (repeatable)")
	flags.IntVar(&f.options.MaxRows, "max-rows", 0, "show at most so many items; 0 for all (default "+limited(true)+")")
	flags.BoolVar(&f.options.BOM, "bom", false, "begin CSV with a byte order mark, so that Excel reads its letters rightly")
	c.addReconciliationFlag(cmd)
	c.addCopyFlags(cmd)
	flags.Var(&f.memory, "memory-limit", "memory to use at most, such as 512MiB; what exceeds it is kept on disk (default a quarter of the machine's)")
	_ = cmd.RegisterFlagCompletionFunc("format", fixed(formatNames()...))
	flags.IntVar(&f.jobs, "jobs", runtime.NumCPU(), "with --shop all: how many shops are compared at a time")
	flags.BoolVar(&f.noHistory, "no-history", false, "do not keep the run")
	flags.BoolVar(&f.onlyNew, "new", false, "show only items with a discrepancy that the run before had not")
	cmd.MarkFlagsMutuallyExclusive("no-history", "new")
	cmd.MarkFlagsMutuallyExclusive("all", "new")
	flags.BoolVar(&f.exitCode, "exit-code", false, "exit with status "+strconv.Itoa(statusDiscrepancies)+" if there are discrepancies")
	return cmd
}

func (c *commandLine) run(ctx context.Context, name string, f runFlags) error {
	format, err := f.chooseFormat()
	if err != nil {
		return err
	}
	if format.Binary && f.output == "" && c.term.OutIsTerminal() {
		return fmt.Errorf("--format %s is not for a terminal: add --output FILE%s", format.Name, format.Suffix)
	}
	if err := c.writes(f.output); err != nil {
		return err
	}
	p, err := c.prepare(ctx, name)
	if err != nil {
		return err
	}
	defer p.Close()
	normal(f.options.Rules, f.options.SKUs)
	if err := p.CheckCodes(f.options.Rules...); err != nil {
		return fmt.Errorf("--rule: %w", err)
	}
	out, err := c.openOutput(f.output)
	if err != nil {
		return err
	}
	defer c.discard(out)
	keeping, done, err := c.keeping(ctx, f)
	if err != nil {
		return err
	}
	defer done()
	result, err := p.Run(ctx, session.RunOptions{All: f.options.All || len(f.options.SKUs) > 0 || keeping != nil, Brief: keeping != nil && !f.options.All, Unchecked: f.options.Unchecked || f.options.Problems, MemoryLimit: int64(f.memory)})
	if err != nil {
		return err
	}
	defer p.CloseResult(result)
	f.options.Color, f.options.Width = c.term.ColorOut, c.term.Width
	if f.output != "" {
		f.options.Color, f.options.Width = c.term.AlwaysColor, terminal.PipeWidth
	}
	if f.options.Details {
		f.options.Why = p.Why(result)
	}
	shown, err := keeping.Begin(ctx, result, p.Config.History)
	if err != nil {
		return err
	}
	if err := format.Write(out.Writer, shown, f.options); err != nil {
		return fmt.Errorf("write the result: %w", err)
	}
	var closing sync.WaitGroup
	closing.Go(fault.Caught(func() { p.CloseResult(result) })) // while the file is brought to disk
	defer closing.Wait()
	if err := out.Commit(); err != nil {
		return err
	}
	keeping.End(ctx, p.Config.History)
	if f.exitCode && result.Discrepancies() {
		return errDiscrepancies
	}
	return nil
}

// notForAll are flags that say how the items of one run are shown.
var notForAll = []string{"details", "all", "raw", "unchecked", "problems", "rule", "sku", "max-rows", "bom", "new"}

// runAll compares all shops of the configuration's list.
func (c *commandLine) runAll(ctx context.Context, cmd *cobra.Command, name string, f runFlags) error {
	for _, flag := range notForAll {
		if cmd.Flags().Changed(flag) {
			return fmt.Errorf("--%s says how one run is shown: name the shop, --shop NAME, in place of all", flag)
		}
	}
	if err := f.chooseFleetFormat(); err != nil {
		return err
	}
	if f.jobs < 1 {
		return fmt.Errorf("--jobs %d: give how many shops are compared at a time", f.jobs)
	}
	if err := errors.Join(c.writes(f.output), c.checkCopyFlags()); err != nil {
		return err
	}
	shops, err := c.allShops()
	if err != nil {
		return err
	}
	out, err := c.openOutput(f.output)
	if err != nil {
		return err
	}
	defer c.discard(out)
	all := &fleet.Fleet{Reconciliation: name, MemoryLimit: int64(f.memory), Jobs: f.jobs, Session: c.sessionOf, Hide: c.secrets.Hide}
	if all.MemoryLimit == 0 {
		all.MemoryLimit = memory.DefaultLimit()
	}
	if !f.noHistory && os.Getenv(historyEnv) != "off" {
		s, err := c.openStore(ctx)
		if err != nil {
			return fmt.Errorf("%w; --no-history says that no run need be kept", err)
		}
		defer s.Close()
		all.Archive = func(shop string) (*archive.Archive, error) { return archive.New(s, c.configPath, shop) }
	}
	done := 0
	all.Done = func(o fleet.Outcome) {
		done++
		if c.term.CanAsk() || len(o.Warnings) > 0 || o.Failure != "" {
			c.term.Tell(fmt.Sprintf("%d of %d: %s", done, len(shops), o.Shop))
		}
		for _, text := range o.Warnings {
			c.term.Warn("shop %s: %s", o.Shop, text)
		}
	}
	outcomes := all.Run(ctx, shops)
	for _, text := range fleet.Unused(outcomes) {
		c.term.Warn("%s", text)
	}
	typed := []string{"run"}
	if name != "" {
		typed = append(typed, name)
	}
	write := func(w io.Writer) error {
		return fleet.Table(w, outcomes, c.term.Width, func(shop string) string { return c.commandOf(shop, typed...) })
	}
	if f.format == "json" {
		write = func(w io.Writer) error { return fleet.JSON(w, outcomes) }
	}
	if err := write(out.Writer); err != nil {
		return fmt.Errorf("write the result: %w", err)
	}
	if err := out.Commit(); err != nil {
		return err
	}
	switch failed := fleet.Failed(outcomes); {
	case ctx.Err() != nil:
		return context.Canceled
	case failed > 0:
		return fmt.Errorf("%d of %d shops were not compared", failed, len(shops))
	case f.exitCode && fleet.Discrepancies(outcomes):
		return errDiscrepancies
	}
	return nil
}

// chooseFleetFormat chooses how all shops are shown: as is said, or as the output's suffix says.
func (f *runFlags) chooseFleetFormat() error {
	said := "--format " + f.format
	if f.format == "" && f.output != "" {
		format, err := namedFormat("", f.output)
		if err != nil {
			return err
		}
		f.format, said = format.Name, "--output "+f.output
	}
	if f.format = cmp.Or(f.format, fleet.Formats[0]); !slices.Contains(fleet.Formats, f.format) {
		return fmt.Errorf("%s: all shops are shown as %s", said, strings.Join(fleet.Formats, " or "))
	}
	return nil
}

// sessionOf returns the application for one shop of the list.
func (c *commandLine) sessionOf(shop string, l session.Listener) *session.Session {
	options := c.options()
	options.Shop, options.Listener = shop, l
	return session.New(options)
}

// allShops returns the names of all shops in the configuration's list.
func (c *commandLine) allShops() ([]string, error) {
	s := c.sessionOf("", listener{c.term})
	config, diags := s.Load()
	switch {
	case config.Shops != nil && len(config.Shops.Names) > 0:
		return config.Shops.Names, nil // what is wrong with the rest, each shop says
	case diags.HasErrors():
		return nil, s.Refuse(config, diags)
	}
	return nil, fmt.Errorf("%s has no shops block, which names the list of shops: --shop all has nothing to go through", c.configPath)
}

// historyEnv says, where it is off, that no run is kept.
const historyEnv = "RECONCILE_HISTORY"

// openArchive opens the database, which is to be closed, and the runs of the configuration.
func (c *commandLine) openArchive(ctx context.Context) (*store.Store, *archive.Archive, error) {
	s, err := c.openStore(ctx)
	if err != nil {
		return nil, nil, err
	}
	runs, err := archive.New(s, c.configPath, c.shop)
	if err != nil {
		return nil, nil, errors.Join(err, s.Close())
	}
	return s, runs, nil
}

// keeping returns what keeps a run, and what closes it; nil where it is not to be kept.
func (c *commandLine) keeping(ctx context.Context, f runFlags) (k *archive.Keeper, done func(), err error) {
	if f.noHistory || os.Getenv(historyEnv) == "off" && !f.onlyNew {
		return nil, func() {}, nil
	}
	s, runs, err := c.openArchive(ctx)
	switch {
	case err != nil && f.onlyNew:
		return nil, nil, fmt.Errorf("--new: %w", err)
	case err != nil:
		c.term.Warn("this run will not be kept (%v); --no-history says that it need not be", err)
		return nil, func() {}, nil
	}
	k = &archive.Keeper{Archive: runs, Began: time.Now(), OnlyNew: f.onlyNew, Warn: c.term.Warn}
	return k, func() { k.Close(); _ = s.Close() }, nil
}

// normal brings what was typed to the form that texts of sources and configurations have: some shells write letters and their accents
// apart.
func normal(lists ...[]string) {
	for _, list := range lists {
		for i, text := range list {
			list[i] = catalog.NormalText(text)
		}
	}
}

// openOutput prepares the file at path, or stdout where path is "". It fails now rather than after a long read.
func (c *commandLine) openOutput(path string) (*replace.File, error) {
	if path == "" {
		return replace.To(c.term.Data), nil
	}
	out, err := replace.Open(path, 0o666)
	if err != nil {
		return nil, fmt.Errorf("--output %w", err)
	}
	return out, nil
}

// discard removes an output that was not committed.
func (c *commandLine) discard(out *replace.File) {
	if err := out.Discard(); err != nil {
		c.term.Warn("%v", err)
	}
}

// chooseFormat returns the format that is asked for, and completes the options with what it says of itself.
func (f *runFlags) chooseFormat() (report.Format, error) {
	format, err := namedFormat(f.format, f.output)
	switch rows := &f.options.MaxRows; {
	case err != nil:
		return format, err
	case f.options.Problems && f.options.All:
		return format, errors.New("--problems and --all contradict each other: --all shows synchronized items too, --problems leaves them out")
	case *rows < 0:
		return format, fmt.Errorf("--max-rows %d: give a number of rows, or 0 for all", *rows)
	case *rows > 0 && format.Rows == 0:
		return format, fmt.Errorf("--max-rows %d: %s always has all items; only %s can be cut short", *rows, format.Name, limited(false))
	case f.options.Raw && format.Name != report.CSV().Name:
		return format, fmt.Errorf("--raw means nothing to %s: it is for --format csv", format.Name)
	case f.options.BOM && !format.BOM:
		return format, fmt.Errorf("--bom means nothing to %s: it is for --format csv", format.Name)
	case *rows == 0 && !f.allRows:
		*rows = format.Rows
	}
	return format, nil
}

// namedFormat returns the format of that name; without a name the one of which the output's suffix speaks, or the first.
func namedFormat(name, output string) (report.Format, error) {
	formats := report.Formats()
	if name == "" {
		if format, ok := report.FormatOf(output); ok {
			return format, nil
		}
		switch suffix := strings.ToLower(filepath.Ext(output)); suffix {
		case ".xls", ".ods", ".pdf", ".tsv", ".xml", ".yaml", ".parquet": // a table in such a file would surprise
			return formats[0], fmt.Errorf("--output %s: there is no format for %s; name one with --format: %s", output, suffix, strings.Join(formatNames(), ", "))
		}
		return formats[0], nil
	}
	for _, f := range formats {
		if f.Name == name {
			return f, nil
		}
	}
	return report.Format{}, fmt.Errorf("there is no format %q: use %s", name, strings.Join(formatNames(), ", "))
}

func formatNames() []string {
	var names []string
	for _, f := range report.Formats() {
		names = append(names, f.Name)
	}
	return names
}

// limited returns the names of the formats that show a limited number of items, each with its usual limit if asked for.
func limited(withLimit bool) string {
	var names []string
	for _, f := range report.Formats() {
		switch {
		case f.Rows > 0 && withLimit:
			names = append(names, fmt.Sprintf("%d for %s", f.Rows, f.Name))
		case f.Rows > 0:
			names = append(names, f.Name)
		}
	}
	return strings.Join(names, ", ")
}
