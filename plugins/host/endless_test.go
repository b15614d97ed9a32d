package host

import (
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/plugins/host/patience"
	"github.com/reconcilehq/reconcile/plugins/proto"
	sourcev1 "github.com/reconcilehq/reconcile/plugins/proto/source/v1"
)

// unwatched is a read that nobody watches.
type unwatched struct{ warnings, notices *[]string }

func (unwatched) Progress(int64, int64, string) {}
func (unwatched) Waiting(time.Time, string)     {}
func (n unwatched) Warning(text string) {
	if n.warnings != nil {
		*n.warnings = append(*n.warnings, text)
	}
}

func (unwatched) Unreadable([]catalog.Unreadable) error { return nil }

func (n unwatched) Notice(text string) {
	if n.notices != nil {
		*n.notices = append(*n.notices, text)
	}
}

// endless sends one message over and over, at most so many times.
type endless struct {
	message *sourcev1.ReadResponse
	left    int
}

func (e *endless) Recv() (*sourcev1.ReadResponse, error) {
	if e.left--; e.left < 0 {
		return nil, io.EOF
	}
	return e.message, nil
}

// TestEndless says where a stream without an end is given up.
func TestEndless(t *testing.T) {
	schema := catalog.MustSchema(catalog.Field{Name: "sku", Type: catalog.String})
	batch := func(items int) *sourcev1.ReadResponse {
		b := catalog.NewBuilder(schema)
		for range items {
			b.SetString(0, "")
			b.End()
		}
		data, err := proto.EncodeBatch(b.Batch())
		if err != nil {
			t.Fatal(err)
		}
		return &sourcev1.ReadResponse{Message: &sourcev1.ReadResponse_Batch{Batch: &sourcev1.Batch{Arrow: data}}}
	}
	waiting := &sourcev1.ReadResponse{Message: &sourcev1.ReadResponse_Waiting{Waiting: &sourcev1.Waiting{}}}
	progress := &sourcev1.ReadResponse{Message: &sourcev1.ReadResponse_Progress{Progress: &sourcev1.Progress{}}}
	warning := &sourcev1.ReadResponse{Message: &sourcev1.ReadResponse_Warning{Warning: &sourcev1.Warning{Text: "\x1b[31mhm"}}}
	notice := &sourcev1.ReadResponse{Message: &sourcev1.ReadResponse_Notice{Notice: &sourcev1.Notice{
		Text: "\x1b[31mwith s3cret " + strings.Repeat("x", proto.MaxText)}}}
	for _, c := range []struct {
		name     string
		message  *sourcev1.ReadResponse
		messages int
		want     string
		fault    Fault
	}{
		{"a message less than too many", progress, proto.MaxMessagesWithoutItem, "stopped sending without saying that it was done", Connector},
		{"too much progress", progress, proto.MaxMessagesWithoutItem + 1, "sent 100000 messages in a row without an item", Connector},
		{"too many warnings", warning, proto.MaxMessagesWithoutItem + 1, "sent 100000 messages in a row without an item", Connector},
		{"too much waiting", waiting, proto.MaxMessagesWithoutItem + 1, "sent 100000 messages in a row without an item", Connector},
		{"too many notices", notice, proto.MaxMessagesWithoutItem + 1, "sent 100000 messages in a row without an item", Connector},
		{"too many empty batches", batch(0), proto.MaxEmptyBatches + 1, "sent 1000 batches in a row without an item", Connector},
		{"too many items", batch(1 << 20), proto.MaxItems>>20 + 1, "sent more than 100000000 items, the max_items of the source, and no end is in sight", Nobody},
	} {
		t.Run(c.name, func(t *testing.T) {
			var warnings, notices []string
			secrets := &Secrets{}
			secrets.Add("s3cret")
			r := &reading{process: &Process{label: "x", secrets: secrets, maxItems: proto.MaxItems}, asked: schema, watcher: unwatched{&warnings, &notices},
				sink: func(*catalog.Batch) error { return nil }}
			r.patience = patience.Start(time.Hour, func() {})
			defer r.patience.Stop()
			_, err := r.receiveAll(t.Context(), &endless{c.message, c.messages})
			var failure *Failure
			if !errors.As(err, &failure) || failure.Fault != c.fault || !strings.Contains(failure.Text, c.want) {
				t.Errorf("got %v, want %q", err, c.want)
			}
			if c.message == warning && (len(warnings) != proto.MaxWarnings || warnings[0] != "[31mhm") {
				t.Errorf("%d warnings were shown, the first %q", len(warnings), warnings[:1])
			}
			if c.message == notice && (len(notices) != proto.MaxNotices || len(notices[0]) > proto.MaxText+len("…") || !strings.HasPrefix(notices[0], "[31mwith ") || strings.Contains(notices[0], "s3cret")) {
				t.Errorf("%d notices were shown, the first %q", len(notices), notices[:1])
			}
		})
	}
}
