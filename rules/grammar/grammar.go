// Package grammar is the table of a configuration's blocks and their attributes. Whoever reads a block takes the names from
// here, and so does whoever shows a configuration to people, and must know what is safe to show.
package grammar

import "slices"

// Block is a type of block.
type Block struct {
	Type   string
	Labels []string // what each of its labels is

	Required, Optional []string // its attributes
	Others             bool     // it has more attributes, whose names are not the language's
	Shown              bool     // its attributes may be shown to anybody: a shop says in them what it compares, and no secret
	Blocks             []Block  // that stand in it
}

// Attributes returns the names of all attributes, those first that have to be there.
func (b Block) Attributes() []string { return slices.Concat(b.Required, b.Optional) }

// The blocks of a configuration.
var (
	// Source has the settings of a connector. These of its attributes are the host's own.
	Source = Block{Type: "source", Labels: []string{"connector", "name"}, Optional: []string{"read_timeout", "read_limit", "max_items", "item_page"}, Others: true}
	// Shops names the list of the shops that the configuration is for.
	Shops = Block{Type: "shops", Required: []string{"file"}, Optional: []string{"account", "account_jobs"}}
	// Secrets says where secret() looks.
	Secrets = Block{Type: "secrets", Optional: []string{"folder", "command", "environment"}}
	// Plugin says which program a connector is.
	Plugin = Block{Type: "plugin", Labels: []string{"connector"}, Optional: []string{"path", "command", "env", "read", "sandbox", "lock"}}
	// Locals gives names to values.
	Locals = Block{Type: "locals", Others: true}
	// Rule is a column of the report.
	Rule = Block{Type: "rule", Labels: []string{"code"}, Required: []string{"when"}, Shown: true,
		Optional: []string{"applies", "title", "note", "explains", "field", "on", "severity", "doubt", "doubt_note"}, Blocks: []Block{Remedy}}
	// Remedy says in a rule what mends its discrepancies. Its attributes are fields of the store, and what they are to be.
	Remedy = Block{Type: "remedy", Labels: []string{"act"}, Others: true, Shown: true}
	// Intentional says which discrepancies are meant to be.
	Intentional = Block{Type: "intentional", Labels: []string{"name"}, Shown: true,
		Optional: []string{"reconciliations", "rules", "status", "reason", "where", "skus", "skus_file", "owner", "starts", "expires", "pin", "accepted"}}
	// Reconciliation says what is compared with what.
	Reconciliation = Block{Type: "reconciliation", Labels: []string{"name"}, Required: []string{"pos", "store"}, Shown: true, Optional: []string{"key", "rules", "max_skew", "title"}}
	// History says which runs are kept.
	History = Block{Type: "history", Shown: true, Optional: []string{"runs", "days"}}
	// Schedule says when a reconciliation is compared by itself.
	Schedule = Block{Type: "schedule", Labels: []string{"name"}, Required: []string{"reconciliation", "cron", "timezone"}, Shown: true, Optional: []string{"deadline", "tries", "retry_after"}}
	// Brakes bound what a plan may change.
	Brakes = Block{Type: "brakes", Shown: true, Optional: []string{"max_changes", "max_share", "max_price_factor", "max_to_zero", "never", "four_eyes"}}
	// Websync says in the words of a point of sale what it puts online by itself.
	Websync = Block{Type: "websync", Others: true, Shown: true}
	// Test is a test of rules, in a file of its own.
	Test = Block{Type: "test", Labels: []string{"name"}, Required: []string{"expect"}, Shown: true, Optional: []string{"pos", "store", "reconciliation", "key", "today"}}
	// Expect says what a connector's test has to find in a source.
	Expect = Block{Type: "expect", Labels: []string{"source"}, Shown: true, Optional: []string{"count", "items", "empty", "must_fail", "read_must_fail", "change"}}
	// Write says what a connector's test may write to the platform of a source.
	Write = Block{Type: "write", Labels: []string{"source"}, Shown: true, Required: []string{"item", "field", "value"}}
)

// Place says where a block of a type stands, as it follows "it stands "; "" if the language has no such block.
func Place(blockType string) string {
	switch blockType {
	case Remedy.Type:
		return "within a rule"
	case Test.Type:
		return "at the top of a file beside the configuration whose name ends in .test.hcl"
	case Expect.Type, Write.Type:
		return "at the top of a file for reconcile plugin test"
	}
	if slices.ContainsFunc(Blocks(), func(b Block) bool { return b.Type == blockType }) {
		return "at the top of the configuration, within no other block"
	}
	return ""
}

// Blocks returns all types of blocks.
func Blocks() []Block {
	return []Block{Source, Shops, Secrets, Plugin, Locals, Rule, Remedy, Intentional, Reconciliation, History, Schedule, Brakes, Websync, Test, Expect, Write}
}
