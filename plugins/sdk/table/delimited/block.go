package delimited

// Span is a range of bytes.
type Span struct{ From, To int32 }

// Block is some rows of a text, with their fields.
type Block struct {
	Text  []byte // what the spans refer to; Tail bytes behind each field can be read
	Width int    // fields of a row that it has, from the first on
	Spans []Span // the fields, row by row

	size   int     // of the text; what is behind was set aside
	starts []int32 // where the rows start, by row
}

// Rows returns how many rows there are.
func (b *Block) Rows() int { return len(b.starts) }

// Cell returns a field's text.
func (b *Block) Cell(row, column int) []byte {
	s := b.Spans[row*b.Width+column]
	return b.Text[s.From:s.To]
}

// Drop leaves out the rows for which gone is true.
func (b *Block) Drop(gone func(row int) bool) {
	kept := 0
	for row := range b.Rows() {
		if gone(row) {
			continue
		}
		copy(b.Spans[kept*b.Width:], b.Spans[row*b.Width:(row+1)*b.Width])
		b.starts[kept] = b.starts[row]
		kept++
	}
	b.Spans, b.starts = b.Spans[:kept*b.Width], b.starts[:kept]
}
