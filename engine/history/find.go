package history

import (
	"runtime"
	"slices"
)

// Find returns the positions of the items with exactly that SKU, in order. The first time it reads all SKUs; after that it looks only
// where one with the same fingerprint is.
func (r *Run) Find(sku string) ([]int32, error) {
	prints, err := r.prints()
	if err != nil {
		return nil, err
	}
	wanted := r.print([]byte(sku))
	var found []int32
	b := block{number: -1}
	for i, p := range prints {
		if p != wanted {
			continue
		}
		if number := i / blockItems; b.number != number {
			if err := r.readBlock(&b, number); err != nil {
				return nil, err
			}
		}
		if string(b.skus.at(i%blockItems)) == sku {
			found = append(found, int32(i))
		}
	}
	return found, nil
}

// nearBlocks is how many blocks before and behind a place are looked through.
const nearBlocks = 2

// FindNear is Find where the item is probably about where it was in another run: it first looks around that place. It returns the
// nearest one, and false if there is none anywhere.
func (r *Run) FindNear(sku string, position int) (int, bool, error) {
	nearest := func(found []int32) (int, bool, error) {
		if len(found) == 0 {
			return 0, false, nil
		}
		away := func(p int32) int { return max(int(p)-position, position-int(p)) }
		return int(slices.MinFunc(found, func(a, b int32) int { return away(a) - away(b) })), true, nil
	}
	at := min(max(position, 0), max(r.items-1, 0)) / blockItems
	var found []int32
	var b block
	for number := max(at-nearBlocks, 0); number <= at+nearBlocks && number < len(r.blocks)/2; number++ {
		if err := r.readBlock(&b, number); err != nil {
			return 0, false, err
		}
		for i := range b.n {
			if string(b.skus.at(i)) == sku {
				found = append(found, int32(number*blockItems+i))
			}
		}
	}
	if len(found) > 0 {
		return nearest(found)
	}
	found, err := r.Find(sku)
	if err != nil {
		return 0, false, err
	}
	return nearest(found)
}

// makePrints returns two bytes for each item: of a million, 15 or so have the same as one that is looked for.
func (r *Run) makePrints() ([]uint16, error) {
	prints := make([]uint16, r.items)
	blocks := len(r.blocks) / 2
	workers := max(min(runtime.GOMAXPROCS(0), blocks), 1)
	errs := make([]error, workers)
	inParallel(workers, func(w int) {
		var b block
		for number := blocks * w / workers; number < blocks*(w+1)/workers; number++ {
			if errs[w] = r.readBlock(&b, number); errs[w] != nil {
				return
			}
			for i := range b.n {
				prints[number*blockItems+i] = r.print(b.skus.at(i))
			}
		}
	})
	for _, err := range errs {
		if err != nil {
			return nil, err
		}
	}
	return prints, nil
}
