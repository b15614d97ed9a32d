package row

import (
	"encoding/binary"
	"math/big"

	"github.com/reconcilehq/reconcile/engine/catalog"
)

// View reads the fields of single items where they lie, without columns. It is for one goroutine.
type View struct {
	*Codec
	item   []byte
	places []int // by column: its place in Codec.order
	ends   []int // by that place: where the field ends
	first  int   // where the first begins
	same   uint64
	other  *View // where the fields that are the same lie, and not here; nil: item has all
}

// NewView returns a view of no item yet.
func (c *Codec) NewView() *View {
	v := &View{Codec: c, places: make([]int, len(c.order)), ends: make([]int, len(c.order))}
	for place, column := range c.order {
		v.places[column] = place
	}
	return v
}

// Look turns the view to an item. What the view returns shares the item's memory.
func (v *View) Look(item []byte) {
	v.item, v.first, v.same, v.other = item, 0, 0, nil
	if v.keyed {
		v.first = length(item, catalog.String)
	}
	at := v.first
	for place, typ := range v.types[:v.twins] {
		at += length(item[at:], typ)
		v.ends[place] = at
	}
	v.lookOn(at)
}

// LookAtPair turns views of both sides to a pair.
func LookAtPair(views [2]*View, pos, store []byte) {
	a, b := views[0], views[1]
	a.item, b.item, a.first, b.first, a.other, b.other = pos, store, 0, 0, nil, nil
	if a.keyed {
		a.first, b.first = length(pos, catalog.String), length(store, catalog.String)
	}
	atA, atB := a.first, b.first
	same := uint64(0)
	for t, typ := range a.types[:a.twins] {
		n := length(pos[atA:], typ)
		if value := pos[atA : atA+n]; len(store)-atB >= n && string(store[atB:atB+n]) == string(value) {
			same |= 1 << t
			atB += n
		} else {
			atB += length(store[atB:], typ)
		}
		atA += n
		a.ends[t], b.ends[t] = atA, atB
	}
	a.lookOn(atA)
	b.lookOn(atB)
	a.same, b.same = same, same
}

// LookAtRest turns views of both sides to a pair, of which there is an item of the one side, and of the other what that lacks, as
// Codec.AppendRest writes it.
func LookAtRest(views [2]*View, side int, item, rest []byte) {
	whole, part := views[side], views[1-side]
	whole.Look(item)
	same, at := binary.Uvarint(rest)
	part.item, part.first, part.other = rest, at, whole
	for t, typ := range part.types[:part.twins] {
		if same>>t&1 == 0 {
			at += length(rest[at:], typ)
		}
		part.ends[t] = at
	}
	part.lookOn(at)
	whole.same, part.same = same, same
}

// lookOn finds the fields behind the twins, which begin at at.
func (v *View) lookOn(at int) {
	for place := v.twins; place < len(v.types); place++ {
		at += length(v.item[at:], v.types[place])
		v.ends[place] = at
	}
}

// Place returns the place of a column among the fields of an item. Twins have the same place on both sides.
func (v *View) Place(column int) int { return v.places[column] }

// Same returns the set of twins, by place, that are equal in a pair that the view was turned to.
func (v *View) Same() uint64 { return v.same }

// Item returns the bytes of the item.
func (v *View) Item() []byte {
	if v.other == nil {
		return v.item
	}
	return v.Restore(nil, v.item, v.other.item)
}

// Field returns a column's bytes. Those of equal values are equal, on both sides, and those of others differ.
func (v *View) Field(column int) []byte {
	return v.At(v.places[column])
}

// At returns the bytes of the field at a place.
func (v *View) At(place int) []byte {
	if v.other != nil && place < v.twins && v.same>>place&1 != 0 {
		return v.other.At(place)
	}
	from := v.first
	if place > 0 {
		from = v.ends[place-1]
	}
	return v.item[from:v.ends[place]]
}

// Text returns the text that a field of that type has.
func Text(field []byte) string {
	text, _ := textOf(field)
	return text
}

// Number returns the number that a field of that type has; false if it is null.
func Number(field []byte) (catalog.Decimal, bool) {
	switch field[0] {
	case null:
		return catalog.Decimal{}, false
	case wide:
		text, _ := textOf(field[1:])
		coef := new(big.Int).SetBytes([]byte(text[5:]))
		if text[4] == 0 {
			coef.Neg(coef)
		}
		return catalog.NewWideDecimal(coef, int(binary.LittleEndian.Uint32([]byte(text[:4])))), true
	}
	coef, _ := binary.Varint(field[1:])
	return catalog.NewDecimal(coef, int(field[0]-scaled)), true
}

// WideNumber is Number, but only for those that do not fit 64 bits, or have a large scale.
func WideNumber(field []byte) (d catalog.Decimal, is bool) {
	if field[0] != wide {
		return d, false
	}
	return Number(field)
}

// Bool returns what a field of that type has; known is false if it is null.
func Bool(field []byte) (value, known bool) { return field[0] == truth, field[0] != null }

// AppendTexts appends the texts that a field has which is a list.
func AppendTexts(dst []string, field []byte) []string {
	n, at := binary.Uvarint(field)
	for range n {
		text, width := textOf(field[at:])
		dst = append(dst, text)
		at += width
	}
	return dst
}

// SharedMap returns the number of the map that a field has, if many items share it: others with the number have the same.
func SharedMap(field []byte) (number int, shared bool) {
	n, _ := binary.Uvarint(field)
	return int(n >> 1), n&1 != 0
}

// AppendEntries appends the entries that a field has which is a map, sorted by their keys.
func (c *Codec) AppendEntries(dst []catalog.Entry, field []byte) []catalog.Entry {
	n, at := binary.Uvarint(field)
	if n&1 != 0 {
		field = []byte(c.sharedMaps.at(uint32(n >> 1)))
		n, at = binary.Uvarint(field)
	}
	for range n / 2 {
		key, width := textOf(field[at:])
		at += width
		value, width := textOf(field[at:])
		at += width
		dst = append(dst, catalog.Entry{Key: key, Value: value})
	}
	return dst
}
