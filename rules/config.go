// Package rules reads the HCL configuration and turns it into checked, compiled rules.
//
// The way of a configuration:
//
//  1. Load reads and parses the files. Syntax errors end it there: after one, a rule would still decode, cut short.
//  2. Everything that can be said without the sources is checked: names, types, dates, functions.
//  3. The caller starts the sources; Settings decodes each source block by its connector's schema.
//  4. Compile checks the rules of a reconciliation against both sides' fields and makes a Program of them.
//
// All mistakes are HCL diagnostics; each stage goes on after a mistake, so that a person sees all of them at once.
package rules

import (
	"time"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"github.com/reconcilehq/reconcile/engine/verdict"
	"github.com/reconcilehq/reconcile/rules/expr"
)

// Config is a configuration, as far as it can be understood without its sources.
type Config struct {
	// Dir is the folder that relative paths are relative to.
	Dir string
	// Files are the parsed files by name, for printing diagnostics with their source.
	Files map[string]*hcl.File

	Sources         []*Source
	Reconciliations []*Reconciliation
	Rules           []*Rule
	Intentional     []*Intentional
	Plugins         []*Plugin

	websync map[string]websyncField // by name, those that the configuration sets
	locals  map[string]expr.Local
	getenv  func(string) (string, bool)
	broken  map[string]bool // kinds and names of blocks that were defined with mistakes: not "unknown"
}

// Source is a source block. Its settings are decoded by Config.Settings, once its connector has described them.
type Source struct {
	Connector, Name string
	ReadTimeout     time.Duration // 0 if it sets none
	Range           hcl.Range     // of the block's header

	body *hclsyntax.Body
}

// Address returns how rules refer to the source, for example "source.bigcommerce.web".
func (s *Source) Address() string { return "source." + s.Connector + "." + s.Name }

// Reconciliation is a reconciliation block.
type Reconciliation struct {
	Name       string
	Pos, Store *Source       // nil where the reference is wrong, which a diagnostic says
	Rules      []*Rule       // the columns in their order
	MaxSkew    time.Duration // by how much the ages of the sides may differ without a warning
	Range      hcl.Range

	key                 hclsyntax.Expression // nil: the sku as it stands
	posRange, storRange hcl.Range
}

// Rule is a rule block: one column of the report.
type Rule struct {
	Code, Title, Note string
	Explains          []string // codes of rules
	On                verdict.Status
	Severity          verdict.Severity
	Field             string // the websync field that it is about; "" if it names none
	Range             hcl.Range

	when     hclsyntax.Expression
	explains []word // Explains with their places
}

// Condition returns the place of the rule's condition.
func (r *Rule) Condition() hcl.Range { return r.when.Range() }

// Plugin is a plugin block: a connector that is not bundled.
type Plugin struct {
	Connector string
	Path      string   // of an executable; "" if Command is given
	Command   []string // a program and its arguments
	Env       []string // environment variables that it gets beside those that any program needs
	Read      []string // files and folders that it may read beside its own
	NoSandbox bool     // sandbox = "off"
	NoLock    bool     // lock = "off"
	Range     hcl.Range
}

// Plugin returns the plugin block for a connector, or nil.
func (c *Config) Plugin(connector string) *Plugin {
	for _, p := range c.Plugins {
		if p.Connector == connector {
			return p
		}
	}
	return nil
}

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
