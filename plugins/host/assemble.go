package host

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/reconcilehq/reconcile/engine/catalog"
	sourcev1 "github.com/reconcilehq/reconcile/plugins/proto/source/v1"
)

// Assemble has the connector make items of records, and hands on what it makes as Read does. records calls send with all
// records, kind by kind in the order of RecordKinds, within a kind in the order of their keys' bytes; it is called once,
// in a goroutine of its own which has ended when Assemble returns. An error of it fails the read. Done.ReadAt says nothing.
func (p *Process) Assemble(ctx context.Context, asked *catalog.Schema, records func(send func(kind string, records []Record) error) error,
	w ReadWatcher, sink func(*catalog.Batch) error) (Done, error) {
	r := &reading{process: p, verb: "make items of the Local Copy", asked: asked, watcher: w, sink: sink, started: time.Now()}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	patience := newPatience(p.timeout, func() { cancel(errSilent) })
	defer patience.end()
	stream, err := p.calls.Assemble(ctx)
	if err != nil {
		return Done{}, r.failed(ctx, err)
	}
	sent := make(chan error, 1)
	count := int64(0) // of records, to be read after sent
	go func() {
		err := sendRecords(stream, asked, patience, func(send func(kind string, records []Record) error) error {
			return records(func(kind string, list []Record) error {
				count += int64(len(list))
				return send(kind, list)
			})
		})
		if err != nil && !errors.Is(err, io.EOF) {
			cancel(err) // nobody needs what is made of half of them
		}
		sent <- err
	}()
	done, err := r.all(ctx, stream, patience)
	if err != nil {
		cancel(err)
	}
	switch sending := <-sent; {
	case sending != nil && !errors.Is(sending, io.EOF) && errors.Is(context.Cause(ctx), sending):
		return Done{}, sending // it came first
	case err != nil:
		return Done{}, err
	case sending != nil:
		return Done{}, r.broken(fmt.Sprintf("the connector says that it received %d records, but there are more", r.done.GetRecords()))
	case r.done.GetRecords() != count: // what was sent may have got stuck on the way
		return Done{}, r.broken(fmt.Sprintf("the connector says that it received %d records, but there are %d", r.done.GetRecords(), count))
	}
	return done, nil
}

// sendRecords sends the request and all records. It returns io.EOF where the connector has ended the stream.
func sendRecords(stream sourcev1.Source_AssembleClient, asked *catalog.Schema, patience *patience,
	records func(send func(kind string, records []Record) error) error) error {
	start := &sourcev1.AssembleRequest{Message: &sourcev1.AssembleRequest_Start{Start: &sourcev1.ReadRequest{Fields: asked.Names()}}}
	if err := stream.Send(start); err != nil {
		return err
	}
	var ended error
	err := records(func(kind string, list []Record) error {
		patience.sign()
		m := &sourcev1.AssembleRequest{Message: &sourcev1.AssembleRequest_Records{Records: recordsMessage(kind, list)}}
		if ended = stream.Send(m); ended != nil && !errors.Is(ended, io.EOF) {
			ended = fmt.Errorf("send records of kind %q: %w", kind, ended)
		}
		return ended
	})
	if err != nil {
		return err
	}
	return stream.CloseSend()
}
