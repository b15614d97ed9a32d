// Package plan makes an ordered plan of a run's result and the remedies of its rules: which fields of the store are to be set to which
// values, what the cells then read, what a person has to do first, and what is left out and why.
//
// It computes and remembers; it reads no source and writes to none. A plan that is made is no more than a file: whoever carries it out
// looks at each value again right before.
//
// Nothing is in a plan that would not mend what it is for. Each change was tried on the item by the same compiled rules, with the values
// that the platform will hold: afterwards its cells read S, and no other cell is worse than it was.
package plan

import (
	"fmt"
	"slices"
	"time"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/rules"
)

// Step is when something is done. Steps come in their order.
type Step uint8

// The steps.
const (
	ImportOrders  Step = iota // a person imports the store's orders
	Correct                   // a person corrects values
	Refresh                   // both sides are read anew, since a person has changed something
	ProductFields             // fields that variants share
	ItemFields
	Quantities // last, after another look at the orders
)

var stepNames = [...]string{"import_orders", "correct", "refresh", "product_fields", "item_fields", "quantities"}

// String returns the step as a plan's file has it.
func (s Step) String() string { return stepNames[s] }

// Plan is what is to be done.
type Plan struct {
	ID             string    `json:"id"`
	Reconciliation string    `json:"reconciliation"`
	MadeAt         time.Time `json:"made_at"`
	MadeBy         string    `json:"made_by"`
	Expires        time.Time `json:"expires"` // from then on nobody carries it out
	Basis          Basis     `json:"basis"`

	Chosen  Choice   `json:"chosen"`  // what it was made for
	Allowed []string `json:"allowed"` // what was let pass for it
	Items   int      `json:"items"`   // matched items of both sides, whether something is to be done about them or not

	Nothing string `json:"nothing_compared,omitempty"` // that nothing was compared, why, and what to look at, in words; "" if something was
	Lag     string `json:"lag,omitempty"`              // that one side's data are much older than the other's, in words; "" if they are not

	Steps    []Count    `json:"steps"`    // how much there is to do in each step, in their order; those with nothing to do are left out
	Changes  []Change   `json:"changes"`  // in the order in which they are made
	Deferred []Deferred `json:"deferred"` // changes that wait for a person
	Tasks    []Task     `json:"tasks"`    // what a person has to do
	LeftOut  []LeftOut  `json:"left_out"` // what is N and is not planned
	Stops    []Stop     `json:"stops"`    // the brakes that stop it: as long as there is one, no change may be made

	FourEyes bool `json:"four_eyes,omitempty"` // another one has to carry it out than who has made it
	ByHand   bool `json:"by_hand,omitempty"`   // the store's connector only reads, so that people make its changes

	Seen    []Seen `json:"seen"`              // the items that it changes, as they were
	Reverts string `json:"reverts,omitempty"` // the plan that it takes back; it has no cells then, and nothing is seen
}

// Basis is what a plan was made from, each part by its hash. With another basis the plan may mean something else, and is refused.
type Basis struct {
	Configuration string    `json:"configuration"` // sources, key, rules, remedies, websync, brakes
	LockFile      string    `json:"lock_file"`     // "": there is none
	Program       string    `json:"program"`
	Store         string    `json:"store"`    // connector and name
	Platform      string    `json:"platform"` // what the store is: shop of the list, connector and settings, but for secrets and names of files
	PosRead       time.Time `json:"pos_read"` // when the sides were as the plan takes them to be
	StoreRead     time.Time `json:"store_read"`
}

// Choice is which items and rules a plan is made for; nothing chosen is everything.
type Choice struct {
	SKUs  []string `json:"skus"`
	Rules []string `json:"rules"`
}

// Count says how much there is to do in a step.
type Count struct {
	Step Step   `json:"step"`
	Jobs int    `json:"jobs"`
	How  string `json:"how,omitempty"` // the command with which a person does it; "" if there is none
}

// MarshalText implements encoding.TextMarshaler.
func (s Step) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText implements encoding.TextUnmarshaler.
func (s *Step) UnmarshalText(text []byte) error {
	at := slices.Index(stepNames[:], string(text))
	*s = Step(max(at, 0))
	return known(at, "step", text)
}

