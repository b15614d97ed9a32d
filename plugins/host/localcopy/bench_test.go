package localcopy

import (
	"context"
	"fmt"
	"testing"

	"github.com/reconcilehq/reconcile/plugins/host"
)

const benchProducts = 100_000

// catalogue puts many products of about the size that a store's have, and their stock.
type catalogue struct{ changed string }

func (c *catalogue) Pull(_ context.Context, req host.PullRequest, _ host.Watcher, k host.CopyWriter) (host.PullResult, error) {
	step := 1
	if req.Cursor != nil {
		step = benchProducts / 100
	}
	const batch = 2000
	for _, kind := range []string{"product", "stock"} {
		var records []host.Record
		size, every := 400, step
		if kind == "stock" {
			size, every = 40, 1 // all of it, each time
		}
		for i := 0; i < benchProducts; i += every {
			value := fmt.Appendf(make([]byte, 0, size), "%s %d", c.changed, i)
			records = append(records, host.Record{Key: fmt.Sprintf("%010d", i), Value: value[:size]})
			if len(records) == batch {
				if err := k.Put(kind, records); err != nil {
					return host.PullResult{}, err
				}
				records = records[:0]
			}
		}
		if err := k.Put(kind, records); err != nil {
			return host.PullResult{}, err
		}
	}
	return host.PullResult{Cursor: []byte("next"), Expected: map[string]int64{"product": benchProducts}}, nil
}

func benchCopy(b *testing.B) (*Folder, *catalogue) {
	f, c := In(b.TempDir()), &catalogue{"first"}
	if _, err := f.Refresh(b.Context(), testID, c, RefreshRequest{}); err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	return f, c
}

// BenchmarkPullInFull keeps 100,000 products and their stock.
func BenchmarkPullInFull(b *testing.B) {
	f, c := benchCopy(b)
	for b.Loop() {
		if _, err := f.Refresh(b.Context(), testID, c, RefreshRequest{Full: true}); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkRefresh changes 100 of 100,000 products, and puts the stock of all.
func BenchmarkRefresh(b *testing.B) {
	f, c := benchCopy(b)
	n := 0
	for b.Loop() {
		n++
		c.changed = fmt.Sprint(n)
		if done, err := f.Refresh(b.Context(), testID, c, RefreshRequest{}); err != nil || done.Full {
			b.Fatal(done, err)
		}
	}
}

// BenchmarkRecords reads 100,000 products and their stock.
func BenchmarkRecords(b *testing.B) {
	f, _ := benchCopy(b)
	for b.Loop() {
		r, err := f.Open(b.Context(), testID)
		if err != nil {
			b.Fatal(err)
		}
		n := 0
		if err := r.Records(func(_ string, records []host.Record) error { n += len(records); return nil }); err != nil || n != 2*benchProducts {
			b.Fatal(n, err)
		}
		r.Close()
	}
}
