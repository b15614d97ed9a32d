package localcopy

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"os"
	"time"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
	"modernc.org/sqlite/vfs"

	"github.com/reconcilehq/reconcile/engine/replace"
)

// SQLite writes even where it only reads: it keeps a file that its processes share, and brings the log into the database. On
// a full disk, or one that is read-only, it cannot. So there the copy is read as it lies: pages from the log where that has
// committed them, all others from the database, and nothing is written.

// needsRoom reports whether reading has failed because something could not be written.
func needsRoom(err error) bool {
	var failed *sqlite.Error
	if !errors.As(err, &failed) {
		return false
	}
	switch failed.Code() & 0xff {
	case sqlite3.SQLITE_FULL, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM, sqlite3.SQLITE_IOERR:
		return true
	}
	return false
}

// stillName is what SQLite knows the files of a still as.
const stillName = "copy.db"

// still is a database as it lies on disk, with its log: a file system of one file.
type still struct {
	main, log *os.File // log is nil where there is none
	wal       *wal     // nil where nothing is committed in the log
	size      int64
	was       [2]stamp // of the two when they were opened
}

// stamp is what changes when a file is written.
type stamp struct {
	size int64
	at   time.Time
}

// openStill opens the database at path for reading as it lies.
func openStill(ctx context.Context, path string) (*database, error) {
	files, err := newStill(path)
	if err != nil {
		return nil, err
	}
	name, system, err := vfs.New(files)
	if err != nil {
		files.close()
		return nil, fmt.Errorf("open the Local Copy %s: %w", path, err)
	}
	db := &database{path: path, still: files, release: func() {
		_ = system.Close()
		files.close()
	}}
	query := url.Values{"vfs": {name}, "immutable": {"1"}, "_pragma": {"cache_size(-65536)", "temp_store(MEMORY)"}}
	if err := db.connect(ctx, "file:"+stillName+"?"+query.Encode()); err != nil {
		return nil, err
	}
	return db, db.closeIf(db.check(ctx, false))
}

func newStill(path string) (_ *still, err error) {
	s := &still{}
	defer func() {
		if err != nil {
			s.close()
		}
	}()
	if s.main, err = replace.OpenToRead(path); err != nil {
		return nil, fmt.Errorf("read the Local Copy: %w", err)
	}
	if s.log, err = replace.OpenToRead(path + "-wal"); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("read the log beside the Local Copy: %w", err)
	}
	if s.was, err = s.stamps(); err != nil {
		return nil, err
	}
	s.size = s.was[0].size
	if s.log != nil {
		if s.wal, err = readWAL(io.NewSectionReader(s.log, 0, s.was[1].size)); err != nil {
			return nil, err
		}
	}
	if s.wal != nil {
		s.size = s.wal.count * s.wal.pageSize
	}
	return s, nil
}

func (s *still) close() {
	for _, file := range []*os.File{s.main, s.log} {
		if file != nil {
			_ = file.Close()
		}
	}
}

func (s *still) stamps() (now [2]stamp, err error) {
	for i, file := range []*os.File{s.main, s.log} {
		if file == nil {
			continue
		}
		info, err := file.Stat()
		if err != nil {
			return now, fmt.Errorf("look at the Local Copy: %w", err)
		}
		now[i] = stamp{info.Size(), info.ModTime()}
	}
	return now, nil
}

// unchanged returns an error where somebody has written meanwhile: what was read may be of two states.
func (s *still) unchanged(path string) error {
	now, err := s.stamps()
	if err == nil && now != s.was {
		err = fmt.Errorf("the Local Copy %s was written while it was read: try again", path)
	}
	return err
}

// ReadAt reads from the database as it was committed.
func (s *still) ReadAt(p []byte, at int64) (n int, err error) {
	for n < len(p) && err == nil {
		var more int
		more, err = s.readPart(p[n:], at+int64(n))
		n += more
	}
	for i := range p[:n] { // it says that it goes with a log: of that, SQLite is to know nothing
		if offset := at + int64(i); (offset == 18 || offset == 19) && p[i] == 2 {
			p[i] = 1
		} else if offset > 19 {
			break
		}
	}
	return n, err
}

// readPart reads from at on, as far as that lies in one piece.
func (s *still) readPart(p []byte, at int64) (int, error) {
	if at >= s.size {
		return 0, io.EOF
	}
	p = p[:min(int64(len(p)), s.size-at)]
	if s.wal == nil {
		return s.main.ReadAt(p, at)
	}
	within := at % s.wal.pageSize
	p = p[:min(int64(len(p)), s.wal.pageSize-within)]
	if from, ok := s.wal.pages[uint32(at/s.wal.pageSize)+1]; ok {
		return s.log.ReadAt(p, from+within)
	}
	return s.main.ReadAt(p, at)
}

// Open implements fs.FS: there is the database, and nothing beside it.
func (s *still) Open(name string) (fs.File, error) {
	if name != stillName {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
	}
	return &stillFile{SectionReader: io.NewSectionReader(s, 0, s.size), of: s}, nil
}

// stillFile is the database, opened.
type stillFile struct {
	*io.SectionReader
	of *still
}

// Stat implements fs.File.
func (f *stillFile) Stat() (fs.FileInfo, error) { return stillInfo{f.of.size}, nil }

// Close implements fs.File. The files are closed with the database.
func (f *stillFile) Close() error { return nil }

// stillInfo is what SQLite asks about the database.
type stillInfo struct{ size int64 }

// Name, Size, Mode, ModTime, IsDir and Sys implement fs.FileInfo.
func (i stillInfo) Name() string       { return stillName }
func (i stillInfo) Size() int64        { return i.size }
func (i stillInfo) Mode() fs.FileMode  { return 0o400 }
func (i stillInfo) ModTime() time.Time { return time.Time{} }
func (i stillInfo) IsDir() bool        { return false }
func (i stillInfo) Sys() any           { return nil }

// connect opens the database's one connection. After an error everything is closed.
func (db *database) connect(ctx context.Context, uri string) (err error) {
	if db.pool, err = sql.Open("sqlite", uri); err != nil {
		db.Close()
		return fmt.Errorf("open the Local Copy %s: %w", db.path, err)
	}
	db.pool.SetMaxOpenConns(1)
	db.Conn, err = db.pool.Conn(ctx)
	return db.closeIf(err)
}

// closeIf closes the database after an error, which it returns in words.
func (db *database) closeIf(err error) error {
	if err == nil {
		return nil
	}
	db.Close()
	return db.explain(err)
}
