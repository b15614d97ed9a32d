// Package bad holds connectors that misbehave on purpose, each in one way. The conformance suite has to find each out,
// and the host to survive it.
//
// They speak the protocol without the SDK, which would not let them do what they do.
package bad

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/hashicorp/go-hclog"
	plugin "github.com/hashicorp/go-plugin"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/plugins/proto"
	sourcev1 "github.com/reconcilehq/reconcile/plugins/proto/source/v1"
	"github.com/reconcilehq/reconcile/plugins/sdk"
)

// Way is a way to misbehave.
type Way struct {
	Name   string // the program's argument
	Does   string // for people
	Demand string // the number of the demand that it fails; "" for the one that does not misbehave
	Also   string // the numbers of others that cannot hold then
}

// Ways returns all of them. The first does not misbehave, so that what the others fail is due to what they do.
func Ways() []Way {
	return []Way{
		{"well", "does nothing wrong", "", ""},
		{"panics-at-start", "panics before it is ready", "1.1", ""},
		{"hangs-at-start", "starts and says nothing", "1.1", ""},
		{"junk-first", "prints a greeting of its own on standard output first", "1.2", ""},
		{"newer-protocol", "speaks version 2 of the protocol only", "1.3", ""},
		{"older-protocol", "speaks version 0 of the protocol only", "1.3", ""},
		{"other-service", "serves another gRPC service", "1.3", ""},
		{"serves-strangers", "answers calls that do not carry its secret", "1.7", ""},
		{"serves-who-has-a-secret", "answers calls that carry any secret", "1.7", ""},
		{"ends-for-strangers", "asks for its secret, but not where somebody ends it", "1.7", ""},
		{"keeps-its-secret-open", "leaves the descriptor with its secret open", "1.8", ""},
		{"hangs-in-describe", "never answers Describe", "2.1", ""},
		{"dies-unconfigured", "dies when it is asked for its fields before it is configured", "2.8", ""},
		{"takes-anything", "accepts whatever it is configured with", "3.3", "3.4 3.5"},
		{"names-nothing", "refuses a configuration without saying where the mistake is", "3.3", "3.4 3.5"},
		{"wrong-type-of-known", "says that the price is a text", "4.2", ""},
		{"page-of-a-script", "says that the page of an item is a script", "4.4", ""},
		{"page-of-no-field", "says that the page of an item is known by a field that there is not", "4.4", ""},
		{"page-with-its-token", "says that the page of an item is one with its token", "7.5", ""},
		{"lets-anyone-in", "does not mind which token it is given", "5.2", ""},
		{"empty-for-strangers", "has no items for who has a wrong token, and says that this is all", "5.2", ""},
		{"dies", "dies in the middle of a read, with its token in its last words", "6.1", "7.5"},
		{"panics", "panics in the middle of a read", "6.1", ""},
		{"damaged", "sends damaged data", "6.2", ""},
		{"no-done", "stops sending without a Done", "6.3", ""},
		{"goes-on", "sends Done and goes on", "6.3", ""},
		{"wrong-count", "counts one item too many", "6.4", ""},
		{"negative-count", "counts -1 items", "6.4", ""},
		{"hides-unreadable", "tells of an item that it could not read, and does not count it", "6.4", ""},
		{"nameless-unreadable", "tells of an item that it could not read without its SKU", "6.4", ""},
		{"enormous", "sends a message of 80 MiB", "6.5", ""},
		{"bulky", "tells in one message of 10 million items that it could not read", "6.5", ""},
		{"not-utf8", "sends text in Latin-1", "6.6", ""},
		{"not-nfc", "sends é as two characters", "6.6", ""},
		{"duplicates", "sends an item twice", "6.8", ""},
		{"ignores-fields", "has the fields of the schema in mind, not those that it was asked for", "6.11", ""},
		{"shuffles", "sends the items in another order each time", "6.14", ""},
		{"freezes", "is frozen in the middle of a read (SIGSTOP)", "6.16", ""},
		{"silent", "falls silent in the middle of a read", "6.16", ""},
		{"floods-with-progress", "sends progress without end", "6.17", ""},
		{"floods-with-warnings", "sends warnings without end", "6.17", ""},
		{"floods-with-notices", "sends notices without end", "6.17", ""},
		{"floods-with-nothing", "sends batches without items, without end", "6.17", ""},
		{"floods-with-items", "sends items without end", "6.18", ""},
		{"ignores-cancellation", "works on when a read is cancelled", "6.19", ""},
		{"hoards", "takes 160 MiB for a read of little", "6.21", ""},
		{"leaks", "keeps 8 MiB of each read", "6.22", ""},
		{"from-the-future", "says that its data are of tomorrow", "6.23", ""},
		{"carriage-returns", "ends lines within text with CRLF", "6.24", ""},
		{"null-field", "has no price for any item", "6.25", ""},
		{"no-currency", "says that its prices are in dollars, in a word", "6.26", ""},
		{"no-unit", "says that its prices are in kilograms", "6.26", ""},
		{"stands-still", "sends the same progress again and again", "6.27", ""},
		{"waits-for-nothing", "says again and again that it waits, until a time that has passed", "6.27", ""},
		{"waits-too-long", "says that it waits for two hours", "6.27", ""},
		{"first-page", "takes the first page for all items", "6.28", "6.29"},
		{"shifts", "gives each item the price of the one before", "6.29", ""},
		{"never-fails", "gives no items, and no error, where it cannot read", "6.30", ""},
		{"outlives-its-host", "goes on when the host is gone", "7.2", "7.3"},
		{"prints", "prints on standard output while it reads", "7.4", ""},
		{"tells-its-secret", "logs its token", "7.5", ""},
		{"babbles", "writes 64 MiB on standard error, without a line end", "", ""},
		{"leaves-a-process", "leaves a process behind", "7.6", ""},
	}
}

