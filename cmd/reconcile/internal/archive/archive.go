// Package archive keeps runs: of each a file (package history) and what changed since the run before it, in the data folder, and a row
// in the store. A run is there when its row is: a process that is killed leaves no half run, only files that the next one removes.
//
//	runs := archive.New(store, configPath, shop)
//	draft, err := runs.Begin(result, began)          // then draft.Result() is shown, which writes the file on the way
//	run, err := draft.Keep(ctx, history)             // or draft.Discard()
//	list, err := runs.List(ctx, reconciliation)
//	opened, err := runs.Open(run)                    // *history.Run
//	changes, err := runs.Changes(run)                // since when its findings are there, and which are new
package archive

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/gofrs/flock"

	"github.com/reconcilehq/reconcile/engine/history"
	"github.com/reconcilehq/reconcile/engine/replace"
	"github.com/reconcilehq/reconcile/engine/report"
	"github.com/reconcilehq/reconcile/rules"

	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/store"
)

// Archive are the runs of one configuration.
type Archive struct {
	store  *store.Store
	config string
	shop   string
	dir    string
}

// New returns the archive of the configuration at a path, for one shop if shop names one.
func New(s *store.Store, configPath, shop string) (*Archive, error) {
	path, err := Config(configPath)
	if err != nil {
		return nil, err
	}
	if shop != "" {
		path += " (" + shop + ")"
	}
	return &Archive{store: s, config: path, shop: shop, dir: filepath.Join(s.Dir(), folder)}, nil
}

// folder is where the files of runs are in a data folder.
const folder = "runs"

// Files returns the names of the files of a run, below a data folder.
func Files(id string) []string {
	return []string{filepath.Join(folder, id+runSuffix), filepath.Join(folder, id+changesSuffix)}
}

// Missing returns which file of a run a store's data folder lacks; "" if none.
func Missing(s *store.Store, id string) string {
	path := filepath.Join(s.Dir(), Files(id)[0])
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return path
	}
	return ""
}

// Lock keeps everybody from adding and removing runs of a store.
func Lock(ctx context.Context, s *store.Store) (unlock func(), err error) {
	a := &Archive{store: s, dir: filepath.Join(s.Dir(), folder)}
	if err := os.MkdirAll(a.dir, 0o700); err != nil {
		return nil, fmt.Errorf("make the folder of runs: %w", err)
	}
	return a.locked(ctx)
}

// What files of runs are called.
const (
	runSuffix     = ".run"
	changesSuffix = ".changes"
	lockName      = "lock"
)

// Path returns where the file of a run is.
func (a *Archive) Path(id string) string { return filepath.Join(a.dir, id+runSuffix) }

// Draft is a run that is about to be kept.
type Draft struct {
	archive *Archive
	id      string
	began   time.Time
	writer  *history.Writer
	result  *report.Result
}

// Begin begins to keep a result, which is to be a whole one.
func (a *Archive) Begin(result *report.Result, began time.Time) (*Draft, error) {
	if err := os.MkdirAll(a.dir, 0o700); err != nil {
		return nil, fmt.Errorf("make the folder of runs: %w", err)
	}
	// By their names runs are in the order in which they were made.
	id := began.UTC().Format("20060102-150405") + "-" + strings.ToLower(rand.Text()[:6])
	w, err := history.Create(a.Path(id), result)
	if err != nil {
		return nil, err
	}
	return &Draft{archive: a, id: id, began: began, writer: w, result: w.Follow()}, nil
}

// Result returns the result for whoever shows it: what is read of it is kept on the way.
func (d *Draft) Result() *report.Result { return d.result }

// Discard removes what was written. After Keep it does nothing.
func (d *Draft) Discard() error { return d.writer.Discard() }

// Keep makes a run of the draft, and removes runs that are too many or too old. Where the run has a name in spite of an error, it is kept,
// and others could not be removed.
func (d *Draft) Keep(ctx context.Context, keep rules.History) (store.Run, error) {
	return d.keep(ctx, keep, d.archive.store.AddRun)
}

// KeepFor is Keep for the run that a job came to, which is done with it. Where the job is another worker's by now nothing is kept, and that
// is store.ErrLost.
func (d *Draft) KeepFor(ctx context.Context, keep rules.History, j *store.Job) (store.Run, error) {
	return d.keep(ctx, keep, func(ctx context.Context, r *store.Run) error { return d.archive.store.AddRunOf(ctx, j, r) })
}

func (d *Draft) keep(ctx context.Context, keep rules.History, add func(context.Context, *store.Run) error) (store.Run, error) {
	a := d.archive
	unlock, err := a.locked(ctx)
	if err != nil {
		return store.Run{}, errors.Join(err, d.writer.Discard())
	}
	defer unlock()
	if err := d.writer.Close(); err != nil {
		return store.Run{}, err
	}
	r := store.Run{ID: d.id, Config: a.config, Reconciliation: d.result.Reconciliation, Began: d.began, Ended: time.Now(), Counts: CountsOf(d.result)}
	if err := a.compare(ctx, &r); err != nil {
		return store.Run{}, errors.Join(err, a.removeFiles(d.id))
	}
	if err := add(ctx, &r); err != nil {
		if a.store.Shared() && !errors.Is(err, store.ErrLost) {
			return store.Run{}, err // the connection may have ended after the run was kept: files without a row go later
		}
		return store.Run{}, errors.Join(err, a.removeFiles(d.id))
	}
	return r, a.prune(ctx, r.Reconciliation, keep)
}

// Fail notes that a try came to nothing.
func (a *Archive) Fail(ctx context.Context, reconciliation string, began time.Time, failure string) error {
	r := a.Failed(reconciliation, began)
	r.Failure = failure
	return a.store.AddRun(ctx, r)
}

