package store

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"
)

// Search is what is looked for in the audit trail. What is zero does not matter.
type Search struct {
	Who      string    // exactly
	What     string    // exactly, or with what follows behind a dot: user finds user.add
	Text     string    // in any text of an entry, without regard to the case of A to Z
	From, To time.Time // From is taken in, To is not
	Before   int64     // entries with a smaller number
	Most     int       // so many at most; 0 is all
}

// Browse returns the entries of the audit trail that are looked for, the newest first.
func (s *Store) Browse(ctx context.Context, of Search) (entries []Entry, err error) {
	until := func(t time.Time) int64 {
		if t.IsZero() {
			return 0
		}
		return moment(t)
	}
	like := "%" + strings.NewReplacer(`\`, `\\`, "%", `\%`, "_", `\_`).Replace(lower(of.Text)) + "%"
	err = s.list(ctx, func(scan func(...any) error) error {
		e, err := scanEntry(scan)
		entries = append(entries, e)
		return err
	}, "SELECT "+entryColumns+` FROM audit WHERE ($1 = '' OR who = $1) AND ($2 = '' OR what = $2 OR substr(what, 1, length($2) + 1) = $2 || '.')
		AND ($3 = '' OR lower(who) LIKE $4 ESCAPE '\' OR lower(address) LIKE $4 ESCAPE '\' OR lower(what) LIKE $4 ESCAPE '\' OR lower(subject) LIKE $4 ESCAPE '\' OR lower(before) LIKE $4 ESCAPE '\' OR lower(after) LIKE $4 ESCAPE '\')
		AND at >= $5 AND ($6 = CAST(0 AS BIGINT) OR at < $6) AND ($7 = CAST(0 AS BIGINT) OR number < $7) ORDER BY number DESC LIMIT $8`,
		of.Who, of.What, of.Text, like, until(of.From), until(of.To), of.Before, limit(of.Most))
	return entries, err
}

// lower makes A to Z small, and no other letter, as lower() does in the database.
func lower(text string) string {
	return strings.Map(func(r rune) rune {
		if 'A' <= r && r <= 'Z' {
			r += 'a' - 'A'
		}
		return r
	}, text)
}

// Authors returns who did something that is in the audit trail, and what there is in it, each in order.
func (s *Store) Authors(ctx context.Context) (who, what []string, err error) {
	for _, of := range []struct {
		column string
		into   *[]string
	}{{"who", &who}, {"what", &what}} {
		err := s.list(ctx, func(scan func(...any) error) error {
			var text string
			err := scan(&text)
			*of.into = append(*of.into, text)
			return err
		}, "SELECT DISTINCT "+of.column+" FROM audit WHERE "+of.column+" <> '' ORDER BY 1")
		if err != nil {
			return nil, nil, err
		}
	}
	return who, what, nil
}

// Export writes the audit trail: a line of JSON for each entry, and a last one with their number and the hash of the last.
func (s *Store) Export(ctx context.Context, w io.Writer) error {
	lines := json.NewEncoder(w)
	head, err := s.Trail(ctx, func(e Entry) error {
		e.At = e.At.UTC()
		return lines.Encode(e)
	})
	if err != nil {
		return err
	}
	if err := lines.Encode(map[string]Head{"head": head}); err != nil {
		return fmt.Errorf("export the audit trail: %w", err)
	}
	return nil
}
