package bigcommerce

import (
	"encoding/json"
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/reconcilehq/reconcile/plugins/sdk/webapi"
)

// cursor is where a Local Copy stands: what the next pull has to know of the last one.
type cursor struct {
	// Since is a time by the store's own clock: what was changed before it is in the copy.
	Since time.Time `json:"since"`
	// Newest is the latest date of a product that the copy holds.
	Newest time.Time `json:"newest"`

	// NewestOrder is the latest date of an order that was read.
	NewestOrder time.Time `json:"newest_order"`

	Fields   []string  `json:"fields"`            // that the records were pulled for
	Products int64     `json:"products"`          // held
	Variants int64     `json:"variants"`          // of the products that are held
	Covered  bool      `json:"covered"`           // each of the variants has a stock of its own
	Orders   bool      `json:"orders"`            // orders are held
	From     int64     `json:"from,omitempty"`    // the number of the first order that is held
	Largest  int       `json:"largest,omitempty"` // the most orders that the API gave at a time
	Began    time.Time `json:"began"`             // when the last full read began, by our own clock

	// After is the last product that was read, where a full read broke off: Partial is true then.
	Partial bool  `json:"partial,omitempty"`
	After   int64 `json:"after,omitempty"`
}

// overlap is how far before the last pull a refresh asks for changes again. A change may become visible so long after its
// own date, and the clocks of the store's servers may differ by so much.
const overlap = 5 * time.Minute

// since returns the date from which on products are to be asked for.
//
// That is shortly before the last pull. If all products are older, it is one second after the newest product instead: that
// finds the same products, even in a store whose products are dated by another clock than its answers.
func (c *cursor) since() time.Time { return changedSince(c.Since, c.Newest) }

// ordersSince is since for orders.
func (c *cursor) ordersSince() time.Time { return changedSince(c.Since, c.NewestOrder) }

func changedSince(last, newest time.Time) time.Time {
	at := last.Add(-overlap)
	if next := newest.Add(time.Second); !newest.IsZero() && next.Before(at) {
		return next
	}
	return at
}

func (c *cursor) encode() ([]byte, error) {
	data, err := json.Marshal(c)
	if err != nil {
		return nil, fmt.Errorf("the cursor: %w", err)
	}
	return data, nil
}

func decodeCursor(data []byte) (c cursor, err error) {
	if err := json.Unmarshal(data, &c); err != nil {
		return c, fmt.Errorf("the cursor of the Local Copy cannot be read: %w", err)
	}
	return c, nil
}

// serverClock is the store's own clock, as its answers tell it.
type serverClock struct {
	mu sync.Mutex
	at time.Time // of the first answer
}

// note takes in an answer.
func (c *serverClock) note(a *webapi.Answer) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if at, err := http.ParseTime(a.Header.Get("Date")); err == nil && c.at.IsZero() {
		c.at = at
	}
}

// first returns the time of the first answer, or ours if none tells it.
func (c *serverClock) first(ours time.Time) time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.at.IsZero() {
		return ours
	}
	return c.at
}
