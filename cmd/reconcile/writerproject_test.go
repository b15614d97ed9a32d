package main

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// writerProject follows a connector that plugin new --writes has written: it builds, passes its own tests and the suite, and its shop is
// planned, changed, and changed back.
const writerProject = `
exec reconcile plugin new lantern --writes
stdout '14 files'
stdout 'Then make main.go and apply.go yours'
cd reconcile-plugin-lantern
exec reconcile fmt --check .
exec go build
exec go test -v -run 'TestWriting|TestWriteToken|TestConformance'
stdout 'PASS: TestConformance/10.6'
exec reconcile run
exec ./reconcile-plugin-lantern sandbox 127.0.0.1:%[1]s &
listens 127.0.0.1:%[1]s
edit place reconcile.hcl $WORK/shop.hcl 'url = "sandbox"'
! exec reconcile plan --exit-code --out first.json
stdout '3 changes of 3 items'
exec reconcile apply ./first.json
stdout '3 applied'
exec reconcile plan --exit-code
stdout 'There is nothing to do'

-- shop.hcl --
  url         = "http://127.0.0.1:%[1]s"
  token       = "sandbox"
  write_token = "sandbox-writes"
`

// TestWriterProject runs it.
func TestWriterProject(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("its commands are for a Unix shell")
	}
	if os.Getenv("RECONCILE_TEST_LONG") == "" {
		t.Skip("a connector is built and held against the suite, which takes most of a minute: set RECONCILE_TEST_LONG=1 to do it, as .ci/run does")
	}
	file := filepath.Join(t.TempDir(), "writer.txtar")
	if err := os.WriteFile(file, fmt.Appendf(nil, writerProject, freePort(t)), 0o600); err != nil {
		t.Fatal(err)
	}
	params := (&walk{t: t}).params()
	params.Files = []string{file}
	testscript.Run(t, params)
}
