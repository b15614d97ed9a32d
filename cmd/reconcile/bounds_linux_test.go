package main

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestPeakMemory runs the program on files that nobody meant, or somebody meant ill: each is refused by the limit that is named,
// and no process takes more memory than is said here.
func TestPeakMemory(t *testing.T) {
	if os.Getenv("RECONCILE_TEST_LONG") == "" {
		t.Skip("it writes large files: set RECONCILE_TEST_LONG=1")
	}
	const usual = 100 // MiB, of a process that reads next to nothing
	head := "sku,name\nA-1,Bell\n"
	for _, c := range []struct {
		name    string
		prepare func(t *testing.T, shop string) // makes the file shop.csv
		want    string                          // in the message
		most    int                             // MiB, of any process
	}{
		{"a row that does not end", longRow(head, "A-2,", 80<<20), `line 3: a row is longer than 64 MiB (max_row)`, 350},
		{"a header that does not end", longRow("", "sku", 80<<20), `a row is longer than 64 MiB (max_row)`, 350},
		{"a million columns", func(t *testing.T, shop string) { write(t, shop, "sku,name"+strings.Repeat(",a", 1<<20)+"\n") }, `(max_columns)`, usual},
		{"a field of 20 MiB", func(t *testing.T, shop string) { write(t, shop, head+"A-2,"+strings.Repeat("x", 20<<20)+"\n") }, `line 3: field 2 has 20 MiB, more than 16 (max_field)`, 250},
		{"a device", func(t *testing.T, shop string) { symlink(t, "/dev/zero", shop) }, `is a device, not a file`, usual},
		{"a pipe without end", endlessPipe, `more than 1024 MiB come through the pipe (max_pipe)`, 1500},
		{"a workbook that grows a thousand times", func(t *testing.T, shop string) { workbookOf(t, shop, 400<<20, nil) }, `xl/worksheets/sheet1.xml`, 150},
		{"a workbook of many texts", func(t *testing.T, shop string) { workbookOf(t, shop, 400<<20, manyStrings(100<<20)) }, `xl/worksheets/sheet1.xml`, 350},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := boundsFolder(t, "")
			c.prepare(t, filepath.Join(dir, "shop.csv"))
			stderr, peak := runAndMeasure(t, dir, 1)
			checkPeak(t, c.name, stderr, c.want, peak, c.most)
		})
	}
	for _, c := range []struct {
		name, text, want string // text: "" is a device
		most             int
	}{
		{"a list of SKUs that is a device", "", "it is a device, not a file", usual},
		{"a list of SKUs whose quote is not closed", "sku,reason\n\"" + strings.Repeat("A-1,x\n", 10<<20), "(max_skus_line)", usual},
		{"a list of SKUs that is too long", "sku,reason\n" + strings.Repeat("A,x\n", 3_000_000), "(max_skus)", 1500},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := boundsFolder(t, "intentional \"listed\" {\n  rules     = [\"N\"]\n  skus_file = \"skus.csv\"\n}\n")
			write(t, filepath.Join(dir, "shop.csv"), head)
			if c.text == "" {
				symlink(t, "/dev/zero", filepath.Join(dir, "skus.csv"))
			} else {
				write(t, filepath.Join(dir, "skus.csv"), c.text)
			}
			stderr, peak := runAndMeasure(t, dir, 1)
			checkPeak(t, c.name, stderr, c.want, peak, c.most)
		})
	}
}