// Wanted reports whether a test is to look at that way. All of them take minutes; RECONCILE_TEST_BAD_CONNECTORS asks for
// that.
func Wanted(w Way) bool {
	usual := []string{"well", "first-page", "page-of-a-script", "lets-anyone-in", "panics-at-start", "junk-first", "serves-strangers", "newer-protocol", "dies", "wrong-count", "hides-unreadable", "enormous", "duplicates",
		"freezes", "floods-with-progress", "ignores-cancellation", "leaks"}
	return os.Getenv("RECONCILE_TEST_BAD_CONNECTORS") != "" || slices.Contains(usual, w.Name)
}

// Serve runs the connector that misbehaves in that way, until the host is done with it.
func Serve(way string) {
	if !slices.ContainsFunc(slices.Concat(Ways(), WriteWays(), OrderWays()), func(w Way) bool { return w.Name == way }) && way != "" {
		fmt.Fprintf(os.Stderr, "there is no way %q to misbehave\n", way)
		os.Exit(1)
	}
	handshake := proto.Handshake
	if os.Getenv(handshake.MagicCookieKey) == handshake.MagicCookieValue {
		switch way {
		case "panics-at-start":
			panic("no configuration of mine in sight")
		case "hangs-at-start":
			forever()
		case "junk-first":
			fmt.Println("Hello from the bad connector!")
		case "newer-protocol":
			handshake.ProtocolVersion = 2
		case "older-protocol":
			handshake.ProtocolVersion = 0
		case "leaves-a-process":
			leaveProcess()
		}
	}
	demand := demandSecret(way)
	if way != "outlives-its-host" {
		go exitWithHost()
	}
	plugin.Serve(&plugin.ServeConfig{
		HandshakeConfig: handshake,
		Plugins:         plugin.PluginSet{proto.PluginName: served{server: &server{way: way}, writes: strings.HasPrefix(way, writes)}},
		GRPCServer: func(opts []grpc.ServerOption) *grpc.Server {
			return grpc.NewServer(append(opts, demand, grpc.MaxSendMsgSize(1<<30))...)
		},
		Logger: hclog.NewNullLogger(),
	})
}

// exitWithHost ends the process when the lifeline does.
func exitWithHost() {
	if fd, err := strconv.Atoi(os.Getenv(proto.LifelineEnv)); err == nil {
		_, _ = io.Copy(io.Discard, os.NewFile(uintptr(fd), "lifeline"))
		os.Exit(0)
	}
}

func forever() { select {} }

// served is go-plugin's view of it.
type served struct {
	plugin.NetRPCUnsupportedPlugin
	server *server
	writes bool // it is one that can write
}

func (s served) GRPCServer(_ *plugin.GRPCBroker, g *grpc.Server) error {
	desc := sourcev1.Source_ServiceDesc
	if s.server.way == "other-service" {
		desc.ServiceName = "reconcile.source.v2.Source"
	}
	if s.writes {
		g.RegisterService(&desc, &writer{server: s.server, prices: map[string]string{"A-0": "1", "A-1": "2", "A-2": ""}})
		return nil
	}
	if strings.HasPrefix(s.server.way, orders) {
		g.RegisterService(&desc, &orderer{s.server})
		return nil
	}
	g.RegisterService(&desc, s.server)
	return nil
}

func (served) GRPCClient(context.Context, *plugin.GRPCBroker, *grpc.ClientConn) (any, error) {
	return nil, errors.New("a server only")
}

// settings are what a bad connector can be told.
type settings struct {
	Token string `setting:"token,sensitive" doc:"A secret."`
	Opens string `setting:"opens" doc:"The token that is the right one; any if it is left out."`
	Shut  bool   `setting:"shut" default:"false" doc:"Whether nothing can be read."`
	Items int64  `setting:"items" default:"3" doc:"How many items there are."`
	Bytes int64  `setting:"bytes" default:"0" doc:"How many bytes names have at least."`
	Mood  string `setting:"mood" default:"bad" values:"good|bad" doc:"Of no consequence."`
}

