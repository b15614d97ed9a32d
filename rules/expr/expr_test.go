package expr

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"github.com/reconcilehq/reconcile/engine/catalog"
)

var (
	posSchema = catalog.MustSchema(
		catalog.Field{Name: "sku", Type: catalog.String},
		catalog.Field{Name: "name", Type: catalog.String},
		catalog.Field{Name: "brand", Type: catalog.String},
		catalog.Field{Name: "price", Type: catalog.Number},
		catalog.Field{Name: "sale_price", Type: catalog.Number},
		catalog.Field{Name: "qoh", Type: catalog.Number},
		catalog.Field{Name: "tracked", Type: catalog.Bool},
		catalog.Field{Name: "visible", Type: catalog.Bool},
		catalog.Field{Name: "options", Type: catalog.Map},
		catalog.Field{Name: "variation", Type: catalog.List},
		catalog.Field{Name: "upc", Type: catalog.String},
	)
	// The store has the fields in another order and one more, so that a position taken from the wrong side shows.
	storeSchema = catalog.MustSchema(
		catalog.Field{Name: "pending", Type: catalog.Number},
		catalog.Field{Name: "variation", Type: catalog.List},
		catalog.Field{Name: "options", Type: catalog.Map},
		catalog.Field{Name: "qoh", Type: catalog.Number},
		catalog.Field{Name: "price", Type: catalog.Number},
		catalog.Field{Name: "brand", Type: catalog.String},
		catalog.Field{Name: "name", Type: catalog.String},
		catalog.Field{Name: "visible", Type: catalog.Bool},
		catalog.Field{Name: "sku", Type: catalog.String},
	)
)

func number(t testing.TB, text string) catalog.Value {
	t.Helper()
	d, err := catalog.ParseDecimal(text)
	if err != nil {
		t.Fatalf("%q: %v", text, err)
	}
	return catalog.NumberValue(d)
}

func batchOf(t testing.TB, schema *catalog.Schema, rows ...map[string]catalog.Value) *catalog.Batch {
	t.Helper()
	b := catalog.NewBuilder(schema)
	for _, row := range rows {
		for name, v := range row {
			if err := b.Set(schema.Index(name), v); err != nil {
				t.Fatal(err)
			}
		}
		b.End()
	}
	return b.Batch()
}

// testFrame is a pair of batches whose second rows are the subject; sale_price, tracked and the store's visible are
// null there, upc is absent.
func testFrame(t testing.TB) *Frame {
	other := map[string]catalog.Value{"sku": catalog.StringValue("other"), "name": catalog.StringValue("wrong row")}
	pos := batchOf(t, posSchema, other, map[string]catalog.Value{
		"sku": catalog.StringValue("A-1"), "name": catalog.StringValue("Bell"), "brand": catalog.StringValue("FENDER"),
		"price": number(t, "10.50"), "qoh": number(t, "5"), "visible": catalog.BoolValue(true),
		"options":   catalog.MapValue([]catalog.Entry{{Key: "Size", Value: "M"}, {Key: "Color", Value: "Red"}}),
		"variation": catalog.ListValue([]string{"Color=Red|Blue", "Size=M|L"}),
	})
	store := batchOf(t, storeSchema, other, map[string]catalog.Value{
		"sku": catalog.StringValue("A-1"), "name": catalog.StringValue("Bell A-1"), "brand": catalog.StringValue("Fender"),
		"price": number(t, "10.5"), "qoh": number(t, "3"), "pending": number(t, "2"),
		"options":   catalog.MapValue([]catalog.Entry{{Key: "Color", Value: "Red"}, {Key: "Size", Value: "M"}}),
		"variation": catalog.ListValue([]string{"Size=M|L", "Color=Red|Blue"}),
	})
	f := &Frame{}
	f.SetBatch(0, pos)
	f.SetBatch(1, store)
	f.SetRow(0, 1)
	f.SetRow(1, 1)
	return f
}

func ruleScope() *Scope {
	return &Scope{
		Sides: []Side{{"pos", posSchema}, {"store", storeSchema}},
		Locals: map[string]Local{
			"currency": {Value: catalog.StringValue("CAD")},
			"size":     {Value: catalog.StringValue("Size")},
			"limit":    {Value: catalog.NumberValue(catalog.Int(5))},
			"on":       {Value: catalog.BoolValue(true)},
			"brands":   {Value: catalog.ListValue([]string{"FENDER", "Gibson"})},
			"names":    {Value: catalog.MapValue([]catalog.Entry{{Key: "FENDER", Value: "Fender"}})},
			"broken":   {Broken: true},
		},
	}
}

