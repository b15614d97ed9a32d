package rules

import (
	"slices"
	"strings"
	"time"

	"github.com/hashicorp/hcl/v2"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/engine/verdict"
	"github.com/reconcilehq/reconcile/rules/block"
	"github.com/reconcilehq/reconcile/rules/expr"
)

// Program is a reconciliation's rules, compiled against the fields that are read of both sides. It can be used by many
// goroutines, each with an evaluator of its own, which NewEvaluator makes.
type Program struct {
	Rules       []CompiledRule
	Intentional []CompiledIntentional

	// Pos and Store are the fields to read: those that rules, intentional blocks and the key name, and sku and name
	// for the report, in the order of the source's schema.
	Pos, Store *catalog.Schema

	of       *Reconciliation
	keys     [2]*expr.Expr               // nil: the sku field as it stands
	statuses [len(verdict.Statuses)]bool // whether there is a rule about such items
	intends  [len(verdict.Statuses)]bool // whether there is an intentional block about such items
	general  []int32                     // places in Intentional of those that name no SKU
	byKey    map[string]int32            // by key, the first place of one that names it
	more     map[string][]int32          // by key, the places of the others that name it
	named    map[*Intentional][]string   // the keys of a block's SKUs, where they differ from these

	outlook   *outlookTable
	mayIntend []bool          // by rule: whether an intentional block may be about it
	unknown   *Outlook        // of pairs of which nothing is known
	tests     [2][]*expr.Expr // conditions on one side, see expr.Settler
}

// Mixed reports whether the program has rules about items that are not matched, so that not every rule has a cell for
// every item.
func (p *Program) Mixed() bool {
	return p.statuses[verdict.PosOnly] || p.statuses[verdict.StoreOnly] || p.statuses[verdict.Duplicate]
}

// About reports whether the program has a rule about such items.
func (p *Program) About(items verdict.Status) bool { return p.statuses[items] }

// FieldRef is a field that a condition reads.
type FieldRef = expr.Ref

// CompiledRule is one column.
type CompiledRule struct {
	*Rule
	Fields   []expr.Ref      // that the condition reads, in the order in which it names them
	About    []expr.Ref      // that the condition reads which says what items the rule is about
	Remedy   *CompiledRemedy // nil: there is none
	explains []int           // places in Program.Rules
	sides    [2]bool         // which sides the condition reads

	when    *expr.Expr
	applies *expr.Expr // nil: to every item
	doubt   *expr.Expr // nil: there is none
}

// Texts returns the fields that are texts of which the rule makes something else, such as numbers.
func (r *CompiledRule) Texts() []expr.Ref {
	texts := r.when.Texts()
	if r.applies != nil {
		texts = append(slices.Clone(texts), r.applies.Texts()...)
	}
	return texts
}

// Class returns the class of a matched item that has the cells.
func (p *Program) Class(cells []Cell) verdict.Class {
	class := verdict.Agrees
	for i, c := range cells {
		class = class.With(p.Rules[i].Severity, c.State, c.Unknown)
	}
	return class
}

// Compile checks the rules of a reconciliation against the fields that its two sources offer, and makes a Program of
// them. A nil schema means that the source could not give one: its fields are not checked then, and the Program is nil,
// as it is after an error. now decides which intentional blocks have expired; a warning says so.
func (c *Config) Compile(r *Reconciliation, posSchema, storeSchema *catalog.Schema, now time.Time) (*Program, hcl.Diagnostics) {
	co := &compiler{config: c, reconciliation: r, now: now, schemas: [2]*catalog.Schema{posSchema, storeSchema}}
	co.diags = c.SecretsShown()
	co.compile()
	if posSchema == nil || storeSchema == nil || co.diags.HasErrors() {
		return nil, co.diags
	}
	// Once more, now against just what will be read: a field's place in its batch is its place in that schema.
	co.schemas = [2]*catalog.Schema{co.read(verdict.Pos), co.read(verdict.Store)}
	diags := co.diags
	co.diags, co.last = nil, true
	p := co.compile()
	p.mayIntend = make([]bool, len(p.Rules))
	for i := range p.Intentional {
		for rule := range p.mayIntend {
			p.mayIntend[rule] = p.mayIntend[rule] || p.Intentional[i].about(cause{rule: rule})
		}
	}
	p.outlook = p.newOutlook()
	p.unknown = p.unknownOutlook()
	p.tests = [2][]*expr.Expr{p.outlook.settler.Tests(verdict.Pos), p.outlook.settler.Tests(verdict.Store)}
	return p, append(diags, co.keyless...)
}

