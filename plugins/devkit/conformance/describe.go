package conformance

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/hashicorp/hcl/v2/hclsyntax"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/prototext"
	protobuf "google.golang.org/protobuf/proto"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/plugins/proto"
	sourcev1 "github.com/reconcilehq/reconcile/plugins/proto/source/v1"
	"github.com/reconcilehq/reconcile/rules/grammar"
	"github.com/reconcilehq/reconcile/rules/syntax"
)

// checkDescribe checks the answer to Describe. It reports whether the other checks can use it.
func (s *suite) checkDescribe(ctx context.Context) bool {
	s.log("describing")
	p := s.launch(ctx, s.command.Dir)
	if p == nil {
		return false
	}
	defer p.close()
	before := p.observe()
	about, err := p.describe(ctx, proto.Minor)
	if err != nil {
		s.fail("2.1", "Describe answers with an error: %s%s", messageOf(err), p.lastWords())
		return false
	}
	s.description = about
	s.pass("2.1", "")
	s.identity()
	s.checkSettings()
	s.checkSameDescription(ctx, p)
	s.capabilities()
	s.laterHost(ctx, p)
	s.checkIdle(p, before)
	s.checkUnconfigured(ctx, p)
	s.checkStrangers(ctx)
	return s.settings != nil && !s.failed("2.2")
}

func (s *suite) identity() {
	name, version := s.description.GetConnector(), s.description.GetVersion()
	switch {
	case !hclsyntax.ValidIdentifier(name):
		s.fail("2.2", "the connector's name is %q", name)
	case strings.TrimSpace(version) == "":
		s.fail("2.2", "the version is empty")
	default:
		s.pass("2.2", "%s %s", name, version)
	}
}

// checkSettings checks the description of the settings, more strictly than the host.
func (s *suite) checkSettings() {
	settings, err := proto.ToSettings(s.description.GetSettings())
	if err != nil {
		s.fail("2.3", "%v", err)
		return
	}
	s.settings = settings
	for _, name := range grammar.Source.Optional {
		if settings.Attribute(name) != nil || settings.Block(name) != nil {
			s.fail("2.3", "%s is described, which the host itself takes", name)
		}
	}
	s.describedIn(settings, nil)
	if !s.failed("2.3") {
		s.pass("2.3", "%d settings and %d blocks", len(settings.Attributes), len(settings.Blocks))
	}
}

func (s *suite) describedIn(settings *catalog.Settings, path []string) {
	for _, a := range settings.Attributes {
		at := strings.Join(append(slices.Clone(path), a.Name), ".")
		if !hclsyntax.ValidIdentifier(a.Name) {
			s.fail("2.3", "setting %q: HCL cannot write this name", at)
		}
		if len(a.Values) > 0 && a.Type != catalog.SettingString {
			s.fail("2.3", "setting %q is a %s with values: only strings have them", at, a.Type)
		}
		if a.Default != "" {
			if _, diags := syntax.ParseExpression("default", []byte(a.Default)); diags.HasErrors() {
				s.fail("2.3", "setting %q: its default is not written as HCL would: %s", at, a.Default)
			}
		}
		if a.Required && a.Default != "" {
			s.fail("2.3", "setting %q is required and has a default", at)
		}
	}
	for _, b := range settings.Blocks {
		at := append(slices.Clone(path), b.Name)
		if !hclsyntax.ValidIdentifier(b.Name) {
			s.fail("2.3", "block %q: HCL cannot write this name", strings.Join(at, "."))
		}
		s.describedIn(&b.Settings, at)
	}
}

// checkSameDescription calls Describe again, in this and in another process: all answers must be equal.
func (s *suite) checkSameDescription(ctx context.Context, p *peer) {
	other := s.launch(ctx, s.command.Dir)
	if other == nil {
		return
	}
	defer other.close()
	for _, again := range []struct {
		who  string
		peer *peer
	}{{"the second time", p}, {"in another process", other}} {
		about, err := again.peer.describe(ctx, proto.Minor)
		if err != nil {
			s.fail("2.4", "%s Describe answers with an error: %s", again.who, messageOf(err))
		} else if !protobuf.Equal(about, s.description) {
			s.fail("2.4", "%s Describe answers otherwise: %s", again.who, firstDifference(s.description, about))
		}
	}
	if !s.failed("2.4") {
		s.pass("2.4", "")
	}
}

