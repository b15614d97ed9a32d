package localcopy

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/reconcilehq/reconcile/plugins/host"
)

// unwritable makes a copy one that SQLite cannot open: a link lies where it would make the file that its processes share.
func unwritable(t *testing.T, path string) {
	t.Helper()
	if err := os.RemoveAll(path + "-shm"); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("nowhere", path+"-shm"); err != nil {
		t.Skip(err)
	}
	if db, err := open(t.Context(), path, false); err == nil {
		db.Close()
		t.Fatal("SQLite opens it")
	}
}

// leftOver returns the database and its log as a pull that is killed leaves them: the log is not brought in.
func leftOver(t *testing.T, s *store, f *Folder, pulls int) (main, log []byte, path string) {
	t.Helper()
	path = s.refresh(f, testID, RefreshRequest{}).Path
	reader, err := f.Open(t.Context(), testID) // as long as somebody reads, the log stays
	if err != nil {
		t.Fatal(err)
	}
	defer reader.Close()
	for i := range pulls {
		for j := range 50 {
			s.products[fmt.Sprint("product ", rand.IntN(100))] = strings.Repeat(fmt.Sprint("pull ", i, " ", j), 30)
		}
		s.refresh(f, testID, RefreshRequest{Full: rand.IntN(2) == 0})
	}
	if main, err = os.ReadFile(path); err != nil {
		t.Fatal(err)
	}
	if log, err = os.ReadFile(path + "-wal"); err != nil {
		t.Fatal(err)
	}
	return main, log, path
}

// placeCopy writes the files of a copy and nothing else beside them.
func placeCopy(t *testing.T, path string, main, log []byte) {
	t.Helper()
	if err := os.RemoveAll(path + "-shm"); err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string][]byte{path: main, path + "-wal": log} {
		if err := os.WriteFile(name, content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// TestStillIsWhatSQLiteReads cuts the log of a killed pull at any byte, changes any of its bytes, and brings any part of it
// into the database, as happens while a checkpoint is killed. What is read without writing is what SQLite makes of it.
func TestStillIsWhatSQLiteReads(t *testing.T) {
	s, f := newStore(t), In(t.TempDir())
	main, log, path := leftOver(t, s, f, 3)
	latest := s.products
	if len(log) < 100_000 {
		t.Fatalf("the log has %d bytes", len(log))
	}
	states := map[string]bool{}
	for i := range 60 {
		main, log := bytes.Clone(main), bytes.Clone(log)
		what := ""
		switch i % 3 {
		case 0:
			log = log[:rand.IntN(len(log)+1)]
			what = fmt.Sprintf("cut after %d bytes", len(log))
		case 1:
			at := rand.IntN(len(log))
			log[at] ^= byte(1 + rand.IntN(255))
			what = fmt.Sprintf("byte %d changed", at)
		default:
			w, err := readWAL(bytes.NewReader(log))
			if err != nil {
				t.Fatal(err)
			}
			main = append(main, make([]byte, max(0, int(w.count*w.pageSize)-len(main)))...)
			for page, at := range w.pages {
				if rand.IntN(2) == 0 {
					copy(main[int64(page-1)*w.pageSize:], log[at:at+w.pageSize])
				}
			}
			what = "partly brought in"
		}
		placeCopy(t, path, main, log)
		want, wantErr := readAll(f, testID)
		placeCopy(t, path, main, log)
		unwritable(t, path)
		got, err := readAll(f, testID)
		if (err == nil) != (wantErr == nil) || !cmp.Equal(got, want) {
			t.Fatalf("%s: read as it lies: %d records, %v; by SQLite: %d, %v", what, len(got), err, len(want), wantErr)
		}
		if i%3 == 2 && !cmp.Equal(got, latest) {
			t.Fatalf("%s: %d records, not the %d of the last pull", what, len(got), len(latest))
		}
		states[fmt.Sprint(got)] = true
	}
	if len(states) < 2 {
		t.Error("all logs were read alike")
	}
}

// TestStillWritesNothing reads a copy where nothing can be written, with a log and without one.
func TestStillWritesNothing(t *testing.T) {
	for _, pulls := range []int{0, 2} {
		s, f := newStore(t), In(t.TempDir())
		main, log, path := leftOver(t, s, f, pulls)
		placeCopy(t, path, main, log)
		unwritable(t, path)
		before := listing(t, filepath.Dir(path))
		if got, err := readAll(f, testID); err != nil || !cmp.Equal(got, s.products) {
			t.Errorf("after %d pulls: %d records, %v", pulls, len(got), err)
		}
		if after := listing(t, filepath.Dir(path)); after != before {
			t.Errorf("the folder was\n%sand is\n%s", before, after)
		}
	}
}

// TestStillNoticesWriters does not take what was read of two states for one.
func TestStillNoticesWriters(t *testing.T) {
	s, f := newStore(t), In(t.TempDir())
	main, log, path := leftOver(t, s, f, 1)
	placeCopy(t, path, main, log)
	unwritable(t, path)
	r, err := f.Open(t.Context(), testID)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	err = r.Records(func(string, []host.Record) error {
		return os.WriteFile(path+"-wal", append(log, log...), 0o600)
	})
	if err == nil || !strings.Contains(err.Error(), "was written while it was read") {
		t.Errorf("got %v", err)
	}
}

// listing returns the names, sizes and times of a folder's files.
func listing(t *testing.T, dir string) string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var list strings.Builder
	for _, e := range entries {
		info, err := e.Info()
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintln(&list, e.Name(), info.Size(), info.ModTime())
	}
	return list.String()
}

// FuzzReadWAL reads anything as a log. What it takes for a page lies in the log.
func FuzzReadWAL(f *testing.F) {
	f.Add([]byte{})
	f.Add([]byte("\x37\x7f\x06\x82\x00\x2d\xe2\x18\x00\x00\x02\x00"))
	f.Fuzz(func(t *testing.T, text []byte) {
		for _, sealed := range []bool{false, true} {
			log := bytes.Clone(text)
			if sealed { // with sums that are right, as no chance makes them
				seal(log)
			}
			w, err := readWAL(bytes.NewReader(log))
			if err != nil {
				t.Fatal(err)
			}
			if w == nil {
				continue
			}
			for page, at := range w.pages {
				if page == 0 || at < walHeader+walFrame || at+w.pageSize > int64(len(log)) {
					t.Fatalf("page %d lies at %d of %d bytes", page, at, len(log))
				}
			}
		}
	})
}

// seal makes bytes a log with pages of 512 bytes as far as its sums and salts go.
func seal(log []byte) {
	const page = minPage
	if len(log) < walHeader {
		return
	}
	binary.BigEndian.PutUint32(log, walMagic|uint32(log[3]&1))
	binary.BigEndian.PutUint32(log[4:], walFormat)
	binary.BigEndian.PutUint32(log[8:], page)
	sums := walSums{order: binary.LittleEndian}
	if log[3]&1 == 1 {
		sums.order = binary.BigEndian
	}
	put := func(at []byte) {
		binary.BigEndian.PutUint32(at, sums.a0)
		binary.BigEndian.PutUint32(at[4:], sums.a1)
	}
	sums.add(log[:24])
	put(log[24:])
	for frame := log[walHeader:]; len(frame) >= walFrame+page; frame = frame[walFrame+page:] {
		copy(frame[frameSalts:16], log[walSalts:24])
		sums.add(frame[:8])
		sums.add(frame[walFrame : walFrame+page])
		put(frame[16:])
	}
}