// compiler is the state of compiling one reconciliation.
type compiler struct {
	config         *Config
	reconciliation *Reconciliation
	now            time.Time
	schemas        [2]*catalog.Schema
	last           bool // whether schemas are those of what will be read, so that this makes the program
	used           [2]map[string]bool
	wheres         map[hcl.Range]*expr.Expr // of intentional blocks
	covers         map[string][]bool        // by the codes that a block names
	pins           []pinned                 // room for those to come
	sharing        *expr.Sharing            // of the rules' conditions
	told           map[string]bool          // fields, such as store.tracked, of which it was said that there is none
	keyless        hcl.Diagnostics          // warnings of SKUs that make no key
	diags          hcl.Diagnostics
}

func (co *compiler) compile() *Program {
	co.used = [2]map[string]bool{{"sku": true, "name": true}, {"sku": true, "name": true}}
	co.told = map[string]bool{}
	co.wheres, co.covers, co.sharing = map[hcl.Range]*expr.Expr{}, map[string][]bool{}, expr.NewSharing()
	p := &Program{of: co.reconciliation, keys: co.keys()}
	co.useParents(p)
	co.useItemPages()
	if co.last {
		p.byKey, p.more = make(map[string]int32, len(co.config.Intentional)), map[string][]int32{}
		p.Intentional = make([]CompiledIntentional, 0, len(co.config.Intentional))
		p.Pos, p.Store = co.schemas[verdict.Pos], co.schemas[verdict.Store]
		co.nameKeys(p)
	}
	places := map[string]int{}
	for i, r := range co.reconciliation.Rules {
		places[r.Code] = i
	}
	for _, r := range co.reconciliation.Rules {
		p.Rules = append(p.Rules, co.rule(r, places))
		p.statuses[r.On] = true
	}
	for _, r := range co.reconciliation.Rules {
		if why, ok := co.config.websync.Intended(r.Field); ok {
			co.intentional(p, &Intentional{Name: why.By, Reason: why.Reason, Rules: []string{r.Code}, Range: why.Range, builtIn: true}, places)
		}
	}
	for _, in := range co.config.Intentional {
		co.intentional(p, in, places)
	}
	co.warnOfDates(places)
	return p
}

func (co *compiler) scope() *expr.Scope {
	return co.config.Scope(co.schemas[verdict.Pos], co.schemas[verdict.Store])
}

// condition compiles an expression that is true or false.
func (co *compiler) condition(e hcl.Expression, scope *expr.Scope, what string) *expr.Expr {
	compiled, diags := expr.Compile(e, scope)
	co.diags = append(co.diags, diags...)
	if diags.HasErrors() {
		return nil
	}
	if diags := compiled.Require(catalog.Bool, what); diags.HasErrors() {
		co.diags = append(co.diags, diags...)
		return nil
	}
	co.tellLacks(compiled)
	if v, ok := compiled.Constant(); ok && len(diags) == 0 && len(compiled.Lacks()) == 0 && !(scope.MayLack && v.Bool()) {
		co.warnConstant(e, what, v)
	}
	for _, ref := range compiled.Fields() {
		co.used[ref.Side][ref.Field] = true
	}
	return compiled
}

// NotOffered is the Extra of a warning that a source does not offer a known field, which is therefore null. It is news for who
// writes rules, not for who runs them.
type NotOffered struct{}

// tellLacks says, of each field once, that a side does not offer it.
func (co *compiler) tellLacks(e *expr.Expr) {
	for _, ref := range e.Lacks() {
		name := ref.Side.String() + "." + ref.Field
		if co.told[name] {
			continue
		}
		co.told[name] = true
		d := block.Warning(ref.Range, "Field is not offered", "The source of %q has no field %q: it is unknown here for every item. That is no mistake: applies and coalesce may name any field, and say what counts without it.", ref.Side, ref.Field)
		d.Extra = NotOffered{}
		co.diags = append(co.diags, d)
	}
}

// WithoutNotOffered returns the diagnostics but for those that say which fields a source does not offer.
func WithoutNotOffered(diags hcl.Diagnostics) hcl.Diagnostics {
	return slices.DeleteFunc(slices.Clone(diags), func(d *hcl.Diagnostic) bool { return d.Extra == NotOffered{} })
}

func (co *compiler) warnConstant(e hcl.Expression, what string, v catalog.Value) {
	said := "can never be true"
	if v.Bool() {
		said = "is always true"
	}
	co.diags = append(co.diags, block.Warning(e.Range(), "Condition "+said, "%s %s, whatever the items are.", what, said))
}

func (co *compiler) rule(r *Rule, places map[string]int) CompiledRule {
	scope := co.scope()
	scope.Sharing = co.sharing
	c := CompiledRule{Rule: r, when: co.condition(r.When, scope, "The condition of a rule")}
	if c.when != nil {
		c.Fields = c.when.Fields()
		c.sides = sidesOf(c.when)
		co.checkSides(r, c.Fields)
	}
	if r.Applies != nil {
		scope := co.scope()
		scope.Sharing, scope.MayLack = co.sharing, true
		if c.applies = co.condition(r.Applies, scope, `The "applies" of a rule`); c.applies != nil {
			for side, reads := range sidesOf(c.applies) {
				c.sides[side] = c.sides[side] || reads
			}
			c.About = c.applies.Fields()
			co.checkSides(r, slices.Concat(c.Fields, c.About))
		}
	}
	if r.Doubt != nil {
		c.doubt = co.condition(r.Doubt, scope, "The doubt of a rule")
	}
	c.Remedy = co.remedy(r)
	for _, code := range r.Explains {
		if i, ok := places[code]; ok {
			c.explains = append(c.explains, i)
		}
	}
	return c
}