// TestPipesEndOnInterrupt says that Ctrl-C ends the wait for a pipe that nobody writes to, wherever the configuration names one.
func TestPipesEndOnInterrupt(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"shop.csv", "skus.csv"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := boundsFolder(t, "intentional \"listed\" {\n  rules     = [\"N\"]\n  skus_file = \"skus.csv\"\n}\n")
			write(t, filepath.Join(dir, "shop.csv"), "sku,name\nA-1,Bell\n")
			write(t, filepath.Join(dir, "skus.csv"), "sku,reason\nA-1,so\n")
			if err := os.Remove(filepath.Join(dir, name)); err != nil {
				t.Fatal(err)
			}
			if err := syscall.Mkfifo(filepath.Join(dir, name), 0o600); err != nil {
				t.Fatal(err)
			}
			cmd := program(t, dir, "run")
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			// Whoever opens the pipe to write without waiting finds somebody who reads, or would.
			waitFor(t, "the program to open the pipe", func() bool {
				pipe, err := os.OpenFile(filepath.Join(dir, name), os.O_WRONLY|syscall.O_NONBLOCK, 0)
				if err != nil {
					return false
				}
				t.Cleanup(func() { _ = pipe.Close() })
				return true
			})
			if err := cmd.Process.Signal(os.Interrupt); err != nil {
				t.Fatal(err)
			}
			var exit *exec.ExitError
			if err := cmd.Wait(); !errors.As(err, &exit) || exit.ExitCode() != 130 {
				t.Errorf("it ended with %v", err)
			}
		})
	}
}

func write(t *testing.T, name, text string) {
	t.Helper()
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func symlink(t *testing.T, to, name string) {
	t.Helper()
	if err := os.Symlink(to, name); err != nil {
		t.Fatal(err)
	}
}

// longRow returns what makes a file that begins so and goes on with one text.
func longRow(head, start string, more int) func(*testing.T, string) {
	return func(t *testing.T, shop string) {
		t.Helper()
		write(t, shop, head+start+strings.Repeat("x", more))
	}
}

// endlessPipe makes a pipe that gives zeros until nobody reads it.
func endlessPipe(t *testing.T, shop string) {
	t.Helper()
	if err := syscall.Mkfifo(shop, 0o600); err != nil {
		t.Fatal(err)
	}
	zeros := exec.CommandContext(t.Context(), "cat", "/dev/zero")
	pipe, err := os.OpenFile(shop, os.O_RDWR, 0) // which waits for nobody
	if err != nil {
		t.Fatal(err)
	}
	zeros.Stdout = pipe
	if err := zeros.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = pipe.Close()
		_ = zeros.Process.Kill()
		_ = zeros.Wait()
	})
}

