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

// Incremental is a source of which the host can keep a Local Copy: it can send only what has changed since the last time.
//
// The host keeps records. A record is what the platform sent, in whatever form the connector chooses. The connector makes
// items of the records each time they are needed. So the same code makes items after a full pull and after a small one. A
// setting that only affects how items are made needs no new pull: give it the flag live in its tag.
//
// If each record is one item, embed ItemRecords, which has CopyRules and Assemble, and implement only Pull.
//
// Schema and Assemble of such a source must not contact the platform, so that people can work offline with its copy.
//
// A source that implements neither Reader nor ColumnReader is read by a full Pull and Assemble, in memory.
type Incremental interface {
	// CopyRules says how the host keeps the records. It is also called before the source is configured, and always returns
	// the same.
	CopyRules() CopyRules

	// Pull sends what has changed since req.Cursor to out, or everything if that is nil. It returns nil only if the host
	// now has all records as they were on the platform at the time out.ReadAt; otherwise it returns an error. Of a failed
	// pull the host keeps only what came before its last Checkpoint. Pull returns promptly when ctx is done. If it cannot
	// continue from req.Cursor, it returns ErrNeedFull, wrapped with the reason, and the host calls it again without a
	// cursor.
	//
	// Pull must send the records that are needed to make the fields in req.Fields. Only a pull without a cursor may be
	// asked for other fields than the pull before it.
	Pull(ctx context.Context, req PullRequest, out *CopyUpdate) error

	// Assemble makes items of the records and writes them to w. They are the items that a read at the time of the pull
	// would have given, in the same order. It does not contact the platform. req.Fields are among the fields of the pulls.
	Assemble(ctx context.Context, req ReadRequest, records *Records, w *Writer) error
}

// CopyRules says how the host keeps a connector's records.
type CopyRules struct {
	// Kinds are all kinds of records, such as "brand", "product", in the order in which Assemble reads them.
	Kinds []string
	// Version is the version of the records' form. Increase it when this connector can no longer read older records: the
	// host then replaces copies with another version by a full pull.
	Version uint32
}

// CopyDecider is an Incremental source for which a Local Copy makes sense only in some configurations.
type CopyDecider interface {
	// KeepsCopy is called after Configure. If it returns false, the source is read as if it were not Incremental. For
	// example, a copy of a sandbox that changes with each start would be useless.
	KeepsCopy() bool
}

// ErrNeedFull is what Pull returns if it cannot continue from the cursor. The host then calls it again without one. Wrap it
// with the reason, which is shown to people: fmt.Errorf("the store was moved: %w", sdk.ErrNeedFull).
var ErrNeedFull = errors.New("everything has to be read anew")

// PullRequest says what to pull, and what the host holds already.
type PullRequest struct {
	// Fields are the fields that Assemble must be able to make of the records.
	Fields []string

	// Cursor is the one that the last pull gave to SetCursor, or, if Resumed, to Checkpoint; nil: read everything.
	Cursor []byte
	// Resumed says that Cursor is that of a Checkpoint, and that the host holds what was put before it.
	Resumed bool
	// Held is the number of records that the host holds, by kind.
	Held map[string]int64

	RefreshedAt time.Time // the time at which the platform had the data that the host holds; zero: it holds none
	FullAt      time.Time // RefreshedAt as it was after the last full pull
	BeganAt     time.Time // when this pull began; in the past if it is Resumed

	// Log goes to the host's --verbose output. Never log a secret.
	Log *slog.Logger

	progress *progress
	warn     func(text string)
	finder   recordFinder
}

// recordFinder finds records that the host holds.
type recordFinder interface {
	lookup(ctx context.Context, l lookupRequest) (records []Record, more bool, err error)
}

type lookupRequest struct {
	kind     string
	keys     []string // nil: all whose key is greater than after
	after    string
	keysOnly bool
}

// Record is a record as the host holds it.
type Record struct {
	Key   string
	Value []byte
}

// Wants reports whether the field is among Fields.
func (r PullRequest) Wants(field string) bool { return slices.Contains(r.Fields, field) }

// Warn shows people a warning about the pull. Give warnings about the data in Assemble, so that each run shows them.
func (r PullRequest) Warn(format string, args ...any) { r.warn(fmt.Sprintf(format, args...)) }

// Get returns the records with these keys, including what this pull has put and deleted. The map has no entry for a key that
// the host does not hold.
func (r PullRequest) Get(ctx context.Context, kind string, keys ...string) (map[string][]byte, error) {
	const some = 1000 // keys in a message
	found := make(map[string][]byte, len(keys))
	for part := range slices.Chunk(keys, some) {
		records, _, err := r.finder.lookup(ctx, lookupRequest{kind: kind, keys: part})
		if err != nil {
			return nil, err
		}
		for _, record := range records {
			found[record.Key] = record.Value
		}
	}
	return found, nil
}

// Keys returns the keys of all records of a kind, in the order of their bytes, including what this pull has put and deleted.
// An error ends the sequence.
func (r PullRequest) Keys(ctx context.Context, kind string) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		for record, err := range r.all(ctx, lookupRequest{kind: kind, keysOnly: true}) {
			if !yield(record.Key, err) {
				return
			}
		}
	}
}

// Records returns all records of a kind, in the order of their keys, including what this pull has put and deleted. An error
// ends the sequence.
func (r PullRequest) Records(ctx context.Context, kind string) iter.Seq2[Record, error] {
	return r.all(ctx, lookupRequest{kind: kind})
}

func (r PullRequest) all(ctx context.Context, l lookupRequest) iter.Seq2[Record, error] {
	return func(yield func(Record, error) bool) {
		for more := true; more; {
			var records []Record
			var err error
			if records, more, err = r.finder.lookup(ctx, l); err != nil {
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
