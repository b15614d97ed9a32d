package sdk

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"sync"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/engine/fault"
	"github.com/reconcilehq/reconcile/plugins/proto"
	sourcev1 "github.com/reconcilehq/reconcile/plugins/proto/source/v1"
)

var errServerOnly = errors.New("the SDK serves connectors; hosts use plugins/host")

// server answers the protocol's calls for one connector.
type server struct {
	sourcev1.UnimplementedSourceServer
	connector      Connector
	log            *slog.Logger
	reconfigurable bool          // Configure may be called more than once
	confines       bool          // the process is one source's alone: it can give up what this does not need
	places         *proto.Places // for batches; nil: they go through the socket

	mu      sync.Mutex
	source  Source           // nil before Configure
	applies bool             // Configure said that there may be changes
	wills   map[string]Value // what Prepare said the platform will hold, by the change's key
	timeout time.Duration    // the source's read_timeout; 0 if the host did not tell
}

func newServer(c Connector) *server {
	return &server{connector: c, log: slog.New(slog.NewJSONHandler(os.Stderr, &slog.HandlerOptions{
		Level: slog.LevelDebug, ReplaceAttr: hclogNames}))}
}

// hclogNames renames the attributes of a log record to those of hclog, which the host reads.
func hclogNames(groups []string, a slog.Attr) slog.Attr {
	if len(groups) > 0 {
		return a
	}
	switch a.Key {
	case slog.MessageKey:
		a.Key = "@message"
	case slog.LevelKey:
		return slog.String("@level", map[slog.Level]string{slog.LevelDebug: "debug", slog.LevelInfo: "info",
			slog.LevelWarn: "warn", slog.LevelError: "error"}[a.Value.Any().(slog.Level)])
	case slog.TimeKey:
		return slog.String("@timestamp", a.Value.Time().Format("2006-01-02T15:04:05.000000Z07:00"))
	}
	return a
}

func (s *server) Describe(context.Context, *sourcev1.DescribeRequest) (_ *sourcev1.DescribeResponse, err error) {
	defer s.recovered(&err)
	settings, err := SettingsOf(s.connector.New())
	if err != nil {
		return nil, status.Errorf(codes.Internal, "connector %q: %v", s.connector.Name, err)
	}
	res := &sourcev1.DescribeResponse{
		Connector: s.connector.Name, Version: s.connector.Version, SdkVersion: Version, ProtocolMinor: proto.Minor,
		Doc: s.connector.Doc, Settings: proto.FromSettings(settings),
	}
	if inc, ok := s.connector.New().(Incremental); ok {
		rules := inc.CopyRules()
		res.Capabilities = append(res.Capabilities, proto.Incremental)
		res.RecordKinds, res.CopyVersion = rules.Kinds, rules.Version
	}
	s.describeChanges(res)
	return res, nil
}

func (s *server) Configure(ctx context.Context, req *sourcev1.ConfigureRequest) (res *sourcev1.ConfigureResponse, err error) {
	defer s.recovered(&err)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.source != nil && !s.reconfigurable {
		return nil, status.Error(codes.FailedPrecondition, "the source is configured already")
	}
	source := s.connector.New()
	s.timeout = timeoutOf(req)
	ctx = WithReadTimeout(ctx, s.timeout)
	s.applies, s.wills = req.GetApply(), map[string]Value{}
	err = fillSettings(source, req.GetSettings(), s.applies)
	if c, ok := source.(Configurer); ok && err == nil {
		err = c.Configure(ctx)
	}
	res = &sourcev1.ConfigureResponse{}
	failed := false
	for _, e := range splitJoined(err) {
		p := &sourcev1.Problem{Summary: e.Error()}
		var setting *SettingError
		if errors.As(e, &setting) {
			p = &sourcev1.Problem{Path: setting.Path, Summary: setting.Summary, Detail: setting.Detail, Warning: setting.Warning}
		}
		failed = failed || !p.Warning
		res.Problems = append(res.Problems, p)
	}
	if !failed {
		if c, ok := source.(Confined); ok && s.confines {
			needs := c.Needs()
			if s.applies {
				needs.Write = append(needs.Write, needs.WriteToApply...)
			}
			if p := confineTo(needs); p != nil {
				res.Problems = append(res.Problems, &sourcev1.Problem{Summary: p.Summary, Detail: p.Detail, Warning: p.Warning})
			}
		}
		s.source = source
		res.NoCopy = !keepsCopy(source)
	}
	return res, nil
}

