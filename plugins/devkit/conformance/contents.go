package conformance

import (
	"bytes"
	"errors"
	"fmt"
	"hash/maphash"
	"strings"
	"unicode/utf8"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/ipc"
	"golang.org/x/text/unicode/norm"

	"github.com/reconcilehq/reconcile/engine/catalog"
)

// large is the length in bytes from which a text counts as long: connectors with a fault cut such texts.
const large = 64 << 10

// shownBytes is how many bytes of values of the first read are kept, to show them in messages about differences.
const shownBytes = 64 << 20

// contents is what one read gave, in a form in which reads can be compared: a digest of each value and, if the catalogue is
// small, the values themselves.
type contents struct {
	seed   maphash.Seed
	schema *catalog.Schema
	digest [][]uint64 // by field, by item
	kept   []*catalog.Batch
	size   int
	few    bool // everything is kept

	inspect *inspection // of the first read
}

func newContents(seed maphash.Seed, schema *catalog.Schema) *contents {
	return &contents{seed: seed, schema: schema, digest: make([][]uint64, schema.Len()), few: true}
}

func (c *contents) batch(b *catalog.Batch, raw []byte) error {
	if c.size += len(raw); c.size > shownBytes {
		c.few, c.kept = false, nil
	}
	if c.few {
		c.kept = append(c.kept, b)
	}
	for f := range c.schema.Len() {
		for i := range b.Len() {
			c.digest[f] = append(c.digest[f], digestOf(c.seed, b.Column(f), i))
		}
	}
	if c.inspect != nil {
		return c.inspect.batch(b, raw)
	}
	return nil
}

func (c *contents) items() int {
	if len(c.digest) == 0 {
		return 0
	}
	return len(c.digest[0])
}

// value returns a value for a message; "another" if the value was not kept.
func (c *contents) value(field string, i int) string {
	for _, b := range c.kept {
		if i < b.Len() {
			return printable(fmt.Sprintf("%q", b.Value(field, i).Text()))
		}
		i -= b.Len()
	}
	return "another value"
}

// differs says how a later read, now, differs from this one; "" if it does not. now may have fewer fields.
func (c *contents) differs(now *contents) string {
	if c.items() != now.items() {
		return fmt.Sprintf("%d items came, and %d in the first read", now.items(), c.items())
	}
	for f := range now.schema.Len() {
		field := now.schema.Field(f).Name
		was := c.digest[c.schema.Index(field)]
		for i, d := range now.digest[f] {
			if d != was[i] {
				return fmt.Sprintf("item %d, field %q: %s, and %s in the first read", i+1, field, now.value(field, i), c.value(field, i))
			}
		}
	}
	return ""
}

func digestOf(seed maphash.Seed, column catalog.Column, i int) uint64 {
	var h maphash.Hash
	h.SetSeed(seed)
	part := func(s string) {
		_, _ = h.WriteString(s)
		_ = h.WriteByte(0xff) // no byte of UTF-8
	}
	switch c := column.(type) {
	case *catalog.Strings:
		part(c.At(i))
	case *catalog.Numbers:
		if d, ok := c.At(i); ok {
			part(d.Reduce().String())
		}
	case *catalog.Bools:
		if truth, ok := c.At(i); ok {
			part(fmt.Sprint(truth))
		}
	case *catalog.Lists:
		for _, s := range c.Append(nil, i) {
			part(s)
		}
	case *catalog.Maps:
		for _, e := range c.Append(nil, i) {
			part(e.Key)
			part(e.Value)
		}
	}
	return h.Sum64()
}

// inspection collects facts about the values of one read.
type inspection struct {
	seed    maphash.Seed
	items   int
	unicode int // texts with more than ASCII
	longest int // bytes of the longest text
	nulls   int // numbers and bools that are not known
	nested  int // elements of lists and maps

	notNFC string          // the first text that is not in NFC, with its place
	notLF  string          // the first text with a line that ends otherwise, with its place
	empty  map[string]bool // fields that had no value yet
	holes  string          // the first list or map with a null or a key twice

	skus   map[uint64]int // the first item with a SKU, by the digest of the SKU
	twice  string         // an item that came twice
	twins  int            // items with the SKU of another item, but another id
	ids    []uint64
	hasIDs bool
	hasSKU bool
}

func newInspection(seed maphash.Seed) *inspection {
	return &inspection{seed: seed, skus: map[uint64]int{}, empty: map[string]bool{}}
}

