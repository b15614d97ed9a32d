package history

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"math/bits"
	"runtime"
	"slices"
)

// foldedTexts are the texts of all items, without regard to case, one behind the other.
type foldedTexts struct {
	bytes []byte
	ends  []int // by item
}

func (f *foldedTexts) at(item uint32) []byte {
	from := 0
	if item > 0 {
		from = f.ends[item-1]
	}
	return f.bytes[from:f.ends[item]]
}

// ordered is an item that is sorted by its text. word are the eight bytes of that which are looked at, the first one highest; what is
// behind its end counts as 0.
type ordered struct {
	word uint64
	item uint32
}

// look sets the words of items to those at a place of their texts.
func (f *foldedTexts) look(list []ordered, at int) {
	for i := range list {
		text := f.at(list[i].item)
		text = text[min(at, len(text)):]
		if len(text) >= 8 {
			list[i].word = binary.BigEndian.Uint64(text)
			continue
		}
		var eight [8]byte
		copy(eight[:], text)
		list[i].word = binary.BigEndian.Uint64(eight[:])
	}
}

// sorted returns all items by their texts; those with the same are in their order.
func (f *foldedTexts) sorted() []uint32 {
	list := make([]ordered, len(f.ends))
	for i := range list {
		list[i].item = uint32(i)
	}
	at := f.common()
	f.look(list, at)
	list = sortByWords(list, make([]ordered, len(list)))
	workers := max(min(runtime.GOMAXPROCS(0), len(list)/fewTexts), 1)
	ends := make([]int, workers) // of each worker's part: no items that are alike so far are in two of them
	for w := range ends {
		end := len(list) * (w + 1) / workers
		for end < len(list) && end > 0 && list[end].word == list[end-1].word {
			end++
		}
		ends[w] = end
	}
	inParallel(workers, func(w int) {
		from := 0
		if w > 0 {
			from = ends[w-1]
		}
		f.sortAlike(list[from:max(from, ends[w])], at+8)
	})
	items := make([]uint32, len(list))
	for i, o := range list {
		items[i] = o.item
	}
	return items
}

// common returns how many bytes all texts begin with.
func (f *foldedTexts) common() int {
	if len(f.ends) == 0 {
		return 0
	}
	first := f.at(0)
	n := len(first)
	for i := range f.ends {
		text := f.at(uint32(i))
		n = min(n, len(text))
		if string(text[:n]) == string(first[:n]) {
			continue
		}
		for n = 0; text[n] == first[n]; {
			n++
		}
	}
	return n
}

// Of fewer texts that begin alike, or behind so many bytes, texts are compared two by two.
const (
	fewTexts = 24
	farText  = 1 << 10
)

// sortAlike sorts the items of each run of the list that have the same word, by the bytes of their texts from a place on.
func (f *foldedTexts) sortAlike(list []ordered, at int) {
	for len(list) > 0 {
		n := 1
		for n < len(list) && list[n].word == list[0].word {
			n++
		}
		if n > 1 {
			f.sortRun(list[:n], at)
		}
		list = list[n:]
	}
}

// sortRun sorts items whose texts are the same up to a place.
func (f *foldedTexts) sortRun(list []ordered, at int) {
	if len(list) < fewTexts || at > farText {
		slices.SortFunc(list, func(a, b ordered) int {
			return cmp.Or(bytes.Compare(f.at(a.item), f.at(b.item)), cmp.Compare(a.item, b.item))
		})
		return
	}
	ended, same := true, true
	length := len(f.at(list[0].item))
	for _, o := range list {
		n := len(f.at(o.item))
		ended, same = ended && n <= at, same && n == length
	}
	if ended && same {
		slices.SortFunc(list, func(a, b ordered) int { return cmp.Compare(a.item, b.item) })
		return
	}
	if ended { // some end with bytes 0
		slices.SortFunc(list, func(a, b ordered) int {
			return cmp.Or(len(f.at(a.item))-len(f.at(b.item)), cmp.Compare(a.item, b.item))
		})
		return
	}
	f.look(list, at)
	slices.SortFunc(list, func(a, b ordered) int { return cmp.Or(cmp.Compare(a.word, b.word), cmp.Compare(a.item, b.item)) })
	f.sortAlike(list, at+8)
}

// sortByWords sorts a list by its words, a digit at a time, the lowest first; items with the same word stay in their order. It uses both
// slices, and returns the one with the result.
func sortByWords(from, to []ordered) []ordered {
	var differ uint64
	for i := range from {
		differ |= from[i].word ^ from[0].word
	}
	const width = 11
	for differ != 0 {
		low := bits.TrailingZeros64(differ)
		const mask = 1<<width - 1
		differ &^= mask << low
		var begin [mask + 1]int
		for i := range from {
			begin[from[i].word>>low&mask]++
		}
		at := 0
		for digit, n := range begin {
			begin[digit] = at
			at += n
		}
		for i := range from {
			digit := from[i].word >> low & mask
			to[begin[digit]] = from[i]
			begin[digit]++
		}
		from, to = to, from
	}
	return from
}
