// Package itemfile keeps the items that were made of a Local Copy in a file beside it, so that single ones are found without making
// all of them again. The file is of no use but for the state that it was made of, and it can be removed at any time.
//
// It holds the batches as they came, behind them the looks of the SKUs in each batch, and last a description of all that. Each part
// has a check sum. What is not exactly as it was written is not used: an item that is not found counts as missing.
package itemfile

import (
	"encoding/json"
	"errors"
	"hash/crc32"
	"hash/fnv"

	"github.com/reconcilehq/reconcile/engine/catalog"
)

// ErrUnfit is returned for a file that cannot be used: there is none, it is of another state, or it is damaged.
var ErrUnfit = errors.New("there is no file of items that fits")

// Told is what a read told besides its items, in its order.
type Told struct {
	Warning    string `json:"warning,omitempty"`
	Notice     string `json:"notice,omitempty"`
	SKU        string `json:"sku,omitempty"`    // of an item that could not be read
	Reason     string `json:"reason,omitempty"` // of that item
	Unreadable bool   `json:"unreadable,omitempty"`
}

// mostTold bounds what is kept of that: where more was told, no file is made.
const mostTold = 10_000

// About is what is known of the read that made the items.
type About struct {
	Items      int64                       `json:"items"`
	Skipped    int64                       `json:"skipped"`
	Currencies map[string]catalog.Currency `json:"currencies"`
	Units      map[string]catalog.Measure  `json:"units,omitempty"`
	Told       []Told                      `json:"told"`
}

// directory is the last part of a file.
type directory struct {
	State   []byte   `json:"state"` // what the items were made of
	Fields  []string `json:"fields"`
	Batches []part   `json:"batches"`
	Looks   part     `json:"looks"` // eight bytes for each look of a batch, batch by batch
	About   About    `json:"about"`
}

// part is a part of a file.
type part struct {
	At    int64  `json:"at"`
	Size  int64  `json:"size"`
	Sum   uint32 `json:"sum"`
	Looks int    `json:"looks,omitempty"` // of a batch, how many looks it has
}

// The end of a file: the directory's size and check sum, and a mark.
const (
	endSize = 16
	mark    = "RcItems1"
)

func sum(text []byte) uint32 { return crc32.Checksum(text, crc32.MakeTable(crc32.Castagnoli)) }

// number stands for a look. Two looks may have one.
func number(look string) uint64 {
	h := fnv.New64a()
	_, _ = h.Write([]byte(look))
	return h.Sum64()
}

// looksOf calls each with the looks of all items of a batch, and with those of their parents.
func looksOf(b *catalog.Batch, each func(look string)) {
	for _, name := range []string{"sku", "parent_sku"} {
		at := b.Schema().Index(name)
		if at < 0 {
			continue
		}
		texts, ok := b.Column(at).(*catalog.Strings)
		if !ok {
			continue
		}
		last := "" // variants of one parent come together
		for i := range b.Len() {
			if text := texts.At(i); i == 0 || text != last || name == "sku" {
				each(catalog.Look(text))
				last = text
			}
		}
	}
}

func (d *directory) text() ([]byte, error) { return json.Marshal(d) }
