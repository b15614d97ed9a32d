package report

import (
	"bufio"
	"strconv"
	"time"

	"github.com/reconcilehq/reconcile/engine/verdict"
)

// jsonDocument writes the result as JSON, format_version 1, item by item: a line each, so that two results can be compared
// with the usual tools. Programs may rely on its keys and their order; a later version only adds keys.
type jsonDocument struct {
	out   *bufio.Writer
	items *jsonItems
	line  []byte
	some  bool // there was an item
}

func newJSON(out *bufio.Writer, r *Result, _ Options) (itemWriter, error) {
	d := &jsonDocument{out: out, items: newJSONItems(r)}
	_, err := out.Write(d.items.head(nil))
	return d, err
}

func (d *jsonDocument) item(it *Item) error {
	separator := "\n    "
	if d.some {
		separator = ",\n    "
	}
	d.some = true
	d.line = d.items.item(append(d.line[:0], separator...), it)
	_, err := d.out.Write(d.line)
	return err
}

// fork implements forker.
func (d *jsonDocument) fork() Appender {
	own := newJSONItems(d.items.Result)
	return func(dst []byte, it *Item) []byte { return own.item(append(dst, ",\n    "...), it) }
}

// block implements forker.
func (d *jsonDocument) block(lines []byte) error {
	if !d.some {
		lines = lines[1:] // no comma stands before the first item
	}
	d.some = true
	_, err := d.out.Write(lines)
	return err
}

// join implements forker.
func (d *jsonDocument) join(int) {}

func (d *jsonDocument) end(rest) error {
	end := "]"
	if d.some {
		end = "\n  ]"
	}
	_, err := d.out.Write(d.items.tail(append(d.line[:0], end...)))
	return err
}

// jsonItems makes items; it holds what is the same for all of them.
type jsonItems struct {
	*Result
	once       bool          // notes stand with the rules alone
	fields     [][]ruleField // by rule
	pos, store []*reader     // by rule: of its fields, in the same order
}

func newJSONItems(r *Result) *jsonItems {
	j := &jsonItems{Result: r}
	for i := range r.Rules {
		fields := r.Rules[i].fields()
		list := make([]string, len(fields))
		for f := range fields {
			list[f] = fields[f].name
		}
		j.fields = append(j.fields, fields)
		j.pos = append(j.pos, newReader(list))
		j.store = append(j.store, newReader(list))
	}
	return j
}

// head is all that stands before the items.
func (j *jsonItems) head(dst []byte) []byte {
	dst = j.about(append(dst, "{\n  "...))
	dst = append(dst, ",\n  \"summary\": "...)
	dst = j.summary(dst)
	return append(dst, ",\n  \"items\": ["...)
}

// about says what was compared: the first keys of the result.
func (j *jsonItems) about(dst []byte) []byte {
	dst = append(dst, "\"format_version\": \"1\",\n  \"reconciliation\": "...)
	dst = appendQuoted(dst, j.Reconciliation)
	if j.Shop != "" {
		dst = appendQuoted(append(dst, ",\n  \"shop\": "...), j.Shop)
	}
	dst = append(dst, ",\n  \"sources\": {\n    \"pos\": "...)
	dst = appendSource(dst, &j.Pos)
	dst = append(dst, ",\n    \"store\": "...)
	dst = appendSource(dst, &j.Store)
	dst = append(dst, "\n  },\n  \"rules\": ["...)
	for i := range j.Rules {
		dst = append(append(dst, ","[:min(i, 1)]...), "\n    "...)
		dst = appendRule(dst, &j.Rules[i])
	}
	if len(j.Rules) > 0 {
		dst = append(dst, "\n  "...)
	}
	return append(dst, ']')
}

// tail is all that stands behind the items.
func (j *jsonItems) tail(dst []byte) []byte {
	return append(j.warnings(append(dst, ",\n  "...)), "\n}\n"...)
}

func (j *jsonItems) warnings(dst []byte) []byte {
	dst = append(dst, "\"warnings\": ["...)
	separator, end := "\n    ", "]"
	for _, w := range j.AllWarnings() {
		dst = appendWarning(append(dst, separator...), w)
		separator, end = ",\n    ", "\n  ]"
	}
	if dst = append(dst, end...); j.Near != nil {
		dst = appendNear(append(dst, ",\n  \"near\": "...), j.Result)
	}
	return dst
}

