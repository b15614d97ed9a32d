package store

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// The header of a database file: https://www.sqlite.org/fileformat.html#the_database_header.
const (
	headerSize    = 100
	applicationAt = 68 // four bytes, the highest first
)

var headerBegin = []byte("SQLite format 3\x00")

// checkFile returns an error where the file in the database's place is none of ours, before SQLite touches it: SQLite takes an empty
// file for a new database, and throws away the write-ahead log beside it.
func (s *Store) checkFile() error {
	const help = "put the data folder back from a backup with reconcile restore, or name another folder with --data"
	path := filepath.Join(s.dir, databaseName)
	header, err := readHeader(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		if trace := s.trace(); trace != "" {
			return fmt.Errorf("the database %s is not there any more, though %s beside it shows that it was: %s; to begin anew, move %s away", path, trace, help, trace)
		}
		return nil
	case err != nil:
		return fmt.Errorf("open the database: %w; name a folder that can be read with --data", err)
	case len(header) == 0:
		if trace := s.trace(); trace != "" {
			return fmt.Errorf("the database %s is empty (0 bytes), though %s beside it shows that it was not: %s; to begin anew, move both away", path, trace, help)
		}
		return nil // somebody was stopped who had begun to make it
	case len(header) < headerSize || !bytes.HasPrefix(header, headerBegin):
		return fmt.Errorf("%s is no database, or a damaged one: it does not begin as those of SQLite do; it was left as it is: %s", path, help)
	}
	if id := binary.BigEndian.Uint32(header[applicationAt:]); id != 0 && id != applicationID {
		return s.foreign()
	}
	return nil // where the number is 0, the newest may stand in the write-ahead log
}

// foreign is the error about a database that another program has made.
func (s *Store) foreign() error {
	return fmt.Errorf("%s is a database of another program: it was left as it is; name another folder with --data", filepath.Join(s.dir, databaseName))
}

// readHeader returns the first bytes of a file: as many as a header has, or all that there are.
func readHeader(path string) ([]byte, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	return io.ReadAll(io.LimitReader(file, headerSize))
}

// trace names a file that is there only where the database had something in it; "" if there is none.
func (s *Store) trace() string {
	for _, name := range []string{headName, databaseName + "-wal"} {
		if info, err := os.Stat(filepath.Join(s.dir, name)); err == nil && info.Size() > 0 {
			return name
		}
	}
	runs, _ := os.ReadDir(filepath.Join(s.dir, "runs"))
	for _, f := range runs {
		if strings.HasSuffix(f.Name(), ".run") {
			return filepath.Join("runs", f.Name())
		}
	}
	return ""
}
