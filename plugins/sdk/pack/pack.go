// Package pack writes the records of a Local Copy in a small form that is read fast, because reading them is most of the work of
// reading a copy.
//
// What a record of a type holds is said once, in a method that goes through the parts in their order. It serves for writing and
// for reading, so that the two cannot differ:
//
//	func (p *product) record(r *pack.Record) {
//		r.Text(&p.SKU)
//		r.Decimal(&p.Price)
//		pack.Each(r, &p.Variants, (*variant).record)
//	}
//
//	value := pack.Write(&p, (*product).record)
//	err := pack.Read(value, &p, (*product).record)
//
// A record says nothing of its own form: when the method changes, raise CopyRules.Version, and the host pulls everything again.
//
// Whole numbers are varints, a text has its length before it, a decimal is a text, and a list has its length before its entries.
package pack

import (
	"encoding/binary"
	"errors"

	"github.com/reconcilehq/reconcile/engine/catalog"
)

// ErrDamaged is the error for a record that nobody wrote so: it is cut off, goes on behind its end, or holds what its type cannot.
var ErrDamaged = errors.New("the record is damaged")

// Record is a record that is being written or read. Each of its methods writes a value, or replaces it by the one that was read. After
// a mistake in a record that is read they give zero values, and Read returns the error.
type Record struct {
	reading bool
	written []byte
	rest    string // of what is read
	broken  bool
}

// Write returns v's record. form is the method that goes through v's parts.
func Write[T any](v *T, form func(*T, *Record)) []byte {
	var r Record
	form(v, &r)
	return r.written
}

// Read fills v from its record. form is the one that wrote it. The error is ErrDamaged; v is worth nothing then.
func Read[T any](record []byte, v *T, form func(*T, *Record)) error {
	r := Record{reading: true, rest: string(record)}
	form(v, &r)
	if r.broken || r.rest != "" {
		return ErrDamaged
	}
	return nil
}

// Each writes or reads a list, each entry with form. A list without entries is read as nil.
func Each[T any](r *Record, list *[]T, form func(*T, *Record)) {
	Length(r, list)
	for i := range *list {
		form(&(*list)[i], r)
	}
}

// Length writes how many entries a list has, or makes a list of as many zero entries as were written. It is for lists whose entries come
// later in the record; Each does both. An entry takes at least a byte, so that a damaged length makes no list that is much larger than
// the record.
func Length[T any](r *Record, list *[]T) {
	n := int64(len(*list))
	r.Whole(&n)
	if !r.reading {
		return
	}
	*list = nil
	switch {
	case n < 0 || n > int64(len(r.rest)):
		r.fail()
	case n > 0:
		*list = make([]T, n)
	}
}

// FirstWhole returns the whole number that a record begins with, such as a list's length, without reading the rest.
func FirstWhole(record []byte) (n int64, err error) {
	r := Record{reading: true, rest: string(record[:min(len(record), binary.MaxVarintLen64)])}
	if r.Whole(&n); r.broken {
		return 0, ErrDamaged
	}
	return n, nil
}

// Whole writes or reads a whole number.
func (r *Record) Whole(n *int64) {
	if !r.reading {
		r.written = binary.AppendVarint(r.written, *n)
		return
	}
	coded, size := uvarint(r.rest)
	if size <= 0 {
		r.fail()
		*n = 0
		return
	}
	r.rest = r.rest[size:]
	*n = int64(coded>>1) ^ -int64(coded&1)
}

// Int is Whole for an int.
func (r *Record) Int(n *int) {
	whole := int64(*n)
	r.Whole(&whole)
	*n = int(whole)
}

// Text writes or reads a text, which may hold any bytes.
func (r *Record) Text(s *string) {
	if !r.reading {
		r.text(*s)
		return
	}
	n, size := uvarint(r.rest)
	if size <= 0 || n > uint64(len(r.rest)-size) {
		r.fail()
		*s = ""
		return
	}
	*s = r.rest[size : size+int(n)]
	r.rest = r.rest[size+int(n):]
}

func (r *Record) text(s string) {
	r.written = binary.AppendUvarint(r.written, uint64(len(s)))
	r.written = append(r.written, s...)
}

// Decimal writes or reads a decimal; nil is its absence.
func (r *Record) Decimal(d **catalog.Decimal) {
	if !r.reading {
		if *d == nil {
			r.written = append(r.written, 0)
			return
		}
		r.text((*d).String())
		return
	}
	var text string
	*d = nil
	if r.Text(&text); text == "" {
		return
	}
	number, err := catalog.ParseDecimal(text)
	if err != nil {
		r.fail()
		return
	}
	*d = &number
}

// Amount is Decimal for one that is never absent.
func (r *Record) Amount(d *catalog.Decimal) {
	at := d
	r.Decimal(&at)
	if at == nil {
		r.fail()
		at = &catalog.Decimal{}
	}
	*d = *at
}

// Flag writes or reads a bool; nil is its absence.
func (r *Record) Flag(b **bool) {
	if !r.reading {
		r.written = append(r.written, coded(*b))
		return
	}
	*b = nil
	if r.rest == "" || r.rest[0] > isTrue {
		r.fail()
		return
	}
	kind := r.rest[0]
	if r.rest = r.rest[1:]; kind != isAbsent {
		is := kind == isTrue
		*b = &is
	}
}

// Bool is Flag for one that is never absent.
func (r *Record) Bool(b *bool) {
	at := b
	r.Flag(&at)
	*b = at != nil && *at
}

const (
	isAbsent = iota
	isFalse
	isTrue
)

func coded(b *bool) byte {
	switch {
	case b == nil:
		return isAbsent
	case *b:
		return isTrue
	}
	return isFalse
}

func (r *Record) fail() { r.rest, r.broken = "", true }

// uvarint is binary.Uvarint of a string.
func uvarint(s string) (n uint64, size int) {
	for i := 0; i < len(s) && i < binary.MaxVarintLen64; i++ {
		n |= uint64(s[i]&0x7f) << (7 * i)
		if s[i] < 0x80 {
			return n, i + 1
		}
	}
	return 0, 0
}
