package words

import (
	"testing"

	"github.com/reconcilehq/reconcile/engine/catalog"
)

func TestLiteral(t *testing.T) {
	number, err := catalog.ParseDecimal("10.10")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name string
		v    catalog.Value
		want string
	}{
		{"text", catalog.StringValue("Bell"), `"Bell"`},
		{"a number as text", catalog.StringValue("10"), `"10"`},
		{"quotes, and what starts a template", catalog.StringValue(`a"b\c${d}%{e}$f`), `"a\"b\\c$${d}%%{e}$f"`},
		{"what acts on the terminal", catalog.StringValue("a\x1b[31m\n\t\u202e\u00a0"), `"a\u001b[31m\n\t\u202e\u00a0"`},
		{"what is not text", catalog.StringValue("日本 é"), `"日本 é"`},
		{"number", catalog.NumberValue(number), "10.1"},
		{"truth", catalog.BoolValue(true), "true"},
		{"unknown", catalog.NullValue(catalog.Number), "null (unknown)"},
		{"the literal null", catalog.Value{}, "null (unknown)"},
		{"list", catalog.ListValue([]string{"a", "b c"}), `["a", "b c"]`},
		{"empty list", catalog.ListValue(nil), "[]"},
		{"map", catalog.MapValue([]catalog.Entry{{Key: "Size", Value: "M"}, {Key: "My colour", Value: "Red"}}), `{ "My colour" = "Red", Size = "M" }`},
		{"empty map", catalog.MapValue(nil), "{}"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := Literal(c.v); got != c.want {
				t.Errorf("%s, want %s", got, c.want)
			}
		})
	}
}
