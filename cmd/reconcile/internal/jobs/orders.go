package jobs

import (
	"bufio"
	"encoding/json"
	"fmt"
	"time"
)

// Order is what a worker for plans is told on stdin, in one line of JSON. It has one of Plan, Revert and Apply.
type Order struct {
	ID     string  `json:"id"` // of the plan: the one that is made, or carried out
	By     string  `json:"by"` // who wants it
	Plan   *Plan   `json:"plan,omitempty"`
	Revert *Revert `json:"revert,omitempty"`
	Apply  *Apply  `json:"apply,omitempty"`
}

// Plan has a plan made of what is N.
type Plan struct {
	Reconciliation string   `json:"reconciliation"`
	SKUs           []string `json:"skus"`    // the chosen items; none: all
	Rules          []string `json:"rules"`   // the chosen rules; none: all
	Allowed        []string `json:"allowed"` // what is let pass
}

// Revert has a plan made that takes back another one.
type Revert struct {
	Plan       string   `json:"plan"`
	Quantities bool     `json:"quantities"`
	Allowed    []string `json:"allowed"`
}

// Apply has a plan carried out.
type Apply struct {
	Try bool `json:"try"` // only ask the store what it takes
}

// Estimate is what carrying out a plan takes.
type Estimate struct {
	Changes  int           `json:"changes"` // that are still to be made
	Requests int64         `json:"requests"`
	Time     time.Duration `json:"time"`
	Refused  []Refused     `json:"refused,omitempty"` // changes that the store does not take
}

// Refused is a change that the store does not take.
type Refused struct {
	Key string `json:"key"`
	Why string `json:"why"`
}

// longestOrder is how long an order can be, in bytes: it may name many items.
const longestOrder = 64 << 20

// ReadOrder reads the order that a worker was started with. What follows it in r is for UntilEnd.
func ReadOrder(r *bufio.Reader) (*Order, error) {
	var line []byte
	for {
		part, err := r.ReadSlice('\n')
		line = append(line, part...)
		if err == nil {
			break
		}
		if err != bufio.ErrBufferFull { //nolint:errorlint // as bufio returns it
			return nil, fmt.Errorf("read the order: %w", err)
		}
		if len(line) > longestOrder {
			return nil, fmt.Errorf("read the order: it is longer than %d bytes", longestOrder)
		}
	}
	o := &Order{}
	if err := json.Unmarshal(line, o); err != nil {
		return nil, fmt.Errorf("read the order: %w", err)
	}
	return o, nil
}
