package doctor

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/hashicorp/hcl/v2"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/plugins/host"

	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/session"
	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/words"
)

const (
	clockSlack = time.Minute        // by how much clocks may differ; answers take their time, too
	oldCopy    = 7 * 24 * time.Hour // a copy that is older was forgotten
	copyRoom   = 256 << 20          // bytes that a copy should have room for, whatever it holds
)

// lookAtSources starts the sources, asks platforms whether they let us in, and looks at Local Copies.
func (e *Examination) lookAtSources(ctx context.Context) {
	names := e.tryable()
	if len(names) == 0 {
		return
	}
	sources, err := e.patient.Session.Open(ctx, names)
	if err != nil {
		e.privately(Wrong, "sources", "See "+e.patient.Session.Hint("validate")+".", "the sources cannot be opened", err.Error())
		return
	}
	defer sources.Close()
	e.sources = sources
	_, noFolder := e.patient.Session.CopiesFolder()
	copies, held := false, int64(0)
	for i, s := range sources.List {
		d := s.Look(ctx)
		for _, setting := range d.Settings {
			e.words = append(e.words, setting.Name)
		}
		who := subject{examination: e, name: s.ShortName(), number: i + 1}
		if !d.Usable {
			who.say(Wrong, "sources", "See "+e.patient.Session.Hint("sources", s.ShortName())+".", "cannot be used", firstOf(d.Diags))
			continue
		}
		if d.Copy != nil || d.CopyErr != nil {
			copies = true
			if noFolder == nil {
				held += who.lookAtCopy(ctx, s, d)
			}
		}
		if e.patient.Offline {
			who.say(OK, "sources", "", "can be started; its platform was not asked", "")
			continue
		}
		facts, err := s.Check(ctx)
		if err != nil {
			who.failed(err)
			continue
		}
		who.say(OK, "sources", "", "lets us in", "")
		who.lookAtClock(facts, time.Now())
	}
	if copies {
		e.lookAtCopies(held)
	}
}

// lookAtCopies looks at the folder that Local Copies lie in. A full pull takes as much room again as there is.
func (e *Examination) lookAtCopies(held int64) {
	path, err := e.patient.Session.CopiesFolder()
	if err != nil {
		e.privately(Wrong, "Local Copies", "Name a folder with --data.", "there is no folder for Local Copies", err.Error())
		return
	}
	e.lookAtFolder(folder{topic: "Local Copies", what: "the folder for Local Copies", path: path, need: max(copyRoom, 2*held), unusable: Wrong,
		do: "Make room there, or make it writable, or name another folder with --data; until then --offline reads what there is."})
}

// subject says what was found of a source.
type subject struct {
	examination *Examination
	name        string
	number      int
}

// say adds a finding; more is for the machine's owner alone.
func (s *subject) say(level Level, topic, do, what, more string) {
	text := s.name + " " + what
	if more != "" {
		text += ": " + more
	}
	s.examination.privately(level, topic, do, fmt.Sprintf("source %d %s", s.number, what), text)
}

// failed says that a platform does not let us in, and whose fault it is as far as is known.
func (s *subject) failed(err error) {
	what := "cannot be checked"
	var failure *host.Failure
	if errors.As(err, &failure) {
		switch failure.Fault {
		case host.Connector:
			what = "cannot be checked, by a fault of its connector"
		case host.Slowness:
			what = "does not answer in time"
		}
	}
	s.say(Wrong, "sources", "See "+s.examination.patient.Session.Hint("sources", s.name)+".", what, err.Error())
}

// lookAtClock compares this machine's clock with a platform's, where the connector tells that.
func (s *subject) lookAtClock(facts []catalog.Fact, now time.Time) {
	for _, f := range facts {
		if f.Name != catalog.FactClock {
			continue
		}
		at, err := time.Parse(time.RFC3339, f.Value)
		if err != nil {
			continue // the connector's own idea of a time
		}
		off := now.Sub(at).Round(time.Second)
		switch {
		case off > clockSlack:
			s.say(Warning, "clock", "Set this machine's clock, best by NTP.", fmt.Sprintf("says that this machine's clock is %s ahead", off), "")
		case off < -clockSlack:
			s.say(Warning, "clock", "Set this machine's clock, best by NTP.", fmt.Sprintf("says that this machine's clock is %s behind", -off), "")
		default:
			s.say(OK, "clock", "", "has the same time as this machine", "")
		}
	}
}

// lookAtCopy reads a Local Copy to its end and returns how many bytes it takes.
func (s *subject) lookAtCopy(ctx context.Context, of *session.Source, d session.Description) int64 {
	const topic, renew = "Local Copies", "Nothing has to be done: the next pull makes it anew."
	switch {
	case d.CopyErr != nil:
		s.say(Wrong, topic, "", "has a Local Copy that cannot be looked at", d.CopyErr.Error())
		return 0
	case d.Copy.None:
		s.say(OK, topic, "", "has no Local Copy yet", "")
		return 0
	case d.Copy.Unusable != "":
		s.say(Warning, topic, renew, "has a Local Copy that cannot be used", d.Copy.Unusable)
		return 0
	}
	info := d.Copy.Info
	if err := of.VerifyCopy(ctx); err != nil {
		s.say(Warning, topic, renew, "has a damaged Local Copy", err.Error())
		return info.Size
	}
	what := fmt.Sprintf("has a Local Copy %s, of %s, each as it was written", words.Age(info.RefreshedAt), words.Count(int(info.Records()), "record"))
	switch age := time.Since(info.RefreshedAt); {
	case age < -clockSlack:
		s.say(Warning, topic, "Look at the clock; the next pull reads everything.", what, "")
	case age > oldCopy:
		s.say(Warning, topic, "Refresh it: "+s.examination.patient.Session.Hint("pull", s.name)+".", what, "")
	default:
		s.say(OK, topic, "", what, "")
	}
	return info.Size
}

// firstOf returns the first mistake in a line.
func firstOf(diags hcl.Diagnostics) string {
	for _, d := range diags {
		if d.Severity == hcl.DiagError {
			if d.Subject != nil {
				return d.Summary + " (" + words.Position(*d.Subject) + ")"
			}
			return d.Summary
		}
	}
	return ""
}
