package past

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/reconcilehq/reconcile/engine/history"
	"github.com/reconcilehq/reconcile/engine/verdict"

	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/archive"
	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/store"
)

// diffFlags are the flags of diff.
type diffFlags struct {
	format, reconciliation string
	all                    bool
	most                   int
}

// DiffCommand returns the command that compares two runs.
func DiffCommand(d Desk) *cobra.Command {
	f := diffFlags{most: 200}
	cmd := &cobra.Command{
		Use:   "diff [RUN] [RUN]",
		Short: "Say what has changed from one run to another",
		Long: `Diff compares two runs that were kept, and says of each discrepancy whether it is new, has other values (updated), is resolved, or
is meant to be now (accepted). What a changed rule, key or setting decides is judged anew: whether the item has changed, nobody can tell.
What could not be judged is not resolved.

Without RUN the last run is compared with the one before it that compared something, with one RUN the last run with that. The beginning of a
run's name will do. A run compares nothing where an export went wrong, say: what only one of the two runs has is then neither new nor resolved.`,
		Example: "  reconcile diff\n  reconcile diff 20261128-0915\n  reconcile diff 20261101-090000-abcdef 20261128-091500-ghijkl --format json",
		Args:    cobra.MaximumNArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := checkFormat(f.format); err != nil {
				return err
			}
			return d.with(cmd.Context(), func(runs *archive.Archive) error { return d.diff(cmd.Context(), runs, args, f) })
		},
	}
	addFormat(cmd, &f.format)
	flags := cmd.Flags()
	flags.StringVar(&f.reconciliation, "reconciliation", "", "which reconciliation; may be left out when there are runs of one")
	flags.BoolVar(&f.all, "all", false, "show what is as it was, too")
	flags.IntVar(&f.most, "max-rows", f.most, "text: show at most so many; 0 for all")
	return cmd
}

// choose returns the two runs that are compared, the older one first unless both were named.
func (d Desk) choose(ctx context.Context, runs *archive.Archive, args []string, reconciliation string) (before, after store.Run, err error) {
	if len(args) > 0 {
		if before, err = runs.Find(ctx, args[0]); err != nil {
			return before, after, err
		}
		reconciliation = before.Reconciliation
	}
	if len(args) == 2 {
		after, err = runs.Find(ctx, args[1])
		return before, after, err
	}
	if reconciliation == "" {
		list, err := runs.List(ctx, "", 0)
		if err != nil {
			return before, after, err
		}
		if reconciliation, err = d.only(list); err != nil {
			return before, after, err
		}
	}
	list, err := runs.List(ctx, reconciliation, 2)
	switch {
	case err != nil:
		return before, after, err
	case len(list) == 0:
		return before, after, fmt.Errorf("no run of %q was kept yet: %s", reconciliation, d.keeps())
	case len(args) == 1:
		return before, list[0], nil
	case len(list) == 1:
		return before, after, errors.New("there is one run alone, and nothing to compare it with: " + d.Command("run") + " makes another one")
	}
	before, _, found, err := runs.Before(ctx, list[0])
	if err == nil && !found {
		before = list[1]
	}
	return before, list[0], err
}

func (d Desk) diff(ctx context.Context, runs *archive.Archive, args []string, f diffFlags) error {
	before, after, err := d.choose(ctx, runs, args, f.reconciliation)
	if err != nil {
		return err
	}
	if before.ID == after.ID {
		return fmt.Errorf("that is one run, %s: name another one to compare it with", after.ID)
	}
	b, err := runs.Open(before)
	if err != nil {
		return err
	}
	defer b.Close()
	a, err := runs.Open(after)
	if err != nil {
		return err
	}
	defer a.Close()
	c, err := history.Compare(b, a)
	if err != nil {
		return err
	}
	list, err := changesOf(c, b, a, f.all)
	if err != nil {
		return err
	}
	if f.format == "json" {
		return writeJSON(d.Term.JSON, struct {
			Before   string         `json:"before"`
			After    string         `json:"after"`
			Settings bool           `json:"settings_changed"`
			Rules    []string       `json:"rules_changed"`
			Nothing  *nothing       `json:"nothing_compared,omitempty"`
			Counts   map[string]int `json:"counts"`
			Findings []change       `json:"findings"`
		}{before.ID, after.ID, c.Settings, append([]string{}, c.Rules...), nothingOf(c), countsOf(c), list})
	}
	return d.show(before, after, c, list, f)
}

