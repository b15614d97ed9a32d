package people

import (
	"fmt"

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
		auditVerify(d), auditExport(d))
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
