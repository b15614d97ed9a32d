package rules

import (
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/engine/verdict"
	"github.com/reconcilehq/reconcile/rules/block"
	"github.com/reconcilehq/reconcile/rules/expr"
)

// Act is what mends the discrepancies of a rule.
type Act uint8

// The acts.
const (
	Upload       Act = iota // values of the point of sale go to the store
	ImportOrders            // somebody imports the store's orders into the point of sale
	Correct                 // somebody corrects a value by hand
	Nothing                 // nothing is to be done
)

var actNames = []string{"upload", "import_orders", "correct", "none"}

// String returns the act as the configuration writes it.
func (a Act) String() string { return actNames[a] }

// Remedy is the remedy block of a rule.
type Remedy struct {
	Act    Act
	Fields []RemedyField // of an Upload, in the order of the configuration
	Range  hcl.Range
}

// RemedyField is a field of the store, and what it is to be.
type RemedyField struct {
	Name  string
	Value hclsyntax.Expression
	Range hcl.Range // of the name
}

// CompiledRemedy is a remedy whose fields were checked against those of the sources.
type CompiledRemedy struct {
	*Remedy
	Uploads []CompiledUpload // in the order of Remedy.Fields
}

// CompiledUpload is one field that is uploaded.
type CompiledUpload struct {
	Field  string
	Column int        // in Program.Store
	Reads  []expr.Ref // that its value is made of
	value  *expr.Expr
}

// remedy reads the remedy block of a rule, of which there is one at most.
func (l *loader) remedy(blocks hcl.Blocks, r *Rule) {
	for i, b := range blocks {
		if i > 0 {
			l.Fail(b.DefRange, "Duplicate remedy", "Rule %q has a remedy at %s already: a cell has one cause, and one remedy.", r.Code, block.Place(blocks[0].DefRange))
			return
		}
		at := slices.Index(actNames, b.Labels[0])
		if at < 0 {
			l.Fail(b.LabelRanges[0], "Unknown remedy", "There is no remedy %q.%s Remedies are: %s.", b.Labels[0], catalog.DidYouMean(b.Labels[0], actNames), strings.Join(actNames, ", "))
			continue
		}
		attrs, diags := b.Body.JustAttributes()
		l.Diags = append(l.Diags, diags...)
		remedy := &Remedy{Act: Act(at), Range: b.DefRange}
		for name, a := range attrs {
			remedy.Fields = append(remedy.Fields, RemedyField{Name: name, Value: a.Expr.(hclsyntax.Expression), Range: a.NameRange})
		}
		slices.SortFunc(remedy.Fields, func(a, b RemedyField) int { return block.Compare(a.Range, b.Range) })
		if l.checkRemedy(r, remedy) {
			r.Remedy = remedy
		}
	}
}

func (l *loader) checkRemedy(r *Rule, remedy *Remedy) bool {
	switch uploads := remedy.Act == Upload; {
	case !uploads && len(remedy.Fields) > 0:
		l.Fail(remedy.Fields[0].Range, "Remedy without fields", "Only an upload names fields and what they are to be; the remedy %q has none.", remedy.Act)
	case uploads && r.On != verdict.Matched:
		l.Fail(remedy.Range, "Nothing to upload to", "An upload changes an item that the store has, and rule %q is about items that are %s.", r.Code, r.On)
	case uploads && len(remedy.Fields) == 0:
		l.Fail(remedy.Range, "Nothing to upload", "Name at least one field of the store and what it is to be, such as price = pos.price.")
	default:
		return true
	}
	return false
}

// remedy compiles the remedy of a rule; nil if it has none, or after a mistake.
func (co *compiler) remedy(r *Rule) *CompiledRemedy {
	if r.Remedy == nil {
		return nil
	}
	c := &CompiledRemedy{Remedy: r.Remedy}
	for _, f := range r.Remedy.Fields {
		if up, ok := co.upload(r, f); ok {
			c.Uploads = append(c.Uploads, up)
		}
	}
	if len(c.Uploads) < len(r.Remedy.Fields) {
		return nil
	}
	return c
}

