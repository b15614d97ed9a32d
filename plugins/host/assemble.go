package host

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/engine/fault"
	"github.com/reconcilehq/reconcile/plugins/host/patience"
	sourcev1 "github.com/reconcilehq/reconcile/plugins/proto/source/v1"
)

// Assemble sends records to the connector, which makes items of them, and passes the items to sink as Read does.
//
// With looks it may leave out items as Find does.
//
// Assemble calls records once, in a goroutine that has ended when Assemble returns. records calls send with all records:
// kind by kind in the order of RecordKinds, and within a kind in the order of the keys' bytes. An error of records fails
// the read. ReadResult.ReadAt has no meaning here.
func (p *Process) Assemble(ctx context.Context, asked *catalog.Schema, looks []string, records func(send func(kind string, records []Record) error) error,
	w ReadWatcher, sink func(*catalog.Batch) error) (ReadResult, error) {
	r := &reading{process: p, action: "make items of the Local Copy", asked: asked, looks: looks, watcher: w, sink: sink, started: time.Now()}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	r.patience = patience.Start(p.timeout, func() { cancel(errSilent) })
	defer r.patience.Stop()
	defer p.limitRead(cancel)()
	stream, err := p.calls.Assemble(ctx)
	if err != nil {
		return ReadResult{}, r.callError(ctx, err)
	}
	sent := make(chan error, 1)
	count := int64(0) // records that were sent; read it after sent
	fault.Go(func() {
		err := sendRecords(stream, r.request(), r.patience, func(send func(kind string, records []Record) error) error {
			return records(func(kind string, list []Record) error {
				count += int64(len(list))
				return send(kind, list)
			})
		})
		if err != nil && !errors.Is(err, io.EOF) {
			cancel(err) // items made of half of the records are of no use
		}
		sent <- err
	})
	done, err := r.receiveAll(ctx, stream)
	if err != nil {
		cancel(err)
	}
	switch sendErr := <-sent; {
	case sendErr != nil && !errors.Is(sendErr, io.EOF) && errors.Is(context.Cause(ctx), sendErr):
		return ReadResult{}, sendErr // it came first
	case err != nil:
		return ReadResult{}, err
	case sendErr != nil:
		return ReadResult{}, r.protocolError(fmt.Sprintf("the connector says that it received %d records, but there are more", r.done.GetRecords()))
	case r.done.GetRecords() != count: // records can be lost between us and the connector
		return ReadResult{}, r.protocolError(fmt.Sprintf("the connector says that it received %d records, but there are %d", r.done.GetRecords(), count))
	}
	return done, nil
}

// sendRecords sends the request and all records. It returns io.EOF if the connector has ended the stream.
func sendRecords(stream sourcev1.Source_AssembleClient, request *sourcev1.ReadRequest, patience *patience.Timer,
	records func(send func(kind string, records []Record) error) error) error {
	start := &sourcev1.AssembleRequest{Message: &sourcev1.AssembleRequest_Start{Start: request}}
	if err := stream.Send(start); err != nil {
		return err
	}
	var ended error
	err := records(func(kind string, list []Record) error {
		patience.Progress() // the connector takes what we send
		m := &sourcev1.AssembleRequest{Message: &sourcev1.AssembleRequest_Records{Records: recordsToMessage(kind, list)}}
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
