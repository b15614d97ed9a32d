package backup

import (
	"context"
	"errors"
	"fmt"
	"os/user"

	"github.com/spf13/cobra"

	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/store"
	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/terminal"
)

// Desk is what the commands work with.
type Desk struct {
	Term    *terminal.Terminal
	Open    func(ctx context.Context) (*store.Store, error) // opens the store that the flags name
	Folder  func() (string, error)                          // the data folder that the flags name
	Version string                                          // of the program
	Shared  func() bool                                     // reports whether the flags name a database on PostgreSQL
}

// errShared says why there is no backup of a database on PostgreSQL.
var errShared = errors.New("the database is on PostgreSQL: make copies with pg_dump, put them back with pg_restore, and copy the data folder, which has the files of runs and audit.head, too; reconcile backup and restore are for a database in the data folder")

// BackupCommand returns the command that makes a backup.
func BackupCommand(d Desk) *cobra.Command {
	return &cobra.Command{
		Use:   "backup FILE|FOLDER",
		Short: "Put what is kept into one file, while it is used",
		Long: `Backup puts what the data folder keeps into one archive, as it is at one moment: users, tokens, the audit trail with its head, and the
runs. It does so while reconcile serve runs, too. The archive is there whole or not at all, and only its owner can read it: who has it can
try passwords.

Local Copies are not in it, since reconcile pull makes them anew, and no configuration is.`,
		Example: "  reconcile backup /mnt/backups\n  reconcile backup before-update.tar",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if d.Shared() {
				return errShared
			}
			s, err := d.Open(cmd.Context())
			if err != nil {
				return err
			}
			made, err := Write(cmd.Context(), s, d.Version, args[0])
			if err = errors.Join(err, s.Close()); err != nil {
				return err
			}
			_, err = fmt.Fprintf(d.Term.Out, "Backed up %d runs and the database to %s, %d bytes.\n", made.Runs, made.Path, made.Size)
			return err
		},
	}
}

// RestoreCommand returns the command that puts a backup back.
func RestoreCommand(d Desk) *cobra.Command {
	var over bool
	cmd := &cobra.Command{
		Use:   "restore FILE",
		Short: "Put back what a backup has",
		Long: `Restore puts what reconcile backup has put into an archive into the data folder, which nobody may use meanwhile. The archive is checked
first: of one that is damaged, or that a newer version has made, nothing is restored. A database of an older version is brought to this
one.

A data folder that keeps something is refused. With --replace that is moved aside, into a folder beside it.`,
		Example: "  reconcile restore /mnt/backups/reconcile-20261128-091500.tar --data /srv/reconcile",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if d.Shared() {
				return errShared
			}
			dir, err := d.Folder()
			if err != nil {
				return err
			}
			done, err := Restore(cmd.Context(), args[0], dir, over)
			if err != nil {
				return err
			}
			if err := d.begin(cmd.Context(), args[0]); err != nil {
				return err
			}
			if _, err := fmt.Fprintf(d.Term.Out, "Restored %d runs and the database of %s into %s.\n", done.Runs, done.Made.Local().Format("2006-01-02 15:04"), dir); err != nil {
				return err
			}
			if done.Aside != "" {
				d.Term.Say("What was there is in %s. Remove it when nobody needs it any more.", done.Aside)
			}
			return nil
		},
	}
	cmd.Flags().BoolVar(&over, "replace", false, "move aside what the data folder keeps")
	return cmd
}

// begin opens what was restored, which brings it to this version, notes where it comes from, and says what is wrong with the audit trail.
func (d Desk) begin(ctx context.Context, from string) (err error) {
	s, err := d.Open(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	_, findings, err := s.Verify(ctx)
	if err != nil {
		return err
	}
	if len(findings) > 0 {
		d.Term.Warn("the audit trail of the backup is not whole: reconcile audit verify says what is wrong")
	}
	name := "somebody"
	if u, err := user.Current(); err == nil {
		name = u.Username
	}
	return s.Note(ctx, store.Actor{Name: name, Address: "command line"}, store.Entry{What: "restore", After: from})
}
