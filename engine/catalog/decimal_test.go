package catalog_test

import (
	"encoding/json"
	"errors"
	"math"
	"math/big"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/reconcilehq/reconcile/engine/catalog"
)

func parseDecimal(t testing.TB, text string) catalog.Decimal {
	t.Helper()
	d, err := catalog.ParseDecimal(text)
	if err != nil {
		t.Fatalf("%q: %v", text, err)
	}
	return d
}

// rat is the same number in another library's hands.
func rat(d catalog.Decimal) *big.Rat {
	coef, scale := d.Big()
	return new(big.Rat).SetFrac(coef, new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(scale)), nil))
}

// decimals draws numbers of all sizes: those of a catalogue, those at the edges of 64 bits, and far wider ones.
func decimals() *rapid.Generator[catalog.Decimal] {
	edges := []int64{0, 1, -1, 5, 10, -10, math.MaxInt64, math.MinInt64, math.MaxInt64 - 1, math.MinInt64 + 1, 1e18, -1e18}
	return rapid.Custom(func(t *rapid.T) catalog.Decimal {
		scale := rapid.IntRange(0, 25).Draw(t, "scale")
		switch rapid.IntRange(0, 3).Draw(t, "kind") {
		case 0:
			return catalog.NewDecimal(rapid.Int64Range(-100000, 100000).Draw(t, "coef"), scale%4)
		case 1:
			return catalog.NewDecimal(rapid.SampledFrom(edges).Draw(t, "edge"), scale)
		case 2:
			return catalog.NewDecimal(rapid.Int64().Draw(t, "coef"), scale-5)
		}
		n, _ := new(big.Int).SetString(rapid.StringMatching(`-?[1-9][0-9]{0,60}`).Draw(t, "wide"), 10)
		return catalog.NewWideDecimal(n, scale)
	})
}

func TestArithmeticIsExact(t *testing.T) {
	operations := []struct {
		name    string
		decimal func(d, e catalog.Decimal) catalog.Decimal
		rat     func(z, d, e *big.Rat) *big.Rat
	}{
		{"add", catalog.Decimal.Add, (*big.Rat).Add},
		{"sub", catalog.Decimal.Sub, (*big.Rat).Sub},
		{"mul", catalog.Decimal.Mul, (*big.Rat).Mul},
		{"neg", func(d, _ catalog.Decimal) catalog.Decimal { return d.Neg() }, func(z, d, _ *big.Rat) *big.Rat { return z.Neg(d) }},
		{"abs", func(d, _ catalog.Decimal) catalog.Decimal { return d.Abs() }, func(z, d, _ *big.Rat) *big.Rat { return z.Abs(d) }},
	}
	for _, op := range operations {
		t.Run(op.name, rapid.MakeCheck(func(t *rapid.T) {
			d, e := decimals().Draw(t, "d"), decimals().Draw(t, "e")
			before := d.String() + " " + e.String()
			got, want := op.decimal(d, e), op.rat(new(big.Rat), rat(d), rat(e))
			if rat(got).Cmp(want) != 0 {
				t.Fatalf("%s %s %s: got %s, want %s", d, op.name, e, got, want)
			}
			if after := d.String() + " " + e.String(); after != before {
				t.Fatalf("the operands changed from %s to %s", before, after)
			}
		}))
	}
}

func TestCmp(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d, e := decimals().Draw(t, "d"), decimals().Draw(t, "e")
		want := rat(d).Cmp(rat(e))
		if got := d.Cmp(e); got != want {
			t.Fatalf("%s cmp %s: got %d, want %d", d, e, got, want)
		}
		if got := d.Equal(e); got != (want == 0) {
			t.Fatalf("%s equal %s: got %t", d, e, got)
		}
		if got := d.Sign(); got != rat(d).Sign() {
			t.Fatalf("sign of %s: got %d", d, got)
		}
		if r := d.Reduce(); !r.Equal(d) || r.Cmp(d) != 0 {
			t.Fatalf("%s reduces to %s", d, r)
		}
	})
}

