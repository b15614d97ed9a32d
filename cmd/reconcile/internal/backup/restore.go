package backup

import (
	"archive/tar"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/reconcilehq/reconcile/engine/replace"
	"github.com/reconcilehq/reconcile/engine/strict"

	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/archive"
	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/store"
)

// ErrHasData means that a data folder keeps something already.
var ErrHasData = errors.New("it has data already: name an empty folder with --data, or add --replace, which moves aside what is there")

// Restored says what was put back.
type Restored struct {
	Made  time.Time // when the backup was made
	Runs  int
	Aside string // the folder that what was there was moved to; "" if there was nothing
}

// Restore puts what is in an archive into a data folder, which nobody may use. Before it is all there and right, nothing is put in place.
func Restore(ctx context.Context, from, dir string, over bool) (r *Restored, err error) {
	release, err := store.Exclude(dir)
	if err != nil {
		return nil, fmt.Errorf("restore a backup: %w", err)
	}
	defer func() { err = errors.Join(err, release()) }()
	if err := noneApplies(dir); err != nil {
		return nil, fmt.Errorf("restore a backup: %w", err)
	}
	there := kept(dir)
	if len(there) > 0 && !over && !store.Interrupted(dir) { // what an interrupted one has left is nothing that anybody has

		return nil, fmt.Errorf("restore a backup into %s: %w", dir, ErrHasData)
	}
	sweep(dir)
	unpacked, err := os.MkdirTemp(dir, restoredPrefix)
	if err != nil {
		return nil, fmt.Errorf("restore a backup: %w", err)
	}
	defer os.RemoveAll(unpacked)
	m, err := unpack(ctx, from, unpacked)
	if err != nil {
		return nil, err
	}
	runs, err := check(ctx, from, unpacked, m)
	if err != nil {
		return nil, err
	}
	r = &Restored{Made: m.Made, Runs: runs}
	if err := store.Mark(dir); err != nil {
		return nil, fmt.Errorf("restore a backup: %w", err)
	}
	if len(there) > 0 {
		if r.Aside, err = aside(dir, there); err != nil {
			return nil, fmt.Errorf("restore a backup: move aside what is there: %w", err)
		}
	}
	if err := place(unpacked, dir); err != nil {
		return nil, fmt.Errorf("restore a backup: %w", err)
	}
	return r, store.Unmark(dir)
}

// noneApplies returns an error if somebody carries out a plan with the data folder.
func noneApplies(dir string) error {
	if _, err := os.Lstat(filepath.Join(dir, store.JournalsFolder)); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	_, unlock, err := store.LockJournals(dir)
	if err != nil {
		return err
	}
	return unlock()
}

// kept returns what stands in a data folder in the place of what is in archives.
func kept(dir string) (list []string) {
	for _, name := range []string{store.DatabaseFile, store.DatabaseFile + "-wal", store.DatabaseFile + "-shm", store.HeadFile, "runs", store.JournalsFolder} {
		path := filepath.Join(dir, name)
		if entries, err := os.ReadDir(path); err == nil && len(entries) == 0 {
			continue // an empty folder is nothing
		}
		if _, err := os.Lstat(path); err == nil {
			list = append(list, name)
		}
	}
	return list
}

// aside moves what is there into a folder beside it.
func aside(dir string, names []string) (to string, err error) {
	to, err = os.MkdirTemp(dir, "replaced-"+time.Now().UTC().Format("20060102-150405")+"-")
	if err != nil {
		return "", err
	}
	for _, name := range names {
		if err := os.Rename(filepath.Join(dir, name), filepath.Join(to, name)); err != nil {
			return to, err
		}
	}
	return to, nil
}

// place puts what was unpacked in its place: the database last.
func place(from, dir string) error {
	for _, name := range []string{"runs", store.JournalsFolder, store.HeadFile, store.DatabaseFile} {
		folder := name == "runs" || name == store.JournalsFolder
		if folder {
			_ = os.Remove(filepath.Join(dir, name)) // an empty one
		}
		err := os.Rename(filepath.Join(from, name), filepath.Join(dir, name))
		if err != nil && !(folder && errors.Is(err, fs.ErrNotExist)) {
			return err
		}
	}
	return nil
}

