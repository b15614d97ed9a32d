package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/reconcilehq/reconcile/rules"
)

func rulesCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "rules [NAME]",
		Short: "List the columns of the report, their notes, and where each stands in the configuration",
		Long: `Rules lists the rules of a reconciliation in the order of their columns, and the intentional blocks that concern them.
It starts nothing and reads nothing but the configuration. NAME may be left out when there is one reconciliation.`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error { return a.rules(strings.Join(args, "")) },
	}
}

func (a *app) rules(name string) error {
	config, diags := a.load()
	if diags.HasErrors() {
		return a.refuse(config, diags)
	}
	r, diags := config.Choose(name)
	if diags.HasErrors() {
		return a.refuse(config, diags)
	}
	width := 0
	for _, rule := range r.Rules {
		width = max(width, len(rule.Code))
	}
	indent := strings.Repeat(" ", width+2)
	for _, rule := range r.Rules {
		fmt.Fprintf(a.stdout, "%-*s  %s  (%s:%d)\n", width, rule.Code, rule.Title, rule.Range.Filename, rule.Range.Start.Line)
		fmt.Fprintf(a.stdout, "%swhen %s\n", indent, a.source(config, rule))
		if len(rule.Explains) > 0 {
			fmt.Fprintf(a.stdout, "%sexplains %s\n", indent, strings.Join(rule.Explains, ", "))
		}
		if rule.Note != "" {
			fmt.Fprintf(a.stdout, "%s%s\n", indent, rule.Note)
		}
	}
	for _, in := range config.Intentional {
		fmt.Fprintf(a.stdout, "\nintentional %q for %s  (%s:%d)\n%s%s\n", in.Name, strings.Join(in.Rules, ", "),
			in.Range.Filename, in.Range.Start.Line, indent, in.Reason)
	}
	return nil
}

// source returns a rule's condition as it is written, on one line.
func (a *app) source(config *rules.Config, rule *rules.Rule) string {
	at := rule.Condition()
	text := at.SliceBytes(config.Files[at.Filename].Bytes)
	return strings.Join(strings.Fields(string(text)), " ")
}
