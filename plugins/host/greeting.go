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

// maxGreeting is the longest first line that is looked at: an introduction has a path in it and, on Windows, a
// certificate.
const maxGreeting = 16 << 10

// Greeting is how a connector's program introduces itself: the first line that it prints on its standard output, for
// example 1|1|unix|/tmp/reconcile-7-1/plugin-dir2/plugin3|grpc.
type Greeting struct {
	Core, Major      int
	Network, Address string

	line string
}

// GreetingError says what is wrong with a connector's first line.
type GreetingError struct {
	Kind GreetingFault
	Line string // what was printed, cut short; "" if nothing was
	Core int    // where Kind is WrongCore
	// Major is the version of the protocol that the connector speaks, where Kind is WrongMajor.
	Major int
}

// GreetingFault is a kind of wrong introduction.
type GreetingFault int

// The ways in which an introduction can be wrong.
const (
	NoGreeting GreetingFault = iota // the output ended without one
	Junk                            // something else was printed first
	WrongCore                       // a version of go-plugin's own protocol that we do not speak
	WrongMajor                      // another major version of our protocol
	NotGRPC                         // another transport
)

// Error says what is wrong, which side it is up to, and what to do.
func (e *GreetingError) Error() string {
	switch e.Kind {
	case NoGreeting:
		return "the connector's program printed nothing on its standard output, where it has to say at which address it listens"
	case WrongCore:
		return fmt.Sprintf("the connector speaks version %d of go-plugin's handshake, and reconcile version %d: %s",
			e.Core, plugin.CoreProtocolVersion, older(e.Core, plugin.CoreProtocolVersion))
	case WrongMajor:
		return fmt.Sprintf("the connector speaks version %d of reconcile's protocol, and this reconcile version %d: %s",
			e.Major, proto.Major, older(e.Major, proto.Major))
	case NotGRPC:
		return fmt.Sprintf("the connector's program offers another transport than gRPC: its first line is %q", e.Line)
	}
	return fmt.Sprintf("the connector's program printed something else than its address first: %q; nothing but that line may go to its standard output: it belongs in the log, on standard error", e.Line)
}

// older says which side is behind, given the connector's version and ours.
func older(theirs, ours int) string {
	if theirs > ours {
		return "reconcile is too old for it: install a newer reconcile, or an older version of the connector"
	}
	return "the connector is too old: install a newer version of it"
}

// readGreeting reads a program's first line. What follows it is to be read from rest, which is never nil.
func readGreeting(out io.Reader) (g Greeting, rest io.Reader, err error) {
	r := bufio.NewReaderSize(out, maxGreeting)
	line, err := r.ReadSlice('\n')
	text := strings.TrimSpace(string(line))
	switch {
	case err != nil && !errors.Is(err, bufio.ErrBufferFull) && text == "":
		return g, r, &GreetingError{Kind: NoGreeting}
	case err != nil:
		return g, r, &GreetingError{Kind: Junk, Line: clip(text)}
	}
	g, err = ParseGreeting(text)
	return g, r, err
}

// ParseGreeting reads a connector's first line. Its error is a *GreetingError.
func ParseGreeting(line string) (Greeting, error) {
	parts := strings.Split(line, "|")
	if len(parts) < 4 {
		return Greeting{}, &GreetingError{Kind: Junk, Line: clip(line)}
	}
	g := Greeting{Network: parts[2], Address: parts[3], line: line}
	var err error
	if g.Core, err = strconv.Atoi(parts[0]); err != nil {
		return Greeting{}, &GreetingError{Kind: Junk, Line: clip(line)}
	}
	if g.Core != plugin.CoreProtocolVersion {
		return Greeting{}, &GreetingError{Kind: WrongCore, Line: clip(line), Core: g.Core}
	}
	if g.Major, err = strconv.Atoi(parts[1]); err != nil || g.Network != "unix" && g.Network != "tcp" {
		return Greeting{}, &GreetingError{Kind: Junk, Line: clip(line)}
	}
	if g.Major != proto.Major {
		return Greeting{}, &GreetingError{Kind: WrongMajor, Line: clip(line), Major: g.Major}
	}
	if len(parts) < 5 || parts[4] != string(plugin.ProtocolGRPC) {
		return Greeting{}, &GreetingError{Kind: NotGRPC, Line: clip(line)}
	}
	return g, nil
}

// clip cuts a line that is shown in a message.
func clip(line string) string {
	const enough = 200
	if len(line) > enough {
		return strings.ToValidUTF8(line[:enough], "") + "…"
	}
	return line
}
