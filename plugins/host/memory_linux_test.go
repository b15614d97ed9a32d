package host

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/reconcilehq/reconcile/engine/catalog"
	sourcev1 "github.com/reconcilehq/reconcile/plugins/proto/source/v1"
)

// TestSharedBatches says that batches of a bundled connector come through shared memory, those of others do not, and that both are the same.
func TestSharedBatches(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	started := func(bundled bool) (*Process, *catalog.Schema) {
		p, err := Start(t.Context(), Command{Path: self, Args: []string{self, connectorArg}, Dir: t.TempDir()}, Options{Label: "the source", Bundled: bundled})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(p.Close)
		if problems, err := p.Configure(t.Context(), []byte("{}"), nil); err != nil || len(problems) > 0 {
			t.Fatal(problems, err)
		}
		schema, err := p.Schema(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return p, schema
	}
	p, schema := started(true)
	readShared(t, p, schema) // TestTransport does the same with others
	for _, bundled := range []bool{true, false} {
		p, schema := started(bundled) // a new one: the places that another read had may not be free yet, and then a batch comes as a message
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		stream, err := p.calls.Read(ctx, &sourcev1.ReadRequest{Fields: schema.Names()})
		if err != nil {
			t.Fatal(err)
		}
		for first := true; first; {
			m, err := stream.Recv()
			if err != nil {
				t.Fatal(err)
			}
			if b := m.GetBatch(); b != nil {
				first = false
				if shared := b.GetShared() != nil; shared != bundled || shared == (len(b.GetArrow()) > 0) {
					t.Errorf("bundled %t: a batch in shared memory: %t, and %d bytes in the message", bundled, shared, len(b.GetArrow()))
				}
			}
		}
	}
}

// readShared reads all of a connector of ready-made batches.
func readShared(t *testing.T, p *Process, schema *catalog.Schema) {
	t.Helper()
	want := readyBatch(schema.Fields())
	batches := 0
	got, err := p.Read(t.Context(), schema, unwatched{}, func(b *catalog.Batch) error {
		defer b.Release()
		batches++
		for row := 0; row < b.Len(); row += 97 {
			for f := range schema.Len() {
				if diff := cmp.Diff(want.Column(f).Value(row).Text(), b.Column(f).Value(row).Text()); diff != "" {
					return fmt.Errorf("batch %d, item %d: %s", batches, row, diff)
				}
			}
		}
		return nil
	})
	if err != nil || got.Items != readyBatches*readyItems || batches != readyBatches {
		t.Errorf("%d items in %d batches, %v", got.Items, batches, err)
	}
}

// TestSharedByStranger refuses a batch that a connector says lies in memory which it was not given.
func TestSharedByStranger(t *testing.T) {
	r := &reading{process: &Process{label: "the source", secrets: &Secrets{}}, action: "read"}
	_, err := r.handle(&sourcev1.ReadResponse{Message: &sourcev1.ReadResponse_Batch{Batch: &sourcev1.Batch{Shared: &sourcev1.Shared{Size: 10}}}})
	if err == nil || !strings.Contains(err.Error(), "memory that is not shared") {
		t.Errorf("got %v", err)
	}
	var failure *Failure
	if !errors.As(err, &failure) || failure.Fault != Connector {
		t.Errorf("whose fault it is: %v", err)
	}
}
