package backup

import (
	"archive/tar"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/archive"
	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/store"
)

var ann = store.Actor{Name: "Ann", Address: "192.0.2.1"}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func open(t *testing.T, dir string) *store.Store {
	t.Helper()
	s, err := store.Open(t.Context(), dir)
	must(t, err)
	t.Cleanup(func() { _ = s.Close() })
	return s
}

// newData returns the store of a data folder that keeps something of each kind.
func newData(t *testing.T) *store.Store {
	t.Helper()
	s := open(t, t.TempDir())
	_, err := s.MakeToken(t.Context(), ann, "nightly", store.Operator)
	must(t, err)
	for i := range 3 {
		addRun(t, s, i)
	}
	dir, unlock, err := store.LockJournals(s.Dir())
	must(t, err)
	for name, text := range map[string]string{"p1.journal": "a journal\n", "p1.json": "its plan\n"} {
		must(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600))
	}
	must(t, unlock())
	return s
}

func addRun(t *testing.T, s *store.Store, i int) {
	id := fmt.Sprintf("20261128-09150%d-abcdef", i)
	must(t, os.MkdirAll(filepath.Join(s.Dir(), "runs"), 0o700))
	for _, name := range archive.Files(id) {
		must(t, os.WriteFile(filepath.Join(s.Dir(), name), []byte(strings.Repeat(name, 1000)), 0o600))
	}
	must(t, s.AddRun(context.Background(), &store.Run{ID: id, Config: "/c", Reconciliation: "r", Ended: time.UnixMilli(int64(i))}))
}

// stateOf returns all that a data folder keeps, as text.
func stateOf(t *testing.T, s *store.Store) string {
	t.Helper()
	var b strings.Builder
	h, findings, err := s.Verify(t.Context())
	must(t, err)
	tokens, err := s.Tokens(t.Context())
	must(t, err)
	runs, err := s.Runs(t.Context(), "/c", "", true, 0)
	must(t, err)
	fmt.Fprintln(&b, h, findings, len(tokens), runs)
	for _, r := range runs {
		for _, name := range archive.Files(r.ID) {
			text, err := os.ReadFile(filepath.Join(s.Dir(), name))
			fmt.Fprintln(&b, name, string(text), err != nil)
		}
	}
	journals, err := os.ReadDir(filepath.Join(s.Dir(), store.JournalsFolder))
	must(t, err)
	for _, f := range journals {
		if f.Name() != "lock" {
			text, err := os.ReadFile(filepath.Join(s.Dir(), store.JournalsFolder, f.Name()))
			fmt.Fprintln(&b, f.Name(), string(text), err != nil)
		}
	}
	return b.String()
}

func restored(t *testing.T, from string) (*store.Store, error) {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "data")
	if _, err := Restore(t.Context(), from, dir, false); err != nil {
		return nil, err
	}
	return open(t, dir), nil
}

// TestThereAndBack backs up what is in use, and restores all of it, for its owner alone.
func TestThereAndBack(t *testing.T) {
	s := newData(t)
	out := t.TempDir()
	made, err := Write(t.Context(), s, "1.2.3", out)
	must(t, err)
	if filepath.Dir(made.Path) != out || made.Runs != 3 {
		t.Errorf("%+v", made)
	}
	info, err := os.Stat(made.Path)
	must(t, err)
	if runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
		t.Errorf("others can read it: %v", info.Mode())
	}
	want := stateOf(t, s)
	back, err := restored(t, made.Path)
	must(t, err)
	if got := stateOf(t, back); got != want || !strings.Contains(want, "p1.journal") {
		t.Errorf("got\n%.300s\nwant\n%.300s", got, want)
	}
	for _, dir := range []string{s.Dir(), back.Dir(), out} {
		list, err := os.ReadDir(dir)
		must(t, err)
		for _, f := range list {
			if strings.HasPrefix(f.Name(), ".") || f.Name() == "restoring" {
				t.Errorf("%s is left", f.Name())
			}
		}
	}
	must(t, back.Note(t.Context(), ann, store.Entry{What: "test"}))
	if _, findings, err := back.Verify(t.Context()); err != nil || len(findings) > 0 {
		t.Errorf("the trail does not go on: %v, %v", findings, err)
	}
}

