package spill

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
)

// File is a list of records that lies on disk: they are appended, then read from the first to the last. It is for one
// goroutine.
type File struct {
	file    *os.File
	pending []byte // records that are not written yet
	size    int64  // of those that are
	buffer  int
}

// Create makes an empty file, which holds up to buffer bytes in memory while it is written.
func (f *Folder) Create(buffer int) (*File, error) {
	name := strconv.FormatInt(f.files.Add(1), 10)
	file, err := os.OpenFile(filepath.Join(f.path, name), os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return nil, fmt.Errorf("keep on disk what does not fit memory: %w", err)
	}
	return &File{file: file, buffer: buffer}, nil
}

// Size returns how many bytes the records take.
func (f *File) Size() int64 { return f.size + int64(len(f.pending)) }

// Append appends a record. It keeps no reference to it.
func (f *File) Append(parts ...[]byte) error {
	n := 0
	for _, p := range parts {
		n += len(p)
	}
	if f.pending == nil {
		f.pending = make([]byte, 0, f.buffer+f.buffer/4)
	}
	f.pending = binary.AppendUvarint(f.pending, uint64(n))
	for _, p := range parts {
		if len(p) >= f.buffer { // it goes to the file as it is
			if err := f.write(); err != nil {
				return err
			}
			if err := f.toDisk(p); err != nil {
				return err
			}
			continue
		}
		f.pending = append(f.pending, p...)
	}
	if len(f.pending) >= f.buffer {
		return f.write()
	}
	return nil
}

// Flush writes what is in memory, and lets go of that memory for the time being.
func (f *File) Flush() error {
	err := f.write()
	f.pending = nil
	return err
}

func (f *File) write() error {
	if len(f.pending) == 0 {
		return nil
	}
	if err := f.toDisk(f.pending); err != nil {
		return err
	}
	f.pending = f.pending[:0]
	return nil
}

func (f *File) toDisk(b []byte) error {
	n, err := f.file.Write(b)
	f.size += int64(n)
	if err != nil {
		return fmt.Errorf("keep on disk what does not fit memory: %w", err)
	}
	return nil
}

// Read returns the records from the first on. Nothing is appended after it.
func (f *File) Read(buffer int) (*Reader, error) {
	if err := f.Flush(); err != nil {
		return nil, err
	}
	return &Reader{left: f.size, in: bufio.NewReaderSize(io.NewSectionReader(f.file, 0, f.size), buffer)}, nil
}

// Remove closes the file and removes it.
func (f *File) Remove() error {
	name := f.file.Name()
	f.pending = nil
	if err := f.file.Close(); err != nil {
		return err
	}
	return os.Remove(name)
}

// Reader reads the records of a File.
type Reader struct {
	in     *bufio.Reader
	left   int64 // bytes that are still to come
	record []byte
}

// Next returns the next record, which the call after it overwrites, or io.EOF when there is none left.
func (r *Reader) Next() ([]byte, error) {
	if r.left == 0 {
		return nil, io.EOF
	}
	n, err := binary.ReadUvarint(r.in)
	if err == nil && int64(n) > r.left {
		err = fmt.Errorf("a record of %d bytes where %d are left", n, r.left)
	}
	if err != nil { // also if it is io.EOF: somebody has cut the file short
		return nil, fmt.Errorf("read what was kept on disk: %w", unexpected(err))
	}
	if uint64(cap(r.record)) < n {
		r.record = make([]byte, n+n/4)
	}
	record := r.record[:n]
	if _, err := io.ReadFull(r.in, record); err != nil {
		return nil, fmt.Errorf("read what was kept on disk: %w", unexpected(err))
	}
	r.left -= int64(uvarintSize(n)) + int64(n)
	return record, nil
}

// unexpected makes an end that comes too early an error that nobody takes for the end.
func unexpected(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

func uvarintSize(n uint64) int {
	size := 1
	for ; n >= 0x80; n >>= 7 {
		size++
	}
	return size
}
