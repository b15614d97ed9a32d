package row

import (
	"encoding/binary"

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
}

// NewEncoder returns an encoder of a batch's items; keys are their keys.
func (c *Codec) NewEncoder(batch *catalog.Batch, keys *catalog.Strings) *Encoder {
	e := &Encoder{Codec: c, columns: make([]source, len(c.order)), key: c.newSource(keys)}
	for i, at := range c.order {
		e.columns[i] = c.newSource(batch.Column(at))
	}
	return e
}

// Encode lays the items from one place in the batch up to another out, in place of what dst had.
func (c *Encoder) Encode(dst *Items, from, to int) {
	columns := c.columns
	data, spans := dst.Data[:0], dst.Spans[:0]
	for i := from; i < to; i++ {
		s := Span{From: len(data)}
		if c.keyed {
			data = c.key.append(data, i)
			s.Key = len(data)
		}
		for t := range columns[:c.twins] {
			at := len(data)
			data = columns[t].append(data, i)
			if data[at] == null && columns[t].nullable {
				s.Nulls |= 1 << t
			}
			if s.Key == 0 {
				s.Key = len(data)
			}
		}
		s.Twins = len(data)
		for t := c.twins; t < len(columns); t++ {
			data = columns[t].append(data, i)
		}
		s.To = len(data)
		spans = append(spans, s)
	}
	dst.Data, dst.Spans = data, spans
}

// source is a column to read values from, with its parts at hand.
type source struct {
	typ      catalog.Type
	nullable bool
	data     string
	offsets  []int32 // of the texts
	values   *catalog.Strings
	spans    []int32 // of lists and maps
	index    []int32 // of maps that refer to a few
	laid     []byte  // those, laid out
	ends     []int   // where each of them ends
	few      *few
	coef     []int64
	scale    int
	valid    catalog.Bitmap
	numbers  *catalog.Numbers
	wide     bool
	bools    *catalog.Bools
}

func (c *Codec) newSource(column catalog.Column) source {
	s := source{typ: column.Type(), nullable: column.Type().Nullable(), few: c.few}
	switch column := column.(type) {
	case *catalog.Strings:
		s.data, s.offsets = column.Raw()
	case *catalog.Numbers:
		s.numbers = column
		var aside map[int]catalog.Decimal
		s.coef, s.scale, s.valid, aside = column.Raw()
		s.wide = aside != nil || s.scale > mostScale
	case *catalog.Bools:
		s.bools = column
	case *catalog.Lists:
		s.data, s.offsets = column.Items().Raw()
		s.spans = column.Offsets()
	case *catalog.Maps:
		s.data, s.offsets = column.Keys().Raw()
		s.values, s.spans = column.Values(), column.Offsets()
		if index := column.Index(); index != nil {
			for i := range column.Plain().Len() {
				s.laid = s.append(s.laid, i)
				s.ends = append(s.ends, len(s.laid))
			}
			s.index = index
		}
	}
	return s
}

func (s *source) append(dst []byte, i int) []byte {
	switch s.typ {
	case catalog.String:
		return appendText(dst, s.data[s.offsets[i]:s.offsets[i+1]])
	case catalog.Number:
		return s.appendNumber(dst, i)
	case catalog.Bool:
		switch is, known := s.bools.At(i); {
		case !known:
			return append(dst, null)
		case is:
			return append(dst, truth)
		}
		return append(dst, falsity)
	}
	if s.index != nil {
		at, from := s.index[i], 0
		if at > 0 {
			from = s.ends[at-1]
		}
		return append(dst, s.laid[from:s.ends[at]]...)
	}
	from, to := s.spans[i], s.spans[i+1]
	if s.typ == catalog.List {
		dst = binary.AppendUvarint(dst, uint64(to-from))
		for j := from; j < to; j++ {
			dst = appendText(dst, s.data[s.offsets[j]:s.offsets[j+1]])
		}
		return dst
	}
	begin := len(dst)
	dst = binary.AppendUvarint(dst, uint64(to-from)<<1)
	for j := from; j < to; j++ {
		dst = appendText(dst, s.data[s.offsets[j]:s.offsets[j+1]])
		dst = appendText(dst, s.values.At(int(j)))
	}
	return s.few.share(dst, begin)
}

func appendText(dst []byte, text string) []byte {
	if len(text) < 0x80 {
		dst = append(dst, byte(len(text)))
	} else {
		dst = binary.AppendUvarint(dst, uint64(len(text)))
	}
	return append(dst, text...)
}

// appendNumber writes the number in its shortest form, so that equal numbers have equal bytes.
func (s *source) appendNumber(dst []byte, i int) []byte {
	if !s.valid.Has(i) {
		return append(dst, null)
	}
	coef, scale := int64(0), s.scale
	if !s.wide {
		coef = s.coef[i]
	} else {
		d, _ := s.numbers.At(i)
		d = d.Reduce()
		var fits bool
		if coef, scale, fits = d.Int64(); !fits || scale > mostScale {
			return appendWide(append(dst, wide), d)
		}
	}
	for scale > 0 && coef%10 == 0 {
		coef /= 10
		scale--
	}
	return binary.AppendVarint(append(dst, byte(scaled+scale)), coef)
}

func appendWide(dst []byte, d catalog.Decimal) []byte {
	coef, scale := d.Big()
	text := binary.LittleEndian.AppendUint32(nil, uint32(scale))
	text = append(text, byte(coef.Sign()+1))
	text = append(text, coef.Bytes()...)
	return append(binary.AppendUvarint(dst, uint64(len(text))), text...)
}
