package host

import (
	"context"
	"os"
	"testing"
	"time"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/plugins/sdk"
)

// toldArg makes the test's program a connector that repeats the read_timeout that it was told.
const toldArg = "serve-told"

type told struct{ whenConfigured, forSchema time.Duration }

func serveTold() {
	sdk.Serve(sdk.Connector{Name: "told", Version: "1", New: func() sdk.Source { return &told{} }})
}

func (s *told) Configure(ctx context.Context) error {
	s.whenConfigured = sdk.ReadTimeout(ctx)
	return nil
}

func (s *told) Check(ctx context.Context) ([]sdk.Fact, error) {
	return []sdk.Fact{{Name: "configure", Value: s.whenConfigured.String()}, {Name: "schema", Value: s.forSchema.String()}, {Name: "check", Value: sdk.ReadTimeout(ctx).String()}}, nil
}

func (s *told) Schema(ctx context.Context) ([]sdk.Field, error) {
	s.forSchema = sdk.ReadTimeout(ctx)
	return sdk.Known("sku"), nil
}

func (*told) Read(ctx context.Context, _ sdk.ReadRequest, emit func(sdk.Item) error) error {
	return emit(sdk.Item{"sku": sdk.ReadTimeout(ctx).String()})
}

// TestReadTimeoutIsTold tells the connector of the source's read_timeout, with each call.
func TestReadTimeoutIsTold(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for timeout, want := range map[time.Duration]string{0: "2m0s", 77 * time.Second: "1m17s"} {
		p, err := Start(t.Context(), Command{Path: self, Args: []string{self, toldArg}, Dir: t.TempDir()}, Options{Label: "the source", Timeout: timeout})
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
		facts, err := p.Check(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range facts {
			if f.Value != want {
				t.Errorf("%s is told %s, want %s", f.Name, f.Value, want)
			}
		}
		if _, err := p.Read(t.Context(), schema, nobody{}, func(b *catalog.Batch) error {
			if got := b.Value("sku", 0).Text(); got != want {
				t.Errorf("read is told %s, want %s", got, want)
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		p.Close()
	}
}
