package screen

import (
	"encoding/json"
	"strings"
	"time"

	"github.com/reconcilehq/reconcile/engine/history"
	"github.com/reconcilehq/reconcile/engine/report"
	"github.com/reconcilehq/reconcile/engine/signs"
	"github.com/reconcilehq/reconcile/engine/verdict"
)

// Row is a line of the table.
type Row struct {
	Number   int // among those that the query leaves, from 1
	Position int // in the run
	SKU      string
	Text     string // the SKU as people see it; "" if there is none
	Name     string
	Status   string
	Odd      bool // it is not paired
	Item     Cell // of all rules together
	Cells    []Cell
	Unpaired string    // what stands in the place of cells, where no rule has one; "" elsewhere
	Since    time.Time // since when it has its oldest N; zero: it has none, or nobody knows
	New      bool
	Alone    bool   // it is of one side, and can be said to be meant so
	Address  string // of the page with this item opened

	Differences []Difference
	Risk        string // how much money is at risk with it, where the table is in that order
}

// Cell is what the table has of an item in a rule's column.
type Cell struct {
	Code   string // of the rule
	Letter string // "" where there is no cell
	Kind   string // the class by which the style knows it
	Cause  string // why it is so
}

// Difference is what the two sides have of a field.
type Difference struct {
	Field      string
	Pos, Store string // one of them "" if the rule reads the other side alone
	differs    bool
}

// Rows returns up to n lines of a list, from a place on. path is that of the page.
func (r *Run) Rows(l *List, q Query, path string, from, n int) ([]Row, error) {
	from = max(from, 0)
	n = min(n, l.Total-from)
	if n <= 0 {
		return nil, nil
	}
	positions := make([]int32, n)
	for i := range positions {
		positions[i] = l.position(from + i)
	}
	kept, err := r.Run.Rows(positions)
	if err != nil {
		return nil, err
	}
	rows := make([]Row, 0, n)
	for it, err := range r.Only(positions).Items {
		if err != nil {
			return nil, err
		}
		row := r.row(&kept[len(rows)], it)
		row.Number = from + len(rows) + 1
		row.Since, _ = r.SinceIn(q.Show, row.Position)
		if by, _ := byImpact(q.Sort); by && kept[len(rows)].Values {
			row.Risk = r.risk(it)
		}
		to := q.Closed()
		to.Row, to.Item, to.At = row.Number-1, row.SKU, &row.Position
		row.Address = to.Address(path)
		rows = append(rows, row)
	}
	return rows, nil
}

// row returns what the table has of an item.
func (r *Run) row(kept *history.Row, it *report.Item) Row {
	row := Row{Position: kept.Position, SKU: kept.SKU, Text: plain(kept.SKU), Name: plain(kept.Name), Status: r.statusText(kept.Status), Odd: kept.Status != verdict.Matched}
	if row.Odd {
		row.Text = signs.Blanks(kept.SKU) // white space may be why
		if said := besides(kept); said != "" {
			row.Status += ", " + said
		}
	}
	some := false
	for i, m := range kept.Marks {
		cell := r.cell(i, m, it)
		some = some || cell.Letter != ""
		row.Cells = append(row.Cells, cell)
	}
	if !some {
		row.Unpaired = r.meaning(kept.Status, it)
		if kept.Status == verdict.Matched {
			row.Unpaired = "There are no rules"
		}
	}
	row.Item = r.itemCell(kept, row.Cells)
	for _, d := range r.differences(kept.Marks, it) {
		row.Differences = append(row.Differences, d.InRow())
	}
	row.Since, _ = r.SinceIn("", kept.Position)
	row.Alone = kept.Values && (kept.Status == verdict.PosOnly || kept.Status == verdict.StoreOnly) && kept.Key != "" && !kept.Parent && !kept.Intended
	row.New = has(r.New, int32(kept.Position))
	return row
}

// Reds are the codes of the rules whose cell is N, as JSON; "" if there is none.
func (r Row) Reds() (string, error) {
	var codes []string
	for _, c := range r.Cells {
		if c.Letter == "N" {
			codes = append(codes, c.Code)
		}
	}
	if codes == nil {
		return "", nil
	}
	text, err := json.Marshal(codes)
	return string(text), err
}

