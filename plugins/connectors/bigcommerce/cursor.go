package bigcommerce

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/reconcilehq/reconcile/plugins/sdk/pull"
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

// since returns the date from which on products are to be asked for.
func (c *cursor) since() time.Time { return pull.ChangedSince(c.Since, c.Newest) }

// ordersSince is since for orders.
func (c *cursor) ordersSince() time.Time { return pull.ChangedSince(c.Since, c.NewestOrder) }

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
