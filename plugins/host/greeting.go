package host

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	plugin "github.com/hashicorp/go-plugin"

	"github.com/reconcilehq/reconcile/plugins/proto"
)

// maxGreeting is the longest first line that is read, in bytes: a greeting holds a path and, on Windows, a certificate.
const maxGreeting = 16 << 10

// Greeting is the first line that a connector's program prints on its standard output. It says where the program listens,
// for example 1|1|unix|/tmp/reconcile-7-1/plugin-dir2/plugin3|grpc.
type Greeting struct {
	Core, Major      int
	Network, Address string

	line string
}

// GreetingError says what is wrong with a connector's first line.
type GreetingError struct {
	Kind GreetingFault
	Line string // the line that was printed, shortened; "" if there was none
	Core int    // if Kind is WrongCore: the version of go-plugin's protocol that the connector speaks
	// Major is, if Kind is WrongMajor, the version of our protocol that the connector speaks.
	Major int
}

// GreetingFault is a kind of wrong greeting.
type GreetingFault int

// The ways in which a greeting can be wrong.
const (
	NoGreeting GreetingFault = iota // the output ended without a greeting
	Junk                            // the first line is something else
	WrongCore                       // a version of go-plugin's own protocol that we do not speak
	WrongMajor                      // another major version of our protocol
	NotGRPC                         // another transport
)

// Error says what is wrong, on which side, and what to do.
func (e *GreetingError) Error() string {
	switch e.Kind {
	case NoGreeting:
		return "the connector's program printed nothing on its standard output, where it has to say at which address it listens"
	case WrongCore:
		return fmt.Sprintf("the connector speaks version %d of go-plugin's handshake, and reconcile version %d: %s",
			e.Core, plugin.CoreProtocolVersion, whichIsOlder(e.Core, plugin.CoreProtocolVersion))
	case WrongMajor:
		return fmt.Sprintf("the connector speaks version %d of reconcile's protocol, and this reconcile version %d: %s",
			e.Major, proto.Major, whichIsOlder(e.Major, proto.Major))
	case NotGRPC:
		return fmt.Sprintf("the connector's program offers another transport than gRPC: its first line is %q", e.Line)
	}
	return fmt.Sprintf("the connector's program printed something else than its address first: %q; nothing but that line may go to its standard output: it belongs in the log, on standard error", e.Line)
}

// whichIsOlder says which side is too old, given the connector's version and ours, and what to do.
func whichIsOlder(theirs, ours int) string {
	if theirs > ours {
		return "reconcile is too old for it: install a newer reconcile, or an older version of the connector"
	}
	return "the connector is too old: install a newer version of it"
}

// readGreeting reads a program's first line. Read what follows from rest, which is never nil.
func readGreeting(out io.Reader) (g Greeting, rest io.Reader, err error) {
	r := bufio.NewReaderSize(out, maxGreeting)
	line, err := r.ReadSlice('\n')
	text := strings.TrimSpace(string(line))
	switch {
	case err != nil && !errors.Is(err, bufio.ErrBufferFull) && text == "":
		return g, r, &GreetingError{Kind: NoGreeting}
	case err != nil:
		return g, r, &GreetingError{Kind: Junk, Line: shorten(text)}
	}
	g, err = ParseGreeting(text)
	return g, r, err
}

// ParseGreeting reads a connector's first line. Its error is a *GreetingError.
func ParseGreeting(line string) (Greeting, error) {
	parts := strings.Split(line, "|")
	if len(parts) < 4 {
		return Greeting{}, &GreetingError{Kind: Junk, Line: shorten(line)}
	}
	g := Greeting{Network: parts[2], Address: parts[3], line: line}
	var err error
	if g.Core, err = strconv.Atoi(parts[0]); err != nil {
		return Greeting{}, &GreetingError{Kind: Junk, Line: shorten(line)}
	}
	if g.Core != plugin.CoreProtocolVersion {
		return Greeting{}, &GreetingError{Kind: WrongCore, Line: shorten(line), Core: g.Core}
	}
	if g.Major, err = strconv.Atoi(parts[1]); err != nil || g.Network != "unix" && g.Network != "tcp" {
		return Greeting{}, &GreetingError{Kind: Junk, Line: shorten(line)}
	}
	if g.Major != proto.Major {
		return Greeting{}, &GreetingError{Kind: WrongMajor, Line: shorten(line), Major: g.Major}
	}
	if len(parts) < 5 || parts[4] != string(plugin.ProtocolGRPC) {
		return Greeting{}, &GreetingError{Kind: NotGRPC, Line: shorten(line)}
	}
	return g, nil
}

// shorten cuts a long line for a message.
func shorten(line string) string {
	const enough = 200
	if len(line) > enough {
		return strings.ToValidUTF8(line[:enough], "") + "…"
	}
	return line
}