func parse(t testing.TB, src string) hclsyntax.Expression {
	t.Helper()
	e, diags := hclsyntax.ParseExpression([]byte(src), "test.hcl", hcl.InitialPos)
	if diags.HasErrors() {
		t.Fatalf("%s: %v", src, diags)
	}
	return e
}

func compile(t testing.TB, src string) *Expr {
	t.Helper()
	e, diags := Compile(parse(t, src), ruleScope())
	if diags.HasErrors() {
		t.Fatalf("%s: %v", src, diags)
	}
	return e
}

// want is what an expression comes to: its value's text, "null", or for strings the text in quotes.
func result(e *Expr, f *Frame) string {
	switch e.Type() {
	case catalog.String:
		s, known := e.Str(f)
		if !known {
			return "null"
		}
		return "'" + s + "'"
	case catalog.Number, catalog.Bool:
		v := e.Value(f)
		if v.IsNull() {
			return "null"
		}
		return v.Text()
	case catalog.List:
		if _, known := e.root.list(f); !known {
			return "null"
		}
		return "[" + e.Value(f).Text() + "]"
	case catalog.Map:
		if _, known := e.root.dict(f); !known {
			return "null"
		}
		return "{" + e.Value(f).Text() + "}"
	}
	return "untyped"
}

func TestEvaluation(t *testing.T) {
	groups := map[string][][2]string{
		"literals": {
			{`"a"`, "'a'"}, {`""`, "''"}, {`10.50`, "10.5"}, {`true`, "true"}, {`1e3`, "1000"}, {`-2`, "-2"}, {`(1)`, "1"},
			{`["a", pos.sku]`, "[a|A-1]"}, {`[]`, "[]"}, {`{ a = "x", "b" = pos.sku, (pos.brand) = "y" }`, "{FENDER:y|a:x|b:A-1}"}, {`{}`, "{}"},
			{`0.1234567890123456789012345678901234567890`, "0.123456789012345678901234567890123456789"},
		},
		"fields": {
			{`pos.name`, "'Bell'"}, {`store.name`, "'Bell A-1'"}, {`pos.price`, "10.5"}, {`pos.visible`, "true"},
			{`pos.sale_price`, "null"}, {`pos.tracked`, "null"}, {`pos.upc`, "''"},
			{`pos.options`, "{Color:Red|Size:M}"}, {`pos.variation`, `[Color=Red\|Blue|Size=M\|L]`}, {`pos["name"]`, "'Bell'"},
		},
		"locals": {
			{`local.currency`, "'CAD'"}, {`local.limit`, "5"}, {`local.on`, "true"}, {`local.brands[1]`, "'Gibson'"},
			{`local.names.FENDER`, "'Fender'"}, {`local.names[pos.brand]`, "'Fender'"}, {`local["currency"]`, "'CAD'"},
		},
		"indexes": {
			{`pos.options.Size`, "'M'"}, {`pos.options["Size"]`, "'M'"}, {`pos.options[local.size]`, "'M'"}, {`pos.options.Weight`, "''"},
			{`pos.variation[0]`, "'Color=Red|Blue'"}, {`pos.variation.1`, "'Size=M|L'"}, {`pos.variation[2]`, "''"}, {`pos.variation[0 - 1]`, "''"},
			{`pos.variation[0.5]`, "''"}, {`pos.variation[pos.sale_price]`, "null"}, {`pos.variation[pos.qoh - 4]`, "'Size=M|L'"},
			{`split("-", pos.sku)[1]`, "'1'"}, {`split("-", pos.sku).0`, "'A'"}, {`{ a = "x" }.a`, "'x'"}, {`["a", "b"][1]`, "'b'"},
		},
		"numbers are exact decimals": {
			{`10.99 - 10.00 == 0.99`, "true"}, {`0.1 + 0.2`, "0.3"}, {`1 / 3`, "0.3333333333333333333333333333333333"},
			{`2 / 3`, "0.6666666666666666666666666666666667"}, {`pos.price * 3`, "31.5"}, {`7 % 4`, "3"}, {`-7 % 4`, "-3"}, {`5.5 % 2`, "1.5"},
			{`pos.price - store.price`, "0"}, {`-pos.price`, "-10.5"}, {`1 + 2 * 3`, "7"}, {`9223372036854775807 + 1`, "9223372036854775808"},
		},
		"comparisons": {
			{`pos.price == store.price`, "true"}, {`pos.price != store.price`, "false"}, {`pos.qoh != store.qoh`, "true"},
			{`pos.qoh < store.qoh`, "false"}, {`pos.qoh <= 5`, "true"}, {`pos.qoh > store.qoh`, "true"}, {`pos.qoh >= 5.0`, "true"}, {`pos.price < 10.5`, "false"},
			{`pos.name == store.name`, "false"}, {`pos.sku == store.sku`, "true"}, {`pos.name == "Bell"`, "true"}, {`"Bell" != pos.name`, "false"},
			{`pos.options == store.options`, "true"}, {`pos.options != { Color = "Red" }`, "true"}, {`pos.options == { Size = "M", Color = "Red" }`, "true"},
			{`pos.variation == store.variation`, "false"}, {`sort(pos.variation) == sort(store.variation)`, "true"}, {`pos.variation == []`, "false"},
			{`pos.visible == true`, "true"}, {`pos.visible != pos.visible`, "false"}, {`true == false`, "false"},
		},
		"null": {
			{`pos.sale_price == 1`, "null"}, {`pos.sale_price + 1`, "null"}, {`-pos.sale_price`, "null"}, {`!pos.tracked`, "null"},
			{`pos.price == store.price && pos.sale_price > 1`, "null"}, {`store.visible == pos.visible`, "null"},
			{`pos.sale_price == null`, "true"}, {`null == pos.sale_price`, "true"}, {`null != pos.price`, "true"}, {`pos.sale_price != null`, "false"},
			{`pos.sale_price + 1 == null`, "true"}, {`(pos.sale_price > 1) == null`, "true"}, {`pos.tracked == null`, "true"},
			{`pos.price / 0`, "null"}, {`pos.price % 0`, "null"}, {`1 / 0`, "null"}, {`1 / 0 == null`, "true"}, {`pos.price / (pos.qoh - 5)`, "null"},
			{`"${pos.sale_price}x"`, "null"}, {`"${pos.sale_price}x" == null`, "true"}, {`pos.name == "x ${pos.sale_price}"`, "null"},
			{`["${pos.sale_price}x"]`, "null"}, {`{ a = "${pos.sale_price}x" }`, "null"}, {`lower("${pos.sale_price}x")`, "null"},
			{`pos.sale_price == pos.sale_price`, "null"},
		},
		"three-valued logic": {
			{`false && pos.tracked`, "false"}, {`pos.tracked && false`, "false"}, {`true || pos.tracked`, "true"}, {`pos.tracked || true`, "true"},
			{`true && pos.tracked`, "null"}, {`pos.tracked && true`, "null"}, {`false || pos.tracked`, "null"}, {`pos.tracked || false`, "null"},
			{`pos.tracked && pos.tracked`, "null"}, {`true && true`, "true"}, {`false || false`, "false"}, {`pos.visible && pos.qoh > 1`, "true"},
			{`!(pos.visible || pos.tracked)`, "false"},
		},
		"conditionals": {
			{`pos.visible ? pos.name : pos.sku`, "'Bell'"}, {`pos.qoh > 9 ? 1 : 2`, "2"}, {`pos.tracked ? 1 : 2`, "null"},
			{`pos.visible ? 1 : pos.sale_price`, "1"}, {`pos.visible ? pos.sale_price : 1`, "null"}, {`pos.visible ? null : 1`, "null"},
			{`pos.visible ? 1 : null`, "1"}, {`(pos.visible ? null : true) == null`, "true"}, {`pos.tracked ? "a" : "b"`, "null"},
			{`pos.visible ? pos.variation : []`, `[Color=Red\|Blue|Size=M\|L]`}, {`pos.visible ? pos.options : store.options`, "{Color:Red|Size:M}"},
		},
		"templates": {
			{`"${pos.name} ${pos.sku}"`, "'Bell A-1'"}, {`"${pos.price}"`, "10.5"}, {`"${pos.visible}"`, "true"}, {`"${pos.price} CAD"`, "'10.5 CAD'"},
			{`"${pos.visible}!"`, "'true!'"}, {`"%{ if pos.visible }yes%{ else }no%{ endif }"`, "'yes'"}, {`"a%{ if pos.qoh > 9 }b%{ endif }c"`, "'ac'"},
			{`"%{ if pos.visible }${pos.price}%{ endif }"`, "'10.5'"}, {`"%{ if pos.tracked }x%{ endif }"`, "null"}, {"<<E\n${pos.name}\n  x\nE\n", "'Bell\n  x\n'"},
			{"<<-E\n  ${pos.name}\n  x\n  E\n", "'Bell\nx\n'"}, {`"${local.currency} ${1 + 1}"`, "'CAD 2'"}, {`"$${x}"`, "'${x}'"}, {`"${"a"}${"b"}"`, "'ab'"},
			{`"${"${pos.name}-${pos.sku}"}/${upper("${pos.name}!")}"`, "'Bell-A-1/BELL!'"}, {`"${10.50}x"`, "'10.5x'"},
			{`store.name == "${pos.name} ${pos.sku}"`, "true"}, {`"${pos.name} ${pos.sku}" != store.name`, "false"}, {`store.name == "${pos.name} ${pos.sku}."`, "false"},
			{`store.name == "${pos.name}"`, "false"}, {`"${pos.name}${pos.sku}" == "${pos.name}${store.sku}"`, "true"}, {`"10.5 true" == "${pos.price} ${pos.visible}"`, "true"},
			{`"10.6 true" == "${pos.price} ${pos.visible}"`, "false"}, {`"10" == "${pos.price}x"`, "false"},
		},
	}
	for name, cases := range groups {
		t.Run(name, func(t *testing.T) {
			f := testFrame(t)
			for _, c := range cases {
				if got := result(compile(t, c[0]), f); got != c[1] {
					t.Errorf("%s: got %s, want %s", c[0], got, c[1])
				}
			}
			if len(f.scratch) != 0 {
				t.Errorf("%d bytes of scratch space are still in use", len(f.scratch))
			}
		})
	}
}

