package bigcommerce

import (
	"encoding/binary"
	"errors"

	"github.com/reconcilehq/reconcile/plugins/sdk"
)

// Records are written in a plain binary form, because decoding them is most of the work of reading a Local Copy: whole
// numbers as varints, texts with their length before them, decimals as texts, in a fixed order.

// encoder writes the value of a record.
type encoder []byte

func (e *encoder) number(n int64) { *e = binary.AppendVarint(*e, n) }

func (e *encoder) text(s string) {
	*e = binary.AppendUvarint(*e, uint64(len(s)))
	*e = append(*e, s...)
}

// decimal writes a decimal, or its absence.
func (e *encoder) decimal(d *sdk.Decimal) {
	if d == nil {
		*e = append(*e, 0)
		return
	}
	e.text(d.String())
}

// flag writes a bool, or its absence.
func (e *encoder) flag(b *bool) {
	switch {
	case b == nil:
		*e = append(*e, 0)
	case *b:
		*e = append(*e, 2)
	default:
		*e = append(*e, 1)
	}
}

// decoder reads what an encoder wrote. After a mistake it returns zero values, and end returns the error.
type decoder struct {
	rest   string
	broken bool
}

var errBrokenRecord = errors.New("the record is damaged")

func (d *decoder) number() int64 {
	n, size := uvarint(d.rest)
	if size <= 0 {
		d.fail()
		return 0
	}
	d.rest = d.rest[size:]
	return int64(n>>1) ^ -int64(n&1)
}

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

func (d *decoder) text() string {
	n, size := uvarint(d.rest)
	if size <= 0 || n > uint64(len(d.rest)-size) {
		d.fail()
		return ""
	}
	text := d.rest[size : size+int(n)]
	d.rest = d.rest[size+int(n):]
	return text
}

func (d *decoder) decimal() *sdk.Decimal {
	text := d.text()
	if text == "" {
		return nil
	}
	number, err := sdk.ParseDecimal(text)
	if err != nil {
		d.fail()
		return nil
	}
	return &number
}

// amount reads a decimal that must be there.
func (d *decoder) amount() sdk.Decimal {
	number := d.decimal()
	if number == nil {
		d.fail()
		return sdk.Decimal{}
	}
	return *number
}

func (d *decoder) flag() *bool {
	if d.rest == "" || d.rest[0] > 2 {
		d.fail()
		return nil
	}
	kind := d.rest[0]
	d.rest = d.rest[1:]
	if kind == 0 {
		return nil
	}
	b := kind == 2
	return &b
}

// count reads how many entries follow, each of which takes at least one byte.
func (d *decoder) count() int {
	n := d.number()
	if n < 0 || n > int64(len(d.rest)) {
		d.fail()
		return 0
	}
	return int(n)
}

func (d *decoder) fail() { d.rest, d.broken = "", true }

// end reports whether everything was read, and nothing is left.
func (d *decoder) end() error {
	if d.broken || d.rest != "" {
		return errBrokenRecord
	}
	return nil
}
