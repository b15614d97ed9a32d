package rest

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"mime"
	"net/http"
	"slices"
	"time"

	"github.com/reconcilehq/reconcile/engine/history"
	"github.com/reconcilehq/reconcile/engine/impact"
	"github.com/reconcilehq/reconcile/engine/report"

	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/web/screen"
)

// Item is an item of a run.
type Item struct {
	Position int             `json:"position"` // in the run, from 0
	Since    *time.Time      `json:"since,omitempty"`
	New      bool            `json:"new"`
	Impact   *Impact         `json:"impact,omitempty"`
	Item     json.RawMessage `json:"item"` // as reconcile run --format ndjson has it
}

// How many items are answered at a time.
const (
	usualItems = 100
	mostItems  = 1000
)

// items answers with some of the items that a filter and a search leave, in an order.
func (a *API) items(r *http.Request) (int, any, error) {
	_, run, err := a.open(r)
	if err != nil {
		return 0, nil, err
	}
	defer run.Done()
	offset, err := number(r, "offset", 0, 0, 1<<31-1)
	if err != nil {
		return 0, nil, err
	}
	limit, err := number(r, "limit", usualItems, 1, mostItems)
	if err != nil {
		return 0, nil, err
	}
	list, err := chosen(r, run)
	if err != nil {
		return 0, nil, err
	}
	positions := list.Positions()
	positions = positions[min(offset, len(positions)):min(offset+limit, len(positions))]
	items, err := itemsOf(run, r.URL.Query().Get("show"), positions)
	if err != nil {
		return 0, nil, err
	}
	return http.StatusOK, map[string]any{"total": list.Total, "offset": offset, "items": items}, nil
}

// chosen returns what a request asks for of a run. Of a program, what makes no sense is a mistake.
func chosen(r *http.Request, run *screen.Run) (*screen.List, error) {
	v := r.URL.Query()
	q := screen.ReadQuery(v)
	if show, keys := v.Get("show"), run.FilterKeys(); show != "" && !slices.Contains(keys, show) {
		return nil, wrong("show is %q, which this run has not: it has %q", show, keys)
	}
	if sort := v.Get("sort"); sort != "" && !run.Sortable(sort) {
		return nil, wrong("sort is %q: sort by sku, name, status, item, since, impact or rule.CODE, with - before it for the other way round", sort)
	}
	return run.List(q)
}

// itemsOf returns items of a filter as the formats of reports write them.
func itemsOf(run *screen.Run, show string, positions []int32) ([]Item, error) {
	items := make([]Item, 0, len(positions))
	if len(positions) == 0 {
		return items, nil
	}
	var lines bytes.Buffer
	format, err := formatNamed("ndjson")
	if err != nil {
		return nil, err
	}
	result := run.Only(positions)
	each := result.Items
	impacts := make(map[int]*Impact)
	result.Items = func(yield func(*report.Item, error) bool) {
		n := 0
		for it, err := range each {
			if err == nil {
				if i, some := impact.Of(result, it); some {
					impacts[n] = impactOf(i)
				}
			}
			if n++; !yield(it, err) {
				return
			}
		}
	}
	if err := format.Write(&lines, result, report.Options{All: true, Unchecked: true}); err != nil {
		return nil, fmt.Errorf("write items: %w", err)
	}
	scan := bufio.NewScanner(&lines)
	scan.Buffer(nil, 1<<30)
	for scan.Scan() {
		var kind struct {
			Type string `json:"type"`
		}
		if err := json.Unmarshal(scan.Bytes(), &kind); err != nil {
			return nil, fmt.Errorf("write items: %w", err)
		}
		if kind.Type != "item" {
			continue
		}
		if len(items) == len(positions) {
			return nil, errors.New("write items: there are more than were asked for")
		}
		at := int(positions[len(items)])
		it := Item{Position: at, Item: bytes.Clone(scan.Bytes()), Impact: impacts[len(items)]}
		if since, known := run.SinceIn(show, at); known {
			since = since.UTC()
			it.Since = &since
		}
		_, it.New = slices.BinarySearch(run.New, positions[len(items)])
		items = append(items, it)
	}
	if err := scan.Err(); err != nil {
		return nil, fmt.Errorf("write items: %w", err)
	}
	if len(items) != len(positions) {
		return nil, fmt.Errorf("write items: there are %d of %d", len(items), len(positions))
	}
	return items, nil
}

func formatNamed(name string) (report.Format, error) {
	for _, f := range report.Formats() {
		if f.Name == name {
			return f, nil
		}
	}
	return report.Format{}, wrong("there is no format %q", name)
}

// download answers with all items that a filter and a search leave, in a format of reports.
func (a *API) download(w http.ResponseWriter, r *http.Request) {
	of, run, err := a.open(r)
	if err != nil {
		refuse(w, r, err)
		return
	}
	defer run.Done()
	name := r.URL.Query().Get("format")
	if name == "" {
		name = "csv"
	}
	format, err := formatNamed(name)
	if err != nil {
		refuse(w, r, err)
		return
	}
	values, bom := r.URL.Query().Get("values"), r.URL.Query().Get("bom")
	if values != "" && values != "optional" || bom != "" && bom != "1" {
		refuse(w, r, wrong("values is optional, or left out, and bom is 1, or left out"))
		return
	}
	list, err := chosen(r, run)
	if err != nil {
		refuse(w, r, err)
		return
	}
	result := run.Only(list.Positions())
	if format.Values {
		whole, err := allValues(run.Run, list.Positions())
		if err != nil {
			refuse(w, r, err)
			return
		}
		switch {
		case whole:
		case values == "optional": // no columns of values at all: an empty cell would look like a value that is unknown
			result.PosFields, result.StoreFields = nil, nil
		default:
			refuse(w, r, &Problem{http.StatusConflict, "no_values", "Of items with which nothing is wrong no values are kept, and " + format.Name + " would show them. Choose what is not synchronized, or another format, or leave the values out with values=optional."})
			return
		}
		result.Brief = false // all that is asked for is there
	}
	head := w.Header()
	head.Set("Content-Type", contentTypes[format.Name])
	name = fmt.Sprintf("%s-%s%s", of.Reconciliation, run.MadeAt.UTC().Format("2006-01-02"), format.Suffix)
	head.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": name}))
	options := report.Options{All: true, Unchecked: true, Details: true, BOM: format.BOM && bom == "1"}
	if err := format.Write(w, result, options); err != nil {
		head.Del("Content-Disposition")
		refuse(w, r, fmt.Errorf("download as %s: %w", format.Name, err))
	}
}

// contentTypes are what browsers are told that formats are.
var contentTypes = map[string]string{
	"table": "text/plain; charset=utf-8", "json": "application/json", "ndjson": "application/x-ndjson", "csv": "text/csv; charset=utf-8",
	"markdown": "text/markdown; charset=utf-8", "html": "text/html; charset=utf-8",
	"xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}

// allValues reports whether the values of all these items were kept.
func allValues(run *history.Run, positions []int32) (bool, error) {
	for part := range slices.Chunk(positions, 4096) {
		rows, err := run.Rows(part)
		if err != nil {
			return false, err
		}
		for _, row := range rows {
			if !row.Values {
				return false, nil
			}
		}
	}
	return true, nil
}
