package conformance

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/reconcilehq/reconcile/engine/catalog"
	sourcev1 "github.com/reconcilehq/reconcile/plugins/proto/source/v1"
)

func (p *peer) configure(ctx context.Context, settings []byte) ([]*sourcev1.Problem, error) {
	return p.configureTo(ctx, settings, false)
}

// configureTo configures a process to read, or to apply changes, too.
func (p *peer) configureTo(ctx context.Context, settings []byte, apply bool) ([]*sourcev1.Problem, error) {
	ctx, cancel := p.call(ctx)
	defer cancel()
	m, err := p.calls.Configure(ctx, &sourcev1.ConfigureRequest{Settings: settings, ReadTimeoutMs: uint64(max(p.timeout.Milliseconds(), 1)), Apply: apply})
	p.texts.problems(m.GetProblems())
	return m.GetProblems(), err
}

func refused(problems []*sourcev1.Problem) bool {
	return slices.ContainsFunc(problems, func(p *sourcev1.Problem) bool { return !p.GetWarning() })
}

// problems returns the problems in an answer to Configure, and adds their texts to p.texts.
func (w *output) problems(problems []*sourcev1.Problem) {
	for _, p := range problems {
		w.addLine(p.GetSummary() + ": " + p.GetDetail())
	}
}

// startConfigured starts a process and gives it a right configuration. If that fails, it notes the failure and returns nil.
func (s *suite) startConfigured(ctx context.Context, c configuration) *peer {
	return s.startConfiguredTo(ctx, c.json, false)
}

// startConfiguredTo is startConfigured for a process that reads, or that applies changes, too.
func (s *suite) startConfiguredTo(ctx context.Context, settings []byte, apply bool) *peer {
	p := s.launch(ctx, s.command.Dir)
	if p == nil {
		return nil
	}
	problems, err := p.configureTo(ctx, settings, apply)
	switch {
	case err != nil:
		s.fail("3.1", "Configure answers with an error: %s%s", messageOf(err), p.lastWords())
	case refused(problems):
		s.fail("3.1", "it is refused: %s", problemText(problems))
	default:
		return p
	}
	p.close()
	return nil
}

func problemText(problems []*sourcev1.Problem) string {
	var parts []string
	for _, p := range problems {
		if !p.GetWarning() {
			parts = append(parts, printable(strings.TrimSpace(strings.Join(p.GetPath(), ".")+" "+p.GetSummary()+" "+p.GetDetail())))
		}
	}
	return strings.Join(parts, "; ")
}

// skipWithoutSources skips the demands that cannot be checked without a right configuration.
func (s *suite) skipWithoutSources() {
	if len(s.sources) > 0 {
		return
	}
	missing := fmt.Sprintf("%q is required: name a file with a source block in which it is set (--config FILE)", firstRequired(s.settings))
	if len(s.failing) > 0 {
		missing = "each source is expected to fail: add one that does not"
	}
	for _, prefix := range []string{"3.1", "3.6", "3.7", "4.", "5.", "6.", "7.3", "8.", "9.2", "9.3", "9.4", "10."} {
		s.skipAll(prefix, "%s", missing)
	}
}

// checkRightConfigurations gives each right configuration to a new process, and then a second one to the same process.
func (s *suite) checkRightConfigurations(ctx context.Context) {
	s.log("configuring")
	for _, c := range s.sources {
		if len(s.sources) > 1 {
			s.source = c.name
		}
		p := s.startConfigured(ctx, c)
		if p == nil {
			continue
		}
		s.pass("3.1", "")
		_, err := p.configure(ctx, c.json)
		if status.Code(err) != codes.FailedPrecondition {
			s.fail("3.7", "the second Configure answers %s", answerOf(err))
		} else if _, err := p.schema(ctx); err != nil {
			s.fail("3.7", "after it Schema answers with an error: %s", messageOf(err))
		} else {
			s.pass("3.7", "")
		}
		p.close()
	}
	s.source = ""
}

// mistake is a wrong configuration.
type mistake struct {
	number   string
	what     string   // for people
	path     []string // the setting that the connector has to name
	settings object
	apply    bool // only a process that may apply changes is told that setting
}

