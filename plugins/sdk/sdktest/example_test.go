package sdktest_test

import (
	"context"
	"fmt"
	"strings"

	"github.com/reconcilehq/reconcile/plugins/sdk"
	"github.com/reconcilehq/reconcile/plugins/sdk/sdktest"
)

// Shelf is a connector's source.
type Shelf struct {
	Stock string `setting:"stock,required" doc:"What is there: SKU=price, one behind the other."`
}

// Configure implements sdk.Configurer.
func (s *Shelf) Configure(context.Context) error {
	if !strings.Contains(s.Stock, "=") {
		return &sdk.SettingError{Path: []string{"stock"}, Summary: "nothing is there", Detail: "Write SKU=price."}
	}
	return nil
}

// Schema implements sdk.Source.
func (s *Shelf) Schema(context.Context) ([]sdk.Field, error) { return sdk.Known("sku", "price"), nil }

// Read implements sdk.Reader.
func (s *Shelf) Read(_ context.Context, req sdk.ReadRequest, emit func(sdk.Item) error) error {
	for entry := range strings.FieldsSeq(s.Stock) {
		sku, price, priced := strings.Cut(entry, "=")
		if !priced {
			req.Warn("%s has no price", sku)
		}
		if err := emit(sdk.Item{"sku": sku, "price": price}); err != nil {
			return err
		}
	}
	return nil
}

var shelf = sdk.Connector{Name: "shelf", Version: "1.0.0", New: func() sdk.Source { return &Shelf{} }}

func Example() {
	got, err := sdktest.Read(context.Background(), shelf, sdktest.Settings{"stock": "A-1=19.90 A-2"})
	fmt.Println(strings.Join(got.Items, "\n"))
	fmt.Printf("prices %q, warnings %q, error %v\n", got.Texts["price"], got.Warnings, err)

	_, err = sdktest.Read(context.Background(), shelf, sdktest.Settings{"stock": "nothing"})
	fmt.Println(err)
	// Output:
	// {"sku":"A-1","price":19.9}
	// {"sku":"A-2","price":null}
	// prices ["19.9" ""], warnings ["A-2 has no price"], error <nil>
	// nothing is there: Write SKU=price.
}
