package mend

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/engine/plan"

	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/words"
)

// headings say what is done in a step.
var headings = map[plan.Step]string{
	plan.ImportOrders:  "Import the store's orders into the point of sale (a person)",
	plan.Correct:       "Correct by hand (a person)",
	plan.Refresh:       "Plan again once that is done: what waits for it is planned then",
	plan.ProductFields: "Set fields that variants share",
	plan.ItemFields:    "Set fields of items",
	plan.Quantities:    "Set quantities",
}

// write writes a plan for a person. Lists have at most so many rows each; 0: any number.
func write(w io.Writer, p *plan.Plan, width, most int) error {
	s := &sheet{w: w, width: max(width, 40), most: most}
	s.head(p, time.Now())
	for i, step := range p.Steps {
		s.line("\n%d. %s", i+1, headings[step.Step])
		switch step.Step {
		case plan.ImportOrders, plan.Correct:
			if step.How != "" {
				s.indented("   ", "Which orders these are, as a file to import: "+step.How)
			}
			s.tasks(p, step.Step)
		case plan.ProductFields, plan.ItemFields, plan.Quantities:
			s.changes(p, step.Step)
		}
	}
	s.deferred(p)
	s.leftOut(p)
	s.stops(p)
	return s.err
}

// sheet is what a plan is written on. After an error it takes nothing more.
type sheet struct {
	w           io.Writer
	width, most int
	err         error
}

func (s *sheet) line(format string, args ...any) {
	if s.err == nil {
		_, s.err = fmt.Fprintf(s.w, format+"\n", args...)
	}
}

// prose writes a text in lines of the sheet's width.
func (s *sheet) prose(text string) { s.indented("", text) }

// indented writes a text in lines that begin alike.
func (s *sheet) indented(indent, text string) {
	line := ""
	for _, word := range strings.Fields(words.OneLine(text)) {
		if line != "" && cellsOf(indent)+cellsOf(line)+1+cellsOf(word) > s.width {
			s.line("%s%s", indent, line)
			line = ""
		}
		line = strings.TrimLeft(line+" "+word, " ")
	}
	s.line("%s%s", indent, line)
}

func (s *sheet) head(p *plan.Plan, now time.Time) {
	good := "good until " + moment(p.Expires)
	if !now.Before(p.Expires) {
		good = "expired since " + moment(p.Expires)
	}
	s.prose(fmt.Sprintf("Plan %s of %q, made by %s at %s, %s.", p.ID, p.Reconciliation, p.MadeBy, moment(p.MadeAt), good))
	items := map[string]bool{}
	for _, c := range p.Changes {
		items[c.SKU] = true
	}
	defer func() {
		if p.Lag != "" {
			s.prose(p.Lag)
		}
	}()
	empty := len(p.Changes)+len(p.Tasks)+len(p.Deferred)+len(p.LeftOut) == 0
	switch {
	case p.Nothing != "" && empty:
		s.prose(p.Nothing + " Until then nobody knows what there is to do.")
	case p.Nothing != "":
		s.prose(p.Nothing)
	case empty:
		s.prose("There is nothing to do.")
	}
	if empty {
		return
	}
	parts := []string{words.Count(len(p.Changes), "change") + " of " + words.Count(len(items), "item")}
	for _, part := range []struct {
		n         int
		one, many string
	}{{len(p.Tasks), "thing for a person", "things for a person"}, {len(p.Deferred), "that waits for a person", "that wait for a person"}, {len(p.LeftOut), "left out", "left out"}} {
		if part.n == 1 {
			parts = append(parts, "1 "+part.one)
		} else if part.n > 1 {
			parts = append(parts, fmt.Sprintf("%d %s", part.n, part.many))
		}
	}
	s.prose(strings.Join(parts, ", ") + ". Nothing was written to the store.")
	if p.FourEyes {
		s.prose("It is so large that somebody else than " + p.MadeBy + " has to carry it out (four_eyes of the brakes).")
	}
}

func (s *sheet) tasks(p *plan.Plan, step plan.Step) {
	header, entries := []string{"SKU", "RULE", "WHAT", "NAME"}, [][][]string(nil)
	var notes []string
	for _, t := range p.Tasks {
		if t.Step != step {
			continue
		}
		what := ""
		switch {
		case t.Field != "":
			what = fmt.Sprintf("set %s to %s", t.Field, t.Value)
		case step == plan.Correct:
			what = t.About(valueText)
		}
		entries = append(entries, [][]string{{t.SKU, t.Rule, what, t.Name}})
		if note := t.Rule + ": " + t.Note; t.Note != "" && !slices.Contains(notes, note) {
			notes = append(notes, note)
		}
	}
	for _, note := range notes {
		s.indented("   ", note)
	}
	s.table(header, entries)
}

