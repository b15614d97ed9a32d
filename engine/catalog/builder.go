package catalog

import (
	"fmt"
	"strings"
)

// Builder makes batches item by item: set the fields of one item in any order, end the item with End, and get the batch with
// Batch. A field that was not set is null, "" or empty. A Builder is for one goroutine.
type Builder struct {
	schema  *Schema
	columns []columnBuilder
	n       int
	size    int
}

type columnBuilder interface {
	end(n int) // makes the column n values long
	column(n int) Column
}

// NewBuilder returns an empty builder of batches with the given fields.
func NewBuilder(schema *Schema) *Builder {
	b := &Builder{schema: schema}
	b.reset()
	return b
}

// reset empties the builder. It allocates about as much memory as the last batch needed, because the next will be similar.
func (b *Builder) reset() {
	last := b.columns
	n := b.n + b.n/16
	b.n, b.size = 0, 0
	b.columns = make([]columnBuilder, b.schema.Len())
	for i := range b.columns {
		switch b.schema.Field(i).Type {
		case String:
			b.columns[i] = &stringsBuilder{}
		case Number:
			b.columns[i] = &numbersBuilder{room: n}
		case Bool:
			b.columns[i] = &boolsBuilder{}
		case List:
			b.columns[i] = &listsBuilder{offsets: append(make([]int32, 0, n+1), 0)}
		case Map:
			b.columns[i] = &mapsBuilder{offsets: append(make([]int32, 0, n+1), 0)}
		}
		if last == nil {
			continue
		}
		switch c := b.columns[i].(type) {
		case *stringsBuilder:
			c.roomLike(last[i].(*stringsBuilder))
		case *listsBuilder:
			c.items.roomLike(&last[i].(*listsBuilder).items)
		case *mapsBuilder:
			c.keys.roomLike(&last[i].(*mapsBuilder).keys)
			c.values.roomLike(&last[i].(*mapsBuilder).values)
		}
	}
}

// Schema returns the fields of the batches.
func (b *Builder) Schema() *Schema { return b.schema }

// Len returns the number of items since the last Batch.
func (b *Builder) Len() int { return b.n }

// Size returns the approximate size of these items in bytes.
func (b *Builder) Size() int { return b.size }

// SetString sets field i of the current item. As with every Set method, set each field of an item at most once.
func (b *Builder) SetString(i int, s string) {
	c := b.columns[i].(*stringsBuilder)
	c.end(b.n)
	c.add(s)
	b.size += len(s) + 4
}

// SetNumber sets field i of the current item.
func (b *Builder) SetNumber(i int, d Decimal) {
	c := b.columns[i].(*numbersBuilder)
	c.end(b.n)
	c.add(d)
	b.size += 16
}

// SetBool sets field i of the current item.
func (b *Builder) SetBool(i int, truth bool) {
	c := b.columns[i].(*boolsBuilder)
	c.end(b.n)
	c.add(truth, true)
	b.size++
}

// SetList sets field i of the current item.
func (b *Builder) SetList(i int, list []string) {
	c := b.columns[i].(*listsBuilder)
	c.end(b.n)
	for _, s := range list {
		c.items.add(s)
		b.size += len(s) + 4
	}
	c.offsets = append(c.offsets, int32(c.items.len()))
	b.size += 4
}

// SetMap sets field i of the current item; of entries with the same key the last counts.
func (b *Builder) SetMap(i int, entries []Entry) {
	c := b.columns[i].(*mapsBuilder)
	c.end(b.n)
	for _, e := range sortEntries(entries) {
		c.keys.add(e.Key)
		c.values.add(e.Value)
		b.size += len(e.Key) + len(e.Value) + 8
	}
	c.offsets = append(c.offsets, int32(c.keys.len()))
	b.size += 4
}

// Set sets field i of the current item to a boxed value of the field's type.
func (b *Builder) Set(i int, v Value) error {
	if want := b.schema.Field(i).Type; v.Type() != want {
		return fmt.Errorf("field %q is a %s, not a %s", b.schema.Field(i).Name, want, v.Type())
	}
	switch {
	case v.IsNull():
	case v.Type() == String:
		b.SetString(i, v.Str())
	case v.Type() == Number:
		b.SetNumber(i, v.Number())
	case v.Type() == Bool:
		b.SetBool(i, v.Bool())
	case v.Type() == List:
		b.SetList(i, v.List())
	case v.Type() == Map:
		b.SetMap(i, v.Entries())
	}
	return nil
}

// End ends the current item.
func (b *Builder) End() { b.n++ }

// Batch returns the items since the last Batch. Call it after End, not in the middle of an item.
func (b *Builder) Batch() *Batch {
	columns := make([]Column, len(b.columns))
	for i, c := range b.columns {
		if numbers, ok := c.(*numbersBuilder); ok && numbers.values == nil {
			columns[i] = noNumbers(b.n)
			continue
		}
		c.end(b.n)
		columns[i] = c.column(b.n)
	}
	batch := &Batch{schema: b.schema, columns: columns, n: b.n}
	b.reset()
	return batch
}

type stringsBuilder struct {
	text    strings.Builder
	offsets []int32
}

