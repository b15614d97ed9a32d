package people

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/store"
)

// UserCommand returns the command for people who may log in.
func UserCommand(d Desk) *cobra.Command {
	return only("user", "Look after the people who may use the screen",
		`User adds, lists and removes the people who may log in to reconcile serve, and sets their passwords. It works while the screen is
served, too: somebody who is removed is logged out at once.

A viewer sees, searches and downloads. An operator also imports and plans. An admin also accepts,
applies plans, and looks after people.`,
		userAdd(d), userList(d), userPasswd(d), userRemove(d))
}

func userAdd(d Desk) *cobra.Command {
	var named string
	var stdin bool
	cmd := &cobra.Command{
		Use:     "add NAME --role ROLE",
		Short:   "Add somebody who may log in",
		Example: "  reconcile user add ann --role admin\n  reconcile user add bob --role viewer --password-stdin <password.txt",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			role, err := roleOf(named)
			if err != nil {
				return err
			}
			return d.with(cmd.Context(), func(s *store.Store) error {
				password, err := d.password(cmd.Context(), stdin)
				if err != nil {
					return err
				}
				if err := s.AddUser(cmd.Context(), Typist(), args[0], role, password); err != nil {
					return err
				}
				fmt.Fprintf(d.Term.Out, "%s may log in now, as %s.\n", args[0], role)
				return nil
			})
		},
	}
	addRole(cmd, &named)
	addPassword(cmd, &stdin)
	return cmd
}

func userPasswd(d Desk) *cobra.Command {
	var stdin bool
	cmd := &cobra.Command{
		Use:   "passwd NAME",
		Short: "Set somebody's password, and log them out",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return d.with(cmd.Context(), func(s *store.Store) error {
				password, err := d.password(cmd.Context(), stdin)
				if err != nil {
					return err
				}
				if err := s.SetPassword(cmd.Context(), Typist(), args[0], password); err != nil {
					return err
				}
				fmt.Fprintf(d.Term.Out, "%s has a new password, and is logged out everywhere.\n", args[0])
				return nil
			})
		},
	}
	addPassword(cmd, &stdin)
	return cmd
}

func userList(d Desk) *cobra.Command {
	return &cobra.Command{
		Use:   "list",
		Short: "List the people who may log in",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return d.with(cmd.Context(), func(s *store.Store) error {
				users, err := s.Users(cmd.Context())
				if err != nil {
					return err
				}
				if len(users) == 0 {
					d.Term.Say("Nobody may log in yet. %s adds somebody.", d.Command("user", "add", "NAME", "--role", "admin"))
				}
				var rows []string
				for _, u := range users {
					rows = append(rows, fmt.Sprintf("%s\t%s\t%s", u.Name, u.Role, u.Made.Format(time.DateOnly)))
				}
				return columns(d.Term.Out, "NAME\tROLE\tADDED", rows)
			})
		},
	}
}

func userRemove(d Desk) *cobra.Command {
	return &cobra.Command{
		Use:   "remove NAME",
		Short: "Remove somebody, who is logged out at once",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return d.with(cmd.Context(), func(s *store.Store) error {
				admins, err := s.RemoveUser(cmd.Context(), Typist(), args[0])
				if err != nil {
					return err
				}
				fmt.Fprintf(d.Term.Out, "%s may not log in any more.\n", args[0])
				if admins == 0 {
					d.Term.Warn("no administrator is left: %s adds one", d.Command("user", "add", "NAME", "--role", "admin"))
				}
				return nil
			})
		},
	}
}

func addPassword(cmd *cobra.Command, stdin *bool) {
	cmd.Flags().BoolVar(stdin, "password-stdin", false, "read the password from stdin, a line, instead of asking for it")
}

// password returns the password that somebody types, or that stands in the first line of stdin.
func (d Desk) password(ctx context.Context, stdin bool) (string, error) {
	if stdin {
		line, err := d.Term.ReadLine(ctx)
		if err != nil && !errors.Is(err, io.EOF) {
			return "", fmt.Errorf("read the password: %w", err)
		}
		return strings.TrimSuffix(strings.TrimSuffix(line, "\n"), "\r"), nil
	}
	if !d.Term.CanAsk() {
		return "", errors.New("there is nobody to ask for the password: add --password-stdin, and send it there")
	}
	password, err := d.Term.Secret(ctx, "Password: ")
	if err != nil {
		return "", err
	}
	if err := store.CheckPassword(password); err != nil {
		return "", err
	}
	again, err := d.Term.Secret(ctx, "The same again: ")
	if err == nil && again != password {
		err = errors.New("the two passwords differ")
	}
	return password, err
}
