package session

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"

	"github.com/reconcilehq/reconcile/rules"
	"github.com/reconcilehq/reconcile/rules/shipped"
)

// olderRules warns, once, of the rules for which counts is true that are as they were shipped before.
func (s *Session) olderRules(config *rules.Config, counts func(shipped.Rule) bool) hcl.Diagnostics {
	var older, weaker, own []string
	var first *hcl.Range
	for _, name := range slices.Sorted(maps.Keys(config.Files)) {
		for _, r := range shipped.Older(config.Files[name]) {
			switch {
			case !counts(r):
				continue
			case !r.Changed:
				older = append(older, r.Code)
				if r.Weaker {
					weaker = append(weaker, r.Code)
				}
			case r.OldCondition:
				own = append(own, r.Code)
			default:
				continue
			}
			if first == nil {
				first = &r.Range
			}
		}
	}
	if first == nil {
		return nil
	}
	var detail []string
	if len(older) > 0 {
		blame := ""
		if len(weaker) > 0 {
			blame = fmt.Sprintf(" The older %s can call something synchronized that is not.", strings.Join(weaker, ", "))
		}
		detail = append(detail, fmt.Sprintf("%s %s shipped before, in place of which others are shipped today.%s %s shows today's, "+
			"%s writes them, and says why of those that would not be valid here.",
			strings.Join(older, ", "), choose(len(older), "is a rule that was", "are rules that were"), blame, s.Hint("fmt", "--rules", "--check", "--diff"), s.Hint("fmt", "--rules")))
	}
	if len(own) > 0 {
		detail = append(detail, fmt.Sprintf("%s %s: reconcile fmt --rules leaves a rule alone that somebody changed. Look at its condition in the file that reconcile init writes.",
			strings.Join(own, ", "), choose(len(own), "has a condition that was shipped before", "have conditions that were shipped before")))
	}
	return hcl.Diagnostics{{Severity: hcl.DiagWarning, Summary: "Rules as they were shipped before", Detail: strings.Join(detail, " "), Subject: first}}
}

func choose(n int, one, many string) string {
	if n == 1 {
		return one
	}
	return many
}

// couldHold tells the older rules that are worth a word: those that somebody made their own only where that of today could stand in their place,
// as the store of some reconciliation has the fields that it needs, or nobody knows which ones it has.
func (s *Sources) couldHold(list []*rules.Reconciliation) func(shipped.Rule) bool {
	return func(older shipped.Rule) bool {
		return !older.Changed || len(list) == 0 || slices.ContainsFunc(list, func(r *rules.Reconciliation) bool {
			schema := s.SchemaOf(r.Store)
			return schema == nil || !slices.ContainsFunc(older.Needs, func(field string) bool { return schema.Index(field) < 0 })
		})
	}
}

// weakerRulesOf tells the older rules of a reconciliation that can give other cells than those of today.
func weakerRulesOf(r *rules.Reconciliation) func(shipped.Rule) bool {
	return func(s shipped.Rule) bool {
		return s.Weaker && slices.ContainsFunc(r.Rules, func(rule *rules.Rule) bool { return rule.Code == s.Code })
	}
}

// Allows returns a *MistakesError with those mistakes that the configuration would have with other texts in its files, and
// does not have now; nil if there are none. The texts are by the files' clean paths.
func (s *Session) Allows(ctx context.Context, texts map[string][]byte) error {
	now, err := s.mistakes(ctx)
	if err != nil {
		return err
	}
	o := s.Options
	o.Texts = texts
	then, err := New(o).mistakes(ctx)
	if err != nil || then == nil {
		return err
	}
	if now != nil {
		then.Diags = slices.DeleteFunc(then.Diags, func(d *hcl.Diagnostic) bool {
			return slices.ContainsFunc(now.Diags, func(old *hcl.Diagnostic) bool { return old.Summary == d.Summary && old.Detail == d.Detail })
		})
	}
	then.Diags = slices.DeleteFunc(then.Diags, func(d *hcl.Diagnostic) bool { return d.Severity != hcl.DiagError })
	if len(then.Diags) == 0 {
		return nil
	}
	return then
}

// mistakes returns what is wrong with the configuration; nil if nothing is.
func (s *Session) mistakes(ctx context.Context) (*MistakesError, error) {
	checked, err := s.Check(ctx, false)
	var mistakes *MistakesError
	switch {
	case errors.As(err, &mistakes):
		return mistakes, nil
	case err != nil:
		return nil, err
	}
	checked.Close()
	return nil, nil
}
