package bad

import (
	"context"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/grpc/tap"

	"github.com/reconcilehq/reconcile/plugins/proto"
)

// demandSecret reads the secret of this process, and returns what has the server ask for it, as well as that way does.
func demandSecret(way string) grpc.ServerOption {
	if os.Getenv(proto.SecretEnv) == "" {
		return grpc.EmptyServerOption{} // started by hand
	}
	if way == "keeps-its-secret-open" {
		return readOpenly().Demand()
	}
	secret, err := proto.ReceiveSecret()
	if err != nil {
		panic(err)
	}
	switch way {
	case "serves-strangers":
		return grpc.EmptyServerOption{}
	case "serves-who-has-a-secret":
		return demandIf(func(call *tap.Info) bool { return len(call.Header.Get(proto.SecretHeader)) == 0 })
	case "ends-for-strangers":
		var text strings.Builder
		_, _ = secret.WriteTo(&text)
		return demandIf(func(call *tap.Info) bool {
			return !strings.HasSuffix(call.FullMethodName, "/Shutdown") && strings.Join(call.Header.Get(proto.SecretHeader), "") != text.String()
		})
	}
	return secret.Demand()
}

func demandIf(wrong func(call *tap.Info) bool) grpc.ServerOption {
	return grpc.InTapHandle(func(ctx context.Context, call *tap.Info) (context.Context, error) {
		if wrong(call) {
			return nil, status.Error(codes.Unauthenticated, "a secret, please")
		}
		return ctx, nil
	})
}

// openDescriptor keeps the descriptor open for as long as the process lives.
var openDescriptor *os.File

func readOpenly() proto.Secret {
	fd, err := strconv.Atoi(os.Getenv(proto.SecretEnv))
	if err != nil {
		panic(err)
	}
	openDescriptor = os.NewFile(uintptr(fd), "secret")
	if openDescriptor == nil {
		panic(fmt.Sprintf("%d is no file descriptor", fd))
	}
	secret, err := proto.ReadSecret(io.NopCloser(openDescriptor))
	if err != nil {
		panic(err)
	}
	return secret
}
