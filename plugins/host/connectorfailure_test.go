package host

import (
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// TestAdvice says whose fault people are told that an error of a connector is: of one that is part of the program, nobody asks
// whether it works.
func TestAdvice(t *testing.T) {
	const platform, connector, ours = "The connector works", "This is a fault of the connector", "This is a fault of reconcile"
	for _, c := range []struct {
		why     string
		bundled bool
		code    codes.Code
		want    string
	}{
		{"a plugin's platform", false, codes.Unknown, platform},
		{"a plugin's own mistake", false, codes.Internal, connector},
		{"a row of a file", true, codes.Unknown, ""},
		{"a mistake of ours", true, codes.Internal, ours},
	} {
		p := &Process{label: "x", bundled: c.bundled, timeout: time.Minute, secrets: &Secrets{}, output: &output{}}
		err := p.callError(t.Context(), "read", status.Error(c.code, "line 3: no"))
		for _, advice := range []string{platform, connector, ours} {
			if has := strings.Contains(err.Error(), advice); has != (advice == c.want) || !strings.Contains(err.Error(), "x: read: line 3: no") {
				t.Errorf("%s: %v, want %q", c.why, err, c.want)
			}
		}
	}
}
