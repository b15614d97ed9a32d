package history

import (
	"bytes"
	"runtime"
	"slices"
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
	scratch = append(scratch[:0], c.text...)
	for i, char := range scratch {
		switch {
		case char >= 0x80: // without regard to case they may have other lengths
			for i := range c.ends {
				scratch = appendFolded(scratch[:0], c.at(i))
				hits[i] = hits[i] || bytes.Contains(scratch, wanted)
			}
			return scratch
		case 'A' <= char && char <= 'Z':
			scratch[i] = char | 0x20
		}
	}
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
			hits[item] = true
			from = c.ends[item] // one is enough
			item++
		} else {
			from = at + 1
		}
	}
	return scratch
}
