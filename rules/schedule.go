package rules

import (
	"fmt"
	"slices"
	"time"

	"github.com/hashicorp/hcl/v2"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/rules/cron"
	"github.com/reconcilehq/reconcile/rules/grammar"
)

// Schedule says when a reconciliation is compared by itself, for each shop of the list.
type Schedule struct {
	Name           string
	Reconciliation string
	Cron, Zone     string
	Times          *cron.Times
	Deadline       time.Duration // how long one try may take
	Tries          int           // how often it is tried until it has failed
	RetryAfter     time.Duration // how long it waits after the first try that failed; after each further one twice as long
	Range          hcl.Range
}

// What holds where a schedule says nothing else.
const (
	DefaultDeadline   = 6 * time.Hour
	DefaultTries      = 3
	DefaultRetryAfter = 5 * time.Minute
)

const (
	mostTries    = 20
	longestDelay = 7 * 24 * time.Hour
)

// schedule reads a schedule block.
func (l *loader) schedule(b *hcl.Block) {
	before := len(l.Diags)
	attrs := l.Attributes(b, grammar.Schedule)
	s := &Schedule{Name: b.Labels[0], Deadline: DefaultDeadline, Tries: DefaultTries, RetryAfter: DefaultRetryAfter, Range: b.DefRange}
	if a, ok := attrs["reconciliation"]; ok {
		if s.Reconciliation = l.Text(attrs, "reconciliation"); s.Reconciliation != "" && !slices.Contains(l.names, s.Reconciliation) {
			l.Fail(a.Expr.Range(), "Unknown reconciliation", "There is no reconciliation %q.%s", s.Reconciliation, catalog.DidYouMean(s.Reconciliation, l.names))
		}
	}
	zone := time.UTC
	if a, ok := attrs["timezone"]; ok {
		if s.Zone = l.Text(attrs, "timezone"); len(l.Diags) == before {
			var err error
			if zone, err = cron.Zone(s.Zone); err != nil {
				l.Fail(a.Expr.Range(), "Unknown time zone", "%v.", sentence(err))
				zone = time.UTC
			}
		}
	}
	if a, ok := attrs["cron"]; ok {
		known := len(l.Diags)
		if s.Cron = l.Text(attrs, "cron"); len(l.Diags) == known {
			times, err := cron.Parse(s.Cron, zone)
			if err != nil {
				l.Fail(a.Expr.Range(), "Invalid schedule", "%q is no time of a schedule: %v.", s.Cron, err)
			}
			s.Times = times
		}
	}
	l.delay(attrs, "deadline", time.Second, &s.Deadline)
	l.delay(attrs, "retry_after", 0, &s.RetryAfter)
	if a, ok := attrs["tries"]; ok {
		s.Tries = l.count(a, mostTries)
	}
	if len(l.Diags) == before {
		l.config.Schedules = append(l.config.Schedules, s)
	}
}

// delay evaluates an attribute that is a duration.
func (l *loader) delay(attrs hcl.Attributes, name string, least time.Duration, into *time.Duration) {
	a, ok := attrs[name]
	if !ok {
		return
	}
	known := len(l.Diags)
	text := l.Text(attrs, name)
	if len(l.Diags) > known {
		return
	}
	d, err := time.ParseDuration(text)
	if err != nil || d < least || d > longestDelay {
		l.Fail(a.Expr.Range(), "Invalid duration", "%q is a time from %s to %s, such as \"30m\".", name, least, longestDelay)
		return
	}
	*into = d
}

// sentence begins an error with a capital letter.
func sentence(err error) string {
	text := err.Error()
	return fmt.Sprintf("%c%s", text[0]-'a'+'A', text[1:])
}
