package change

import (
	"bytes"
	"encoding/json"
	"fmt"

	"github.com/reconcilehq/reconcile/engine/catalog"
)

// ParseValue reads the JSON of a value of a type, as Value.MarshalJSON writes it.
func ParseValue(of catalog.Type, text []byte) (v catalog.Value, err error) {
	isNull := bytes.Equal(text, []byte("null"))
	if isNull && of.Nullable() {
		return catalog.NullValue(of), nil
	}
	if len(text) == 0 || isNull {
		return v, fmt.Errorf("a value of the type %s is missing", of)
	}
	switch of {
	case catalog.String:
		var s string
		err = json.Unmarshal(text, &s)
		return catalog.StringValue(s), err
	case catalog.Number:
		var d catalog.Decimal
		err = json.Unmarshal(text, &d)
		return catalog.NumberValue(d), err
	case catalog.Bool:
		var b bool
		err = json.Unmarshal(text, &b)
		return catalog.BoolValue(b), err
	case catalog.List:
		var list []string
		err = json.Unmarshal(text, &list)
		return catalog.ListValue(list), err
	case catalog.Map:
		var of map[string]string
		err = json.Unmarshal(text, &of)
		var entries []catalog.Entry
		for key, value := range of {
			entries = append(entries, catalog.Entry{Key: key, Value: value})
		}
		return catalog.MapValue(entries), err
	}
	return v, fmt.Errorf("there is no type %s", of)
}
