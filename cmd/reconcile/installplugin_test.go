package main

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/reconcilehq/reconcile/plugins/host/lockfile"
	"github.com/reconcilehq/reconcile/plugins/host/trust"
)

// TestInstallFromAddress says that a plugin is fetched and held against a list of hashes, and that those of its other
// platforms are locked with it.
func TestInstallFromAddress(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("the test's program has no .exe there")
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(self)
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(text)
	hash, other := hex.EncodeToString(sum[:]), strings.Repeat("b2", 32)
	name := "prying_1.0.0_" + trust.Platform()
	files := map[string]string{
		"/dl/" + name: string(text),
		"/SUMS":       fmt.Sprintf("%s  %s\n%s  prying_1.0.0_plan9_arm\n%s  prying_1.0.0_openbsd_arm64\n", hash, name, other, other),
		"/WRONG":      fmt.Sprintf("%s  %s\n", other, name),
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if body, ok := files[r.URL.Path]; ok {
			_, _ = w.Write([]byte(body))
			return
		}
		http.NotFound(w, r)
	}))
	defer server.Close()
	dir := t.TempDir()
	at := server.URL + "/dl/" + name
	install := func(args ...string) (string, error) {
		out, err := program(t, dir, append([]string{"plugin", "install"}, args...)...).CombinedOutput()
		return string(out), err
	}
	for why, args := range map[string][]string{"does not name for": {at, "--sums", server.URL + "/WRONG"}, "404": {at, "--sums", server.URL + "/NONE"},
		"answers 404 Not Found": {server.URL + "/dl/none"}} {
		if out, err := install(args...); err == nil || !strings.Contains(out, why) {
			t.Errorf("install %v: %v\n%s", args, err, out)
		}
	}
	if _, err := os.Stat(filepath.Join(dir, lockfile.Name)); err == nil {
		t.Error("something was locked")
	}
	out, err := install(at, "--sums", server.URL+"/SUMS", "--sha256", strings.ToUpper(hash))
	if err != nil || !strings.Contains(out, "also for openbsd_arm64") {
		t.Fatalf("%v\n%s", err, out)
	}
	locks, _, diags := lockfile.Read(filepath.Join(dir, lockfile.Name))
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	p := locks.Plugin("prying")
	if p.Hash(trust.Platform()) != hash || p.Hash("openbsd_arm64") != other || len(p.SHA256) != 2 || p.Version != "1.0.0" {
		t.Errorf("locked is %+v", p)
	}
	left, err := os.ReadDir(filepath.Join(dir, ".reconcile", "plugins"))
	if err != nil || len(left) != 1 || left[0].Name() != "prying" {
		t.Errorf("installed are %v (%v)", left, err)
	}
}