// nothing says why the runs compared nothing.
type nothing struct {
	Before string `json:"before,omitempty"`
	After  string `json:"after,omitempty"`
}

// nothingOf returns nil where both compared something.
func nothingOf(c *history.Comparison) *nothing {
	if c.Nothing == [2]string{} {
		return nil
	}
	return &nothing{c.Nothing[0], c.Nothing[1]}
}

// change is what became of a finding, for people and programs.
type change struct {
	Change string `json:"change"`
	SKU    string `json:"sku"`
	Name   string `json:"name"`
	Status string `json:"status"`
	Rule   string `json:"rule,omitempty"` // "": the status itself
}

// judgedNot reports whether nobody can tell what became of it.
func (c change) judgedNot() bool {
	return c.Change == history.Rejudged.String() || c.Change == history.Unjudged.String()
}

func countsOf(c *history.Comparison) map[string]int {
	counts := map[string]int{}
	for _, of := range history.Changes {
		counts[of.String()] = 0
	}
	for _, f := range c.Findings {
		counts[f.Change.String()]++
	}
	return counts
}

// changesOf returns the findings with the SKUs and names of their items; those that are as they were only if all is true.
func changesOf(c *history.Comparison, before, after *history.Run, all bool) ([]change, error) {
	list := []change{}
	var positions [2][]int32
	var places [2][]int
	for _, f := range c.Findings {
		if f.Change == history.Persisting && !all {
			continue
		}
		of, at := 1, f.After
		if at < 0 {
			of, at = 0, f.Before
		}
		positions[of], places[of] = append(positions[of], at), append(places[of], len(list))
		list = append(list, change{Change: f.Change.String(), Status: f.Status.String(), Rule: f.Rule})
	}
	for of, run := range []*history.Run{before, after} {
		rows, err := run.Rows(positions[of])
		if err != nil {
			return nil, err
		}
		for i, row := range rows {
			list[places[of][i]].SKU, list[places[of][i]].Name = row.SKU, row.Name
		}
	}
	return list, nil
}

func (d Desk) show(before, after store.Run, c *history.Comparison, list []change, f diffFlags) error {
	out := d.Term.Out
	fmt.Fprintf(out, "From %s to %s:", before.ID, after.ID)
	counts := countsOf(c)
	var parts []string
	for _, of := range history.Changes {
		if n := counts[of.String()]; n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, words(of.String())))
		}
	}
	if len(parts) == 0 {
		parts = []string{"no discrepancy in either"}
	}
	fmt.Fprintf(out, " %s.\n", strings.Join(parts, ", "))
	for i, r := range []store.Run{before, after} {
		if why := c.Nothing[i]; why != "" {
			fmt.Fprintf(out, "The run %s compared nothing: %s. So nobody can tell what is new or resolved.\n", r.ID, why)
		}
	}
	switch {
	case c.Settings:
		fmt.Fprintln(out, "The key or a setting of a source has changed between them.")
	case len(c.Rules) > 0:
		fmt.Fprintf(out, "Rules that say something else than before: %s.\n", strings.Join(c.Rules, ", "))
	}
	if c.Nothing != [2]string{} && !f.all {
		whole := len(list)
		if list = slices.DeleteFunc(list, change.judgedNot); len(list) < whole {
			fmt.Fprintln(out, "--all lists what was judged anew, or could not be judged.")
		}
	}
	if len(list) == 0 {
		return nil
	}
	left := 0
	if f.most > 0 && len(list) > f.most {
		left, list = len(list)-f.most, list[:f.most]
	}
	var rows []string
	for _, l := range list {
		what := l.Rule
		if what == "" {
			what = l.Status
		}
		if l.Rule != "" && l.Status != verdict.Matched.String() {
			what += " (" + l.Status + ")"
		}
		rows = append(rows, strings.Join([]string{words(l.Change), l.SKU, what, l.Name}, "\t"))
	}
	fmt.Fprintln(out)
	if err := columns(out, "CHANGE\tSKU\tWHAT\tNAME", rows); err != nil {
		return err
	}
	if left > 0 {
		fmt.Fprintf(out, "and %d more; --max-rows 0 shows all\n", left)
	}
	return nil
}

// words writes a change as people do.
func words(name string) string { return strings.ReplaceAll(name, "_", " ") }
