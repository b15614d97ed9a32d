// Package localcopy keeps Local Copies: the records of a platform, in an SQLite database for each source. With one, a run
// asks the platform only for what has changed.
//
// A copy belongs to an Identity, which is everything that its data depend on: the connector and the settings that change
// the records. The name of the source does not matter. This package does not know what is in a record; the connector makes
// items of records.
//
// The following is always true, even if a process is killed:
//
//  1. There is one good copy, or none: the state after the last pull that succeeded. A reader sees one such state until it
//     closes the copy.
//  2. A pull writes beside the good copy, and replaces it in one transaction. If a pull stops, the next one can resume it
//     from its last checkpoint; what it wrote after that checkpoint is gone.
//  3. Only one process pulls at a time; the others wait.
//  4. Each record and the number of records are checked when they are read. A copy that is damaged or has another version
//     is never used; the next pull makes a new one.
package localcopy

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"time"
)

// Identity is everything that a copy's data depend on.
type Identity struct {
	Connector string
	// Settings are the settings that the records depend on, encoded so that different settings never look alike. They may
	// hold secrets: only a keyed hash of them is ever stored.
	Settings []byte

	// A copy with other Kinds or another Version is not used; the next pull makes a new one.
	Kinds   []string // the kinds of records, in the order in which they are read
	Version uint32   // the version of the records
}

// Info says what a copy holds.
type Info struct {
	Path        string
	Fields      []string         // the fields of items that are made of the records
	Held        map[string]int64 // the number of records, by kind
	RefreshedAt time.Time        // the time at which the platform had these data
	FullAt      time.Time        // RefreshedAt as it was after the last full pull
	FullDue     time.Time        // when the next full pull is due; zero: never
	Size        int64            // the size of the database, in bytes
}

// Records returns the number of all records in the copy.
func (i Info) Records() (n int64) {
	for _, held := range i.Held {
		n += held
	}
	return n
}

// Lacks returns those of the fields that the copy does not have.
func (i Info) Lacks(fields []string) []string {
	var lacking []string
	for _, f := range fields {
		if !slices.Contains(i.Fields, f) {
			lacking = append(lacking, f)
		}
	}
	return lacking
}

// ErrNone is returned if there is no good copy: no pull has succeeded yet.
var ErrNone = errors.New("there is no Local Copy yet")

// UnusableError says why an existing copy cannot be used. The next pull makes a new one.
type UnusableError struct {
	Path   string
	Reason string // a clause: "the Local Copy in PATH is damaged (...)"
}

// Error names the file and the reason.
func (e *UnusableError) Error() string {
	return fmt.Sprintf("the Local Copy in %s %s", e.Path, e.Reason)
}

func damaged(path, format string, args ...any) error {
	return &UnusableError{Path: path, Reason: "is damaged (" + fmt.Sprintf(format, args...) + ")"}
}

// state describes a copy. It is stored together with the records.
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

// tally is the number of records of a kind, and the sum of their check sums.
type tally struct {
	Records int64 `json:"records"`
	Sum     int64 `json:"sum"`
}

// pullState is the state of a pull that has not ended.
type pullState struct {
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

// fits returns nil if the copy can be used for the identity, and an error that says why not otherwise.
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
