//go:build unix

package file

import (
	"context"
	"errors"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/reconcilehq/reconcile/plugins/sdk"
	"github.com/reconcilehq/reconcile/plugins/sdk/sdktest"
)

func pipe(t *testing.T) sdk.Source {
	t.Helper()
	t.Chdir(t.TempDir())
	if err := syscall.Mkfifo("pipe.csv", 0o600); err != nil {
		t.Fatal(err)
	}
	source, err := sdktest.Source(t.Context(), Connector(), sdktest.Settings{"path": "pipe.csv"})
	if err != nil {
		t.Fatal(err)
	}
	return source
}

// TestPipe writes to the pipe once; the schema and two reads, one with two passes, all come from that.
func TestPipe(t *testing.T) {
	source := pipe(t)
	go func() {
		// Opening waits for the reader.
		_ = os.WriteFile("pipe.csv", []byte("sku,parent_sku,options\n1,A,Size:M\n2,A,Size:\xc9norme\n"), 0)
	}()
	if _, err := source.Schema(t.Context()); err != nil {
		t.Fatal(err)
	}
	results := make(chan []string)
	for range 2 {
		go func() {
			got, err := sdktest.ReadFrom(t.Context(), source, "sku", "variation")
			if err != nil {
				t.Error(err)
			}
			results <- got.Items
		}()
	}
	want := []string{`{"sku":"1","variation":["Size=M|Énorme"]}`, `{"sku":"2","variation":["Size=M|Énorme"]}`}
	for range 2 {
		if diff := cmp.Diff(want, <-results); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	}
}

func TestPipeWithoutWriter(t *testing.T) {
	source := pipe(t)
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	if _, err := source.Schema(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("error: %v", err)
	}
	// Ends the goroutine that still waits, and shows that a later call gets what it reads.
	go func() { _ = os.WriteFile("pipe.csv", []byte("sku\n1\n"), 0) }()
	if _, err := source.Schema(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestEmptyPipe(t *testing.T) {
	source := pipe(t)
	go func() { _ = os.WriteFile("pipe.csv", nil, 0) }()
	if _, err := source.Schema(t.Context()); err == nil || !strings.Contains(err.Error(), "is empty") {
		t.Errorf("error: %v", err)
	}
}

// TestPipeAge says that what comes through a pipe is as old as the read, and a file as old as its last change.
func TestPipeAge(t *testing.T) {
	read := func(source sdk.Source) (time.Time, string) {
		req := sdk.NewReadRequest([]string{"sku"}, func(string) {})
		if _, err := sdk.ReadAll(t.Context(), source, req, func(*sdk.Batch) error { return nil }); err != nil {
			t.Fatal(err)
		}
		return req.DataTime()
	}
	source, before := pipe(t), time.Now()
	go func() { _ = os.WriteFile("pipe.csv", []byte("sku\n1\n"), 0) }()
	if at, file := read(source); at.Before(before) || file != "" {
		t.Errorf("what came through a pipe is of %s, file %q", at, file)
	}
	if err := os.WriteFile("old.csv", []byte("sku\n1\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	old := time.Date(2026, 3, 12, 10, 0, 0, 0, time.UTC)
	if err := os.Chtimes("old.csv", old, old); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("old.csv", "link.csv"); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"old.csv", "link.csv"} {
		source, err := sdktest.Source(t.Context(), Connector(), sdktest.Settings{"path": path})
		if err != nil {
			t.Fatal(err)
		}
		if at, file := read(source); !at.Equal(old) || file != path {
			t.Errorf("%s is of %s, file %q", path, at, file)
		}
	}
}
