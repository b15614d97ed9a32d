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

// pagination is what V3 says of the list that an answer is a part of.
type pagination struct {
	Total      webapi.Whole `json:"total"`
	Count      webapi.Whole `json:"count"`
	PerPage    webapi.Whole `json:"per_page"`
	TotalPages webapi.Whole `json:"total_pages"`
}

// check returns an error if it contradicts itself, or the n entries that came with it.
func (p *pagination) check(n int) error {
	total, size, pages := p.Total.Value, p.PerPage.Value, p.TotalPages.Value
	switch {
	case p.Total.Given != webapi.Present:
		return errors.New("it does not say how much there is")
	case p.Count.Given == webapi.Present && p.Count.Value != int64(n):
		return fmt.Errorf("it announces %d entries and has %d", p.Count.Value, n)
	case total < int64(n):
		return fmt.Errorf("it says that there are %d entries in all and has %d", total, n)
	case size < 0, size > 0 && pages > 1 && (pages-1)*size >= total:
		return fmt.Errorf("it says that there are %d entries, and %d pages of %d", total, pages, size)
	}
	return nil
}

// Validator is an entry of a list that checks itself.
type Validator interface {
	// Validate returns an error that says what the entry lacks that each of its kind must have.
	Validate() error
}

// ReadList reads a V3 list, with its total. It is an error if the answer lacks what every list has, or if entries are Validators and one
// is not valid.
func ReadList[T any](a *webapi.Answer) (page webapi.Page[T], err error) {
	var answer struct {
		Data []T `json:"data"`
		Meta struct {
			Pagination *pagination `json:"pagination"`
		} `json:"meta"`
	}
	if err := webapi.Decode(a.Body, &answer); err != nil {
		return page, err
	}
	switch {
	case answer.Data == nil:
		return page, errors.New("it has no data")
	case answer.Meta.Pagination == nil:
		return page, errors.New("it does not say how much there is")
	}
	if err := answer.Meta.Pagination.check(len(answer.Data)); err != nil {
		return page, err
	}
	for i := range answer.Data {
		if entry, ok := any(&answer.Data[i]).(Validator); ok {
			if err := entry.Validate(); err != nil {
				return page, err
			}
		}
	}
	return webapi.Page[T]{Items: answer.Data, Total: &answer.Meta.Pagination.Total.Value}, nil
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
		Read: ReadList[T],
		Key:  func(entry T) string { return fmt.Sprint(key(entry)) }}
	return list.ByNumber(1).All(ctx, s)
}

// Count asks how many entries a V3 list has.
func Count(ctx context.Context, s *webapi.Session, path string, query url.Values) (total int64, err error) {
	query.Set("limit", "1")
	err = s.Do(ctx, webapi.Request{What: "counting with GET " + path, Path: path, Query: query,
		Read: func(a *webapi.Answer) error {
			page, err := ReadList[json.RawMessage](a)
			if err == nil {
				total = *page.Total
			}
			return err
		}})
	return total, err
}
