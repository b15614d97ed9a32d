package store

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"database/sql"
	"errors"
	"fmt"
	"time"
)

// How long somebody stays logged in: without doing anything, and in all.
const (
	SessionIdle  = 12 * time.Hour
	SessionWhole = 7 * 24 * time.Hour
)

// sumOf returns what is kept of a secret that was made by chance. It has 130 bits, so no salt and no slow hash is needed.
func sumOf(secret string) []byte {
	sum := sha256.Sum256([]byte(secret))
	return sum[:]
}

// LogIn lets somebody in, and returns the secret of the new session. A wrong name or password is ErrRefused, which takes as long as
// a right one; it is in the audit trail, too.
func (s *Store) LogIn(ctx context.Context, address, name, password string) (User, string, error) {
	var kept string
	u, err := s.userIn(ctx, s.db, name)
	switch {
	case err == nil:
		if err := s.db.QueryRowContext(ctx, "SELECT password FROM users WHERE id = $1", u.id).Scan(&kept); err != nil {
			return User{}, "", fmt.Errorf("read the database: %w", err)
		}
	case !errors.Is(err, ErrNoUser):
		return User{}, "", fmt.Errorf("read the database: %w", err)
	}
	right := false
	if kept == "" {
		hashPassword(password) // nobody is to see by the time it takes that there is no such user
	} else if right, err = samePassword(kept, password); err != nil {
		return User{}, "", err
	}
	if !right {
		// Who it was is not known. A password may have been typed for the name, so that is kept only if it is somebody's.
		return User{}, "", errors.Join(ErrRefused, s.change(ctx, Actor{Address: address}, func(*sql.Tx) (Entry, error) {
			return Entry{What: "login.refused", Subject: u.Name}, nil
		}))
	}
	secret := rand.Text()
	err = s.change(ctx, Actor{Name: u.Name, Address: address}, func(tx *sql.Tx) (Entry, error) {
		// The password may have been changed, or the user removed, since it was looked at.
		var still bool
		if err := tx.QueryRowContext(ctx, "SELECT EXISTS (SELECT 1 FROM users WHERE id = $1 AND password = $2)", u.id, kept).Scan(&still); err != nil {
			return Entry{}, err
		}
		if !still {
			return Entry{}, ErrRefused
		}
		now := s.now()
		if _, err := tx.ExecContext(ctx, "DELETE FROM sessions WHERE seen <= $1 OR made <= $2", moment(now.Add(-SessionIdle)), moment(now.Add(-SessionWhole))); err != nil {
			return Entry{}, err
		}
		_, err := tx.ExecContext(ctx, `INSERT INTO sessions (secret, "user", made, seen) VALUES ($1, $2, $3, $4)`, sumOf(secret), u.id, moment(now), moment(now))
		return Entry{What: "login", Subject: u.Name}, err
	})
	return u, secret, err
}

// seenEvery is how often it is noted that somebody is still there.
const seenEvery = time.Minute

// SessionUser returns who has the session of that secret; ErrRefused if there is none any more.
func (s *Store) SessionUser(ctx context.Context, secret string) (User, error) {
	now := s.now()
	var seen int64
	u, err := scanUser(func(into ...any) error {
		return s.db.QueryRowContext(ctx, `SELECT u.id, u.name, u.role, u.made, s.seen FROM sessions s JOIN users u ON u.id = s.user
			WHERE s.secret = $1 AND s.seen > $2 AND s.made > $3`, sumOf(secret), moment(now.Add(-SessionIdle)), moment(now.Add(-SessionWhole))).Scan(append(into, &seen)...)
	})
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return User{}, ErrRefused
	case err != nil:
		return User{}, fmt.Errorf("read the database: %w", err)
	}
	if now.Sub(timeOf(seen)) >= seenEvery {
		if _, err := s.db.ExecContext(ctx, "UPDATE sessions SET seen = $1 WHERE secret = $2", moment(now), sumOf(secret)); err != nil {
			return User{}, fmt.Errorf("write to the database: %w", err)
		}
	}
	return u, nil
}

// LogOut ends a session.
func (s *Store) LogOut(ctx context.Context, by Actor, secret string) error {
	return s.change(ctx, by, func(tx *sql.Tx) (Entry, error) {
		_, err := tx.ExecContext(ctx, "DELETE FROM sessions WHERE secret = $1", sumOf(secret))
		return Entry{What: "logout", Subject: by.Name}, err
	})
}