// splitJoined returns the errors that were joined into err, also by several calls of errors.Join.
func splitJoined(err error) []error {
	if err == nil {
		return nil
	}
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		var all []error
		for _, e := range joined.Unwrap() {
			all = append(all, splitJoined(e)...)
		}
		return all
	}
	return []error{err}
}

func (s *server) configured() (Source, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.source == nil {
		return nil, status.Error(codes.FailedPrecondition, "the source is not configured: call Configure first")
	}
	return s.source, nil
}

func (s *server) Check(ctx context.Context, _ *sourcev1.CheckRequest) (res *sourcev1.CheckResponse, err error) {
	defer s.recovered(&err)
	source, err := s.configured()
	if err != nil {
		return nil, err
	}
	res = &sourcev1.CheckResponse{}
	checker, ok := source.(Checker)
	if !ok {
		return res, nil
	}
	facts, err := checker.Check(s.told(ctx))
	if err != nil {
		return nil, toStatus(ctx, err)
	}
	for _, f := range facts {
		res.Facts = append(res.Facts, &sourcev1.Fact{Name: f.Name, Value: f.Value})
	}
	return res, nil
}

func (s *server) Schema(ctx context.Context, _ *sourcev1.SchemaRequest) (res *sourcev1.SchemaResponse, err error) {
	defer s.recovered(&err)
	source, err := s.configured()
	if err != nil {
		return nil, err
	}
	fields, err := source.Schema(s.told(ctx))
	if err != nil {
		return nil, toStatus(ctx, err)
	}
	schema, err := catalog.NewSchema(fields...)
	if err != nil {
		return nil, status.Errorf(codes.Internal, "the connector's schema: %v", err)
	}
	res = &sourcev1.SchemaResponse{Fields: proto.FromSchema(schema)}
	if p, ok := source.(ItemPager); ok {
		res.ItemPage = p.ItemPage()
	}
	if a, ok := source.(Applier); ok {
		can, err := settable(ctx, a)
		if err != nil {
			return nil, toStatus(ctx, err)
		}
		all := a.Writable()
		for _, f := range res.GetFields() {
			_, could := all[f.GetName()]
			_, is := can[f.GetName()]
			f.ReadOnly = could && !is
		}
	}
	return res, nil
}

func (s *server) Read(req *sourcev1.ReadRequest, stream sourcev1.Source_ReadServer) (err error) {
	defer s.recovered(&err)
	source, err := s.configured()
	if err != nil {
		return err
	}
	ctx := s.told(stream.Context())
	out := s.readStream(ctx, stream.SendMsg)
	request := out.request(req, s.log)
	sieve := out.sieve(req)
	items, err := ReadAll(ctx, source, request, sieve.batch)
	if err != nil {
		return toStatus(ctx, err)
	}
	done := request.done(items)
	sieve.done(done)
	request.dated(done)
	return out.message(&sourcev1.ReadResponse{Message: &sourcev1.ReadResponse_Done{Done: done}})
}

// toStatus turns a connector's error into a gRPC status with the same text.
func toStatus(ctx context.Context, err error) error {
	if _, ok := status.FromError(err); ok {
		return err
	}
	if ctx.Err() != nil {
		return status.FromContextError(ctx.Err()).Err()
	}
	var unknown *unknownFieldError
	if errors.As(err, &unknown) {
		return status.Error(codes.InvalidArgument, err.Error())
	}
	var own *misuseError
	if errors.As(err, &own) {
		return status.Error(codes.Internal, err.Error())
	}
	return status.Error(codes.Unknown, err.Error())
}

// recovered is deferred by each call. It turns a panic into an error, and writes to the log which functions it came through. The
// panic's own value is in neither: it may be a secret.
func (s *server) recovered(err *error) {
	if p := recover(); p != nil {
		fault.Report(os.Stderr, p)
		*err = status.Errorf(codes.Internal, "the connector panicked: %s", fault.What(p))
	}
}
