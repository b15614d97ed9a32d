package sdktest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/plugins/sdk"
)

// Writer returns the connector's source with these settings, as reconcile apply configures it: settings that are tagged ,apply are
// filled in, too.
func Writer(ctx context.Context, c sdk.Connector, settings Settings) (sdk.Applier, error) {
	object, err := json.Marshal(settings)
	if err != nil {
		return nil, err
	}
	source := c.New()
	applier, ok := source.(sdk.Applier)
	if !ok {
		return nil, errors.New("the connector is no sdk.Applier")
	}
	if err := sdk.FillSettingsToApply(source, object); err != nil {
		return nil, err
	}
	if own, ok := source.(sdk.Configurer); ok {
		return applier, own.Configure(ctx)
	}
	return applier, nil
}

// Change returns a change of a source's field. expected and desired are what an Item may have there; nil is null. Its key is made of the
// item, the field and the desired value.
func Change(ctx context.Context, source sdk.Source, item sdk.Ref, field string, expected, desired any) (sdk.Change, error) {
	c := sdk.Change{Item: item, Field: field, Key: fmt.Sprintf("%s-%s-%s-%v", item.ID, item.SKU, field, desired)}
	offered, err := source.Schema(ctx)
	if err != nil {
		return c, err
	}
	for _, f := range offered {
		if f.Name != field {
			continue
		}
		if c.Expected, err = sdk.ValueOf(f.Type, expected); err != nil {
			return c, err
		}
		c.Desired, err = sdk.ValueOf(f.Type, desired)
		return c, err
	}
	return c, fmt.Errorf("schema offers no field %q", field)
}

// Fetch reads single items of a source, as Read does: these fields, all of its schema if none are given.
func Fetch(ctx context.Context, source sdk.Fetcher, items []sdk.Ref, fields ...string) (Result, error) {
	own, ok := source.(sdk.Source)
	if !ok {
		return Result{}, errors.New("the fetcher is no sdk.Source")
	}
	return gather(ctx, own, fields, func(req sdk.ReadRequest, send func(*catalog.Batch) error) (int64, error) {
		return sdk.FetchAll(ctx, own, sdk.FetchRequest{ReadRequest: req, Items: items}, send)
	})
}

// Prepare asks what the platform would make of changes, and what they cost. It fails where an answer is missing or cannot be.
func Prepare(ctx context.Context, source sdk.Applier, changes ...sdk.Change) ([]sdk.Prepared, sdk.Cost, error) {
	var all []sdk.Prepared
	cost, err := sdk.PrepareAll(ctx, source, request(changes), func(p sdk.Prepared) error {
		all = append(all, p)
		return nil
	})
	return all, cost, err
}

// Apply makes changes, and returns the outcomes in the order in which they were told. It fails where one is missing, told twice, or cannot
// be; the outcomes that came before are returned, too.
func Apply(ctx context.Context, source sdk.Applier, changes ...sdk.Change) ([]sdk.Outcome, error) {
	var all []sdk.Outcome
	err := sdk.ApplyAll(ctx, source, request(changes), func(o sdk.Outcome) error {
		all = append(all, o)
		return nil
	})
	return all, err
}

func request(changes []sdk.Change) sdk.ApplyRequest {
	return sdk.ApplyRequest{ReadRequest: sdk.NewReadRequest(nil, func(string) {}), Changes: changes}
}