func (co *compiler) upload(r *Rule, f RemedyField) (up CompiledUpload, ok bool) {
	value, diags := expr.Compile(f.Value, co.scope())
	co.diags = append(co.diags, diags...)
	if value.Secret() {
		co.diags = append(co.diags, block.Mistake(value.Range(), "Secret in what is shown", "A plan shows what is to be uploaded, and this is a secret: a sensitive setting of a source uses it, too."))
	}
	store := co.schemas[verdict.Store]
	if store == nil {
		return up, !diags.HasErrors()
	}
	at := store.Index(f.Name)
	if at < 0 {
		co.diags = append(co.diags, block.Mistake(f.Range, "Unknown field", "The source of \"store\" has no field %q, so that rule %q cannot upload it.%s Fields are: %s.",
			f.Name, r.Code, catalog.DidYouMean(f.Name, store.Names()), strings.Join(store.Names(), ", ")))
		return up, false
	}
	if co.readByKey(f.Name) {
		co.diags = append(co.diags, block.Mistake(f.Range, "Key cannot be uploaded", "Items are paired by %s: with another value of it the item would be another one.", f.Name))
		return up, false
	}
	if diags.HasErrors() {
		return up, false
	}
	if diags := value.Require(store.Field(at).Type, "The value of "+f.Name); diags.HasErrors() {
		co.diags = append(co.diags, diags...)
		return up, false
	}
	co.tellLacks(value)
	for _, ref := range value.Fields() {
		co.used[ref.Side][ref.Field] = true
	}
	co.used[verdict.Store][f.Name] = true
	return CompiledUpload{Field: f.Name, Column: at, Reads: value.Fields(), value: value}, true
}

// readByKey reports whether items of the store are paired by the field.
func (co *compiler) readByKey(field string) bool {
	key := co.reconciliation.Key
	if key == nil {
		return field == "sku"
	}
	return slices.ContainsFunc(key.Variables(), func(t hcl.Traversal) bool {
		if len(t) < 2 || t.RootName() != "item" {
			return false
		}
		switch step := t[1].(type) {
		case hcl.TraverseAttr:
			return step.Name == field
		case hcl.TraverseIndex:
			return step.Key.Type().FriendlyName() == "string" && step.Key.AsString() == field
		}
		return false
	})
}

// Desired returns what the field of an upload is to be for the pair that was evaluated last; known is false where that comes of a value
// that is unknown.
func (e *Evaluator) Desired(up *CompiledUpload) (v catalog.Value, known bool) {
	return up.value.Known(&e.frame)
}

// OnRequest reports whether values go online by the rule only for items that somebody chooses: its websync field is manual.
func (c *Config) OnRequest(r *Rule) bool { return c.websync.OnRequest(r.Field) }

// PlanMeaning returns what stands for all that decides what a plan of the program changes, but for the sources, the key and what is meant
// to be: rules and their remedies, websync and brakes. It is the same in two configurations only if these are.
func (c *Config) PlanMeaning(p *Program) string {
	var b strings.Builder
	for i := range p.Rules {
		r := &p.Rules[i]
		why, off := c.websync.Intended(r.Rule.Field)
		fmt.Fprintf(&b, "rule %q %s websync %t %q %t\n", r.Code, p.Meaning(i), off, why.Reason, c.OnRequest(r.Rule))
		if r.Remedy == nil {
			continue
		}
		fmt.Fprintf(&b, "remedy %s\n", r.Remedy.Act)
		for _, up := range r.Remedy.Uploads {
			fmt.Fprintf(&b, "%s = %s\n", up.Field, up.value.Meaning())
		}
	}
	fmt.Fprintf(&b, "brakes %s\n", c.Brakes)
	return short(b.String())
}
