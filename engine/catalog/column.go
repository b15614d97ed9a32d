package catalog

import (
	"slices"
	"strings"
)

// Column holds the values of one field for all items of a batch. It is one of *Strings, *Numbers, *Bools, *Lists and
// *Maps, and is immutable.
type Column interface {
	Type() Type
	Len() int
	Value(i int) Value // boxed: for reports, not for evaluation
}

// Strings is a column of strings.
type Strings struct {
	data    string
	offsets []int32 // len = number of values + 1
}

// NewStrings returns the column whose i-th value is data[offsets[i]:offsets[i+1]]. It keeps both arguments; offsets
// has one entry more than there are values and never decreases.
func NewStrings(data string, offsets []int32) *Strings { return &Strings{data, offsets} }

func (c *Strings) Type() Type        { return String }
func (c *Strings) Len() int          { return max(len(c.offsets)-1, 0) }
func (c *Strings) At(i int) string   { return c.data[c.offsets[i]:c.offsets[i+1]] }
func (c *Strings) Value(i int) Value { return StringValue(strings.Clone(c.At(i))) }

// Raw returns the arguments of NewStrings. Do not change them.
func (c *Strings) Raw() (data string, offsets []int32) { return c.data, c.offsets }

// Bitmap is a set of rows in Arrow's format, with the least significant bit first. A nil Bitmap has every row.
type Bitmap []byte

// Has reports whether row i is in the set.
func (b Bitmap) Has(i int) bool { return b == nil || b[i>>3]&(1<<(i&7)) != 0 }

// Numbers is a column of decimal numbers with nulls. Values share one scale; those that do not fit are stored separately.
type Numbers struct {
	coef  []int64
	scale int
	valid Bitmap
	wide  map[int]Decimal // the values of rows whose coefficient does not fit coef at scale
}

// NewNumbers returns a column. Its i-th value is null if valid does not have i; otherwise wide[i] if that exists; otherwise
// coef[i] × 10^-scale. It keeps its arguments.
func NewNumbers(coef []int64, scale int, valid Bitmap, wide map[int]Decimal) *Numbers {
	if len(wide) == 0 {
		wide = nil
	}
	return &Numbers{coef, scale, valid, wide}
}

func (c *Numbers) Type() Type { return Number }
func (c *Numbers) Len() int   { return len(c.coef) }

// At returns the i-th number, and false if it is null.
func (c *Numbers) At(i int) (Decimal, bool) {
	if !c.valid.Has(i) {
		return Decimal{}, false
	}
	if c.wide != nil {
		if d, ok := c.wide[i]; ok {
			return d, true
		}
	}
	return Decimal{coef: c.coef[i], scale: int32(c.scale)}, true
}

// Raw returns the arguments of NewNumbers. Do not change them.
func (c *Numbers) Raw() (coef []int64, scale int, valid Bitmap, wide map[int]Decimal) {
	return c.coef, c.scale, c.valid, c.wide
}

func (c *Numbers) Value(i int) Value {
	d, ok := c.At(i)
	if !ok {
		return NullValue(Number)
	}
	return NumberValue(d)
}

// Bools is a column of bools with nulls.
type Bools struct {
	n            int
	truth, valid Bitmap
}

// NewBools returns a column of n bools: truth has those that are true, valid those that are not null.
func NewBools(n int, truth, valid Bitmap) *Bools { return &Bools{n, truth, valid} }

func (c *Bools) Type() Type { return Bool }
func (c *Bools) Len() int   { return c.n }

// At returns the i-th bool, and false for ok if it is null.
func (c *Bools) At(i int) (truth, ok bool) { return c.truth.Has(i), c.valid.Has(i) }

// Raw returns the bits that NewBools was given. Do not change them.
func (c *Bools) Raw() (truth, valid Bitmap) { return c.truth, c.valid }

