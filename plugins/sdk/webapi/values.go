package webapi

import (
	"bytes"
	"encoding/json"
	"reflect"
	"strconv"

	"github.com/reconcilehq/reconcile/plugins/sdk"
)

// Given says whether a member of an answer is absent, null, a value, or an empty text. An absent member is never taken for an empty value
// or 0: the answer is not the one that was asked for.
type Given uint8

const (
	Absent Given = iota
	Null
	Present
	Empty // "", which Entry.Given and Amount tell from other texts: there is no number, as null says; but where null has a meaning, as "the product's", "" has not
)

var nullText = []byte("null")

// Text is a string of an answer.
type Text struct {
	Value string
	Given Given
}

// UnmarshalJSON reads a string or null.
func (t *Text) UnmarshalJSON(data []byte) error {
	switch {
	case bytes.Equal(data, nullText):
		*t = Text{Given: Null}
		return nil
	case data[0] != '"':
		return wrongType(data, reflect.TypeFor[string]())
	}
	t.Given = Present
	if inner := data[1 : len(data)-1]; bytes.IndexByte(inner, '\\') < 0 {
		t.Value = string(inner)
		return nil
	}
	return json.Unmarshal(data, &t.Value)
}

// Whole is a whole number of an answer.
type Whole struct {
	Value int64
	Given Given
}

// UnmarshalJSON reads a whole number, written as one, or null.
func (w *Whole) UnmarshalJSON(data []byte) error {
	if bytes.Equal(data, nullText) {
		*w = Whole{Given: Null}
		return nil
	}
	n, err := strconv.ParseInt(string(data), 10, 64)
	if err != nil {
		return wrongType(data, reflect.TypeFor[int64]())
	}
	*w = Whole{n, Present}
	return nil
}

// Identifies reports whether the number identifies something.
func (w Whole) Identifies() bool { return w.Given == Present && w.Value > 0 }

// String returns the number as text; "" if there is none.
func (w Whole) String() string {
	if w.Given != Present {
		return ""
	}
	return strconv.FormatInt(w.Value, 10)
}

// Amount is a decimal number of an answer, exactly as it is written there.
type Amount struct {
	Value *sdk.Decimal // nil if it is null, "" or absent
	Given Given
}

// UnmarshalJSON reads a number, a string that holds one, null, or "": so do platforms write that there is none, where they write numbers as
// texts. Given tells "" from null.
func (a *Amount) UnmarshalJSON(data []byte) error {
	switch {
	case bytes.Equal(data, nullText):
		*a = Amount{Given: Null}
		return nil
	case string(data) == `""`:
		*a = Amount{Given: Empty}
		return nil
	}
	var d sdk.Decimal
	if err := d.UnmarshalJSON(data); err != nil {
		return err
	}
	*a = Amount{&d, Present}
	return nil
}

// OfMinor returns the amount where the number counts minor units, digits of which make one unit: 1999 is 19.99 with 2 digits. It is nil
// where there is no number, or digits is not from 0 to 9.
func (a Amount) OfMinor(digits int) *sdk.Decimal {
	if a.Value == nil || digits < 0 || digits > 9 {
		return nil
	}
	unit, err := sdk.ParseDecimal("1e-" + strconv.Itoa(digits))
	if err != nil {
		return nil
	}
	amount := a.Value.Mul(unit)
	return &amount
}

// Minor is the other way of Amount.OfMinor: how many minor units an amount is, rounded half away from zero: 19.99 is 1999 with 2 digits. digits
// is from 0 to 9.
func Minor(amount sdk.Decimal, digits int) sdk.Decimal {
	unit, err := sdk.ParseDecimal("1e" + strconv.Itoa(min(max(digits, 0), 9)))
	if err != nil {
		return amount
	}
	return amount.Mul(unit).Round(0)
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
