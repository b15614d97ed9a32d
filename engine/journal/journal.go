package journal

import (
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/engine/change"
	"github.com/reconcilehq/reconcile/engine/replace"
)

// Journal is a journal that is written. It is for one goroutine, and one process at a time: the caller sees to that. It is to be closed.
type Journal struct {
	*Content
	file   File
	broken error // why nothing can be written any more
}

// File is what a journal is written to: an os.File, or in tests one whose disk is full.
type File interface {
	io.WriterAt
	io.Closer
	Sync() error
	Truncate(size int64) error
}

// WriteError says that a journal could not be written. Nothing may be sent then.
type WriteError struct{ Err error }

func (e *WriteError) Error() string {
	return "write the journal: " + e.Err.Error() + ". Nothing more is sent, since nobody would know of it"
}

// Unwrap returns the error of the file.
func (e *WriteError) Unwrap() error { return e.Err }

// Create makes the journal of a plan that nobody has carried out yet, and opens it. It is on disk whole, or not there. There must be none
// at the path.
func Create(path string, h Header, changes []Change) (*Journal, error) {
	if _, err := os.Lstat(path); err == nil {
		return nil, fmt.Errorf("write the journal: %s is there already", path)
	}
	h.FormatVersion = formatVersion
	c := &Content{}
	text, err := c.add(nil, line{Header: &h})
	if err != nil {
		return nil, fmt.Errorf("write the journal: %w", err)
	}
	for i := range changes {
		e, err := entryOf(&changes[i])
		if err == nil {
			text, err = c.add(text, line{Change: e})
		}
		if err != nil {
			return nil, fmt.Errorf("write the journal: %w", err)
		}
	}
	if err := replace.WritePlain(path, text, 0o600); err != nil {
		return nil, &WriteError{err}
	}
	return OpenFile(path)
}

func entryOf(c *Change) (*entry, error) {
	e := &entry{Key: c.Key, Step: c.Step, SKU: c.Item.SKU, ID: c.Item.ID, Name: c.Name, Field: c.Field, Type: c.Type.String()}
	var err error
	if e.Expected, err = c.Expected.MarshalJSON(); err != nil {
		return nil, err
	}
	e.Desired, err = c.Desired.MarshalJSON()
	return e, err
}

// OpenFile opens a journal to go on with it. What is cut off at its end is taken away.
func OpenFile(path string) (*Journal, error) {
	c, err := ReadFile(path)
	if err != nil {
		return nil, err
	}
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return nil, &WriteError{err}
	}
	j := On(f, c)
	if c.CutOff > 0 {
		if err := errors.Join(f.Truncate(c.size), f.Sync()); err != nil {
			return nil, errors.Join(&WriteError{err}, f.Close())
		}
	}
	return j, nil
}

// On returns the journal that goes on behind a content, in the file that holds it.
func On(f File, c *Content) *Journal { return &Journal{Content: c, file: f} }

// Begin notes who begins to carry out the plan, or goes on.
func (j *Journal) Begin(by string) error {
	return j.writeSynced(line{Begin: &begin{At: now(), By: by}})
}

// Intend notes that changes are about to be sent. When it returns nil, that is on disk.
func (j *Journal) Intend(keys []string) error {
	return j.writeSynced(line{Intent: &intent{At: now(), Keys: keys}})
}

// Conclude notes what became of a change. It is on disk after the next Sync.
func (j *Journal) Conclude(o change.Outcome) error {
	told := &outcome{At: now(), Key: o.Key, Kind: o.Kind, Reason: o.Reason}
	for _, seen := range []struct {
		v  catalog.Value
		to *[]byte
	}{{o.Before, (*[]byte)(&told.Before)}, {o.After, (*[]byte)(&told.After)}} {
		if seen.v.Type() == catalog.Invalid {
			continue
		}
		text, err := seen.v.MarshalJSON()
		if err != nil {
			return err
		}
		*seen.to = text
	}
	return j.write(line{Outcome: told})
}

// End notes that all was tried that could be.
func (j *Journal) End() error { return j.writeSynced(line{End: &end{At: now()}}) }

func now() time.Time { return time.Now().UTC() }

// Sync brings all that was noted to disk.
func (j *Journal) Sync() error {
	if j.broken != nil {
		return j.broken
	}
	if err := j.file.Sync(); err != nil {
		j.broken = &WriteError{err} // what is on disk now, nobody knows
	}
	return j.broken
}

// Close closes the file. What was noted since the last Sync may be lost if the machine stops.
func (j *Journal) Close() error { return j.file.Close() }

func (j *Journal) writeSynced(l line) error {
	if err := j.write(l); err != nil {
		return err
	}
	return j.Sync()
}

// write appends a line. After an error nothing can be written any more; what is in the file of that line is taken away, or cut off.
func (j *Journal) write(l line) error {
	if j.broken != nil {
		return j.broken
	}
	at := j.size
	text, err := j.add(nil, l)
	if err != nil {
		return fmt.Errorf("write the journal: %w", err)
	}
	if _, err := j.file.WriteAt(text, at); err != nil {
		j.broken = &WriteError{err}
		_ = j.file.Truncate(at) // what cannot be taken away is a line that is cut off
	}
	return j.broken
}
