package localcopy

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/reconcilehq/reconcile/plugins/host"
)

// Changes are the numbers of records that a pull has added, changed and removed.
type Changes struct{ New, Changed, Gone int64 }

// countError says that the copy would have a number of records other than the platform's.
type countError struct {
	kind           string
	expected, held int64
}

func (e *countError) Error() string {
	return fmt.Sprintf("the platform counts %d records of kind %q, but %d have come together", e.expected, e.kind, e.held)
}

// apply makes the pull the good copy, in one transaction. If it fails, the good copy is unchanged. The error is a
// *countError if the platform has another number of records.
func (s *pullWriter) apply(p *location, pulled host.PullResult, now time.Time) (*state, Changes, error) {
	next, changed, err := s.merge(p, pulled, now)
	if err == nil {
		err = s.commit()
	}
	if err != nil {
		return nil, Changes{}, s.abort(err)
	}
	s.closeStatements()
	return next, changed, nil
}

func (s *pullWriter) merge(p *location, pulled host.PullResult, now time.Time) (*state, Changes, error) {
	next := &state{Identity: p.name, Version: p.id.Version, Kinds: p.id.Kinds, Fields: s.pull.Fields, Cursor: pulled.Cursor,
		RefreshedAt: pulled.ReadAt, FullDue: pulled.FullDue, Generation: s.pull.Base}
	if next.RefreshedAt.After(now) {
		next.RefreshedAt = now // the platform's clock is ahead; with its time an old copy would look fresh
	}
	var changed Changes
	var err error
	if s.pull.Full {
		next.Generation, next.FullAt = s.pull.Generation, next.RefreshedAt
		changed, err = s.compare()
	} else {
		next.Fields, next.FullAt = s.good.Fields, s.good.FullAt
		changed, err = s.update()
	}
	if err != nil {
		return nil, changed, err
	}
	if next.Tallies, err = s.tallies(recordTable(next.Generation)); err != nil {
		return nil, changed, err
	}
	for _, kind := range slices.Sorted(maps.Keys(pulled.Expected)) {
		if expected, held := pulled.Expected[kind], next.Tallies[kind].Records; expected != held {
			return nil, changed, &countError{kind, expected, held}
		}
	}
	s.good = next
	s.closeStatements() // statements on a table keep it from being dropped
	if err := s.dropOldTables(); err != nil {
		return nil, changed, err
	}
	if err := s.db.run(s.ctx, "DELETE FROM staged"); err != nil {
		return nil, changed, err
	}
	if err := s.db.run(s.ctx, "DELETE FROM state WHERE name = ?", statePull); err != nil {
		return nil, changed, err
	}
	return next, changed, s.db.write(s.ctx, stateCopy, next)
}

// sameKey is the SQL condition that rows of the tables a and b have the same key.
func sameKey(a, b string) string {
	return fmt.Sprintf("%s.kind = %s.kind AND %s.key = %s.key", a, b, a, b)
}

// compare counts the differences between a full pull and the good copy.
func (s *pullWriter) compare() (c Changes, err error) {
	now := recordTable(s.pull.Generation)
	if s.good == nil {
		return c, s.count(&c.New, "SELECT count(*) FROM "+now)
	}
	was := recordTable(s.good.Generation)
	if err := s.count(&c.New, "SELECT count(*) FROM "+now+" WHERE NOT EXISTS (SELECT 1 FROM "+was+" WHERE "+sameKey(was, now)+")"); err != nil {
		return c, err
	}
	if err := s.count(&c.Gone, "SELECT count(*) FROM "+was+" WHERE NOT EXISTS (SELECT 1 FROM "+now+" WHERE "+sameKey(was, now)+")"); err != nil {
		return c, err
	}
	return c, s.count(&c.Changed, "SELECT count(*) FROM "+now+" JOIN "+was+" ON "+sameKey(was, now)+" AND "+now+".value <> "+was+".value")
}

// update writes what is staged into the good copy's table. It skips records that have not changed, which may be most.
func (s *pullWriter) update() (c Changes, err error) {
	held := recordTable(s.pull.Base)
	there := "EXISTS (SELECT 1 FROM " + held + " AS held WHERE " + sameKey("held", "staged")
	if err := s.db.run(s.ctx, "DELETE FROM staged WHERE CASE WHEN gone THEN NOT "+there+") ELSE "+there+" AND held.value = staged.value) END"); err != nil {
		return c, err
	}
	if err := s.count(&c.Gone, "SELECT count(*) FROM staged WHERE gone"); err != nil {
		return c, err
	}
	if err := s.count(&c.Changed, "SELECT count(*) FROM staged WHERE NOT gone AND "+there+")"); err != nil {
		return c, err
	}
	if err := s.count(&c.New, "SELECT count(*) FROM staged WHERE NOT gone"); err != nil {
		return c, err
	}
	c.New -= c.Changed
	if err := s.db.run(s.ctx, "DELETE FROM "+held+" WHERE (kind, key) IN (SELECT kind, key FROM staged WHERE gone)"); err != nil {
		return c, err
	}
	return c, s.db.run(s.ctx, "INSERT OR REPLACE INTO "+held+" (kind, key, value, sum) SELECT kind, key, value, sum FROM staged WHERE NOT gone")
}

func (s *pullWriter) count(n *int64, query string) error {
	return s.db.QueryRowContext(s.ctx, query).Scan(n)
}

func (s *pullWriter) tallies(of string) (map[string]tally, error) {
	rows, err := s.db.QueryContext(s.ctx, "SELECT kind, count(*), sum(sum) FROM "+of+" GROUP BY kind")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	tallies := map[string]tally{}
	for rows.Next() {
		var kind string
		var t tally
		if err := rows.Scan(&kind, &t.Records, &t.Sum); err != nil {
			return nil, err
		}
		tallies[kind] = t
	}
	return tallies, rows.Err()
}

// countHeld returns the number of records by kind, including what is staged.
func (s *pullWriter) countHeld() (map[string]int64, error) {
	tallies, err := s.tallies(s.recordTable())
	if err != nil {
		return nil, s.db.explain(err)
	}
	held := (&state{Tallies: tallies}).held()
	if s.pull.Full {
		return held, nil
	}
	rows, err := s.db.QueryContext(s.ctx, "SELECT kind, sum(CASE WHEN gone THEN (EXISTS (SELECT 1 FROM "+s.recordTable()+" AS h WHERE "+sameKey("h", "staged")+")) * -1"+
		" ELSE NOT EXISTS (SELECT 1 FROM "+s.recordTable()+" AS h WHERE "+sameKey("h", "staged")+") END) FROM staged GROUP BY kind")
	if err != nil {
		return nil, s.db.explain(err)
	}
	defer rows.Close()
	for rows.Next() {
		var kind string
		var more int64
		if err := rows.Scan(&kind, &more); err != nil {
			return nil, s.db.explain(err)
		}
		held[kind] += more
	}
	return held, s.db.explain(rows.Err())
}
