package host

import (
	"context"
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/plugins/sdk"
)

// livelyArg makes the test's program a connector whose read never ends, and is never silent.
const livelyArg = "serve-lively"

type lively struct{}

func serveLively() {
	sdk.Serve(sdk.Connector{Name: "lively", Version: "1", New: func() sdk.Source { return &lively{} }})
}

func (*lively) Schema(context.Context) ([]sdk.Field, error) { return sdk.Known("sku"), nil }

func (*lively) Read(ctx context.Context, req sdk.ReadRequest, _ func(sdk.Item) error) error {
	tick := time.NewTicker(10 * time.Millisecond)
	for n := int64(1); ; n++ {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
			req.Progress(n, 0, "still there")
		}
	}
}

// TestReadLimit says that a read ends after read_limit although its connector gives signs of progress, and that the process can be
// used further.
func TestReadLimit(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	const limit = time.Second
	p, err := Start(t.Context(), Command{Path: self, Args: []string{self, livelyArg}, Dir: t.TempDir()}, Options{Label: "the source", ReadLimit: limit})
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
	for range 2 {
		ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
		_, err = p.Read(ctx, schema, nobody{}, func(*catalog.Batch) error { return nil })
		cancel()
		var failure *Failure
		if !errors.As(err, &failure) || !errors.Is(err, errTooLong) || !strings.Contains(failure.Text, "after 1s, the read_limit") ||
			!strings.Contains(failure.Text, `the last it said was "still there"`) {
			t.Errorf("got %v", err)
		}
	}
}

// TestMaxItems says that a read ends where it has more items than the source may have.
func TestMaxItems(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for most, want := range map[int64]string{readyBatches * readyItems: "", readyBatches*readyItems - 1: "more than 524287 items, the max_items of the source", 1: "more than 1 items"} {
		p, err := Start(t.Context(), Command{Path: self, Args: []string{self, connectorArg}, Dir: t.TempDir()}, Options{Label: "the source", MaxItems: most})
		if err != nil {
			t.Fatal(err)
		}
		if problems, err := p.Configure(t.Context(), []byte("{}"), nil); err != nil || len(problems) > 0 {
			t.Fatal(problems, err)
		}
		schema, err := p.Schema(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		asked, err := schema.Select([]string{"sku"})
		if err != nil {
			t.Fatal(err)
		}
		_, err = p.Read(t.Context(), asked, nobody{}, func(*catalog.Batch) error { return nil })
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%d: %v", most, err)
		}
		p.Close()
	}
}

func TestInWords(t *testing.T) {
	for d, want := range map[time.Duration]string{6 * time.Hour: "6h", 90 * time.Minute: "90m", 90 * time.Second: "1m30s", time.Second: "1s"} {
		if got := inWords(d); got != want {
			t.Errorf("%s: %q", d, got)
		}
	}
}
