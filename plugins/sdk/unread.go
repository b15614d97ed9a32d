package sdk

import (
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/plugins/proto"
)

// unread is what a read could not read.
type unread struct {
	send func([]catalog.Unreadable) // nil: all are kept

	mu            sync.Mutex
	waiting       []catalog.Unreadable
	bytes         int // of those
	told, skipped int64
}

// Unreadable items are sent when this many wait, or bytes of them.
const (
	unreadItems = 1000
	unreadBytes = 256 << 10
	mostSKU     = 4 << 10 // bytes: what is longer is no SKU
)

func (u *unread) tell(sku, reason string) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if sku == "" || len(sku) > mostSKU || !utf8.ValidString(sku) {
		u.skipped++
		return
	}
	if len(reason) > proto.MaxText {
		reason = reason[:proto.MaxText]
	}
	// Both are copies: SKUs often are parts of memory that is used again.
	item := catalog.Unreadable{SKU: catalog.NormalText(strings.Clone(sku)), Reason: strings.Clone(strings.ToValidUTF8(reason, ""))}
	u.waiting = append(u.waiting, item)
	u.told++
	u.bytes += len(item.SKU) + len(item.Reason)
	if len(u.waiting) >= unreadItems || u.bytes >= unreadBytes {
		u.hand()
	}
}

func (u *unread) skip(rows int) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.skipped += int64(max(rows, 0))
}

// hand hands on what waits. The caller holds the lock.
func (u *unread) hand() {
	if u.send != nil && len(u.waiting) > 0 {
		u.send(u.waiting)
		u.waiting, u.bytes = nil, 0
	}
}

// end hands on the rest, and returns how many there were.
func (u *unread) end() (told, skipped int64) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.hand()
	return u.told, u.skipped
}

// Unreadable tells of an item that the source has and that cannot be read, where a setting such as on_bad_row allows to go
// on: it is handed over in no other way. The report lists it with the reason, which names the place, in place of calling
// the other side's item missing here. An item whose SKU cannot be read either (sku is "") counts as Skipped.
func (r ReadRequest) Unreadable(sku, reason string) { r.unread.tell(sku, reason) }

// Skipped tells of rows that are left out though they are items of the source, because not even their SKUs can be read. An
// item of the other side that seems to be missing here may be among them, which the report then says.
func (r ReadRequest) Skipped(rows int) { r.unread.skip(rows) }

// Unread returns, for tests of a connector, what it has told with Unreadable, and how many rows it has told with Skipped.
// It is for requests that NewReadRequest has made.
func (r ReadRequest) Unread() (list []catalog.Unreadable, skipped int64) {
	_, skipped = r.unread.end()
	return r.unread.waiting, skipped
}
