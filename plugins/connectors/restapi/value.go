package restapi

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/plugins/sdk"
)

// valueOf makes a field's value of a node of an answer. Nothing is converted that could be read in two ways: a text is a number only
// where it is written as one, and a number is a text only where it is whole.
func (f *fieldPlan) valueOf(node any) (catalog.Value, error) {
	if node == nil {
		return catalog.NullValue(f.field.Type), nil
	}
	if word, ok := wordOf(node); ok && f.words != nil {
		if v, known := f.words[word]; known {
			return v, nil
		}
	}
	switch f.field.Type {
	case sdk.String:
		text, err := textOf(node)
		if err != nil {
			return catalog.Value{}, err
		}
		return catalog.StringValue(text), nil
	case sdk.Number:
		return f.number(node)
	case sdk.Bool:
		if b, ok := node.(bool); ok {
			return catalog.BoolValue(b), nil
		}
		if word, ok := wordOf(node); ok {
			return catalog.Value{}, fmt.Errorf("%s is neither true nor false; if it stands for one of them, say words = { %s = %q }", describe(node), f.field.Name, word+":true")
		}
	case sdk.List:
		if list, ok := node.([]any); ok {
			return listOf(list)
		}
		return listOf([]any{node})
	case sdk.Map:
		if object, ok := node.(map[string]any); ok {
			return mapOf(object)
		}
	}
	return catalog.Value{}, fmt.Errorf("%s is no %s", describe(node), f.field.Type)
}

func (f *fieldPlan) number(node any) (catalog.Value, error) {
	var text string
	switch v := node.(type) {
	case json.Number:
		text = v.String()
	case string:
		if v == "" { // how platforms write that there is none, where they write numbers as texts
			return catalog.NullValue(sdk.Number), nil
		}
		text = v
	default:
		return catalog.Value{}, fmt.Errorf("%s is no number", describe(node))
	}
	d, err := sdk.ParseDecimal(text)
	if err != nil {
		return catalog.Value{}, fmt.Errorf("%s is %w", describe(node), err)
	}
	if f.digits > 0 {
		if _, scale, _ := d.Reduce().Int64(); scale > 0 || !isWhole(d) {
			return catalog.Value{}, fmt.Errorf("%s has decimals, and scale says that it is in minor units, which are whole", describe(node))
		}
		d = d.Mul(catalog.NewDecimal(1, f.digits))
	}
	return catalog.NumberValue(d), nil
}

func isWhole(d sdk.Decimal) bool { return d.Equal(d.Floor()) }

// textOf returns a string, or the digits of a whole number: identifiers and bar codes come as either.
func textOf(node any) (string, error) {
	switch v := node.(type) {
	case string:
		return v, nil
	case json.Number:
		if text := v.String(); strings.Trim(text, "-0123456789") == "" {
			return text, nil
		}
		return "", fmt.Errorf("%s is a number with decimals or an exponent, of which nobody knows how it is meant to read as a text; say its type in types", describe(node))
	}
	return "", fmt.Errorf("%s is no text", describe(node))
}

func listOf(nodes []any) (catalog.Value, error) {
	list := make([]string, 0, len(nodes))
	for _, node := range nodes {
		text, err := textOf(node)
		if err != nil {
			return catalog.Value{}, err
		}
		list = append(list, text)
	}
	return catalog.ListValue(list), nil
}

// mapOf makes a map of an object. A member that is null is left out.
func mapOf(object map[string]any) (catalog.Value, error) {
	entries := make([]catalog.Entry, 0, len(object))
	for name, node := range object {
		if node == nil {
			continue
		}
		text, err := textOf(node)
		if err != nil {
			return catalog.Value{}, fmt.Errorf("member %q: %w", shortened(name), err)
		}
		entries = append(entries, catalog.Entry{Key: name, Value: text})
	}
	return catalog.MapValue(entries), nil
}

// wordOf returns what words names a node by.
func wordOf(node any) (string, bool) {
	switch v := node.(type) {
	case string:
		return v, true
	case json.Number:
		return v.String(), true
	case bool:
		return strconv.FormatBool(v), true
	}
	return "", false
}

// describe says what a node is, for messages. What it holds is a stranger's.
func describe(node any) string {
	switch v := node.(type) {
	case nil:
		return "null"
	case string:
		return fmt.Sprintf("the text %q", shortened(v))
	case json.Number:
		return "the number " + shortened(v.String())
	case bool:
		return strconv.FormatBool(v)
	case []any:
		return fmt.Sprintf("an array of %d", len(v))
	}
	return "an object"
}

// parseValue reads a value that the configuration gives as a text.
func parseValue(t sdk.Type, text string) (catalog.Value, error) {
	switch t {
	case sdk.String:
		return catalog.StringValue(text), nil
	case sdk.Number:
		d, err := sdk.ParseDecimal(text)
		if err != nil {
			return catalog.Value{}, fmt.Errorf("%q is %w", text, err)
		}
		return catalog.NumberValue(d), nil
	case sdk.Bool:
		if text == "true" || text == "false" {
			return catalog.BoolValue(text == "true"), nil
		}
		return catalog.Value{}, fmt.Errorf("%q is neither true nor false", text)
	}
	return catalog.Value{}, errors.New("a " + t.String() + " cannot be written as one text")
}
