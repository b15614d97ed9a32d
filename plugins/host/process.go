package host

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/hashicorp/go-hclog"
	plugin "github.com/hashicorp/go-plugin"
	"github.com/hashicorp/go-plugin/runner"
	"google.golang.org/grpc"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/plugins/proto"
	sourcev1 "github.com/reconcilehq/reconcile/plugins/proto/source/v1"
)

const (
	// DefaultReadTimeout bounds every call to a source that sets no read_timeout.
	DefaultReadTimeout = 2 * time.Minute

	startTimeout = 30 * time.Second
	closeTimeout = 2 * time.Second // for a connector to exit by itself when asked to
	killTimeout  = 2 * time.Second // for the system to end a connector that was killed
	deathTimeout = time.Second     // for a broken connection to show itself as a dead process
)

// Options are what Start needs beside the command.
type Options struct {
	Label   string        // what people call the source, for example `source "bigcommerce" "web"`
	Timeout time.Duration // of every call, and of every wait within Read; 0: DefaultReadTimeout
	Version string        // the host's own, for messages
	Log     *slog.Logger  // takes the connector's log; nil: discarded
	Secrets *Secrets      // are hidden in all that the connector says, and learn its sensitive settings; nil: its own only
	Bundled bool          // the connector is part of the program: who made it need not be told apart from who made the host
}

// Description is what a connector says of itself.
type Description struct {
	Connector, Version, SDKVersion, Doc string
	ProtocolMinor                       uint32
	Capabilities                        []string
	Settings                            *catalog.Settings

	RecordKinds []string // of a connector with the capability proto.Incremental, in the order in which Assemble wants them
	CopyVersion uint32   // of its records
}

// Protocol returns the protocol that the connector speaks, with its minor version.
func (d *Description) Protocol() string { return fmt.Sprintf("source.v1.%d", d.ProtocolMinor) }

// Process is a running connector.
type Process struct {
	label   string
	bundled bool
	timeout time.Duration
	client  *plugin.Client
	conn    *grpc.ClientConn        // to a program that somebody else started, in place of client
	process atomic.Pointer[process] // nil before the start
	output  *output
	secrets *Secrets
	dir     string // holds the socket
	pinned  *Pinned
	calls   sourcev1.SourceClient
	about   Description
	noCopy  bool        // the configured source wants none kept
	lost    atomic.Bool // it did not answer in time: asking it to exit would take as long
}

func newConnection(opts Options, timeout time.Duration) *Process {
	p := &Process{label: opts.Label, bundled: opts.Bundled, timeout: timeout, secrets: opts.Secrets}
	if p.secrets == nil {
		p.secrets = &Secrets{}
	}
	log := opts.Log
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	p.output = &output{log: log.With("source", opts.Label), secrets: p.secrets}
	return p
}

// Start runs the connector's program and asks it what it is. The caller closes the Process. An error says what the
// program did, with its last words, and leaves nothing running.
func Start(ctx context.Context, command Command, opts Options) (_ *Process, err error) {
	p := newConnection(opts, cmp.Or(opts.Timeout, DefaultReadTimeout))
	p.pinned = command.Pinned
	defer func() {
		if err != nil {
			p.Close()
		}
	}()
	if p.dir, err = privateDir(); err != nil {
		return nil, fmt.Errorf("%s: %w", p.label, err)
	}
	p.client = plugin.NewClient(p.clientConfig(command))
	if err := p.connect(ctx); err != nil {
		return nil, p.explain(ctx, "start", err)
	}
	ctx, cancel := context.WithTimeout(ctx, min(p.timeout, startTimeout))
	defer cancel()
	if err := p.describe(ctx, opts.Version); err != nil {
		return nil, err
	}
	return p, nil
}

// describe asks the connector what it is.
func (p *Process) describe(ctx context.Context, version string) error {
	m, err := p.calls.Describe(ctx, &sourcev1.DescribeRequest{ProtocolMinor: proto.Minor, HostVersion: version})
	if err != nil {
		return p.explain(ctx, "describe itself", err)
	}
	settings, err := proto.ToSettings(m.GetSettings())
	if err != nil {
		return &Failure{Label: p.label, Doing: "describe itself", Text: p.words(err.Error()), Fault: Connector, cause: err}
	}
	p.about = Description{Connector: m.GetConnector(), Version: m.GetVersion(), SDKVersion: m.GetSdkVersion(), ProtocolMinor: m.GetProtocolMinor(),
		Doc: m.GetDoc(), Capabilities: m.GetCapabilities(), Settings: settings,
		RecordKinds: m.GetRecordKinds(), CopyVersion: m.GetCopyVersion()}
	return p.checkKinds()
}

