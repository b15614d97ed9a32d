package people

import (
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/reconcilehq/reconcile/engine/replace"

	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/store"
	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/terminal"
)

// AuditCommand returns the command for the audit trail.
func AuditCommand(d Desk) *cobra.Command {
	return only("audit", "Look at who did what, and whether that was tampered with",
		`The audit trail has each log-in and each change that was made on the screen, by the API or by a command: when, who, from where,
what, before and after. Each entry has the hash of the one before it.`,
		auditVerify(d), auditExport(d), auditPrune(d))
}

func auditVerify(d Desk) *cobra.Command {
	return &cobra.Command{
		Use:   "verify",
		Short: "Find entries that were changed, removed, put in or cut off",
		Long: `Verify goes through the whole audit trail, and names each entry that was changed, removed, put in or cut off. Where there is one it
exits with status 1.

Somebody who can write all files of the data folder can make a trail that is right. Compare what verify prints with an
export, or with a backup that they cannot write.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return d.with(cmd.Context(), func(s *store.Store) error {
				head, findings, err := s.Verify(cmd.Context())
				if err != nil {
					return err
				}
				for _, f := range findings {
					if f.Number > 0 {
						d.Term.Fail("entry %d: %s", f.Number, f.Text)
					} else {
						d.Term.Fail("%s", f.Text)
					}
				}
				if len(findings) > 0 {
					return terminal.ErrShown
				}
				fmt.Fprintf(d.Term.Out, "The audit trail is whole: %s.\n", head)
				return nil
			})
		},
	}
}

func auditExport(d Desk) *cobra.Command {
	var output string
	cmd := &cobra.Command{
		Use:   "export",
		Short: "Write the audit trail as lines of JSON",
		Long: `Export writes a line of JSON for each entry of the audit trail, and a last one with their number and the hash of the last.
Keep an export where nobody who can write the data folder can: by it, an end that was cut off is found.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return d.with(cmd.Context(), func(s *store.Store) error {
				if err := replace.Spare(output, store.Kept(s.Dir())); err != nil {
					return err
				}
				out, err := d.output(output)
				if err != nil {
					return err
				}
				defer out.Discard() //nolint:errcheck // after Commit there is nothing to discard
				if err := s.Export(cmd.Context(), out); err != nil {
					return err
				}
				return out.Commit()
			})
		},
	}
	cmd.Flags().StringVar(&output, "output", "", "write to this file, all at once, instead of stdout")
	return cmd
}

func auditPrune(d Desk) *cobra.Command {
	var days, addressDays int
	var evenSo bool
	cmd := &cobra.Command{
		Use:   "prune",
		Short: "Remove old entries, and forget old addresses",
		Long: `Prune removes the entries of the audit trail that are older than so many days, from its beginning on, and forgets the addresses of
those that are older than so many days. What is left is verified as before: up to which entry was pruned stands in the trail and in its
head. reconcile serve does the same each day with --audit-days and --address-days.

Where something is wrong with the trail no entry is removed: it would be gone with them.`,
		Example: "  reconcile audit prune --days 730 --address-days 90",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if days < 0 || addressDays < 0 {
				return errors.New("a number of days is not below 0")
			}
			if days+addressDays == 0 {
				return errors.New("say what to prune: --days, --address-days, or both")
			}
			return d.with(cmd.Context(), func(s *store.Store) error {
				removed, forgotten, err := s.Prune(cmd.Context(), Typist(), DaysAgo(days), DaysAgo(addressDays), evenSo)
				if err != nil {
					return err
				}
				_, err = fmt.Fprintf(d.Term.Out, "Removed %d entries, forgot %d addresses.\n", removed, forgotten)
				return err
			})
		},
	}
	cmd.Flags().IntVar(&days, "days", 0, "remove entries that are older; 0: none")
	cmd.Flags().IntVar(&addressDays, "address-days", 0, "forget addresses of entries that are older; 0: none")
	cmd.Flags().BoolVar(&evenSo, "even-so", false, "remove entries where something is wrong with the trail, too")
	return cmd
}

// DaysAgo returns the time so many days ago; the zero time for 0.
func DaysAgo(days int) time.Time {
	if days == 0 {
		return time.Time{}
	}
	return time.Now().AddDate(0, 0, -days)
}

// output prepares the file at path, or stdout where path is "".
func (d Desk) output(path string) (*replace.File, error) {
	if path == "" {
		return replace.To(d.Term.JSON), nil
	}
	out, err := replace.Open(path, 0o600)
	if err != nil {
		return nil, fmt.Errorf("--output %w", err)
	}
	return out, nil
}
