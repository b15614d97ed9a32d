// Package backup puts what a data folder keeps into one archive, while it is used, and back from it: the database, the head of the audit
// trail, the files of runs, and the journals of what was done to stores. Local Copies are not in it: a pull makes them anew.
//
// An archive is a tar. Behind the files stand manifest.json, which lists them with their sizes and hashes, and manifest.sha256, the hash of
// that: one that was cut off or changed anywhere is told from a whole one before anything of it is put in place.
package backup

import (
	"fmt"
	"regexp"
	"time"

	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/store"
)

// format is the version of archives that this program writes, and the newest that it reads.
const format = 1

const (
	manifestName = "manifest.json"
	sumName      = "manifest.sha256"
)

// manifest says what is in an archive.
type manifest struct {
	Format  int        `json:"format"`
	Version string     `json:"version"` // of the program
	Made    time.Time  `json:"made"`
	Head    store.Head `json:"head"` // of the audit trail
	Files   []file     `json:"files"`
	Missing []string   `json:"missing,omitempty"` // runs of which there was no file
}

type file struct {
	Name   string    `json:"name"`
	Size   int64     `json:"size"`
	SHA256 store.Sum `json:"sha256"`
}

// names are the files that an archive may have.
var names = regexp.MustCompile(`^(` + regexp.QuoteMeta(store.DatabaseFile) + `|` + regexp.QuoteMeta(store.HeadFile) + `|runs/[A-Za-z0-9][A-Za-z0-9-]*\.(run|changes)|` + store.JournalsFolder + `/[A-Za-z0-9][A-Za-z0-9-]*\.(journal|json))$`)

// largestManifest is how much of a manifest is read.
const largestManifest = 64 << 20

// DamageError says that an archive is not what was written.
type DamageError struct{ Path, What string }

// Error implements error.
func (e *DamageError) Error() string {
	return fmt.Sprintf("%s is damaged, or no backup: %s. Nothing was restored", e.Path, e.What)
}
