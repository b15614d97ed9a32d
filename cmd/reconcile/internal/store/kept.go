package store

import (
	"os"
	"path/filepath"

	"github.com/reconcilehq/reconcile/engine/replace"
)

// Kept returns the files that are kept in the data folder at dir, for those who write others: the database with what belongs to
// it, and the runs.
func Kept(dir string) []replace.Reading {
	var kept []replace.Reading
	for _, name := range []string{databaseName, databaseName + "-wal", databaseName + "-shm", headName, lockName, openingName, usingName, restoringName, boundName} {
		kept = append(kept, replace.Reading{Path: filepath.Join(dir, name), By: "a file of the data folder"})
	}
	runs := filepath.Join(dir, "runs")
	entries, _ := os.ReadDir(runs) // where there is no folder, there is no run
	for _, e := range entries {
		kept = append(kept, replace.Reading{Path: filepath.Join(runs, e.Name()), By: "a file of the data folder"})
	}
	return kept
}
