package store

import (
	"context"
	"database/sql"
	"errors"
	"time"
)

// ErrLastAdmin says that nobody would be left who looks after people.
var ErrLastAdmin = errors.New("nobody else is an administrator: make somebody one first")

// SetRole gives a user another role, from the next request on. Of the last administrator it is ErrLastAdmin.
func (s *Store) SetRole(ctx context.Context, by Actor, name string, role Role) error {
	return s.change(ctx, by, func(tx *sql.Tx) (Entry, error) {
		u, err := s.userIn(ctx, tx, name)
		if err != nil {
			return Entry{}, err
		}
		if role != Admin {
			if err := othersLookAfter(ctx, tx, u); err != nil {
				return Entry{}, err
			}
		}
		_, err = tx.ExecContext(ctx, "UPDATE users SET role = $1 WHERE id = $2", role.String(), u.id)
		return Entry{What: "user.role", Subject: u.Name, Before: u.Role.String(), After: role.String()}, err
	})
}

// Dismiss removes a user as RemoveUser does, but never the last administrator: that is ErrLastAdmin. From a screen on which nobody can
// log in any more, nobody can add somebody who can.
func (s *Store) Dismiss(ctx context.Context, by Actor, name string) error {
	return s.change(ctx, by, func(tx *sql.Tx) (Entry, error) {
		u, err := s.userIn(ctx, tx, name)
		if err != nil {
			return Entry{}, err
		}
		if err := othersLookAfter(ctx, tx, u); err != nil {
			return Entry{}, err
		}
		return removeUser(ctx, tx, u)
	})
}

// othersLookAfter returns ErrLastAdmin if a user is the only administrator.
func othersLookAfter(ctx context.Context, tx *sql.Tx, u User) error {
	var others int
	err := tx.QueryRowContext(ctx, "SELECT count(*) FROM users WHERE role = $1 AND id <> $2", Admin.String(), u.id).Scan(&others)
	if err == nil && u.Role == Admin && others == 0 {
		return ErrLastAdmin
	}
	return err
}

// EndSessions logs a user out everywhere.
func (s *Store) EndSessions(ctx context.Context, by Actor, name string) error {
	return s.change(ctx, by, func(tx *sql.Tx) (Entry, error) {
		u, err := s.userIn(ctx, tx, name)
		if err != nil {
			return Entry{}, err
		}
		_, err = tx.ExecContext(ctx, `DELETE FROM sessions WHERE "user" = $1`, u.id)
		return Entry{What: "user.logout", Subject: u.Name}, err
	})
}

// Presence is where somebody is logged in.
type Presence struct {
	Sessions int
	Seen     time.Time // when something was last asked for in one of them, to the minute
}

// Present returns who is logged in, by name.
func (s *Store) Present(ctx context.Context) (map[string]Presence, error) {
	now, there := s.now(), map[string]Presence{}
	err := s.list(ctx, func(scan func(...any) error) error {
		var name string
		var p Presence
		var seen int64
		err := scan(&name, &p.Sessions, &seen)
		p.Seen = timeOf(seen)
		there[name] = p
		return err
	}, "SELECT u.name, count(*), max(s.seen) FROM sessions s JOIN users u ON u.id = s.user WHERE s.seen > $1 AND s.made > $2 GROUP BY u.id",
		moment(now.Add(-SessionIdle)), moment(now.Add(-SessionWhole)))
	return there, err
}