// checkWrongConfigurations gives each wrong configuration to a process. The process must still work after it.
func (s *suite) checkWrongConfigurations(ctx context.Context) {
	base := object{}
	if len(s.sources) > 0 {
		base = parse(s.sources[0].json)
	}
	mistakes := mistakesIn(s.settings, base, nil)
	for _, number := range []string{"3.2", "3.3", "3.5"} {
		if !slices.ContainsFunc(mistakes, func(m mistake) bool { return m.number == number }) {
			s.skip(number, "%s", map[string]string{"3.2": "no setting is required", "3.3": "there are no settings", "3.5": "no setting has a list of allowed values"}[number])
		}
	}
	var p *peer
	defer func() {
		if p != nil {
			p.close()
		}
	}()
	for _, m := range mistakes {
		if p == nil {
			if p = s.launch(ctx, s.command.Dir); p == nil {
				return
			}
		}
		if !s.makeMistake(ctx, p, m) { // the process does not work any more
			p.close()
			p = nil
		}
	}
	if p == nil || len(s.sources) == 0 {
		return
	}
	problems, err := p.configure(ctx, s.sources[0].json)
	switch {
	case err != nil:
		s.fail("3.6", "Configure answers with an error: %s%s", messageOf(err), p.lastWords())
	case refused(problems):
		s.fail("3.6", "a right configuration is refused: %s", problemText(problems))
	default:
		s.pass("3.6", "")
	}
}

// makeMistake gives one wrong configuration to a process. It reports whether the process still works.
func (s *suite) makeMistake(ctx context.Context, p *peer, m mistake) bool {
	problems, err := p.configureTo(ctx, m.settings.json(), m.apply)
	if err != nil {
		if how := p.ended(0); how != "" {
			s.fail(m.number, "%s: the program ended (%s)%s", m.what, how, p.lastWords())
			return false
		}
		if m.number != "3.6" && status.Code(err) == codes.FailedPrecondition {
			s.fail("3.6", "after a refused configuration Configure answers %s", answerOf(err))
			return false
		}
		s.fail(m.number, "%s: Configure answers with an error instead of a problem: %s", m.what, messageOf(err))
		return true
	}
	named := slices.ContainsFunc(problems, func(p *sourcev1.Problem) bool {
		return !p.GetWarning() && slices.Equal(p.GetPath(), m.path)
	})
	switch {
	case !refused(problems):
		s.fail(m.number, "%s: it is accepted", m.what)
		return false
	case !named:
		s.fail(m.number, "%s: no problem has the path %s; there are: %s", m.what, strings.Join(m.path, "."), problemText(problems))
	default:
		s.pass(m.number, "")
	}
	return true
}

// mistakesIn returns wrong configurations. Each is a copy of a right one with one mistake.
func mistakesIn(settings *catalog.Settings, base object, path []string) []mistake {
	var mistakes []mistake
	at := func(name string) []string { return append(slices.Clone(path), name) }
	apply := false // what is added is about a setting that only changes need
	add := func(number, name, what string, value any) {
		p := at(name)
		mistakes = append(mistakes, mistake{number, strings.Join(p, ".") + " " + what, p, base.with(p, value), apply})
	}
	given := base.has(path)
	for _, a := range settings.Attributes {
		apply = a.Apply
		if a.Required && given {
			add("3.2", a.Name, "left out", nil)
		}
		for _, wrong := range wrongTypes(a.Type) {
			add("3.3", a.Name, wrong.what, wrong.value)
		}
		if len(a.Values) > 0 {
			add("3.5", a.Name, "with a value that is not allowed", "conformance-no-such-value")
		}
	}
	apply = false
	add("3.4", "conformance_no_such_setting", "added", "x")
	for _, b := range settings.Blocks {
		if b.Required && given {
			add("3.2", b.Name, "left out", nil)
		}
		add("3.3", b.Name, "(a block) given as a text", "x")
		mistakes = append(mistakes, mistakesIn(&b.Settings, base, at(b.Name))...)
	}
	return mistakes
}

type wrongType struct {
	what  string
	value any
}

// wrongTypes returns values that are not of the type.
func wrongTypes(t catalog.SettingType) []wrongType {
	list := wrongType{"given as a list of lists", []any{[]any{"x"}}}
	switch t {
	case catalog.SettingString:
		return []wrongType{{"(a string) given as a number", 7}, {"(a string) given as an object", map[string]any{"x": "y"}}}
	case catalog.SettingNumber:
		return []wrongType{{"(a number) given as a text", "seven"}, {"(a number) given as true", true}}
	case catalog.SettingBool:
		return []wrongType{{"(a bool) given as a text", "yes"}, {"(a bool) given as a number", 1}}
	case catalog.SettingStrings:
		return []wrongType{{"(a list) given as a text", "x"}, {"(a list of strings) given numbers", []any{7}}, list}
	case catalog.SettingNumbers:
		return []wrongType{{"(a list) given as a number", 7}, {"(a list of numbers) given texts", []any{"x"}}, list}
	case catalog.SettingStringsMap:
		return []wrongType{{"(a map) given as a list", []any{"x"}}, {"(a map of strings) given a number", map[string]any{"x": 7}}}
	}
	return nil
}
