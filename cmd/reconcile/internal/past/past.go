// Package past has the commands that look at runs that were kept: runs and diff.
package past

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/archive"
	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/store"
	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/terminal"
)

// Desk is what the commands work with.
type Desk struct {
	Term *terminal.Terminal
	Open func(ctx context.Context) (*store.Store, *archive.Archive, error) // opens the store that the flags name, and its runs

	Command func(words ...string) string // returns a command to be typed next
	Shops   func() []string              // returns the shops of which one has to be named; none if one of them is
}

// with opens the runs, and hands them to f.
func (d Desk) with(ctx context.Context, f func(*archive.Archive) error) error {
	s, runs, err := d.Open(ctx)
	if err != nil {
		return err
	}
	return errors.Join(f(runs), s.Close())
}

// addFormat gives a command its flag for the format.
func addFormat(cmd *cobra.Command, format *string) {
	cmd.Flags().StringVar(format, "format", "text", "how to show it: text, json")
	_ = cmd.RegisterFlagCompletionFunc("format", cobra.FixedCompletions([]string{"text", "json"}, cobra.ShellCompDirectiveNoFileComp))
}

func checkFormat(format string) error {
	if format != "text" && format != "json" {
		return fmt.Errorf("there is no format %q: use text, json", format)
	}
	return nil
}

func writeJSON(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	e.SetEscapeHTML(false)
	return e.Encode(v)
}

// columns writes rows as columns.
func columns(w io.Writer, head string, rows []string) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, head)
	for _, row := range rows {
		fmt.Fprintln(t, row)
	}
	return t.Flush()
}

// keeps says what has a run be kept.
func (d Desk) keeps() string {
	if shops := d.Shops(); len(shops) > 0 {
		const few = 5
		if len(shops) > few {
			shops = append(slices.Clone(shops[:few]), "...")
		}
		return "runs are kept by shop; name one with --shop: " + strings.Join(shops, ", ")
	}
	return d.Command("run") + " keeps one"
}

// only returns the reconciliation of which there are runs, if there are runs of one alone.
func (d Desk) only(runs []store.Run) (string, error) {
	var names []string
	for _, r := range runs {
		if !slices.Contains(names, r.Reconciliation) {
			names = append(names, r.Reconciliation)
		}
	}
	switch len(names) {
	case 0:
		return "", errors.New("no run of this configuration was kept yet: " + d.keeps())
	case 1:
		return names[0], nil
	}
	slices.Sort(names)
	return "", fmt.Errorf("there are runs of several reconciliations, %s: name one with --reconciliation", strings.Join(names, ", "))
}
