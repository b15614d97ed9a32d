package past

import (
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/archive"
	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/store"
)

// RunsCommand returns the command that lists runs.
func RunsCommand(d Desk) *cobra.Command {
	var format, reconciliation string
	most := 20
	cmd := &cobra.Command{
		Use:   "runs [NAME]",
		Short: "List the runs that were kept",
		Long: `Runs lists the runs of the configuration that were kept, the newest first, of all its reconciliations or of the one that is named.
New are items with a discrepancy that the run before had not which compared something.`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := checkFormat(format); err != nil {
				return err
			}
			if name := strings.Join(args, ""); name != "" {
				if reconciliation != "" && reconciliation != name {
					return fmt.Errorf("two reconciliations are named, %q and --reconciliation %s: leave one out", name, reconciliation)
				}
				reconciliation = name
			}
			return d.with(cmd.Context(), func(runs *archive.Archive) error {
				list, err := runs.List(cmd.Context(), reconciliation, most)
				if err != nil {
					return err
				}
				if format == "json" {
					return writeJSON(d.Term.JSON, listed(list))
				}
				if len(list) == 0 {
					d.Term.Say("No run was kept yet: %s.", d.keeps())
					return nil
				}
				var rows []string
				for _, r := range list {
					c := r.Counts
					fresh := fmt.Sprint(c.New)
					if r.Previous == "" {
						fresh = "-"
					}
					if c.Nothing != "" {
						fresh += "\tnothing was compared: " + c.Nothing
					}
					rows = append(rows, fmt.Sprintf("%s\t%s\t%s\t%d\t%d\t%d\t%d\t%s", r.ID, r.Reconciliation, r.Ended.Format(time.DateTime), c.Items, c.NotSynchronized, c.NotChecked, c.NotPaired, fresh))
				}
				return columns(d.Term.Out, "RUN\tRECONCILIATION\tMADE\tITEMS\tNOT SYNCHRONIZED\tNOT CHECKED\tNOT PAIRED\tNEW", rows)
			})
		},
	}
	addFormat(cmd, &format)
	cmd.Flags().StringVar(&reconciliation, "reconciliation", "", "only runs of this reconciliation")
	cmd.Flags().IntVar(&most, "max", most, "list at most so many; 0 for all")
	return cmd
}

// listedRun is a run as JSON has it.
type listedRun struct {
	ID             string       `json:"id"`
	Reconciliation string       `json:"reconciliation"`
	Began          time.Time    `json:"began"`
	Ended          time.Time    `json:"ended"`
	Previous       string       `json:"previous,omitempty"`
	Counts         store.Counts `json:"counts"`
}

func listed(runs []store.Run) []listedRun {
	list := []listedRun{}
	for _, r := range runs {
		list = append(list, listedRun{r.ID, r.Reconciliation, r.Began.UTC(), r.Ended.UTC(), r.Previous, r.Counts})
	}
	return list
}
