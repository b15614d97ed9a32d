package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
)

// ChangePassword gives whoever has the session of that secret a new password. They stay logged in there, and are logged out everywhere else.
// If the current password is not theirs, or the session has ended, it is ErrRefused; that is in the audit trail, too. Why a new password
// cannot be taken is a *MistakeError.
func (s *Store) ChangePassword(ctx context.Context, address, secret, current, password string) error {
	if err := CheckPassword(password); err != nil {
		return err
	}
	u, err := s.SessionUser(ctx, secret)
	if err != nil {
		return err
	}
	by := Actor{Name: u.Name, Address: address}
	var kept string
	if err := s.db.QueryRowContext(ctx, "SELECT password FROM users WHERE id = $1", u.id).Scan(&kept); err != nil {
		return fmt.Errorf("read the database: %w", err)
	}
	right, err := samePassword(kept, current)
	if err != nil {
		return err
	}
	if !right {
		return errors.Join(ErrRefused, s.change(ctx, by, func(*sql.Tx) (Entry, error) {
			return Entry{What: "user.passwd.refused", Subject: u.Name}, nil
		}))
	}
	if same, err := samePassword(kept, password); err != nil {
		return err
	} else if same {
		return mistake("the new password is the one that you have")
	}
	changed := hashPassword(password)
	return s.change(ctx, by, func(tx *sql.Tx) (Entry, error) {
		// Somebody else may have changed the password, removed the user or ended the session since it was looked at.
		done, err := tx.ExecContext(ctx, `UPDATE users SET password = $1 WHERE id = $2 AND password = $3 AND EXISTS (SELECT 1 FROM sessions WHERE secret = $4 AND "user" = $2)`,
			changed, u.id, kept, sumOf(secret))
		if err != nil {
			return Entry{}, err
		}
		if n, err := done.RowsAffected(); err != nil || n == 0 {
			return Entry{}, errors.Join(err, ErrRefused)
		}
		_, err = tx.ExecContext(ctx, `DELETE FROM sessions WHERE "user" = $1 AND secret <> $2`, u.id, sumOf(secret))
		return Entry{What: "user.passwd", Subject: u.Name}, err
	})
}