func known(at int, what string, text []byte) error {
	if at < 0 {
		return fmt.Errorf("there is no %s %q", what, text)
	}
	return nil
}

// Cells are the cells of an item, by the codes of rules.
type Cells map[string]string

// Change is one field of one item of the store that is to be set.
type Change struct {
	Key   string // names it: the plan's id and a number. It stays the same however often it is tried
	Step  Step
	SKU   string // of the store's item
	ID    string // the store's own of the item; "" if its connector gives none
	Name  string
	Field string
	Type  catalog.Type

	Expected catalog.Value // what the store has
	Desired  catalog.Value // what the remedy says
	Will     catalog.Value // what the platform will make of that

	Rules     []string // whose remedy it is
	Now, Then Cells    // of the item: as they are, and with all of its changes made
	Why       string   // the values that its rules were decided by

	Parent string   // where the field is shared with siblings: the group that they make
	Also   []string // SKUs of other items of the store that change with it, and that have no change of their own for that field
}

// Deferred is a change that is not made before a person has done something.
type Deferred struct {
	SKU      string   `json:"sku"`
	Name     string   `json:"name"`
	Field    string   `json:"field"`
	Rules    []string `json:"rules"`
	WaitsFor string   `json:"waits_for"` // the code of the rule
	Act      string   `json:"act"`       // that rule's remedy
}

// Task is something that a person has to do.
type Task struct {
	Step Step   `json:"step"`
	SKU  string `json:"sku"`
	ID   string `json:"id,omitempty"` // as of a Change
	Name string `json:"name"`
	Rule string `json:"rule"`
	Note string `json:"note"` // of the rule

	// Of what the connector does not write: the field, and what it is to be, as people read it.
	Field string `json:"field,omitempty"`
	Value string `json:"value,omitempty"`

	Held []Held `json:"held,omitempty"` // the values that it is about
}

// LeftOut is an N for which nothing is planned.
type LeftOut struct {
	SKU    string   `json:"sku"`
	Name   string   `json:"name"`
	Rules  []string `json:"rules"`
	Field  string   `json:"field,omitempty"` // "": none is to be set
	Reason Reason   `json:"reason"`
	Detail string   `json:"detail"` // in words
}

// Reason is why something is left out.
type Reason uint8

// The reasons.
const (
	NoRemedy  Reason = iota // the rule has none
	NotChosen               // its websync setting is manual, and nobody chose it
	Unknown                 // what it is to be is not known
	Empty                   // what it is to be is empty
	Disputed                // two rules want different values
	StaysRed                // the cell would not read S
	TurnsRed                // another cell would be worse
	Never                   // the brakes never let the field change
	Limit                   // the platform does not take the value
	Siblings                // it would make siblings worse, or they want different values
	Moved                   // of a revert: a quantity, which sales have moved since
	NotTold                 // of a revert: nobody knows yet what became of the change
)

var reasonNames = [...]string{"no_remedy", "not_chosen", "unknown", "empty", "disputed", "stays_red", "turns_red", "never", "limit", "siblings", "moved", "not_told"}

// String returns the reason as a plan's file has it.
func (r Reason) String() string {
	if r == mends {
		return ""
	}
	return reasonNames[r]
}

// MarshalText implements encoding.TextMarshaler.
func (r Reason) MarshalText() ([]byte, error) { return []byte(r.String()), nil }

// UnmarshalText implements encoding.TextUnmarshaler.
func (r *Reason) UnmarshalText(text []byte) error {
	at := slices.Index(reasonNames[:], string(text))
	*r = Reason(max(at, 0))
	return known(at, "reason", text)
}

// Stop is a brake that stops the plan.
type Stop struct {
	Brake string   `json:"brake"` // as the configuration calls it
	Text  string   `json:"text"`  // in words
	SKUs  []string `json:"skus"`  // some of the items that are to blame
}

// MayRun reports whether the plan has a change that may be made.
func (p *Plan) MayRun() bool { return len(p.Changes) > 0 && len(p.Stops) == 0 }

// actSteps are the steps of what people do.
var actSteps = map[rules.Act]Step{rules.ImportOrders: ImportOrders, rules.Correct: Correct}