// check says whether what was unpacked can be used by this program, and has all that it says. It returns how many runs there are.
func check(ctx context.Context, from, dir string, m *manifest) (int, error) {
	runs, err := store.Inspect(ctx, dir)
	var newer *store.VersionError
	if errors.As(err, &newer) {
		return 0, fmt.Errorf("%s was made by a newer version of reconcile (%s): restore it with that one. Nothing was restored", from, m.Version)
	}
	if err != nil {
		return 0, &DamageError{from, err.Error()}
	}
	for _, id := range runs {
		for _, name := range archive.Files(id) {
			if _, err := os.Stat(filepath.Join(dir, name)); errors.Is(err, fs.ErrNotExist) && strings.HasSuffix(name, ".run") && !slices.Contains(m.Missing, id) {
				return 0, &DamageError{from, "the file of the run " + id + " is not in it"}
			}
		}
	}
	return len(runs), nil
}

// unpack unpacks an archive into a folder, and holds it against its manifest.
func unpack(ctx context.Context, from, dir string) (*manifest, error) {
	in, err := replace.OpenToRead(from)
	if err != nil {
		return nil, fmt.Errorf("restore a backup: %w", err)
	}
	defer in.Close()
	damaged := func(format string, args ...any) error { return &DamageError{from, fmt.Sprintf(format, args...)} }
	t := tar.NewReader(in)
	var found []file
	var text, sum []byte
	for {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		h, err := t.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, damaged("it cannot be read: %v", err)
		}
		switch {
		case sum != nil:
			return nil, damaged("there is more behind its end")
		case text != nil && h.Name == sumName, text == nil && h.Name == manifestName:
			part, err := io.ReadAll(io.LimitReader(t, largestManifest))
			if err != nil {
				return nil, damaged("it ends too early")
			}
			if text == nil {
				text = part
			} else {
				sum = part
			}
			continue
		case text != nil || h.Typeflag != tar.TypeReg || !names.MatchString(h.Name) || slices.ContainsFunc(found, func(f file) bool { return f.Name == h.Name }):
			return nil, damaged("it has %q, which should not be there", h.Name)
		}
		f, err := unpackFile(t, dir, h.Name)
		var local *fs.PathError
		if errors.As(err, &local) { // it cannot be written here
			return nil, fmt.Errorf("restore a backup: %w", err)
		}
		if err != nil {
			return nil, damaged("it ends in %q: %v", h.Name, err)
		}
		found = append(found, f)
	}
	want := sha256.Sum256(text)
	if sum == nil || string(sum) != hex.EncodeToString(want[:]) {
		return nil, damaged("its end is missing, or was changed")
	}
	var of struct{ Format int }
	if err := json.Unmarshal(text, &of); err == nil && of.Format > format {
		return nil, fmt.Errorf("%s was made by a newer version of reconcile (format %d, this one knows %d): restore it with that one. Nothing was restored", from, of.Format, format)
	}
	m := &manifest{}
	if err := strict.Decode(text, m); err != nil {
		return nil, damaged("its manifest cannot be read")
	}
	same := slices.EqualFunc(found, m.Files, func(a, b file) bool {
		return a.Name == b.Name && a.Size == b.Size && string(a.SHA256) == string(b.SHA256)
	})
	if !same {
		return nil, damaged("its files are not those that its manifest says")
	}
	return m, nil
}

func unpackFile(t io.Reader, dir, name string) (f file, err error) {
	path := filepath.Join(dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return f, err
	}
	out, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return f, err
	}
	sum := sha256.New()
	n, err := io.Copy(io.MultiWriter(out, sum), t)
	if err == nil {
		err = out.Sync()
	}
	return file{Name: name, Size: n, SHA256: sum.Sum(nil)}, errors.Join(err, out.Close())
}
