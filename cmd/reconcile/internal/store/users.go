package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/reconcilehq/reconcile/engine/catalog"
)

// User is a person who may log in.
type User struct {
	id   int64
	Name string
	Role Role
	Made time.Time
}

// Why somebody is not let in, or a change is not made.
var (
	ErrNoUser  = errors.New("there is no such user")
	ErrExists  = errors.New("there is one of that name already")
	ErrRefused = errors.New("the user name or the password is wrong")
	ErrSetUp   = errors.New("there is a user already")
)

// MistakeError says why a name or a password cannot be taken. It is for whoever has chosen it.
type MistakeError struct{ text string }

// Error implements error.
func (e *MistakeError) Error() string { return e.text }

func mistake(format string, args ...any) error { return &MistakeError{fmt.Sprintf(format, args...)} }

// longestName is how many characters a name has at most.
const longestName = 64

// checkName returns a name in its normal form, or why nobody can be called so.
func checkName(name string) (string, error) {
	name = catalog.NormalText(name)
	switch {
	case strings.TrimSpace(name) == "":
		return "", mistake("the name is empty")
	case utf8.RuneCountInString(name) > longestName:
		return "", mistake("the name is longer than %d characters", longestName)
	case strings.TrimSpace(name) != name:
		return "", mistake("the name %q begins or ends with white space", name)
	case strings.ContainsFunc(name, func(r rune) bool { return !unicode.IsPrint(r) }):
		return "", mistake("the name %q has a character that nobody can see", name)
	}
	return name, nil
}

// known returns a name as names are compared: without regard to case.
func known(name string) string {
	return strings.ToLower(strings.ToUpper(catalog.NormalText(strings.TrimSpace(name))))
}

// SameName reports whether two names are of the same user.
func SameName(a, b string) bool { return known(a) == known(b) }

// AddUser adds a person. A name that is there already, in any case, is ErrExists.
func (s *Store) AddUser(ctx context.Context, by Actor, name string, role Role, password string) error {
	return s.addUser(ctx, by, name, role, password, false)
}

// AddFirst adds the first administrator. If there is a user already it is ErrSetUp.
func (s *Store) AddFirst(ctx context.Context, by Actor, name, password string) error {
	return s.addUser(ctx, by, name, Admin, password, true)
}

func (s *Store) addUser(ctx context.Context, by Actor, name string, role Role, password string, first bool) error {
	name, err := checkName(name)
	if err != nil {
		return err
	}
	if err := CheckPassword(password); err != nil {
		return err
	}
	kept := hashPassword(password)
	return s.change(ctx, by, func(tx *sql.Tx) (Entry, error) {
		e := Entry{What: "user.add", Subject: name, After: role.String()}
		var users, same int
		if err := tx.QueryRowContext(ctx, "SELECT count(*), count(CASE WHEN known = $1 THEN 1 END) FROM users", known(name)).Scan(&users, &same); err != nil {
			return e, err
		}
		switch {
		case first && users > 0:
			return e, ErrSetUp
		case same > 0:
			return e, fmt.Errorf("add the user %q: %w", name, ErrExists)
		}
		_, err := tx.ExecContext(ctx, "INSERT INTO users (name, known, role, password, made) VALUES ($1, $2, $3, $4, $5)",
			name, known(name), role.String(), kept, moment(s.now()))
		return e, err
	})
}

// SetPassword gives a user a new password, and ends the user's sessions.
func (s *Store) SetPassword(ctx context.Context, by Actor, name, password string) error {
	if err := CheckPassword(password); err != nil {
		return err
	}
	kept := hashPassword(password)
	return s.change(ctx, by, func(tx *sql.Tx) (Entry, error) {
		u, err := s.userIn(ctx, tx, name)
		if err != nil {
			return Entry{}, err
		}
		if _, err := tx.ExecContext(ctx, `DELETE FROM sessions WHERE "user" = $1`, u.id); err != nil {
			return Entry{}, err
		}
		_, err = tx.ExecContext(ctx, "UPDATE users SET password = $1 WHERE id = $2", kept, u.id)
		return Entry{What: "user.passwd", Subject: u.Name}, err
	})
}

// RemoveUser removes a user, whose sessions end at once. admins is how many administrators are left.
func (s *Store) RemoveUser(ctx context.Context, by Actor, name string) (admins int, err error) {
	err = s.change(ctx, by, func(tx *sql.Tx) (Entry, error) {
		u, err := s.userIn(ctx, tx, name)
		if err != nil {
			return Entry{}, err
		}
		e, err := removeUser(ctx, tx, u)
		if err != nil {
			return e, err
		}
		return e, tx.QueryRowContext(ctx, "SELECT count(*) FROM users WHERE role = $1", Admin.String()).Scan(&admins)
	})
	return admins, err
}

// removeUser removes a user; sessions go with it.
func removeUser(ctx context.Context, tx *sql.Tx, u User) (Entry, error) {
	_, err := tx.ExecContext(ctx, "DELETE FROM users WHERE id = $1", u.id)
	return Entry{What: "user.remove", Subject: u.Name, Before: u.Role.String()}, err
}

// Users returns all users by name.
func (s *Store) Users(ctx context.Context) (users []User, err error) {
	err = s.list(ctx, func(scan func(...any) error) error {
		u, err := scanUser(scan)
		users = append(users, u)
		return err
	}, "SELECT id, name, role, made FROM users ORDER BY known")
	return users, err
}

// HasUsers reports whether there is anybody who could log in.
func (s *Store) HasUsers(ctx context.Context) (there bool, err error) {
	if err := s.db.QueryRowContext(ctx, "SELECT EXISTS (SELECT 1 FROM users)").Scan(&there); err != nil {
		return false, fmt.Errorf("read the database: %w", err)
	}
	return there, nil
}

func (s *Store) userIn(ctx context.Context, db querier, name string) (User, error) {
	u, err := scanUser(db.QueryRowContext(ctx, "SELECT id, name, role, made FROM users WHERE known = $1", known(name)).Scan)
	if errors.Is(err, sql.ErrNoRows) {
		return u, fmt.Errorf("%w: %q", ErrNoUser, name)
	}
	return u, err
}

func scanUser(scan func(...any) error) (u User, err error) {
	var role string
	var made int64
	if err := scan(&u.id, &u.Name, &role, &made); err != nil {
		return u, err
	}
	u.Made = timeOf(made)
	u.Role, err = RoleNamed(role)
	return u, err
}
