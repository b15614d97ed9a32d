package webapi

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"
)

// Members returns a function for List.Read that takes the items from the answer's member of that name, the number of all items from
// another, and the next page's cursor or address from a third. total and next are "" where answers have no such member. A name with points
// leads into objects: "meta.pagination.next", unless the answer has a member that is called so.
//
// An answer without its items, or without a total that it should have, is broken. One without next, or with null or "" there, is the
// last page; where there is no total to prove that, next must be there.
func Members[T any](items, total, next string) func(*Answer) (Page[T], error) {
	return func(a *Answer) (Page[T], error) {
		var page Page[T]
		var members map[string]json.RawMessage
		if err := Decode(a.Body, &members); err != nil {
			return page, err
		}
		list, _ := memberAt(members, items)
		if absent(list) {
			return page, fmt.Errorf("it has no %q", items)
		}
		if err := json.Unmarshal(list, &page.Items); err != nil {
			return page, fmt.Errorf("%q: %w", items, err)
		}
		for i, item := range page.Items {
			if e, is := any(item).(*Entry); is && e == nil {
				return page, fmt.Errorf("item %d of %q is null", i+1, items)
			}
		}
		if total != "" {
			number, _ := memberAt(members, total)
			if absent(number) {
				return page, fmt.Errorf("it has no %q", total)
			}
			if err := json.Unmarshal(number, &page.Total); err != nil {
				return page, fmt.Errorf("%q: %w", total, err)
			}
		}
		if next == "" {
			return page, nil
		}
		at, there := memberAt(members, next)
		switch {
		case !there && total == "":
			return page, fmt.Errorf("it has no %q, which says whether it is the last", next)
		case !there:
			page.Lacks = strconv.Quote(next)
		}
		var err error
		page.Next, err = place(at)
		if err != nil {
			return page, fmt.Errorf("%q: %w", next, err)
		}
		return page, nil
	}
}

// memberAt returns the member of that name, or the one that a name with points leads to. There is none where an object above it is not there, or
// is null.
func memberAt(members map[string]json.RawMessage, name string) (value json.RawMessage, ok bool) {
	if value, ok = members[name]; ok {
		return value, true
	}
	outer, inner, nested := strings.Cut(name, ".")
	if !nested {
		return nil, false
	}
	var within map[string]json.RawMessage
	if json.Unmarshal(members[outer], &within) != nil {
		return nil, false
	}
	return memberAt(within, inner)
}

func absent(raw json.RawMessage) bool { return len(raw) == 0 || bytes.Equal(raw, nullText) }

// place reads a cursor or an address: a text, or a number.
func place(raw json.RawMessage) (string, error) {
	if absent(raw) {
		return "", nil
	}
	var text string
	if json.Unmarshal(raw, &text) == nil {
		return text, nil
	}
	var number json.Number
	if json.Unmarshal(raw, &number) == nil {
		return number.String(), nil
	}
	return "", errors.New("it is no text and no number")
}

// At returns a function for List.Ask: it asks for a path, which may have parameters, with the place of the page in the parameter param. The first
// page of a list by cursors is asked for without it.
func At(path, param string) func(at string) Request {
	return func(at string) Request {
		r := Request{Path: path}
		if at != "" {
			r.Query = url.Values{param: {at}}
		}
		return r
	}
}