func (n *inspection) batch(b *catalog.Batch, raw []byte) error {
	schema := b.Schema()
	for f := range schema.Len() {
		name, filled := schema.Field(f).Name, false
		for i := range b.Len() {
			filled = n.value(name, b.Column(f), i) || filled
		}
		if was, seen := n.empty[name]; !seen || was {
			n.empty[name] = !filled
		}
	}
	n.identify(b)
	n.items += b.Len()
	return n.rawFaults(raw)
}

// value inspects one value. It reports whether there is one: not null, "" or empty.
func (n *inspection) value(field string, column catalog.Column, i int) (filled bool) {
	text := func(s string) {
		filled = filled || s != ""
		n.longest = max(n.longest, len(s))
		if n.notLF == "" && strings.Contains(s, "\r") {
			n.notLF = fmt.Sprintf("item %d, field %q: %s is %+q", n.items+i+1, field, printable(s), clip(s))
		}
		if ascii(s) {
			return
		}
		n.unicode++
		if n.notNFC == "" && !norm.NFC.IsNormalString(s) {
			n.notNFC = fmt.Sprintf("item %d, field %q: %s is %+q, and in NFC %+q", n.items+i+1, field, printable(s), clip(s), clip(norm.NFC.String(s)))
		}
	}
	switch c := column.(type) {
	case *catalog.Strings:
		text(c.At(i))
	case *catalog.Numbers:
		if _, filled = c.At(i); !filled {
			n.nulls++
		}
	case *catalog.Bools:
		if _, filled = c.At(i); !filled {
			n.nulls++
		}
	case *catalog.Lists:
		for _, s := range c.Append(nil, i) {
			n.nested++
			text(s)
		}
	case *catalog.Maps:
		for _, e := range c.Append(nil, i) {
			n.nested++
			text(e.Key)
			text(e.Value)
		}
	}
	return filled
}

func ascii(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

func clip(s string) string {
	if runes := []rune(s); len(runes) > 40 {
		return string(runes[:40]) + "…"
	}
	return s
}

// identify looks for items that were sent twice: with the same SKU and, if items have ids, the same id.
func (n *inspection) identify(b *catalog.Batch) {
	at, id := b.Schema().Index("sku"), b.Schema().Index("id")
	if at < 0 {
		return
	}
	n.hasSKU, n.hasIDs = true, id >= 0
	for i := range b.Len() {
		var identity uint64
		if n.hasIDs {
			identity = digestOf(n.seed, b.Column(id), i)
		}
		n.ids = append(n.ids, identity)
		sku := b.Value("sku", i).Text()
		if sku == "" {
			continue
		}
		digest := digestOf(n.seed, b.Column(at), i)
		first, seen := n.skus[digest]
		switch {
		case !seen:
			n.skus[digest] = n.items + i
		case n.hasIDs && n.ids[first] != identity:
			n.twins++
		case n.twice == "":
			n.twice = fmt.Sprintf("sku %q came with item %d and again with item %d", printable(sku), first+1, n.items+i+1)
		}
	}
}

// rawFaults looks at what reading the batch has evened out.
func (n *inspection) rawFaults(data []byte) error {
	if n.holes != "" {
		return nil
	}
	r, err := ipc.NewReader(bytes.NewReader(data))
	if err != nil {
		return err
	}
	defer r.Release()
	if !r.Next() {
		return errors.New("no record batch")
	}
	record := r.RecordBatch()
	for i, column := range record.Columns() {
		if text := holesIn(column); text != "" {
			n.holes = fmt.Sprintf("column %q: %s", record.ColumnName(i), text)
		}
	}
	return nil
}

func holesIn(column arrow.Array) string {
	switch c := column.(type) {
	case *array.Map:
		if c.Keys().NullN() > 0 || c.Items().NullN() > 0 {
			return "a map holds a null"
		}
		keys, ok := c.Keys().(*array.String)
		if !ok {
			return "" // dictionaries and the like have been read as text before
		}
		for i := range c.Len() {
			from, to := c.ValueOffsets(i)
			seen := map[string]bool{}
			for j := from; j < to; j++ {
				if key := keys.Value(int(j)); seen[key] {
					return fmt.Sprintf("the map of item %d of a batch has the key %q twice", i+1, printable(key))
				}
				seen[keys.Value(int(j))] = true
			}
		}
	case *array.List:
		if c.ListValues().NullN() > 0 {
			return "a list holds a null"
		}
	}
	return ""
}