// TestDamage damages an archive in each way that disks and networks know: it is refused, and nothing is restored, or what comes back is what
// was there.
func TestDamage(t *testing.T) {
	s := newData(t)
	made, err := Write(t.Context(), s, "1.2.3", filepath.Join(t.TempDir(), "b.tar"))
	must(t, err)
	whole, err := os.ReadFile(made.Path)
	must(t, err)
	want := stateOf(t, s)
	random := rand.New(rand.NewPCG(1, 2))
	tries, refused := 40, 0
	if os.Getenv("RECONCILE_TEST_LONG") != "" {
		tries = 600
	}
	at := filepath.Join(t.TempDir(), "damaged.tar")
	for n := range tries {
		damaged := slices.Clone(whole)
		place := random.IntN(len(damaged))
		var what string
		switch n % 4 {
		case 0:
			what, damaged = "cut off", damaged[:place]
		case 1:
			damaged[place] ^= 1 << random.IntN(8)
			what = "a bit turned"
		case 2:
			what, damaged = "a block missing", slices.Delete(damaged, place/512*512, min(place/512*512+512, len(damaged)))
		case 3:
			clear(damaged[place:min(place+3000, len(damaged))])
			what = "zeros"
		}
		must(t, os.WriteFile(at, damaged, 0o600))
		dir := filepath.Join(t.TempDir(), "data")
		_, err := Restore(t.Context(), at, dir, false)
		if err == nil {
			back := open(t, dir)
			if got := stateOf(t, back); got != want {
				t.Fatalf("%s at %d: something else came back", what, place)
			}
			must(t, back.Close())
			continue
		}
		refused++
		var of *DamageError
		if !errors.As(err, &of) || !strings.Contains(err.Error(), at) {
			t.Errorf("%s at %d: %v", what, place, err)
		}
		if list, err := os.ReadDir(dir); err != nil || len(list) > 1 { // the lock
			t.Errorf("%s at %d: %v is there, %v", what, place, list, err)
		}
	}
	if refused < tries/2 {
		t.Errorf("%d of %d were refused", refused, tries)
	}
}

// TestRestoreRefuses says into what nothing is restored: what is in use, and what has data, unless it may be moved aside.
func TestRestoreRefuses(t *testing.T) {
	s := newData(t)
	made, err := Write(t.Context(), s, "1.2.3", filepath.Join(t.TempDir(), "b.tar"))
	must(t, err)
	before := stateOf(t, s)
	addRun(t, s, 7)
	after := stateOf(t, s)
	if _, err := Restore(t.Context(), made.Path, s.Dir(), true); !errors.Is(err, store.ErrInUse) {
		t.Errorf("in use: %v", err)
	}
	if stateOf(t, s) != after {
		t.Error("it was changed while it was in use")
	}
	must(t, s.Close())
	if _, err := Restore(t.Context(), made.Path, s.Dir(), false); !errors.Is(err, ErrHasData) {
		t.Errorf("with data: %v", err)
	}
	_, unlock, err := store.LockJournals(s.Dir())
	must(t, err)
	if _, err := Restore(t.Context(), made.Path, s.Dir(), true); !errors.Is(err, store.ErrApplying) {
		t.Errorf("a plan is carried out: %v", err)
	}
	must(t, unlock())
	done, err := Restore(t.Context(), made.Path, s.Dir(), true)
	must(t, err)
	if got := stateOf(t, open(t, s.Dir())); got != before {
		t.Errorf("it is not as it was:\n%.200s", got)
	}
	if got := stateOf(t, open(t, done.Aside)); got != after {
		t.Errorf("what was there is not aside:\n%.200s", got)
	}
	if _, err := Restore(t.Context(), filepath.Join(t.TempDir(), "none.tar"), t.TempDir(), false); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("no archive: %v", err)
	}
	for _, name := range []string{"reconcile.db", "applied/p1.journal"} {
		if _, err := Write(t.Context(), open(t, s.Dir()), "", filepath.Join(s.Dir(), name)); err == nil {
			t.Errorf("%s was overwritten by the backup", name)
		}
	}
}

