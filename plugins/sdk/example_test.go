package sdk_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/reconcilehq/reconcile/plugins/sdk"
)

// Shop is a whole connector: its settings, its fields, and how its items are read.
type Shop struct {
	Warehouse string `setting:"warehouse,required" doc:"Whose stock counts."`
	Limit     int    `setting:"limit" default:"100" doc:"How many items a page holds."`
}

// Schema implements sdk.Source.
func (s *Shop) Schema(context.Context) ([]sdk.Field, error) {
	fields := sdk.Known("sku", "name", "price", "qoh")
	return append(fields, sdk.Field{Name: "shelf", Type: sdk.String, Doc: "Where it lies."}), nil
}

// Read implements sdk.Reader.
func (s *Shop) Read(_ context.Context, req sdk.ReadRequest, emit func(sdk.Item) error) error {
	stock := []struct {
		sku, name, price string
		qoh              int
	}{{"A-1", "Bell", "10.90", 3}, {"A-2", "Lamp", "", 0}}
	for _, it := range stock {
		if it.price == "" {
			req.Warn("%s has no price in warehouse %s", it.sku, s.Warehouse)
		}
		if err := emit(sdk.Item{"sku": it.sku, "name": it.name, "price": it.price, "qoh": it.qoh}); err != nil {
			return err
		}
	}
	return nil
}

// A connector's program has one line. It is started by reconcile; started by hand it says so.
func ExampleServe() {
	sdk.Serve(sdk.Connector{
		Name:    "shop",
		Version: "1.0.0",
		Doc:     "Reads the stock of a shop.",
		New:     func() sdk.Source { return &Shop{} },
	})
}

// ReadAll passes batches to send as the host gets them. A connector's test is shorter with package sdktest.
func ExampleReadAll() {
	shop := &Shop{}
	if err := sdk.FillSettings(shop, []byte(`{"warehouse": "north"}`)); err != nil {
		fmt.Println(err)
		return
	}
	request := sdk.NewReadRequest([]string{"sku", "price", "qoh"}, func(text string) { fmt.Println("warning:", text) })
	items, err := sdk.ReadAll(context.Background(), shop, request, func(batch *sdk.Batch) error {
		for i := range batch.Len() {
			fmt.Printf("%s: price %q, qoh %q\n", batch.Value("sku", i).Text(), batch.Value("price", i).Text(), batch.Value("qoh", i).Text())
		}
		return nil
	})
	fmt.Println(items, "items,", err)
	// Output:
	// warning: A-2 has no price in warehouse north
	// A-1: price "10.9", qoh "3"
	// A-2: price "", qoh "0"
	// 2 items, <nil>
}

// Mistakes in settings are found all at once; the host shows each at its place in the configuration.
func ExampleFillSettings() {
	err := sdk.FillSettings(&Shop{}, []byte(`{"limit": "many", "colour": "red"}`))
	var first *sdk.SettingError
	fmt.Println(errors.As(err, &first))
	fmt.Println(err)
	// Output:
	// true
	// setting "warehouse" is missing: Whose stock counts.
	// setting "limit" is not a whole number
	// unknown setting "colour"
}
