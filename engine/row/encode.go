package row

import (
	"encoding/binary"
	"math/bits"
	"slices"
	"unsafe"

	"github.com/reconcilehq/reconcile/engine/catalog"
)

// The first byte of numbers and bools. For a number of 64 bits it is scaled plus the scale; its coefficient follows.
const (
	null    = 0
	wide    = 1 // scale, sign and the coefficient's bytes follow, encoded like a text
	scaled  = 2
	truth   = 1
	falsity = 2

	mostScale = 250 // a number with a larger one is written as a wide one
)

// Items are encoded items of a batch. It can be reused from batch to batch.
type Items struct {
	Data  []byte
	Spans []Span
}

// Span says where an item is in Items.Data, as offsets.
type Span struct {
	From, Key, Twins, To int    // where the item begins, where its key and its twins end, and where the item ends
	Nulls                uint64 // the set of twins that are null
}

// Item returns the bytes of the i-th item.
func (s *Items) Item(i int) []byte { return s.Data[s.Spans[i].From:s.Spans[i].To] }

// Encoder encodes the items of one batch. It is for one goroutine.
type Encoder struct {
	*Codec
	columns []columnEncoder
	key     columnEncoder
	ends    [stripSize]int // where what is written of each item ends
}

// A strip is stripSize items, which are encoded column by column: few enough to stay in the processor's cache.
const stripSize = 256

// NewEncoder returns an encoder of a batch's items. keys are their keys, one for each item.
func (c *Codec) NewEncoder(batch *catalog.Batch, keys *catalog.Strings) *Encoder {
	e := &Encoder{Codec: c, columns: make([]columnEncoder, len(c.order))}
	if c.keyed {
		e.key = c.newColumnEncoder(keys)
	}
	for i, at := range c.order {
		e.columns[i] = c.newColumnEncoder(batch.Column(at))
	}
	return e
}

// Encode replaces dst with the items [from, to) of the batch.
func (c *Encoder) Encode(dst *Items, from, to int) {
	dst.Data, dst.Spans = dst.Data[:0], slices.Grow(dst.Spans[:0], to-from)[:to-from]
	for begin := from; begin < to; begin += stripSize {
		end := min(begin+stripSize, to)
		c.encode(dst, dst.Spans[begin-from:end-from], begin)
	}
}

// encode appends the strip that begins with item from to dst, and fills in its spans.
func (c *Encoder) encode(dst *Items, spans []Span, from int) {
	ends := c.ends[:len(spans)]
	clear(ends)
	if c.keyed {
		c.key.measure(ends, from)
	}
	for t := range c.columns {
		c.columns[t].measure(ends, from)
	}
	at := len(dst.Data)
	for i, size := range ends {
		s := &spans[i]
		s.From, s.Key, s.Nulls, ends[i] = at, 0, 0, at
		at += size
		s.To = at
	}
	dst.Data = slices.Grow(dst.Data, at-len(dst.Data))[:at]
	if c.keyed {
		c.key.put(dst.Data, ends)
		for i, end := range ends {
			spans[i].Key = end
		}
	}
	for t := range c.columns[:c.twins] {
		column := &c.columns[t]
		if column.nullable {
			column.nulls(spans, from, 1<<t)
		}
		column.put(dst.Data, ends)
		if t == 0 && !c.keyed {
			for i, end := range ends {
				spans[i].Key = end
			}
		}
	}
	for i, end := range ends {
		spans[i].Twins = end
	}
	for t := c.twins; t < len(c.columns); t++ {
		c.columns[t].put(dst.Data, ends)
	}
}

// columnEncoder encodes the values of one column. Texts and numbers of 64 bits are written straight into their items. All
// other values are encoded aside first and then copied: maps with an index once for all items, the rest strip by strip.
type columnEncoder struct {
	column   catalog.Column
	nullable bool

	text    []byte
	offsets []int32

	coef   []int64
	scale  int
	valid  catalog.Bitmap
	zigzag []uint64 // of the strip: the coefficients as they are written, without zeros at their ends
	first  []byte   // of the strip: their first bytes

	aside      []byte  // values that are encoded before they are copied to their items
	ends       []int   // where each value in aside ends
	index      []int32 // which of them an item has; nil: they are those of the strip
	from       int     // where the strip starts
	sharedMaps *sharedMaps
}

