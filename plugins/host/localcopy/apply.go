package localcopy

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/reconcilehq/reconcile/plugins/host"
)

// Changed is what a pull has changed of a copy.
type Changed struct{ New, Changed, Gone int64 }

// countError says that a copy would have another number of records than the platform counts.
type countError struct {
	kind           string
	expected, held int64
}

func (e *countError) Error() string {
	return fmt.Sprintf("the platform counts %d records of kind %q, but %d have come together", e.expected, e.kind, e.held)
}

// apply makes the pull the good copy, in one transaction. Its error leaves the good copy as it was; it is a *countError
// where the platform counts otherwise.
func (s *staging) apply(p *place, pulled host.Pulled, now time.Time) (*state, Changed, error) {
	next, changed, err := s.merge(p, pulled, now)
	if err == nil {
		err = s.commit()
	}
	if err != nil {
		return nil, Changed{}, s.abort(err)
	}
	s.finish()
	return next, changed, nil
}

func (s *staging) merge(p *place, pulled host.Pulled, now time.Time) (*state, Changed, error) {
	next := &state{Identity: p.name, Version: p.id.Version, Kinds: p.id.Kinds, Fields: s.pull.Fields, Cursor: pulled.Cursor,
		RefreshedAt: pulled.ReadAt, FullDue: pulled.FullDue, Generation: s.pull.Base}
	if next.RefreshedAt.After(now) {
		next.RefreshedAt = now // by a clock that is ahead, an old copy would look fresh
	}
	var changed Changed
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
	if next.Tallies, err = s.tallies(table(next.Generation)); err != nil {
		return nil, changed, err
	}
	for _, kind := range slices.Sorted(maps.Keys(pulled.Expected)) {
		if expected, held := pulled.Expected[kind], next.Tallies[kind].Records; expected != held {
			return nil, changed, &countError{kind, expected, held}
		}
	}
	s.good = next
	s.finish() // statements on a table keep it from being dropped
	if err := s.dropBut(); err != nil {
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

// same is the condition that a row of one table has a row of the other with the same key.
func same(a, b string) string {
	return fmt.Sprintf("%s.kind = %s.kind AND %s.key = %s.key", a, b, a, b)
}

// compare counts in what a full pull differs from the good copy.
func (s *staging) compare() (c Changed, err error) {
	now := table(s.pull.Generation)
	if s.good == nil {
		return c, s.count(&c.New, "SELECT count(*) FROM "+now)
	}
	was := table(s.good.Generation)
	if err := s.count(&c.New, "SELECT count(*) FROM "+now+" WHERE NOT EXISTS (SELECT 1 FROM "+was+" WHERE "+same(was, now)+")"); err != nil {
		return c, err
	}
	if err := s.count(&c.Gone, "SELECT count(*) FROM "+was+" WHERE NOT EXISTS (SELECT 1 FROM "+now+" WHERE "+same(was, now)+")"); err != nil {
		return c, err
	}
	return c, s.count(&c.Changed, "SELECT count(*) FROM "+now+" JOIN "+was+" ON "+same(was, now)+" AND "+now+".value <> "+was+".value")
}

// update brings what is staged into the good copy's table. What is as it was is left alone: that may be most of it.
func (s *staging) update() (c Changed, err error) {
	held := table(s.pull.Base)
	there := "EXISTS (SELECT 1 FROM " + held + " AS held WHERE " + same("held", "staged")
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

func (s *staging) count(n *int64, query string) error {
	return s.db.QueryRowContext(s.ctx, query).Scan(n)
}

func (s *staging) tallies(of string) (map[string]tally, error) {
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

// heldNow returns how many records are held by kind, with what is staged.
func (s *staging) heldNow() (map[string]int64, error) {
	tallies, err := s.tallies(s.held())
	if err != nil {
		return nil, s.db.explain(err)
	}
	held := (&state{Tallies: tallies}).held()
	if s.pull.Full {
		return held, nil
	}
	rows, err := s.db.QueryContext(s.ctx, "SELECT kind, sum(CASE WHEN gone THEN (EXISTS (SELECT 1 FROM "+s.held()+" AS h WHERE "+same("h", "staged")+")) * -1"+
		" ELSE NOT EXISTS (SELECT 1 FROM "+s.held()+" AS h WHERE "+same("h", "staged")+") END) FROM staged GROUP BY kind")
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
