package proto

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"testing"

	"google.golang.org/grpc/metadata"
)

// receiverEnv makes the test's program receive its secret and say what became of it.
const receiverEnv = "TEST_RECEIVER"

func TestMain(m *testing.M) {
	if os.Getenv(receiverEnv) != "" {
		s, err := ReceiveSecret()
		fmt.Println(s.text, err, os.Getenv(SecretEnv))
		open, _ := os.ReadDir("/proc/self/fd")
		for _, f := range open {
			if target, _ := os.Readlink("/proc/self/fd/" + f.Name()); strings.HasPrefix(target, "pipe:") && f.Name() != "1" && f.Name() != "2" {
				fmt.Println("open:", f.Name(), target)
			}
		}
		return
	}
	os.Exit(m.Run())
}

// TestReceiveSecret hands a secret to a process, as a descriptor of its own and, as on Windows, as its standard input.
func TestReceiveSecret(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	secret := NewSecret()
	for _, c := range []struct{ fd, text, want string }{
		{"3", secret.text, secret.text + " <nil> \n"},
		{"0", secret.text, secret.text + " <nil> \n"},
		{"3", secret.text[:63], "not 64 digits"},
		{"3", secret.text + "0", "not 64 digits"},
		{"3", strings.ToUpper(secret.text[:63]) + "g", "not 64 digits"},
		{"3", "", "not 64 digits"},
		{"9", "", "read the secret of this process"},
		{"x", "", "not the number of a file descriptor"},
		{"", "", "it needs a newer reconcile"},
	} {
		t.Run(c.fd+" "+c.want, func(t *testing.T) {
			theirs, ours, err := os.Pipe()
			if err != nil {
				t.Fatal(err)
			}
			if _, err := io.WriteString(ours, c.text); err != nil {
				t.Fatal(err)
			}
			ours.Close()
			cmd := exec.CommandContext(t.Context(), self)
			cmd.Env = append(os.Environ(), receiverEnv+"=1", SecretEnv+"="+c.fd)
			if c.fd == "0" {
				cmd.Stdin = theirs
			} else {
				cmd.ExtraFiles = []*os.File{theirs}
			}
			out, err := cmd.CombinedOutput()
			theirs.Close()
			if err != nil || !strings.Contains(string(out), c.want) {
				t.Errorf("%v: %q, want %q", err, out, c.want)
			}
			if c.fd == "3" && strings.Contains(string(out), "open: 3 ") || c.fd == "0" && strings.Contains(string(out), "open: 0 ") {
				t.Errorf("the descriptor is open: %q", out)
			}
		})
	}
}

func TestSecretIsIn(t *testing.T) {
	secret, other := NewSecret(), NewSecret()
	if secret == other {
		t.Fatal("two secrets are the same")
	}
	of := func(values ...string) metadata.MD { return metadata.MD{SecretHeader: values} }
	for name, c := range map[string]struct {
		secret Secret
		md     metadata.MD
		want   bool
	}{
		"right":                    {secret, of(secret.text), true},
		"none":                     {secret, metadata.MD{}, false},
		"no metadata":              {secret, nil, false},
		"another":                  {secret, of(other.text), false},
		"empty":                    {secret, of(""), false},
		"the beginning":            {secret, of(secret.text[:32]), false},
		"more":                     {secret, of(secret.text + "0"), false},
		"twice":                    {secret, of(other.text, secret.text), false},
		"in capitals":              {secret, of(strings.ToUpper(secret.text) + "A"), false},
		"where there is no secret": {Secret{}, of(""), false},
	} {
		if got := c.secret.isIn(c.md); got != c.want {
			t.Errorf("%s: %t", name, got)
		}
	}
}

// TestSecretIsNotShown formats a secret in all ways in which a message might.
func TestSecretIsNotShown(t *testing.T) {
	secret := NewSecret()
	if text := fmt.Sprintf("%v %+v %#v %s %q", secret, secret, secret, secret, []any{secret}); strings.Contains(text, secret.text[:8]) {
		t.Error(text)
	}
}

// TestCarry says what calls carry.
func TestCarry(t *testing.T) {
	secret, other := NewSecret(), NewSecret()
	for _, c := range []struct {
		ctx  context.Context
		want string
	}{{t.Context(), secret.text}, {AsStranger(t.Context(), other), other.text}, {AsStranger(t.Context(), Secret{}), ""}} {
		md, err := carried{secret}.GetRequestMetadata(c.ctx)
		if err != nil || md[SecretHeader] != c.want {
			t.Errorf("%q, %v; want %q", md, err, c.want)
		}
	}
}
