package catalog

import (
	"errors"
	"fmt"
	"math"
	"math/big"
	"math/bits"
	"strconv"
	"strings"
)

// Decimal is an exact decimal number: coefficient × 10^-scale. The zero Decimal is 0. Numbers that fit 64 bits cost
// no allocation; others are held, just as exactly, in a big integer. A Decimal is immutable.
//
// Compare with Equal or Cmp, not with ==: 1.0 and 1 are the same number in two forms.
type Decimal struct {
	coef  int64
	scale int32    // 0 to maxScale
	wide  *big.Int // in place of coef, where the coefficient does not fit it
}

const (
	// QuotientDigits is the number of significant digits that a quotient is rounded to, half to even.
	QuotientDigits = 34

	maxDigits = 1000 // of a number's text: a hostile "1e999999999" would need too much memory
	maxScale  = 4000
)

var (
	// ErrSyntax means that a text is not a decimal number.
	ErrSyntax = errors.New("not a decimal number")
	// ErrRange means that a number, written without an exponent, has more digits than reconcile holds (1000).
	ErrRange = errors.New("too many digits")
	// ErrRounded means that an integer is so large that a float holds it only rounded.
	ErrRounded = errors.New("an integer that a float holds only rounded")
)

var pow10 = func() (p [19]int64) {
	p[0] = 1
	for i := 1; i < len(p); i++ {
		p[i] = p[i-1] * 10
	}
	return p
}()

// NewDecimal returns coef × 10^-scale. A negative scale multiplies.
func NewDecimal(coef int64, scale int) Decimal {
	if scale >= 0 {
		return Decimal{coef: coef, scale: int32(scale)}
	}
	return NewWideDecimal(big.NewInt(coef), scale)
}

// NewWideDecimal returns coef × 10^-scale. It keeps no reference to coef.
func NewWideDecimal(coef *big.Int, scale int) Decimal {
	if scale < 0 {
		return fromBig(new(big.Int).Mul(coef, bigPow10(-scale)), 0)
	}
	return fromBig(new(big.Int).Set(coef), int32(scale))
}

// Int returns the integer n as a Decimal.
func Int(n int64) Decimal { return Decimal{coef: n} }

// Float returns the decimal number that f's shortest text stands for (0.1 is 0.1). It fails on NaN and infinities, and with
// ErrRounded from 2^53 on, where a float stands for several integers.
func Float(f float64) (Decimal, error) { return float(f, 64, 1<<53) }

// Float32 is Float for a float of 32 bits, which is exact below 2^24.
func Float32(f float32) (Decimal, error) { return float(float64(f), 32, 1<<24) }

func float(f float64, bits int, exact float64) (Decimal, error) {
	switch {
	case math.IsNaN(f) || math.IsInf(f, 0):
		return Decimal{}, fmt.Errorf("%v is %w", f, ErrSyntax)
	case math.Abs(f) >= exact:
		return Decimal{}, fmt.Errorf("%s is %w: hand it over as an integer, as a decimal or as text", strconv.FormatFloat(f, 'g', -1, bits), ErrRounded)
	}
	return ParseDecimal(strconv.FormatFloat(f, 'g', -1, bits))
}

// ParseDecimal reads [+-]digits[.digits][e[+-]digits]. It fails with ErrSyntax or ErrRange; white space, group
// separators and currency signs are not accepted.
func ParseDecimal(s string) (Decimal, error) {
	if d, ok := parseShort(s); ok {
		return d, nil
	}
	return parseLong(s)
}

// parseShort reads plain numbers of at most 18 digits.
func parseShort(s string) (Decimal, bool) {
	i, neg := 0, false
	if s != "" && (s[0] == '-' || s[0] == '+') {
		neg, i = s[0] == '-', 1
	}
	if len(s)-i > 19 {
		return Decimal{}, false
	}
	var coef int64
	digits, point := 0, -1
	for ; i < len(s); i++ {
		switch c := s[i]; {
		case '0' <= c && c <= '9':
			coef = coef*10 + int64(c-'0')
			digits++
		case c == '.' && point < 0:
			point = digits
		default:
			return Decimal{}, false
		}
	}
	if digits == 0 || digits > 18 || point == digits || point == 0 {
		return Decimal{}, false
	}
	if neg {
		coef = -coef
	}
	if point < 0 {
		return Decimal{coef: coef}, true
	}
	return Decimal{coef: coef, scale: int32(digits - point)}, true
}

