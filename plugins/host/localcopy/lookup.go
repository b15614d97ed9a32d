package localcopy

import (
	"bytes"
	"cmp"
	"database/sql"

	"github.com/reconcilehq/reconcile/plugins/host"
)

const (
	lookupRows  = 2000    // an answer has at most this many records
	lookupBytes = 1 << 20 // and about this many bytes
)

// entry is a row of a table of records, or of the staged ones.
type entry struct {
	host.Record
	sum  int64
	gone bool
}

// Lookup implements host.CopyWriter.
func (s *pullWriter) Lookup(kind string, keys []string, after string, keysOnly bool) (records []host.Record, more bool, err error) {
	if len(keys) > 0 {
		records, err = s.recordsOfKeys(kind, keys)
		return records, false, s.db.explain(err)
	}
	for more = true; more && len(records) == 0; { // all rows that were read may be deleted records
		if records, after, more, err = s.recordsAfter(kind, after); err != nil {
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

// recordsAfter returns the next records after a key. last is the last key that was looked at.
func (s *pullWriter) recordsAfter(kind, after string) (records []host.Record, last string, more bool, err error) {
	held, err := s.rowsAfter(s.recordTable(), "0", kind, after)
	if err != nil {
		return nil, "", false, err
	}
	var changed []entry
	if !s.pull.Full {
		if changed, err = s.rowsAfter("staged", "gone", kind, after); err != nil {
			return nil, "", false, err
		}
	}
	records, last, more = mergeChanges(held, changed, lookupRows)
	return records, last, more, nil
}

// recordTable is the name of the table that the pull changes or, if it is a full one, fills.
func (s *pullWriter) recordTable() string {
	if s.pull.Full {
		return recordTable(s.pull.Generation)
	}
	return recordTable(s.pull.Base)
}

// mergeChanges applies the changes to the held records. Both lists are in the order of their keys and have at most limit
// entries; a list with that many may go on in the database. So the result ends at the key last, before the first key about
// which one of the lists may not say everything.
func mergeChanges(held, changed []entry, limit int) (records []host.Record, last string, more bool) {
	known := func(list []entry) bool { // whether the list has all entries that there are
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

// rowsAfter reads the first rows of a table whose key is greater than after. gone is the column, or a constant, that says
// whether a row stands for a deleted record.
func (s *pullWriter) rowsAfter(from, gone, kind, after string) (entries []entry, err error) {
	rows, err := s.db.QueryContext(s.ctx, "SELECT key, value, sum, "+gone+" FROM "+from+
		" WHERE kind = ? AND key > ? ORDER BY key LIMIT ?", kind, []byte(after), lookupRows)
	if err != nil {
		return nil, err
	}
	err = s.db.scanAll(rows, kind, func(e entry) { entries = append(entries, e) })
	return entries, err
}

// recordsOfKeys returns the records of some keys; those that are not there are left out.
func (s *pullWriter) recordsOfKeys(kind string, keys []string) ([]host.Record, error) {
	query := "SELECT key, value, sum, 0 FROM " + s.recordTable() + " WHERE kind = ? AND key = ?"
	if !s.pull.Full {
		query = "SELECT key, value, sum, gone FROM staged WHERE kind = ?1 AND key = ?2 UNION ALL " +
			"SELECT key, value, sum, 0 FROM " + s.recordTable() + " WHERE kind = ?1 AND key = ?2 LIMIT 1"
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
