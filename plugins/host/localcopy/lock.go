package localcopy

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"

	"github.com/gofrs/flock"

	"github.com/reconcilehq/reconcile/engine/replace"
)

// lockPoll is how long a waiting process sleeps before it tries the lock again.
const lockPoll = 50 * time.Millisecond

// lockFile waits for a lock that others hold only for moments.
func lockFile(path string) (*flock.Flock, error) {
	if err := replace.CheckPlace(path); err != nil {
		return nil, explainLock(path, err)
	}
	lock := flock.New(path, flock.SetPermissions(0o600))
	if err := lock.Lock(); err != nil {
		return nil, explainLock(path, err)
	}
	return lock, nil
}

// lockToPull takes the lock that a process holds while it pulls. If another process has it, lockToPull calls waiting and
// then waits.
func lockToPull(ctx context.Context, path string, waiting func()) (lock *flock.Flock, waited bool, err error) {
	if err := replace.CheckPlace(path); err != nil {
		return nil, false, explainLock(path, err)
	}
	lock = flock.New(path, flock.SetPermissions(0o600))
	ok, err := lock.TryLock()
	if err != nil {
		return nil, false, explainLock(path, err)
	}
	if ok {
		return lock, false, nil
	}
	waiting()
	if _, err := lock.TryLockContext(ctx, lockPoll); err != nil {
		if ctx.Err() != nil {
			return nil, true, context.Cause(ctx)
		}
		return nil, true, explainLock(path, err)
	}
	return lock, true, nil
}

func explainLock(path string, err error) error {
	var at *fs.PathError
	if errors.As(err, &at) && errors.Is(err, os.ErrPermission) {
		return fmt.Errorf("the Local Copy cannot be written: %w; name a folder that can with --data", err)
	}
	return fmt.Errorf("lock the Local Copy %s: %w", path, err)
}
