// Package orders has the commands that write the web orders that the point of sale has still to import to a file, and note those that it has.
package orders

import (
	"context"
	"fmt"
	"os/user"
	"strings"

	"github.com/spf13/cobra"

	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/session"
	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/terminal"
)

// Desk is what the commands work with.
type Desk struct {
	Term    *terminal.Terminal
	Named   func(args []string) (string, error)                            // returns which reconciliation is named
	Open    func(ctx context.Context, name string) (*session.Store, error) // opens its store
	Writes  func(path string) error                                        // says which file will be written, and refuses one that is read
	Flags   func(cmd *cobra.Command)                                       // adds the one that says which reconciliation
	Version string                                                         // of the program
	Command func(words ...string) string                                   // returns a command to be typed next
}

// Command returns the command with those of orders.
func Command(d Desk) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "orders",
		Short: "Hand web orders to the point of sale: export those to import, note those that are",
		Long: `Orders is about the web orders that the column QP counts: those that the point of sale has not imported yet. Export writes them to a
file, for the point of sale to import. Imported notes them as imported, once they are. Exported is not imported: those are two steps on
purpose.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(exportCommand(d), importedCommand(d))
	return cmd
}

// say writes a line of what was done.
func (d Desk) say(format string, args ...any) { fmt.Fprintf(d.Term.Out, format+"\n", args...) }

// some names the first of a list, and says how many more there are.
func some(ids []string) string {
	const few = 10
	if len(ids) <= few {
		return strings.Join(ids, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(ids[:few], ", "), len(ids)-few)
}

// whoami returns the name of the user whose process this is.
func whoami() string {
	if who, err := user.Current(); err == nil {
		return who.Username
	}
	return "unknown"
}
