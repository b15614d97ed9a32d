package conformance

import (
	"context"
	"strings"
	"time"

	"github.com/reconcilehq/reconcile/engine/catalog"
	sourcev1 "github.com/reconcilehq/reconcile/plugins/proto/source/v1"
)

// checkEnding ends programs in each of the ways in which a host can end.
func (s *suite) checkEnding(ctx context.Context, c *readSource) {
	s.log("ending")
	if p := s.configured(ctx); p != nil {
		if !p.shutDown(ctx) {
			s.skip("7.1", "it does not serve plugin.GRPCController, so that it ends with its lifeline only")
		} else if p.ended(endTimeout) == "" {
			s.fail("7.1", "after %s it was still running", endTimeout)
		} else {
			s.pass("7.1", "%s", p.ended(0))
		}
		s.checkLeftovers(p)
		p.close()
	}
	if p := s.configured(ctx); p != nil {
		s.checkLifeline(p, "7.2")
		p.close()
	}
	if c == nil {
		if len(s.sources) > 0 {
			s.skip("7.3", "nothing could be read")
		}
		return
	}
	p := s.startConfigured(ctx, c.configuration)
	if p == nil {
		return
	}
	defer p.close()
	under, err := s.startRead(ctx, p, c)
	switch {
	case err != nil:
		s.skip("7.3", "the read fails by itself: %s", messageOf(err))
	case !under:
		s.skip("7.3", tooSmall, size(c.full.bytes), c.full.batches)
	default:
		s.checkLifeline(p, "7.3")
	}
}

// configured starts a process, and configures it if there is a configuration.
func (s *suite) configured(ctx context.Context) *peer {
	if len(s.sources) > 0 && !s.failed("3.1") {
		return s.startConfigured(ctx, s.sources[0])
	}
	return s.launch(ctx, s.command.Dir)
}

// checkLifeline closes the lifeline and waits for the program's end.
func (s *suite) checkLifeline(p *peer, number string) {
	if err := p.program.CloseLifeline(); err != nil {
		s.skip(number, "%v", err)
		return
	}
	if p.ended(endTimeout) == "" {
		s.fail(number, "%s after the lifeline's end it was still running", endTimeout)
		return
	}
	s.pass(number, "")
	s.checkLeftovers(p)
}

// checkLeftovers checks whether a program that has ended by itself left processes running.
func (s *suite) checkLeftovers(p *peer) {
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

// checkSecrets gives the connector wrong secrets, and checks that they are in none of its texts.
func (s *suite) checkSecrets(ctx context.Context) {
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

// tempt gives a connector a configuration with marked secrets. If the connector accepts it, tempt makes the other calls.
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
		p.texts.addLine(messageOf(err))
	} else if !refused(problems) {
		s.say(ctx, p)
	}
}

// marked returns a secret that is easy to find in any text.
const marked = "c0nformance-s3cret-1f9d7"

// say makes the calls in which a connector may write texts, and keeps the texts.
func (s *suite) say(ctx context.Context, p *peer) {
	if m, err := p.calls.Check(ctx, &sourcev1.CheckRequest{}); err != nil {
		p.texts.addLine(messageOf(err))
	} else {
		for _, f := range m.GetFacts() {
			p.texts.addLine(f.GetName() + ": " + f.GetValue())
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
	const enough, long = 1000, 3 * time.Second // after so many messages, or so long, stop: no other kind of text will come
	ctx, cancel := context.WithTimeout(ctx, long)
	defer cancel()
	stream, err := p.calls.Read(ctx, &sourcev1.ReadRequest{Fields: names})
	for n := 0; err == nil && n < enough; n++ {
		var r *sourcev1.ReadResponse
		if r, err = stream.Recv(); err == nil {
			p.texts.addLine(r.GetWarning().GetText())
			p.texts.addLine(r.GetNotice().GetText())
			for _, it := range r.GetUnreadable().GetItems() {
				p.texts.addLine(it.GetReason())
			}
			p.texts.addLine(r.GetProgress().GetText())
			p.texts.addLine(r.GetWaiting().GetWhy())
		}
	}
	p.texts.addLine(messageOf(err))
}

// sensitive returns the paths of the sensitive settings.
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

// checkOutput checks what all processes have written.
func (s *suite) checkOutput() {
	for _, p := range s.peers {
		if p.program == nil {
			continue
		}
		p.close()
		if text := p.strayOutput.tail(2); text != "" && !s.failed("1.2") { // or it is the line that should have been first
			s.fail("7.4", "it printed: %s", text)
		}
		s.checkTexts(p)
	}
	if s.description == nil {
		return
	}
	if !s.failed("7.4") {
		s.pass("7.4", "")
	}
	if !s.failed("7.5") && s.settings != nil && len(sensitive(s.settings, nil)) > 0 {
		s.pass("7.5", "")
	}
}

// checkTexts looks for secrets in all texts of a process.
func (s *suite) checkTexts(p *peer) {
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
		words *output
	}{{"its log", p.log}, {"its standard output", p.strayOutput}, {"what it tells people", p.texts}} {
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
