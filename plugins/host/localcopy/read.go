package localcopy

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"database/sql"
	"encoding/json"
	"fmt"

	"github.com/reconcilehq/reconcile/plugins/host"
)

// batchBytes is about how many bytes of records are sent at once.
const batchBytes = 1 << 20

// valuesBytes is how many bytes are allocated at once for the values of records.
const valuesBytes = 256 << 10

// Reader reads a good copy as it was when it was opened, even if another process pulls meanwhile.
type Reader struct {
	ctx   context.Context
	db    *database
	state *state
	info  Info
	key   []byte // of the folder
}

// Open opens the good copy of an identity for reading. The error is ErrNone if there is no copy, and an *UnusableError if
// there is one that cannot be used. Where nothing can be written it reads the files as they are. The caller closes the
// Reader.
func (f *Folder) Open(ctx context.Context, id Identity) (*Reader, error) {
	p, err := f.find(id, false)
	if err != nil {
		return nil, err
	}
	r, err := p.open(ctx, func() (*database, error) { return open(ctx, p.path, false) })
	if needsRoom(err) {
		return p.open(ctx, func() (*database, error) { return openStill(ctx, p.path) })
	}
	return r, err
}

// open reads what the copy is that a database holds.
func (p *location) open(ctx context.Context, database func() (*database, error)) (*Reader, error) {
	db, err := database()
	if err != nil {
		return nil, err
	}
	r := &Reader{ctx: ctx, db: db, key: p.key}
	if err := db.run(ctx, "BEGIN"); err != nil {
		r.Close()
		return nil, db.explain(err)
	}
	if r.state, err = db.state(ctx, p); err != nil { // the first read: from now on the transaction sees this state
		r.Close()
		return nil, err
	}
	r.info = r.state.info(p.path, sizeOf(p.path))
	return r, nil
}

// Info returns what the copy holds.
func (r *Reader) Info() Info { return r.info }

// State returns a text that is another one for each state of the copy. With more, which may be secret, it stands for both; it can
// be kept beside the copy: more cannot be guessed of it without the folder's key.
func (r *Reader) State(more []byte) ([]byte, error) {
	text, err := json.Marshal(r.state)
	if err != nil {
		return nil, fmt.Errorf("the Local Copy %s: %w", r.info.Path, err)
	}
	mac := hmac.New(sha256.New, r.key)
	fmt.Fprintf(mac, "%d:%s%d:%s", len(text), text, len(more), more)
	return mac.Sum(nil), nil
}

// ItemsPath returns the path of the file beside the copy in which items can be kept that were made of it, there or not; "" where
// nothing can be written.
func (r *Reader) ItemsPath() string {
	if r.db.still != nil {
		return ""
	}
	return r.info.Path + itemsSuffix
}

// Close closes the copy.
func (r *Reader) Close() {
	r.db.rollBack()
	r.db.Close()
}

// Records passes all records to send: kind by kind in the order of the identity's kinds, and within a kind in the order of
// the keys' bytes. It returns nil only if it has found all records that were written, unchanged.
func (r *Reader) Records(send func(kind string, records []host.Record) error) error {
	if err := r.db.records(r.ctx, r.state, send); err != nil || r.db.still == nil {
		return err
	}
	return r.db.still.unchanged(r.db.path)
}

// records reads all records of a state and checks them.
func (db *database) records(ctx context.Context, s *state, send func(kind string, records []host.Record) error) error {
	for _, kind := range s.Kinds {
		found, err := db.kind(ctx, recordTable(s.Generation), kind, send)
		if err != nil {
			return db.explain(err)
		}
		if want := s.Tallies[kind]; found != want {
			return damaged(db.path, "of %d records of kind %q it has %d, or others", want.Records, kind, found.Records)
		}
	}
	return nil
}

// kind reads the records of a kind and returns their tally. There may be a million records, so it copies each only once,
// from the driver's memory, and allocates memory for many values at a time.
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

// verifyStaged checks all records of a pull that will be resumed.
func (db *database) verifyStaged(ctx context.Context, s *pullState, kinds []string) error {
	from := "staged"
	if s.Full {
		from = recordTable(s.Generation)
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