func parseLong(s string) (Decimal, error) {
	mantissa, exponent := s, 0
	if e := strings.IndexAny(s, "eE"); e >= 0 {
		var err error
		mantissa = s[:e]
		if exponent, err = strconv.Atoi(s[e+1:]); err != nil {
			if errors.Is(err, strconv.ErrRange) {
				return Decimal{}, ErrRange
			}
			return Decimal{}, ErrSyntax
		}
	}
	neg := strings.HasPrefix(mantissa, "-")
	digits := strings.TrimPrefix(strings.TrimPrefix(mantissa, "-"), "+")
	if neg && strings.HasPrefix(mantissa, "-+") {
		return Decimal{}, ErrSyntax
	}
	whole, fraction, _ := strings.Cut(digits, ".")
	digits = whole + fraction
	if digits == "" || strings.Trim(digits, "0123456789") != "" {
		return Decimal{}, ErrSyntax
	}
	if len(digits) > maxDigits || exponent > maxDigits || exponent < -maxDigits ||
		max(len(whole)+exponent, 1)+max(len(fraction)-exponent, 0) > maxDigits { // so that it can be read when it is written without an exponent
		return Decimal{}, ErrRange
	}
	coef, _ := new(big.Int).SetString(digits, 10)
	if neg {
		coef.Neg(coef)
	}
	return NewWideDecimal(coef, len(fraction)-exponent), nil
}

// String returns the shortest form: no exponent, no trailing zeros after the point, no point without digits behind it.
func (d Decimal) String() string { return string(d.Append(nil)) }

// Append appends the shortest form to b.
func (d Decimal) Append(b []byte) []byte {
	d = d.Reduce()
	var text [24]byte
	digits := text[:0]
	neg := d.Sign() < 0
	if d.wide != nil {
		digits = new(big.Int).Abs(d.wide).Append(digits, 10)
	} else {
		u := uint64(d.coef)
		if neg {
			u = -u
		}
		digits = strconv.AppendUint(digits, u, 10)
	}
	if neg {
		b = append(b, '-')
	}
	point := len(digits) - int(d.scale)
	if d.scale == 0 {
		return append(b, digits...)
	}
	if point <= 0 {
		b = append(b, '0', '.')
		for ; point < 0; point++ {
			b = append(b, '0')
		}
		return append(b, digits...)
	}
	b = append(b, digits[:point]...)
	b = append(b, '.')
	return append(b, digits[point:]...)
}

// Reduce returns the same number in its shortest form (the smallest scale).
func (d Decimal) Reduce() Decimal {
	if d.wide == nil {
		for d.scale > 0 && d.coef%10 == 0 {
			d.coef /= 10
			d.scale--
		}
		return d
	}
	coef, ten, rest := new(big.Int).Set(d.wide), big.NewInt(10), new(big.Int)
	next := new(big.Int)
	scale := d.scale
	for scale > 0 {
		if next.QuoRem(coef, ten, rest); rest.Sign() != 0 {
			break
		}
		coef, next = next, coef
		scale--
	}
	return fromBig(coef, scale)
}

// Int64 returns the coefficient and the scale, and whether the coefficient fits 64 bits.
func (d Decimal) Int64() (coef int64, scale int, ok bool) { return d.coef, int(d.scale), d.wide == nil }

// Big returns a copy of the coefficient, and the scale.
func (d Decimal) Big() (coef *big.Int, scale int) { return new(big.Int).Set(d.big()), int(d.scale) }

// Whole returns the number as an int, and whether it is an integer that fits.
func (d Decimal) Whole() (int, bool) {
	r := d.Reduce()
	return int(r.coef), r.wide == nil && r.scale == 0 && int64(int(r.coef)) == r.coef
}

// Sign returns -1, 0 or 1.
func (d Decimal) Sign() int {
	switch {
	case d.wide != nil:
		return d.wide.Sign()
	case d.coef < 0:
		return -1
	case d.coef > 0:
		return 1
	}
	return 0
}

// Equal reports whether d and e are the same number.
func (d Decimal) Equal(e Decimal) bool {
	if d.wide == nil && e.wide == nil && d.scale == e.scale {
		return d.coef == e.coef
	}
	return d.Cmp(e) == 0
}

