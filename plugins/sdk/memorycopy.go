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

// MemoryCopy is a Local Copy in memory, which behaves as the host's does: connectors are tested with it, and sources
// without a read of their own are read through it. It is for one goroutine. The zero MemoryCopy is empty.
type MemoryCopy struct {
	Cursor      []byte
	Fields      []string // that its records were pulled for
	RefreshedAt time.Time
	FullAt      time.Time
	FullDue     time.Time

	records map[string]map[string][]byte // by kind and key
	staged  *memoryPull                  // since a checkpoint; nil if there is none
}

// memoryPull is a pull that goes on, or broke off after a checkpoint.
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

// covers reports whether all of the wanted fields are among those.
func covers(fields, wanted []string) bool {
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

// Pull pulls from source what has changed, or everything if full is true or the copy cannot be refreshed: because it is
// empty, lacks one of the fields, or the source returns ErrNeedFull. It does not look at FullDue. req gives Fields, Log
// and what NewPullRequest set. After an error the copy is as it was, but for what a later Pull resumes.
func (m *MemoryCopy) Pull(ctx context.Context, source Incremental, req PullRequest, full bool) error {
	full = full || m.Cursor == nil || !covers(m.Fields, req.Fields)
	err := m.pull(ctx, source, req, full)
	if errors.Is(err, ErrNeedFull) && !full {
		m.staged = nil
		return m.pull(ctx, source, req, true)
	}
	return err
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
	if s := m.staged; s != nil && (s.full || !full) && covers(s.fields, req.Fields) {
		p, req.Cursor, req.Resumed = s.clone(), s.cursor, true
	}
	req.BeganAt, req.RefreshedAt, req.FullAt = p.began, m.RefreshedAt, m.FullAt
	req.Held = map[string]int64{}
	for kind, records := range p.records {
		req.Held[kind] = int64(len(records))
	}
	run := &memoryRun{copy: m, pull: p}
	c := &Changes{ctx: ctx, kinds: source.CopyRules().Kinds, keeper: run}
	req.holder = settled{run, c}
	if schema, ok := source.(Source); ok {
		var err error
		if c.schema, err = schemaOf(ctx, schema); err != nil {
			return err
		}
	}
	done, err := pull(ctx, source, req, c)
	if err != nil {
		return err
	}
	for kind, n := range done.expected {
		if held := int64(len(run.pull.records[kind])); held != n {
			return fmt.Errorf("the connector expects %d records of kind %q, but there are %d", n, kind, held)
		}
	}
	m.records, m.staged, m.Cursor = run.pull.records, nil, done.cursor
	m.RefreshedAt = cmp.Or(done.readAt, run.pull.began)
	m.FullDue = done.fullDue
	if run.pull.full {
		m.FullAt, m.Fields = m.RefreshedAt, run.pull.fields
	}
	return nil
}

// Assemble has source make items of the records.
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

// memoryRun is one run of a pull into memory.
type memoryRun struct {
	copy *MemoryCopy
	pull *memoryPull
}

func (r *memoryRun) full() error {
	r.copy.staged = nil
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
	r.copy.staged = r.pull.clone()
	r.copy.staged.cursor = slices.Clone(cursor)
	return nil
}

func (r *memoryRun) lookup(_ context.Context, l lookup) (records []Record, more bool, err error) {
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

// settled is a holder that first hands on what is pending, so that its answers include it.
type settled struct {
	holder
	changes *Changes
}

func (s settled) lookup(ctx context.Context, l lookup) ([]Record, bool, error) {
	if !slices.Contains(s.changes.kinds, l.kind) {
		return nil, false, s.changes.unknown(l.kind)
	}
	if err := s.changes.settle(); err != nil {
		return nil, false, err
	}
	return s.holder.lookup(ctx, l)
}

// NewPullRequest returns a request for MemoryCopy.Pull in tests of a connector. warn receives each warning.
func NewPullRequest(fields []string, warn func(text string)) PullRequest {
	return PullRequest{Fields: fields, Log: slog.New(slog.DiscardHandler), tell: quiet{warn}}
}

type quiet struct{ say func(string) }

func (quiet) progress(int64, int64, string) {}
func (q quiet) warn(text string)            { q.say(text) }

// fromRead has a pull tell what it has to tell as a read does.
type fromRead struct{ ReadRequest }

func (r fromRead) progress(items, total int64, text string) {
	r.ReadRequest.progress(items, total, text)
}
func (r fromRead) warn(text string) { r.ReadRequest.warn(text) }

// ReadRecords reads a source by a full Pull and Assemble, in memory. It is a read that cannot differ from a Local Copy.
func ReadRecords(ctx context.Context, source Incremental, req ReadRequest, w *Writer) error {
	m := &MemoryCopy{}
	pull := PullRequest{Fields: req.Fields, Log: req.Log, tell: fromRead{req}}
	if err := m.Pull(ctx, source, pull, true); err != nil {
		return err
	}
	return m.Assemble(ctx, source, req, w)
}

// assemble runs a source's Assemble; all records were read when it returns nil.
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
		return nil, mistaken("the connector's schema: %w", err)
	}
	return schema, nil
}
