package rest

import (
	"errors"
	"io/fs"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/engine/report"
	"github.com/reconcilehq/reconcile/engine/verdict"

	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/store"
	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/web/screen"
)

// Past is what an item was in a run.
type Past struct {
	Run      string            `json:"run"`
	Made     time.Time         `json:"made"`
	Status   string            `json:"status"` // absent: it was on neither side
	Position *int              `json:"position,omitempty"`
	Cells    map[string]string `json:"cells"`
	First    bool              `json:"first"`   // there is no run before it, or none that can be read, so nothing is said of what has changed
	Changed  []CellChange      `json:"changed"` // since the run before it
	Values   []ValueChange     `json:"values"`  // as far as the values of both runs were kept
	Damaged  string            `json:"damaged,omitempty"`
}

// CellChange is a cell, or with Rule "" the status, that was another one in the run before.
type CellChange struct {
	Rule string `json:"rule,omitempty"`
	From string `json:"from"`
	To   string `json:"to"`
}

// ValueChange is a value that was another one in the run before.
type ValueChange struct {
	Side  string        `json:"side"`
	Field string        `json:"field"`
	From  catalog.Value `json:"from"`
	To    catalog.Value `json:"to"`
}

// absent is the status of an item that was on neither side.
const absent = "absent"

// past says what an item was in this run and in those before it, the newest first.
func (a *API) past(r *http.Request) (int, any, error) {
	of, run, err := a.open(r)
	if err != nil {
		return 0, nil, err
	}
	defer run.Done()
	limit, err := number(r, "limit", 20, 1, 100)
	if err != nil {
		return 0, nil, err
	}
	at, sku, err := located(r, run)
	if err != nil {
		return 0, nil, err
	}
	runs, err := a.Records.List(r.Context(), of.Reconciliation, mostRuns)
	if err != nil {
		return 0, nil, err
	}
	runs = slices.DeleteFunc(runs, func(other store.Run) bool {
		return other.Ended.After(of.Ended) || other.Ended.Equal(of.Ended) && other.ID > of.ID
	})
	more := len(runs) > limit
	list := []*Past{}
	var newer *moment
	for i, other := range runs[:min(len(runs), limit+1)] {
		if err := r.Context().Err(); err != nil {
			return 0, nil, err
		}
		m, err := a.moment(r, other, sku, at)
		if err != nil {
			return 0, nil, err
		}
		if newer != nil {
			newer.since(m)
		}
		if i < limit {
			list = append(list, m.Past)
		}
		if m.Position != nil {
			at = *m.Position
		}
		newer = m
	}
	return http.StatusOK, map[string]any{"sku": sku, "more": more, "runs": list}, nil
}

// moment is an item in a run, with what is needed to compare it with the run before.
type moment struct {
	*Past
	item   *report.Item // nil: its values were not kept
	fields [2][]catalog.Field
}

// moment looks an item up in a run. near is where it probably is.
func (a *API) moment(r *http.Request, of store.Run, sku string, near int) (*moment, error) {
	m := &moment{Past: &Past{Run: of.ID, Made: of.Ended.UTC(), Status: absent, Cells: map[string]string{}, First: true, Changed: []CellChange{}, Values: []ValueChange{}}}
	kept, err := a.Records.Open(r.Context(), of)
	if err != nil {
		return m, m.damage(err)
	}
	defer kept.Close() //nolint:errcheck // it was only read
	at, found, err := kept.FindNear(sku, near)
	if err != nil || !found {
		return m, m.damage(err)
	}
	row, err := kept.Row(at)
	if err != nil {
		return m, m.damage(err)
	}
	if row.Values {
		if m.item, err = kept.Item(at); err != nil && !errors.Is(err, report.ErrNoValues) {
			return m, m.damage(err)
		}
	}
	m.Status, m.Position = row.Status.String(), &at
	for i, rule := range kept.About().Rules {
		if letter := row.Marks[i].String(); letter != "" {
			m.Cells[rule.Code] = letter
		}
	}
	for _, side := range verdict.Sides {
		m.fields[side] = *kept.About().FieldsOf(side)
	}
	return m, nil
}

// damage notes that a run's file cannot be read: that is said of it, and the others go on. Another error is returned.
func (m *moment) damage(err error) error {
	if err == nil {
		return nil
	}
	text, is := unreadable(err)
	if !is {
		return err
	}
	m.Status, m.Damaged = "", text
	return nil
}

// unreadable says for people what is wrong with the file of a run; false if something else is wrong.
func unreadable(err error) (text string, is bool) {
	if errors.Is(err, fs.ErrNotExist) {
		return "The file of this run is missing.", true
	}
	return screen.Damage(err)
}

// since compares with the run before.
func (m *moment) since(before *moment) {
	if m.Damaged != "" || before.Damaged != "" {
		return
	}
	m.First = false
	if m.Status != before.Status {
		m.Changed = append(m.Changed, CellChange{From: before.Status, To: m.Status})
	}
	codes := map[string]bool{}
	for _, cells := range []map[string]string{before.Cells, m.Cells} {
		for code := range cells {
			codes[code] = true
		}
	}
	for code := range codes {
		if from, to := before.Cells[code], m.Cells[code]; from != to {
			m.Changed = append(m.Changed, CellChange{code, from, to})
		}
	}
	slices.SortFunc(m.Changed, func(a, b CellChange) int { return strings.Compare(a.Rule, b.Rule) })
	if m.item == nil || before.item == nil {
		return
	}
	for _, side := range verdict.Sides {
		from, to := before.item.Row(side), m.item.Row(side)
		if !from.Has() || !to.Has() {
			continue
		}
		for _, f := range m.fields[side] {
			a, b := from.Value(f.Name), to.Value(f.Name)
			if a.Type() == b.Type() && a.Type() != catalog.Invalid && (a.IsNull() != b.IsNull() || a.Text() != b.Text()) {
				m.Values = append(m.Values, ValueChange{side.String(), f.Name, a, b})
			}
		}
	}
}

// located returns the item that a request names, by its SKU or its position.
func located(r *http.Request, run *screen.Run) (at int, sku string, err error) {
	v := r.URL.Query()
	q := screen.Query{Item: v.Get("sku")}
	if v.Has("position") {
		at, err := number(r, "position", 0, 0, max(run.Items()-1, 0))
		if err != nil {
			return 0, "", err
		}
		row, err := run.Row(at)
		if err != nil {
			return 0, "", err
		}
		if q.Item != "" && q.Item != row.SKU {
			return 0, "", wrong("the item at %d is %q, not %q", at, row.SKU, q.Item)
		}
		return at, row.SKU, nil
	}
	if q.Item == "" {
		return 0, "", wrong("say which item: by its sku, or by its position")
	}
	if at, err = run.Locate(q); err != nil {
		return 0, "", err
	}
	if at < 0 {
		return 0, "", missing("there is no item with the SKU %q in this run", q.Item)
	}
	return at, q.Item, nil
}
