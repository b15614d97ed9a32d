package history

import (
	"bytes"
	"encoding/binary"
	"runtime"
	"slices"
	"unicode/utf8"
)

// Search returns the positions of the items whose SKU or name has the text in it, without regard to case, in order. All items have the
// empty text.
func (r *Run) Search(text string) ([]int32, error) {
	if text == "" {
		return r.Filter(Filter{})
	}
	wanted := appendFolded(nil, []byte(text))
	blocks := len(r.blocks) / 2
	workers := max(min(runtime.GOMAXPROCS(0), blocks), 1)
	found, errs := make([][]int32, workers), make([]error, workers)
	inParallel(workers, func(w int) {
		found[w], errs[w] = r.searchBlocks(wanted, blocks*w/workers, blocks*(w+1)/workers)
	})
	for _, err := range errs {
		if err != nil {
			return nil, err
		}
	}
	return slices.Concat(found...), nil
}

func (r *Run) searchBlocks(wanted []byte, from, to int) (found []int32, err error) {
	var b block
	var scratch []byte
	var hits [blockItems]bool
	for number := from; number < to; number++ {
		if err := r.readBlock(&b, number); err != nil {
			return nil, err
		}
		clear(hits[:])
		scratch = b.skus.search(wanted, &hits, scratch)
		scratch = b.names.search(wanted, &hits, scratch)
		for i, hit := range hits[:b.n] {
			if hit {
				found = append(found, int32(number*blockItems+i))
			}
		}
	}
	return found, nil
}

// search marks the texts that have wanted in them. It returns scratch, for the next time.
func (c *column) search(wanted []byte, hits *[blockItems]bool, scratch []byte) []byte {
	scratch, ascii := appendLower(scratch[:0], c.text)
	item := 0
	for from := 0; item < len(c.ends); {
		at := bytes.Index(scratch[from:], wanted)
		if at < 0 {
			break
		}
		at += from
		for item < len(c.ends) && c.ends[item] <= at {
			item++
		}
		if item == len(c.ends) {
			break
		}
		if at+len(wanted) <= c.ends[item] {
			hits[item] = hits[item] || ascii || isASCII(c.at(item))
			from = c.ends[item] // one is enough
			item++
		} else {
			from = at + 1
		}
	}
	if ascii {
		return scratch
	}
	for i := range c.ends { // without regard to case other letters may have other lengths
		if text := c.at(i); !hits[i] && !isASCII(text) {
			scratch = appendFolded(scratch[:0], text)
			hits[i] = bytes.Contains(scratch, wanted)
		}
	}
	return scratch
}

// The highest bit of each of eight bytes, and what takes it from "A" on, and beyond "Z".
const (
	highBits = 0x8080808080808080
	fromA    = 0x3f3f3f3f3f3f3f3f
	beyondZ  = 0x2525252525252525
)

// appendLower appends a text with A to Z as small letters, eight bytes at a time. It reports whether that is all that there is to do:
// whether the text is ASCII.
func appendLower(dst, text []byte) (lower []byte, ascii bool) {
	from := len(dst)
	dst = append(dst, text...)
	var seen uint64
	b := dst[from:]
	for ; len(b) >= 8; b = b[8:] {
		eight := binary.LittleEndian.Uint64(b)
		seen |= eight
		low := eight &^ highBits
		capital := (low + fromA) &^ (low + beyondZ) &^ eight & highBits
		binary.LittleEndian.PutUint64(b, eight|capital>>2)
	}
	for i, c := range b {
		seen |= uint64(c)
		if 'A' <= c && c <= 'Z' {
			b[i] = c | 0x20
		}
	}
	return dst, seen&highBits == 0
}

func isASCII(text []byte) bool {
	for _, c := range text {
		if c >= utf8.RuneSelf {
			return false
		}
	}
	return true
}