func TestExpr(t *testing.T) {
	t.Run("fields come once, in order of appearance", func(t *testing.T) {
		e := compile(t, `store.qoh == 1 && pos.qoh == store.qoh || contains(pos.variation, pos.options.Size)`)
		var got []string
		for _, r := range e.Fields() {
			got = append(got, ruleScope().Sides[r.Side].Name+"."+r.Field+" "+place(r.Range))
		}
		want := []string{"store.qoh 1:1-1:10", "pos.qoh 1:19-1:26", "pos.variation 1:52-1:65", "pos.options 1:67-1:78"}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
	})
	t.Run("constant", func(t *testing.T) {
		for src, want := range map[string]string{`1 + 1`: "2", `upper(local.currency)`: "CAD", `local.brands`: "FENDER|Gibson", `1 == 1`: "true", `1 / 0`: ""} {
			v, ok := compile(t, src).Constant()
			if !ok || v.Text() != want {
				t.Errorf("%s: got %q, %t", src, v.Text(), ok)
			}
		}
		for _, src := range []string{`pos.qoh`, `false && pos.visible`, `local.broken`} {
			if _, ok := compile(t, src).Constant(); ok {
				t.Errorf("%s: is not constant", src)
			}
		}
	})
	t.Run("the literal null has no type and is constant", func(t *testing.T) {
		e := compile(t, `null`)
		v, ok := e.Constant()
		if !e.IsNull() || !ok || e.Type() != catalog.Invalid || v.Type() != catalog.Invalid {
			t.Errorf("got %v, %t, %v", e.IsNull(), ok, e.Type())
		}
	})
	t.Run("range", func(t *testing.T) {
		if got := place(compile(t, `(pos.qoh + 1)`).Range()); got != "1:1-1:14" {
			t.Errorf("got %s", got)
		}
	})
	t.Run("a boxed value outlives the batch", func(t *testing.T) {
		want := catalog.ListValue([]string{"Color=Red|Blue", "Size=M|L"})
		if got := compile(t, `pos.variation`).Value(testFrame(t)); !got.Equal(want) {
			t.Errorf("got %s", got.Text())
		}
	})
}
