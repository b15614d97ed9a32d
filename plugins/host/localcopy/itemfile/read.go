package itemfile

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"slices"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/engine/replace"
	"github.com/reconcilehq/reconcile/plugins/proto"
)

// mostBatches is in how many batches items are looked up. Where they lie in more, all may as well be made anew.
const mostBatches = 64

// Find returns the items whose SKU has one of the looks, or whose parent's SKU has, in their order. The error is ErrUnfit if the
// file at path is not of this state and these fields, or not as it was written.
func Find(path string, state []byte, asked *catalog.Schema, looks []string) ([]*catalog.Batch, About, error) {
	file, err := replace.OpenToRead(path)
	if err != nil {
		return nil, About{}, fmt.Errorf("%w: %w", ErrUnfit, err)
	}
	defer func() { _ = file.Close() }()
	d, err := readDirectory(file)
	if err != nil {
		return nil, About{}, err
	}
	if !bytes.Equal(d.State, state) || !slices.Equal(d.Fields, fieldsOf(asked)) {
		return nil, About{}, ErrUnfit
	}
	wanted, err := d.batchesWith(file, looks)
	if err != nil {
		return nil, About{}, err
	}
	sieve := catalog.NewSieve(looks)
	var found []*catalog.Batch
	for _, p := range wanted {
		text, err := p.read(file)
		if err != nil {
			return nil, About{}, err
		}
		b, err := proto.DecodeBatch(text, asked)
		if err != nil {
			return nil, About{}, fmt.Errorf("%w: %w", ErrUnfit, err)
		}
		if rows := sieve.Rows(nil, b); len(rows) > 0 {
			found = append(found, b.Take(rows))
		}
	}
	return found, d.About, nil
}

func readDirectory(file *os.File) (*directory, error) {
	info, err := file.Stat()
	if err != nil || info.Size() < endSize {
		return nil, ErrUnfit
	}
	var end [endSize]byte
	if _, err := file.ReadAt(end[:], info.Size()-endSize); err != nil || string(end[8:]) != mark {
		return nil, ErrUnfit
	}
	p := part{Size: int64(binary.LittleEndian.Uint32(end[:])), Sum: binary.LittleEndian.Uint32(end[4:])}
	if p.At = info.Size() - endSize - p.Size; p.At < 0 {
		return nil, ErrUnfit
	}
	text, err := p.read(file)
	if err != nil {
		return nil, err
	}
	var d directory
	if err := json.Unmarshal(text, &d); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrUnfit, err)
	}
	return &d, nil
}

// read reads a part, and checks that it is what was written.
func (p part) read(from io.ReaderAt) ([]byte, error) {
	text, err := io.ReadAll(io.NewSectionReader(from, p.At, p.Size))
	if err != nil || int64(len(text)) != p.Size || sum(text) != p.Sum {
		return nil, ErrUnfit
	}
	return text, nil
}

// batchesWith returns the batches that may have an item with one of the looks.
func (d *directory) batchesWith(file *os.File, looks []string) (some []part, err error) {
	wanted := map[uint64]bool{}
	for _, look := range looks {
		wanted[number(look)] = true
	}
	text, err := d.Looks.read(file)
	if err != nil {
		return nil, err
	}
	for _, p := range d.Batches {
		if len(text) < 8*p.Looks {
			return nil, ErrUnfit
		}
		for i := range p.Looks {
			if wanted[binary.LittleEndian.Uint64(text[8*i:])] {
				some = append(some, p)
				break
			}
		}
		text = text[8*p.Looks:]
	}
	if len(some) > mostBatches {
		return nil, ErrUnfit
	}
	return some, nil
}
