package bigcommerce

import (
	"context"
	"net/url"
	"time"

	"github.com/reconcilehq/reconcile/plugins/sdk/webapi"
)

// allOrders reads all orders that may be pending, and keeps no others.
func (p *puller) allOrders(ctx context.Context) error {
	p.next.Orders = p.wantsOrders()
	if !p.next.Orders {
		return nil
	}
	p.next.From = p.source.imported.through + 1
	if err := p.keepOrders(ctx, &orderReader{from: p.next.From}); err != nil {
		return err
	}
	return p.records.sweep(kindOrder)
}

// refreshOrders updates the orders that are not imported yet. If they fit into a page it reads all of them, so that deleted
// ones are noticed, too. If there are more, it asks for those that were changed, by their date.
func (p *puller) refreshOrders(ctx context.Context) error {
	if !p.wantsOrders() || !p.base.Orders || p.base.From > p.source.imported.through+1 {
		return p.allOrders(ctx)
	}
	open, err := p.openOrders(ctx)
	if err != nil {
		return err
	}
	reader := &orderReader{from: p.source.imported.through + 1, short: true, largest: p.base.Largest}
	if open < p.source.pages.orders {
		p.next.From = reader.from
		if err := p.keepOrders(ctx, reader); err != nil {
			return err
		}
		if open > 0 && len(p.records.put[kindOrder]) == 0 { // none of them is left? That is worth asking twice
			if err := p.keepOrders(ctx, reader); err != nil {
				return err
			}
		}
		return p.records.sweep(kindOrder)
	}
	reader.from = p.base.From // imported_through may be set back, as far as orders are held
	reader.filter = url.Values{"min_date_modified": {p.base.ordersSince().UTC().Format(time.RFC3339)}}
	err = p.keepOrders(ctx, reader)
	if webapi.Refused(err) {
		p.req.Warn("the API does not tell which orders have changed since the last pull (%v), so that all are read", err)
		return p.allOrders(ctx)
	}
	return err
}

// openOrders counts the orders held that are behind the last imported one.
func (p *puller) openOrders(ctx context.Context) (n int, err error) {
	for key, err := range p.req.Keys(ctx, kindOrder) {
		if err != nil {
			return 0, err
		}
		id, err := idOf(key)
		if err != nil {
			return 0, err
		}
		if id > p.source.imported.through {
			n++
		}
	}
	return n, nil
}

func (p *puller) keepOrders(ctx context.Context, reader *orderReader) error {
	err := p.readOrders(ctx, reader)
	p.next.Largest = max(p.next.Largest, reader.largest)
	return err
}
