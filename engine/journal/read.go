package journal

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"

	"github.com/reconcilehq/reconcile/engine/replace"
	"github.com/reconcilehq/reconcile/engine/strict"
)

// longestLine is how long a line can be: an intent of 2,000 keys, or an outcome with two long values.
const longestLine = 16 << 20

// DamagedError says that a journal is not as it was written.
type DamagedError struct {
	Line int
	Why  string
}

func (e *DamagedError) Error() string {
	return fmt.Sprintf("line %d is not as it was written (%s): somebody or something has changed the journal. It cannot be gone on with, since nobody knows what was sent; "+
		"compare the store with its readable lines, and make a new plan", e.Line, e.Why)
}

// ReadFile reads a journal, and changes nothing.
func ReadFile(path string) (*Content, error) {
	file, err := replace.OpenToRead(path)
	if err != nil {
		return nil, fmt.Errorf("read the journal: %w", err)
	}
	defer func() { _ = file.Close() }() // it was only read
	c, err := Read(file)
	if err != nil {
		return nil, fmt.Errorf("read the journal %s: %w", path, err)
	}
	return c, nil
}

// Read reads a journal to its end.
func Read(r io.Reader) (*Content, error) {
	c := &Content{}
	b := bufio.NewReaderSize(r, 64<<10)
	for n := 1; ; n++ {
		text, whole, err := nextLine(b)
		if err != nil {
			return nil, &DamagedError{n, err.Error()}
		}
		if !whole {
			c.CutOff = int64(len(text))
			break
		}
		if err := c.takeText(text); err != nil {
			var version *VersionError
			if errors.As(err, &version) {
				return nil, err
			}
			return nil, &DamagedError{n, err.Error()}
		}
	}
	if c.FormatVersion == "" {
		return nil, errors.New("it is no journal")
	}
	return c, nil
}

// nextLine returns the next line without its end; whole is false where it has none, at the end of the file.
func nextLine(b *bufio.Reader) (text []byte, whole bool, err error) {
	for {
		part, err := b.ReadSlice('\n')
		text = append(text, part...)
		switch {
		case err == nil:
			return bytes.TrimSuffix(text, []byte("\n")), true, nil
		case errors.Is(err, io.EOF):
			return text, false, nil
		case !errors.Is(err, bufio.ErrBufferFull):
			return nil, false, err
		case len(text) > longestLine:
			return nil, false, errors.New("it is too long")
		}
	}
}

// takeText takes a line as the file has it.
func (c *Content) takeText(text []byte) error {
	sum, object, ok := bytes.Cut(text, []byte(" "))
	hash := next(c.hash, object)
	if !ok || string(sum) != hex.EncodeToString(hash[:]) {
		return errors.New("its hash does not fit")
	}
	var l line
	if err := strict.Decode(object, &l); err != nil {
		return err
	}
	if err := c.take(l); err != nil {
		return err
	}
	c.hash = hash
	c.size += int64(len(text)) + 1
	return nil
}

// next returns the hash of a line behind one with the hash before.
func next(before [32]byte, object []byte) [32]byte {
	return sha256.Sum256(append(before[:], object...))
}

// add appends a line to text, as the file has it, and takes it.
func (c *Content) add(text []byte, l line) ([]byte, error) {
	object, err := l.text()
	if err != nil {
		return nil, err
	}
	hash := next(c.hash, object)
	whole := append([]byte(hex.EncodeToString(hash[:])+" "), object...)
	if err := c.takeText(whole); err != nil {
		return nil, err
	}
	return append(append(text, whole...), '\n'), nil
}
