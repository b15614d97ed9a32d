package report

import (
	"fmt"

	"github.com/reconcilehq/reconcile/engine/verdict"
)

// counts says how many items are what, each a clean text.
func (r *Result) counts() []string {
	s := &r.Summary
	parts := []string{count(s.Classes[verdict.Agrees]) + " synchronized", count(s.Classes[verdict.Differs]) + " not synchronized"}
	if n := s.Classes[verdict.Unchecked]; n > 0 {
		parts = append(parts, count(n)+" not checked")
	}
	if n := s.Classes[verdict.Excused]; n > 0 {
		parts = append(parts, count(n)+" intentional")
	}
	for _, status := range verdict.Statuses {
		n := s.Open(status)
		if n == 0 {
			continue
		}
		switch status {
		case verdict.PosOnly:
			parts = append(parts, count(n)+" only in "+r.side(verdict.Pos))
		case verdict.StoreOnly:
			parts = append(parts, count(n)+" only in "+r.side(verdict.Store))
		case verdict.Duplicate:
			parts = append(parts, count(n)+" duplicate")
		case verdict.NoKey:
			parts = append(parts, count(n)+" without a key")
		case verdict.Unreadable:
			parts = append(parts, count(n)+" unreadable")
		}
	}
	if n := s.AreParents(); n > 0 {
		parts = append(parts, count(n)+plural(n, " parent", " parents")+" of matched variants")
	}
	if n := s.MeantToBe(); n > 0 {
		parts = append(parts, count(n)+" of one side and meant to be")
	}
	return parts
}

// state says what became of an item that is not matched, and whether something is to be done about it.
func state(it *Item) string {
	switch {
	case it.Parent:
		return it.Status.String() + ": parent"
	case it.Intended() != nil:
		return it.Status.String() + ": meant to be"
	}
	return it.Status.String()
}

// side names a side as people know it, for example "pos (shop)".
func (r *Result) side(s verdict.Side) string {
	return s.String() + " (" + clean(r.Source(s).Name) + ")"
}

// title names a source by its connector and its name, for example "amberpos.shop".
func (s *Source) title() string { return clean(s.Connector + "." + s.Name) }

// read says what was read of a source, and how old it is.
func (r *Result) read(s *Source) string {
	text := items(int(s.Items)) + s.left()
	if age := r.age(s); age != "" {
		text += ", " + age
	}
	return text
}

// left says how many rows of a source could not be read, which are as many as its warning says, and what became of them.
func (s *Source) left() string {
	skipped, unreadable := int(s.Skipped), int(s.Unreadable)
	switch {
	case skipped == 0 && unreadable == 0:
		return ""
	case unreadable == 0:
		return ", " + rows(skipped) + " skipped"
	case skipped == 0:
		return ", " + rows(unreadable) + " unreadable"
	}
	return fmt.Sprintf(", %s that could not be read: %s unreadable, %s skipped", rows(skipped+unreadable), count(unreadable), count(skipped))
}

// meaning is what a cell's letter says, in a few words.
type meaning struct {
	cell verdict.Cell
	text string
}

// letters returns what the letters in cells mean.
func letters() []meaning {
	return []meaning{
		{verdict.Synchronized, "synchronized"},
		{verdict.NotSynchronized, "not synchronized"},
		{verdict.Intentional, "intentional"},
		{verdict.NotApplicable, "not compared"},
	}
}

// heading names the result, for formats that stand by themselves.
func (r *Result) heading() string {
	title := "Reconciliation " + clean(r.Reconciliation)
	if !r.MadeAt.IsZero() {
		title += ", " + r.MadeAt.Format(timeLayout)
	}
	return title
}
