package proto

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"
	"strconv"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/grpc/tap"
)

const (
	// SecretEnv is the environment variable with the number of an inherited file descriptor, from which the connector reads
	// the secret of its process. On Windows, where no descriptor is inherited, it is 0: the standard input.
	SecretEnv = "RECONCILE_SECRET_FD"
	// SecretHeader is the metadata of each call that has to be the secret.
	SecretHeader = "reconcile-secret"
	// SecretFileSuffix follows the path of a socket in the name of the file with the secret of a connector in a debugger.
	SecretFileSuffix = ".secret"
	// SecretSDK says from which versions of the SDKs on connectors ask for the secret.
	SecretSDK = "0.1.0 (Go) or typescript-0.1.0"

	secretBytes = 32
)

// Secret is what each call to a connector carries, so that only who started its process can use it. It is made for one
// process and one run. Its text is 64 digits, and nothing shows it by accident: String hides it.
type Secret struct{ text string }

// NewSecret makes a random secret.
func NewSecret() Secret {
	random := make([]byte, secretBytes)
	_, _ = rand.Read(random) // it never fails
	return Secret{text: hex.EncodeToString(random)}
}

var secretText = regexp.MustCompile(`^[0-9a-f]{64}$`)

// ReadSecret reads a secret, up to the end of what r has.
func ReadSecret(r io.Reader) (Secret, error) {
	text, err := io.ReadAll(io.LimitReader(r, 2*secretBytes+1))
	switch {
	case err != nil:
		return Secret{}, fmt.Errorf("read the secret of this process: %w", err)
	case !secretText.Match(text):
		return Secret{}, errors.New("what should be the secret of this process is not 64 digits from 0 to f")
	}
	return Secret{text: string(text)}, nil
}

// ReceiveSecret reads the secret that the host hands to this process, and closes the descriptor, so that no program that this
// one starts inherits it. Call it before anything else, once.
func ReceiveSecret() (Secret, error) {
	number := os.Getenv(SecretEnv)
	_ = os.Unsetenv(SecretEnv)
	if number == "" {
		return Secret{}, fmt.Errorf("%s is not set, so that anybody could use this connector: it needs a newer reconcile", SecretEnv)
	}
	fd, err := strconv.Atoi(number)
	if err != nil {
		return Secret{}, fmt.Errorf("%s is %q, and not the number of a file descriptor", SecretEnv, number)
	}
	if fd == 0 {
		return secretFromInput()
	}
	file := os.NewFile(uintptr(fd), "secret")
	if file == nil {
		return Secret{}, fmt.Errorf("%s is %q, which is no file descriptor", SecretEnv, number)
	}
	closeOnExec(file)
	defer func() { _ = file.Close() }()
	return ReadSecret(file)
}

// secretFromInput reads the secret from standard input, and puts the null device in its place.
func secretFromInput() (Secret, error) {
	s, err := ReadSecret(os.Stdin)
	_ = os.Stdin.Close()
	if null, openErr := os.Open(os.DevNull); openErr == nil {
		os.Stdin = null
	}
	return s, err
}

// WriteTo writes the secret's text.
func (s Secret) WriteTo(w io.Writer) (int64, error) {
	n, err := io.WriteString(w, s.text)
	return int64(n), err
}

// Text returns the secret itself, to hide it in other texts.
func (s Secret) Text() string { return s.text }

// String says that there is a secret.
func (Secret) String() string { return "(secret)" }

// GoString is String.
func (s Secret) GoString() string { return s.String() }

// Demand makes a server refuse each call that does not carry the secret, to whichever service it goes, before anything of the
// call is read.
func (s Secret) Demand() grpc.ServerOption {
	return grpc.InTapHandle(func(ctx context.Context, call *tap.Info) (context.Context, error) {
		if !s.isIn(call.Header) {
			return nil, status.Error(codes.Unauthenticated, "the call does not carry the secret of this process: only who started it can use it")
		}
		return ctx, nil
	})
}

// isIn compares in a time that does not tell how much of the secret was right.
func (s Secret) isIn(md metadata.MD) bool {
	given := md.Get(SecretHeader)
	return s.text != "" && len(given) == 1 && subtle.ConstantTimeCompare([]byte(given[0]), []byte(s.text)) == 1
}

// Carry makes a client send the secret with each call.
func (s Secret) Carry() grpc.DialOption { return grpc.WithPerRPCCredentials(carried{s}) }

// carried is gRPC's view of a secret.
type carried struct{ secret Secret }

var _ credentials.PerRPCCredentials = carried{}

// strangerKey is the key of a context in which calls carry another secret, or none.
type strangerKey struct{}

// AsStranger returns a context in which calls carry other in place of the secret; none if other is the zero Secret.
func AsStranger(ctx context.Context, other Secret) context.Context {
	return context.WithValue(ctx, strangerKey{}, other)
}

func (c carried) GetRequestMetadata(ctx context.Context, _ ...string) (map[string]string, error) {
	secret := c.secret
	if other, ok := ctx.Value(strangerKey{}).(Secret); ok {
		secret = other
	}
	if secret.text == "" {
		return nil, nil
	}
	return map[string]string{SecretHeader: secret.text}, nil
}

// RequireTransportSecurity is false: what we speak over is a socket in a folder that only the user can enter.
func (carried) RequireTransportSecurity() bool { return false }
