package host

import (
	"context"
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/plugins/sdk"
)

// waiterArg makes the test's program a connector that tells what it does and what it waits for.
const waiterArg = "serve-waiter"

// goesOn is until when it says that it waits.
var goesOn = time.Date(2099, 1, 1, 10, 4, 12, 0, time.UTC)

type waiter struct{ sdk.ItemRecords }

func serveWaiter() {
	sdk.Serve(sdk.Connector{Name: "waiter", Version: "1", New: func() sdk.Source { return &waiter{} }})
}

func (*waiter) Schema(context.Context) ([]sdk.Field, error) { return sdk.Known("sku"), nil }

func (*waiter) Read(_ context.Context, req sdk.ReadRequest, emit func(sdk.Item) error) error {
	req.Step("page 1")
	req.Progress(5, 10, "page 2")
	req.Step("page 3")
	req.Waiting(goesOn, "the shop's quota")
	return emit(sdk.Item{"sku": "A"})
}

func (*waiter) Pull(_ context.Context, req sdk.PullRequest, out *sdk.CopyUpdate) error {
	req.Step("page 1")
	req.Progress(5, 10, "page 2")
	req.Step("page 3")
	req.Waiting(goesOn, "the shop's quota")
	return out.PutItem("1", sdk.Item{"sku": "A"})
}

// everything keeps all that a read tells.
type everything struct {
	nobody
	told []string
}

func (e *everything) Progress(items, total int64, text string) {
	e.told = append(e.told, fmt.Sprintf("%d of %d: %s", items, total, text))
}

func (e *everything) Waiting(until time.Time, text string) {
	e.told = append(e.told, until.UTC().String()+": "+text)
}

// emptyCopy is a Local Copy that keeps nothing.
type emptyCopy struct{}

func (emptyCopy) Full() error                   { return nil }
func (emptyCopy) Put(string, []Record) error    { return nil }
func (emptyCopy) Delete(string, []string) error { return nil }
func (emptyCopy) Complete(string) error         { return nil }
func (emptyCopy) Checkpoint([]byte) error       { return nil }
func (emptyCopy) Lookup(string, []string, string, bool) ([]Record, bool, error) {
	return nil, false, nil
}

// TestStepsAndWaiting says that what a connector tells of its steps and waits arrives, of a read as of a pull.
func TestStepsAndWaiting(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	p, err := Start(t.Context(), Command{Path: self, Args: []string{self, waiterArg}, Dir: t.TempDir()}, Options{Label: "the source"})
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	if problems, err := p.Configure(t.Context(), []byte("{}"), nil); err != nil || len(problems) > 0 {
		t.Fatal(problems, err)
	}
	schema, err := p.Schema(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	before := []string{"0 of 0: page 1", "5 of 10: page 2", "5 of 10: page 3",
		goesOn.String() + ": waiting for the shop's quota until " + goesOn.Local().Format(time.TimeOnly)}
	var read, pulled everything
	if _, err := p.Read(t.Context(), schema, &read, func(*catalog.Batch) error { return nil }); err != nil {
		t.Error(err)
	}
	if diff := cmp.Diff(append(before[:4:4], "1 of 0: "), read.told); diff != "" {
		t.Errorf("read: %s", diff)
	}
	if _, err := p.Pull(t.Context(), PullRequest{Fields: []string{"sku"}, BeganAt: time.Now()}, &pulled, emptyCopy{}); err != nil {
		t.Error(err)
	}
	// The wait is over when a record comes.
	if diff := cmp.Diff(append(before[:4:4], "1 of 0: page 3"), pulled.told); diff != "" {
		t.Errorf("pull: %s", diff)
	}
}
