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
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/engine/change"
	"github.com/reconcilehq/reconcile/engine/fault"
	"github.com/reconcilehq/reconcile/plugins/proto"
	sourcev1 "github.com/reconcilehq/reconcile/plugins/proto/source/v1"
)

const (
	// DefaultReadTimeout is the time limit of every call to a source that sets no read_timeout.
	DefaultReadTimeout = 2 * time.Minute

	// DefaultReadLimit is how long a read of a source that sets no read_limit may take as a whole.
	DefaultReadLimit = 6 * time.Hour

	startTimeout = 30 * time.Second
	closeTimeout = 2 * time.Second // how long a connector may take to exit when it is asked to
	killTimeout  = 2 * time.Second // how long the system may take to end a connector that was killed
	exitTimeout  = time.Second     // after a broken connection: how long to wait for the program's end, which may be the cause
)

// Options are what Start needs beside the command.
type Options struct {
	Label   string        // what people call the source, for example `source "bigcommerce" "web"`
	Timeout time.Duration // of every call, and of every wait within Read; 0: DefaultReadTimeout
	// ReadLimit is how long a Read, Pull or Assemble may take as a whole; 0: DefaultReadLimit.
	ReadLimit time.Duration
	MaxItems  int64        // the largest number of items of a read; 0: proto.MaxItems
	Version   string       // the host's own, for messages
	Log       *slog.Logger // takes the connector's log; nil: discarded
	Secrets   *Secrets     // secrets to hide in the connector's texts; Configure adds to them. nil: only those of Configure
	Apply     bool         // the process may be asked for Prepare and Apply: Configure then sends settings that only these need
	Bundled   bool         // the connector is part of this program: messages do not say whether host or connector is at fault
}

// Description is what a connector says of itself.
type Description struct {
	Connector, Version, SDKVersion, Doc string
	ProtocolMinor                       uint32
	Capabilities                        []string
	Settings                            *catalog.Settings

	// The kinds of records, in the order in which Assemble wants them, and the version of the records. Only connectors with
	// the capability proto.Incremental have them.
	RecordKinds []string
	CopyVersion uint32

	// Writable says how the platform takes the values of the fields that can be set. Only connectors with the capability proto.Apply
	// have them.
	Writable map[string]change.Writable
}

// Protocol returns the protocol that the connector speaks, with its minor version.
func (d *Description) Protocol() string { return fmt.Sprintf("source.v1.%d", d.ProtocolMinor) }

// Process is a running connector.
type Process struct {
	label        string
	bundled      bool
	timeout      time.Duration
	readLimit    time.Duration
	maxItems     int64
	client       *plugin.Client
	conn         *grpc.ClientConn        // in place of client, after Attach: the program was started by somebody else
	process      atomic.Pointer[process] // nil before the start
	output       *output
	secrets      *Secrets
	secret       proto.Secret        // of this process: each call carries it
	memory       *proto.SharedMemory // through which its batches come; nil: they come through the socket
	dir          string              // holds the socket
	pinned       *Pinned
	calls        sourcev1.SourceClient
	description  Description
	settable     atomic.Pointer[map[string]change.Writable] // the fields that can be set as it is configured; nil before Schema
	apply        bool                                       // Prepare and Apply may be called
	wills        map[string]catalog.Value                   // what Prepare said that the platform will hold, by the change's key; for one call at a time
	noCopy       bool                                       // the source, as it is configured, wants no Local Copy
	unresponsive atomic.Bool                                // the program did not answer in time; do not wait for it again at Close
}

func newConnection(opts Options, timeout time.Duration) *Process {
	p := &Process{label: opts.Label, bundled: opts.Bundled, timeout: timeout, secrets: opts.Secrets, apply: opts.Apply, wills: map[string]catalog.Value{},
		readLimit: cmp.Or(opts.ReadLimit, DefaultReadLimit), maxItems: cmp.Or(opts.MaxItems, proto.MaxItems)}
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

// Start runs the connector's program and asks for its description. The caller closes the Process. If Start fails, the error
// says what the program did and the last lines that it wrote, and nothing is left running.
func Start(ctx context.Context, command Command, opts Options) (_ *Process, err error) {
	p := newConnection(opts, cmp.Or(opts.Timeout, DefaultReadTimeout))
	p.pinned = command.Pinned
	p.useSecret(proto.NewSecret())
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
		return nil, p.callError(ctx, "start", err)
	}
	ctx, cancel := context.WithTimeout(ctx, min(p.timeout, startTimeout))
	defer cancel()
	if err := p.askDescription(ctx, opts.Version); err != nil {
		return nil, err
	}
	return p, nil
}

// askDescription calls Describe and keeps the answer.
func (p *Process) askDescription(ctx context.Context, version string) error {
	request := &sourcev1.DescribeRequest{ProtocolMinor: proto.Minor, HostVersion: version}
	m, err := p.calls.Describe(ctx, request, shortAnswer)
	if err != nil {
		return p.callError(ctx, "describe itself", err)
	}
	if err := p.refusesStrangers(ctx, request); err != nil {
		return err
	}
	settings, err := proto.ToSettings(m.GetSettings())
	if err != nil {
		return &Failure{Label: p.label, Action: "describe itself", Text: p.safeText(err.Error()), Fault: Connector, cause: err}
	}
	p.description = Description{Connector: m.GetConnector(), Version: m.GetVersion(), SDKVersion: m.GetSdkVersion(), ProtocolMinor: m.GetProtocolMinor(),
		Doc: m.GetDoc(), Capabilities: m.GetCapabilities(), Settings: settings,
		RecordKinds: m.GetRecordKinds(), CopyVersion: m.GetCopyVersion()}
	if err := p.checkKinds(); err != nil {
		return err
	}
	return p.checkWritable(m)
}

