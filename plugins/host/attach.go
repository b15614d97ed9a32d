package host

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"runtime"
	"strings"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	"github.com/reconcilehq/reconcile/engine/replace"
	"github.com/reconcilehq/reconcile/plugins/proto"
	sourcev1 "github.com/reconcilehq/reconcile/plugins/proto/source/v1"
)

// debugTimeout is the time limit of calls to a program in a debugger: the person there may need hours.
const debugTimeout = 24 * time.Hour

// Attach connects to a connector that is running already, for example in a debugger, and asks for its description. The
// address is unix:PATH, or tcp:HOST:PORT@FILE on this computer. FILE holds the secret that calls have to carry; for a socket
// it is PATH.secret. Only the user may be able to read it. Close only disconnects: the connector goes on running. The time
// limit of each call is a day, so that it does not end while a person looks at the debugger.
func Attach(ctx context.Context, address string, opts Options) (*Process, error) {
	target, secretFile, err := grpcTarget(address)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", opts.Label, err)
	}
	opts.ReadLimit = max(opts.ReadLimit, debugTimeout)
	p := newConnection(opts, debugTimeout)
	secret, err := secretInFile(secretFile)
	if err != nil {
		return nil, fmt.Errorf("%s: attach to %s: %w", p.label, address, err)
	}
	p.useSecret(secret)
	p.conn, err = grpc.NewClient(target, append(dialOptions(), p.secret.Carry(), grpc.WithTransportCredentials(insecure.NewCredentials()))...)
	if err != nil {
		return nil, fmt.Errorf("%s: attach to %s: %w", p.label, address, err)
	}
	p.calls = sourcev1.NewSourceClient(p.conn)
	if err := p.askDescription(ctx, opts.Version); err != nil {
		p.Close()
		return nil, err
	}
	return p, nil
}

// grpcTarget turns an address of Attach into the form that gRPC expects, and the file with the secret.
func grpcTarget(address string) (target, secretFile string, err error) {
	network, at, ok := strings.Cut(address, ":")
	switch {
	case ok && network == "unix" && at != "":
		return "unix:" + at, at + proto.SecretFileSuffix, nil
	case ok && network == "tcp":
		at, file, hasFile := strings.Cut(at, "@")
		host, _, err := net.SplitHostPort(at)
		if ip := net.ParseIP(host); err != nil || !ip.IsLoopback() {
			return "", "", fmt.Errorf("%s is no address on this computer, such as tcp:127.0.0.1:4000@FILE: settings would go over the network as they are", address)
		}
		if !hasFile || file == "" {
			return "", "", fmt.Errorf("%s names no file with the connector's secret: write tcp:%s@FILE, as the connector prints it when it is started with -debug", address, at)
		}
		return "passthrough:///" + at, file, nil
	}
	return "", "", fmt.Errorf("%q is no address: write unix:PATH or tcp:127.0.0.1:PORT@FILE", address)
}

// secretInFile reads the secret of a connector that somebody has started to debug it.
func secretInFile(path string) (proto.Secret, error) {
	file, err := replace.OpenToRead(path)
	if errors.Is(err, fs.ErrNotExist) {
		return proto.Secret{}, fmt.Errorf("nobody answers there, or the connector has not made its secret, for there is no file %s", path)
	}
	if err != nil {
		return proto.Secret{}, fmt.Errorf("read the connector's secret: %w", err)
	}
	defer func() { _ = file.Close() }()
	info, err := file.Stat()
	switch {
	case err != nil:
		return proto.Secret{}, fmt.Errorf("read the connector's secret: %w", err)
	case othersMayRead(info.Mode()):
		return proto.Secret{}, fmt.Errorf("others can read %s, which holds the connector's secret (its mode is %v): start the connector again with -debug", path, info.Mode())
	}
	secret, err := proto.ReadSecret(file)
	if err != nil {
		return proto.Secret{}, fmt.Errorf("%s: %w", path, err)
	}
	return secret, nil
}

// othersMayRead reports whether somebody else than the file's owner can read it. On Windows this is not known.
func othersMayRead(mode fs.FileMode) bool { return runtime.GOOS != "windows" && mode.Perm()&0o077 != 0 }
