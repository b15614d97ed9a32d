package main

import (
	"bufio"
	"bytes"
	"strconv"
	"strings"
	"testing"
)

// mostAtStart is how many bytes a package of ours may take before main begins. Each run starts the program three times.
const mostAtStart = 128 << 10

// TestStartUp holds what our packages do before main against a bound: the Go runtime tells what each took. What is made there is made by
// every process, those that never need it as well.
func TestStartUp(t *testing.T) {
	t.Parallel()
	cmd := program(t, t.TempDir(), "--version")
	cmd.Env = append(cmd.Environ(), "GODEBUG=inittrace=1")
	var said bytes.Buffer
	cmd.Stderr = &said
	if err := cmd.Run(); err != nil {
		t.Fatalf("%v\n%s", err, said.String())
	}
	ours := 0
	for lines := bufio.NewScanner(&said); lines.Scan(); {
		// init NAME @1.5 ms, 0.02 ms clock, 1408 bytes, 12 allocs
		words := strings.Fields(lines.Text())
		if len(words) < 9 || words[0] != "init" || !strings.HasPrefix(words[1], module+"/") {
			continue
		}
		if words[1] == module+"/cmd/reconcile" {
			continue // it has these tests in it here
		}
		ours++
		size, err := strconv.Atoi(words[7])
		if err != nil || words[8] != "bytes," {
			t.Fatalf("the runtime tells something else than it did: %s", lines.Text())
		}
		if size > mostAtStart {
			t.Errorf("%s takes %d bytes when the program starts, and may take %d: make what it needs when it is first needed (sync.OnceValue)", words[1], size, mostAtStart)
		}
	}
	if ours < 10 {
		t.Errorf("the runtime told of %d packages of ours:\n%s", ours, said.String())
	}
}
