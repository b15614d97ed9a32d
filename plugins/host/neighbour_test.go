package host

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/emptypb"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/plugins/proto"
	sourcev1 "github.com/reconcilehq/reconcile/plugins/proto/source/v1"
	"github.com/reconcilehq/reconcile/plugins/sdk"
)

// neighbourArg makes the test's program a connector that goes for other connectors of the same run.
const neighbourArg = "serve-neighbour"

// neighbour is a connector that looks for the sockets of others, and makes each call there, with no secret and with secrets that
// it can know. Its items are the calls; their names say how they ended.
type neighbour struct{}

func serveNeighbour() {
	sdk.Serve(sdk.Connector{Name: "neighbour", Version: "1", New: func() sdk.Source { return &neighbour{} }})
}

func (*neighbour) Schema(context.Context) ([]sdk.Field, error) { return sdk.Known("sku", "name"), nil }

func (*neighbour) Read(ctx context.Context, _ sdk.ReadRequest, emit func(sdk.Item) error) error {
	list, err := os.Open("/proc/self/net/unix")
	if err != nil {
		return err
	}
	defer list.Close()
	for lines := bufio.NewScanner(list); lines.Scan(); {
		at := strings.Index(lines.Text(), "/")
		if at < 0 || !strings.Contains(lines.Text(), "/"+socketPrefix) {
			continue
		}
		path := lines.Text()[at:]
		conn, err := grpc.NewClient("unix:"+path, proto.NewSecret().Carry(), grpc.WithTransportCredentials(insecure.NewCredentials()))
		if err != nil {
			return err
		}
		for _, call := range everyCall() {
			for who, ctx := range map[string]context.Context{"without": proto.AsStranger(ctx, proto.Secret{}), "with one of its own": ctx} {
				ctx, cancel := context.WithTimeout(ctx, time.Minute)
				code := status.Code(callEmpty(ctx, conn, call))
				cancel()
				if err := emit(sdk.Item{"sku": path + call + " " + who, "name": code.String()}); err != nil {
					return err
				}
			}
		}
		conn.Close()
	}
	// What a program inherits that the connector starts.
	out, err := exec.Command("/bin/sh", "-c", "ls -l /proc/self/fd; env").CombinedOutput()
	if err != nil {
		return err
	}
	return emit(sdk.Item{"sku": "child", "name": string(out)})
}

// everyCall lists the calls to all services that a connector serves.
func everyCall() []string {
	var calls []string
	service := sourcev1.Source_ServiceDesc
	for _, m := range service.Methods {
		calls = append(calls, "/"+service.ServiceName+"/"+m.MethodName)
	}
	for _, m := range service.Streams {
		calls = append(calls, "/"+service.ServiceName+"/"+m.StreamName)
	}
	return append(calls, "/grpc.health.v1.Health/Check", "/grpc.health.v1.Health/Watch", "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo",
		"/plugin.GRPCBroker/StartStream", "/plugin.GRPCStdio/StreamStdio", "/no.such.Service/AtAll", "/plugin.GRPCController/Shutdown")
}

// callEmpty makes a call with an empty message.
func callEmpty(ctx context.Context, conn *grpc.ClientConn, call string) error {
	stream, err := conn.NewStream(ctx, &grpc.StreamDesc{ServerStreams: true, ClientStreams: true}, call)
	if err != nil {
		return err
	}
	if err := stream.SendMsg(&emptypb.Empty{}); err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	if err := stream.CloseSend(); err != nil {
		return err
	}
	return stream.RecvMsg(&emptypb.Empty{})
}

// TestNeighbour says that a connector that finds the socket of another can do nothing there, and that programs which it starts
// inherit no secret.
func TestNeighbour(t *testing.T) {
	if _, err := os.Stat("/proc/self/net/unix"); err != nil {
		t.Skip("this system does not list its sockets")
	}
	victim, schema := startReady(t)
	p := startSelf(t, neighbourArg)
	asked, err := p.Schema(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]string{}
	if _, err := p.Read(t.Context(), asked, nobody{}, func(b *catalog.Batch) error {
		for row := range b.Len() {
			seen[b.Column(asked.Index("sku")).Value(row).Text()] = b.Column(asked.Index("name")).Value(row).Text()
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	tried := 0
	for try, ended := range seen {
		if strings.HasPrefix(try, victim.dir) {
			tried++
			if ended != codes.Unauthenticated.String() {
				t.Errorf("%s: %s", try, ended)
			}
		}
	}
	if want := 2 * len(everyCall()); tried != want {
		t.Errorf("%d calls were tried, want %d", tried, want)
	}
	child := seen["child"]
	if strings.Contains(child, proto.SecretEnv) {
		t.Errorf("a child's environment names the descriptor:\n%s", child)
	}
	if pipe := p.process.Load().secretPipe; pipe == "" || strings.Contains(child, pipe) {
		t.Errorf("a child inherits %q:\n%s", pipe, child)
	}
	if done, err := victim.Read(t.Context(), schema, nobody{}, func(*catalog.Batch) error { return nil }); err != nil || done.Items != readyBatches*readyItems {
		t.Errorf("after all of that: %d items, %v", done.Items, err)
	}
}

// TestSecretIsNoArgument says that the secret is in nothing of a process that others can see.
func TestSecretIsNoArgument(t *testing.T) {
	p, _ := startReady(t)
	for _, what := range []string{"cmdline", "environ"} {
		text, err := os.ReadFile(fmt.Sprintf("/proc/%s/%s", p.process.Load().ID(), what))
		if err != nil {
			t.Skip(err)
		}
		if strings.Contains(string(text), p.secret.Text()) {
			t.Errorf("it is in %s", what)
		}
	}
}
