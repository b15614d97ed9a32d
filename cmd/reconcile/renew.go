package main

import (
	"context"
	"errors"
	"path/filepath"
	"slices"

	"github.com/hashicorp/hcl/v2"

	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/session"
	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/tidy"
	"github.com/reconcilehq/reconcile/rules/shipped"
)

// renewValid leaves those rules of files that were renewed as they were with which the configuration would have mistakes that it
// does not have now, and says so of each.
func (c *commandLine) renewValid(ctx context.Context, files []*tidy.File) error {
	mistakes, err := c.allows(ctx, files)
	if mistakes == nil {
		return err
	}
	type renewed struct {
		file *tidy.File
		rule shipped.Rule
	}
	var all []renewed
	var not []string // codes of rules that are not renewed
	for _, file := range files {
		for _, r := range file.Renewed {
			all = append(all, renewed{file, r})
			not = append(not, r.Code)
		}
	}
	for _, r := range all { // one more at a time, so that one that cannot be renewed keeps no other from it
		with := slices.DeleteFunc(slices.Clone(not), func(code string) bool { return code == r.rule.Code })
		if err := renewExcept(files, with); err != nil {
			return err
		}
		mistakes, err := c.allows(ctx, files)
		if err != nil {
			return err
		}
		if mistakes == nil {
			not = with
			continue
		}
		c.term.Say("%s, line %d: rule %q stays as it is, as the configuration would not be valid with today's: %s",
			r.file.Name, r.rule.Range.Start.Line, r.rule.Code, firstOf(mistakes.Diags))
	}
	return renewExcept(files, not)
}

func renewExcept(files []*tidy.File, not []string) error {
	for _, file := range files {
		if err := file.Renew(not...); err != nil {
			return err
		}
	}
	return nil
}

func firstOf(diags hcl.Diagnostics) string { return diags[0].Summary + ": " + diags[0].Detail }

// allows returns the mistakes that the configuration would have with the rules that were renewed, and does not have now.
func (c *commandLine) allows(ctx context.Context, files []*tidy.File) (*session.MistakesError, error) {
	texts := map[string][]byte{}
	for _, file := range files {
		if len(file.Renewed) > 0 {
			texts[filepath.Clean(file.Name)] = file.Is
		}
	}
	if len(texts) == 0 {
		return nil, nil
	}
	err := c.session().Allows(ctx, texts)
	var mistakes *session.MistakesError
	if errors.As(err, &mistakes) {
		return mistakes, nil
	}
	return nil, err
}
