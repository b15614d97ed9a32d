package restapi

import (
	"fmt"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/plugins/sdk"
)

// combiner makes one value of several, none of which is null.
type combiner struct {
	name string
	of   sdk.Type
	add  func(a, b catalog.Value) catalog.Value
}

var combiners = []combiner{
	{"sum", sdk.Number, func(a, b catalog.Value) catalog.Value { return catalog.NumberValue(a.Number().Add(b.Number())) }},
	{"min", sdk.Number, func(a, b catalog.Value) catalog.Value {
		if b.Number().Cmp(a.Number()) < 0 {
			return b
		}
		return a
	}},
	{"max", sdk.Number, func(a, b catalog.Value) catalog.Value {
		if b.Number().Cmp(a.Number()) > 0 {
			return b
		}
		return a
	}},
	{"any", sdk.Bool, func(a, b catalog.Value) catalog.Value { return catalog.BoolValue(a.Bool() || b.Bool()) }},
	{"all", sdk.Bool, func(a, b catalog.Value) catalog.Value { return catalog.BoolValue(a.Bool() && b.Bool()) }},
}

func combinerNames() []string {
	var names []string
	for _, c := range combiners {
		names = append(names, c.name)
	}
	return names
}

// combined makes one value of several nodes. Where one of them is unknown, so is what they come to.
func (f *fieldPlan) combined(nodes []any) (catalog.Value, error) {
	if f.field.Type == sdk.List {
		return listOf(nodes)
	}
	if f.combine == nil {
		say := "make the path select one of them"
		switch f.field.Type {
		case sdk.Number:
			say += fmt.Sprintf(`, or say combine = { %s = "sum" }, "min" or "max"`, f.field.Name)
		case sdk.Bool:
			say += fmt.Sprintf(`, or say combine = { %s = "any" } or "all"`, f.field.Name)
		}
		return catalog.Value{}, fmt.Errorf("the path selects %d values where one is expected; %s", len(nodes), say)
	}
	result, unknown := catalog.Value{}, false
	for i, node := range nodes {
		v, err := f.valueOf(node)
		if err != nil {
			return catalog.Value{}, err
		}
		switch {
		case v.IsNull():
			unknown = true
		case i == 0 || unknown:
			result = v
		default:
			result = f.combine.add(result, v)
		}
	}
	if unknown {
		return catalog.NullValue(f.field.Type), nil
	}
	return result, nil
}
