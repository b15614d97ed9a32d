package table

import (
	"encoding/binary"
	"math"
	"math/bits"
	"slices"
	"strings"
	"unsafe"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/plugins/sdk"
	"github.com/reconcilehq/reconcile/plugins/sdk/table/delimited"
)

// numbersColumn holds numbers: a coefficient each, and the digits behind the point.
type numbersColumn struct {
	at     int
	coef   []int64
	scale  []uint8
	nulls  []int32               // the rows of nulls
	others map[int32]sdk.Decimal // the numbers that fit no coefficient
	money  *money                // what marks have said so far
	marks  []rowMark             // those of the last block that say more

	spelling *spelling
	points   *points // nil: nobody asks
	// longest is how many digits behind the point a number may have so that its plain text means it.
	longest int
}

// rowMark is the mark at the number of a row.
type rowMark struct {
	row  int // in its block
	mark mark
}

// newNumbersColumn returns a column for the numbers of a text's column.
func newNumbersColumn(at int, r *read, spelling *spelling) *numbersColumn {
	c := &numbersColumn{at: at, money: r.money, points: r.points, spelling: spelling, longest: math.MaxInt}
	switch {
	case spelling.namesNumbers():
		c.longest = -1
	case spelling.decimal == ',':
		c.longest = 0
	}
	return c
}

func (c *numbersColumn) add(b *delimited.Block, bad []int) []int {
	c.coef = slices.Grow(c.coef, b.Rows())
	c.scale = slices.Grow(c.scale, b.Rows())
	c.marks = c.marks[:0]
	if c.points != nil {
		c.points.begin()
	}
	seen := uint64(0) // the numbers of digits behind the point, a bit each
	for row, i := 0, c.at; i < len(b.Spans); row, i = row+1, i+b.Width {
		s := b.Spans[i]
		coef, scale, ok := plainNumber(b.Text, int(s.From), int(s.To))
		if !ok || int(scale) > c.longest {
			if coef, scale, ok = c.other(b.Text[s.From:s.To], row); !ok {
				bad = append(bad, row)
			}
		} else if seen |= 1 << (scale & 63); scale == 3 && c.points != nil {
			c.points.noteThird(coef, row)
		}
		c.coef = append(c.coef, coef)
		c.scale = append(c.scale, scale)
	}
	if c.points != nil {
		c.points.noteScales(seen)
	}
	return bad
}

// plainNumber reads what catalog.ParseDecimal reads, as far as it is short and without an exponent. The text is
// text[from:to]; eight bytes from from on can be read.
func plainNumber(text []byte, from, to int) (coef int64, scale uint8, ok bool) {
	minus := from < to && text[from] == '-'
	if minus {
		from++
	}
	if n := to - from; n < 1 || n > 8 {
		coef, scale, ok = longNumber(text[from:to])
	} else {
		coef, scale, ok = shortNumber(binary.LittleEndian.Uint64(text[from:]), n)
	}
	if minus {
		coef = -coef
	}
	return coef, scale, ok
}

// shortNumber reads the first n of eight bytes, 1 to 8, at once: the first digit is the lowest byte.
func shortNumber(word uint64, n int) (coef int64, scale uint8, ok bool) {
	const zeros, low, high = 0x3030303030303030, 0x7f7f7f7f7f7f7f7f, 0x8080808080808080
	// The digits move to the high end, with zeros before them.
	empty := uint(64-8*n) & 63
	word = word<<empty | zeros&(1<<empty-1)
	x := word ^ 0x2e2e2e2e2e2e2e2e
	if points := ^(x&low + low | x) & high; points != 0 {
		at := uint(bits.TrailingZeros64(points)) & 56 // of the first point
		scale = uint8(7 - at/8)
		if scale == 0 || int(scale) == n-1 { // digits stand on both its sides
			return 0, 0, false
		}
		below := uint64(1)<<at - 1
		word = word&^(below<<8|0xff) | word&below<<8 | '0'
	}
	if word&0xf0f0f0f0f0f0f0f0 != zeros || (word+0x0606060606060606)&0xf0f0f0f0f0f0f0f0 != zeros {
		return 0, 0, false
	}
	// Neighbours are put together: digits to tens, tens to thousands, and those to one number.
	word &= 0x0f0f0f0f0f0f0f0f
	word = word * (1 + 10<<8) >> 8 & 0x00ff00ff00ff00ff
	word = word * (1 + 100<<16) >> 16 & 0x0000ffff0000ffff
	word = word * (1 + 10000<<32) >> 32
	return int64(word), scale, true
}

