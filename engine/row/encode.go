package row

import (
	"encoding/binary"
	"math/bits"
	"slices"
	"unsafe"

	"github.com/reconcilehq/reconcile/engine/catalog"
)

// How numbers and bools begin. A number of 64 bits begins with scaled plus its scale, and its coefficient follows.
const (
	null    = 0
	wide    = 1 // the scale, the sign and the coefficient's bytes follow as a text
	scaled  = 2
	truth   = 1
	falsity = 2

	mostScale = 250 // a number with a larger one is written as a wide one
)

// Items are items of a batch as bytes. It is reused from batch to batch.
type Items struct {
	Data  []byte
	Spans []Span
}

// Span says where an item lies, and what is known of it from laying it out.
type Span struct {
	From, Key, Twins, To int    // where it begins, where its key and its twins end, and where it ends
	Nulls                uint64 // the twins that are null
}

// Item returns the bytes of the i-th item.
func (s *Items) Item(i int) []byte { return s.Data[s.Spans[i].From:s.Spans[i].To] }

// Encoder lays the items of one batch out.
type Encoder struct {
	*Codec
	columns []source
	key     source
	ends    [strip]int // where what is written of each item ends
}

// strip is how many items are laid out at a time, column by column: few enough that they stay close at hand.
const strip = 256

// NewEncoder returns an encoder of a batch's items; keys are their keys.
func (c *Codec) NewEncoder(batch *catalog.Batch, keys *catalog.Strings) *Encoder {
	e := &Encoder{Codec: c, columns: make([]source, len(c.order))}
	if c.keyed {
		e.key = c.newSource(keys)
	}
	for i, at := range c.order {
		e.columns[i] = c.newSource(batch.Column(at))
	}
	return e
}

// Encode lays the items from one place in the batch up to another out, in place of what dst had.
func (c *Encoder) Encode(dst *Items, from, to int) {
	dst.Data, dst.Spans = dst.Data[:0], slices.Grow(dst.Spans[:0], to-from)[:to-from]
	for begin := from; begin < to; begin += strip {
		end := min(begin+strip, to)
		c.encode(dst, dst.Spans[begin-from:end-from], begin)
	}
}

// encode lays the items from one place on out behind those of dst, and fills in their spans.
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

// source is a column to read values from, with its parts at hand. Texts and numbers of 64 bits are laid out where they are
// to be. Of maps with an index each is laid out once, and all other values for a strip at a time; those are copied.
type source struct {
	column   catalog.Column
	nullable bool

	text    []byte
	offsets []int32

	coef   []int64
	scale  int
	valid  catalog.Bitmap
	zigzag []uint64 // of the strip: the coefficients as they are written, without zeros at their ends
	first  []byte   // of the strip: what stands before them

	laid  []byte
	ends  []int   // where each value laid out ends
	index []int32 // which of them an item has; nil: they are those of the strip
	from  int     // where the strip starts
	few   *few
}

func (c *Codec) newSource(column catalog.Column) source {
	s := source{column: column, nullable: column.Type().Nullable(), few: c.few}
	switch column := column.(type) {
	case *catalog.Strings:
		var text string
		text, s.offsets = column.Raw()
		s.text = unsafe.Slice(unsafe.StringData(text), len(text))
	case *catalog.Numbers:
		coef, scale, valid, aside := column.Raw()
		if aside == nil && scale <= mostScale {
			s.coef, s.scale, s.valid = coef, scale, valid
			s.zigzag, s.first = make([]uint64, strip), make([]byte, strip)
		}
	case *catalog.Maps:
		if index := column.Index(); index != nil {
			s.column = column.Plain()
			s.lay(0, s.column.Len())
			s.index = index
		}
	}
	return s
}

// measure adds how many bytes the values from one place on take.
func (s *source) measure(sizes []int, from int) {
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
		s.lay(from, from+len(sizes))
		for i := range sizes {
			sizes[i] += s.ends[i] - s.begin(i)
		}
	}
}

// measureNumbers is measure for numbers of 64 bits.
func (s *source) measureNumbers(sizes []int) {
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

// nulls notes which values are null.
func (s *source) nulls(spans []Span, from int, bit uint64) {
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

// put writes the values that were measured last, each at its place, and moves the places behind them.
func (s *source) put(dst []byte, places []int) {
	switch {
	case s.offsets != nil:
		s.putTexts(dst, places)
	case s.coef != nil:
		s.putNumbers(dst, places)
	case s.index != nil:
		for i, at := range s.index[s.from : s.from+len(places)] {
			places[i] = putBytes(dst, places[i], s.laid[s.begin(int(at)):s.ends[at]])
		}
	default:
		for i := range places {
			places[i] = putBytes(dst, places[i], s.laid[s.begin(i):s.ends[i]])
		}
	}
}

func (s *source) putTexts(dst []byte, places []int) {
	offsets := s.offsets[s.from : s.from+len(places)+1]
	for i, at := range places {
		text := s.text[offsets[i]:offsets[i+1]]
		if len(text) < 0x80 {
			dst[at] = byte(len(text))
			at++
		} else {
			at += binary.PutUvarint(dst[at:], uint64(len(text)))
		}
		places[i] = putBytes(dst, at, text)
	}
}

func (s *source) putNumbers(dst []byte, places []int) {
	for i, at := range places {
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
		places[i] = at
	}
}

// putBytes copies bytes to a place, most of them without a call, and returns where they end.
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

// begin returns where a value laid out begins.
func (s *source) begin(at int) int {
	if at == 0 {
		return 0
	}
	return s.ends[at-1]
}

// lay lays the values from one place up to another out.
func (s *source) lay(from, to int) {
	s.laid, s.ends = s.laid[:0], s.ends[:0]
	for i := from; i < to; i++ {
		s.laid = s.append(s.laid, i)
		s.ends = append(s.ends, len(s.laid))
	}
}

// append appends a value that is laid out aside.
func (s *source) append(dst []byte, i int) []byte {
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
		return s.few.share(dst, begin)
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

// shortest brings a number to the form without zeros behind the point's last digit, which equal numbers share.
func shortest(coef int64, scale int) (int64, int) {
	for scale > 0 && coef%10 == 0 {
		coef /= 10
		scale--
	}
	return coef, scale
}

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