// sidesOf returns which sides an expression reads.
func sidesOf(e *expr.Expr) (sides [2]bool) {
	for _, ref := range e.Fields() {
		sides[ref.Side] = true
	}
	return sides
}

// checkSides checks that a rule about items that are on one side only reads that side.
func (co *compiler) checkSides(r *Rule, fields []expr.Ref) {
	for _, ref := range fields {
		switch {
		case r.On == verdict.PosOnly && ref.Side == verdict.Store, r.On == verdict.StoreOnly && ref.Side == verdict.Pos:
			co.diags = append(co.diags, block.Mistake(ref.Range, "Side is absent", "A rule on %q sees only the side that is there; %s.%s is not.", r.On, ref.Side, ref.Field))
		case r.On == verdict.Duplicate && ref.Side != fields[0].Side:
			co.diags = append(co.diags, block.Mistake(ref.Range, "One side only", "A rule on %q is about single rows, so it reads fields of pos or of store, not of both. Write two rules.", r.On))
		default:
			continue
		}
		return
	}
}

// keys compiles the pairing key for both sides.
func (co *compiler) keys() [2]*expr.Expr {
	r := co.reconciliation
	if r.Key == nil {
		for side, at := range []hcl.Range{r.posRange, r.storeRange} {
			if schema := co.schemas[side]; schema != nil && schema.Index("sku") < 0 {
				co.diags = append(co.diags, block.Mistake(at, "No key", "This source has no field sku, which items are paired by. Map a column to sku, or give the reconciliation a key of another field. Fields are: %s.",
					strings.Join(schema.Names(), ", ")))
			}
		}
		return [2]*expr.Expr{}
	}
	var keys [2]*expr.Expr
	for side, schema := range co.schemas {
		compiled, diags := expr.Compile(r.Key, co.config.KeyScope(schema))
		if !diags.HasErrors() {
			diags = append(diags, compiled.Require(catalog.String, "The key")...)
		}
		if _, same := compiled.Constant(); same && !diags.HasErrors() && len(compiled.Lacks()) == 0 {
			diags = append(diags, block.Mistake(r.Key.Range(), "Key of no field", `The key reads no field, so that all items would have the same one. Name what they are paired by: item.sku without quotes, or "${item.sku}" within them.`))
		}
		co.diags = Merge(co.diags, diags) // a mistake in it shows on both sides
		if diags.HasErrors() {
			continue
		}
		for _, ref := range compiled.Fields() {
			co.used[side][ref.Field] = true
		}
		keys[side] = compiled
	}
	return keys
}

// read returns the schema of those fields of a side that are used.
func (co *compiler) read(side verdict.Side) *catalog.Schema {
	var names []string
	for _, name := range co.schemas[side].Names() {
		if co.used[side][name] {
			names = append(names, name)
		}
	}
	schema, err := co.schemas[side].Select(names)
	if err != nil {
		panic(err) // the names are the schema's own
	}
	return schema
}

// without returns the diagnostics that are not among those already given.
func without(diags, given hcl.Diagnostics) hcl.Diagnostics {
	return slices.DeleteFunc(slices.Clone(diags), func(d *hcl.Diagnostic) bool {
		return slices.ContainsFunc(given, func(g *hcl.Diagnostic) bool { return same(d, g) })
	})
}

// Merge appends diagnostics that are not there yet: one mistake can show in several reconciliations.
func Merge(diags, more hcl.Diagnostics) hcl.Diagnostics {
	return append(diags, without(more, diags)...)
}

func same(a, b *hcl.Diagnostic) bool {
	return a.Severity == b.Severity && a.Summary == b.Summary && a.Detail == b.Detail &&
		(a.Subject == nil) == (b.Subject == nil) && (a.Subject == nil || *a.Subject == *b.Subject)
}

// CheckRules checks, without any source, the rules that none of the reconciliations uses.
func (c *Config) CheckRules(reconciliations []*Reconciliation) hcl.Diagnostics {
	used := map[*Rule]bool{}
	for _, r := range reconciliations {
		for _, rule := range r.Rules {
			used[rule] = true
		}
	}
	rest := &Reconciliation{}
	for _, rule := range c.Rules {
		if !used[rule] {
			rest.Rules = append(rest.Rules, rule)
		}
	}
	_, diags := c.Compile(rest, nil, nil, time.Time{})
	return diags
}
