package host

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"html"
	"log/slog"
	"strings"
	"testing"
)

// TestSecretsAreBlottedOut says that a sensitive value is taken out of a connector's words however it is written there.
func TestSecretsAreBlottedOut(t *testing.T) {
	const odd = `p"ss<w>\ör&d`
	quoted, err := json.Marshal(odd)
	if err != nil {
		t.Fatal(err)
	}
	encoded := base64.StdEncoding.EncodeToString
	const token = "9f8e7d6c5b4a39281706f5e4d3c2b1a0"
	cases := []struct {
		why, secret, said string
		gone              []string // what must not be left
	}{
		{"as it is", "tr0ub4dor&3", "token tr0ub4dor&3 is wrong", nil},
		{"in an address", "tr0ub4dor&3", "GET /?token=tr0ub4dor%263", nil},
		{"with a line's end, as a file has it", "tr0ub4dor\n", "token tr0ub4dor is wrong", nil},
		{"the password of an address", "postgres://shop:tr0ub4dor@db:5432/x", "password authentication failed: tr0ub4dor", nil},
		{"escaped there", "postgres://shop:tr0ub4dor%2F%40@db:5432/x", "authentication failed: tr0ub4dor/@", nil},
		{"with an @ in it", "shop:tr0ub@4dor@tcp(db:3306)/x", "access denied (using tr0ub@4dor)", []string{"4dor"}},
		{"the password of a MySQL address", "shop:tr0ub4dor@tcp(db:3306)/x", "access denied (using tr0ub4dor)", nil},
		{"the password of a Firebird address", "sysdba:tr0ub4dor@localhost:3050/x.fdb", "access denied (using tr0ub4dor)", nil},
		{"the password of a connection string", "server=db;user id=sa;password=tr0ub4dor;", "login failed with tr0ub4dor", nil},
		{"in quotes", `host=db password='tr0ub\'4dor' user=x`, "login failed with tr0ub'4dor", []string{"4dor"}},
		{"in braces", `Server=db;Pwd={tr0ub;4dor};`, "login failed with tr0ub;4dor", []string{"4dor"}},
		{"the whole address", "shop:tr0ub4dor@tcp(db:3306)/x", "dial shop:tr0ub4dor@tcp(db:3306)/x: refused", nil},
		{"in JSON", odd, "body: " + string(quoted), []string{"ss"}},
		{"quoted by Go", odd, fmt.Sprintf("%q", odd), []string{"ss"}},
		{"quoted in ASCII", odd, fmt.Sprintf("%+q", odd), []string{"ss"}},
		{"in a page", odd, html.EscapeString(odd), []string{"ss"}},
		{"in base64", "tr0ub4dor&3", "Authorization: Basic " + encoded([]byte("tr0ub4dor&3")), []string{encoded([]byte("0ub4do"))}},
		{"behind a name in base64", "tr0ub4dor&3", "Basic " + encoded([]byte("me:tr0ub4dor&3")), []string{encoded([]byte("tr0ub4dor"))}},
		{"behind another", "tr0ub4dor&3", "Basic " + encoded([]byte("shop:tr0ub4dor&3!")), []string{encoded([]byte("0ub4dor"))[:6]}},
		{"behind a third", "tr0ub4dor&3", "Basic " + encoded([]byte("x:tr0ub4dor&3!!")), []string{encoded([]byte("r0ub4d"))}},
		{"in hex", "tr0ub4dor&3", fmt.Sprintf("%X", "tr0ub4dor&3"), nil},
		{"cut short", token, "token 9f8e7d6c5b4a... is wrong", []string{"9f8e", "5b4a"}},
		{"cut off", token, "...d3c2b1a0 is wrong", []string{"b1a0"}},
		{"a line of many", "-----BEGIN KEY-----\nMIIEvQIBADANBg\nkqhkiG9w0BAQEFAASC\n", "key: MIIEvQIBADANBg", []string{"MIIE"}},
		{"few letters", "xy", "the key xy is wrong", []string{"xy"}},
	}
	for _, c := range cases {
		t.Run(c.why, func(t *testing.T) {
			s := &Secrets{}
			s.Add(c.secret)
			got := s.Hide(c.said)
			if !strings.Contains(got, hiddenText) {
				t.Errorf("Hide(%q) is %q", c.said, got)
			}
			for _, gone := range append(c.gone, "tr0ub4dor") {
				if strings.Contains(got, gone) {
					t.Errorf("Hide(%q) is %q, in which %q is left", c.said, got, gone)
				}
			}
		})
	}
}

