package store

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"database/sql"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"time"
)

// Actor is who does something, and from where.
type Actor struct {
	Name    string // of a user or a token, or who typed a command; "" if nobody knows
	Address string // of the network, or "command line"
}

// TokenActor is what the name of an actor begins with that is a token, and no person.
const TokenActor = "token "

// Entry is an entry of the audit trail.
type Entry struct {
	Number  int64     `json:"number"` // from 1, without a gap
	At      time.Time `json:"at"`
	Who     string    `json:"who"`
	Address string    `json:"address,omitempty"` // "" where it was forgotten, too
	What    string    `json:"what"`              // such as user.add
	Subject string    `json:"subject"`
	Before  string    `json:"before,omitempty"`
	After   string    `json:"after,omitempty"`

	// An address is forgotten sooner than the entry. So not the address is in the entry's sum, but the address's own, salted so that
	// nobody finds a forgotten address by trying all.
	AddressSum Sum `json:"address_sum"`
	Salt       Sum `json:"salt,omitempty"`

	Previous Sum `json:"previous"` // the sum of the entry before it; of the first, nothing
	Sum      Sum `json:"sum"`
}

// Sum is a SHA-256, or the salt of one.
type Sum []byte

// MarshalText implements encoding.TextMarshaler.
func (s Sum) MarshalText() ([]byte, error) { return hex.AppendEncode(nil, s), nil }

// UnmarshalText implements encoding.TextUnmarshaler.
func (s *Sum) UnmarshalText(text []byte) (err error) {
	*s, err = hex.AppendDecode(nil, text)
	return err
}

func (s Sum) String() string { return hex.EncodeToString(s) }

// sum returns the sum of all of the entry.
func (e *Entry) sum() Sum {
	h := sha256.New()
	part := func(p []byte) { // with its length: no two entries have the same parts in a row
		var length [8]byte
		binary.BigEndian.PutUint64(length[:], uint64(len(p)))
		h.Write(length[:])
		h.Write(p)
	}
	part(binary.BigEndian.AppendUint64(binary.BigEndian.AppendUint64(nil, uint64(e.Number)), uint64(moment(e.At))))
	for _, text := range []string{e.Who, e.What, e.Subject, e.Before, e.After} {
		part([]byte(text))
	}
	part(e.AddressSum)
	part(e.Previous)
	return h.Sum(nil)
}

func addressSum(salt []byte, address string) Sum {
	h := sha256.New()
	h.Write(salt)
	h.Write([]byte(address))
	return h.Sum(nil)
}

// mismatch is what an entry says where the trail did not fit its head when something was to be added.
const mismatch = "audit.mismatch"

// Note adds an entry to the audit trail about something that is not in this database.
func (s *Store) Note(ctx context.Context, by Actor, e Entry) error {
	return s.change(ctx, by, func(*sql.Tx) (Entry, error) { return e, nil })
}

// change makes a change, and adds the entry that it returns to the audit trail: both, or none.
func (s *Store) change(ctx context.Context, by Actor, make func(tx *sql.Tx) (Entry, error)) error {
	return s.changeHead(ctx, by, func(tx *sql.Tx, _ *head) (Entry, error) { return make(tx) })
}

// errNothing is returned by a change that has changed nothing: there is no entry then.
var errNothing = errors.New("nothing was changed")

// changeHead is change for what changes the beginning of the trail, too: h is the head that is written with the entry. Before make is called
// it has what was before, and its end.
func (s *Store) changeHead(ctx context.Context, by Actor, make func(tx *sql.Tx, h *head) (Entry, error)) error {
	unlock, err := s.lockTrail(ctx)
	if err != nil {
		return err
	}
	defer unlock()
	h, err := s.readHead()
	if err != nil {
		return err
	}
	var next head
	err = s.within(ctx, func(tx *sql.Tx) error {
		last, err := lastOf(ctx, tx)
		if err != nil {
			return err
		}
		next = h.settled(last)
		before := next.Head
		e, err := make(tx, &next)
		if err != nil {
			return err
		}
		if !before.fits(last) {
			// Somebody has changed one without the other. It cannot be mended, and must not be hidden by going on.
			next.at(last)
			wrong := Entry{What: mismatch, Before: h.String(), After: fmt.Sprintf("%d entries, the last %s", last.Number, last.Sum)}
			if last, err = s.add(ctx, tx, Actor{}, wrong, last, &next); err != nil {
				return err
			}
		}
		if _, err = s.add(ctx, tx, by, e, last, &next); err != nil {
			return err
		}
		next.Before = &before
		// The head is written before the database is, with what it was: whichever of the two a kill lets be, they fit.
		return s.writeHead(next)
	})
	if errors.Is(err, errNothing) {
		return nil
	}
	if err != nil {
		return err
	}
	next.Before = nil
	return s.writeHead(next)
}

