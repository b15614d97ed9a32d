package conformance

import (
	"context"
	"os"
	"time"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/plugins/host"
	"github.com/reconcilehq/reconcile/plugins/proto"
	sourcev1 "github.com/reconcilehq/reconcile/plugins/proto/source/v1"
)

// suite is one run of the conformance suite.
type suite struct {
	command  host.Command
	config   string
	timeout  time.Duration
	maxItems int64
	log      func(format string, args ...any)
	started  time.Time

	description *sourcev1.DescribeResponse // nil until Describe answered
	settings    *catalog.Settings
	sources     []configuration // that are right
	failing     []configuration // that must fail

	empty    map[string]bool // of the fields that were read, those that had no value in any item
	money    map[string]bool // of the fields with amounts in them, those of which a source says what they are in
	notes    []string        // for Report.Notes
	source   string          // what findings are about, where there are several sources
	outcomes map[string]*outcome
	peers    []*peer // all that were started
}

// run makes all checks. It returns an error only if the suite itself cannot continue.
func (s *suite) run(ctx context.Context) error {
	defer func() {
		for _, p := range s.peers {
			p.close()
		}
	}()
	if !s.checkStart(ctx) || !s.checkDescribe(ctx) {
		s.checkOutput()
		return nil
	}
	if err := s.loadSources(); err != nil {
		return err
	}
	s.skipWithoutSources()
	s.skipUnexpected()
	s.checkRightConfigurations(ctx)
	s.checkWrongConfigurations(ctx)
	var best *readSource
	for i := range s.sources {
		if len(s.sources) > 1 {
			s.source = s.sources[i].name
		}
		c := s.checkSource(ctx, s.sources[i])
		if c != nil && (best == nil || c.full.bytes > best.full.bytes) {
			best = c
		}
	}
	s.source = ""
	s.reportEmptyFields()
	s.noteUntold()
	if best != nil {
		s.checkStress(ctx, best)
		s.checkCopy(ctx, best)
		s.checkFetch(ctx, best)
		s.checkReadOnly(ctx, best)
		s.checkOrders(ctx, best)
	}
	s.checkWrites(ctx)
	s.checkEnding(ctx, best)
	s.checkSecrets(ctx)
	s.checkWrongCredentials(ctx)
	s.checkFailing(ctx)
	s.checkChange(ctx)
	s.checkOutput()
	return nil
}

// checkStart checks how the program starts. It reports whether the other checks can use the program.
func (s *suite) checkStart(ctx context.Context) bool {
	s.log("starting the program")
	began := time.Now()
	p := s.launch(ctx, s.command.Dir)
	if p == nil {
		return false
	}
	s.pass("1.1", "it took %s", time.Since(began).Round(time.Millisecond))
	for _, number := range []string{"1.2", "1.3", "1.4"} {
		s.pass(number, "")
	}
	p.close()
	s.checkStartByHand(ctx)
	elsewhere, err := os.MkdirTemp("", "conformance-")
	if err != nil {
		s.skip("1.6", "no other folder could be made: %v", err)
		return true
	}
	defer os.RemoveAll(elsewhere)
	if p := s.launchElsewhere(ctx, elsewhere); p != nil {
		s.pass("1.6", "")
		p.close()
	}
	return true
}

// launchElsewhere starts the program in another folder. If it fails there, the folder is the reason.
func (s *suite) launchElsewhere(ctx context.Context, dir string) *peer {
	command := s.command
	command.Dir = dir
	p := &peer{log: &output{}, strayOutput: &output{}, texts: &output{}, timeout: s.timeout}
	program, err := host.Launch(command, p.watch())
	if err != nil {
		s.fail("1.6", "in an empty folder it cannot be started: %v", err)
		return nil
	}
	p.program = program
	s.peers = append(s.peers, p)
	ctx, cancel := context.WithTimeout(ctx, min(startTimeout, s.timeout))
	defer cancel()
	if _, text := p.connect(ctx); text != "" {
		s.fail("1.6", "in an empty folder: %s%s", text, p.lastWords())
		p.close()
		return nil
	}
	return p
}

// describe calls Describe.
func (p *peer) describe(ctx context.Context, minor uint32) (*sourcev1.DescribeResponse, error) {
	ctx, cancel := p.call(ctx)
	defer cancel()
	return p.calls.Describe(ctx, &sourcev1.DescribeRequest{ProtocolMinor: minor, HostVersion: "conformance"})
}

// laterMinor is the minor version of a host of the future.
const laterMinor = proto.Minor + 1000