// halfEven is the contract written once more, over rationals: the multiple of unit nearest to x, of two equally near
// ones the even one.
func halfEven(x, unit *big.Rat) *big.Rat {
	steps := new(big.Rat).Quo(x, unit)
	floor := new(big.Int).Div(steps.Num(), steps.Denom()) // Euclidean, and the denominator is positive: the floor
	rest := new(big.Rat).Sub(steps, new(big.Rat).SetInt(floor))
	if c := rest.Cmp(big.NewRat(1, 2)); c > 0 || c == 0 && floor.Bit(0) == 1 {
		floor.Add(floor, big.NewInt(1))
	}
	return new(big.Rat).Mul(new(big.Rat).SetInt(floor), unit)
}

func powerOfTen(n int) *big.Rat {
	p := new(big.Rat).SetInt(new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(max(n, -n))), nil))
	if n < 0 {
		p.Inv(p)
	}
	return p
}

// magnitude returns the exponent of x's first significant digit: 0 for 1 to 9.
func magnitude(x *big.Rat) int {
	x = new(big.Rat).Abs(x)
	n := len(x.Num().String()) - len(x.Denom().String())
	if x.Cmp(powerOfTen(n)) < 0 {
		n--
	}
	return n
}

func TestQuo(t *testing.T) {
	t.Run("half even to 34 digits", func(t *testing.T) {
		rapid.Check(t, func(t *rapid.T) {
			d, e := decimals().Draw(t, "d"), decimals().Draw(t, "e")
			got, ok := d.Quo(e)
			if ok != (e.Sign() != 0) {
				t.Fatalf("%s / %s: ok is %t", d, e, ok)
			}
			if !ok {
				return
			}
			want := new(big.Rat).Quo(rat(d), rat(e))
			if want.Sign() != 0 {
				want = halfEven(want, powerOfTen(magnitude(want)-catalog.QuotientDigits+1))
			}
			if rat(got).Cmp(want) != 0 {
				t.Fatalf("%s / %s: got %s, want %s", d, e, got, want.FloatString(60))
			}
		})
	})
	nines := strings.Repeat("9", 34)
	for _, c := range []struct{ why, d, e, want string }{
		{"a tie goes to the even digit below", "1000000000000000000000000000000000.5", "1", "1000000000000000000000000000000000"},
		{"a tie goes to the even digit above", "1000000000000000000000000000000001.5", "1", "1000000000000000000000000000000002"},
		{"just above a tie", "1000000000000000000000000000000000.50000000000000000001", "1", "1000000000000000000000000000000001"},
		{"rounding carries into a new digit", nines + ".5", "1", "1" + strings.Repeat("0", 34)},
		{"a negative tie", "-1000000000000000000000000000000001.5", "1", "-1000000000000000000000000000000002"},
		{"a periodic one", "2", "3", "0." + strings.Repeat("6", 33) + "7"},
		{"an exact one", "1", "8", "0.125"},
		{"scales", "0.003", "0.02", "0.15"},
	} {
		t.Run(c.why, func(t *testing.T) {
			got, ok := parseDecimal(t, c.d).Quo(parseDecimal(t, c.e))
			if !ok || got.String() != c.want {
				t.Errorf("%s / %s: got %s, %t, want %s", c.d, c.e, got, ok, c.want)
			}
		})
	}
}

func TestMod(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d, e := decimals().Draw(t, "d"), decimals().Draw(t, "e")
		got, ok := d.Mod(e)
		if ok != (e.Sign() != 0) {
			t.Fatalf("%s %% %s: ok is %t", d, e, ok)
		}
		if !ok {
			return
		}
		quo := new(big.Rat).Quo(rat(d), rat(e))
		whole := new(big.Rat).SetInt(new(big.Int).Quo(quo.Num(), quo.Denom()))
		want := new(big.Rat).Sub(rat(d), whole.Mul(whole, rat(e)))
		if rat(got).Cmp(want) != 0 {
			t.Fatalf("%s %% %s: got %s, want %s", d, e, got, want.FloatString(60))
		}
	})
}

