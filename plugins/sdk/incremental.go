package sdk

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"log/slog"
	"slices"
	"time"
)

// Incremental is a source of which the host can keep a Local Copy: it can tell what has changed since it was last asked.
//
// What the host keeps are records: what the platform really told, in whatever form the connector likes. Items are made
// of records anew each time. So what an incremental pull arrives at is made into items by the same code as a full one,
// and settings that only concern how items are made need no new pull: tag them live.
//
// A source whose records simply are its items embeds ItemRecords, which has CopyRules and Assemble, and implements Pull.
//
// Neither Schema nor Assemble of such a source contacts the platform: with its copy a person can work offline.
//
// A source that implements neither Reader nor ColumnReader is read by a full Pull and Assemble, in memory.
type Incremental interface {
	// CopyRules says how records are to be kept. It is called on unconfigured sources too, and always returns the same.
	CopyRules() CopyRules

	// Pull sends what has changed since req.Cursor, or everything where that is nil, to out. When it returns nil, what the
	// host holds together with what was sent is the whole truth of the time out.ReadAt; anything less is an error, and
	// nothing of a failed pull counts but what came before its last Checkpoint. It returns promptly when ctx is done.
	// ErrNeedFull (wrapped, with the reason) makes the host ask again without a cursor.
	//
	// It keeps the records that the items' fields in req.Fields are made of; a later pull may ask for other fields only
	// if it has no cursor.
	Pull(ctx context.Context, req PullRequest, out *Changes) error

	// Assemble writes the items that the records make, as reading would have at the time of the pull, in the same order.
	// It contacts no platform. req.Fields are among those of the pulls.
	Assemble(ctx context.Context, req ReadRequest, records *Records, w *Writer) error
}

// CopyRules says how a connector's records are to be kept.
type CopyRules struct {
	// Kinds are all kinds of records, such as "brand", "product", in the order in which Assemble reads them.
	Kinds []string
	// Version is raised when records of an earlier connector would be misread: copies with another version are pulled
	// anew.
	Version uint32
}

// CopyDecider is an Incremental source that keeps a Local Copy in some configurations only.
type CopyDecider interface {
	// KeepsCopy is called after Configure. Where it returns false the source is read as if it were not Incremental: a
	// sandbox that changes with each start has no use for a copy.
	KeepsCopy() bool
}

// ErrNeedFull is returned by Pull when it cannot go on from the cursor: the host then asks again without one. Wrap it
// with the reason, which people see: fmt.Errorf("the store was moved: %w", sdk.ErrNeedFull).
var ErrNeedFull = errors.New("everything has to be read anew")

// PullRequest is what the host asks for, and what it holds.
type PullRequest struct {
	// Fields are the fields that Assemble is to be able to make of the records.
	Fields []string

	// Cursor is what the connector gave with SetCursor, or with the Checkpoint where the last pull broke off; nil: read
	// everything.
	Cursor []byte
	// Resumed reports that Cursor is that of a Checkpoint: the host holds what was put before it.
	Resumed bool
	// Held is how many records the host holds, by kind.
	Held map[string]int64

	RefreshedAt time.Time // when the data that are held were as they are; zero: nothing is held
	FullAt      time.Time // the same, of the last pull that read everything
	BeganAt     time.Time // when this pull began: before now if it is Resumed

	// Log goes to the host's --verbose output. Never log a secret.
	Log *slog.Logger

	tell   teller
	holder holder
}

// teller takes what people are told during a pull.
type teller interface {
	progress(items, total int64, text string)
	warn(text string)
}

// holder answers what is held.
type holder interface {
	lookup(ctx context.Context, l lookup) (records []Record, more bool, err error)
}

type lookup struct {
	kind     string
	keys     []string // nil: all, after the key after
	after    string
	keysOnly bool
}

// Record is a record as the host holds it.
type Record struct {
	Key   string
	Value []byte
}

// Wants reports whether the field is to be made of the records.
func (r PullRequest) Wants(field string) bool { return slices.Contains(r.Fields, field) }

// Progress tells a person how far the pull is: records of total (0 if it is not known) and what is being done. It also
// shows the host that the connector is alive; call it wherever minutes may pass between two messages.
func (r PullRequest) Progress(records, total int64, text string) {
	r.tell.progress(records, total, text)
}

// Warn tells people something about the pull that is no reason to stop. What concerns the data belongs to Assemble, which
// says it each time.
func (r PullRequest) Warn(format string, args ...any) { r.tell.warn(fmt.Sprintf(format, args...)) }

// Get returns the records of these keys, with what this pull has put so far; keys that are not held are absent.
func (r PullRequest) Get(ctx context.Context, kind string, keys ...string) (map[string][]byte, error) {
	const some = 1000 // keys in a message
	found := make(map[string][]byte, len(keys))
	for part := range slices.Chunk(keys, some) {
		records, _, err := r.holder.lookup(ctx, lookup{kind: kind, keys: part})
		if err != nil {
			return nil, err
		}
		for _, record := range records {
			found[record.Key] = record.Value
		}
	}
	return found, nil
}

// Keys returns the keys of all records of a kind, in the order of their bytes, with what this pull has put and deleted so
// far. After an error, which is yielded once, there is no more.
func (r PullRequest) Keys(ctx context.Context, kind string) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		for record, err := range r.all(ctx, lookup{kind: kind, keysOnly: true}) {
			if !yield(record.Key, err) {
				return
			}
		}
	}
}

// Records returns all records of a kind as Keys does the keys.
func (r PullRequest) Records(ctx context.Context, kind string) iter.Seq2[Record, error] {
	return r.all(ctx, lookup{kind: kind})
}

func (r PullRequest) all(ctx context.Context, l lookup) iter.Seq2[Record, error] {
	return func(yield func(Record, error) bool) {
		for more := true; more; {
			var records []Record
			var err error
			if records, more, err = r.holder.lookup(ctx, l); err != nil {
				yield(Record{}, err)
				return
			}
			for _, record := range records {
				l.after = record.Key
				if !yield(record, nil) {
					return
				}
			}
			if more && len(records) == 0 {
				yield(Record{}, errors.New("the host says that it holds more records, but sends none"))
				return
			}
		}
	}
}