// workbookOf makes a workbook with one text of that size in its sheet; with an sst the texts are in its table, which sst writes.
func workbookOf(t *testing.T, shop string, size int, sst func(io.Writer) error) {
	t.Helper()
	const (
		rels  = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
		kinds = "application/vnd.openxmlformats-officedocument.spreadsheetml."
		space = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
	)
	file, err := os.Create(shop)
	if err != nil {
		t.Fatal(err)
	}
	w := zip.NewWriter(file)
	w.RegisterCompressor(zip.Deflate, func(to io.Writer) (io.WriteCloser, error) { return flate.NewWriter(to, flate.BestSpeed) })
	add := func(name string, write func(io.Writer) error) {
		part, err := w.Create(name)
		if err == nil {
			err = write(part)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	text := func(text string) func(io.Writer) error {
		return func(part io.Writer) error {
			_, err := io.WriteString(part, text)
			return err
		}
	}
	types, related := "", ""
	if sst != nil {
		types = `<Override PartName="/xl/sharedStrings.xml" ContentType="` + kinds + `sharedStrings+xml"/>`
		related = `<Relationship Id="t" Type="` + rels + `/sharedStrings" Target="sharedStrings.xml"/>`
	}
	add("[Content_Types].xml", text(`<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="`+
		kinds+`sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="`+kinds+`worksheet+xml"/>`+types+`</Types>`))
	add("_rels/.rels", text(`<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="a" Type="`+rels+`/officeDocument" Target="xl/workbook.xml"/></Relationships>`))
	add("xl/workbook.xml", text(`<workbook xmlns="`+space+`" xmlns:r="`+rels+`"><sheets><sheet name="One" sheetId="1" r:id="s1"/></sheets></workbook>`))
	add("xl/_rels/workbook.xml.rels", text(`<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="s1" Type="`+rels+`/worksheet" Target="worksheets/sheet1.xml"/>`+related+`</Relationships>`))
	add("xl/worksheets/sheet1.xml", func(part io.Writer) error {
		fmt.Fprintf(part, `<worksheet xmlns="%s"><sheetData><row r="1"><c r="A1" t="inlineStr"><is><t>sku</t></is></c></row><row r="2"><c r="A2" t="inlineStr"><is><t>`, space)
		for piece := bytes.Repeat([]byte{'x'}, 1<<20); size > 0; size -= len(piece) {
			if _, err := part.Write(piece); err != nil {
				return err
			}
		}
		_, err := io.WriteString(part, `</t></is></c></row></sheetData></worksheet>`)
		return err
	})
	if sst != nil {
		add("xl/sharedStrings.xml", func(part io.Writer) error {
			fmt.Fprintf(part, `<sst xmlns="%s">`, space)
			return sst(part)
		})
	}
	if err := errors.Join(w.Close(), file.Close()); err != nil {
		t.Fatal(err)
	}
}

// manyStrings writes short texts, of which no two that are near are the same, for ever so many bytes.
func manyStrings(size int) func(io.Writer) error {
	return func(part io.Writer) error {
		var piece bytes.Buffer
		for i := uint32(1); piece.Len() < 1<<20; i++ {
			fmt.Fprintf(&piece, "<si><t>%08x</t></si>", i*2654435761)
		}
		for ; size > 0; size -= piece.Len() {
			if _, err := part.Write(piece.Bytes()); err != nil {
				return err
			}
		}
		_, err := io.WriteString(part, "</sst>")
		return err
	}
}

// boundsFolder makes a folder with a configuration that reads shop.csv, whatever that is.
func boundsFolder(t *testing.T, more string) string {
	t.Helper()
	dir := t.TempDir()
	write(t, filepath.Join(dir, "web.csv"), "sku,name\nA-1,Bell\n")
	format := ""
	if strings.Contains(t.Name(), "workbook") {
		format = "  format = \"xlsx\"\n"
	}
	write(t, filepath.Join(dir, "reconcile.hcl"), "source \"file\" \"shop\" {\n  path = \"shop.csv\"\n"+format+"}\n"+`
source "file" "web" {
  path = "web.csv"
}

reconciliation "x" {
  pos   = source.file.shop
  store = source.file.web
}

rule "N" {
  when = pos.name != store.name
}

`+more)
	return dir
}

// runAndMeasure runs a reconciliation that is to end so, and returns what it says and the most memory, in KiB, that any of its
// processes has had.
func runAndMeasure(t *testing.T, dir string, status int) (stderr string, peak int64) {
	t.Helper()
	return measure(t, program(t, dir, "run"), status)
}

// measure runs a command that is to end so, and returns what it says and the most memory, in KiB, that any of its processes has had.
func measure(t *testing.T, cmd *exec.Cmd, status int) (stderr string, peak int64) {
	t.Helper()
	var said bytes.Buffer
	cmd.Stderr = &said
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended, most := make(chan struct{}), make(chan int64, 1)
	go func() {
		peaks := make(chan int64)
		watched := map[int]bool{}
		watch := func(pid int) {
			if !watched[pid] {
				watched[pid] = true
				go func() { peaks <- peakMemory(pid, ended) }()
			}
		}
		watch(cmd.Process.Pid)
		for look := time.NewTicker(5 * time.Millisecond); ; {
			select {
			case <-look.C:
				for _, child := range children(t, cmd.Process.Pid) {
					watch(child)
				}
				continue
			case <-ended:
			}
			look.Stop()
			break
		}
		var peak int64
		for range watched {
			peak = max(peak, <-peaks)
		}
		most <- peak
	}()
	err := cmd.Wait()
	close(ended)
	peak = <-most
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	if got := cmd.ProcessState.ExitCode(); got != status {
		t.Errorf("it ends with %d, want %d", got, status)
	}
	return said.String(), peak
}
