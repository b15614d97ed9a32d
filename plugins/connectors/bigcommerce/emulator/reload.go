package emulator

import (
	"fmt"
	"os"
	"sync"
	"time"
)

// file is a catalogue's file, which is read again when it has changed.
type file struct {
	path string
	tell func(skus int, err error)

	mu       sync.Mutex
	modified time.Time
	size     int64
}

// Open returns a server for the catalogue in a file. When the file has changed, the next request is answered from what it
// says then: see Replace. tell is called after each change that was noticed, with how many SKUs there are now, or with
// why the file cannot be used; the server then goes on with what it had.
func Open(path string, tell func(skus int, err error), options ...Option) (*Server, error) {
	f := &file{path: path, tell: tell}
	if _, err := f.changed(); err != nil {
		return nil, err
	}
	catalog, err := Load(path)
	if err != nil {
		return nil, err
	}
	s, err := New(catalog, options...)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	s.file = f
	return s, nil
}

// SKUs returns how many variants the store sells.
func (s *Server) SKUs() int {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return len(s.index.variants) - len(s.catalog.Orphans)
}

// refresh reads the file again if it has changed.
func (s *Server) refresh() {
	f := s.file
	f.mu.Lock()
	defer f.mu.Unlock()
	changed, err := f.changed()
	if !changed && err == nil {
		return
	}
	if err == nil {
		var catalog *Catalog
		if catalog, err = Load(f.path); err == nil {
			if err = s.Replace(catalog); err != nil {
				err = fmt.Errorf("%s: %w", f.path, err)
			}
		}
	}
	f.tell(s.SKUs(), err)
}

// changed reports whether the file looks different from the last time. A file that is gone is told of once.
func (f *file) changed() (bool, error) {
	info, err := os.Stat(f.path)
	if err != nil {
		gone := f.size < 0
		f.size = -1
		if gone {
			err = nil
		}
		return false, err
	}
	changed := info.Size() != f.size || !info.ModTime().Equal(f.modified)
	f.size, f.modified = info.Size(), info.ModTime()
	return changed, nil
}
