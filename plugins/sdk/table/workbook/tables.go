package workbook

import "strings"

// totals is where a table has its totals: cells that are about the rows above and no row themselves.
type totals struct {
	area
	labels []string // by column of the table: the text that stands there in place of a total, "" if there is none
}

// isTotal reports whether the cell stands where a table has its totals, and looks like one: a formula, or the label of its column.
func (r *Rows) isTotal(p place, formula bool, text string) (within, is bool) {
	for _, t := range r.totals {
		if !t.has(p) {
			continue
		}
		within = true
		if at := p.column - t.first.column; formula || at < len(t.labels) && t.labels[at] != "" && t.labels[at] == text {
			return true, true
		}
	}
	return within, false
}

// leaveTotals empties the cells of the row that are totals. Where something else stands beside them the row is data, and so are its formulas:
// a program that fills a table past its totals does not move them.
func (r *Rows) leaveTotals() {
	if r.data {
		return
	}
	for i := range r.cells {
		if c := &r.cells[i]; c.total {
			c.Kind, c.shared, c.to = Empty, false, c.from
		}
	}
}

// text is what the cell that was just read holds.
func (r *Rows) text(c Cell) string {
	if c.shared {
		return c.stored
	}
	return string(r.texts[c.from:c.to])
}

// readTables reads where the tables of a sheet have their totals. It returns the ids by which the sheet names the tables
// as well.
func (b *Book) readTables(sheet string) ([]totals, map[string]bool, error) {
	related, err := b.archive.relations(sheet)
	if err != nil {
		return nil, nil, err
	}
	var all []totals
	ids := map[string]bool{}
	for id, r := range related {
		if r.kind != "table" {
			continue
		}
		ids[id] = true
		var its totals
		err := b.archive.walk(r.target, main, func(s *scanner, at string) error {
			if !strings.HasPrefix(at+"/", "table/") {
				return s.wrong("its root element is <%s>", shortened(s.name))
			}
			if at == "table/tableColumns/tableColumn" {
				label, _ := s.attr("totalsRowLabel")
				its.labels = append(its.labels, string(unescape([]byte(label), 0)))
			}
			if at != "table" {
				return nil
			}
			ref, _ := s.attr("ref")
			covers, ok := parseArea(ref)
			rows, err := number(s, "totalsRowCount", 0)
			if err != nil || !ok {
				return s.wrong("the table's area is %q", ref)
			}
			if rows > 0 {
				covers.first.row = max(covers.first.row, covers.last.row-rows+1)
				its.area = covers
			}
			return nil
		})
		if err != nil {
			return nil, nil, err
		}
		if its.area != (area{}) {
			all = append(all, its)
		}
	}
	return all, ids, nil
}