// server answers the protocol's calls.
type server struct {
	sourcev1.UnimplementedSourceServer
	way string

	mu         sync.Mutex
	configured *settings
	leaked     [][]byte
	reads      int
}

func (s *server) Describe(ctx context.Context, _ *sourcev1.DescribeRequest) (*sourcev1.DescribeResponse, error) {
	if s.way == "hangs-in-describe" {
		<-ctx.Done()
		return nil, status.FromContextError(ctx.Err()).Err()
	}
	described, err := sdk.SettingsOf(&settings{})
	if err != nil {
		return nil, err
	}
	return &sourcev1.DescribeResponse{Connector: "bad", Version: "0", Doc: "Misbehaves.", Settings: proto.FromSettings(described)}, nil
}

func (s *server) Configure(_ context.Context, req *sourcev1.ConfigureRequest) (*sourcev1.ConfigureResponse, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.configured != nil {
		return nil, status.Error(codes.FailedPrecondition, "configured already")
	}
	given := &settings{}
	err := sdk.FillSettings(given, req.GetSettings())
	if s.way == "tells-its-secret" && given.Token != "" && !strings.HasPrefix(given.Token, "open-") {
		fmt.Fprintf(os.Stderr, "signing in with %s\n", given.Token)
		return &sourcev1.ConfigureResponse{Problems: []*sourcev1.Problem{{Path: []string{"token"}, Summary: "the token " + given.Token + " is no good"}}}, nil
	}
	if err == nil || s.way == "takes-anything" {
		s.configured = given
		return &sourcev1.ConfigureResponse{}, nil
	}
	problem := &sourcev1.Problem{Summary: "something is wrong"}
	var setting *sdk.SettingError
	if errors.As(err, &setting) && s.way != "names-nothing" {
		problem = &sourcev1.Problem{Path: setting.Path, Summary: setting.Summary}
	}
	return &sourcev1.ConfigureResponse{Problems: []*sourcev1.Problem{problem}}, nil
}

func (s *server) settings() (*settings, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.configured == nil {
		return nil, status.Error(codes.FailedPrecondition, "not configured")
	}
	return s.configured, nil
}

func (s *server) Check(context.Context, *sourcev1.CheckRequest) (*sourcev1.CheckResponse, error) {
	given, err := s.settings()
	if err != nil {
		return nil, err
	}
	if err := s.refuse(given); err != nil {
		return nil, err
	}
	return &sourcev1.CheckResponse{}, nil
}

// refuse returns what a platform says that is shut, or that does not know the token.
func (s *server) refuse(given *settings) error {
	switch {
	case given.Shut && s.way != "never-fails":
		return status.Error(codes.Unknown, "the shop is shut")
	case given.stranger() && s.way != "lets-anyone-in":
		return status.Error(codes.Unknown, "the shop does not know the token")
	}
	return nil
}

func (s *settings) stranger() bool { return s.Opens != "" && s.Token != s.Opens }

var schema = catalog.MustSchema(catalog.Field{Name: "sku", Type: catalog.String}, catalog.Field{Name: "name", Type: catalog.String},
	catalog.Field{Name: "price", Type: catalog.Number})

func (s *server) Schema(context.Context, *sourcev1.SchemaRequest) (*sourcev1.SchemaResponse, error) {
	if _, err := s.settings(); err != nil {
		if s.way == "dies-unconfigured" {
			fmt.Fprintln(os.Stderr, "who am I?")
			os.Exit(3)
		}
		return nil, err
	}
	fields := proto.FromSchema(schema)
	if s.way == "wrong-type-of-known" {
		fields[schema.Index("price")].Type = "string"
	}
	return &sourcev1.SchemaResponse{Fields: fields, ItemPage: s.itemPage()}, nil
}

func (s *server) itemPage() string {
	switch s.way {
	case "page-of-a-script":
		return "javascript:alert({sku})"
	case "page-of-no-field":
		return "https://shop.example/items/{id}"
	case "page-with-its-token":
		given, _ := s.settings()
		return "https://shop.example/items/{sku}?token=" + given.Token
	}
	return "https://shop.example/items/{sku}"
}

// name returns an item's name, of so many bytes at least.
func (s *server) name(i, bytes int) string {
	é := "é"
	switch s.way {
	case "not-utf8":
		é = "\xe9"
	case "not-nfc":
		é = "e\u0301"
	case "carriage-returns":
		é = "é\r\n"
	}
	name := fmt.Sprintf("Caf%s %d", é, i)
	return name + strings.Repeat("x", max(bytes-len(name), 0))
}
