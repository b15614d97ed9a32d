package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/hashicorp/hcl/v2"
	"github.com/spf13/cobra"

	"github.com/reconcilehq/reconcile/rules"
)

func validateCommand(a *app) *cobra.Command {
	var offline bool
	var format string
	cmd := &cobra.Command{
		Use:   "validate",
		Short: "Check the configuration, with the sources' fields",
		Long: `Validate checks the whole configuration: all sources, all reconciliations, all rules. It starts the connectors to
learn their settings and fields, but reads no item. With --offline it starts nothing and checks what can be checked
without.

With --format json the diagnostics are a JSON object on stdout, for editors. The exit status is the same: 1 if there is
a mistake.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			switch format {
			case "text":
				return a.validate(cmd.Context(), offline)
			case "json":
				return a.validateJSON(cmd.Context(), offline)
			}
			return fmt.Errorf("there is no format %q: use text, json", format)
		},
	}
	cmd.Flags().BoolVar(&offline, "offline", false, "start no connector; settings and fields are not checked")
	cmd.Flags().StringVar(&format, "format", "text", "how to show what is wrong: text, json")
	return cmd
}

func (a *app) validate(ctx context.Context, offline bool) error {
	config, diags := a.load()
	if len(config.Files) == 0 {
		return a.refuse(config, diags)
	}
	s, diags := a.check(ctx, config, diags, offline)
	defer s.Close()
	if err := a.showAll(ctx, config, diags); err != nil {
		return err
	}
	how := ""
	if offline {
		how = " as far as can be told offline"
	}
	_, err := fmt.Fprintf(a.stdout, "%s is valid%s: %s, %s, %s.\n", a.configPath, how, count(len(config.Sources), "source"),
		count(len(config.Reconciliations), "reconciliation"), count(len(config.Rules), "rule"))
	return err
}

// check finds all that is wrong with a configuration, beyond what loading it has found already. The session, which holds
// the sources unless offline, is to be closed.
func (a *app) check(ctx context.Context, config *rules.Config, diags hcl.Diagnostics, offline bool) (*session, hcl.Diagnostics) {
	s := &session{app: a, config: config}
	if offline {
		for _, source := range config.Sources {
			diags = rules.Merge(diags, config.CheckSource(source))
		}
	} else {
		s = a.open(ctx, config, config.Sources)
		diags = append(diags, s.diagnostics()...)
	}
	for _, r := range config.Reconciliations {
		var more hcl.Diagnostics
		_, more = config.Compile(r, s.schemaOf(r.Pos), s.schemaOf(r.Store), time.Now())
		diags = rules.Merge(diags, more)
	}
	return s, rules.Merge(diags, config.CheckRules(config.Reconciliations))
}

func count(n int, what string) string {
	if n == 1 {
		return fmt.Sprintf("1 %s", what)
	}
	if stem, ok := strings.CutSuffix(what, "y"); ok {
		what = stem + "ie"
	}
	return fmt.Sprintf("%d %ss", n, what)
}
