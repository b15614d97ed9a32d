package sdk

import (
	"time"

	"github.com/reconcilehq/reconcile/engine/catalog"
	sourcev1 "github.com/reconcilehq/reconcile/plugins/proto/source/v1"
)

// sieve sends the items that a host looks for, and leaves out most others. The connector does not notice: it reads everything, and
// whatever makes a read fail makes this one fail, too.
type sieve struct {
	stream  *readStream
	looks   *catalog.Sieve // nil: all items are asked for
	rows    []int
	passed  int64 // items of the connector
	leftOut int64
	told    int64 // passed when the host heard of progress last
	toldAt  time.Time
}

func (r *readStream) sieve(req *sourcev1.ReadRequest) *sieve {
	s := &sieve{stream: r, toldAt: time.Now()}
	if len(req.GetLooks()) > 0 {
		s.looks = catalog.NewSieve(req.GetLooks())
	}
	return s
}

// batch sends what is looked for of a batch.
func (s *sieve) batch(b *catalog.Batch) error {
	if s.looks == nil {
		return s.stream.batch(b)
	}
	s.rows = s.looks.Rows(s.rows[:0], b)
	s.passed += int64(b.Len())
	s.leftOut += int64(b.Len() - len(s.rows))
	if len(s.rows) == b.Len() {
		return s.stream.batch(b)
	}
	if len(s.rows) > 0 {
		few := b.Take(s.rows)
		b.Release()
		return s.stream.batch(few)
	}
	b.Release()
	// The host waits for signs of life. Batches were such signs.
	if s.passed-s.told >= batchItems || time.Since(s.toldAt) > time.Second {
		s.told, s.toldAt = s.passed, time.Now()
		return s.stream.message(&sourcev1.ReadResponse{Message: &sourcev1.ReadResponse_Progress{Progress: &sourcev1.Progress{Items: s.passed}}})
	}
	return nil
}

// done corrects the last message of a read by the items that were left out.
func (s *sieve) done(d *sourcev1.Done) {
	d.Items -= s.leftOut
	d.LeftOut = s.leftOut
}