func (p *Process) clientConfig(command Command) *plugin.ClientConfig {
	return &plugin.ClientConfig{
		HandshakeConfig:  proto.Handshake,
		Plugins:          plugin.PluginSet{proto.PluginName: clientPlugin{}},
		AllowedProtocols: []plugin.Protocol{plugin.ProtocolGRPC},
		StartTimeout:     startTimeout + time.Minute, // connect gives up before that, and knows why
		Stderr:           p.output,
		SyncStdout:       p.output, // what a connector prints by mistake
		SyncStderr:       p.output,
		Logger:           hclog.NewNullLogger(),
		SkipHostEnv:      true,
		AutoMTLS:         runtime.GOOS == "windows",
		UnixSocketConfig: &plugin.UnixSocketConfig{TempDir: p.dir},
		GRPCDialOptions:  dialOptions(),
		RunnerFunc: func(_ hclog.Logger, spec *exec.Cmd, _ string) (runner.Runner, error) {
			cmd, err := command.prepare(spec.Env)
			if err != nil {
				return nil, err
			}
			started := newProcess(command.Path, cmd, p.output)
			p.process.Store(started)
			return started, nil
		},
	}
}

func dialOptions() []grpc.DialOption {
	return []grpc.DialOption{
		grpc.WithDefaultCallOptions(grpc.ForceCodecV2(proto.Codec()), grpc.MaxCallRecvMsgSize(proto.MaxMessage)),
		grpc.WithInitialWindowSize(4 << 20), grpc.WithInitialConnWindowSize(4 << 20), grpc.WithReadBufferSize(128 << 10),
	}
}

// connect starts the program and dials it. It gives up when ctx is done, or after a while; the program is killed then,
// which ends go-plugin's own waiting.
func (p *Process) connect(ctx context.Context) error {
	ctx, cancel := context.WithTimeoutCause(ctx, min(p.timeout, startTimeout), errSlowStart)
	defer cancel()
	type result struct {
		calls sourcev1.SourceClient
		err   error
	}
	connected := make(chan result, 1)
	go func() {
		calls, err := dial(p.client)
		connected <- result{calls, err}
	}()
	select {
	case r := <-connected:
		p.calls = r.calls
		return r.err
	case <-ctx.Done():
		<-connectedOrKilled(p, connected)
		return context.Cause(ctx)
	}
}

var errSlowStart = errors.New("not ready in time")

// connectedOrKilled kills the program until connecting has come to an end.
func connectedOrKilled[T any](p *Process, connected <-chan T) <-chan T {
	for {
		p.kill()
		select {
		case r := <-connected:
			again := make(chan T, 1)
			again <- r
			return again
		case <-time.After(10 * time.Millisecond):
		}
	}
}

func dial(client *plugin.Client) (sourcev1.SourceClient, error) {
	protocol, err := client.Client()
	if err != nil {
		return nil, err
	}
	raw, err := protocol.Dispense(proto.PluginName)
	if err != nil {
		return nil, err
	}
	return raw.(sourcev1.SourceClient), nil
}

// clientPlugin is go-plugin's view of a connector: the client side only.
type clientPlugin struct{ plugin.NetRPCUnsupportedPlugin }

func (clientPlugin) GRPCServer(*plugin.GRPCBroker, *grpc.Server) error {
	return errors.New("the host serves no connectors")
}

func (clientPlugin) GRPCClient(_ context.Context, _ *plugin.GRPCBroker, conn *grpc.ClientConn) (any, error) {
	return sourcev1.NewSourceClient(conn), nil
}

// Describe returns what the connector says of itself.
func (p *Process) Describe() Description { return p.about }

// Close stops the program: it is asked to exit, and killed if it does not. It returns in bounded time whatever the
// program does. Close may be called more than once.
func (p *Process) Close() {
	if p.conn != nil {
		_ = p.conn.Close() // the program is not ours to end
	}
	if p.client != nil {
		closed := make(chan struct{})
		go func() {
			defer close(closed)
			p.client.Kill() // blocks for as long as a frozen program takes
		}()
		if process := p.process.Load(); process != nil {
			process.cut() // for programs that know of no other way to be told
		}
		if p.lost.Load() {
			p.kill()
		}
		if !within(closeTimeout, closed) {
			p.kill()
			within(killTimeout, closed) // what the system itself cannot end is left to it
		}
	}
	_ = os.RemoveAll(p.dir)
	p.pinned.Close()
}

func within(d time.Duration, done <-chan struct{}) bool {
	select {
	case <-done:
		return true
	default:
	}
	select {
	case <-done:
		return true
	case <-time.After(d):
		return false
	}
}

// LastWords returns the last lines that the connector wrote to its log; "" if there were none.
func (p *Process) LastWords() string { return p.output.lastWords() }

// died waits a moment for the program's end and says how it came about; "" if it still runs.
func (p *Process) died() string {
	process := p.process.Load()
	if process == nil {
		return ""
	}
	if !within(deathTimeout, process.done) {
		return ""
	}
	within(2*drainTime, process.heard) // for its last words
	if process.err == nil {
		return "exit status 0"
	}
	return process.err.Error()
}

// kill ends the program at once, if it was started.
func (p *Process) kill() {
	if process := p.process.Load(); process != nil {
		_ = process.Kill(context.Background())
	}
}

func sortedKeys(m map[string]any) []string { return slices.Sorted(maps.Keys(m)) }

// shorten keeps a command's name readable in a message.
func shorten(path string) string {
	return strings.TrimSuffix(filepath.Base(path), ".exe")
}
