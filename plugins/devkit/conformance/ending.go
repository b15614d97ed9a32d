package conformance

import (
	"context"
	"strings"
	"time"

	"github.com/reconcilehq/reconcile/engine/catalog"
	sourcev1 "github.com/reconcilehq/reconcile/plugins/proto/source/v1"
)

// ending ends the program in each way in which a host ends.
func (s *suite) ending(ctx context.Context, c *catalogue) {
	s.log("ending")
	if p := s.configured(ctx); p != nil {
		if !p.shutDown(ctx) {
			s.skip("7.1", "it does not serve plugin.GRPCController, so that it ends with its lifeline only")
		} else if p.ended(endTimeout) == "" {
			s.fail("7.1", "after %s it was still running", endTimeout)
		} else {
			s.pass("7.1", "%s", p.ended(0))
		}
		s.leftovers(p)
		p.close()
	}
	if p := s.configured(ctx); p != nil {
		s.letGo(p, "7.2")
		p.close()
	}
	if c == nil {
		if len(s.sources) > 0 {
			s.skip("7.3", "nothing could be read")
		}
		return
	}
	p := s.ready(ctx, c.configuration)
	if p == nil {
		return
	}
	defer p.close()
	under, err := s.inFlight(ctx, p, c)
	switch {
	case err != nil:
		s.skip("7.3", "the read fails by itself: %s", messageOf(err))
	case !under:
		s.skip("7.3", tooSmall, size(c.full.bytes), c.full.batches)
	default:
		s.letGo(p, "7.3")
	}
}

// configured starts a process, configured where there is a configuration.
func (s *suite) configured(ctx context.Context) *peer {
	if len(s.sources) > 0 && !s.failed("3.1") {
		return s.ready(ctx, s.sources[0])
	}
	return s.launch(ctx, s.command.Dir)
}

// letGo ends the lifeline and waits.
func (s *suite) letGo(p *peer, number string) {
	if err := p.program.CloseLifeline(); err != nil {
		s.skip(number, "%v", err)
		return
	}
	if p.ended(endTimeout) == "" {
		s.fail(number, "%s after the lifeline's end it was still running", endTimeout)
		return
	}
	s.pass(number, "")
	s.leftovers(p)
}

// leftovers says what a program that has ended by itself left running.
func (s *suite) leftovers(p *peer) {
	if p.ended(0) == "" {
		return // it had to be killed
	}
	if !seesProcesses {
		s.skip("7.6", "this system does not show what a program has started")
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.left) > 0 {
		s.fail("7.6", "it has left %s running", strings.Join(p.left, ", "))
	} else {
		s.pass("7.6", "")
	}
}

// secrecy gives the connector secrets that it cannot use, and reads all that it says.
func (s *suite) secrecy(ctx context.Context) {
	if s.settings == nil {
		return
	}
	s.log("secrets")
	paths := sensitive(s.settings, nil)
	if len(paths) == 0 {
		s.skip("7.5", "no setting is sensitive")
		return
	}
	base := object{}
	if len(s.sources) > 0 {
		base = parse(s.sources[0].json)
	}
	given := base
	for _, path := range paths {
		if base.has(path[:len(path)-1]) {
			given = given.with(path, marked)
		}
	}
	s.tempt(ctx, given)
	for _, path := range paths {
		if !base.has(path[:len(path)-1]) { // its block is not given
			s.tempt(ctx, base.with(path, marked))
		}
	}
}

// tempt gives a connector a configuration with marked secrets, and has it speak if it takes it.
func (s *suite) tempt(ctx context.Context, settings object) {
	p := s.launch(ctx, s.command.Dir)
	if p == nil {
		return
	}
	defer p.close()
	ctx, cancel := context.WithTimeout(ctx, min(s.timeout, 30*time.Second))
	defer cancel()
	problems, err := p.configure(ctx, settings.json())
	if err != nil {
		p.said.say(messageOf(err))
	} else if !refused(problems) {
		s.say(ctx, p)
	}
}

// marked is a secret that is found again wherever it is said.
const marked = "c0nformance-s3cret-1f9d7"

// say has a connector speak as much as it does.
func (s *suite) say(ctx context.Context, p *peer) {
	if m, err := p.calls.Check(ctx, &sourcev1.CheckRequest{}); err != nil {
		p.said.say(messageOf(err))
	} else {
		for _, f := range m.GetFacts() {
			p.said.say(f.GetName() + ": " + f.GetValue())
		}
	}
	m, err := p.schema(ctx)
	if err != nil || len(m.GetFields()) == 0 {
		return
	}
	var names []string
	for _, f := range m.GetFields() {
		names = append(names, f.GetName())
	}
	const enough, long = 1000, 3 * time.Second // messages, and time: what was not said by then will not be said
	ctx, cancel := context.WithTimeout(ctx, long)
	defer cancel()
	stream, err := p.calls.Read(ctx, &sourcev1.ReadRequest{Fields: names})
	for n := 0; err == nil && n < enough; n++ {
		var r *sourcev1.ReadResponse
		if r, err = stream.Recv(); err == nil {
			p.said.say(r.GetWarning().GetText())
			p.said.say(r.GetNotice().GetText())
			for _, it := range r.GetUnreadable().GetItems() {
				p.said.say(it.GetReason())
			}
			p.said.say(r.GetProgress().GetText())
		}
	}
	p.said.say(messageOf(err))
}

// sensitive returns the paths of the settings that are never to be printed.
func sensitive(settings *catalog.Settings, path []string) [][]string {
	var paths [][]string
	for _, a := range settings.Attributes {
		if a.Sensitive && a.Type == "string" {
			paths = append(paths, append(path[:len(path):len(path)], a.Name))
		}
	}
	for _, b := range settings.Blocks {
		paths = append(paths, sensitive(&b.Settings, append(path[:len(path):len(path)], b.Name))...)
	}
	return paths
}

// tidy looks at what all the processes have written.
func (s *suite) tidy() {
	for _, p := range s.peers {
		if p.program == nil {
			continue
		}
		p.close()
		if text := p.stray.tail(2); text != "" && !s.failed("1.2") { // or it is the line that should have been first
			s.fail("7.4", "it printed: %s", text)
		}
		s.told(p)
	}
	if s.about == nil {
		return
	}
	if !s.failed("7.4") {
		s.pass("7.4", "")
	}
	if !s.failed("7.5") && s.settings != nil && len(sensitive(s.settings, nil)) > 0 {
		s.pass("7.5", "")
	}
}

// told looks for secrets in what a process has said.
func (s *suite) told(p *peer) {
	secrets := []string{marked}
	for _, c := range s.sources {
		for _, secret := range c.secrets {
			if len(secret) > 3 { // shorter ones are in ordinary words
				secrets = append(secrets, secret)
			}
		}
	}
	for _, from := range []struct {
		where string
		words *words
	}{{"its log", p.log}, {"its standard output", p.stray}, {"what it tells people", p.said}} {
		all := from.words.all()
		for _, secret := range secrets {
			if at := strings.Index(all, secret); at >= 0 {
				line := all[strings.LastIndexByte(all[:at], '\n')+1:]
				line, _, _ = strings.Cut(line, "\n")
				s.fail("7.5", "in %s: %s", from.where, printable(strings.ReplaceAll(line, secret, "(the secret)")))
				break
			}
		}
	}
}
