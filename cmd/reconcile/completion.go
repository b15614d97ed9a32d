package main

import (
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/reconcilehq/reconcile/engine/verdict"
	"github.com/reconcilehq/reconcile/rules"
	"github.com/reconcilehq/reconcile/rules/source"

	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/completion"
)

// completer is what cobra calls to complete an argument or a flag's value in a shell. It prints nothing and returns
// soon, whatever state the configuration is in: where something cannot be told, there are no suggestions.
type completer = cobra.CompletionFunc

// most is how many suggestions a shell gets at most: it shows them all.
const most = 500

// addCompletions teaches all commands to complete what they have in common: flags and arguments of one name mean one
// thing. To be called when root has all its commands.
func (c *commandLine) addCompletions(root *cobra.Command) {
	_ = root.MarkPersistentFlagFilename("config", "hcl")
	_ = root.MarkPersistentFlagDirname("data")
	_ = root.RegisterFlagCompletionFunc("color", fixed("auto", "always", "never"))
	_ = root.RegisterFlagCompletionFunc("shop", c.completeShops)
	flags := map[string]completer{
		"rule":           c.completeRules,
		"sku":            c.completeSKUs,
		"reconciliation": c.completeReconciliations,
		"block":          c.completeBlocks,
		"status":         fixed(verdict.PosOnly.String(), verdict.StoreOnly.String()),
		"max-age":        fixed("15m", "1h", "24h"),
	}
	arguments := map[string][]completer{
		"run":     {c.completeReconciliations},
		"accept":  {c.completeReconciliations},
		"rules":   {c.completeReconciliations},
		"console": {c.completeItems, c.completeItems},
		"explain": {c.completeItems, c.completeItems, c.completeRules},
	}
	for _, cmd := range root.Commands() {
		for name, complete := range flags {
			if cmd.Flags().Lookup(name) != nil {
				_ = cmd.RegisterFlagCompletionFunc(name, complete)
			}
		}
		if in := arguments[cmd.Name()]; in != nil && cmd.ValidArgsFunction == nil {
			cmd.ValidArgsFunction = inOrder(in)
		}
	}
}

// fixed completes one of some words.
func fixed(words ...string) completer {
	return cobra.FixedCompletions(words, cobra.ShellCompDirectiveNoFileComp)
}

// inOrder completes the first argument by the first function, and so on.
func inOrder(functions []completer) completer {
	return func(cmd *cobra.Command, args []string, start string) ([]string, cobra.ShellCompDirective) {
		if len(args) >= len(functions) {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		return functions[len(args)](cmd, args, start)
	}
}

// suggestions returns the words that go on from start. A word may have a description behind a tab.
func suggestions(words []string, start string) ([]string, cobra.ShellCompDirective) {
	var list []string
	for _, w := range words {
		if strings.HasPrefix(w, start) {
			if list = append(list, w); len(list) == most {
				break
			}
		}
	}
	return list, cobra.ShellCompDirectiveNoFileComp
}

// completeRules suggests the codes of rules, with their titles: those of the reconciliation that the command line names.
func (c *commandLine) completeRules(cmd *cobra.Command, args []string, start string) ([]string, cobra.ShellCompDirective) {
	config, _ := c.session().Load()
	columns := config.Rules
	if r := chosen(config, cmd, args); r != nil {
		columns = r.Rules
	}
	var words []string
	for _, r := range columns {
		words = append(words, completion.Described(r.Code, r.Title))
	}
	return suggestions(words, start)
}

func (c *commandLine) completeShops(cmd *cobra.Command, _ []string, start string) ([]string, cobra.ShellCompDirective) {
	config, _ := c.session().Load()
	var words []string
	if config.Shops != nil {
		words = config.Shops.Names
		if name := cmd.Name(); len(words) > 0 && (name == "run" || name == "validate") {
			words = append([]string{completion.Described(source.AllShops, "each of them")}, words...)
		}
	}
	return suggestions(words, start)
}

func (c *commandLine) completeReconciliations(_ *cobra.Command, _ []string, start string) ([]string, cobra.ShellCompDirective) {
	config, _ := c.session().Load()
	var words []string
	for _, r := range config.Reconciliations {
		about := ""
		if r.Pos != nil && r.Store != nil {
			about = r.Pos.Connector + "." + r.Pos.Name + " and " + r.Store.Connector + "." + r.Store.Name
		}
		words = append(words, completion.Described(r.Name, about))
	}
	return suggestions(words, start)
}

// completeBlocks suggests the blocks in the file of accepted discrepancies, with their reasons.
func (c *commandLine) completeBlocks(_ *cobra.Command, _ []string, start string) ([]string, cobra.ShellCompDirective) {
	config, _ := c.session().Load()
	seen := map[string]bool{}
	var words []string
	for _, in := range config.Intentional {
		if in.Range.Filename == config.Accepted && !seen[in.Name] {
			seen[in.Name] = true
			words = append(words, completion.Described(in.Name, in.Reason))
		}
	}
	return suggestions(words, start)
}

// completeSources suggests the sources that are not named yet, by their short names where these are distinct.
func (c *commandLine) completeSources(_ *cobra.Command, args []string, start string) ([]string, cobra.ShellCompDirective) {
	config, _ := c.session().Load()
	named := map[string]int{}
	for _, s := range config.Sources {
		named[s.Name]++
	}
	var words []string
	for _, s := range config.Sources {
		name := s.Name
		if named[name] > 1 {
			name = s.Connector + "." + s.Name
		}
		if !slices.Contains(args, name) {
			words = append(words, completion.Described(name, s.Connector))
		}
	}
	return suggestions(words, start)
}

// completeSKUs suggests the SKUs of the point of sale, with the items' names, where that is a file.
func (c *commandLine) completeSKUs(cmd *cobra.Command, args []string, start string) ([]string, cobra.ShellCompDirective) {
	config, _ := c.session().Load()
	var skus []string
	if r := chosen(config, cmd, args); r != nil && r.Pos != nil {
		skus = completion.SKUs(cmd.Context(), bundled(), config, r.Pos)
	}
	return suggestions(skus, start)
}

// completeItems suggests the words of a command that is about an item: a reconciliation's name where there are several, then an
// item, then, where the command takes one, a rule.
func (c *commandLine) completeItems(cmd *cobra.Command, args []string, start string) ([]string, cobra.ShellCompDirective) {
	words := append(slices.Clone(args), start)
	_, rest := c.splitName(words, len(words))
	switch {
	case c.reconciliation == "" && len(args) == 0:
		var names []string
		if config, _ := c.session().Load(); len(config.Reconciliations) > 1 {
			names, _ = c.completeReconciliations(cmd, args, start)
		}
		skus, directive := c.completeSKUs(cmd, args, start)
		return append(names, skus...), directive
	case len(rest) == 1:
		return c.completeSKUs(cmd, args, start)
	case len(rest) == 2 && cmd.Name() == "explain":
		return c.completeRules(cmd, args, start)
	}
	return nil, cobra.ShellCompDirectiveNoFileComp
}

// chosen returns the reconciliation that the command line names, or the only one; else nil.
func chosen(config *rules.Config, cmd *cobra.Command, args []string) *rules.Reconciliation {
	name := ""
	if flag := cmd.Flags().Lookup("reconciliation"); flag != nil {
		name = flag.Value.String()
	}
	if name == "" && len(args) > 0 && (slices.Contains([]string{"run", "accept", "rules"}, cmd.Name()) || config.Reconciliation(args[0]) != nil) {
		name = args[0]
	}
	r, diags := config.Choose(name)
	if diags.HasErrors() {
		return nil
	}
	return r
}