// useSecret makes calls carry the secret of the process, and hides it in all that the connector says.
func (p *Process) useSecret(s proto.Secret) {
	p.secret = s
	p.secrets.Add(s.Text())
}

// refusesStrangers makes sure that the connector asks for the secret: it calls Describe as a neighbour could that has found the
// socket, without a secret and with another one. A connector that answers would answer that neighbour, too.
func (p *Process) refusesStrangers(ctx context.Context, request *sourcev1.DescribeRequest) error {
	for _, other := range []proto.Secret{{}, proto.NewSecret()} {
		_, err := p.calls.Describe(proto.AsStranger(ctx, other), request, shortAnswer)
		if status.Code(err) == codes.Unauthenticated {
			continue
		}
		if err != nil && (ctx.Err() != nil || !p.alive()) {
			return p.callError(ctx, "describe itself", err)
		}
		return &Failure{Label: p.label, Action: "start", Fault: Connector, Text: fmt.Sprintf(
			"the connector does not ask for the secret of its process (%s in docs/protocol.md), so that any program of this user could read and configure it; it has to be built with version %s of the SDK, or a later one",
			proto.SecretEnv, proto.SecretSDK)}
	}
	return nil
}

func (p *Process) clientConfig(command Command) *plugin.ClientConfig {
	return &plugin.ClientConfig{
		HandshakeConfig:  proto.Handshake,
		Plugins:          plugin.PluginSet{proto.PluginName: clientPlugin{}},
		AllowedProtocols: []plugin.Protocol{plugin.ProtocolGRPC},
		StartTimeout:     startTimeout + time.Minute, // connect has a shorter limit, and a better message
		Stderr:           p.output,
		SyncStdout:       p.output, // what a connector prints by mistake
		SyncStderr:       p.output,
		Logger:           hclog.NewNullLogger(),
		SkipHostEnv:      true,
		AutoMTLS:         runtime.GOOS == "windows",
		UnixSocketConfig: &plugin.UnixSocketConfig{TempDir: p.dir},
		GRPCDialOptions:  append(dialOptions(), p.secret.Carry()),
		RunnerFunc: func(_ hclog.Logger, spec *exec.Cmd, _ string) (runner.Runner, error) {
			cmd, err := command.prepare(spec.Env)
			if err != nil {
				return nil, err
			}
			started := newProcess(command, cmd, p.secret, p.output)
			if p.bundled && !command.reaped() {
				p.memory, started.handed, _ = proto.ShareMemory() // else batches come through the socket
			}
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

// connect starts the program and dials it. When ctx is done, or after the time limit, it kills the program, which makes
// go-plugin stop waiting, and returns.
func (p *Process) connect(ctx context.Context) error {
	ctx, cancel := context.WithTimeoutCause(ctx, min(p.timeout, startTimeout), errStartTimeout)
	defer cancel()
	type result struct {
		calls sourcev1.SourceClient
		err   error
	}
	connected := make(chan result, 1)
	fault.Go(func() {
		calls, err := dial(p.client)
		connected <- result{calls, err}
	})
	select {
	case r := <-connected:
		p.calls = r.calls
		return r.err
	case <-ctx.Done():
		<-killUntilDone(p, connected)
		return context.Cause(ctx)
	}
}

var errStartTimeout = errors.New("not ready in time")

// killUntilDone kills the program, again and again, until go-plugin has stopped trying to connect.
func killUntilDone[T any](p *Process, connected <-chan T) <-chan T {
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

// clientPlugin is what go-plugin asks for to make a client.
type clientPlugin struct{ plugin.NetRPCUnsupportedPlugin }

func (clientPlugin) GRPCServer(*plugin.GRPCBroker, *grpc.Server) error {
	return errors.New("the host serves no connectors")
}

func (clientPlugin) GRPCClient(_ context.Context, _ *plugin.GRPCBroker, conn *grpc.ClientConn) (any, error) {
	return sourcev1.NewSourceClient(conn), nil
}

// Describe returns what the connector says of itself.
func (p *Process) Describe() Description { return p.description }

// Close asks the program to exit, and kills it if it does not. It returns within seconds, whatever the program does. Close
// may be called more than once.
func (p *Process) Close() {
	if p.conn != nil {
		_ = p.conn.Close() // the program is not ours to end
	}
	if p.client != nil {
		closed := make(chan struct{})
		fault.Go(func() {
			defer close(closed)
			p.client.Kill() // blocks for as long as a frozen program takes
		})
		if process := p.process.Load(); process != nil {
			process.closeLifeline() // some programs know no other way to be told
		}
		if p.unresponsive.Load() {
			p.kill()
		}
		if !within(closeTimeout, closed) {
			p.kill()
			within(killTimeout, closed) // if the system cannot end the program, neither can we
		}
	}
	p.memory.Close()
	_ = os.RemoveAll(p.dir)
	p.pinned.Close()
}

// within waits up to d for done, and reports whether it was closed.
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

// LastWords returns the last lines that the connector wrote to its log; "" if it wrote none.
func (p *Process) LastWords() string { return p.output.lastWords() }

// howItEnded waits a moment for the program's end and returns its exit status in words; "" if the program still runs.
func (p *Process) howItEnded() string {
	process := p.process.Load()
	if process == nil {
		return ""
	}
	if !within(exitTimeout, process.exited) {
		return ""
	}
	within(2*drainTime, process.outputRead) // so that lastWords has everything
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

// programName returns the name of a program for a message: without folder, and without .exe.
func programName(path string) string {
	return strings.TrimSuffix(filepath.Base(path), ".exe")
}
