package store

import (
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/store/storetest"
)

// TestWakes has each transaction that has jobs wait make wakes for them, with the numbers of the jobs and nothing else, or none if it fails.
func TestWakes(t *testing.T) {
	ctx := t.Context()
	s, err := OpenShared(ctx, t.TempDir(), storetest.URL(t))
	must(t, err)
	t.Cleanup(func() { _ = s.Close() })
	are := func(want ...string) {
		t.Helper()
		var got []string
		must(t, s.list(ctx, func(scan func(...any) error) error {
			var wake string
			err := scan(&wake)
			got = append(got, wake)
			return err
		}, "SELECT concat(args->>'job', '/', args->>'attempt', ' ', state) FROM river_job ORDER BY id"))
		if strings.Join(got, ", ") != strings.Join(want, ", ") {
			t.Fatalf("%q, not %q", got, want)
		}
	}
	plan(t, s, 2, "monday", "a", "b")
	are("1/0 available", "2/0 available")
	if n, err := s.Plan(ctx, jobsOf("monday", "a", "b")); n != 0 || err != nil {
		t.Errorf("%d, %v", n, err)
	}
	are("1/0 available", "2/0 available")
	undone := errors.New("undone")
	err = s.within(ctx, func(tx *sql.Tx) error {
		n, err := s.changeAndWake(ctx, tx, "/c", time.Time{}, "UPDATE work SET attempt = 9")
		if n != 2 || err != nil {
			t.Errorf("%d, %v", n, err)
		}
		return undone
	})
	if !errors.Is(err, undone) {
		t.Error(err)
	}
	are("1/0 available", "2/0 available")

	a, b := take(t, s, "w"), take(t, s, "w")
	must(t, s.GiveBack(ctx, a))
	if err := s.GiveBack(ctx, a); !errors.Is(err, ErrLost) {
		t.Error(err)
	}
	if state, err := s.Fail(ctx, b, "why", aRun("failed-b")); state != Waiting || err != nil {
		t.Errorf("%s, %v", state, err)
	}
	are("1/0 available", "2/0 available", "1/1 available", "2/1 scheduled")
	var apart float64
	must(t, s.db.QueryRowContext(ctx, "SELECT abs(extract(epoch FROM scheduled_at) * 1000 - due) FROM river_job, work WHERE river_job.state = 'scheduled' AND work.id = 2").Scan(&apart))
	if apart > 1 {
		t.Errorf("the wake is %v ms beside the next try", apart)
	}
	if n, err := s.Cancel(ctx, "/c", ""); n != 2 || err != nil {
		t.Errorf("%d, %v", n, err)
	}
	_, err = s.db.ExecContext(ctx, "UPDATE river_job SET state = 'completed', finalized_at = now()")
	must(t, err)
	if n, err := s.Retry(ctx, "/c", ""); n != 2 || err != nil {
		t.Errorf("%d, %v", n, err)
	}
	are("1/0 completed", "2/0 completed", "1/1 completed", "2/1 completed", "1/1 available", "2/1 available")

	for _, secret := range []string{"/c", "web", "monday", "why"} {
		var n int
		must(t, s.db.QueryRowContext(ctx, "SELECT count(*) FROM river_job WHERE strpos(river_job::text, $1) > 0", secret).Scan(&n))
		if n > 0 {
			t.Errorf("%d wakes have %q", n, secret)
		}
	}
}

// TestOlderTables brings the tables of a program that woke nobody to this version: its jobs are there, and it can go on beside.
func TestOlderTables(t *testing.T) {
	url, dir, ours := storetest.URL(t), t.TempDir(), steps
	defer func() { steps = ours }()
	steps = ours[:2]
	older, err := OpenShared(t.Context(), dir, url)
	must(t, err)
	defer older.Close()
	const insert = "INSERT INTO work (config, shop, reconciliation, night, account, account_jobs, deadline, most_tries, retry_after, state, due, place, needs) VALUES ('/c', '%s', 'web', 'now', '', 1, 60000, 1, 1, 'waiting', 1, 0, 1)"
	_, err = older.db.ExecContext(t.Context(), fmt.Sprintf(insert, "a"))
	must(t, err)
	steps = ours
	for range 2 {
		s, err := OpenShared(t.Context(), dir, url)
		must(t, err)
		defer s.Close()
		plan(t, s, 0, "now", "a")
		if _, err := s.Retry(t.Context(), "/c", ""); err != nil {
			t.Error(err)
		}
	}
	_, err = older.db.ExecContext(t.Context(), fmt.Sprintf(insert, "b"))
	must(t, err)
	for _, want := range []string{"a", "b"} {
		if shop := shopOf(t, older, "w"); shop != want {
			t.Errorf("%q, not %q", shop, want)
		}
	}
	steps = ours[:2]
	again, err := OpenShared(t.Context(), dir, url)
	must(t, err)
	must(t, again.Close())
}