func (c *Codec) newColumnEncoder(column catalog.Column) columnEncoder {
	s := columnEncoder{column: column, nullable: column.Type().Nullable(), sharedMaps: c.sharedMaps}
	switch column := column.(type) {
	case *catalog.Strings:
		var text string
		text, s.offsets = column.Raw()
		s.text = unsafe.Slice(unsafe.StringData(text), len(text))
	case *catalog.Numbers:
		coef, scale, valid, aside := column.Raw()
		if aside == nil && scale <= mostScale {
			s.coef, s.scale, s.valid = coef, scale, valid
			s.zigzag, s.first = make([]uint64, stripSize), make([]byte, stripSize)
		}
	case *catalog.Maps:
		if index := column.Index(); index != nil {
			s.column = column.Plain()
			s.encodeAside(0, s.column.Len())
			s.index = index
		}
	}
	return s
}

// measure adds the size of each value, in bytes, to sizes. The first value is that of item from. It also begins the strip
// that put writes.
func (s *columnEncoder) measure(sizes []int, from int) {
	s.from = from
	switch {
	case s.offsets != nil:
		offsets := s.offsets[from : from+len(sizes)+1]
		for i := range sizes {
			n := int(offsets[i+1] - offsets[i])
			sizes[i] += n + 1
			for n >>= 7; n > 0; n >>= 7 {
				sizes[i]++
			}
		}
	case s.coef != nil:
		s.measureNumbers(sizes)
	case s.index != nil:
		for i, at := range s.index[from : from+len(sizes)] {
			sizes[i] += s.ends[at] - s.begin(int(at))
		}
	default:
		s.encodeAside(from, from+len(sizes))
		for i := range sizes {
			sizes[i] += s.ends[i] - s.begin(i)
		}
	}
}

// measureNumbers is measure for numbers of 64 bits.
func (s *columnEncoder) measureNumbers(sizes []int) {
	for i, coef := range s.coef[s.from : s.from+len(sizes)] {
		if !s.valid.Has(s.from + i) {
			s.first[i] = null
			sizes[i]++
			continue
		}
		coef, scale := shortest(coef, s.scale)
		zigzag := uint64(coef)<<1 ^ uint64(coef>>63)
		s.first[i], s.zigzag[i] = byte(scaled+scale), zigzag
		sizes[i] += 1 + (bits.Len64(zigzag|1)+6)/7
	}
}

// nulls sets the bit in the spans of those items whose value is null.
func (s *columnEncoder) nulls(spans []Span, from int, bit uint64) {
	switch c := s.column.(type) {
	case *catalog.Numbers:
		_, _, valid, _ := c.Raw()
		if valid == nil {
			return
		}
		for i := range spans {
			if !valid.Has(from + i) {
				spans[i].Nulls |= bit
			}
		}
	case *catalog.Bools:
		for i := range spans {
			if _, known := c.At(from + i); !known {
				spans[i].Nulls |= bit
			}
		}
	}
}

// put writes the values that were measured last to dst, each at its position, and moves the positions behind them.
func (s *columnEncoder) put(dst []byte, positions []int) {
	switch {
	case s.offsets != nil:
		s.putTexts(dst, positions)
	case s.coef != nil:
		s.putNumbers(dst, positions)
	case s.index != nil:
		for i, at := range s.index[s.from : s.from+len(positions)] {
			positions[i] = putBytes(dst, positions[i], s.aside[s.begin(int(at)):s.ends[at]])
		}
	default:
		for i := range positions {
			positions[i] = putBytes(dst, positions[i], s.aside[s.begin(i):s.ends[i]])
		}
	}
}

func (s *columnEncoder) putTexts(dst []byte, positions []int) {
	offsets := s.offsets[s.from : s.from+len(positions)+1]
	for i, at := range positions {
		text := s.text[offsets[i]:offsets[i+1]]
		if len(text) < 0x80 {
			dst[at] = byte(len(text))
			at++
		} else {
			at += binary.PutUvarint(dst[at:], uint64(len(text)))
		}
		positions[i] = putBytes(dst, at, text)
	}
}

