package table

import (
	"fmt"
	"math/bits"
	"strings"

	"github.com/reconcilehq/reconcile/plugins/sdk"
)

// points are how a column of a text file uses the point in its numbers. In German and in others 1.500 is a thousand five hundred, and
// is read so where decimal is a comma. A column looks so in which each number with a point has three digits behind it, one to three
// before it, and others have none.
type points struct {
	without bool // there is a number without a point
	decimal bool // a point is there that can only start decimals

	doubted string // the first number of which that is not clear; "" if there is none
	row     int    // its row in a block, until
	place   string // says where it stands

	commas commas
}

// commas are the same of the commas in a column's numbers, which part thousands where a point starts the decimals: 1,250 is a thousand two
// hundred and fifty. In a file from a country where a comma starts the decimals it is one and a quarter.
type commas struct {
	parts bool // a comma is there that can only part thousands, or a point that can only start decimals

	doubted string // as in points
	row     int
	place   string
}

// note takes in a number as it is written, in a row of a block.
func (c *commas) note(text string, row int) {
	whole, rest, parted := strings.Cut(text, ",")
	switch {
	case strings.ContainsAny(text, ".'\u2019"), strings.Contains(rest, ","):
		c.parts = true
	case parted && c.doubted == "" && isThousands(whole, rest):
		c.doubted, c.row = strings.Clone(text), row
	}
}

// tell warns where a column can be one whose commas start the decimals. Programs that part fields by commas seldom write decimals so.
func (c *commas) tell(req sdk.ReadRequest, column string, betweenFields bool) {
	if c.doubted == "" || c.parts || betweenFields {
		return
	}
	req.Warn("%s: %s in the column %q is read as thousands, but nothing in this column shows that its commas part them and do not start decimals: if they do, set decimal = \",\"", c.place, c.doubted, column)
}

// note takes in a number as it is written, in a row of a block.
func (p *points) note(text string, row int) {
	p.commas.note(text, row)
	whole, fraction, pointed := strings.Cut(text, ".")
	switch {
	case !pointed:
		p.without = true
	case !isThousands(whole, fraction):
		p.decimal = true
	case p.doubted == "":
		p.doubted, p.row = strings.Clone(text), row // which is good until the next block only
	}
}

// noteScales takes in plain numbers without their texts: which numbers of digits they have behind the point, a bit each. Those with
// three are noted by noteThird.
func (p *points) noteScales(seen uint64) {
	p.without = p.without || seen&1 != 0
	p.decimal = p.decimal || bits.OnesCount64(seen&^(1|1<<3)) > 0
	p.commas.parts = p.commas.parts || seen&^1 != 0
}

// noteThird takes in a plain number with three digits behind the point: its digits are those of coef.
func (p *points) noteThird(coef int64, row int) {
	const least, most = 1_000, 999_999
	switch n := max(coef, -coef); {
	case n < least || n > most:
		p.decimal = true
	case p.doubted == "":
		p.doubted, p.row = fmt.Sprintf("%d.%03d", coef/least, n%least), row
	}
}

// begin forgets a number whose block is added once more.
func (p *points) begin() {
	if p.place == "" {
		p.doubted = ""
	}
	if p.commas.place == "" {
		p.commas.doubted = ""
	}
}

// isThousands reports whether what stands before and behind a point can be a number of which it parts the thousands.
func isThousands(whole, fraction string) bool {
	const three, all = 3, "0123456789"
	digits := len(fraction) - len(strings.TrimLeft(fraction, all))
	from := len(strings.TrimRight(whole, all))
	n := len(whole) - from
	return digits == three && n >= 1 && n <= three && whole[from] != '0' && (from == 0 || whole[from-1] != ',' && whole[from-1] != '\'')
}

// tell warns where a column looks as if points parted thousands, or commas started decimals. commas says that they stand between the file's fields.
func (p *points) tell(req sdk.ReadRequest, column string, commas bool) {
	p.commas.tell(req, column, commas)
	if p.doubted != "" && p.without && !p.decimal {
		req.Warn("%s: %s in the column %q is read with decimals, but in all numbers of this column that have a point three digits stand behind it, as where points part thousands: if they do, set decimal = \",\"", p.place, p.doubted, column)
	}
}

// settle says where the doubted numbers stand of which that is not known yet. place says it of a row of the last block.
func (p *points) settle(place func(row int) string) {
	if p.doubted != "" && p.place == "" {
		p.place = place(p.row)
	}
	if p.commas.doubted != "" && p.commas.place == "" {
		p.commas.place = place(p.commas.row)
	}
}

// notePoints finds the places of numbers of the last block.
func (w *blockWriter) notePoints() {
	for i, c := range w.columns {
		if _, ok := c.(*numbersColumn); !ok {
			continue
		}
		if p := w.plan.reads[i].points; p != nil {
			p.settle(w.blocks.BlockPlace)
		}
	}
}
