package main

import (
	"fmt"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/spf13/cobra"

	"github.com/reconcilehq/reconcile/rules"
)

func rulesCommand(c *commandLine) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "rules [NAME]",
		Short: "List the columns of the report, their notes, and where each stands in the configuration",
		Long: `Rules lists the rules of a reconciliation in the order of their columns, and the intentional blocks that concern them.
It starts nothing and reads nothing but the configuration. NAME may be left out when there is one reconciliation.`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			name, err := c.named(args)
			if err != nil {
				return err
			}
			return c.rules(name)
		},
	}
	c.addReconciliationFlag(cmd)
	return cmd
}

func (c *commandLine) rules(name string) error {
	config, r, err := c.session().Rules(name)
	if err != nil {
		return err
	}
	width := 0
	for _, rule := range r.Rules {
		width = max(width, len(rule.Code))
	}
	indent := strings.Repeat(" ", width+2)
	for _, rule := range r.Rules {
		fmt.Fprintf(c.term.Out, "%-*s  %s  (%s:%d)\n", width, rule.Code, rule.Title, rule.Range.Filename, rule.Range.Start.Line)
		if rule.Applies != nil {
			fmt.Fprintf(c.term.Out, "%sapplies %s\n", indent, textAt(config, rule.Applies.Range()))
		}
		fmt.Fprintf(c.term.Out, "%swhen %s\n", indent, textAt(config, rule.Condition()))
		if len(rule.Explains) > 0 {
			fmt.Fprintf(c.term.Out, "%sexplains %s\n", indent, strings.Join(rule.Explains, ", "))
		}
		if rule.Note != "" {
			fmt.Fprintf(c.term.Out, "%s%s\n", indent, rule.Note)
		}
		if remedy := rule.Remedy; remedy != nil {
			fmt.Fprintf(c.term.Out, "%sremedy %s\n", indent, remedy.Act)
			for _, f := range remedy.Fields {
				fmt.Fprintf(c.term.Out, "%s  %s = %s\n", indent, f.Name, textAt(config, f.Value.Range()))
			}
		}
	}
	for _, in := range config.Intentional {
		if !in.Touches(r) {
			continue
		}
		fmt.Fprintf(c.term.Out, "\nintentional %q for %s  (%s:%d)\n%s%s\n", in.Name, strings.Join(in.About(), ", "),
			in.Range.Filename, in.Range.Start.Line, indent, in.Reason)
	}
	return nil
}

// textAt returns what is written at a place of the configuration, on one line.
func textAt(config *rules.Config, at hcl.Range) string {
	text := at.SliceBytes(config.Files[at.Filename].Bytes)
	return strings.Join(strings.Fields(string(text)), " ")
}
