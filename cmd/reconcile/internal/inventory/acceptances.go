package inventory

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/reconcilehq/reconcile/rules"

	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/session"
	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/store"
	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/web/rest"
)

// Standing implements rest.Records.
func (s *Shop) Standing(context.Context) ([]rest.Standing, error) {
	config, diags := s.Session().Load()
	list := standing(config, config.Intentional)
	if diags.HasErrors() {
		return list, errors.New(session.InWords(s.Session().Refuse(config, diags)))
	}
	return list, nil
}

// standing returns what is intentional for programs.
func standing(config *rules.Config, intentional []*rules.Intentional) []rest.Standing {
	now := time.Now()
	var list []rest.Standing
	for _, in := range intentional {
		if in.BuiltIn() {
			continue
		}
		of := rest.Standing{Block: in.Name, Reconciliations: append([]string{}, in.Reconciliations...), Rules: in.Rules, SKUs: append([]string{}, in.SKUs...), Items: len(in.SKUs),
			Reason: in.Reason, Owner: in.Owner, Starts: dayText(in.Starts), Expires: dayText(in.Expires), State: rest.Holds,
			File: in.Range.Filename, Line: in.Range.Start.Line, InList: in.File != "", Changeable: in.Range.Filename == config.Accepted}
		switch {
		case in.Expired(now):
			of.State = rest.Expired
		case now.Before(in.Starts):
			of.State = rest.NotYet
		case in.ExpiresWithin(rest.ExpiringDays, now):
			of.State = rest.Expiring
		}
		for _, status := range in.Statuses {
			of.Statuses = append(of.Statuses, status.String())
		}
		if file := config.Files[in.Range.Filename]; in.Where != nil && file != nil {
			of.Where = string(in.Where.Range().SliceBytes(file.Bytes))
		}
		for _, v := range in.Accepted {
			of.Values = append(of.Values, rest.Value{Side: v.Side.String(), Field: v.Field, Value: v.Text, Currency: string(v.Currency)})
		}
		if in.File != "" {
			of.File, of.Line = in.File, in.Line
		}
		list = append(list, of)
	}
	return list
}

func dayText(day time.Time) string {
	if day.IsZero() {
		return ""
	}
	return day.Format(time.DateOnly)
}

// Amend implements rest.Records. As with Accept it is in the audit trail before it is made.
func (s *Shop) Amend(ctx context.Context, who store.Actor, a rest.Amendment) (*rest.Amended, error) {
	said, err := s.amend(a, true)
	if err != nil || a.Try {
		return said, err
	}
	e := store.Entry{What: "accept.until", Subject: a.Reconciliation, Before: inWords(said.Before)}
	if a.Back {
		e.What = "accept.remove"
	} else if e.After = "for ever"; !a.Until.IsZero() {
		e.After = "until " + dayText(a.Until)
	}
	if err := s.Store.Note(ctx, who, e); err != nil {
		return nil, err
	}
	said, err = s.amend(a, false)
	if err != nil {
		e.What, e.After = e.What+".failed", err.Error()
		if noted := s.Store.Note(ctx, who, e); noted != nil {
			return nil, noted
		}
	}
	return said, err
}

func (s *Shop) amend(a rest.Amendment, try bool) (*rest.Amended, error) {
	of := session.Standing{Block: a.Block}
	for _, it := range a.Items {
		one := session.Accepting{SKU: it.SKU, Rule: it.What}
		if it.IsStatus {
			status, err := rules.StatusNamed(it.What)
			if err != nil {
				return nil, err
			}
			one.Rule, one.Status = "", status
		}
		of.Items = append(of.Items, one)
	}
	var amended *session.Amended
	var err error
	if a.Back {
		amended, err = s.Session().TakeBackKept(a.Reconciliation, a.Run, of, try)
	} else {
		amended, err = s.Session().SetUntilKept(a.Reconciliation, a.Run, of, a.Until, try)
	}
	if err != nil {
		return nil, &rest.Problem{Status: http.StatusConflict, Code: "not_changed", Text: session.InWords(err)}
	}
	config := amended.Config
	return &rest.Amended{File: config.Accepted, Before: standing(config, amended.Before), After: standing(config, amended.After), Gone: amended.Gone}, nil
}

// mostBlocks is how many blocks an entry of the audit trail names.
const mostBlocks = 20

// inWords says for the audit trail what acceptances were: as many as fit, and how many more there are.
func inWords(list []rest.Standing) string {
	var blocks []rest.Standing // the first of each
	items := map[string][]rest.AcceptedItem{}
	for _, of := range list {
		if items[of.Block] == nil {
			blocks = append(blocks, of)
		}
		for _, sku := range append([]string{}, of.SKUs...) {
			for _, what := range append(append([]string{}, of.Rules...), of.Statuses...) {
				items[of.Block] = append(items[of.Block], rest.AcceptedItem{SKU: sku, What: what})
			}
		}
		if items[of.Block] == nil {
			items[of.Block] = []rest.AcceptedItem{}
		}
	}
	var parts []string
	for _, of := range blocks[:min(len(blocks), mostBlocks)] {
		text := strconv.Quote(of.Block)
		if short := inShort(items[of.Block]); short != "" {
			text += ", " + short
		}
		if of.Reason != "" {
			text += ": " + of.Reason
		}
		if of.Owner != "" {
			text += ", by " + of.Owner
		}
		if of.Expires != "" {
			text += ", until " + of.Expires
		}
		parts = append(parts, text)
	}
	text := strings.Join(parts, "; ")
	if left := len(blocks) - mostBlocks; left > 0 {
		text += fmt.Sprintf("; and %d more", left)
	}
	return text
}