func TestRounding(t *testing.T) {
	floor := func(x *big.Rat) *big.Rat { return new(big.Rat).SetInt(new(big.Int).Div(x.Num(), x.Denom())) }
	t.Run("round", rapid.MakeCheck(func(t *rapid.T) {
		d, digits := decimals().Draw(t, "d"), rapid.IntRange(-40, 30).Draw(t, "digits")
		unit := powerOfTen(-digits)
		steps := new(big.Rat).Quo(new(big.Rat).Abs(rat(d)), unit)
		want := floor(steps.Add(steps, big.NewRat(1, 2))) // half away from zero, as the sign comes back below
		want.Mul(want, unit)
		if d.Sign() < 0 {
			want.Neg(want)
		}
		if got := d.Round(digits); rat(got).Cmp(want) != 0 {
			t.Fatalf("round(%s, %d): got %s, want %s", d, digits, got, want.FloatString(30))
		}
	}))
	t.Run("floor and ceil", rapid.MakeCheck(func(t *rapid.T) {
		d := decimals().Draw(t, "d")
		if got, want := d.Floor(), floor(rat(d)); rat(got).Cmp(want) != 0 {
			t.Fatalf("floor(%s): got %s, want %s", d, got, want)
		}
		want := floor(new(big.Rat).Neg(rat(d)))
		if got := d.Ceil(); rat(got).Cmp(want.Neg(want)) != 0 {
			t.Fatalf("ceil(%s): got %s, want %s", d, got, want)
		}
	}))
}

func TestText(t *testing.T) {
	t.Run("round trip", rapid.MakeCheck(func(t *rapid.T) {
		d := decimals().Draw(t, "d")
		checkShortest(t, d)
	}))
	for _, c := range []struct{ in, want string }{
		{"10", "10"}, {"10.10", "10.1"}, {"-0.50", "-0.5"}, {"+7", "7"}, {"-0", "0"}, {"0.000", "0"}, {"1e3", "1000"}, {"1.5E-3", "0.0015"}, {"00012.0", "12"},
		{"9223372036854775807", "9223372036854775807"}, {"-9223372036854775808", "-9223372036854775808"}, {"9223372036854775808", "9223372036854775808"},
		{"123456789012345678901234567890.1230", "123456789012345678901234567890.123"}, {"100", "100"}, {"1e-30", "0.000000000000000000000000000001"}, {".5", "0.5"}, {"5.", "5"},
	} {
		if got := parseDecimal(t, c.in).String(); got != c.want {
			t.Errorf("%s: got %s, want %s", c.in, got, c.want)
		}
	}
	for _, c := range []struct {
		in   string
		want error
	}{
		{"", catalog.ErrSyntax}, {"-", catalog.ErrSyntax}, {".", catalog.ErrSyntax}, {"1,5", catalog.ErrSyntax}, {" 1", catalog.ErrSyntax}, {"1 000", catalog.ErrSyntax}, {"$1", catalog.ErrSyntax},
		{"1.2.3", catalog.ErrSyntax}, {"0x10", catalog.ErrSyntax}, {"1e", catalog.ErrSyntax}, {"1e1.5", catalog.ErrSyntax}, {"NaN", catalog.ErrSyntax}, {"Inf", catalog.ErrSyntax}, {"--1", catalog.ErrSyntax},
		{"-+1", catalog.ErrSyntax}, {"+-1", catalog.ErrSyntax}, {"1_000", catalog.ErrSyntax}, {"１", catalog.ErrSyntax},
		{"1e999999999", catalog.ErrRange}, {"1e-1001", catalog.ErrRange}, {"1e1000", catalog.ErrRange}, {"1e-1000", catalog.ErrRange}, {strings.Repeat("9", 900) + "e101", catalog.ErrRange}, {"0." + strings.Repeat("9", 900) + "e-100", catalog.ErrRange}, {"1e99999999999999999999", catalog.ErrRange}, {strings.Repeat("9", 1001), catalog.ErrRange},
	} {
		if d, err := catalog.ParseDecimal(c.in); !errors.Is(err, c.want) {
			t.Errorf("%.20q: got %s and error %v, want %v", c.in, d, err, c.want)
		}
	}
}