func (s *columnEncoder) putNumbers(dst []byte, positions []int) {
	for i, at := range positions {
		first := s.first[i]
		dst[at] = first
		at++
		if first != null {
			zigzag := s.zigzag[i]
			for ; zigzag >= 0x80; zigzag >>= 7 {
				dst[at] = byte(zigzag) | 0x80
				at++
			}
			dst[at] = byte(zigzag)
			at++
		}
		positions[i] = at
	}
}

// putBytes copies b to dst[at:] and returns where it ends. Short ones, which are most, need no function call.
func putBytes(dst []byte, at int, b []byte) int {
	n := len(b)
	to := dst[at : at+n]
	switch {
	case n > 32:
		copy(to, b)
	case n >= 16:
		*(*[16]byte)(to), *(*[16]byte)(to[n-16:]) = *(*[16]byte)(b), *(*[16]byte)(b[n-16:])
	case n >= 8:
		*(*[8]byte)(to), *(*[8]byte)(to[n-8:]) = *(*[8]byte)(b), *(*[8]byte)(b[n-8:])
	case n >= 4:
		*(*[4]byte)(to), *(*[4]byte)(to[n-4:]) = *(*[4]byte)(b), *(*[4]byte)(b[n-4:])
	case n > 0: // up to three
		to[0], to[n/2], to[n-1] = b[0], b[n/2], b[n-1]
	}
	return at + n
}

// begin returns the offset in aside at which a value begins.
func (s *columnEncoder) begin(at int) int {
	if at == 0 {
		return 0
	}
	return s.ends[at-1]
}

// encodeAside replaces aside with the values [from, to) of the column.
func (s *columnEncoder) encodeAside(from, to int) {
	s.aside, s.ends = s.aside[:0], s.ends[:0]
	for i := from; i < to; i++ {
		s.aside = s.append(s.aside, i)
		s.ends = append(s.ends, len(s.aside))
	}
}

// append appends the i-th value to dst.
func (s *columnEncoder) append(dst []byte, i int) []byte {
	switch c := s.column.(type) {
	case *catalog.Numbers:
		return appendNumber(dst, c, i)
	case *catalog.Bools:
		switch is, known := c.At(i); {
		case !known:
			return append(dst, null)
		case is:
			return append(dst, truth)
		}
		return append(dst, falsity)
	case *catalog.Lists:
		from, to := c.Span(i)
		dst = binary.AppendUvarint(dst, uint64(to-from))
		for j := from; j < to; j++ {
			dst = appendText(dst, c.Items().At(j))
		}
		return dst
	case *catalog.Maps:
		begin := len(dst)
		from, to := c.Span(i)
		dst = binary.AppendUvarint(dst, uint64(to-from)<<1)
		for j := from; j < to; j++ {
			dst = appendText(dst, c.Keys().At(j))
			dst = appendText(dst, c.Values().At(j))
		}
		return s.sharedMaps.share(dst, begin)
	}
	return dst
}

// appendNumber appends a number of a column in which not all have 64 bits.
func appendNumber(dst []byte, c *catalog.Numbers, i int) []byte {
	d, known := c.At(i)
	if !known {
		return append(dst, null)
	}
	d = d.Reduce()
	coef, scale, fits := d.Int64()
	if !fits || scale > mostScale {
		return appendWide(append(dst, wide), d)
	}
	coef, scale = shortest(coef, scale)
	return binary.AppendVarint(append(dst, byte(scaled+scale)), coef)
}

// shortest removes zeros at the end of a number's decimals, so that equal numbers have the same form.
func shortest(coef int64, scale int) (int64, int) {
	for scale > 0 && coef%10 == 0 {
		coef /= 10
		scale--
	}
	return coef, scale
}

// AppendText appends a text as items have it.
func AppendText(dst []byte, text string) []byte { return appendText(dst, text) }

func appendText(dst []byte, text string) []byte {
	return append(binary.AppendUvarint(dst, uint64(len(text))), text...)
}

func appendWide(dst []byte, d catalog.Decimal) []byte {
	coef, scale := d.Big()
	text := binary.LittleEndian.AppendUint32(nil, uint32(scale))
	text = append(text, byte(coef.Sign()+1))
	text = append(text, coef.Bytes()...)
	return append(binary.AppendUvarint(dst, uint64(len(text))), text...)
}
