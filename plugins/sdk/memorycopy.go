package sdk

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"slices"
	"time"

	"github.com/reconcilehq/reconcile/engine/catalog"
)

// MemoryCopy is a Local Copy in memory. It behaves like the host's. Use it to test connectors; the SDK uses it to read
// sources that have no Read of their own. It is for one goroutine. The zero MemoryCopy is empty.
type MemoryCopy struct {
	Cursor      []byte
	Fields      []string // the fields that its records were pulled for
	RefreshedAt time.Time
	FullAt      time.Time
	FullDue     time.Time

	records      map[string]map[string][]byte // by kind and key
	checkpointed *memoryPull                  // since a checkpoint; nil if there is none
}

// memoryPull is the state of a pull: one that runs, or one that failed after a checkpoint.
type memoryPull struct {
	full    bool
	fields  []string
	began   time.Time
	cursor  []byte // the last checkpoint's
	records map[string]map[string][]byte
	put     map[string]map[string]bool
}

func newMemoryPull(full bool, fields []string) *memoryPull {
	return &memoryPull{full: full, fields: slices.Clone(fields), began: time.Now(),
		records: map[string]map[string][]byte{}, put: map[string]map[string]bool{}}
}

// containsAll reports whether all of the wanted fields are among fields.
func containsAll(fields, wanted []string) bool {
	return !slices.ContainsFunc(wanted, func(f string) bool { return !slices.Contains(fields, f) })
}

func (p *memoryPull) clone() *memoryPull {
	c := *p
	c.records, c.put = map[string]map[string][]byte{}, map[string]map[string]bool{}
	for kind := range p.records {
		c.records[kind] = maps.Clone(p.records[kind])
	}
	for kind := range p.put {
		c.put[kind] = maps.Clone(p.put[kind])
	}
	return &c
}

// Pull pulls from source what has changed. It pulls everything if full is true, if the copy is empty or lacks one of the
// fields, and if the source cannot go on from the last pull, or from one that broke off (ErrNeedFull). It ignores FullDue. Make req with NewPullRequest. If Pull fails, the copy is
// unchanged, except that a later Pull may resume this one.
func (m *MemoryCopy) Pull(ctx context.Context, source Incremental, req PullRequest, full bool) error {
	full = full || m.Cursor == nil || !containsAll(m.Fields, req.Fields)
	again := !full || m.resumable(full, req.Fields) != nil
	err := m.pull(ctx, source, req, full)
	if errors.Is(err, ErrNeedFull) && again {
		m.checkpointed = nil
		return m.pull(ctx, source, req, true)
	}
	return err
}

// resumable returns the pull that broke off, if it can be resumed to get these fields; nil otherwise.
func (m *MemoryCopy) resumable(full bool, fields []string) *memoryPull {
	if s := m.checkpointed; s != nil && (s.full || !full) && containsAll(s.fields, fields) {
		return s
	}
	return nil
}

func (m *MemoryCopy) pull(ctx context.Context, source Incremental, req PullRequest, full bool) error {
	p := newMemoryPull(full, req.Fields)
	if !full {
		p.records = (&memoryPull{records: m.records}).clone().records
	}
	req.Cursor, req.Resumed = m.Cursor, false
	if full {
		req.Cursor = nil
	}
	if s := m.resumable(full, req.Fields); s != nil {
		p, req.Cursor, req.Resumed = s.clone(), s.cursor, true
	}
	req.BeganAt, req.RefreshedAt, req.FullAt = p.began, m.RefreshedAt, m.FullAt
	req.Held = map[string]int64{}
	for kind, records := range p.records {
		req.Held[kind] = int64(len(records))
	}
	run := &memoryRun{copy: m, pull: p}
	c := &CopyUpdate{ctx: ctx, kinds: source.CopyRules().Kinds, writer: run}
	req.finder = flushingFinder{run, c}
	if schema, ok := source.(Source); ok {
		var err error
		if c.schema, err = schemaOf(ctx, schema); err != nil {
			return err
		}
	}
	done, err := runPull(ctx, source, req, c)
	if err != nil {
		return err
	}
	for kind, n := range done.expected {
		if held := int64(len(run.pull.records[kind])); held != n {
			return fmt.Errorf("the connector expects %d records of kind %q, but there are %d", n, kind, held)
		}
	}
	m.records, m.checkpointed, m.Cursor = run.pull.records, nil, done.cursor
	m.RefreshedAt = cmp.Or(done.readAt, run.pull.began)
	m.FullDue = done.fullDue
	if run.pull.full {
		m.FullAt, m.Fields = m.RefreshedAt, run.pull.fields
	}
	return nil
}

