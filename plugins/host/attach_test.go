package host

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/reconcilehq/reconcile/plugins/proto"
)

// TestSecretInFile says from which files a host takes the secret of a connector in a debugger.
func TestSecretInFile(t *testing.T) {
	secret := proto.NewSecret()
	for name, c := range map[string]struct {
		text string
		mode os.FileMode
		want string // a part of the error
	}{
		"right":              {secret.Text(), 0o600, ""},
		"readable by others": {secret.Text(), 0o644, "others can read"},
		"by the group":       {secret.Text(), 0o640, "others can read"},
		"cut":                {secret.Text()[:20], 0o600, "not 64 digits"},
		"a folder":           {"", os.ModeDir | 0o700, "it is a folder, not a file"},
		"none":               {"", 0, "no file"},
	} {
		t.Run(name, func(t *testing.T) {
			if runtime.GOOS == "windows" && c.want == "others can read" {
				t.Skip("files have no such modes")
			}
			socket := filepath.Join(t.TempDir(), "plugin1")
			path := socket + proto.SecretFileSuffix
			var err error
			switch {
			case c.mode.IsDir():
				err = os.Mkdir(path, c.mode.Perm())
			case c.mode != 0:
				if err = os.WriteFile(path, []byte(c.text), c.mode); err == nil {
					err = os.Chmod(path, c.mode)
				}
			}
			if err != nil {
				t.Fatal(err)
			}
			_, file, err := grpcTarget("unix:" + socket)
			if err != nil || file != path {
				t.Fatalf("%q, %v", file, err)
			}
			got, err := secretInFile(file)
			if c.want == "" && (err != nil || got != secret) || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
				t.Errorf("%v", err)
			}
		})
	}
}

// TestAddresses says which addresses can be attached to.
func TestAddresses(t *testing.T) {
	for address, want := range map[string]string{
		"unix:/tmp/a@b/plugin1":         "unix:/tmp/a@b/plugin1 /tmp/a@b/plugin1.secret",
		"tcp:127.0.0.1:4000@/tmp/a@b/s": "passthrough:///127.0.0.1:4000 /tmp/a@b/s",
		"tcp:127.0.0.1:4000":            "names no file",
		"tcp:10.0.0.1:4000@/tmp/s":      "no address on this computer",
		"pipe:x":                        "is no address",
		"unix:":                         "is no address",
	} {
		target, file, err := grpcTarget(address)
		got := target + " " + file
		if err != nil {
			got = err.Error()
		}
		if !strings.Contains(got, want) {
			t.Errorf("%s: %s", address, got)
		}
	}
}