// lockTrail keeps everybody else from adding to the audit trail, in this process and in others.
func (s *Store) lockTrail(ctx context.Context) (unlock func(), err error) {
	if s.server != nil {
		return s.server.lock(ctx, trailLock)
	}
	s.trail.Lock()
	if err := s.lock.Lock(); err != nil {
		s.trail.Unlock()
		return nil, fmt.Errorf("lock the audit trail: %w", err)
	}
	return func() { _ = s.lock.Unlock(); s.trail.Unlock() }, nil
}

// add adds an entry behind the last one.
func (s *Store) add(ctx context.Context, tx *sql.Tx, by Actor, e Entry, last Entry, h *head) (Entry, error) {
	e.Number, e.At, e.Who, e.Previous = last.Number+1, timeOf(moment(s.now())), by.Name, last.Sum
	salt := make([]byte, 16)
	_, _ = rand.Read(salt) // never fails
	for _, text := range []*string{&e.Who, &e.What, &e.Subject, &e.Before, &e.After, &by.Address} {
		*text = s.text(*text)
	}
	e.AddressSum = addressSum(salt, by.Address)
	e.Sum = e.sum()
	var address sql.NullString
	if by.Address != "" {
		address = sql.NullString{String: by.Address, Valid: true}
	}
	_, err := tx.ExecContext(ctx, `INSERT INTO audit (number, at, who, address, salt, address_sum, what, subject, before, after, previous, sum)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`,
		e.Number, moment(e.At), e.Who, address, salt, []byte(e.AddressSum), e.What, e.Subject, e.Before, e.After, bytesOf(e.Previous), []byte(e.Sum))
	h.at(e)
	return e, err
}

// bytesOf returns a sum as the database takes it: not nil.
func bytesOf(s Sum) []byte { return append([]byte{}, s...) }

// lastOf returns the last entry; its number is 0 if there is none.
func lastOf(ctx context.Context, db querier) (Entry, error) {
	e, err := scanEntry(db.QueryRowContext(ctx, "SELECT "+entryColumns+" FROM audit ORDER BY number DESC LIMIT 1").Scan)
	if errors.Is(err, sql.ErrNoRows) {
		return Entry{}, nil
	}
	return e, err
}

const entryColumns = "number, at, who, coalesce(address, ''), salt, address_sum, what, subject, before, after, previous, sum"

func scanEntry(scan func(...any) error) (e Entry, err error) {
	var at int64
	var salt, address, previous, sum []byte
	err = scan(&e.Number, &at, &e.Who, &e.Address, &salt, &address, &e.What, &e.Subject, &e.Before, &e.After, &previous, &sum)
	e.At, e.Salt, e.AddressSum, e.Previous, e.Sum = timeOf(at), salt, address, previous, sum
	return e, err
}

// Trail hands the entries of the audit trail to take, the first one first, and returns the head that is kept apart from them.
func (s *Store) Trail(ctx context.Context, take func(Entry) error) (Head, error) {
	unlock, err := s.lockTrail(ctx) // nothing is added in between
	if err != nil {
		return Head{}, err
	}
	defer unlock()
	err = s.list(ctx, func(scan func(...any) error) error {
		e, err := scanEntry(scan)
		if err != nil {
			return err
		}
		return take(e)
	}, "SELECT "+entryColumns+" FROM audit ORDER BY number")
	if err != nil {
		return Head{}, err
	}
	h, err := s.readHead()
	if err != nil {
		return Head{}, err
	}
	last, err := lastOf(ctx, s.db)
	return h.settled(last).Head, err
}