// Assemble calls source's Assemble with the records of the copy.
func (m *MemoryCopy) Assemble(ctx context.Context, source Incremental, req ReadRequest, w *Writer) error {
	kinds := slices.Clone(source.CopyRules().Kinds)
	r := &Records{kinds: kinds, next: func() (string, []Record, error) {
		if len(kinds) == 0 {
			return "", nil, io.EOF
		}
		kind := kinds[0]
		kinds = kinds[1:]
		return kind, m.Records(kind), nil
	}}
	return assemble(ctx, source, req, r, w)
}

// Records returns the records of a kind, in the order of their keys' bytes.
func (m *MemoryCopy) Records(kind string) []Record {
	return sortedRecords(m.records[kind])
}

func sortedRecords(of map[string][]byte) []Record {
	records := make([]Record, 0, len(of))
	for _, key := range slices.Sorted(maps.Keys(of)) {
		records = append(records, Record{key, of[key]})
	}
	return records
}

// memoryRun is a copyWriter and recordFinder for one run of a pull.
type memoryRun struct {
	copy *MemoryCopy
	pull *memoryPull
}

func (r *memoryRun) full() error {
	r.copy.checkpointed = nil
	r.pull = newMemoryPull(true, r.pull.fields)
	return nil
}

func (r *memoryRun) put(kind string, records []Record) error {
	if r.pull.records[kind] == nil {
		r.pull.records[kind] = map[string][]byte{}
	}
	if r.pull.put[kind] == nil {
		r.pull.put[kind] = map[string]bool{}
	}
	for _, record := range records {
		r.pull.records[kind][record.Key] = slices.Clone(record.Value)
		r.pull.put[kind][record.Key] = true
	}
	return nil
}

func (r *memoryRun) delete(kind string, keys []string) error {
	for _, key := range keys {
		delete(r.pull.records[kind], key)
		delete(r.pull.put[kind], key)
	}
	return nil
}

func (r *memoryRun) complete(kind string) error {
	maps.DeleteFunc(r.pull.records[kind], func(key string, _ []byte) bool { return !r.pull.put[kind][key] })
	return nil
}

func (r *memoryRun) checkpoint(cursor []byte) error {
	r.copy.checkpointed = r.pull.clone()
	r.copy.checkpointed.cursor = slices.Clone(cursor)
	return nil
}

func (r *memoryRun) lookup(_ context.Context, l lookupRequest) (records []Record, more bool, err error) {
	held := r.pull.records[l.kind]
	if l.keys != nil {
		asked := make(map[string][]byte, len(l.keys))
		for _, key := range l.keys {
			if value, ok := held[key]; ok {
				asked[key] = value
			}
		}
		held = asked
	}
	for _, record := range sortedRecords(held) {
		if l.keys == nil && record.Key <= l.after {
			continue
		}
		if l.keysOnly {
			record.Value = nil
		}
		records = append(records, record)
	}
	return records, false, nil
}

// flushingFinder is a recordFinder that writes the pending records before each lookup, so that the answer includes them.
type flushingFinder struct {
	recordFinder
	changes *CopyUpdate
}

func (s flushingFinder) lookup(ctx context.Context, l lookupRequest) ([]Record, bool, error) {
	if !slices.Contains(s.changes.kinds, l.kind) {
		return nil, false, s.changes.unknownKind(l.kind)
	}
	if err := s.changes.flush(); err != nil {
		return nil, false, err
	}
	return s.recordFinder.lookup(ctx, l)
}

// NewPullRequest returns a request for MemoryCopy.Pull in tests of a connector. warn receives each warning.
func NewPullRequest(fields []string, warn func(text string)) PullRequest {
	return PullRequest{Fields: fields, Log: slog.New(slog.DiscardHandler), progress: untold(), warn: warn}
}

// ReadRecords reads a source by a full Pull and Assemble, in memory. A Read that only calls it gives the same items as a
// Local Copy.
func ReadRecords(ctx context.Context, source Incremental, req ReadRequest, w *Writer) error {
	m := &MemoryCopy{}
	pull := PullRequest{Fields: req.Fields, Log: req.Log, progress: req.progress, warn: req.warn}
	if err := m.Pull(ctx, source, pull, true); err != nil {
		return err
	}
	return m.Assemble(ctx, source, req, w)
}

// assemble calls a source's Assemble, and then reads the records that it has left.
func assemble(ctx context.Context, source Incremental, req ReadRequest, r *Records, w *Writer) error {
	if err := source.Assemble(ctx, req, r, w); err != nil {
		return err
	}
	return r.drain()
}

func schemaOf(ctx context.Context, source Source) (*catalog.Schema, error) {
	fields, err := source.Schema(ctx)
	if err != nil {
		return nil, err
	}
	schema, err := catalog.NewSchema(fields...)
	if err != nil {
		return nil, misuse("the connector's schema: %w", err)
	}
	return schema, nil
}
