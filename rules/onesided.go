package rules

import (
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/engine/verdict"
	"github.com/reconcilehq/reconcile/rules/block"
)

// OneSided are the statuses of items that can be meant to be as they are: those of one side.
var OneSided = []verdict.Status{verdict.PosOnly, verdict.StoreOnly}

// notMeant says of the other statuses why such items cannot be meant to be.
var notMeant = map[verdict.Status]string{
	verdict.Matched:    `An item on both sides is compared: name the rules whose discrepancies are meant to be, in "rules".`,
	verdict.Duplicate:  "Rows that share a key are never compared, so whatever is wrong with them would go unseen. Make their SKUs unique.",
	verdict.NoKey:      "An item without a key can be any item. Give it a SKU.",
	verdict.Unreadable: "Nobody knows what is in a row that cannot be read. Mend it in the source.",
}

// reconciliations reads which reconciliations a block is about.
func (l *loader) reconciliations(attrs hcl.Attributes, in *Intentional) {
	words := l.namedIn(attrs, in, "reconciliations", "No reconciliation", "An empty list of reconciliations makes nothing intentional. Leave reconciliations out to mean all of them.")
	for _, w := range words {
		if !slices.Contains(l.names, w.Text) {
			l.Fail(w.At, "Unknown reconciliation", "Intentional %q names reconciliation %q, but there is no such reconciliation.%s Reconciliations are: %s.",
				in.Name, w.Text, catalog.DidYouMean(w.Text, l.names), strings.Join(l.names, ", "))
		}
		// A name that is wrong stays: without it the block would be about all of them.
		in.Reconciliations = append(in.Reconciliations, w.Text)
	}
}

// statuses reads which items of one side a block is about.
func (l *loader) statuses(attrs hcl.Attributes, in *Intentional) {
	words := l.namedIn(attrs, in, "status", "No status", fmt.Sprintf("An empty list of statuses makes nothing intentional. It can hold %s.", oneSidedNames()))
	for _, w := range words {
		status, err := StatusNamed(w.Text)
		if err != nil {
			l.Fail(w.At, "Value not allowed", "%s", err.Error())
			continue
		}
		in.Statuses = append(in.Statuses, status)
	}
}

// StatusNamed returns the status of items of one side that has the name. The error is a sentence that says why others cannot
// be meant.
func StatusNamed(name string) (verdict.Status, error) {
	for _, status := range verdict.Statuses {
		if status.String() != name {
			continue
		}
		if slices.Contains(OneSided, status) {
			return status, nil
		}
		return 0, notMeantError{fmt.Sprintf("Items that are %s cannot be meant to be. %s", name, notMeant[status])}
	}
	return 0, notMeantError{fmt.Sprintf("There is no status %q.%s It can be %s.", name, catalog.DidYouMean(name, []string{"pos_only", "store_only"}), oneSidedNames())}
}

// notMeantError is a sentence with its capital and full stop, for a diagnostic.
type notMeantError struct{ sentence string }

// Error returns the sentence.
func (e notMeantError) Error() string { return e.sentence }

func oneSidedNames() string {
	var names []string
	for _, status := range OneSided {
		names = append(names, fmt.Sprintf("%q", status))
	}
	return strings.Join(names, " or ")
}

// sideOf returns the side on which items of one side are.
func sideOf(status verdict.Status) verdict.Side {
	if status == verdict.StoreOnly {
		return verdict.Store
	}
	return verdict.Pos
}

// Touches reports whether the block is about the reconciliation, and about rules or items of it.
func (in *Intentional) Touches(r *Reconciliation) bool {
	return in.Concerns(r) && (len(in.Statuses) > 0 || slices.ContainsFunc(r.Rules, func(rule *Rule) bool { return slices.Contains(in.Rules, rule.Code) }))
}

// Concerns reports whether the block is about the program's reconciliation.
func (p *Program) Concerns(in *Intentional) bool { return in.Concerns(p.of) }

// checkSide checks that the where of a block about items of one side reads that side alone.
func (co *compiler) checkSide(in *Intentional, c *CompiledIntentional) {
	for _, status := range in.Statuses {
		for _, ref := range c.where.Fields() {
			if ref.Side == sideOf(status) {
				continue
			}
			two := ""
			if len(in.Statuses) > 1 {
				two = " Write a block for each status."
			}
			co.diags = append(co.diags, block.Mistake(ref.Range, "Side is absent", "An item that is %s is not on the other side, so %s.%s is not there.%s", status, ref.Side, ref.Field, two))
			return
		}
	}
}

// Intends reports whether there are blocks that make items of that status intentional.
func (p *Program) Intends(status verdict.Status) bool { return p.intends[status] }

// Intended returns the first intentional block that says of an item of one side that it is meant to be, as a place in
// Program.Intentional; -1 if there is none. key is the item's key.
func (e *Evaluator) Intended(status verdict.Status, side verdict.Side, batch *catalog.Batch, row int, key string) int {
	if !e.program.intends[status] {
		return -1
	}
	e.setRow(side, batch, row)
	at := e.intent(cause{rule: -1, status: status}, key, [2]bool{side == verdict.Pos, side == verdict.Store})
	if at >= 0 {
		e.used[at] = true
	}
	return at
}

// cause is what a block may make intentional: a rule's discrepancy, or an item of a status.
type cause struct {
	rule   int // -1: the item
	status verdict.Status
}

// about reports whether the block is about it.
func (c *CompiledIntentional) about(what cause) bool {
	if what.rule < 0 {
		return c.statuses[what.status]
	}
	return c.covers != nil && c.covers[what.rule]
}