func (c *Bools) Value(i int) Value {
	truth, ok := c.At(i)
	if !ok {
		return NullValue(Bool)
	}
	return BoolValue(truth)
}

// Lists is a column of lists of strings.
type Lists struct {
	items   *Strings
	offsets []int32
}

// NewLists returns the column whose i-th list has the items from offsets[i] up to offsets[i+1]. It keeps its
// arguments.
func NewLists(items *Strings, offsets []int32) *Lists { return &Lists{items, offsets} }

func (c *Lists) Type() Type { return List }
func (c *Lists) Len() int   { return max(len(c.offsets)-1, 0) }

// Span returns the range of items that make up the i-th list.
func (c *Lists) Span(i int) (from, to int) { return int(c.offsets[i]), int(c.offsets[i+1]) }

// Offsets returns the offsets that NewLists was given. Do not change them.
func (c *Lists) Offsets() []int32 { return c.offsets }

// Items returns the items of all lists, one after the other.
func (c *Lists) Items() *Strings { return c.items }

// Append appends the i-th list's items to dst.
func (c *Lists) Append(dst []string, i int) []string {
	for from, to := c.Span(i); from < to; from++ {
		dst = append(dst, c.items.At(from))
	}
	return dst
}

func (c *Lists) Value(i int) Value {
	list := c.Append(nil, i)
	for j := range list {
		list[j] = strings.Clone(list[j])
	}
	return ListValue(list)
}

// Maps is a column of maps from string to string, each sorted by key without repetition.
type Maps struct {
	keys, values *Strings
	offsets      []int32
	index        []int32 // for each value the number of its map; nil: value i is map i
}

// NewMaps returns the column whose i-th map has the entries from offsets[i] to offsets[i+1]. Entry j has the j-th key and the
// j-th value. If all maps are sorted and no key is repeated, NewMaps keeps its arguments. Otherwise it copies the entries; of
// entries with the same key the last counts.
func NewMaps(keys, values *Strings, offsets []int32) *Maps {
	c := &Maps{keys, values, offsets, nil}
	for i := range c.Len() {
		from, to := c.Span(i)
		for j := from + 1; j < to; j++ {
			if keys.At(j-1) >= keys.At(j) {
				return c.sorted()
			}
		}
	}
	return c
}

// NewIndexedMaps returns the column whose i-th value is map number index[i]. It is for columns with many items and few
// different maps. It keeps its arguments. Each number in index must be at least 0 and less than maps.Len().
func NewIndexedMaps(index []int32, maps *Maps) *Maps {
	if maps.index != nil {
		plain := make([]int32, len(index))
		for i, at := range index {
			plain[i] = maps.index[at]
		}
		index = plain
	}
	if index == nil {
		index = []int32{} // not the same as no index
	}
	return &Maps{maps.keys, maps.values, maps.offsets, index}
}

func (c *Maps) sorted() *Maps {
	var keys, values stringsBuilder
	offsets := []int32{0}
	for i := range c.Len() {
		for _, e := range sortEntries(c.Append(nil, i)) {
			keys.add(e.Key)
			values.add(e.Value)
		}
		offsets = append(offsets, int32(keys.len()))
	}
	return &Maps{keys.strings(), values.strings(), offsets, nil}
}

func (c *Maps) Type() Type { return Map }

// Len returns the number of values.
func (c *Maps) Len() int {
	if c.index != nil {
		return len(c.index)
	}
	return max(len(c.offsets)-1, 0)
}

// Span returns the range of entries that make up the i-th map.
func (c *Maps) Span(i int) (from, to int) {
	if c.index != nil {
		i = int(c.index[i])
	}
	return int(c.offsets[i]), int(c.offsets[i+1])
}

// Index returns the index that NewIndexedMaps was given, or nil. Do not change it. Values with the same number are equal.
func (c *Maps) Index() []int32 { return c.index }

