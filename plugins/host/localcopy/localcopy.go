// Package localcopy keeps Local Copies: what platforms told, record by record, in an SQLite database for each source, so
// that a run reads only what has changed since.
//
// A copy belongs to what its data depend on, an Identity: the connector and every setting that changes its records. It
// never belongs to a source's name. The package understands nothing of records; a connector makes items of them.
//
// What holds at any moment, whatever is killed when:
//
//  1. There is one good copy, or none: the state of the last pull that ended well. Readers see one such state to the end.
//  2. A pull writes beside the good copy, and takes its place in one transaction. What a pull has put before its last
//     checkpoint stays for the next one to go on from; the rest of a pull that breaks off is gone.
//  3. One process pulls at a time; the others wait for it.
//  4. What is read is what was written: each record, and how many there are, is checked as it is read. A copy that is
//     damaged, or of another version, is never read, and is made anew by the next pull.
package localcopy

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"time"
)

// Identity is what a copy's data depend on.
type Identity struct {
	Connector string
	// Settings are the settings that the records depend on, in an unambiguous form. They may hold secrets: they are never
	// written anywhere, only a keyed hash of them is.
	Settings []byte

	// What the records of a copy with these are good for; a copy with others is made anew.
	Kinds   []string // in the order in which they are read
	Version uint32   // of the records
}

// Info says what a copy holds.
type Info struct {
	Path        string
	Fields      []string         // that items made of it have
	Held        map[string]int64 // how many records, by kind
	RefreshedAt time.Time        // when the data were as they are
	FullAt      time.Time        // the same, of the last full pull
	FullDue     time.Time        // from when on a full pull is due; zero: never
	Size        int64            // of the database, in bytes
}

// Records returns how many records it holds.
func (i Info) Records() (n int64) {
	for _, held := range i.Held {
		n += held
	}
	return n
}

// Lacks returns those of the fields that items made of it do not have.
func (i Info) Lacks(fields []string) []string {
	var lacking []string
	for _, f := range fields {
		if !slices.Contains(i.Fields, f) {
			lacking = append(lacking, f)
		}
	}
	return lacking
}

// ErrNone is returned where there is no good copy: nothing was pulled yet, or never to the end.
var ErrNone = errors.New("there is no Local Copy yet")

// UnusableError says why a copy that is there cannot be read. The next pull makes it anew.
type UnusableError struct {
	Path   string
	Reason string // a clause: "the Local Copy in PATH is damaged (...)"
}

// Error says it of the file.
func (e *UnusableError) Error() string {
	return fmt.Sprintf("the Local Copy in %s %s", e.Path, e.Reason)
}

func damaged(path, format string, args ...any) error {
	return &UnusableError{Path: path, Reason: "is damaged (" + fmt.Sprintf(format, args...) + ")"}
}

// state is what is known of a copy's records; it is written along with them.
type state struct {
	Identity    string    `json:"identity"`
	Version     uint32    `json:"version"`
	Kinds       []string  `json:"kinds"`
	Fields      []string  `json:"fields"`
	Cursor      []byte    `json:"cursor"` // nil: the next pull is to be a full one
	RefreshedAt time.Time `json:"refreshed_at"`
	FullAt      time.Time `json:"full_at"`
	FullDue     time.Time `json:"full_due"`
	Generation  int64     `json:"generation"` // of the table that holds the records

	Tallies map[string]tally `json:"tallies"` // by kind
}

// tally is what the records of a kind add up to.
type tally struct {
	Records int64 `json:"records"`
	Sum     int64 `json:"sum"` // of their check sums
}

// staged is the state of a pull that has not ended.
type staged struct {
	Full       bool      `json:"full"`
	Fields     []string  `json:"fields"`
	Cursor     []byte    `json:"cursor"`
	BeganAt    time.Time `json:"began_at"`
	Base       int64     `json:"base"`       // the generation that it began from
	Generation int64     `json:"generation"` // of the table that a full pull writes
}

func (s *state) info(path string, size int64) Info {
	info := Info{Path: path, Fields: s.Fields, Held: s.held(), RefreshedAt: s.RefreshedAt, FullAt: s.FullAt, FullDue: s.FullDue, Size: size}
	return info
}

func (s *state) held() map[string]int64 {
	held := map[string]int64{}
	for kind, t := range s.Tallies {
		held[kind] = t.Records
	}
	return held
}

// fits returns why the copy is of no use to that identity; nil if it is.
func (s *state) fits(path string, id Identity, name string) error {
	switch {
	case s.Identity != name:
		return damaged(path, "it holds other data than its name says")
	case s.Version != id.Version:
		return &UnusableError{path, fmt.Sprintf("was made by another version of the connector (its records are of version %d, not %d)", s.Version, id.Version)}
	case cmp.Compare(len(s.Kinds), len(id.Kinds)) != 0 || !slices.Equal(s.Kinds, id.Kinds):
		return &UnusableError{path, fmt.Sprintf("was made by another version of the connector (its kinds of records are %q, not %q)", s.Kinds, id.Kinds)}
	}
	return nil
}
