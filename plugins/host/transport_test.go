package host

import (
	"context"
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/plugins/sdk"
)

// connectorArg makes the test's program a connector of ready-made batches.
const connectorArg = "serve-batches"

func TestMain(m *testing.M) {
	if len(os.Args) == 2 && os.Args[1] == connectorArg {
		sdk.Serve(sdk.Connector{Name: "ready", Version: "1", New: func() sdk.Source { return &ready{} }})
	}
	if len(os.Args) == 2 && os.Args[1] == neighbourArg {
		serveNeighbour()
	}
	if len(os.Args) == 2 && os.Args[1] == livelyArg {
		serveLively()
	}
	if len(os.Args) == 2 && os.Args[1] == waiterArg {
		serveWaiter()
	}
	if len(os.Args) == 2 && os.Args[1] == writingArg {
		serveWriting()
	}
	if len(os.Args) == 2 && os.Args[1] == bulkyArg {
		serveBulky()
	}
	if len(os.Args) == 2 && os.Args[1] == toldArg {
		serveTold()
	}
	becomeOther()
	os.Exit(m.Run())
}

const (
	readyBatches = 64
	readyItems   = 8192 // in each
)

// ready is a source that sends the same batch again and again.
type ready struct{}

func (*ready) Schema(context.Context) ([]sdk.Field, error) {
	return sdk.Known("sku", "name", "price", "qoh", "tracked", "options", "variation"), nil
}

func (*ready) ReadColumns(_ context.Context, _ sdk.ReadRequest, w *sdk.Writer) error {
	b := readyBatch(w.Fields())
	columns := make([]catalog.Column, b.Schema().Len())
	for i := range columns {
		columns[i] = b.Column(i)
	}
	for range readyBatches {
		if err := w.Batch(b.Len(), columns); err != nil {
			return err
		}
	}
	return nil
}

func readyBatch(fields []sdk.Field) *catalog.Batch {
	b := catalog.NewBuilder(catalog.MustSchema(fields...))
	values := map[string]func(i int) catalog.Value{
		"sku": func(i int) catalog.Value { return catalog.StringValue(fmt.Sprintf("SKU-%08d", i)) },
		"name": func(i int) catalog.Value {
			return catalog.StringValue(fmt.Sprintf("Fahrradhelm für Kinder no. %d", i))
		},
		"price":   func(i int) catalog.Value { return catalog.NumberValue(catalog.NewDecimal(int64(i)*7, 2)) },
		"qoh":     func(i int) catalog.Value { return catalog.NumberValue(catalog.Int(int64(i%40 - 3))) },
		"tracked": func(i int) catalog.Value { return catalog.BoolValue(i%3 == 0) },
		"options": func(i int) catalog.Value {
			return catalog.MapValue([]catalog.Entry{{Key: "Color", Value: "Red"}, {Key: "Size", Value: string(rune('A' + i%5))}})
		},
		"variation": func(int) catalog.Value { return catalog.ListValue([]string{"Color=Red", "Size=A|B|C|D|E"}) },
	}
	for i := range readyItems {
		for at, f := range fields {
			if f.Name == "price" && i%10 == 0 {
				continue // unknown
			}
			if err := b.Set(at, values[f.Name](i)); err != nil {
				panic(err)
			}
		}
		b.End()
	}
	return b.Batch()
}

// startReady starts the test's program as a connector.
func startReady(t testing.TB) (*Process, *catalog.Schema) {
	t.Helper()
	p := startSelf(t, connectorArg)
	schema, err := p.Schema(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return p, schema
}

// startSelf starts the test's program with an argument that makes it a connector, and configures that.
func startSelf(t testing.TB, arg string) *Process {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	p, err := Start(t.Context(), Command{Path: self, Args: []string{self, arg}, Dir: t.TempDir()}, Options{Label: "the " + arg + " source"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Close)
	if problems, err := p.Configure(t.Context(), []byte("{}"), nil); err != nil || len(problems) > 0 {
		t.Fatal(problems, err)
	}
	return p
}

type nobody struct{}

func (nobody) Progress(int64, int64, string)         {}
func (nobody) Waiting(time.Time, string)             {}
func (nobody) Warning(string)                        {}
func (nobody) Notice(string)                         {}
func (nobody) Unreadable([]catalog.Unreadable) error { return nil }

// TestTransport says that what a connector's process sends arrives as it was, all of it.
func TestTransport(t *testing.T) {
	p, schema := startReady(t)
	want := readyBatch(schema.Fields())
	batches := 0
	done, err := p.Read(t.Context(), schema, nobody{}, func(b *catalog.Batch) error {
		batches++
		for i := range schema.Len() {
			for row := 0; row < want.Len(); row += 97 {
				if got := b.Column(i).Value(row); !got.Equal(want.Column(i).Value(row)) {
					return fmt.Errorf("batch %d, row %d, %s: %q in place of %q", batches, row, schema.Field(i).Name, got.Text(), want.Column(i).Value(row).Text())
				}
			}
		}
		return nil
	})
	if err != nil || done.Items != readyBatches*readyItems || batches != readyBatches {
		t.Errorf("%d items in %d batches, error %v", done.Items, batches, err)
	}
}

// BenchmarkTransport moves batches from a connector's process to the host: encoding, the connection, decoding.
func BenchmarkTransport(b *testing.B) {
	for _, fields := range [][]string{{"sku"}, {"sku", "name", "price", "qoh", "options"}, {"sku", "name", "price", "qoh", "tracked", "options", "variation"}} {
		b.Run(fmt.Sprint(len(fields), " fields"), func(b *testing.B) {
			p, schema := startReady(b)
			asked, err := schema.Select(fields)
			if err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			for b.Loop() {
				if _, err := p.Read(b.Context(), asked, nobody{}, func(*catalog.Batch) error { return nil }); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/(readyBatches*readyItems), "ns/item")
		})
	}
}
