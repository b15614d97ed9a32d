// Package ledger has the plans and the journals of a data folder: which there are, and what is in them. It reads and writes files, and asks no
// store.
//
// A plan that was made by reconcile apply, or on the screen, is the file ID.json, and what was done of it the file ID.journal. Both are in
// one folder, which only its owner can enter. A plan that somebody has kept elsewhere has a journal alone here.
package ledger

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/reconcilehq/reconcile/engine/journal"
	"github.com/reconcilehq/reconcile/engine/plan"
	"github.com/reconcilehq/reconcile/engine/replace"

	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/store"
)

// ErrNone means that there is no such plan, or no such journal.
var ErrNone = errors.New("there is none of that name")

// How the names of files end.
const (
	planSuffix    = ".json"
	journalSuffix = ".journal"
)

// Ledger is the folder of plans and journals of a data folder. It may not be there yet.
type Ledger struct{ dir string }

// In returns the ledger of a data folder.
func In(data string) Ledger { return Ledger{filepath.Join(data, store.JournalsFolder)} }

// PlanPath returns where a plan is, there or not.
func (l Ledger) PlanPath(id string) string { return filepath.Join(l.dir, id+planSuffix) }

// JournalPath returns where a plan's journal is, there or not.
func (l Ledger) JournalPath(id string) string { return filepath.Join(l.dir, id+journalSuffix) }

// Plan reads a plan; ErrNone if there is none.
func (l Ledger) Plan(id string) (*plan.Plan, error) {
	if !plan.IsID(id) {
		return nil, ErrNone
	}
	p, err := ReadPlan(l.PlanPath(id))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, ErrNone
	}
	if err == nil && p.ID != id {
		return nil, fmt.Errorf("read the plan %s: it is the plan %s", l.PlanPath(id), p.ID)
	}
	return p, err
}

// ReadPlan reads a plan's file.
func ReadPlan(path string) (*plan.Plan, error) {
	file, err := replace.OpenToRead(path)
	if err != nil {
		return nil, fmt.Errorf("read the plan: %w", err)
	}
	defer func() { _ = file.Close() }() // it was only read
	p, err := plan.Decode(file)
	if err != nil {
		return nil, fmt.Errorf("read the plan %s: %w", path, err)
	}
	return p, nil
}

// Journal reads the journal of a plan; ErrNone if nobody has begun to carry it out.
func (l Ledger) Journal(id string) (*journal.Content, error) {
	if !plan.IsID(id) {
		return nil, ErrNone
	}
	c, err := journal.ReadFile(l.JournalPath(id))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, ErrNone
	}
	return c, err
}

// NewID returns a name for a plan that is made now.
func NewID(now time.Time) string {
	return now.UTC().Format("20060102-150405") + "-" + strings.ToLower(rand.Text()[:6])
}

// Keep keeps a plan, and returns where. Nobody else has its name, so that no lock is needed.
func (l Ledger) Keep(p *plan.Plan) (path string, err error) {
	if err := os.MkdirAll(l.dir, 0o700); err != nil {
		return "", fmt.Errorf("make the folder for plans: %w", err)
	}
	path = l.PlanPath(p.ID)
	out, err := replace.OpenPlain(path, 0o600)
	if err != nil {
		return "", err
	}
	if err := errors.Join(plan.Encode(out, p), out.Commit()); err != nil {
		return "", errors.Join(err, out.Discard())
	}
	return path, nil
}

// File is a plan or a journal in the folder.
type File struct {
	ID                    string
	PlanMade, JournalMade time.Time // when the file was written last; zero: there is none
	PlanSize, JournalSize int64
}

// Files returns what there is, the newest first. Their names begin with the time.
func (l Ledger) Files() ([]File, error) {
	entries, err := os.ReadDir(l.dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("list plans and journals: %w", err)
	}
	var list []File
	for _, e := range slices.Backward(entries) {
		id, isPlan := strings.CutSuffix(e.Name(), planSuffix)
		if !isPlan {
			isJournal := false
			if id, isJournal = strings.CutSuffix(e.Name(), journalSuffix); !isJournal {
				continue
			}
		}
		if !plan.IsID(id) {
			continue
		}
		info, err := e.Info()
		if err != nil {
			continue // it was removed meanwhile
		}
		if len(list) == 0 || list[len(list)-1].ID != id {
			list = append(list, File{ID: id})
		}
		f := &list[len(list)-1]
		if isPlan {
			f.PlanMade, f.PlanSize = info.ModTime(), info.Size()
		} else {
			f.JournalMade, f.JournalSize = info.ModTime(), info.Size()
		}
	}
	return list, nil
}

// oldAfter is how long a plan is kept that nobody has carried out. None is good for longer than a week.
const oldAfter = 30 * 24 * time.Hour

// Forget removes plans that nobody has carried out, and that have expired long ago. Journals, and their plans, stay.
func (l Ledger) Forget(now time.Time) error {
	files, err := l.Files()
	for _, f := range files {
		if f.JournalMade.IsZero() && now.Sub(f.PlanMade) > oldAfter {
			if gone := os.Remove(l.PlanPath(f.ID)); gone != nil && !errors.Is(gone, fs.ErrNotExist) {
				err = errors.Join(err, fmt.Errorf("remove an old plan: %w", gone))
			}
		}
	}
	return err
}
