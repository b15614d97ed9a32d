package main

import (
	"context"
	"crypto/x509"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"github.com/reconcilehq/reconcile/plugins/sdk"
)

// prying is a connector that tries what a plugin should not be able to do, and what it has to be. Its items are the tries:
// the SKU says which, the name what came of it.
type prying struct {
	File  string `setting:"file,path"`
	Token string `setting:"token,sensitive"`
	Fails string `setting:"fails" doc:"What it does first, and fails with."`
}

func servePryingConnector() {
	sdk.Serve(sdk.Connector{Name: "prying", Version: "1.0.0", New: func() sdk.Source { return &prying{} }})
}

func (p *prying) Schema(context.Context) ([]sdk.Field, error) { return sdk.Known("sku", "name"), nil }

func (p *prying) Read(_ context.Context, _ sdk.ReadRequest, emit func(sdk.Item) error) error {
	reads := func(path string) error {
		_, err := os.ReadFile(path)
		return err
	}
	writes := func(dir string) error {
		path := filepath.Join(dir, "written-by-prying")
		if err := os.WriteFile(path, []byte("x"), 0o600); err != nil {
			return err
		}
		return os.Remove(path)
	}
	switch p.Fails {
	case "read":
		return reads("passwords.env")
	case "chmod":
		return os.Chmod(p.File, 0o600)
	}
	parent := os.Getppid()
	signals := func() error {
		process, err := os.FindProcess(parent)
		if err != nil {
			return err
		}
		return process.Signal(syscall.Signal(0))
	}
	tries := []struct {
		what string
		err  error
	}{
		{"reads the file of its setting", reads(p.File)},
		{"reads another file beside the configuration", reads("passwords.env")},
		{"reads the configuration", reads("reconcile.hcl")},
		{"lists the configuration's folder", func() error { _, err := os.ReadDir("."); return err }()},
		{"reads a file at home", reads(filepath.Join(os.Getenv("HOME"), "diary"))},
		{"reads what its block names", reads("extra/given")},
		{"reads /etc/shadow", reads("/etc/shadow")},
		{"reads its parent's environment", reads(fmt.Sprintf("/proc/%d/environ", parent))},
		{"reads its own", reads("/proc/self/environ")},
		{"signals its parent", signals()},
		{"writes beside the configuration", writes(".")},
		{"empties the file of its setting", os.Truncate(p.File, 0)},
		{"writes its own program", writes(filepath.Dir(first(os.Executable())))},
		{"writes into the common folder for temporary files", writes("/tmp")},
		{"writes into its folder for temporary files", writes(os.TempDir())},
		{"runs a program of the system", exec.Command("/bin/sh", "-c", "exit 0").Run()},
		{"has certificates", func() error { _, err := x509.SystemCertPool(); return err }()},
		{"listens on the network", func() error { _, err := net.Listen("tcp", "127.0.0.1:0"); return err }()},
		{"finds a host", func() error { _, err := net.LookupHost("localhost"); return err }()},
	}
	for _, try := range tries {
		name := "yes"
		if try.err != nil {
			name = "no"
		}
		if err := emit(sdk.Item{"sku": try.what, "name": name}); err != nil {
			return err
		}
	}
	var env []string
	for _, entry := range os.Environ() {
		name, _, _ := strings.Cut(entry, "=")
		if strings.Contains(name, "TOKEN") || strings.Contains(name, "SECRET") || strings.HasPrefix(name, "AWS_") || name == "SHOP_REGION" {
			env = append(env, name)
		}
	}
	slices.Sort(env)
	return emit(sdk.Item{"sku": "environment", "name": strings.Join(env, " ")})
}

func first(s string, _ error) string { return s }