func appendSource(dst []byte, s *Source) []byte {
	dst = append(dst, `{"connector": `...)
	dst = appendQuoted(dst, s.Connector)
	dst = append(dst, `, "name": `...)
	dst = appendQuoted(dst, s.Name)
	dst = append(dst, `, "items": `...)
	dst = strconv.AppendInt(dst, s.Items, 10)
	dst = append(dst, `, "read_at": "`...)
	dst = s.ReadAt.UTC().AppendFormat(dst, time.RFC3339) // whole seconds; a fraction is cut off
	dst = append(dst, '"')
	if s.File != "" {
		dst = appendQuoted(append(dst, `, "file": `...), s.File)
	}
	if s.Copy {
		dst = append(dst, `, "local_copy": true`...)
	}
	return append(dst, '}')
}

func appendRule(dst []byte, r *Rule) []byte {
	dst = append(dst, `{"code": `...)
	dst = appendQuoted(dst, r.Code)
	dst = append(dst, `, "title": `...)
	dst = appendQuoted(dst, r.Title)
	dst = append(dst, `, "note": `...)
	dst = appendQuoted(dst, r.Note)
	if r.On != verdict.Matched {
		dst = append(append(append(dst, `, "on": "`...), r.On.String()...), '"')
	}
	if r.Severity != verdict.Error {
		dst = append(append(append(dst, `, "severity": "`...), r.Severity.String()...), '"')
	}
	return append(dst, '}')
}

func (j *jsonItems) summary(dst []byte) []byte {
	count := func(indent, key string, n int) {
		dst = append(dst, indent...)
		dst = appendKey(dst, key)
		dst = strconv.AppendInt(dst, int64(n), 10)
	}
	s := &j.Summary
	count("{\n    ", "items", s.Items)
	for _, status := range verdict.Statuses {
		if status == verdict.Unreadable && s.Status[status] == 0 {
			continue // as with what was skipped, only a run that has some speaks of it
		}
		count(",\n    ", status.String(), s.Status[status])
	}
	if j.Skipped() > 0 {
		dst = append(dst, ",\n    \"skipped\": "...)
		count("{", verdict.Pos.String(), int(j.Pos.Skipped))
		count(", ", verdict.Store.String(), int(j.Store.Skipped))
		dst = append(dst, '}')
	}
	for _, class := range []verdict.Class{verdict.Agrees, verdict.Differs, verdict.Unchecked, verdict.Excused} {
		count(",\n    ", class.String(), s.Classes[class])
	}
	count(",\n    ", "intended", s.MeantToBe())
	if n := s.AreParents(); n > 0 {
		count(",\n    ", "parents", n)
	}
	if s.UncheckedSingles > 0 {
		count(",\n    ", "not_checked_of_one_side", s.UncheckedSingles)
	}
	dst = append(dst, ",\n    \"rules\": {"...)
	for i := range j.Rules {
		dst = append(append(dst, ","[:min(i, 1)]...), "\n      "...)
		dst = appendKey(dst, j.Rules[i].Code)
		indent := "{"
		for _, cell := range verdict.Cells {
			count(indent, cell.String(), s.cells(i, cell))
			indent = ", "
		}
		dst = append(dst, '}')
	}
	if len(j.Rules) > 0 {
		dst = append(dst, "\n    "...)
	}
	return append(dst, "}\n  }"...)
}

func (j *jsonItems) item(dst []byte, it *Item) []byte { return j.keys(append(dst, '{'), it) }

