package itemfile

import (
	"encoding/binary"
	"fmt"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/engine/replace"
	"github.com/reconcilehq/reconcile/plugins/proto"
)

// Writer writes a file. After an error it does nothing more; Commit and Discard end it.
type Writer struct {
	file      *replace.File
	directory directory
	looks     []byte
	at        int64
	err       error
}

// Create begins the file at path, of items with some fields. state is everything that they are made of.
func Create(path string, state []byte, asked *catalog.Schema) (*Writer, error) {
	file, err := replace.OpenPlain(path, 0o600)
	if err != nil {
		return nil, fmt.Errorf("keep the items of the Local Copy: %w", err)
	}
	return &Writer{file: file, directory: directory{State: state, Fields: fieldsOf(asked)}}, nil
}

// fieldsOf names the fields with their types.
func fieldsOf(schema *catalog.Schema) (names []string) {
	for _, f := range schema.Fields() {
		names = append(names, f.Name+" "+f.Type.String())
	}
	return names
}

// Add writes a batch, which it does not keep.
func (w *Writer) Add(b *catalog.Batch) {
	text, err := proto.EncodeBatch(b)
	if err != nil {
		w.fail(err)
		return
	}
	p := w.write(text)
	looksOf(b, func(look string) {
		w.looks = binary.LittleEndian.AppendUint64(w.looks, number(look))
		p.Looks++
	})
	w.directory.Batches = append(w.directory.Batches, p)
}

// Tell takes what was told.
func (w *Writer) Tell(t Told) {
	if w.directory.About.Told = append(w.directory.About.Told, t); len(w.directory.About.Told) > mostTold {
		w.fail(fmt.Errorf("keep the items of the Local Copy: more than %d things were told of them", mostTold))
		w.directory.About.Told = nil
	}
}

func (w *Writer) write(text []byte) part {
	p := part{At: w.at, Size: int64(len(text)), Sum: sum(text)}
	if w.err == nil {
		if _, err := w.file.Write(text); err != nil {
			w.fail(err)
		}
	}
	w.at += p.Size
	return p
}

func (w *Writer) fail(err error) {
	if w.err == nil {
		w.err = err
	}
}

// Commit ends the file, which takes the place of the one before. about has the counts of the whole read.
func (w *Writer) Commit(about About) error {
	about.Told = w.directory.About.Told
	w.directory.About = about
	w.directory.Looks = w.write(w.looks)
	text, err := w.directory.text()
	if err != nil {
		w.fail(err)
	}
	p := w.write(text)
	end := binary.LittleEndian.AppendUint32(nil, uint32(p.Size))
	end = binary.LittleEndian.AppendUint32(end, p.Sum)
	w.write(append(end, mark...))
	if w.err != nil {
		w.Discard()
		return w.err
	}
	if err := w.file.Commit(); err != nil {
		w.Discard()
		return err
	}
	return nil
}

// Discard leaves the file before as it is.
func (w *Writer) Discard() { _ = w.file.Discard() }
