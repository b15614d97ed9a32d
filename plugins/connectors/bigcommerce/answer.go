package bigcommerce

import (
	"bytes"
	"encoding/json"
	"reflect"
	"strconv"

	"github.com/reconcilehq/reconcile/plugins/sdk"
)

// What an answer says of a member: nothing at all, null, or a value. The three are told apart, since a member that is not
// there is an answer that is not the one that was asked for, and never an empty value or 0.
type given uint8

const (
	absent given = iota
	null
	present
)

var nullText = []byte("null")

// text is a string of an answer.
type text struct {
	value string
	given given
}

// UnmarshalJSON reads a string or null.
func (t *text) UnmarshalJSON(data []byte) error {
	switch {
	case bytes.Equal(data, nullText):
		*t = text{given: null}
		return nil
	case data[0] != '"':
		return wrongType(data, reflect.TypeFor[string]())
	}
	t.given = present
	if inner := data[1 : len(data)-1]; bytes.IndexByte(inner, '\\') < 0 {
		t.value = string(inner)
		return nil
	}
	return json.Unmarshal(data, &t.value)
}

// whole is a whole number of an answer.
type whole struct {
	value int64
	given given
}

// UnmarshalJSON reads a whole number, written as one, or null.
func (w *whole) UnmarshalJSON(data []byte) error {
	if bytes.Equal(data, nullText) {
		*w = whole{given: null}
		return nil
	}
	n, err := strconv.ParseInt(string(data), 10, 64)
	if err != nil {
		return wrongType(data, reflect.TypeFor[int64]())
	}
	*w = whole{n, present}
	return nil
}

// id reports whether the number identifies something.
func (w whole) id() bool { return w.given == present && w.value > 0 }

// amount is a decimal number of an answer, exactly as it is written there.
type amount struct {
	value *sdk.Decimal // nil if it is null or absent
	given given
}

// UnmarshalJSON reads a number, a string that holds one, or null.
func (a *amount) UnmarshalJSON(data []byte) error {
	if bytes.Equal(data, nullText) {
		*a = amount{given: null}
		return nil
	}
	var d sdk.Decimal
	if err := d.UnmarshalJSON(data); err != nil {
		return err
	}
	*a = amount{&d, present}
	return nil
}

// wrongType is the error for a value of another type; encoding/json adds which member it is.
func wrongType(data []byte, want reflect.Type) error {
	is := "number " + string(data)
	switch data[0] {
	case '"':
		is = "string"
	case '{':
		is = "object"
	case '[':
		is = "array"
	case 't', 'f':
		is = "bool"
	}
	return &json.UnmarshalTypeError{Value: is, Type: want}
}
