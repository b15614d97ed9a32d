package store

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"time"
)

// Token is what lets a program in. The token itself is known only to whoever made it.
type Token struct {
	Name string
	Role Role
	Made time.Time
}

// tokenStart begins each token, so that a search for leaked secrets knows one.
const tokenStart = "reconcile_"

// ErrNoToken says that there is no token of a name.
var ErrNoToken = errors.New("there is no such token")

// MakeToken makes a token and returns it. It cannot be had again.
func (s *Store) MakeToken(ctx context.Context, by Actor, name string, role Role) (token string, err error) {
	name, err = checkName(name)
	if err != nil {
		return "", err
	}
	token = tokenStart + rand.Text()
	err = s.change(ctx, by, func(tx *sql.Tx) (Entry, error) {
		e := Entry{What: "token.create", Subject: name, After: role.String()}
		result, err := tx.ExecContext(ctx, "INSERT INTO tokens (name, known, role, secret, made) VALUES ($1, $2, $3, $4, $5) ON CONFLICT (known) DO NOTHING",
			name, known(name), role.String(), sumOf(token), moment(s.now()))
		if err != nil {
			return e, err
		}
		if n, err := result.RowsAffected(); err != nil || n == 0 {
			return e, errors.Join(err, fmt.Errorf("make the token %q: %w", name, ErrExists))
		}
		return e, nil
	})
	return token, err
}

// RevokeToken removes a token, which lets nobody in from then on.
func (s *Store) RevokeToken(ctx context.Context, by Actor, name string) error {
	return s.change(ctx, by, func(tx *sql.Tx) (Entry, error) {
		e := Entry{What: "token.revoke"}
		err := tx.QueryRowContext(ctx, "DELETE FROM tokens WHERE known = $1 RETURNING name, role", known(name)).Scan(&e.Subject, &e.Before)
		if errors.Is(err, sql.ErrNoRows) {
			return e, fmt.Errorf("%w: %q", ErrNoToken, name)
		}
		return e, err
	})
}

// Tokens returns all tokens by name.
func (s *Store) Tokens(ctx context.Context) (tokens []Token, err error) {
	err = s.list(ctx, func(scan func(...any) error) error {
		t, err := scanToken(scan)
		tokens = append(tokens, t)
		return err
	}, "SELECT name, role, made FROM tokens ORDER BY known")
	return tokens, err
}

// TokenOf returns which token that is; ErrRefused if it is none.
func (s *Store) TokenOf(ctx context.Context, token string) (Token, error) {
	t, err := scanToken(s.db.QueryRowContext(ctx, "SELECT name, role, made FROM tokens WHERE secret = $1", sumOf(token)).Scan)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return Token{}, ErrRefused
	case err != nil:
		return Token{}, fmt.Errorf("read the database: %w", err)
	}
	return t, nil
}

func scanToken(scan func(...any) error) (t Token, err error) {
	var role string
	var made int64
	if err := scan(&t.Name, &role, &made); err != nil {
		return t, err
	}
	t.Made = timeOf(made)
	t.Role, err = RoleNamed(role)
	return t, err
}
