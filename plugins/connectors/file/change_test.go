package file

import (
	"context"
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/plugins/sdk"
	"github.com/reconcilehq/reconcile/plugins/sdk/sdktest"
)

// rows are enough that a read has several batches.
var rows = strings.Repeat("1,2\n", 50_000)

// readWhile reads the file and calls between once, after the first batch.
func readWhile(ctx context.Context, source sdk.Source, between func()) error {
	done := false
	_, err := sdk.ReadAll(ctx, source, sdk.NewReadRequest([]string{"sku"}, func(string) {}), func(*catalog.Batch) error {
		if !done {
			between()
		}
		done = true
		return nil
	})
	return err
}

func open(t *testing.T, text string) sdk.Source {
	t.Helper()
	source, err := sdktest.Source(t.Context(), Connector(), sdktest.Settings{"path": sdktest.File(t, "a.csv", text)})
	if err != nil {
		t.Fatal(err)
	}
	return source
}

func TestFileChangesWhileItIsRead(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func() error
	}{
		{"it grows", func() error { return appendTo("a.csv", "3,4\n") }},
		{"it shrinks", func() error { return os.Truncate("a.csv", 8) }},
		{"it is gone", func() error { return os.Remove("a.csv") }},
	} {
		t.Run(c.name, func(t *testing.T) {
			err := readWhile(t.Context(), open(t, "sku,qoh\n"+rows), func() {
				if err := c.change(); err != nil {
					t.Skip("this system does not let it:", err)
				}
			})
			if err == nil || !strings.Contains(err.Error(), `file "a.csv" changed while it was read; run again`) {
				t.Errorf("error: %v", err)
			}
		})
	}
}

func TestFileIsReplacedWhileItIsRead(t *testing.T) {
	source := open(t, "sku,qoh\n"+rows)
	err := readWhile(t.Context(), source, func() {
		info, err := os.Stat("a.csv")
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile("b.csv", []byte("sku,qoh\n"+rows), 0o600); err != nil {
			t.Fatal(err)
		}
		// The same size and time, but another file.
		if err := os.Chtimes("b.csv", info.ModTime(), info.ModTime()); err != nil {
			t.Fatal(err)
		}
		if err := os.Rename("b.csv", "a.csv"); err != nil {
			t.Skip("this system does not let it:", err)
		}
	})
	if err == nil || !strings.Contains(err.Error(), "changed while it was read") {
		t.Errorf("error: %v", err)
	}
}

func TestFileChangesBetweenSchemaAndRead(t *testing.T) {
	source := open(t, "sku,qoh\n1,2\n")
	if _, err := source.Schema(t.Context()); err != nil {
		t.Fatal(err)
	}
	write := func(text string) {
		t.Helper()
		if err := os.WriteFile("a.csv", []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("sku,qoh\nk\xe4se,3\n") // other rows, even in another encoding, are fine
	got, err := sdktest.ReadFrom(t.Context(), source, "sku")
	if err != nil || len(got.Items) != 1 || got.Items[0] != `{"sku":"käse"}` {
		t.Errorf("%v, %v", got.Items, err)
	}
	write("sku,price\n1,2\n")
	if _, err := sdktest.ReadFrom(t.Context(), source, "sku"); err == nil || !strings.Contains(err.Error(), "its columns changed") {
		t.Errorf("error: %v", err)
	}
}

func TestReadStops(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	err := readWhile(ctx, open(t, "sku,qoh\n"+rows), cancel)
	if !errors.Is(err, context.Canceled) {
		t.Errorf("error: %v", err)
	}
}

func TestPathsThatCannotBeRead(t *testing.T) {
	t.Chdir(t.TempDir())
	if err := os.Mkdir("folder", 0o700); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{
		"absent.csv": `file "absent.csv" does not exist: paths are relative to the configuration's folder`,
		"folder":     `"folder" is a folder`,
	} {
		_, err := sdktest.Read(t.Context(), Connector(), sdktest.Settings{"path": path})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error %v, want %q", path, err, want)
		}
	}
}

func appendTo(path, text string) error {
	f, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	if _, err := f.WriteString(text); err != nil {
		return err
	}
	return f.Close()
}
