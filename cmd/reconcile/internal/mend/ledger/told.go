package ledger

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/engine/change"
	"github.com/reconcilehq/reconcile/engine/journal"
)

// Summary is a journal in the list.
type Summary struct {
	ID             string         `json:"id"`
	Reconciliation string         `json:"reconciliation"`
	Store          string         `json:"store"`
	Reverts        string         `json:"reverts,omitempty"`
	Began          *time.Time     `json:"began"` // null: nobody has
	By             string         `json:"by"`
	Changes        int            `json:"changes"`
	Outcomes       map[string]int `json:"outcomes"`
	Open           int            `json:"open"`
	Error          string         `json:"error,omitempty"` // why it cannot be read
}

// Summary returns a journal in the list. What is wrong with it the summary says.
func (l Ledger) Summary(id string) Summary {
	s := Summary{ID: id, Outcomes: map[string]int{}}
	if c, err := journal.ReadFile(l.JournalPath(id)); err != nil {
		s.Error = err.Error()
	} else {
		s.fill(c)
	}
	return s
}

func (l *Summary) fill(c *journal.Content) {
	l.Reconciliation, l.Store, l.Reverts, l.Changes = c.Reconciliation, c.Store, c.Reverts, len(c.Changes)
	if len(c.Goes) > 0 {
		l.Began, l.By = &c.Goes[0].At, c.Goes[0].By
	}
	var told map[change.Kind]int
	told, l.Open = c.Counts()
	for kind, n := range told {
		l.Outcomes[kind.String()] = n
	}
}

// Told is a journal as programs read it.
type Told struct {
	FormatVersion  string         `json:"format_version"`
	ID             string         `json:"id"`
	Reconciliation string         `json:"reconciliation"`
	Store          string         `json:"store"`
	Reverts        string         `json:"reverts,omitempty"`
	MadeAt         time.Time      `json:"made_at"`
	MadeBy         string         `json:"made_by"`
	Goes           []Go           `json:"goes"`
	Changes        []Change       `json:"changes"`
	Outcomes       map[string]int `json:"outcomes"` // how many there are of each
	Open           int            `json:"open"`     // without an outcome
}

// Go is one time that a plan was carried out, or begun to be.
type Go struct {
	At    time.Time `json:"at"`
	By    string    `json:"by"`
	Ended bool      `json:"ended"`
}

// Change is one change, and what became of it.
type Change struct {
	Key      string          `json:"key"`
	Step     string          `json:"step"`
	SKU      string          `json:"sku"`
	ID       string          `json:"id"`
	Name     string          `json:"name"`
	Field    string          `json:"field"`
	Type     string          `json:"type"`
	Expected json.RawMessage `json:"expected"`
	Desired  json.RawMessage `json:"desired"`
	SentAt   *time.Time      `json:"sent_at"`          // null: it was never sent
	Outcome  string          `json:"outcome"`          // "" if there is none
	Before   json.RawMessage `json:"before,omitempty"` // absent: it was not seen
	After    json.RawMessage `json:"after,omitempty"`
	Reason   string          `json:"reason"`
}

// Tell returns a journal for programs.
func Tell(c *journal.Content) (*Told, error) {
	s := &Told{FormatVersion: "1", ID: c.Plan, Reconciliation: c.Reconciliation, Store: c.Store, Reverts: c.Reverts, MadeAt: c.MadeAt, MadeBy: c.MadeBy,
		Goes: []Go{}, Changes: []Change{}, Outcomes: map[string]int{}}
	for _, g := range c.Goes {
		s.Goes = append(s.Goes, Go(g))
	}
	for _, ch := range c.Changes {
		one := Change{Key: ch.Key, Step: ch.Step, SKU: ch.Item.SKU, ID: ch.Item.ID, Name: ch.Name, Field: ch.Field, Type: ch.Type.String()}
		values := []struct {
			to *json.RawMessage
			v  catalog.Value
		}{{&one.Expected, ch.Expected}, {&one.Desired, ch.Desired}}
		if !ch.SentAt.IsZero() {
			one.SentAt = &ch.SentAt
		}
		if ch.State == journal.Told {
			one.Outcome, one.Reason = ch.Outcome.Kind.String(), ch.Outcome.Reason
			s.Outcomes[one.Outcome]++
			values = append(values, struct {
				to *json.RawMessage
				v  catalog.Value
			}{&one.Before, ch.Outcome.Before}, struct {
				to *json.RawMessage
				v  catalog.Value
			}{&one.After, ch.Outcome.After})
		} else {
			s.Open++
		}
		for _, value := range values {
			if value.v.Type() == catalog.Invalid {
				continue
			}
			text, err := value.v.MarshalJSON()
			if err != nil {
				return nil, err
			}
			*value.to = text
		}
		s.Changes = append(s.Changes, one)
	}
	return s, nil
}

// Became says in words how many changes of a plan have which outcome.
func Became(c *journal.Content) string {
	told, open := c.Counts()
	var parts []string
	for _, kind := range change.Kinds() {
		if told[kind] > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", told[kind], kind))
		}
	}
	if open > 0 {
		parts = append(parts, fmt.Sprintf("%d without an outcome", open))
	}
	return strings.Join(parts, ", ")
}