// Cmp returns -1, 0 or 1 as d is less than, equal to or greater than e.
func (d Decimal) Cmp(e Decimal) int {
	if a, b, _, ok := align(d, e); ok {
		switch {
		case a < b:
			return -1
		case a > b:
			return 1
		}
		return 0
	}
	a, b, _ := alignBig(d, e)
	return a.Cmp(b)
}

// Add returns d + e.
func (d Decimal) Add(e Decimal) Decimal {
	if a, b, scale, ok := align(d, e); ok {
		if sum := a + b; (sum > a) == (b > 0) {
			return Decimal{coef: sum, scale: scale}
		}
	}
	a, b, scale := alignBig(d, e)
	return fromBig(new(big.Int).Add(a, b), scale)
}

// Sub returns d - e.
func (d Decimal) Sub(e Decimal) Decimal { return d.Add(e.Neg()) }

// Neg returns -d.
func (d Decimal) Neg() Decimal {
	if d.wide == nil && d.coef != math.MinInt64 {
		return Decimal{coef: -d.coef, scale: d.scale}
	}
	return fromBig(new(big.Int).Neg(d.big()), d.scale)
}

// Abs returns the absolute value of d.
func (d Decimal) Abs() Decimal {
	if d.Sign() < 0 {
		return d.Neg()
	}
	return d
}

// Mul returns d × e.
func (d Decimal) Mul(e Decimal) Decimal {
	scale := d.scale + e.scale
	if d.wide == nil && e.wide == nil {
		if product, ok := mul64(d.coef, e.coef); ok {
			return Decimal{coef: product, scale: scale}.bounded()
		}
	}
	return fromBig(new(big.Int).Mul(d.big(), e.big()), scale).bounded()
}

// Quo returns d ÷ e, rounded half to even to QuotientDigits significant digits; ok is false if e is 0.
func (d Decimal) Quo(e Decimal) (q Decimal, ok bool) {
	if e.Sign() == 0 {
		return Decimal{}, false
	}
	if d.Sign() == 0 {
		return Decimal{}, true
	}
	num, den := new(big.Int).Set(d.big()), e.big()
	// The quotient of the coefficients gets two digits more than asked for, then is rounded once.
	scale := int(d.scale) - int(e.scale)
	if shift := QuotientDigits + 2 - (digitsOf(num) - digitsOf(den)); shift > 0 {
		num.Mul(num, bigPow10(shift))
		scale += shift
	}
	quo, rest := new(big.Int).QuoRem(num, den, new(big.Int))
	cut := digitsOf(quo) - QuotientDigits
	quo = roundHalfEven(quo, cut, rest.Sign() != 0)
	scale -= cut
	return NewWideDecimal(quo, scale).Reduce(), true
}

// Mod returns the rest of d ÷ e with the sign of d; ok is false if e is 0.
func (d Decimal) Mod(e Decimal) (rest Decimal, ok bool) {
	if e.Sign() == 0 {
		return Decimal{}, false
	}
	if a, b, scale, ok := align(d, e); ok {
		if b == -1 {
			return Decimal{}, true
		}
		return Decimal{coef: a % b, scale: scale}, true
	}
	a, b, scale := alignBig(d, e)
	return fromBig(new(big.Int).Rem(a, b), scale), true
}

// Floor returns the greatest integer that is not above d.
func (d Decimal) Floor() Decimal { return d.integer(-1) }

// Ceil returns the least integer that is not below d.
func (d Decimal) Ceil() Decimal { return d.integer(1) }

// integer truncates d and steps one further in the direction, if that is where d lay.
func (d Decimal) integer(direction int) Decimal {
	if d.scale == 0 {
		return d
	}
	quo, rest := new(big.Int).QuoRem(d.big(), bigPow10(int(d.scale)), new(big.Int))
	if rest.Sign() == direction {
		quo.Add(quo, big.NewInt(int64(direction)))
	}
	return fromBig(quo, 0)
}

// Round rounds to the given number of digits after the point, half away from zero. Negative digits round to tens,
// hundreds and so on.
func (d Decimal) Round(digits int) Decimal {
	drop := int(d.scale) - digits
	if drop <= 0 {
		return d
	}
	unit := bigPow10(drop)
	quo, rest := new(big.Int).QuoRem(d.big(), unit, new(big.Int))
	if rest.Abs(rest).Lsh(rest, 1).Cmp(unit) >= 0 {
		quo.Add(quo, big.NewInt(int64(d.Sign())))
	}
	return NewWideDecimal(quo, digits)
}