// Plain returns the maps that the index refers to, one after the other; the column itself if it has no index.
func (c *Maps) Plain() *Maps { return &Maps{c.keys, c.values, c.offsets, nil} }

// Offsets returns the offsets of the entries of Plain. Do not change them.
func (c *Maps) Offsets() []int32 { return c.offsets }

// Keys and Values return the keys and values of the maps of Plain, one map after the other.
func (c *Maps) Keys() *Strings   { return c.keys }
func (c *Maps) Values() *Strings { return c.values }

// Lookup returns the value that the i-th map has for key, or "" and false.
func (c *Maps) Lookup(i int, key string) (string, bool) {
	for from, to := c.Span(i); from < to; from++ {
		if c.keys.At(from) == key {
			return c.values.At(from), true
		}
	}
	return "", false
}

// Append appends the i-th map's entries to dst, in the order of their keys.
func (c *Maps) Append(dst []Entry, i int) []Entry {
	for from, to := c.Span(i); from < to; from++ {
		dst = append(dst, Entry{c.keys.At(from), c.values.At(from)})
	}
	return dst
}

func (c *Maps) Value(i int) Value {
	entries := c.Append(nil, i)
	for j, e := range entries {
		entries[j] = Entry{strings.Clone(e.Key), strings.Clone(e.Value)}
	}
	return MapValue(entries)
}

// EqualLists reports whether list i of a and list j of b have the same items in the same order.
func EqualLists(a *Lists, i int, b *Lists, j int) bool {
	fromA, toA := a.Span(i)
	fromB, toB := b.Span(j)
	return equalStrings(a.items, fromA, toA, b.items, fromB, toB)
}

// EqualMaps reports whether map i of a and map j of b have the same entries.
func EqualMaps(a *Maps, i int, b *Maps, j int) bool {
	fromA, toA := a.Span(i)
	fromB, toB := b.Span(j)
	return equalStrings(a.keys, fromA, toA, b.keys, fromB, toB) &&
		equalStrings(a.values, fromA, toA, b.values, fromB, toB)
}

func equalStrings(a *Strings, fromA, toA int, b *Strings, fromB, toB int) bool {
	if toA-fromA != toB-fromB {
		return false
	}
	// Most maps that differ also differ in the length of their text: compare that first.
	if a.offsets[toA]-a.offsets[fromA] != b.offsets[toB]-b.offsets[fromB] {
		return false
	}
	for i := range toA - fromA {
		if a.At(fromA+i) != b.At(fromB+i) {
			return false
		}
	}
	return true
}

// Batch holds some items of one source as columns, one for each field of its schema. It is immutable.
type Batch struct {
	schema  *Schema
	columns []Column
	n       int
	release func()
}

// NewBatch returns a batch of n items. There must be one column of n values for each field, of the field's type.
func NewBatch(schema *Schema, n int, columns []Column) *Batch {
	return &Batch{schema: schema, columns: slices.Clone(columns), n: n}
}

// OnRelease sets a function that Release calls. The maker of the batch uses it to get the memory back.
func (b *Batch) OnRelease(release func()) { b.release = release }

// Release gives the batch's memory back to its maker, to be used again. Call it only if nobody keeps a part of the batch, not
// even a text. Nobody has to call it. The batch is empty afterwards.
func (b *Batch) Release() {
	release := b.release
	if release == nil {
		return
	}
	b.columns, b.n, b.release = nil, 0, nil
	release()
}

// Schema returns the fields that the batch has.
func (b *Batch) Schema() *Schema { return b.schema }

// Len returns the number of items.
func (b *Batch) Len() int { return b.n }

// Column returns the column of the i-th field.
func (b *Batch) Column(i int) Column { return b.columns[i] }

// Value returns the boxed value of the named field of item i; the zero Value if the batch lacks the field.
func (b *Batch) Value(field string, i int) Value {
	at := b.schema.Index(field)
	if at < 0 {
		return Value{}
	}
	return b.columns[at].Value(i)
}
