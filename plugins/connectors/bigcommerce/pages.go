package bigcommerce

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"strconv"
)

// pageSizes are how many entries are asked for at a time.
type pageSizes struct {
	products, variants, brands, stock, orders int

	abreast int // from how many pages of products on they are read at the same time; 0: the usual number
}

// usualPages are the largest pages that the API gives.
var usualPages = pageSizes{products: 250, variants: 250, brands: 250, stock: 1000, orders: 250}

// pagination is what V3 says of the list that an answer is a part of.
type pagination struct {
	Total   int64
	PerPage int64
}

// paginationAnswer is the same as it is written.
type paginationAnswer struct {
	Total      whole `json:"total"`
	Count      whole `json:"count"`
	PerPage    whole `json:"per_page"`
	TotalPages whole `json:"total_pages"`
}

// pagination checks that what the answer says of n entries is not at odds with itself.
func (a *paginationAnswer) pagination(n int) (*pagination, error) {
	p := &pagination{a.Total.value, a.PerPage.value}
	switch {
	case a.Total.given != present:
		return nil, errors.New("it does not say how much there is")
	case a.Count.given == present && a.Count.value != int64(n):
		return nil, fmt.Errorf("it announces %d entries and has %d", a.Count.value, n)
	case p.Total < int64(n):
		return nil, fmt.Errorf("it says that there are %d entries in all and has %d", p.Total, n)
	case p.PerPage < 0, p.PerPage > 0 && a.TotalPages.value > 1 && (a.TotalPages.value-1)*p.PerPage >= p.Total:
		return nil, fmt.Errorf("it says that there are %d entries, and %d pages of %d", p.Total, a.TotalPages.value, p.PerPage)
	}
	return p, nil
}

// decodeList reads a V3 list. An answer that lacks what every list has is broken, even if it is JSON, and so is one with an
// entry that says of itself that it is not sound.
func decodeList[T any](body []byte) ([]T, *pagination, error) {
	var answer struct {
		Data []T `json:"data"`
		Meta struct {
			Pagination *paginationAnswer `json:"pagination"`
		} `json:"meta"`
	}
	if err := decode(body, &answer); err != nil {
		return nil, nil, err
	}
	switch {
	case answer.Data == nil:
		return nil, nil, errors.New("it has no data")
	case answer.Meta.Pagination == nil:
		return nil, nil, errors.New("it does not say how much there is")
	}
	meta, err := answer.Meta.Pagination.pagination(len(answer.Data))
	if err != nil {
		return nil, nil, err
	}
	for i := range answer.Data {
		if entry, ok := any(&answer.Data[i]).(interface{ sound() error }); ok {
			if err := entry.sound(); err != nil {
				return nil, nil, err
			}
		}
	}
	return answer.Data, meta, nil
}

// mostPasses is how often a numbered list is read until it has stood still for one pass.
const mostPasses = 3

// readPages reads all of a list that the API only gives by page number. Such a list shifts when something before the
// page is added or taken away meanwhile, and then shows entries twice or not at all: a pass in which the total changes,
// or which does not bring as many different entries as the total says, is read again.
func readPages[T any, K comparable](ctx context.Context, s *session, path string, query url.Values, limit int, key func(T) K) ([]T, error) {
	var got, total int64
	for pass := range mostPasses {
		if pass > 0 {
			s.tell(fmt.Sprintf("GET %s changed while it was read; reading it again", path))
		}
		list, t, err := readPass(ctx, s, path, query, limit, key)
		if err != nil {
			return nil, err
		}
		if got, total = int64(len(list)), t; got == total {
			return list, nil
		}
	}
	return nil, fmt.Errorf("GET %s: the API says there are %d entries but gave %d different ones, in each of %d attempts; try again when the store is quieter",
		path, total, got, mostPasses)
}

// readPass reads each page once, several at a time, and returns the different entries, and the total: -1 where it did
// not stay the same.
func readPass[T any, K comparable](ctx context.Context, s *session, path string, query url.Values, limit int, key func(T) K) ([]T, int64, error) {
	type part struct {
		data []T
		meta *pagination
	}
	fetch := func(ctx context.Context, i int) (p part, err error) {
		query := maps.Clone(query)
		query.Set("page", strconv.Itoa(i+1))
		query.Set("limit", strconv.Itoa(limit))
		err = s.do(ctx, call{what: fmt.Sprintf("page %d of GET %s", i+1, path), path: path, query: query,
			read: func(body []byte) (err error) {
				p.data, p.meta, err = decodeList[T](body)
				return err
			}})
		return p, err
	}
	first, err := fetch(ctx, 0)
	if err != nil {
		return nil, 0, err
	}
	var list []T
	seen := map[K]bool{}
	add := func(data []T) {
		for _, entry := range data {
			if k := key(entry); !seen[k] {
				seen[k] = true
				list = append(list, entry)
			}
		}
	}
	add(first.data)
	total, size := first.meta.Total, int64(len(first.data)) // a page that is not the last one is full
	if size == 0 || total <= size {
		return list, total, nil
	}
	err = inOrder(ctx, int((total-1)/size), func(ctx context.Context, i int) (part, error) { return fetch(ctx, i+1) },
		func(i int, p part) error {
			if p.meta.Total != total || p.meta.PerPage != first.meta.PerPage {
				return errShifted
			}
			add(p.data)
			return nil
		})
	if errors.Is(err, errShifted) {
		return list, -1, nil
	}
	return list, total, err
}

// errShifted ends a pass through a list that changes.
var errShifted = errors.New("the list changed while it was read")
