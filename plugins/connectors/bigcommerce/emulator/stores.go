package emulator

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
)

// Stores answers for many stores, by the hash in a request's path. It is an http.Handler. Several stores can have one catalogue, which
// is in memory once: so none of them can be changed. Each has a quota of its own, and faults are counted store by store.
type Stores struct {
	options   func(hash string) []Option
	catalogue map[string]string  // its file, by the store's hash; "" for the sample
	loaded    map[string]*Server // by the catalogue's file
	none      *Server            // answers for stores that there are not

	mu    sync.Mutex
	asked map[string]*Server // by the store's hash
}

// OpenStores returns the stores in a list: a CSV file with the columns store_hash and catalog, which names a catalogue's JSON file, as seen
// from the list's folder; where it is empty the store is the sample. The list may have other columns. options returns how the store of a
// hash behaves. An error names the list or the catalogue, and what is wrong with it.
func OpenStores(list string, options func(hash string) []Option) (*Stores, error) {
	all := &Stores{options: options, catalogue: map[string]string{}, loaded: map[string]*Server{}, asked: map[string]*Server{}}
	if err := all.readList(list); err != nil {
		return nil, fmt.Errorf("%s: %w", list, err)
	}
	var err error
	if all.none, err = New(&Catalog{}); err != nil {
		return nil, err
	}
	for _, file := range all.catalogue {
		if all.loaded[file] == nil {
			if all.loaded[file], err = loadServer(file); err != nil {
				return nil, err
			}
		}
	}
	return all, nil
}

// readList reads which stores there are.
func (a *Stores) readList(list string) error {
	file, err := os.Open(list)
	if err != nil {
		return err
	}
	defer func() { _ = file.Close() }()
	rows, err := csv.NewReader(file).ReadAll()
	if err != nil {
		return err
	}
	if len(rows) == 0 {
		return errors.New("it has no line that names its columns")
	}
	hash, catalogue := slices.Index(rows[0], "store_hash"), slices.Index(rows[0], "catalog")
	if hash < 0 || catalogue < 0 {
		return errors.New("it needs the columns store_hash and catalog")
	}
	for i, row := range rows[1:] {
		name, path := row[hash], row[catalogue]
		if _, twice := a.catalogue[name]; twice || name == "" {
			return fmt.Errorf("row %d: the store_hash %q is empty, or there twice", i+2, name)
		}
		if path != "" && !filepath.IsAbs(path) {
			path = filepath.Join(filepath.Dir(list), path)
		}
		a.catalogue[name] = path
	}
	return nil
}

func loadServer(file string) (*Server, error) {
	load := func() (*Catalog, error) { return Load(file) }
	if file == "" {
		load = Sample
	}
	catalogue, err := load()
	if err != nil {
		return nil, err
	}
	s, err := New(catalogue)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	return s, nil
}

// Len returns how many stores there are.
func (a *Stores) Len() int { return len(a.catalogue) }

// ServeHTTP answers a request for the store that it is for.
func (a *Stores) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	hash, _, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/stores/"), "/")
	a.store(hash).ServeHTTP(w, r)
}

// store returns what answers for the store of a hash.
func (a *Stores) store(hash string) *Server {
	file, is := a.catalogue[hash]
	if !is {
		return a.none
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.asked[hash] == nil {
		a.asked[hash] = a.loaded[file].twin(a.options(hash))
	}
	return a.asked[hash]
}

// twin returns a server for another store with the same catalogue. Neither may be changed from then on: the twin has no routes for that.
func (s *Server) twin(options []Option) *Server {
	t := newServer(s.catalog, options)
	t.index, t.writing.token = s.index, t.token
	t.routes = t.reading()
	return t
}

// Listen starts serving on an address, as Server.Listen does.
func (a *Stores) Listen(ctx context.Context, address string) (*Running, error) {
	return listen(ctx, address, a)
}

// Traffic returns how many requests were made, and what the quotas of all stores were used for so far.
func (a *Stores) Traffic() (requests int, sum Traffic) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, s := range a.asked {
		t := s.Traffic()
		requests += s.Requests()
		sum.Allowed += t.Allowed
		sum.Refused += t.Refused
		sum.OthersAllowed += t.OthersAllowed
		sum.OthersRefused += t.OthersRefused
		sum.Windows += t.Windows
	}
	return requests, sum
}
