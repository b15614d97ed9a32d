package localcopy

import (
	"bytes"
	"cmp"
	"database/sql"

	"github.com/reconcilehq/reconcile/plugins/host"
)

const (
	lookupRows  = 2000    // at most in an answer
	lookupBytes = 1 << 20 // about, in an answer
)

// entry is a row of a table of records, or of the staged ones.
type entry struct {
	host.Record
	sum  int64
	gone bool
}

// Lookup implements host.Keeper.
func (s *staging) Lookup(kind string, keys []string, after string, keysOnly bool) (records []host.Record, more bool, err error) {
	if len(keys) > 0 {
		records, err = s.these(kind, keys)
		return records, false, s.db.explain(err)
	}
	for more = true; more && len(records) == 0; { // all that was read may be deleted ones
		if records, after, more, err = s.some(kind, after); err != nil {
			return nil, false, s.db.explain(err)
		}
	}
	size := 0
	for i := range records {
		if keysOnly {
			records[i].Value = nil
		}
		if size += len(records[i].Key) + len(records[i].Value); size > lookupBytes && i+1 < len(records) {
			return records[:i+1], true, nil
		}
	}
	return records, more, nil
}

// some returns some records after a key, up to last.
func (s *staging) some(kind, after string) (records []host.Record, last string, more bool, err error) {
	held, err := s.rows(s.held(), "0", kind, after)
	if err != nil {
		return nil, "", false, err
	}
	var changed []entry
	if !s.pull.Full {
		if changed, err = s.rows("staged", "gone", kind, after); err != nil {
			return nil, "", false, err
		}
	}
	records, last, more = overlay(held, changed, lookupRows)
	return records, last, more, nil
}

// held is the table that the pull changes, or fills.
func (s *staging) held() string {
	if s.pull.Full {
		return table(s.pull.Generation)
	}
	return table(s.pull.Base)
}

// overlay lays changes over what is held. Both are in the order of their keys, at most limit of them: where there are as
// many, nothing is known of what lies beyond the last. It returns what is known, up to the key last.
func overlay(held, changed []entry, limit int) (records []host.Record, last string, more bool) {
	known := func(list []entry) bool { // whether the list is there to its end
		return len(list) < limit
	}
	end := func(key string) bool {
		return !known(held) && key > held[len(held)-1].Key || !known(changed) && key > changed[len(changed)-1].Key
	}
	h, c := 0, 0
	for h < len(held) || c < len(changed) {
		order := -1
		switch {
		case h == len(held):
			order = 1
		case c < len(changed):
			order = cmp.Compare(held[h].Key, changed[c].Key)
		}
		next := entry{}
		if order < 0 {
			next = held[h]
		} else {
			next = changed[c]
		}
		if end(next.Key) {
			break
		}
		if order <= 0 {
			h++
		}
		if order >= 0 {
			c++
		}
		if last = next.Key; !next.gone {
			records = append(records, next.Record)
		}
	}
	return records, last, !known(held) || !known(changed)
}

// rows reads the first rows of a table whose key is greater than after. gone is the column, or a constant, that says
// whether a row stands for a deleted record.
func (s *staging) rows(from, gone, kind, after string) (entries []entry, err error) {
	rows, err := s.db.QueryContext(s.ctx, "SELECT key, value, sum, "+gone+" FROM "+from+
		" WHERE kind = ? AND key > ? ORDER BY key LIMIT ?", kind, []byte(after), lookupRows)
	if err != nil {
		return nil, err
	}
	err = s.db.scanAll(rows, kind, func(e entry) { entries = append(entries, e) })
	return entries, err
}

// these returns the records of some keys; those that are not there are left out.
func (s *staging) these(kind string, keys []string) ([]host.Record, error) {
	query := "SELECT key, value, sum, 0 FROM " + s.held() + " WHERE kind = ? AND key = ?"
	if !s.pull.Full {
		query = "SELECT key, value, sum, gone FROM staged WHERE kind = ?1 AND key = ?2 UNION ALL " +
			"SELECT key, value, sum, 0 FROM " + s.held() + " WHERE kind = ?1 AND key = ?2 LIMIT 1"
	}
	find, err := s.db.PrepareContext(s.ctx, query)
	if err != nil {
		return nil, err
	}
	defer find.Close()
	var records []host.Record
	for _, key := range keys {
		rows, err := find.QueryContext(s.ctx, kind, []byte(key))
		if err != nil {
			return nil, err
		}
		err = s.db.scanAll(rows, kind, func(e entry) {
			if !e.gone {
				records = append(records, e.Record)
			}
		})
		if err != nil {
			return nil, err
		}
	}
	return records, nil
}

// scanAll scans all rows, and closes them.
func (db *database) scanAll(rows *sql.Rows, kind string, each func(entry)) error {
	defer rows.Close()
	for rows.Next() {
		e, err := db.scan(rows.Scan, kind)
		if err != nil {
			return err
		}
		each(e)
	}
	return rows.Err()
}

// scan reads one row, and checks that it is what was written.
func (db *database) scan(scan func(...any) error, kind string) (e entry, err error) {
	var key, value sql.RawBytes // the driver's own, until the next row
	if err := scan(&key, &value, &e.sum, &e.gone); err != nil {
		return e, err
	}
	if !e.gone && e.sum != checkSum(kind, key, value) {
		return e, damaged(db.path, "the record %q of kind %q is not what was written", key, kind)
	}
	e.Key, e.Value = string(key), bytes.Clone(value)
	return e, nil
}