// firstDifference shows the first place where two messages differ.
func firstDifference(a, b protobuf.Message) string {
	options := prototext.MarshalOptions{Multiline: true}
	// The library puts spaces in at random, so that nobody relies on its output.
	tidy := func(m protobuf.Message) []string {
		lines := strings.Split(options.Format(m), "\n")
		for i, line := range lines {
			lines[i] = strings.Join(strings.Fields(line), " ")
		}
		return lines
	}
	was, is := tidy(a), tidy(b)
	for i := range max(len(was), len(is)) {
		one, two := "nothing", "nothing"
		if i < len(was) {
			one = was[i]
		}
		if i < len(is) {
			two = is[i]
		}
		if one != two {
			return printable(fmt.Sprintf("first %s, then %s", one, two))
		}
	}
	return "in the order of its parts"
}

func (s *suite) capabilities() {
	if s.description.GetProtocolMinor() > proto.Minor {
		s.skip("2.5", "the connector knows minor version %d of the protocol, this suite %d: use a newer reconcile", s.description.GetProtocolMinor(), proto.Minor)
		return
	}
	for _, c := range s.description.GetCapabilities() {
		if !slices.Contains([]string{proto.Incremental, proto.Fetch, proto.Apply, proto.Orders}, c) {
			s.fail("2.5", "there is no capability %q in minor version %d", c, s.description.GetProtocolMinor())
		}
	}
	if !s.failed("2.5") {
		s.pass("2.5", "%s", strings.Join(s.description.GetCapabilities(), ", "))
	}
}

func (s *suite) laterHost(ctx context.Context, p *peer) {
	about, err := p.describe(ctx, laterMinor)
	switch {
	case err != nil:
		s.fail("2.6", "minor version %d gets an error: %s", laterMinor, messageOf(err))
	case about.GetConnector() != s.description.GetConnector():
		s.fail("2.6", "minor version %d gets the name %q", laterMinor, about.GetConnector())
	default:
		s.pass("2.6", "")
	}
}

// checkIdle checks that Describe has started no work that goes on.
func (s *suite) checkIdle(p *peer, before activity) {
	after := p.observe()
	switch {
	case !after.known:
		s.skip("2.7", "this system does not show what a process does")
	case len(after.children) > len(before.children):
		s.fail("2.7", "it has started processes: %v", after.children)
	case after.connections > before.connections:
		s.fail("2.7", "it has opened %d network connections", after.connections-before.connections)
	default:
		s.pass("2.7", "")
	}
}

// checkUnconfigured makes the calls that need a configuration before there is one.
func (s *suite) checkUnconfigured(ctx context.Context, p *peer) {
	ctx, cancel := p.call(ctx)
	defer cancel()
	_, check := p.calls.Check(ctx, &sourcev1.CheckRequest{})
	_, schema := p.calls.Schema(ctx, &sourcev1.SchemaRequest{})
	stream, read := p.calls.Read(ctx, &sourcev1.ReadRequest{Fields: []string{"sku"}})
	if read == nil {
		_, read = stream.Recv()
	}
	for _, c := range []struct {
		name string
		err  error
	}{{"Check", check}, {"Schema", schema}, {"Read", read}} {
		if how := p.ended(0); how != "" {
			s.fail("2.8", "the program ended (%s)%s", how, p.lastWords())
			return
		}
		if code := status.Code(c.err); code != codes.FailedPrecondition {
			s.fail("2.8", "%s answers %s", c.name, answerOf(c.err))
		}
	}
	if how := p.ended(50 * time.Millisecond); how != "" {
		s.fail("2.8", "the program ended (%s)%s", how, p.lastWords())
	} else if !s.failed("2.8") {
		s.pass("2.8", "")
	}
}

// answerOf describes the answer to a call, for a message.
func answerOf(err error) string {
	if err == nil {
		return "as if all were well"
	}
	return fmt.Sprintf("%s: %s", codeName(status.Code(err)), status.Convert(err).Message())
}
