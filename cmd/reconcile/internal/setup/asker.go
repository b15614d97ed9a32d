package setup

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/reconcilehq/reconcile/plugins/sdk/webapi"

	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/setup/answer"
)

// asker asks an API for pages of a list.
type asker struct {
	*place
	client *webapi.Client
}

// ask asks for a page: with the parameters that the address has, and these in addition.
func (a *asker) ask(ctx context.Context, params url.Values) (*webapi.Answer, error) {
	query := maps.Clone(a.page)
	maps.Copy(query, params)
	session := a.client.Session(nil)
	session.Tries = 3
	var got *webapi.Answer
	err := session.Do(ctx, webapi.Request{Path: a.path, Query: query, Read: func(answer *webapi.Answer) error {
		got = answer
		return nil
	}})
	return got, err
}

// entries returns the entries of a page, each as text; nil if the API does not answer it.
func (a *asker) entries(ctx context.Context, p *answer.Proposal, param, value string) ([]string, error) {
	got, err := a.ask(ctx, url.Values{param: {value}})
	switch status := webapi.Status(err); {
	case status >= 400 && status < 500 && status != 429:
		return nil, nil
	case err != nil:
		return nil, fmt.Errorf("ask the store for another page: %w", err)
	}
	return p.Entries(got.Body), nil
}

// follow finds out how the list is asked for its next page, and makes sure that this one differs from the first. What it does not find
// out, the read of the whole list would fail on. Where a person has said of which type the pages are, it looks for no other.
func (a *asker) follow(ctx context.Context, p *answer.Proposal, first []byte, said bool) error {
	entries := p.Entries(first)
	switch page := &p.Page; {
	case page.Param != "": // a person said it
	case page.Type == "cursor" && page.Cursor == "":
		return errors.New("nobody says where in an answer the next page's cursor is: say it with --setting 'page.cursor=$.next_cursor'")
	case page.Type == "cursor":
		return a.byCursor(ctx, p, entries, p.Cursor(first))
	case page.Type == "offset" && said:
		found, err := a.byOffset(ctx, p, entries)
		if err == nil && !found {
			err = errors.New("the list is to come in pages by offset, and with none of the usual parameters a page begins with the last entry of the one before: say which it is with --setting page.offset_param=NAME")
		}
		return err
	case page.Type == "number" && said:
		found, err := a.byNumber(ctx, p, entries)
		if err == nil && !found {
			err = errors.New("the list is to come in pages by number, and none of the usual parameters leads to page 2: say which it is with --setting page.number_param=NAME")
		}
		return err
	case page.Type == "none" && !said:
		total, known := p.Total(first)
		if known && total <= len(entries) {
			return nil
		}
		found, err := a.byOffset(ctx, p, entries)
		if err == nil && !found {
			found, err = a.byNumber(ctx, p, entries)
		}
		if err == nil && !found && known {
			err = fmt.Errorf("the answer has %d of %d entries, and none of the usual parameters leads to the next ones: say how with --setting page.type=... and what goes with it (docs/connectors/rest.md, under page)", len(entries), total)
		}
		return err
	}
	return nil
}

func (a *asker) byCursor(ctx context.Context, p *answer.Proposal, entries []string, cursor string) error {
	if cursor == "" {
		return errors.New("the first answer has nothing at " + p.Page.Cursor + ", where its next page's cursor is to be, so that nobody can try which parameter takes it: mend --setting page.cursor=PATH, or say --setting page.cursor_param=NAME, too")
	}
	last := p.Page.Cursor[strings.LastIndexAny(p.Page.Cursor, ".[")+1:]
	for _, param := range append(slices.Clone(cursorParams), last) {
		next, err := a.entries(ctx, p, param, cursor)
		if err != nil {
			return err
		}
		if len(next) > 0 && !slices.Contains(entries, next[0]) {
			p.Page.Param = param
			return nil
		}
	}
	return errors.New("the answer says what its next page is asked for by (" + p.Page.Cursor + "), and none of the usual parameters takes it: say which with --setting page.cursor_param=NAME")
}

// byOffset tries parameters by which a page begins with the last entry of the first one.
func (a *asker) byOffset(ctx context.Context, p *answer.Proposal, entries []string) (bool, error) {
	if len(entries) < 2 {
		return false, nil
	}
	for _, param := range offsetParams {
		next, err := a.entries(ctx, p, param, strconv.Itoa(len(entries)-1))
		if err != nil {
			return false, err
		}
		if len(next) > 0 && next[0] == entries[len(entries)-1] {
			p.Page.Type, p.Page.Param = "offset", param
			return true, nil
		}
	}
	return false, nil
}

// byNumber tries parameters by which pages are numbered from 1.
func (a *asker) byNumber(ctx context.Context, p *answer.Proposal, entries []string) (bool, error) {
	for _, param := range numberParams {
		one, err := a.entries(ctx, p, param, "1")
		if err != nil {
			return false, err
		}
		two, err := a.entries(ctx, p, param, "2")
		if err != nil {
			return false, err
		}
		if len(one) > 0 && len(two) > 0 && one[0] == entries[0] && !slices.Contains(entries, two[0]) {
			p.Page.Type, p.Page.Param = "number", param
			return true, nil
		}
	}
	return false, nil
}
