// Package people has the commands that look after who may use the screen, and what they did: user, token and audit.
package people

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os/user"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/store"
	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/terminal"
)

// Desk is what the commands work with.
type Desk struct {
	Term *terminal.Terminal
	Open func(ctx context.Context) (*store.Store, error) // opens the store that the flags name

	Command func(words ...string) string // returns a command to be typed next
}

// with opens the store, and hands it to f.
func (d Desk) with(ctx context.Context, f func(*store.Store) error) error {
	s, err := d.Open(ctx)
	if err != nil {
		return err
	}
	return errors.Join(f(s), s.Close())
}

// Typist is who types commands, for the audit trail.
func Typist() store.Actor {
	name := "somebody"
	if u, err := user.Current(); err == nil {
		name = u.Username
	}
	return store.Actor{Name: name, Address: "command line"}
}

// only makes a command that has nothing but others below it.
func only(use, short, long string, commands ...*cobra.Command) *cobra.Command {
	cmd := &cobra.Command{Use: use, Short: short, Long: long, Args: cobra.NoArgs, RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() }}
	cmd.AddCommand(commands...)
	return cmd
}

// addRole gives a command its flag for a role, which has to be given.
func addRole(cmd *cobra.Command, role *string) {
	cmd.Flags().StringVar(role, "role", "", "what it may do: "+strings.Join(store.RoleNames(), ", "))
	_ = cmd.MarkFlagRequired("role")
	_ = cmd.RegisterFlagCompletionFunc("role", cobra.FixedCompletions(store.RoleNames(), cobra.ShellCompDirectiveNoFileComp))
}

// roleOf returns the role that the flag names.
func roleOf(name string) (store.Role, error) {
	role, err := store.RoleNamed(name)
	if err != nil {
		return role, fmt.Errorf("--role: %w", err)
	}
	return role, nil
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
