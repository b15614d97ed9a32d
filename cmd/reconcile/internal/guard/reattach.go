package guard

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"

	"github.com/reconcilehq/reconcile/plugins/host"
	"github.com/reconcilehq/reconcile/plugins/proto"
	"github.com/reconcilehq/reconcile/rules"
	"github.com/reconcilehq/reconcile/rules/source"
)

// reattach says which connectors are not started but attached to, because somebody debugs them.
type reattach struct {
	addresses map[string]string // by connector, or connector.source
	taken     map[string]string // addresses: by which source
}

// Reattaches reports whether connectors may be ones that somebody else started.
func Reattaches() bool { return os.Getenv(proto.ReattachEnv) != "" }

// readReattach reads the environment. Names that are no plugin of the configuration are returned as unknown.
func readReattach(config *rules.Config) (r reattach, unknown []string, err error) {
	r = reattach{addresses: map[string]string{}, taken: map[string]string{}}
	text := os.Getenv(proto.ReattachEnv)
	if text == "" {
		return r, nil, nil
	}
	for _, entry := range strings.Split(text, ",") {
		name, address, ok := strings.Cut(strings.TrimSpace(entry), "=")
		if !ok || name == "" || address == "" {
			return r, nil, fmt.Errorf("%s is NAME=ADDRESS, several with commas between, as the connector prints it when it is started with -debug; it is %q", proto.ReattachEnv, text)
		}
		connector, of, _ := strings.Cut(name, ".")
		known := config.Plugin(connector) != nil && (of == "" || slices.ContainsFunc(config.Sources, func(s *source.Source) bool {
			return s.Connector == connector && s.Name == of
		}))
		if !known {
			unknown = append(unknown, name)
		}
		r.addresses[name] = address
	}
	return r, unknown, nil
}

// of returns the address of a source's connector; "" if it is to be started.
func (r *reattach) of(s *source.Source) string {
	if address, ok := r.addresses[s.Connector+"."+s.Name]; ok {
		return address
	}
	return r.addresses[s.Connector]
}

// take notes that a source uses an address, for one process serves one source. It returns the source that has it already.
func (r *reattach) take(address string, s *source.Source) (other string) {
	if other := r.taken[address]; other != "" && other != s.Address() {
		return other
	}
	r.taken[address] = s.Address()
	return ""
}

// attach speaks to a plugin that somebody debugs.
func (g *Guard) attach(ctx context.Context, source *source.Source, address string, opts host.Options) (*host.Process, hcl.Diagnostics) {
	g.mu.Lock()
	other := g.debug.take(address, source)
	g.mu.Unlock()
	if other != "" {
		return nil, problem(source.Range, "One process for two sources", "%s has both this source and %s attach to %s, but a process serves one source. Start another, and name each source with its own: %s=%s.%s=ADDRESS,...",
			proto.ReattachEnv, other, address, proto.ReattachEnv, source.Connector, source.Name)
	}
	g.once("attach "+address, "attached to %q at %s, as %s says: what runs there is neither locked nor confined.", source.Connector, address, proto.ReattachEnv)
	process, err := host.Attach(ctx, address, opts)
	if err != nil {
		diags := failure(source.Range, err)
		diags[0].Summary = "Cannot attach to the connector"
		diags[0].Detail += fmt.Sprintf("\nIf it is not being debugged any more, unset %s.", proto.ReattachEnv)
		return nil, diags
	}
	return process, nil
}
