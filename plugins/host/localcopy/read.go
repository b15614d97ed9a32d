package localcopy

import (
	"context"
	"database/sql"

	"github.com/reconcilehq/reconcile/plugins/host"
)

// batchBytes is about how much of the records is handed on at once.
const batchBytes = 1 << 20

// valuesBytes is how much room is made at once for records' values.
const valuesBytes = 256 << 10

// Reader is a good copy, as it was when it was opened: what other processes pull meanwhile does not show.
type Reader struct {
	ctx   context.Context
	db    *database
	state *state
	info  Info
}

// Open opens the good copy of an identity for reading. The error is ErrNone if there is none, and an *UnusableError if the
// one that is there cannot be read. The caller closes the Reader.
func (f *Folder) Open(ctx context.Context, id Identity) (*Reader, error) {
	p, err := f.find(id, false)
	if err != nil {
		return nil, err
	}
	db, err := open(ctx, p.path, false)
	if err != nil {
		return nil, err
	}
	r := &Reader{ctx: ctx, db: db}
	if err := db.run(ctx, "BEGIN"); err != nil {
		r.Close()
		return nil, db.explain(err)
	}
	if r.state, err = db.state(ctx, p); err != nil { // the first to be read: from here on the transaction sees this state
		r.Close()
		return nil, err
	}
	r.info = r.state.info(p.path, sizeOf(p.path))
	return r, nil
}

// Info returns what the copy holds.
func (r *Reader) Info() Info { return r.info }

// Close closes the copy.
func (r *Reader) Close() {
	r.db.rollBack()
	r.db.Close()
}

// Records hands all records to send, kind by kind in the order of the identity's kinds, within a kind in the order of
// their keys' bytes. It returns nil only if these were all that were written, as they were written.
func (r *Reader) Records(send func(kind string, records []host.Record) error) error {
	return r.db.records(r.ctx, r.state, send)
}

// records reads the records of a state to their ends.
func (db *database) records(ctx context.Context, s *state, send func(kind string, records []host.Record) error) error {
	for _, kind := range s.Kinds {
		found, err := db.kind(ctx, table(s.Generation), kind, send)
		if err != nil {
			return db.explain(err)
		}
		if want := s.Tallies[kind]; found != want {
			return damaged(db.path, "of %d records of kind %q it has %d, or others", want.Records, kind, found.Records)
		}
	}
	return nil
}

// kind reads the records of a kind, and returns what they add up to. There may be a million of them: what is scanned is the
// driver's own memory, copied once, and values of a batch lie in one piece.
func (db *database) kind(ctx context.Context, from, kind string, send func(string, []host.Record) error) (t tally, err error) {
	rows, err := db.QueryContext(ctx, "SELECT key, value, sum FROM "+from+" WHERE kind = ? ORDER BY key", kind)
	if err != nil {
		return t, err
	}
	defer rows.Close()
	var (
		key, value sql.RawBytes
		sum        any
		batch      []host.Record
		values     []byte
		size       int
	)
	for rows.Next() {
		if err := rows.Scan(&key, &value, &sum); err != nil {
			return t, err
		}
		written, ok := sum.(int64)
		if !ok || written != checkSum(kind, key, value) {
			return t, damaged(db.path, "the record %q of kind %q is not what was written", key, kind)
		}
		t.Records++
		t.Sum += written
		if len(values)+len(value) > cap(values) {
			values = make([]byte, 0, max(valuesBytes, len(value)))
		}
		at := len(values)
		values = append(values, value...)
		batch = append(batch, host.Record{Key: string(key), Value: values[at:len(values):len(values)]})
		if size += len(key) + len(value); size >= batchBytes {
			if err := send(kind, batch); err != nil {
				return t, err
			}
			batch, size = make([]host.Record, 0, len(batch)), 0
		}
	}
	if err := rows.Err(); err != nil || len(batch) == 0 {
		return t, err
	}
	return t, send(kind, batch)
}

// verifyStaged reads what a pull has staged that is to be resumed.
func (db *database) verifyStaged(ctx context.Context, s *staged, kinds []string) error {
	from := "staged"
	if s.Full {
		from = table(s.Generation)
	}
	var all, known int64
	if err := db.QueryRowContext(ctx, "SELECT count(*) FROM "+from).Scan(&all); err != nil {
		return db.explain(err)
	}
	for _, kind := range kinds {
		query := "SELECT key, value, sum, 0 FROM " + from + " WHERE kind = ?"
		if !s.Full {
			query = "SELECT key, value, sum, gone FROM staged WHERE kind = ?"
		}
		rows, err := db.QueryContext(ctx, query, kind)
		if err != nil {
			return db.explain(err)
		}
		if err := db.scanAll(rows, kind, func(entry) { known++ }); err != nil {
			return db.explain(err)
		}
	}
	if known != all {
		return damaged(db.path, "it has records of unknown kinds")
	}
	return nil
}
