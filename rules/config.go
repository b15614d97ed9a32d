// Package rules reads the HCL configuration and turns it into checked, compiled rules.
//
// The way of a configuration:
//
//  1. Load reads and parses the files. Syntax errors end it there: after one, a rule would still decode, cut short.
//  2. Everything that can be said without the sources is checked: names, types, dates, functions.
//  3. The caller starts the sources; Config.Settings reads each source block by its connector's schema.
//  4. Compile checks the rules of a reconciliation against both sides' fields and makes a Program of them.
//
// All mistakes are HCL diagnostics; each stage goes on after a mistake, so that a person sees all of them at once.
package rules

import (
	"time"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/engine/verdict"
	"github.com/reconcilehq/reconcile/rules/block"
	"github.com/reconcilehq/reconcile/rules/expr"
	"github.com/reconcilehq/reconcile/rules/source"
	"github.com/reconcilehq/reconcile/rules/websync"
)

// Config is a configuration, as far as it can be understood without its sources.
type Config struct {
	*source.Config // the files, the sources and their plugins

	Reconciliations []*Reconciliation
	Rules           []*Rule
	Intentional     []*Intentional
	History         History
	Brakes          Brakes
	Schedules       []*Schedule

	ScheduleMistakes hcl.Diagnostics // what is wrong with schedule blocks, which Load's diagnostics have, too

	Accepted  string   // the path of the file that accepted discrepancies are written to, there or not
	SkusFiles []string // the paths of the lists that intentional blocks name
	Unread    string   // the path of a file of accepted discrepancies of another name that is not read, see block.Files; "" if there is none
	UnreadBy  string   // the path of the configuration beside this one that Unread belongs to; "" if there is none

	names   []string // of all intentional blocks
	websync *websync.Settings
	reader  *block.Reader
}

// Scope returns what an expression may refer to that stands in no file: what a rule may, with batches of these schemas
// in its frame. The environment is not part of it. With a schema that is nil, all fields of its side are accepted.
func (c *Config) Scope(posSchema, storeSchema *catalog.Schema) *expr.Scope {
	return &expr.Scope{Locals: c.Locals(), Each: c.reader.ShopLine(), Sides: []expr.Side{{Name: "pos", Schema: posSchema}, {Name: "store", Schema: storeSchema}}}
}

// KeyScope returns what a key may refer to, as Scope does.
func (c *Config) KeyScope(schema *catalog.Schema) *expr.Scope {
	return &expr.Scope{Locals: c.Locals(), Each: c.reader.ShopLine(), Sides: []expr.Side{{Name: "item", Schema: schema}}}
}

// Reconciliation is a reconciliation block.
type Reconciliation struct {
	Name       string
	Title      string         // what people call it: the name if it has no other
	Pos, Store *source.Source // nil where the reference is wrong, which a diagnostic says
	Rules      []*Rule        // the columns in their order
	MaxSkew    time.Duration  // by how much the ages of the sides may differ without a warning
	Range      hcl.Range

	Key hclsyntax.Expression // nil: the sku as it stands

	posRange, storeRange hcl.Range
}

// Rule is a rule block: one column of the report.
type Rule struct {
	Code, Title, Note string
	Explains          []string // codes of rules
	On                verdict.Status
	Severity          verdict.Severity
	Field             string // the websync field that it is about; "" if it names none
	Range             hcl.Range

	When      hclsyntax.Expression
	Applies   hclsyntax.Expression // nil: it is about every item
	Doubt     hclsyntax.Expression // nil: there is none
	DoubtNote string
	Remedy    *Remedy // nil: it has none

	explains []block.Word // Explains with their places
}

// Condition returns the place of the rule's condition.
func (r *Rule) Condition() hcl.Range { return r.When.Range() }

// Rule returns the rule of that code, or nil.
func (c *Config) Rule(code string) *Rule {
	for _, r := range c.Rules {
		if r.Code == code {
			return r
		}
	}
	return nil
}

// Reconciliation returns the one of that name, or nil.
func (c *Config) Reconciliation(name string) *Reconciliation {
	for _, r := range c.Reconciliations {
		if r.Name == name {
			return r
		}
	}
	return nil
}

// RuleIsBroken reports whether a rule of that code is there, but has a mistake: Rules has it not, and a diagnostic says why.
func (c *Config) RuleIsBroken(code string) bool { return c.reader.Broken("rule", code) }
