package api

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"strconv"

	"github.com/reconcilehq/reconcile/plugins/sdk/webapi"
)

// Pagination is what V3 says of the list that an answer is a part of.
type Pagination struct {
	Total   int64
	PerPage int64
}

// paginationAnswer is the same as it is written.
type paginationAnswer struct {
	Total      webapi.Whole `json:"total"`
	Count      webapi.Whole `json:"count"`
	PerPage    webapi.Whole `json:"per_page"`
	TotalPages webapi.Whole `json:"total_pages"`
}

// pagination returns what the answer says, if that does not contradict itself and the n entries that came with it.
func (a *paginationAnswer) pagination(n int) (*Pagination, error) {
	p := &Pagination{a.Total.Value, a.PerPage.Value}
	switch {
	case a.Total.Given != webapi.Present:
		return nil, errors.New("it does not say how much there is")
	case a.Count.Given == webapi.Present && a.Count.Value != int64(n):
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
	if err := webapi.Decode(body, &answer); err != nil {
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

// ReadPages reads all of a list that the API only gives by page number. Whoever asks compares what is read with other lists: it is
// read again only if the number of different entries is not the total, or the total changes.
func ReadPages[T any, K comparable](ctx context.Context, s *webapi.Session, path string, query url.Values, limit int, key func(T) K) ([]T, error) {
	list := webapi.List[T]{What: "GET " + path, Size: limit, Once: true,
		Ask: func(page string) webapi.Request {
			query := maps.Clone(query)
			query.Set("page", page)
			query.Set("limit", strconv.Itoa(limit))
			return webapi.Request{Path: path, Query: query}
		},
		Read: func(a *webapi.Answer) (webapi.Page[T], error) {
			data, meta, err := DecodeList[T](a.Body)
			if err != nil {
				return webapi.Page[T]{}, err
			}
			return webapi.Page[T]{Items: data, Total: &meta.Total}, nil
		},
		Key: func(entry T) string { return fmt.Sprint(key(entry)) }}
	return list.ByNumber(1).All(ctx, s)
}

// Count asks how many entries a V3 list has.
func Count(ctx context.Context, s *webapi.Session, path string, query url.Values) (total int64, err error) {
	query.Set("limit", "1")
	err = s.Do(ctx, webapi.Request{What: "counting with GET " + path, Path: path, Query: query,
		Read: func(a *webapi.Answer) error {
			_, meta, err := DecodeList[json.RawMessage](a.Body)
			if err == nil {
				total = meta.Total
			}
			return err
		}})
	return total, err
}