// besides says what else there is to say of an item that is not matched.
func besides(kept *history.Row) string {
	switch {
	case kept.Parent:
		return "parent"
	case kept.Intended:
		return "meant to be"
	}
	return ""
}

// kinds are the classes of cells in the style.
const (
	kindS       = "S"
	kindN       = "N"
	kindWarning = "W" // N of severity warning
	kindInfo    = "F" // N of severity info
	kindI       = "I"
	kindNone    = "X"
	kindBy      = "S by" // S, explained
)

// cell returns a rule's cell of an item, and why it is so.
func (r *Run) cell(rule int, m history.Mark, it *report.Item) Cell {
	of := &r.About().Rules[rule]
	c := Cell{Code: of.Code, Letter: m.String(), Cause: plain(of.Title) + ": "}
	switch m {
	case history.NotThere:
		return Cell{Code: of.Code}
	case history.Equal:
		c.Kind, c.Cause = kindS, c.Cause+"synchronized"
	case history.Explained:
		c.Kind, c.Cause = kindBy, c.Cause+"synchronized, the difference is explained by "+r.explainers(it, rule)
	case history.Red:
		c.Kind = [...]string{verdict.Error: kindN, verdict.Warning: kindWarning, verdict.Info: kindInfo}[of.Severity]
		c.Cause += "not synchronized"
		if of.Severity != verdict.Error {
			c.Cause += " (" + of.Severity.String() + ")"
		}
		for _, d := range r.fields(rule, it) {
			c.Cause += ". " + d.sentence(r)
		}
	case history.Excused:
		c.Kind, c.Cause = kindI, c.Cause+"intentional"
		if it.Outcome != nil && it.Outcome.Intents[rule] != nil {
			in := it.Outcome.Intents[rule]
			c.Cause += `, "` + plain(in.Name) + `"`
			if in.Reason != "" {
				c.Cause += ": " + plain(in.Reason)
			}
		}
	case history.Unknown:
		c.Kind, c.Cause = kindNone, c.Cause+"not checked"
		var fields []string
		for _, u := range it.Unknown {
			if u.Rule == rule {
				fields = append(fields, plain(u.Unknown.String()))
			}
		}
		if len(fields) > 0 {
			c.Cause += ", unknown: " + strings.Join(fields, ", ")
		}
	case history.NotAbout:
		c.Kind, c.Cause = kindNone, c.Cause+"the rule is not about this item"
	}
	return c
}

// explainers are the codes of the rules that explain a rule's difference.
func (r *Run) explainers(it *report.Item, rule int) string {
	var codes []string
	if it.Outcome != nil {
		for i, explained := range it.Outcome.Explains {
			for _, other := range explained {
				if other == rule {
					codes = append(codes, plain(r.About().Rules[i].Code))
				}
			}
		}
	}
	return strings.Join(codes, ", ")
}

// itemCell is the cell of all rules together: the first that holds of N, - for what is not checked or not paired, I, and S.
func (r *Run) itemCell(kept *history.Row, cells []Cell) Cell {
	want, c := "", Cell{}
	switch {
	case kept.Status != verdict.Matched && !red(cells):
		c = Cell{Letter: "-", Kind: kindNone, Cause: r.statusText(kept.Status)}
		if said := besides(kept); said != "" {
			c.Cause += ", " + said
		}
		return c
	case kept.Status != verdict.Matched || kept.Class == verdict.Differs:
		want, c = "N", Cell{Letter: "N", Kind: kindN}
	case kept.Class == verdict.Unchecked:
		want, c = "-", Cell{Letter: "-", Kind: kindNone}
	case kept.Class == verdict.Excused:
		want, c = "I", Cell{Letter: "I", Kind: kindI}
	default:
		return Cell{Letter: "S", Kind: kindS, Cause: "synchronized"}
	}
	var causes []string
	for i, cell := range cells {
		if cell.Letter != want || cell.Kind == kindInfo || want == "-" && kept.Marks[i] != history.Unknown {
			continue
		}
		causes = append(causes, cell.Cause)
	}
	c.Cause = strings.Join(causes, "; ")
	return c
}

// red reports whether a cell is N that asks for something.
func red(cells []Cell) bool {
	for _, c := range cells {
		if c.Kind == kindN || c.Kind == kindWarning {
			return true
		}
	}
	return false
}