// keys appends an item's keys, and the brace behind them.
func (j *jsonItems) keys(dst []byte, it *Item) []byte {
	dst = append(dst, `"sku": `...)
	dst = appendQuoted(dst, it.SKU())
	dst = append(dst, `, "name": `...)
	dst = appendQuoted(dst, it.Name())
	dst = append(dst, `, "status": "`...)
	dst = append(dst, it.Status.String()...)
	dst = append(dst, '"')
	if it.Status == verdict.Matched && it.Outcome != nil {
		dst = append(append(append(dst, `, "class": "`...), it.Outcome.Class.String()...), '"')
	}
	if it.Parent {
		dst = append(dst, `, "parent": true`...)
	}
	if intent := it.Intended(); intent != nil {
		dst = appendIntent(dst, intent)
	}
	dst = append(dst, `, "cells": {`...)
	if it.Outcome != nil {
		comma := ""
		for i, cell := range it.Outcome.Cells {
			if cell == verdict.NotThere {
				continue
			}
			dst = append(dst, comma...)
			dst = appendKey(dst, j.Rules[i].Code)
			dst = append(dst, '"', byte(cell), '"')
			comma = ", "
		}
	}
	dst = append(dst, `}, "differences": [`...)
	if it.Outcome != nil {
		comma := ""
		for i, cell := range it.Outcome.Cells {
			if cell == verdict.NotSynchronized || cell == verdict.Intentional {
				dst = j.difference(append(dst, comma...), it, i)
				comma = ", "
			}
		}
	}
	dst = append(dst, ']')
	dst = j.unknown(dst, it)
	if it.Unreadable != [2]*Unreadable{} {
		dst = append(dst, `, "unreadable": [`...)
		comma := ""
		for _, side := range verdict.Sides {
			if u := it.Unreadable[side]; u != nil {
				dst = append(append(append(append(dst, comma...), `{"side": "`...), side.String()...), `", "reason": `...)
				dst = append(appendQuoted(dst, u.Reason), '}')
				comma = ", "
			}
		}
		dst = append(dst, ']')
	}
	return append(dst, '}')
}

// unknown appends what was unknown to the item's rules, if anything was.
func (j *jsonItems) unknown(dst []byte, it *Item) []byte {
	opening, end := `, "unknown": [`, ""
	for i := range j.Rules {
		for _, u := range j.unknowns(it, i) {
			dst = append(append(dst, opening...), `{"rule": `...)
			dst = appendQuoted(dst, j.Rules[i].Code)
			if u.Field != "" {
				dst = append(append(append(dst, `, "side": "`...), u.Side.String()...), `", "field": `...)
				dst = appendQuoted(dst, u.Field)
			} else {
				dst = appendQuoted(append(dst, `, "reason": `...), u.Reason)
			}
			dst = append(dst, '}')
			opening, end = ", ", "]"
		}
	}
	return append(dst, end...)
}

func (j *jsonItems) difference(dst []byte, it *Item, rule int) []byte {
	dst = append(dst, `{"rule": `...)
	dst = appendQuoted(dst, j.Rules[rule].Code)
	if explained := it.Outcome.explains(rule); len(explained) > 0 {
		dst = append(dst, `, "explains": [`...)
		for i, e := range explained {
			dst = append(dst, ", "[:2*min(i, 1)]...)
			dst = appendQuoted(dst, j.Rules[e].Code)
		}
		dst = append(dst, ']')
	}
	if intent := it.Outcome.intent(rule); intent != nil {
		dst = appendIntent(dst, intent)
	}
	if note := j.Rules[rule].Note; note != "" && !j.once {
		dst = append(dst, `, "note": `...)
		dst = appendQuoted(dst, note)
	}
	dst = append(dst, `, "fields": {`...)
	for f, field := range j.fields[rule] {
		dst = append(dst, ", "[:2*min(f, 1)]...)
		dst = appendKey(dst, field.name)
		dst = append(dst, '{')
		if field.pos {
			dst = appendJSON(append(dst, `"pos": `...), j.pos[rule].value(it.Pos, f))
		}
		if field.pos && field.store {
			dst = append(dst, ", "...)
		}
		if field.store {
			dst = appendJSON(append(dst, `"store": `...), j.store[rule].value(it.Store, f))
		}
		dst = append(dst, '}')
	}
	return append(dst, "}}"...)
}

func appendIntent(dst []byte, intent *Intent) []byte {
	dst = append(dst, `, "intentional": {"name": `...)
	dst = appendQuoted(dst, intent.Name)
	dst = append(dst, `, "reason": `...)
	dst = appendQuoted(dst, intent.Reason)
	if intent.Owner != "" {
		dst = append(dst, `, "owner": `...)
		dst = appendQuoted(dst, intent.Owner)
	}
	return append(dst, '}')
}
