package main

import (
	"bufio"
	"compress/gzip"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestPeakMemoryOfServers says how much memory the program takes for what servers and plugins send: what is beyond a limit is refused,
// what is just below it is read.
func TestPeakMemoryOfServers(t *testing.T) {
	if os.Getenv("RECONCILE_TEST_LONG") == "" {
		t.Skip("servers send hundreds of megabytes: set RECONCILE_TEST_LONG=1")
	}
	const mib = 1 << 20
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		send := map[string]func(io.Writer) error{
			"/program":  func(w io.Writer) error { return repeated(w, "\x7fELF not", 513*mib) },
			"/list":     func(w io.Writer) error { return repeated(w, strings.Repeat("0", 64)+"  nothing\n", 64*mib) },
			"/large":    func(w io.Writer) error { return itemList(w, 1_200_000, 100) }, // more bytes than an answer may have
			"/objects":  func(w io.Writer) error { return itemList(w, 1_100_000, 0) },   // more objects
			"/text":     func(w io.Writer) error { return itemList(w, 1, 129*mib) },
			"/unpacked": func(w io.Writer) error { return itemList(w, 1, 2000*mib) },
			"/well":     func(w io.Writer) error { return itemList(w, 1_000_000, 80) },
		}[r.URL.Path]
		if send == nil {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		to := io.Writer(w)
		if r.URL.Path == "/unpacked" {
			w.Header().Set("Content-Encoding", "gzip")
			packed, err := gzip.NewWriterLevel(w, gzip.BestSpeed)
			if err != nil {
				t.Error(err)
				return
			}
			defer packed.Close()
			to = packed
		}
		out := bufio.NewWriterSize(to, 1<<20)
		if send(out) == nil { // unless the program hangs up
			_ = out.Flush()
		}
	}))
	defer server.Close()

	at := strings.Replace(server.URL, "//", "//user:pa55w0rd@", 1)
	for _, c := range []struct {
		name string
		args []string
		want string // in the message
		most int    // MiB, of any process
	}{
		{"a program that is larger than 512 MiB", []string{"plugin", "install", at + "/program"}, "is larger than 512 MiB: that is no plugin", 100},
		{"a list of hashes without end", []string{"plugin", "install", at + "/program", "--sums", at + "/list"}, "is larger than 1 MiB: that is no list of hashes", 100},
	} {
		t.Run(c.name, func(t *testing.T) {
			stderr, peak := measure(t, program(t, t.TempDir(), c.args...), 1)
			checkPeak(t, c.name, stderr, c.want, peak, c.most)
			if strings.Contains(stderr, "pa55w0rd") {
				t.Errorf("it tells the password of the address: %s", stderr)
			}
		})
	}
	for _, c := range []struct {
		name, path string
		status     int
		want       string
		most       int
	}{
		{"an answer of an API of more than 128 MiB", "/large", 1, "the answer is larger than 134217728 bytes", 450},
		{"an answer of more than 1048576 objects", "/objects", 1, "the answer has more than 1048576 objects", 250},
		{"an answer that is one long text", "/text", 1, "the answer is larger than 134217728 bytes", 450},
		{"an answer that grows a thousand times", "/unpacked", 1, "the answer is larger than 134217728 bytes", 450},
		{"an answer of a million items that is read", "/well", 0, "", 2500},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			write(t, filepath.Join(dir, "pos.csv"), "sku,name\nA-1,Bell\n")
			write(t, filepath.Join(dir, "reconcile.hcl"), fmt.Sprintf(`
source "file" "pos" {
  path = "pos.csv"
}

source "rest" "web" {
  base_url     = %q
  path         = %q
  items        = "$[*]"
  fields       = { sku = "$.sku", name = "$.name" }
  read_timeout = "10m"
  page {
    type = "none"
  }
}

reconciliation "x" {
  pos   = source.file.pos
  store = source.rest.web
}

rule "N" {
  when = pos.name != store.name
}
`, server.URL, c.path))
			stderr, peak := measure(t, program(t, dir, "run", "--format", "csv"), c.status)
			checkPeak(t, c.name, stderr, c.want, peak, c.most)
		})
	}
	const batch = "a batch of 63 MiB of a plugin, which is read"
	t.Run(batch, func(t *testing.T) {
		dir := badConfig(t, "well", "sku,name\nA-0,Bell\n", badTimeout)
		text, err := os.ReadFile(filepath.Join(dir, "reconcile.hcl"))
		if err != nil {
			t.Fatal(err)
		}
		// A batch has a thousand items: their names make of it a message of 63 MiB. There is one: what is kept of more is for the memory limit to say.
		large := strings.NewReplacer("items        = 2500", "items = 1000\n  bytes = 66000", `read_timeout = "3s"`, `read_timeout = "10m"`).Replace(string(text))
		write(t, filepath.Join(dir, "reconcile.hcl"), large)
		cmd, _, _ := badProgram(t, dir, "run", "--format", "csv")
		stderr, peak := measure(t, cmd, 0)
		checkPeak(t, batch, stderr, "", peak, 1000)
	})
}

// checkPeak says where a message or the memory of a process is not what it should, or docs/limits.md has another figure.
func checkPeak(t *testing.T, name, stderr, want string, peak int64, most int) {
	t.Helper()
	if flat := strings.Join(strings.Fields(stderr), " "); !strings.Contains(flat, want) {
		t.Errorf("it does not say %q: %.600s", want, flat)
	}
	t.Logf("%d MiB", peak>>10)
	page, err := os.ReadFile(filepath.Join("..", "..", "docs", "limits.md"))
	if row := fmt.Sprintf("| %s | %d MiB |", name, most); err != nil || !strings.Contains(string(page), row) {
		t.Errorf("docs/limits.md has no row %s, %v", row, err)
	}
	if peak == 0 || peak > int64(most)<<10 {
		t.Errorf("a process had %d MiB, more than %d", peak>>10, most)
	}
}

// repeated writes a text again and again, so many bytes in all.
func repeated(w io.Writer, text string, size int) error {
	piece := []byte(strings.Repeat(text, min(1<<20, size+len(text))/len(text)))
	for ; size > 0; size -= len(piece) {
		if _, err := w.Write(piece[:min(size, len(piece))]); err != nil {
			return err
		}
	}
	return nil
}

// itemList writes so many items as JSON, each with a name of so many bytes.
func itemList(w io.Writer, n, bytes int) error {
	if _, err := io.WriteString(w, "["); err != nil {
		return err
	}
	for i := range n {
		comma := ","
		if i == 0 {
			comma = ""
		}
		if _, err := fmt.Fprintf(w, `%s{"sku":"A-%d","name":"`, comma, i); err != nil {
			return err
		}
		if err := repeated(w, "x", bytes); err != nil {
			return err
		}
		if _, err := io.WriteString(w, `"}`); err != nil {
			return err
		}
	}
	_, err := io.WriteString(w, "]")
	return err
}