// TestSecretsLeaveOthersAlone says that what merely looks like a secret is shown: a message is to be of use.
func TestSecretsLeaveOthersAlone(t *testing.T) {
	s := &Secrets{}
	s.Add("", "xy", "postgres://shop:warehouse-of-bells@localhost:5432/shop", "user id=sa;server=localhost;password=x1")
	for _, said := range []string{"axy proxy xylophone", "dial localhost:5432: refused", "database shop, user sa", "the warehouse is empty", "x12"} {
		if got := s.Hide(said); got != said {
			t.Errorf("Hide(%q) is %q", said, got)
		}
	}
}

// TestSecretsAcrossPieces says that a secret is hidden that comes in pieces, at the cut of a long line, with control
// characters in it, or as far as it was written.
func TestSecretsAcrossPieces(t *testing.T) {
	s := &Secrets{}
	s.Add("tr0ub4dor&3")
	for _, pieces := range [][]string{
		{"token tr0u", "b4dor&3\n"},
		{strings.Repeat("x", maxLineBytes-4) + "tr0ub4dor&3 and more\n"},
		{"token tr0ub\x1b4dor&3\n"},
		{`{"@message":"x","token":"tr0ub4dor&3"}` + "\n"},
		{"token tr0ub4dor"},
	} {
		var log strings.Builder
		o := &output{log: slog.New(slog.NewTextHandler(&log, nil)), secrets: s}
		for _, p := range pieces {
			if _, err := o.Write([]byte(p)); err != nil {
				t.Fatal(err)
			}
		}
		if got := o.lastWords() + log.String(); strings.Contains(got, "tr0") || strings.Contains(got, "4dor") {
			t.Errorf("of %q is left %q", pieces, got)
		}
	}
}

func TestOutput(t *testing.T) {
	s := &Secrets{}
	s.Add("tr0ub4dor")
	var log strings.Builder
	o := &output{log: slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug})), secrets: s}
	for _, part := range []string{"first ", "line\nsecond \x1b[31mline\x1b[0m with tr0ub4dor\r\n",
		`{"@level":"warn","@message":"structured","page":3}` + "\n", strings.Repeat("x", 3*maxLineBytes) + "\nlast"} {
		if _, err := o.Write([]byte(part)); err != nil {
			t.Fatal(err)
		}
	}
	words := strings.Split(o.lastWords(), "\n")
	if len(words) != 5 || words[0] != "first line" || words[1] != "second [31mline[0m with (sensitive)" || words[2] != "structured page=3" ||
		len(words[3]) != maxLineBytes || words[4] != "last" {
		t.Errorf("last words are %q", words)
	}
	if strings.Contains(log.String(), "tr0ub4dor") || !strings.Contains(log.String(), "level=WARN msg=\"structured page=3\"") {
		t.Errorf("the log is %s", &log)
	}
	if _, err := o.Write([]byte("\npanic: no paper\n\ngoroutine 1\n" + strings.Repeat("frame\n", 100))); err != nil {
		t.Fatal(err)
	}
	if got := o.lastWords(); !strings.HasPrefix(got, "panic: no paper\ngoroutine 1\nframe") || strings.Count(got, "\n") >= maxPanicLines {
		t.Errorf("last words of a panic are %q", got)
	}
}
