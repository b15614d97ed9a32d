package main

import (
	"cmp"
	"fmt"
	"runtime"
	"slices"
	"strings"

	"github.com/spf13/cobra"
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
	words := slices.Clone(c.args)
	end := slices.Index(words, "--") // what stands behind is no flag
	if end < 0 {
		end = len(words)
	}
	words = slices.Insert(words, end, "--reconciliation", reconciliation)
	for i, w := range words {
		words[i] = shellWord(w, onWindows)
	}
	return "reconcile " + strings.Join(words, " ")
}

const onWindows = runtime.GOOS == "windows"

// shellWord writes a word so that a shell takes it for one.
func shellWord(word string, windows bool) string {
	plain := func(r rune) bool {
		return r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || strings.ContainsRune("-_./:=,+@%", r)
	}
	switch {
	case word != "" && strings.IndexFunc(word, func(r rune) bool { return !plain(r) }) < 0:
		return word
	case windows:
		return `"` + strings.ReplaceAll(word, `"`, `\"`) + `"`
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}