// TestInterrupted leaves a restore in the middle: nobody can use the folder until it was restored, and then all is there.
func TestInterrupted(t *testing.T) {
	s := newData(t)
	made, err := Write(t.Context(), s, "1.2.3", filepath.Join(t.TempDir(), "b.tar"))
	must(t, err)
	want := stateOf(t, s)
	dir := t.TempDir()
	must(t, store.Mark(dir))
	must(t, os.MkdirAll(filepath.Join(dir, "runs"), 0o700))
	must(t, os.WriteFile(filepath.Join(dir, "runs", "x.run"), []byte("x"), 0o600))
	if _, err := store.Open(t.Context(), dir); err == nil || !strings.Contains(err.Error(), "interrupted: restore it again") {
		t.Errorf("it can be used: %v", err)
	}
	if _, err := Restore(t.Context(), made.Path, dir, false); err != nil {
		t.Fatal(err)
	}
	if got := stateOf(t, open(t, dir)); got != want {
		t.Errorf("got\n%.300s", got)
	}
}

// TestWhileUsed backs up while others add runs and entries: each archive is one moment, whole.
func TestWhileUsed(t *testing.T) {
	s := newData(t)
	var using sync.WaitGroup
	stop := make(chan struct{})
	using.Go(func() {
		for i := 0; ; i++ {
			select {
			case <-stop:
				return
			default:
			}
			if err := s.Note(context.Background(), ann, store.Entry{What: "test", Subject: fmt.Sprint(i)}); err != nil {
				t.Error(err)
				return
			}
		}
	})
	for i := range 5 {
		unlock, err := archive.Lock(t.Context(), s)
		must(t, err)
		addRun(t, s, 4+i)
		unlock()
		made, err := Write(t.Context(), s, "1.2.3", filepath.Join(t.TempDir(), "b.tar"))
		must(t, err)
		back, err := restored(t, made.Path)
		must(t, err)
		if _, findings, err := back.Verify(t.Context()); err != nil || len(findings) > 0 {
			t.Errorf("the trail: %v, %v", findings, err)
		}
		if runs, err := back.Runs(t.Context(), "/c", "", true, 0); err != nil || len(runs) != 4+i {
			t.Errorf("%d runs, %v", len(runs), err)
		}
	}
	close(stop)
	using.Wait()
}

// TestNewer refuses what a newer version has made, by its name.
func TestNewer(t *testing.T) {
	s := newData(t)
	made, err := Write(t.Context(), s, "1.2.3", filepath.Join(t.TempDir(), "b.tar"))
	must(t, err)
	text, err := os.ReadFile(made.Path)
	must(t, err)
	if !bytes.Contains(text, []byte(`"format": 1`)) {
		t.Fatal("there is no format in it")
	}
	newer := filepath.Join(t.TempDir(), "newer.tar")
	must(t, os.WriteFile(newer, rewritten(t, text, `"format": 1`, `"format": 2`), 0o600))
	if _, err := restored(t, newer); err == nil || !strings.Contains(err.Error(), "newer version of reconcile (format 2") {
		t.Errorf("%v", err)
	}
}

// rewritten returns an archive with another manifest, and the hash that it then has.
func rewritten(t *testing.T, text []byte, old, with string) []byte {
	t.Helper()
	r := tar.NewReader(bytes.NewReader(text))
	var b bytes.Buffer
	w := &writer{tar: tar.NewWriter(&b)}
	for {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		must(t, err)
		part, err := io.ReadAll(r)
		must(t, err)
		switch h.Name {
		case manifestName:
			part = bytes.Replace(part, []byte(old), []byte(with), 1)
			sum := sha256.Sum256(part)
			must(t, w.header(h.Name, int64(len(part))))
			_, err = w.tar.Write(part)
			must(t, err)
			h.Name, part = sumName, []byte(hex.EncodeToString(sum[:]))
		case sumName:
			continue
		}
		must(t, w.header(h.Name, int64(len(part))))
		_, err = w.tar.Write(part)
		must(t, err)
	}
	must(t, w.tar.Close())
	return b.Bytes()
}
