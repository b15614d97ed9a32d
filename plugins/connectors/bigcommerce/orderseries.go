package bigcommerce

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strconv"

	"github.com/reconcilehq/reconcile/plugins/sdk/webapi"
)

// orderSeries reads the list of orders in the order of their numbers, from its beginning to its end.
type orderSeries struct {
	*orderReader
	all  []order
	last int64 // the number up to which all orders are known
	read int   // pages
	over bool  // there are no more

	full   bool  // the last page was as long as pages get
	length int   // of the last page
	stride int64 // how many numbers a page goes forward, as it seems
	width  int   // how many pages at a time have paid off so far
}

// byCursor reads the orders in the order of their numbers. Each page begins behind the last order received, so that nothing
// shifts while they are read. Where there are many, it asks for several pages at a time, and guesses the number that each
// begins with from how dense the numbers were so far. A page that begins too late is not used.
func (r *orderReader) byCursor(ctx context.Context) ([]order, error) {
	s := &orderSeries{orderReader: r, last: r.from - 1, width: 1}
	for !s.over {
		pages, had := s.parallel(), len(s.all)
		from, number, stride := s.last+1, s.read+1, s.stride // taking a page changes them
		err := webapi.InOrder(ctx, r.session.Client, pages, func(ctx context.Context, i int) ([]order, error) {
			start := from + int64(i)*stride
			return r.page(ctx, number+i, url.Values{"min_id": {strconv.FormatInt(start, 10)}})
		}, func(i int, page []order) error { return s.take(from+int64(i)*stride, page) })
		if err != nil && !errors.Is(err, errTooLate) {
			return nil, err
		}
		if got := len(s.all) - had; got*4 < pages*s.length*3 { // numbers go on as they like
			s.width = max(s.width/2, 1)
		} else {
			s.width++
		}
		r.session.Tell(fmt.Sprintf("orders up to %d", s.last))
	}
	return s.all, nil
}

var errTooLate = errors.New("the page begins behind orders that are not known yet")

// parallel returns how many pages to ask for at a time: at most a third of the pages so far. How many are left is unknown,
// and requests behind the last order are wasted.
func (s *orderSeries) parallel() int {
	if !s.full || s.stride < 1 {
		return 1
	}
	return min(max(s.read/3, 1), s.width, webapi.MostInFlight)
}

// take takes a page of the orders from a number on.
func (s *orderSeries) take(start int64, page []order) error {
	if s.over {
		return nil
	}
	if start > s.last+1 {
		s.full = false // guess again, from the next page
		return errTooLate
	}
	for before, i := start-1, 0; i < len(page); i++ {
		if page[i].ID <= before {
			return errUnordered
		}
		before = page[i].ID
	}
	for _, o := range page {
		if o.ID > s.last {
			s.all, s.last = append(s.all, o), o.ID
		}
	}
	s.read++
	if s.orderReader.last(page) {
		s.over = true
		return nil
	}
	s.full = len(page) == s.limit || len(page) == s.length
	s.length, s.largest = len(page), max(s.largest, len(page))
	if s.stride = page[len(page)-1].ID - start + 1; s.stride > int64(len(page)) {
		s.stride -= s.stride / 16 // numbers are missing here and there: better a little too early than too late
	}
	return nil
}
