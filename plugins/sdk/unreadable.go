package sdk

import (
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/plugins/proto"
)

// unreadableItems collects the items that a read could not read, and sends them to the host.
type unreadableItems struct {
	send func([]catalog.Unreadable) // nil: keep all of them in waiting

	mu             sync.Mutex
	waiting        []catalog.Unreadable
	bytes          int // the size of waiting
	count, skipped int64
}

const (
	maxWaiting      = 1000      // items: when so many wait, they are sent
	maxWaitingBytes = 256 << 10 // the same in bytes
	maxSKUBytes     = 4 << 10   // a longer text is no SKU
)

func (u *unreadableItems) add(sku, reason string) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if sku == "" || len(sku) > maxSKUBytes || !utf8.ValidString(sku) {
		u.skipped++
		return
	}
	if len(reason) > proto.MaxText {
		reason = reason[:proto.MaxText]
	}
	// Both are copied, because the memory of a SKU is often used again for the next one.
	item := catalog.Unreadable{SKU: catalog.NormalText(strings.Clone(sku)), Reason: strings.Clone(strings.ToValidUTF8(reason, ""))}
	u.waiting = append(u.waiting, item)
	u.count++
	u.bytes += len(item.SKU) + len(item.Reason)
	if len(u.waiting) >= maxWaiting || u.bytes >= maxWaitingBytes {
		u.sendWaiting()
	}
}

func (u *unreadableItems) addSkipped(rows int) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.skipped += int64(max(rows, 0))
}

// sendWaiting sends the items that wait. The caller holds the lock.
func (u *unreadableItems) sendWaiting() {
	if u.send != nil && len(u.waiting) > 0 {
		u.send(u.waiting)
		u.waiting, u.bytes = nil, 0
	}
}

// finish sends the remaining items, and returns the numbers of unreadable items and skipped rows.
func (u *unreadableItems) finish() (told, skipped int64) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.sendWaiting()
	return u.count, u.skipped
}

// Unreadable reports an item that the source has but that cannot be read. Use it if a setting such as on_bad_row allows the
// read to continue, and do not emit the item. The reason should name the place, such as a row. The report then lists the
// item with the reason, and does not say that it is missing here. If the SKU cannot be read either (sku is ""), the item
// counts as Skipped.
func (r ReadRequest) Unreadable(sku, reason string) { r.unreadable.add(sku, reason) }

// Skipped reports rows that are items of the source but are left out because not even their SKUs can be read. An item that
// seems to be missing here may be one of these rows; the report says so.
func (r ReadRequest) Skipped(rows int) { r.unreadable.addSkipped(rows) }

// UnreadableItems returns the items that were reported with Unreadable, and the number of rows that were reported with
// Skipped. It is for tests of connectors, with a request of NewReadRequest.
func (r ReadRequest) UnreadableItems() (list []catalog.Unreadable, skipped int64) {
	_, skipped = r.unreadable.finish()
	return r.unreadable.waiting, skipped
}
