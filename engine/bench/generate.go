package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// columns are the catalogue's columns, in their usual order.
var columns = []string{"sku", "name", "brand", "price", "qoh", "options"}

// form is a way to write the same catalogue.
type form struct {
	name   string
	order  []int // the columns' places in columns
	quoted bool  // every field
	end    string

	differing int // how many of a hundred items that are on both sides differ in a column

	sorted bool // the right file is in the left one's order
	keyed  bool // items are paired by keyText: half of the right file's SKUs are in small letters, with a blank behind
	more   int  // columns that no rule reads
	wide   bool // with texts as descriptions have them
	items  int  // how many there are, whatever is asked for; 0: as many as is asked for
}

// keyText is the key of catalogues that are keyed, in the configuration; peerKey is that for the peer.
const (
	keyText = "upper(trimspace(item.sku))"
	peerKey = "upper(trim(%.sku))"
)

// usual is how many items of a hundred differ in a shop that is looked after.
const usual = 5

var usualOrder = []int{0, 1, 2, 3, 4, 5}

// red is what a shop may see that compares for the first time.
var red = form{name: "three of four differ", order: usualOrder, end: "\n", differing: 75}

// forms are what is measured; all but the last few have the same items.
var forms = []form{
	{name: "plain", order: usualOrder, end: "\n", differing: usual},
	{name: "other order", order: []int{4, 1, 5, 0, 3, 2}, end: "\n", differing: usual},
	{name: "all quoted", order: usualOrder, quoted: true, end: "\n", differing: usual},
	{name: "CRLF", order: usualOrder, end: "\r\n", differing: usual},
	{name: "sorted", order: usualOrder, end: "\n", differing: usual, sorted: true},
	{name: "key of an expression", order: usualOrder, end: "\n", differing: usual, keyed: true},
	{name: "26 columns", order: usualOrder, end: "\n", differing: usual, more: 20},
	{name: "26 wide columns", order: usualOrder, end: "\n", differing: usual, more: 20, wide: true},
	{name: "few", order: usualOrder, end: "\n", differing: usual, items: 10_000},
}

// truth is the number of rows that differ: for each column those that differ in that column alone, and for each side those
// that are on that side alone.
type truth map[string]int

// catalogue is a pair of lists of n items each. One percent of the items are on one side only; of those on both, some differ in one
// column. Every run of this program makes the same.
type catalogue struct {
	n     int
	fates []int8 // by item: 0: equal, 1 to 5: that column differs, or onlyLeft, onlyRight
}

const (
	onlyLeft  = -1
	onlyRight = -2
)

func newCatalogue(n, differing int) *catalogue {
	alone := n / 100
	c := &catalogue{n, make([]int8, n+alone)}
	for i, item := range rand.New(rand.NewPCG(uint64(n), 1)).Perm(len(c.fates)) {
		switch {
		case i < alone:
			c.fates[item] = onlyLeft
		case i < 2*alone:
			c.fates[item] = onlyRight
		case i < 2*alone+(n-alone)*differing/100:
			c.fates[item] = int8(1 + i%5)
		}
	}
	return c
}

func (c *catalogue) truth() truth {
	t := truth{}
	for _, fate := range c.fates {
		switch {
		case fate == onlyLeft:
			t["left_only"]++
		case fate == onlyRight:
			t["right_only"]++
		case fate > 0:
			t[columns[fate]]++
		}
	}
	return t
}

var (
	kinds   = []string{"Classic", "Alloy", "Carbon", "Kids", "Trail", "Road", "Pro", "Deluxe"}
	things  = []string{"Helmet", "Bell", "Jersey", "Gloves", "Tyre, folding", `Light "LED"`, "Lock", "Pump"}
	sizes   = []string{"XS", "S", "M", "L", "XL"}
	colours = []string{"Red", "Blue", "Black", "White", "Green"}
)

// item writes the values of an item, as the left side has them, into row; wide says that other columns have long texts.
func item(i int, row []string, wide bool) {
	r := rand.New(rand.NewPCG(uint64(i), 2))
	row[0] = fmt.Sprintf("SKU-%08d", i*7+13)
	row[1] = fmt.Sprintf("%s %s %d", kinds[r.IntN(len(kinds))], things[r.IntN(len(things))], r.IntN(9000))
	row[2] = fmt.Sprintf("Brand %03d", r.IntN(400))
	row[3] = fmt.Sprintf("%d.%02d", 1+r.IntN(999), r.IntN(100))
	row[4] = fmt.Sprint(r.IntN(120) - 5)
	row[5] = "Size:" + sizes[r.IntN(len(sizes))] + "|Color:" + colours[r.IntN(len(colours))]
	for at := len(columns); at < len(row); at++ {
		row[at] = fmt.Sprintf("v%d", r.IntN(100_000))
		if wide {
			row[at] += fmt.Sprintf(" for a %s in %s and size %s", kinds[r.IntN(len(kinds))], colours[r.IntN(len(colours))], sizes[r.IntN(len(sizes))])
		}
	}
}

// change makes the one column differ.
func change(row []string, column int8) {
	switch columns[column] {
	case "name":
		row[1] += " " + row[0]
	case "brand":
		row[2] += " Inc"
	case "price":
		row[3] = "1" + row[3]
	case "qoh":
		row[4] += "1"
	case "options":
		row[5] += "|Fit:Slim"
	}
}

// write writes left.csv and right.csv, the right one in another order, and truth.json.
func (c *catalogue) write(dir string, f form) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	order := rand.New(rand.NewPCG(uint64(c.n), 3)).Perm(len(c.fates))
	if f.sorted {
		slices.Sort(order)
	}
	row := make([]string, len(columns)+f.more)
	left := func(i int) []string {
		if c.fates[i] == onlyRight {
			return nil
		}
		item(i, row, f.wide)
		return row
	}
	right := func(i int) []string {
		if i = order[i]; c.fates[i] == onlyLeft {
			return nil
		}
		item(i, row, f.wide)
		if c.fates[i] > 0 {
			change(row, c.fates[i])
		}
		if f.keyed && i%2 == 0 {
			row[0] = strings.ToLower(row[0]) + " "
		}
		return row
	}
	if err := f.write(filepath.Join(dir, "left.csv"), len(c.fates), left); err != nil {
		return err
	}
	if err := f.write(filepath.Join(dir, "right.csv"), len(c.fates), right); err != nil {
		return err
	}
	text, err := json.Marshal(c.truth())
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, "truth.json"), append(text, '\n'), 0o644)
}

// write writes a header and the rows that are not nil.
func (f form) write(path string, n int, row func(i int) []string) (err error) {
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	defer func() {
		if closing := file.Close(); err == nil {
			err = closing
		}
	}()
	w := bufio.NewWriterSize(file, 1<<20)
	header := slices.Clone(columns)
	for i := range f.more {
		header = append(header, fmt.Sprintf("more_%02d", i+1))
	}
	f.line(w, header)
	for i := range n {
		if cells := row(i); cells != nil {
			f.line(w, cells)
		}
	}
	return w.Flush() // which has the error of every write before it
}

func (f form) line(w *bufio.Writer, cells []string) {
	for i := range cells {
		column := i
		if i < len(f.order) {
			column = f.order[i]
		}
		if i > 0 {
			_ = w.WriteByte(',')
		}
		if cell := cells[column]; f.quoted || strings.ContainsAny(cell, `",`) {
			_, _ = w.WriteString(`"` + strings.ReplaceAll(cell, `"`, `""`) + `"`)
		} else {
			_, _ = w.WriteString(cell)
		}
	}
	_, _ = w.WriteString(f.end)
}