func (c *stringsBuilder) len() int { return len(c.offsets) }

// roomLike allocates a little more memory than another builder has used.
func (c *stringsBuilder) roomLike(last *stringsBuilder) {
	c.text.Grow(last.text.Len() + last.text.Len()/16)
	c.offsets = make([]int32, 0, len(last.offsets)+len(last.offsets)/16+1)
}
func (c *stringsBuilder) add(s string) {
	c.offsets = append(c.offsets, int32(c.text.Len()))
	c.text.WriteString(s)
}
func (c *stringsBuilder) end(n int) {
	for c.len() < n {
		c.add("")
	}
}
func (c *stringsBuilder) column(int) Column { return c.strings() }
func (c *stringsBuilder) strings() *Strings {
	return &Strings{c.text.String(), append(c.offsets, int32(c.text.Len()))}
}

type numbersBuilder struct {
	values []Decimal
	room   int // for how many values to make room with the first: many columns have none, and the others about as many as the last ones
	valid  bitmapBuilder
	nulls  bool
}

func (c *numbersBuilder) add(d Decimal) {
	c.roomForFirst()
	c.valid.set(len(c.values))
	c.values = append(c.values, d)
}
func (c *numbersBuilder) roomForFirst() {
	if c.values == nil {
		c.values = make([]Decimal, 0, c.room)
	}
}
func (c *numbersBuilder) end(n int) {
	if len(c.values) < n {
		c.roomForFirst()
	}
	for len(c.values) < n {
		c.values = append(c.values, Decimal{})
		c.nulls = true
	}
}
func (c *numbersBuilder) column(n int) Column { return NumbersOf(c.values, c.valid.bitmap(n, c.nulls)) }

// zeros are what columns without a number share, and zeroBits which of their numbers are there.
var (
	zeros    [8 << 10]int64
	zeroBits [len(zeros) / 8]byte
)

// noNumbers returns a column of n nulls.
func noNumbers(n int) *Numbers {
	if n > len(zeros) {
		return NewNumbers(make([]int64, n), 0, make(Bitmap, (n+7)/8), nil)
	}
	return NewNumbers(zeros[:n:n], 0, zeroBits[:(n+7)/8:(n+7)/8], nil)
}

// NumbersOf makes a column of values. Its scale is the largest scale of a value; values that do not fit 64 bits at that scale
// are stored separately.
func NumbersOf(values []Decimal, valid Bitmap) *Numbers {
	scale := int32(0)
	for _, d := range values {
		if d.wide == nil && d.scale > scale {
			scale = max(scale, d.Reduce().scale)
		}
	}
	c := &Numbers{coef: make([]int64, len(values)), scale: int(scale), valid: valid}
	for i, d := range values {
		var ok bool
		if d.wide == nil && d.scale <= scale {
			c.coef[i], ok = Rescale(d.coef, int(scale-d.scale))
		} else if d = d.Reduce(); d.wide == nil && d.scale <= scale {
			c.coef[i], ok = Rescale(d.coef, int(scale-d.scale))
		}
		if !ok {
			if c.wide == nil {
				c.wide = map[int]Decimal{}
			}
			c.wide[i] = d
		}
	}
	return c
}

type boolsBuilder struct {
	n            int
	truth, valid bitmapBuilder
	nulls        bool
}

func (c *boolsBuilder) add(truth, ok bool) {
	if truth {
		c.truth.set(c.n)
	}
	if ok {
		c.valid.set(c.n)
	}
	c.n++
}
func (c *boolsBuilder) end(n int) {
	for c.n < n {
		c.add(false, false)
		c.nulls = true
	}
}
func (c *boolsBuilder) column(n int) Column {
	return &Bools{n, c.truth.bitmap(n, true), c.valid.bitmap(n, c.nulls)}
}

type listsBuilder struct {
	items   stringsBuilder
	offsets []int32
}

func (c *listsBuilder) end(n int) {
	for len(c.offsets)-1 < n {
		c.offsets = append(c.offsets, int32(c.items.len()))
	}
}
func (c *listsBuilder) column(int) Column { return &Lists{c.items.strings(), c.offsets} }

type mapsBuilder struct {
	keys, values stringsBuilder
	offsets      []int32
}

func (c *mapsBuilder) end(n int) {
	for len(c.offsets)-1 < n {
		c.offsets = append(c.offsets, int32(c.keys.len()))
	}
}
func (c *mapsBuilder) column(int) Column {
	return &Maps{c.keys.strings(), c.values.strings(), c.offsets, nil}
}

type bitmapBuilder []byte

func (b *bitmapBuilder) set(i int) {
	for len(*b) <= i>>3 {
		*b = append(*b, 0)
	}
	(*b)[i>>3] |= 1 << (i & 7)
}

// bitmap returns the set for n rows; nil if it has all of them.
func (b *bitmapBuilder) bitmap(n int, needed bool) Bitmap {
	if !needed {
		return nil
	}
	for len(*b) < (n+7)>>3 {
		*b = append(*b, 0)
	}
	if *b == nil {
		return Bitmap{}
	}
	return Bitmap(*b)
}
