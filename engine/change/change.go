// Package change has the words in which changes of a store are told: which field of which item, from what to what, what the platform
// would make of it, and what became of it. Plans, the journal, connectors and the protocol between them share it.
package change

import (
	"fmt"
	"slices"
	"time"

	"github.com/reconcilehq/reconcile/engine/catalog"
)

// Ref names an item of a platform. At least one of its fields is not empty.
type Ref struct {
	ID  string // the platform's own, as the connector's field id has it; "" if it is not known. It counts where both are given
	SKU string // as the platform has it
}

// Is reports whether an item with that id and that SKU, as the platform has them now, is the one that is named. One that has got another SKU
// is another item, whatever its id: what it was to have is the value of the SKU that it had.
func (r Ref) Is(id, sku string) bool {
	return (r.ID == "" || r.ID == id) && (r.SKU == "" || r.SKU == catalog.NormalText(sku))
}

// String returns the SKU, or where there is none the id.
func (r Ref) String() string {
	if r.SKU == "" {
		return "id " + r.ID
	}
	return r.SKU
}

// Change is one field of one item that is to be set.
type Change struct {
	Key   string // names this change; the same on each try, and another one for each change. A platform that knows such keys gets it
	Item  Ref
	Field string // of the connector's schema

	// Expected is what the item has, and Desired what it shall have. Both are of the field's type. Null means that the platform
	// has no value of its own there.
	Expected, Desired catalog.Value
}

// Prepared is what a platform would make of a change. Nothing was written.
type Prepared struct {
	Key     string
	Will    catalog.Value // what the platform will hold, after its rounding and limits; the zero Value if there is a problem
	Also    []Ref         // other items that change with it, since they share the field
	Problem string        // why it cannot be made, for people; "" if it can
}

// Cost is what carrying out changes takes.
type Cost struct {
	Requests int64         // to the platform, reading included
	Time     time.Duration // at the pace that the platform allows; an estimate
}

// Kind is what became of a change.
type Kind uint8

// The kinds.
const (
	Applied   Kind = iota // written, and seen there
	Unchanged             // the item had the desired value already; nothing was written
	Pending               // the platform took it, and did not show it yet
	Conflict              // the item had neither the expected nor the desired value; nothing was written
	Rejected              // the platform refuses it
	Failed                // it was not written, and may be tried again
	Unknown               // it was sent, and nobody knows whether it arrived
	Skipped               // it was not tried: what it waited for did not happen
)

var kindNames = [...]string{Applied: "applied", Unchanged: "unchanged", Pending: "pending", Conflict: "conflict", Rejected: "rejected", Failed: "failed", Unknown: "unknown", Skipped: "skipped"}

// Kinds returns all kinds.
func Kinds() (kinds []Kind) {
	for k := range kindNames {
		kinds = append(kinds, Kind(k))
	}
	return kinds
}

// String returns the kind as journals and reports have it.
func (k Kind) String() string { return kindNames[k] }

// MarshalText implements encoding.TextMarshaler.
func (k Kind) MarshalText() ([]byte, error) { return []byte(k.String()), nil }

// UnmarshalText implements encoding.TextUnmarshaler.
func (k *Kind) UnmarshalText(text []byte) error {
	at := slices.Index(kindNames[:], string(text))
	if at < 0 {
		return fmt.Errorf("there is no outcome %q", text)
	}
	*k = Kind(at)
	return nil
}

// IsDone reports whether the item has the desired value now, as far as the platform has shown.
func (k Kind) IsDone() bool { return k == Applied || k == Unchanged }

// Outcome is what became of one change: exactly one is told of each.
type Outcome struct {
	Key    string
	Kind   Kind
	Before catalog.Value // what the item had right before; the zero Value if it was not seen
	After  catalog.Value // what the item had at the last look; the zero Value if it was not seen
	Reason string        // for people, in the platform's words where it gave some; "" if there is nothing to say
}
