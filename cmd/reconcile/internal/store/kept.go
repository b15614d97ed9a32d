package store

import (
	"os"
	"path/filepath"

	"github.com/reconcilehq/reconcile/engine/replace"
)

// Exists reports whether there is a database for a data folder: in it, or on a server that the folder belongs to.
func Exists(dir string) bool {
	for _, name := range []string{databaseName, boundName} {
		if _, err := os.Lstat(filepath.Join(dir, name)); err == nil {
			return true
		}
	}
	return false
}

// Kept returns the files that are kept in the data folder at dir, for those who write others: the database with what belongs to
// it, the runs, and the journals of what was done to stores.
func Kept(dir string) []replace.Reading {
	var kept []replace.Reading
	for _, name := range []string{databaseName, databaseName + "-wal", databaseName + "-shm", headName, lockName, openingName, usingName, restoringName, boundName} {
		kept = append(kept, replace.Reading{Path: filepath.Join(dir, name), By: "a file of the data folder"})
	}
	for _, folder := range []string{"runs", JournalsFolder} {
		entries, _ := os.ReadDir(filepath.Join(dir, folder)) // where there is no folder, there is nothing
		for _, e := range entries {
			kept = append(kept, replace.Reading{Path: filepath.Join(dir, folder, e.Name()), By: "a file of the data folder"})
		}
	}
	return kept
}
