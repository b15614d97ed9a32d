// Package journal keeps what was done to a store: a file for each plan that is carried out. What is about to be sent is on disk before it is
// sent, and what became of it after. So whoever was killed in between knows what to look at, and nothing is sent again blindly.
//
// A journal only grows. Each of its lines is a hash and a JSON object, and the hash is of the one before and of the object: what was changed
// or taken out in the middle is found. The last line may be cut off, where a machine stopped while it was written; what it said then
// did not happen yet. Lines that were taken away at the end are not found.
package journal

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/engine/change"
)

// formatVersion is that of a journal's file.
const formatVersion = "1"

// Header says what a journal is about.
type Header struct {
	FormatVersion  string    `json:"format_version"` // set by Create
	Plan           string    `json:"plan"`           // its id
	PlanHash       string    `json:"plan_hash"`
	Reconciliation string    `json:"reconciliation"`
	Store          string    `json:"store"`              // connector and name
	Platform       string    `json:"platform,omitempty"` // what the store is, as the plan has it; "" if nobody knows
	MadeAt         time.Time `json:"made_at"`
	MadeBy         string    `json:"made_by"`           // of the plan
	Items          int       `json:"items"`             // matched items, as the plan has them
	Reverts        string    `json:"reverts,omitempty"` // the plan that this one takes back
}

// Change is one change, and what became of it.
type Change struct {
	change.Change
	Step string // as the plan has it
	Name string // of the item
	Type catalog.Type

	// State is what is known of it.
	State
	// Outcome is what became of it; good if State is Told.
	Outcome change.Outcome
	// Came says what came in place of a good answer when it was sent last; "" if nobody said so.
	Came   string
	SentAt time.Time // when it was about to be sent last; zero: never
	ToldAt time.Time // of Outcome
}

// State is what a journal knows of a change.
type State uint8

// The states.
const (
	Open State = iota // it was not tried yet
	Sent              // it was about to be sent, and nobody knows what became of it
	Told              // there is an outcome
)

// IsFinal reports whether an outcome stays as it is. What was not tried, and what failed, can be tried again; what is pending or unknown
// can be settled by looking at the item.
func IsFinal(k change.Kind) bool {
	switch k {
	case change.Applied, change.Unchanged, change.Conflict, change.Rejected:
		return true
	}
	return false
}

// Go is one time that the plan was carried out, or begun to be.
type Go struct {
	At    time.Time
	By    string
	Ended bool // it came to its end, and was not killed
}

// Content is what a journal says.
type Content struct {
	Header
	Changes []*Change // in the plan's order
	Goes    []Go
	CutOff  int64 // bytes of a last line that was not written to its end; 0 if there is none

	byKey map[string]*Change
	hash  [32]byte // of the last line
	size  int64    // of all whole lines
	began bool
}

// Change returns the change of a key; nil if there is none.
func (c *Content) Change(key string) *Change { return c.byKey[key] }

// Counts returns how many changes there are of each outcome, and how many have none.
func (c *Content) Counts() (told map[change.Kind]int, open int) {
	told = map[change.Kind]int{}
	for _, ch := range c.Changes {
		if ch.State == Told {
			told[ch.Outcome.Kind]++
		} else {
			open++
		}
	}
	return told, open
}

// Unsettled reports whether something was sent of which nobody knows what became of it: who goes on looks at that first.
func (c *Content) Unsettled() bool {
	return slices.ContainsFunc(c.Changes, func(ch *Change) bool {
		return ch.State == Sent || ch.State == Told && (ch.Outcome.Kind == change.Unknown || ch.Outcome.Kind == change.Pending)
	})
}

// Left returns the changes that are still to be made, or looked at.
func (c *Content) Left() (left []*Change) {
	for _, ch := range c.Changes {
		if ch.State != Told || !IsFinal(ch.Outcome.Kind) {
			left = append(left, ch)
		}
	}
	return left
}

// line is what one line says: exactly one of these.
type line struct {
	Header  *Header  `json:"journal,omitempty"`
	Change  *entry   `json:"change,omitempty"`
	Begin   *begin   `json:"begin,omitempty"`
	Intent  *intent  `json:"intent,omitempty"`
	Outcome *outcome `json:"outcome,omitempty"`
	End     *end     `json:"end,omitempty"`
}

type entry struct {
	Key      string          `json:"key"`
	Step     string          `json:"step"`
	SKU      string          `json:"sku"`
	ID       string          `json:"id"`
	Name     string          `json:"name"`
	Field    string          `json:"field"`
	Type     string          `json:"type"`
	Expected json.RawMessage `json:"expected"`
	Desired  json.RawMessage `json:"desired"`
}

type begin struct {
	At time.Time `json:"at"`
	By string    `json:"by"`
}

type intent struct {
	At   time.Time `json:"at"`
	Keys []string  `json:"keys"`
}

type outcome struct {
	At     time.Time       `json:"at"`
	Key    string          `json:"key"`
	Kind   change.Kind     `json:"kind"`
	Before json.RawMessage `json:"before,omitempty"` // absent: it was not seen
	After  json.RawMessage `json:"after,omitempty"`
	Reason string          `json:"reason,omitempty"`
}

