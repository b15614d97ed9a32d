package screen

import (
	"errors"
	"slices"
	"time"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/engine/history"
	"github.com/reconcilehq/reconcile/engine/report"
	"github.com/reconcilehq/reconcile/engine/verdict"
	"github.com/reconcilehq/reconcile/rules/explain"
)

// Why is what there is to say of an item.
type Why struct {
	Row
	Item  *report.Item // with both sides' values; nil if these were not kept
	Key   string       // what it was paired by; "" if that is its SKU
	Rules []RuleWhy
	Said  string // of an item that is not matched: what that means
	Do    string // and what to do
	Has   []Held // what was read of its rows
	Twins []Twin // the other rows with its key
	Risk  string // how much money is at risk with it; "" if none is, or that cannot be said
	Pages []Page // of the item, on the platforms of its sides that are known to have one

	Block     string // the name of what says that it is meant to be of one side, as the configuration has it; "" if nothing does
	PairedBy  string // the key
	StatusKey string // the status as programs have it

	Acceptable bool // it is of one side, and can be said to be meant so
}

// Held is what was read of a side's row.
type Held struct {
	Side    string // its name
	Problem string // why it could not be read; "" if it could
	Fields  []NamedValue
}

// NamedValue is a field's value in words.
type NamedValue struct{ Name, Value string }

// Twin is a row with the same key as another one.
type Twin struct {
	Row
	Side string // the name of the side that has it; "" if its values were not kept
}

// Page is where a side's platform shows an item.
type Page struct {
	Side verdict.Side
	Name string // of the side
	Host string
	URL  string // http or https
}

// RuleWhy is why a rule's cell is what it is.
type RuleWhy struct {
	Cell
	Title    string
	Verdict  string    // the cell in words
	Opened   bool      // it is the one that was asked for
	Plain    bool      // nothing is to be said but that it is synchronized
	Since    time.Time // since when it is N; zero: it is not, or nobody knows
	Fields   []Difference
	Note     string // what to do, if it is N
	Intent   *report.Intent
	Block    string               // the name of that, as the configuration has it
	By       string               // the codes of the rules that explain it
	Explains string               // the codes of the rules that it explains
	Told     *explain.Explanation // by the rules themselves; nil if they were changed since, or the values were not kept
}

// Acceptable reports whether the cell can be accepted as it is.
func (r *RuleWhy) Acceptable() bool { return r.Letter == "N" }

// Locate returns where the item is that a query opens; -1 if the run has it not.
func (r *Run) Locate(q Query) (int, error) {
	if q.At != nil && *q.At < r.Items() {
		row, err := r.Row(*q.At)
		if err != nil {
			return -1, err
		}
		if row.SKU == q.Item {
			return *q.At, nil
		}
	}
	if q.Item == "" {
		return -1, nil
	}
	found, err := r.Find(q.Item)
	if err != nil || len(found) == 0 {
		return -1, err
	}
	return int(found[0]), nil
}

// Why returns what there is to say of an item. code is the rule whose cell was asked for; "" for the first that is not synchronized.
func (r *Run) Why(item int, code string) (*Why, error) {
	kept, err := r.Row(item)
	if err != nil {
		return nil, err
	}
	it, err := r.Run.Item(item)
	known := err == nil
	if errors.Is(err, report.ErrNoValues) {
		it, err = &report.Item{Status: kept.Status, Parent: kept.Parent, Outcome: kept.Outcome}, nil
	}
	if err != nil {
		return nil, err
	}
	w := &Why{Row: r.row(&kept, it)}
	if known {
		w.Item = it
		w.Risk = r.risk(it)
	}
	w.Pages = r.pages(&kept, w.Item)
	if kept.Key != kept.SKU {
		w.Key = plain(kept.Key)
	}
	for i, m := range kept.Marks {
		if m != history.NotThere {
			w.Rules = append(w.Rules, r.ruleWhy(i, kept.Position, m, it, known))
		}
	}
	w.PairedBy, w.StatusKey = kept.Key, kept.Status.String()
	if in := it.Intended(); in != nil {
		w.Block = in.Name
	}
	w.choose(code)
	if kept.Status != verdict.Matched {
		alone := kept.Status == verdict.PosOnly || kept.Status == verdict.StoreOnly
		w.Acceptable = known && alone && kept.Key != "" && !kept.Parent && !kept.Intended
		w.Said, w.Do = r.meaning(kept.Status, it), r.remedy(kept.Status, it)
		w.Has = r.has(it)
		if kept.Status == verdict.Duplicate {
			if w.Twins, err = r.twins(&kept); err != nil {
				return nil, err
			}
		}
	}
	return w, nil
}

// pages returns where the platforms show an item. Of one without values, it is nil, only the SKU is known.
func (r *Run) pages(kept *history.Row, it *report.Item) (list []Page) {
	for _, side := range verdict.Sides {
		page, link := r.About().Source(side).ItemPage, ""
		switch {
		case page == nil:
			continue
		case it != nil:
			link = r.About().PageOf(side, it)
		default:
			link = page.Link(func(field string) (v catalog.Value) {
				if field == "sku" {
					v = catalog.StringValue(kept.SKU)
				}
				return v
			})
		}
		if link != "" {
			list = append(list, Page{side, r.Name(side), page.Host(), link})
		}
	}
	return list
}

// choose opens the cell that was asked for: else the first that is N, or not checked, or intentional.
func (w *Why) choose(code string) {
	for _, letter := range []string{"", "N", "-", "I"} {
		for i := range w.Rules {
			r := &w.Rules[i]
			if letter == "" && r.Code == code || r.Letter == letter && !(letter == "-" && r.Verdict == notAbout) {
				r.Opened = true
				return
			}
		}
	}
}