// longNumber reads up to 18 bytes one by one.
func longNumber(text []byte) (coef int64, scale uint8, ok bool) {
	if len(text) > 18 {
		return 0, 0, false
	}
	point := -1
	for i, c := range text {
		d := c - '0'
		if d > 9 {
			if c != '.' || point >= 0 {
				return 0, 0, false
			}
			point = i
			continue
		}
		coef = coef*10 + int64(d)
	}
	last := len(text) - 1
	switch {
	case point < 0:
		return coef, 0, last >= 0
	case point == 0 || point == last:
		return 0, 0, false
	}
	return coef, uint8(last - point), true
}

// other reads the next value where it is no plain number.
func (c *numbersColumn) other(text []byte, inBlock int) (coef int64, scale uint8, ok bool) {
	row := int32(len(c.coef))
	d, of, given, err := c.spelling.number(unsafe.String(unsafe.SliceData(text), len(text)))
	if of.is != "" && err == nil && !c.money.says(of) {
		of.text = strings.Clone(of.text) // which is good until the next block only
		c.marks = append(c.marks, rowMark{inBlock, of})
	}
	if err != nil || !given {
		c.nulls = append(c.nulls, row)
		return 0, 0, err == nil
	}
	if c.points != nil {
		c.points.note(unsafe.String(unsafe.SliceData(text), len(text)), inBlock)
	}
	coef, digits, fits := d.Int64()
	if !fits || digits > 18 {
		if c.others == nil {
			c.others = map[int32]sdk.Decimal{}
		}
		c.others[row] = d
		return 0, 0, true
	}
	return coef, uint8(digits), true
}

func (c *numbersColumn) cut(n int) {
	c.coef, c.scale = c.coef[:n], c.scale[:n]
	for len(c.nulls) > 0 && int(c.nulls[len(c.nulls)-1]) >= n {
		c.nulls = c.nulls[:len(c.nulls)-1]
	}
	for row := range c.others {
		if int(row) >= n {
			delete(c.others, row)
		}
	}
}

func (c *numbersColumn) size() int { return 8 * len(c.coef) }

func (c *numbersColumn) reset(kept bool) {
	*c = numbersColumn{at: c.at, money: c.money, marks: c.marks[:0], spelling: c.spelling, points: c.points, longest: c.longest,
		coef: again(c.coef, kept), scale: c.scale[:0], nulls: c.nulls[:0]}
}

// column brings the numbers to one scale, the largest that they have.
func (c *numbersColumn) column() catalog.Column {
	var valid catalog.Bitmap
	if len(c.nulls) > 0 {
		valid = make(catalog.Bitmap, (len(c.coef)+7)/8)
		for i := range valid {
			valid[i] = 0xff
		}
		for _, row := range c.nulls {
			valid[row>>3] &^= 1 << (row & 7)
		}
	}
	if len(c.coef) == 0 || len(c.others) > 0 {
		return c.anyhow(valid)
	}
	scale := slices.Max(c.scale)
	for i, own := range c.scale {
		if own != scale {
			coef, fits := catalog.Rescale(c.coef[i], int(scale-own))
			if !fits {
				return c.anyhow(valid)
			}
			c.coef[i], c.scale[i] = coef, scale
		}
	}
	return catalog.NewNumbers(c.coef, int(scale), valid, nil)
}

// anyhow is column for numbers of which some do not fit 64 bits at one scale.
func (c *numbersColumn) anyhow(valid catalog.Bitmap) *catalog.Numbers {
	values := make([]sdk.Decimal, len(c.coef))
	for i := range values {
		values[i] = catalog.NewDecimal(c.coef[i], int(c.scale[i]))
	}
	for row, d := range c.others {
		values[row] = d
	}
	return catalog.NumbersOf(values, valid)
}