// Failed returns what is kept of a try that came to nothing, but for why.
func (a *Archive) Failed(reconciliation string, began time.Time) *store.Run {
	return &store.Run{ID: "failed-" + rand.Text(), Config: a.config, Reconciliation: reconciliation, Began: began, Ended: time.Now()}
}

// Config returns what runs of the configuration at a path are kept by.
func Config(configPath string) (string, error) {
	path, err := filepath.Abs(configPath)
	if err != nil {
		return "", fmt.Errorf("find the configuration: %w", err)
	}
	if real, err := filepath.EvalSymlinks(path); err == nil {
		path = real
	}
	return path, nil
}

// List returns the complete runs of a reconciliation, of all if it is "", the newest first; at most so many, 0 for all.
func (a *Archive) List(ctx context.Context, reconciliation string, most int) ([]store.Run, error) {
	return a.store.Runs(ctx, a.config, reconciliation, false, most)
}

// Last returns the last complete run of a reconciliation, and the last try if that came to nothing after it; nil where there is none.
func (a *Archive) Last(ctx context.Context, reconciliation string) (run, failed *store.Run, err error) {
	list, err := a.store.Runs(ctx, a.config, reconciliation, true, 1)
	if err != nil || len(list) == 0 {
		return nil, nil, err
	}
	if list[0].Failure == "" {
		return &list[0], nil, nil
	}
	failed = &list[0]
	if list, err = a.store.Runs(ctx, a.config, reconciliation, false, 1); err != nil || len(list) == 0 {
		return nil, failed, err
	}
	return &list[0], failed, nil
}

// Find returns a run by its name, or by the beginning of it that no other has; store.ErrNoRun if there is none.
func (a *Archive) Find(ctx context.Context, id string) (store.Run, error) {
	r, err := a.store.FindRun(ctx, a.config, id)
	if !errors.Is(err, store.ErrNoRun) {
		return r, err
	}
	list, err := a.List(ctx, "", 0)
	if err != nil {
		return r, err
	}
	var found []store.Run
	for _, r := range list {
		if strings.HasPrefix(r.ID, id) {
			found = append(found, r)
		}
	}
	switch {
	case len(found) == 1 && id != "":
		return found[0], nil
	case len(found) > 1 && id != "":
		return r, fmt.Errorf("%d runs begin with %q: %s and %s, for example", len(found), id, found[0].ID, found[1].ID)
	}
	return r, fmt.Errorf("%w: %q", store.ErrNoRun, id)
}

// Open opens the file of a run, which is to be closed. The file does not say which shop it is of: the archive does.
func (a *Archive) Open(r store.Run) (*history.Run, error) {
	run, err := history.Open(a.Path(r.ID))
	if err != nil {
		return nil, err
	}
	run.About().Shop = a.shop
	return run, nil
}

// locked keeps other processes from adding and removing runs.
func (a *Archive) locked(ctx context.Context) (unlock func(), err error) {
	if a.store.Shared() {
		return a.store.LockRuns(ctx)
	}
	path := filepath.Join(a.dir, lockName)
	if err := replace.CheckPlace(path); err != nil {
		return nil, fmt.Errorf("lock the folder of runs: %w; remove what is there", err)
	}
	lock := flock.New(path, flock.SetPermissions(0o600))
	if err := lock.Lock(); err != nil {
		return nil, fmt.Errorf("lock the folder of runs: %w", err)
	}
	return func() { _ = lock.Close() }, nil
}

// prune removes the runs of a reconciliation that are too many or too old, and what killed processes have left.
func (a *Archive) prune(ctx context.Context, reconciliation string, keep rules.History) error {
	var before time.Time
	if keep.Age > 0 {
		before = time.Now().Add(-keep.Age)
	}
	removed, err := a.store.RemoveRuns(ctx, a.config, reconciliation, keep.Runs, before)
	if err != nil {
		return err
	}
	var errs []error
	for _, id := range removed {
		errs = append(errs, a.removeFiles(id))
	}
	if a.store.SweepDue() {
		errs = append(errs, a.sweep(ctx))
	}
	return errors.Join(errs...)
}

// abandoned is the age from which on a file that is being written is one that nobody writes any more.
const abandoned = 48 * time.Hour

// sweep removes files without a row. It is called with the lock, under which files get their rows.
func (a *Archive) sweep(ctx context.Context) error {
	list, err := os.ReadDir(a.dir)
	if err != nil {
		return fmt.Errorf("look for files that are left: %w", err)
	}
	complete, err := a.store.CompleteRuns(ctx)
	if err != nil {
		return err
	}
	there := make(map[string]bool, len(complete))
	for _, id := range complete {
		there[id] = true
	}
	var errs []error
	for _, f := range list {
		name := f.Name()
		path := filepath.Join(a.dir, name)
		if strings.HasPrefix(name, ".") && strings.HasSuffix(name, ".tmp") {
			if info, err := f.Info(); err == nil && time.Since(info.ModTime()) > abandoned {
				errs = append(errs, remove(path))
			}
			continue
		}
		id, isRun := strings.CutSuffix(name, runSuffix)
		if !isRun {
			if id, isRun = strings.CutSuffix(name, changesSuffix); !isRun {
				continue
			}
		}
		if !there[id] {
			errs = append(errs, remove(path))
		}
	}
	return errors.Join(errs...)
}

func (a *Archive) removeFiles(id string) error {
	return errors.Join(remove(a.Path(id)), remove(filepath.Join(a.dir, id+changesSuffix)))
}

func remove(path string) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("remove an old run: %w", err)
	}
	return nil
}
