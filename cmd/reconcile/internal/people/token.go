package people

import (
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/store"
)

// TokenCommand returns the command for programs that may use the API.
func TokenCommand(d Desk) *cobra.Command {
	return only("token", "Look after the tokens by which programs use the API",
		`Token makes, lists and revokes the tokens that let programs use the API of reconcile serve: a program sends its token with each
request, as "Authorization: Bearer TOKEN". A token is shown once, when it is made.`,
		tokenCreate(d), tokenList(d), tokenRevoke(d))
}

func tokenCreate(d Desk) *cobra.Command {
	var named string
	cmd := &cobra.Command{
		Use:     "create NAME --role ROLE",
		Short:   "Make a token, and print it once",
		Example: "  reconcile token create nightly --role operator",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			role, err := roleOf(named)
			if err != nil {
				return err
			}
			return d.with(cmd.Context(), func(s *store.Store) error {
				token, err := s.MakeToken(cmd.Context(), Typist(), args[0], role)
				if err != nil {
					return err
				}
				if _, err := fmt.Fprintln(d.Term.Out, token); err != nil {
					return err
				}
				d.Term.Say("This token is not shown again. Whoever has it is %s.", role)
				return nil
			})
		},
	}
	addRole(cmd, &named)
	return cmd
}

func tokenList(d Desk) *cobra.Command {
	return &cobra.Command{
		Use:   "list",
		Short: "List the tokens, without what is secret of them",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return d.with(cmd.Context(), func(s *store.Store) error {
				tokens, err := s.Tokens(cmd.Context())
				if err != nil {
					return err
				}
				var rows []string
				for _, t := range tokens {
					rows = append(rows, fmt.Sprintf("%s\t%s\t%s", t.Name, t.Role, t.Made.Format(time.DateOnly)))
				}
				return columns(d.Term.Out, "NAME\tROLE\tMADE", rows)
			})
		},
	}
}

func tokenRevoke(d Desk) *cobra.Command {
	return &cobra.Command{
		Use:   "revoke NAME",
		Short: "Revoke a token, which lets nobody in from then on",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return d.with(cmd.Context(), func(s *store.Store) error {
				if err := s.RevokeToken(cmd.Context(), Typist(), args[0]); err != nil {
					return err
				}
				fmt.Fprintf(d.Term.Out, "The token %s lets nobody in any more.\n", args[0])
				return nil
			})
		},
	}
}
