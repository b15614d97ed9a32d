package host

import (
	"log/slog"
	"strings"
	"testing"
)

// TestSecretsAreBlottedOut says that a sensitive value is taken out of a connector's words however it is written there.
func TestSecretsAreBlottedOut(t *testing.T) {
	cases := []struct{ why, secret, said string }{
		{"as it is", "tr0ub4dor&3", "token tr0ub4dor&3 is wrong"},
		{"in an address", "tr0ub4dor&3", "GET /?token=tr0ub4dor%263"},
		{"the password of an address", "postgres://shop:tr0ub4dor@db:5432/x", "password authentication failed: tr0ub4dor"},
		{"the password of a MySQL address", "shop:tr0ub4dor@tcp(db:3306)/x", "access denied (using tr0ub4dor)"},
		{"the password of a connection string", "server=db;user id=sa;password=tr0ub4dor;", "login failed with tr0ub4dor"},
		{"the whole address", "shop:tr0ub4dor@tcp(db:3306)/x", "dial shop:tr0ub4dor@tcp(db:3306)/x: refused"},
	}
	for _, c := range cases {
		t.Run(c.why, func(t *testing.T) {
			s := &secrets{}
			s.add(c.secret)
			if got := s.hide(c.said); strings.Contains(got, "tr0ub4dor") || !strings.Contains(got, hidden) {
				t.Errorf("hide(%q) is %q", c.said, got)
			}
		})
	}
}

func TestOutput(t *testing.T) {
	s := &secrets{}
	s.add("tr0ub4dor")
	var log strings.Builder
	o := &output{log: slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug})), secrets: s}
	for _, part := range []string{"first ", "line\nsecond \x1b[31mline\x1b[0m with tr0ub4dor\r\n",
		`{"@level":"warn","@message":"structured","page":3}` + "\n", strings.Repeat("x", 3*lineBytes) + "\nlast"} {
		if _, err := o.Write([]byte(part)); err != nil {
			t.Fatal(err)
		}
	}
	words := strings.Split(o.lastWords(), "\n")
	if len(words) != 5 || words[0] != "first line" || words[1] != "second [31mline[0m with (sensitive)" || words[2] != "structured page=3" ||
		len(words[3]) != lineBytes || words[4] != "last" {
		t.Errorf("last words are %q", words)
	}
	if strings.Contains(log.String(), "tr0ub4dor") || !strings.Contains(log.String(), "level=WARN msg=\"structured page=3\"") {
		t.Errorf("the log is %s", &log)
	}
	if _, err := o.Write([]byte("\npanic: no paper\n\ngoroutine 1\n" + strings.Repeat("frame\n", 100))); err != nil {
		t.Fatal(err)
	}
	if got := o.lastWords(); !strings.HasPrefix(got, "panic: no paper\ngoroutine 1\nframe") || strings.Count(got, "\n") >= panicLines {
		t.Errorf("last words of a panic are %q", got)
	}
}
