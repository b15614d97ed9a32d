package api

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"strconv"
)

// Pagination is what V3 says of the list that an answer is a part of.
type Pagination struct {
	Total   int64
	PerPage int64
}

// paginationAnswer is the same as it is written.
type paginationAnswer struct {
	Total      Whole `json:"total"`
	Count      Whole `json:"count"`
	PerPage    Whole `json:"per_page"`
	TotalPages Whole `json:"total_pages"`
}

// pagination returns what the answer says, if that does not contradict itself and the n entries that came with it.
func (a *paginationAnswer) pagination(n int) (*Pagination, error) {
	p := &Pagination{a.Total.Value, a.PerPage.Value}
	switch {
	case a.Total.Given != Present:
		return nil, errors.New("it does not say how much there is")
	case a.Count.Given == Present && a.Count.Value != int64(n):
		return nil, fmt.Errorf("it announces %d entries and has %d", a.Count.Value, n)
	case p.Total < int64(n):
		return nil, fmt.Errorf("it says that there are %d entries in all and has %d", p.Total, n)
	case p.PerPage < 0, p.PerPage > 0 && a.TotalPages.Value > 1 && (a.TotalPages.Value-1)*p.PerPage >= p.Total:
		return nil, fmt.Errorf("it says that there are %d entries, and %d pages of %d", p.Total, a.TotalPages.Value, p.PerPage)
	}
	return p, nil
}

// Validator is an entry of a list that checks itself.
type Validator interface {
	// Validate returns an error that says what the entry lacks that each of its kind must have.
	Validate() error
}

// DecodeList reads a V3 list. It is an error if the answer lacks what every list has, or if entries are Validators and one
// is not valid.
func DecodeList[T any](body []byte) ([]T, *Pagination, error) {
	var answer struct {
		Data []T `json:"data"`
		Meta struct {
			Pagination *paginationAnswer `json:"pagination"`
		} `json:"meta"`
	}
	if err := Decode(body, &answer); err != nil {
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
		if entry, ok := any(&answer.Data[i]).(Validator); ok {
			if err := entry.Validate(); err != nil {
				return nil, nil, err
			}
		}
	}
	return answer.Data, meta, nil
}

// MostPasses is how often a numbered list is read until it has stood still for one pass.
const MostPasses = 3

// ReadPages reads all of a list that the API only gives by page number. Such a list shifts when an entry before the page is
// added or deleted meanwhile: then it shows entries twice or not at all. So it is read again if the total changes during a
// pass, or if the number of different entries is not the total.
func ReadPages[T any, K comparable](ctx context.Context, s *Session, path string, query url.Values, limit int, key func(T) K) ([]T, error) {
	var got, total int64
	for pass := range MostPasses {
		if pass > 0 {
			s.Tell(fmt.Sprintf("GET %s changed while it was read; reading it again", path))
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
		path, total, got, MostPasses)
}

// readPass reads each page once, several at a time. It returns the different entries and the total, which is -1 if it
// changed meanwhile.
func readPass[T any, K comparable](ctx context.Context, s *Session, path string, query url.Values, limit int, key func(T) K) ([]T, int64, error) {
	type part struct {
		data []T
		meta *Pagination
	}
	fetch := func(ctx context.Context, i int) (p part, err error) {
		query := maps.Clone(query)
		query.Set("page", strconv.Itoa(i+1))
		query.Set("limit", strconv.Itoa(limit))
		err = s.Do(ctx, Call{What: fmt.Sprintf("page %d of GET %s", i+1, path), Path: path, Query: query,
			Read: func(body []byte) (err error) {
				p.data, p.meta, err = DecodeList[T](body)
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
	err = InOrder(ctx, int((total-1)/size), func(ctx context.Context, i int) (part, error) { return fetch(ctx, i+1) },
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

// Count asks how many entries a V3 list has.
func Count(ctx context.Context, s *Session, path string, query url.Values) (total int64, err error) {
	query.Set("limit", "1")
	err = s.Do(ctx, Call{What: "counting with GET " + path, Path: path, Query: query,
		Read: func(body []byte) error {
			_, meta, err := DecodeList[json.RawMessage](body)
			if err == nil {
				total = meta.Total
			}
			return err
		}})
	return total, err
}
