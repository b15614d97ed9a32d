package restapi

import (
	"context"
	"fmt"
	"net/url"

	"github.com/reconcilehq/reconcile/plugins/sdk"
	"github.com/reconcilehq/reconcile/plugins/sdk/webapi"
)

// ReadColumns implements sdk.ColumnReader.
func (s *Source) ReadColumns(ctx context.Context, req sdk.ReadRequest, w *sdk.Writer) error {
	if s.Since != nil { // so that items come in the order that they have in the Local Copy
		return s.clean(sdk.ReadRecords(ctx, s, req, w))
	}
	m := s.mapper(req, w)
	told, err := s.each(ctx, req, nil, func(entries []entry) error {
		for _, e := range entries {
			if err := m.entry(e); err != nil {
				return err
			}
		}
		req.Progress(m.entries, 0, "entries")
		return nil
	})
	if err == nil {
		err = m.end(s.AllowEmpty || told.none)
	}
	return s.clean(err)
}

func (s *Source) mapper(req sdk.ReadRequest, w *sdk.Writer) *mapper {
	return s.plan.mapper(w, notes{
		warn:       func(format string, args ...any) { req.Warn("%s", s.cleanText(fmt.Sprintf(format, args...))) },
		unreadable: func(sku, reason string) { req.Unreadable(sku, s.cleanText(reason)) },
		skipped:    req.Skipped,
	})
}

// Check implements sdk.Checker: it reads the first page, and makes items of it.
func (s *Source) Check(ctx context.Context) ([]sdk.Fact, error) {
	var clock webapi.ServerClock
	session := s.connect().Session(nil)
	session.Tries, session.Answered = checkTries, clock.Note
	page, err := s.first(ctx, session)
	if err != nil {
		return nil, s.clean(err)
	}
	fields, err := s.Schema(ctx)
	if err != nil {
		return nil, err
	}
	w, err := sdk.NewWriter(ctx, fields, func(*sdk.Batch) error { return nil })
	if err != nil {
		return nil, err
	}
	m := s.plan.mapper(w, notes{warn: func(string, ...any) {}, unreadable: func(string, string) {}, skipped: func(int) {}})
	for _, e := range page.Items {
		if err := m.entry(e); err != nil {
			return nil, s.clean(err)
		}
	}
	if err := m.end(s.AllowEmpty || page.Total != nil && *page.Total == 0); err != nil {
		return nil, s.clean(err)
	}
	var facts []sdk.Fact
	if u, err := url.Parse(s.BaseURL); err == nil {
		facts = append(facts, sdk.Fact{Name: "host", Value: u.Host})
	}
	facts = append(facts, sdk.Fact{Name: "items in the first page", Value: jsonNumber(m.items)})
	if page.Total != nil {
		facts = append(facts, sdk.Fact{Name: "entries in all", Value: jsonNumber(*page.Total)})
	}
	return append(facts, clock.Fact()...), nil
}

// checkTries is how often a check tries: somebody waits for it.
const checkTries = 2