// checkShortest checks that a number's text is its own and the shortest without an exponent.
func checkShortest(t interface{ Fatalf(string, ...any) }, d catalog.Decimal) {
	text := d.String()
	back, err := catalog.ParseDecimal(text)
	if err != nil || !back.Equal(d) || back.String() != text {
		t.Fatalf("%s reads back as %s, %v", text, back, err)
	}
	if strings.Contains(text, ".") && strings.HasSuffix(text, "0") || strings.HasSuffix(text, ".") || strings.HasPrefix(text, ".") || text == "-0" {
		t.Fatalf("%s is not the shortest form", text)
	}
	if want, ok := new(big.Rat).SetString(text); !ok || rat(d).Cmp(want) != 0 {
		t.Fatalf("%s is another number to math/big", text)
	}
	encoded, err := json.Marshal(d)
	var decoded catalog.Decimal
	if err != nil || string(encoded) != text || json.Unmarshal(encoded, &decoded) != nil || !decoded.Equal(d) {
		t.Fatalf("%s is %s in JSON", text, encoded)
	}
}

func TestConversions(t *testing.T) {
	for f, want := range map[float64]string{0.1: "0.1", -2.5: "-2.5", 1<<53 - 1: "9007199254740991", 0: "0", 1e-7: "0.0000001"} {
		if d, err := catalog.Float(f); err != nil || d.String() != want {
			t.Errorf("%v: got %s, %v", f, d, err)
		}
	}
	for _, f := range []float64{1 << 53, -(1 << 53), 1e21, math.MaxFloat64} {
		if _, err := catalog.Float(f); !errors.Is(err, catalog.ErrRounded) {
			t.Errorf("%v: got error %v", f, err)
		}
	}
	if _, err := catalog.Float32(1 << 24); !errors.Is(err, catalog.ErrRounded) {
		t.Errorf("got error %v", err)
	}
	if d, err := catalog.Float32(0.1); err != nil || d.String() != "0.1" {
		t.Errorf("got %s, %v", d, err)
	}
	for _, f := range []float64{math.NaN(), math.Inf(1), math.Inf(-1)} {
		if _, err := catalog.Float(f); !errors.Is(err, catalog.ErrSyntax) {
			t.Errorf("%v: got error %v", f, err)
		}
	}
	for text, want := range map[string]bool{"5": true, "5.0": true, "-3": true, "5.5": false, "9223372036854775808": false, "1e3": true} {
		if n, ok := parseDecimal(t, text).Whole(); ok != want || ok && catalog.Int(int64(n)).Cmp(parseDecimal(t, text)) != 0 {
			t.Errorf("%s: got %d, %t", text, n, ok)
		}
	}
	var d catalog.Decimal
	for _, bad := range []string{`"x"`, `true`, `null`, `[]`} {
		if err := d.UnmarshalJSON([]byte(bad)); err == nil {
			t.Errorf("%s: read as %s", bad, d)
		}
	}
}

// Products of ever more digits stay bounded instead of filling the memory.
func TestProductsStayBounded(t *testing.T) {
	d := parseDecimal(t, "1.1")
	for range 16 {
		d = d.Mul(d)
		if _, scale := d.Big(); scale > 4000 {
			t.Fatalf("the scale grew to %d", scale)
		}
	}
}

func TestSmallNumbersCostNoAllocation(t *testing.T) {
	d, e := parseDecimal(t, "10.99"), parseDecimal(t, "3.5")
	text := make([]byte, 0, 32)
	if n := testing.AllocsPerRun(100, func() {
		sum := d.Add(e).Sub(d).Mul(e).Neg().Abs()
		if sum.Cmp(d) == 0 || sum.Equal(e) {
			t.Error("wrong sum")
		}
		text = sum.Append(text[:0])
		d.Mod(e)
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func FuzzParseDecimal(f *testing.F) {
	for _, s := range []string{"0", "-1.50", "+7e-3", "99999999999999999999.5", "1e999", "1e1000", "1e-1000", "..", "1e", "-+1", "000000000000000000001"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		d, err := catalog.ParseDecimal(s)
		if err != nil {
			if !errors.Is(err, catalog.ErrSyntax) && !errors.Is(err, catalog.ErrRange) {
				t.Fatalf("%q: %v", s, err)
			}
			return
		}
		if want, ok := new(big.Rat).SetString(s); !ok || rat(d).Cmp(want) != 0 {
			t.Fatalf("%q reads as %s", s, d)
		}
		checkShortest(t, d)
	})
}
