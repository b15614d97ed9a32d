package main

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/words"
)

// addReconciliationFlag has a command take the name of its reconciliation by a flag. Every command that takes the name as its first
// word takes it so, too.
func (c *commandLine) addReconciliationFlag(cmd *cobra.Command) {
	cmd.Flags().StringVar(&c.reconciliation, "reconciliation", "", "which reconciliation; may be left out when there is one")
}

// named returns the reconciliation that is named by the flag or by the only word of a command, "" if neither names one.
func (c *commandLine) named(args []string) (string, error) {
	word := strings.Join(args, "")
	if word != "" && c.reconciliation != "" && word != c.reconciliation {
		return "", fmt.Errorf("two reconciliations are named, %q and --reconciliation %s: leave one out", word, c.reconciliation)
	}
	return cmp.Or(word, c.reconciliation), nil
}

// splitName parts the words of a command that is about an item into the name of the reconciliation and at most so many others. The
// first word is the name unless the flag gives it: where there are too many words otherwise, and where the configuration has a
// reconciliation of that name and it is not the only word, or would have to be named anyway.
func (c *commandLine) splitName(args []string, most int) (name string, rest []string) {
	switch {
	case c.reconciliation != "" || len(args) == 0:
		return c.reconciliation, args
	case len(args) > most:
		return args[0], args[1:]
	}
	config, _ := c.session().Load()
	if config.Reconciliation(args[0]) != nil && (len(args) > 1 || len(config.Reconciliations) > 1) {
		return args[0], args[1:]
	}
	return "", args
}

// commandFor returns the command that was typed, with a reconciliation.
func (c *commandLine) commandFor(reconciliation string) string {
	typed := slices.Clone(c.args)
	end := slices.Index(typed, "--") // what stands behind is no flag
	if end < 0 {
		end = len(typed)
	}
	typed = slices.Insert(typed, end, "--reconciliation", reconciliation)
	return words.About{}.Command(typed...) // which has all flags that were typed
}

// about returns what the commands that are told to be typed next are about.
func (c *commandLine) about() words.About {
	return words.About{Config: c.configPath, Shop: c.shop, Data: c.dataDir}
}

// shopsToName returns the shops of the configuration's list where none that is there is named.
func (c *commandLine) shopsToName() []string {
	config, _ := c.sessionOf("", listener{c.term}).Load()
	if config.Shops == nil || slices.Contains(config.Shops.Names, c.shop) {
		return nil
	}
	return config.Shops.Names
}

// commandOf returns a command to be typed next, about one shop of the list.
func (c *commandLine) commandOf(shop string, typed ...string) string {
	about := c.about()
	about.Shop = shop
	return about.Command(typed...)
}

// command returns a command to be typed next, about what this one is about.
func (c *commandLine) command(typed ...string) string { return c.about().Command(typed...) }