// MarshalText and UnmarshalText make a Decimal a number's text in JSON objects' keys and flags.
func (d Decimal) MarshalText() ([]byte, error) { return d.Append(nil), nil }

// MarshalJSON writes d as a JSON number in its shortest form.
func (d Decimal) MarshalJSON() ([]byte, error) { return d.Append(nil), nil }

// UnmarshalJSON reads a JSON number, or a string that holds one.
func (d *Decimal) UnmarshalJSON(text []byte) error {
	parsed, err := ParseDecimal(strings.Trim(string(text), `"`))
	if err != nil {
		return fmt.Errorf("%s: %w", text, err)
	}
	*d = parsed
	return nil
}

// UnmarshalText reads what ParseDecimal reads.
func (d *Decimal) UnmarshalText(text []byte) error { return d.UnmarshalJSON(text) }

func (d Decimal) big() *big.Int {
	if d.wide != nil {
		return d.wide
	}
	return big.NewInt(d.coef)
}

// bounded drops digits far behind the point. No catalogue has so many; only chains of products do.
func (d Decimal) bounded() Decimal {
	if d.scale <= maxScale {
		return d
	}
	if d = d.Reduce(); d.scale <= maxScale {
		return d
	}
	return d.Round(maxScale)
}

// fromBig returns coef × 10^-scale. It keeps coef: the caller must not change it afterwards.
func fromBig(coef *big.Int, scale int32) Decimal {
	if coef.IsInt64() {
		return Decimal{coef: coef.Int64(), scale: scale}
	}
	return Decimal{wide: coef, scale: scale}
}

// align gives two numbers the same scale, if both then still fit 64 bits.
func align(d, e Decimal) (a, b int64, scale int32, ok bool) {
	if d.wide != nil || e.wide != nil {
		return 0, 0, 0, false
	}
	switch {
	case d.scale == e.scale:
		return d.coef, e.coef, d.scale, true
	case d.scale < e.scale:
		a, ok = Rescale(d.coef, int(e.scale-d.scale))
		return a, e.coef, e.scale, ok
	default:
		b, ok = Rescale(e.coef, int(d.scale-e.scale))
		return d.coef, b, d.scale, ok
	}
}

func alignBig(d, e Decimal) (a, b *big.Int, scale int32) {
	a, b = d.big(), e.big()
	switch {
	case d.scale < e.scale:
		return new(big.Int).Mul(a, bigPow10(int(e.scale-d.scale))), b, e.scale
	case d.scale > e.scale:
		return a, new(big.Int).Mul(b, bigPow10(int(d.scale-e.scale))), d.scale
	}
	return a, b, d.scale
}

// Rescale returns coef × 10^by, and whether it fits 64 bits. by is not negative.
func Rescale(coef int64, by int) (int64, bool) {
	if coef == 0 {
		return 0, true
	}
	if by >= len(pow10) {
		return 0, false
	}
	return mul64(coef, pow10[by])
}

func mul64(a, b int64) (int64, bool) {
	neg := (a < 0) != (b < 0)
	ua, ub := uint64(a), uint64(b)
	if a < 0 {
		ua = -ua
	}
	if b < 0 {
		ub = -ub
	}
	hi, lo := bits.Mul64(ua, ub)
	if hi != 0 || lo > math.MaxInt64 {
		return 0, false
	}
	if neg {
		return -int64(lo), true
	}
	return int64(lo), true
}

func bigPow10(n int) *big.Int {
	if n < len(pow10) {
		return big.NewInt(pow10[n])
	}
	return new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(n)), nil)
}

func digitsOf(n *big.Int) int { return len(new(big.Int).Abs(n).Text(10)) }

// roundHalfEven drops the last cut digits of n; more says that n was itself cut short above zero.
func roundHalfEven(n *big.Int, cut int, more bool) *big.Int {
	unit := bigPow10(cut)
	quo, rest := new(big.Int).QuoRem(n, unit, new(big.Int))
	rest.Abs(rest).Lsh(rest, 1)
	half := rest.Cmp(unit)
	if half > 0 || half == 0 && (more || quo.Bit(0) == 1) {
		quo.Add(quo, big.NewInt(int64(n.Sign())))
	}
	return quo
}
