package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/wakes"
)

// changeAndWake runs a statement that has jobs of one configuration wait, from due on or at once, and returns how many these are. Where the
// store is Shared workers are woken for them when the transaction ends.
func (s *Store) changeAndWake(ctx context.Context, tx *sql.Tx, config string, due time.Time, statement string, args ...any) (int, error) {
	rows, err := tx.QueryContext(ctx, statement+" RETURNING id, attempt", args...)
	if err != nil {
		return 0, fmt.Errorf("have jobs wait: %w", err)
	}
	defer rows.Close()
	var made []wakes.Wake
	for rows.Next() {
		w := wakes.Wake{Due: due}
		if err := rows.Scan(&w.Job, &w.Attempt); err != nil {
			return 0, fmt.Errorf("have jobs wait: %w", err)
		}
		made = append(made, w)
	}
	if err := rows.Err(); err != nil {
		return 0, fmt.Errorf("have jobs wait: %w", err)
	}
	if !s.Shared() {
		return len(made), nil
	}
	maker, err := s.server.makeWakes()
	if err != nil {
		return 0, err
	}
	return len(made), maker.Make(ctx, tx, config, made)
}

// makeWakes returns what makes wakes. Most commands need none.
func (v *server) makeWakes() (*wakes.Maker, error) {
	v.making.Lock()
	defer v.making.Unlock()
	if v.maker == nil {
		maker, err := wakes.NewMaker()
		if err != nil {
			return nil, err
		}
		v.maker = maker
	}
	return v.maker, nil
}

// Listen has wake be called, in up to so many goroutines at a time, when there may be a job of a configuration. It is for a store that is Shared.
// A wake may be lost, and may come without a job. stop ends it.
func (s *Store) Listen(ctx context.Context, worker, config string, most int, log *slog.Logger, wake func()) (stop func(ctx context.Context) error, err error) {
	pool, err := s.server.pool(ctx)
	if err != nil {
		return nil, s.server.failed("listen to", err)
	}
	end, err := wakes.Listen(ctx, wakes.Listener{DB: s.db, Pool: pool, ID: worker, Config: config, Most: most, Wake: wake, Log: log})
	if err != nil {
		pool.Close()
		return nil, s.server.failed("listen to", err)
	}
	return func(ctx context.Context) error {
		defer pool.Close()
		return end(ctx)
	}, nil
}

// pool returns what gives one more connection, on which notices come: those of database/sql do not hand them on.
func (v *server) pool(ctx context.Context) (*pgxpool.Pool, error) {
	config, err := pgxpool.ParseConfig(v.config.ConnString())
	if err != nil {
		return nil, errors.New("its address cannot be read") // the error may have a password in it
	}
	config.ConnConfig, config.AfterConnect, config.MinConns, config.MaxConns = v.config.Copy(), watchConnection, 0, 1
	return pgxpool.NewWithConfig(ctx, config)
}