const notAbout = "not about this item"

func (r *Run) ruleWhy(rule, position int, m history.Mark, it *report.Item, known bool) RuleWhy {
	of := &r.About().Rules[rule]
	w := RuleWhy{Cell: r.cell(rule, m, it), Title: plain(of.Title)}
	switch m {
	case history.Equal:
		w.Verdict, w.Plain = "synchronized", true
	case history.Explained:
		w.Verdict, w.By = "synchronized", r.explainers(it, rule)
	case history.Red:
		w.Verdict, w.Note = "not synchronized", plain(of.Note)
		w.Since, _ = r.sinceOf(position, rule)
	case history.Excused:
		w.Verdict = "intentional"
	case history.Unknown:
		w.Verdict = "not checked"
	case history.NotAbout:
		w.Verdict, w.Plain = notAbout, true
	}
	if known {
		w.Fields = r.fields(rule, it)
	}
	if it.Outcome != nil {
		if in := it.Outcome.Intents[rule]; in != nil && m == history.Excused {
			w.Block = in.Name
			w.Intent = &report.Intent{Name: plain(in.Name), Reason: plain(in.Reason), Owner: plain(in.Owner)}
		}
		if it.Outcome.Explains != nil {
			w.Explains = r.codes(it.Outcome.Explains[rule])
		}
	}
	return w
}

func (r *Run) codes(rules []int) (text string) {
	for i, rule := range rules {
		if i > 0 {
			text += ", "
		}
		text += plain(r.About().Rules[rule].Code)
	}
	return text
}

// Explain adds what the rules themselves say, of those of which they say something.
func (w *Why) Explain(list []explain.Explanation) {
	for i := range w.Rules {
		at := slices.IndexFunc(list, func(e explain.Explanation) bool { return plain(e.Code) == w.Rules[i].Code })
		if at < 0 || list[at].Cell.State.String() != w.Rules[i].Letter {
			continue // it was another cell then: what made it so is not what the rules say today
		}
		e := list[at]
		e.Condition, e.Applies, e.Values, e.Filled, e.Note = plain(e.Condition), plain(e.Applies), plain(e.Values), plain(e.Filled), plain(e.Note)
		e.Reasons, e.Excuses = plainAll(e.Reasons), plainAll(e.Excuses)
		w.Rules[i].Told = &e
	}
}

func plainAll(list []string) []string {
	plained := make([]string, len(list))
	for i, s := range list {
		plained[i] = plain(s)
	}
	return plained
}

// remedy says what to do about an item that is not matched.
func (r *Run) remedy(s verdict.Status, it *report.Item) string {
	if it.Parent || it.Intended() != nil {
		return ""
	}
	switch s {
	case verdict.PosOnly:
		return "If it should be sold online, upload it, or link it to the product that " + r.Name(verdict.Store) + " has for it. Otherwise leave it as it is."
	case verdict.StoreOnly:
		return "Enter it in " + r.Name(verdict.Pos) + ", or link the product to the item that it belongs to. If it is no longer sold, hide or delete it online."
	case verdict.Duplicate:
		return "Make the SKUs unique, or remove the row that is one too many. Until then none of them is compared."
	case verdict.NoKey:
		return "Give it a SKU: an item without one is never compared."
	case verdict.Unreadable:
		return "It is not missing: its row is there, but could not be read. Mend it in the source."
	}
	return ""
}

// has returns what was read of an item's rows.
func (r *Run) has(it *report.Item) []Held {
	var list []Held
	for _, side := range verdict.Sides {
		h := Held{Side: r.Name(side)}
		if u := it.Unreadable[side]; u != nil {
			h.Problem = "not read: " + plain(u.Reason)
		}
		if row := it.Row(side); row.Has() {
			for _, f := range row.Batch.Schema().Fields() {
				if v := row.Value(f.Name); v.Text() != "" {
					h.Fields = append(h.Fields, NamedValue{plain(f.Name), r.valueOf(side, f.Name, v)})
				}
			}
		}
		if h.Problem != "" || h.Fields != nil {
			list = append(list, h)
		}
	}
	return list
}

// mostTwins is how many rows of one key are named.
const mostTwins = 20

// twins returns the other rows with an item's key.
func (r *Run) twins(of *history.Row) ([]Twin, error) {
	found, err := r.Filter(history.Filter{Statuses: []verdict.Status{verdict.Duplicate}})
	if err != nil {
		return nil, err
	}
	var list []int32
	const step = 1000
	for from := 0; from < len(found) && len(list) < mostTwins; from += step {
		rows, err := r.Run.Rows(found[from:min(from+step, len(found))])
		if err != nil {
			return nil, err
		}
		for _, row := range rows {
			if row.Key == of.Key && row.Position != of.Position && len(list) < mostTwins {
				list = append(list, int32(row.Position))
			}
		}
	}
	rows, err := r.Rows(&List{Total: len(list), positions: append([]int32{}, list...)}, Query{}, "", 0, len(list))
	if err != nil {
		return nil, err
	}
	var twins []Twin
	for _, row := range rows {
		t := Twin{Row: row}
		if it, err := r.Run.Item(row.Position); err == nil {
			for _, side := range verdict.Sides {
				if it.Row(side).Has() {
					t.Side = r.Name(side)
				}
			}
		}
		twins = append(twins, t)
	}
	return twins, nil
}