func (s *sheet) changes(p *plan.Plan, step plan.Step) {
	header, entries := []string{"SKU", "FIELD", "CHANGE", "CELLS", "NAME"}, [][][]string(nil)
	for _, c := range p.Changes {
		if c.Step != step {
			continue
		}
		is, will, cells := valueText(c.Expected), "→ "+valueText(c.Will), cellsText(c.Now, c.Then)
		name := c.Name
		if len(c.Also) > 0 {
			name = "with " + strings.Join(c.Also, ", ") + ": " + name
		}
		if cellsOf(is)+1+cellsOf(will) <= shortChange {
			entries = append(entries, [][]string{{c.SKU, c.Field, is + " " + will, cells, name}})
			continue
		}
		entries = append(entries, [][]string{{c.SKU, c.Field, is, cells, name}, {"", "", will, "", ""}})
	}
	s.table(header, entries)
}

// shortChange is how many cells a change may have that stands on one line. Of two long texts the difference is to be seen.
const shortChange = 24

func (s *sheet) deferred(p *plan.Plan) {
	if len(p.Deferred) == 0 {
		return
	}
	s.line("\nWhat waits for a person")
	header, entries := []string{"SKU", "RULES", "FIELD", "UNTIL", "NAME"}, [][][]string(nil)
	for _, d := range p.Deferred {
		until := "the orders are imported"
		if d.Act == "correct" {
			until = "it is corrected"
		}
		entries = append(entries, [][]string{{d.SKU, strings.Join(d.Rules, ", "), d.Field, until + " (" + d.WaitsFor + ")", d.Name}})
	}
	s.table(header, entries)
}

func (s *sheet) leftOut(p *plan.Plan) {
	if len(p.LeftOut) == 0 {
		return
	}
	s.line("\nWhat is left out")
	header, entries := []string{"SKU", "RULES", "FIELD", "WHY", "NAME"}, [][][]string(nil)
	for _, l := range p.LeftOut {
		entries = append(entries, [][]string{{l.SKU, strings.Join(l.Rules, ", "), l.Field, l.Detail, l.Name}})
	}
	s.table(header, entries)
}

func (s *sheet) stops(p *plan.Plan) {
	if len(p.Stops) == 0 {
		return
	}
	s.line("\nStopped by the brakes: none of its changes may be made")
	for _, stop := range p.Stops {
		some := ""
		if len(stop.SKUs) > 0 {
			some = ", such as " + strings.Join(stop.SKUs, ", ")
		}
		s.prose(fmt.Sprintf("%s: %s%s. If that is meant: --allow %s.", stop.Brake, stop.Text, some, stop.Brake))
	}
}

// table writes the first entries of a list below their header; an entry can have several rows. Columns with nothing in them are left out.
// It returns its lines.
func (s *sheet) table(header []string, entries [][][]string) (lines []string) {
	left := 0
	if s.most > 0 && len(entries) > s.most {
		left, entries = len(entries)-s.most, entries[:s.most]
	}
	rows := [][]string{header}
	for _, e := range entries {
		rows = append(rows, e...)
	}
	lines = laid(rows, s.width-3)
	for _, line := range lines {
		s.line("   %s", line)
	}
	if left > 0 {
		s.line("   and %d more; --max-rows 0 shows all", left)
	}
	return lines
}

// mostReasons is how many reasons are said again below a table that had no room for them.
const mostReasons = 20

// reasons says in full, each once, what lines have no room for.
func (s *sheet) reasons(list, lines []string) {
	var cut []string
	for _, text := range list {
		shown := func(line string) bool { return strings.HasSuffix(line, words.OneLine(text)) }
		if !slices.Contains(cut, text) && !slices.ContainsFunc(lines, shown) {
			cut = append(cut, text)
		}
	}
	for i, text := range cut {
		if i == mostReasons {
			s.line("     and %d other reasons; --format json has all", len(cut)-i)
			break
		}
		s.indented("     ", text)
	}
}

// valueText writes a value as the configuration does, a number without more.
func valueText(v catalog.Value) string {
	if v.IsNull() {
		return "none"
	}
	return words.Literal(v)
}

// cellsText says which cells change: "P N→S".
func cellsText(now, then plan.Cells) string {
	var said []string
	for _, code := range slices.Sorted(maps.Keys(now)) {
		if now[code] != then[code] {
			said = append(said, code+" "+now[code]+"→"+then[code])
		}
	}
	return strings.Join(said, ", ")
}