type end struct {
	At time.Time `json:"at"`
}

// take adds what a line says. Its error says what a journal cannot say at this place.
func (c *Content) take(l line) error {
	said := 0
	for _, is := range []bool{l.Header != nil, l.Change != nil, l.Begin != nil, l.Intent != nil, l.Outcome != nil, l.End != nil} {
		if is {
			said++
		}
	}
	switch {
	case said != 1:
		return fmt.Errorf("it says %d things", said)
	case (l.Header != nil) != (c.FormatVersion == ""):
		return fmt.Errorf("what a journal is about stands in its first line")
	case l.Header != nil:
		if l.Header.FormatVersion != formatVersion {
			return &VersionError{l.Header.FormatVersion}
		}
		c.Header, c.byKey = *l.Header, map[string]*Change{}
		return nil
	case l.Change != nil:
		return c.addChange(l.Change)
	case l.Begin != nil:
		c.began = true
		c.Goes = append(c.Goes, Go{At: l.Begin.At, By: l.Begin.By})
		return nil
	case !c.began:
		return fmt.Errorf("nobody has begun")
	case l.Intent != nil:
		return c.addIntent(l.Intent)
	case l.Outcome != nil:
		return c.addOutcome(l.Outcome)
	}
	c.Goes[len(c.Goes)-1].Ended = true
	return nil
}

func (c *Content) addChange(e *entry) error {
	of, err := catalog.ParseType(e.Type)
	switch {
	case err != nil:
		return err
	case c.began:
		return fmt.Errorf("a change is listed after the beginning")
	case e.Key == "" || c.byKey[e.Key] != nil:
		return fmt.Errorf("the change %q is there twice", e.Key)
	}
	ch := &Change{Step: e.Step, Name: e.Name, Type: of}
	ch.Change = change.Change{Key: e.Key, Item: change.Ref{ID: e.ID, SKU: e.SKU}, Field: e.Field}
	if ch.Expected, err = change.ParseValue(of, e.Expected); err != nil {
		return err
	}
	if ch.Desired, err = change.ParseValue(of, e.Desired); err != nil {
		return err
	}
	c.Changes, c.byKey[e.Key] = append(c.Changes, ch), ch
	return nil
}

func (c *Content) addIntent(in *intent) error {
	named := map[string]bool{}
	for _, key := range in.Keys {
		ch := c.byKey[key]
		if ch == nil || named[key] {
			return fmt.Errorf("there is no change %q, or it is named twice", key)
		}
		if err := ch.maySend(); err != nil {
			return err
		}
		named[key] = true
	}
	for key := range named {
		c.byKey[key].State, c.byKey[key].SentAt, c.byKey[key].Came = Sent, in.At, ""
	}
	return nil
}

// maySend returns an error if the change must not be sent.
func (c *Change) maySend() error {
	switch {
	case c.State == Sent:
		return fmt.Errorf("the change %q was sent, and nobody knows what became of it: it must not be sent again", c.Key)
	case c.State == Told && c.Outcome.Kind != change.Failed && c.Outcome.Kind != change.Skipped:
		return fmt.Errorf("the change %q is %s: it must not be sent again", c.Key, c.Outcome.Kind)
	}
	return nil
}

func (c *Content) addOutcome(o *outcome) (err error) {
	ch := c.byKey[o.Key]
	if ch == nil {
		return fmt.Errorf("there is no change %q", o.Key)
	}
	told := change.Outcome{Key: o.Key, Kind: o.Kind, Reason: o.Reason}
	for to, text := range map[*catalog.Value]json.RawMessage{&told.Before: o.Before, &told.After: o.After} {
		if text == nil {
			continue
		}
		if *to, err = change.ParseValue(ch.Type, text); err != nil {
			return err
		}
	}
	if err := ch.mayBecome(told.Kind); err != nil {
		return err
	}
	if ch.State == Sent && told.Kind == change.Unknown {
		ch.Came = told.Reason
	}
	ch.State, ch.Outcome, ch.ToldAt = Told, told, o.At
	return nil
}

// mayBecome returns an error if the change cannot have that outcome now. Only what was sent can have arrived.
func (c *Change) mayBecome(k change.Kind) error {
	switch {
	case c.State == Told && IsFinal(c.Outcome.Kind):
		return fmt.Errorf("the change %q is %s: it cannot become %s", c.Key, c.Outcome.Kind, k)
	case c.SentAt.IsZero() && k != change.Skipped && k != change.Rejected:
		return fmt.Errorf("the change %q was never sent: it cannot be %s", c.Key, k)
	}
	return nil
}

// VersionError says that a journal is of another version of the format.
type VersionError struct{ Version string }

func (e *VersionError) Error() string {
	return fmt.Sprintf("the journal is of format_version %q, and this reconcile reads %q", e.Version, formatVersion)
}

// text returns the JSON of a line.
func (l line) text() ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(l); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}
