package workbook

import "strings"

// totals is where a table has its totals: cells that are about the rows above and no row themselves.
type totals struct{ area }

// isTotal reports whether the cell is one of a table's totals.
func (r *Rows) isTotal(p place) bool {
	for _, t := range r.totals {
		if t.has(p) {
			return true
		}
	}
	return false
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
		err := b.archive.walk(r.target, main, func(s *scanner, at string) error {
			if !strings.HasPrefix(at+"/", "table/") {
				return s.wrong("its root element is <%s>", shortened(s.name))
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
				all = append(all, totals{covers})
			}
			return nil
		})
		if err != nil {
			return nil, nil, err
		}
	}
	return all, ids, nil
}
