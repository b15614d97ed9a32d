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
	"strings"
	"time"

	"github.com/reconcilehq/reconcile/engine/replace"

	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/archive"
	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/store"
)

// Made says what was put into an archive.
type Made struct {
	Path string
	Runs int
	Size int64
}

// Write puts what a store's data folder keeps into an archive: a file, or, where to is a folder, a new one in it. It is there whole or not
// at all. The store may be used meanwhile: what is kept after the beginning is not in it.
func Write(ctx context.Context, s *store.Store, version, to string) (made *Made, err error) {
	if info, err := os.Stat(to); err == nil && info.IsDir() {
		to = filepath.Join(to, "reconcile-"+time.Now().UTC().Format("20060102-150405")+".tar")
	}
	if err := replace.Spare(to, store.Kept(s.Dir())); err != nil {
		return nil, err
	}
	held, err := os.MkdirTemp(s.Dir(), heldPrefix)
	if err != nil {
		return nil, fmt.Errorf("make a backup: %w", err)
	}
	defer os.RemoveAll(held)
	sweep(s.Dir())
	runs, h, err := hold(ctx, s, held)
	if err != nil {
		return nil, fmt.Errorf("make a backup: %w", err)
	}
	journals, err := holdJournals(s.Dir(), held)
	if err != nil {
		return nil, fmt.Errorf("make a backup: %w", err)
	}
	out, err := replace.OpenPlain(to, 0o600)
	if err != nil {
		return nil, fmt.Errorf("make a backup: %w", err)
	}
	defer func() { err = errors.Join(err, out.Discard()) }()
	w := &writer{tar: tar.NewWriter(out), m: manifest{Format: format, Version: version, Made: time.Now().UTC(), Head: h}}
	for _, name := range []string{store.DatabaseFile, store.HeadFile} {
		if err := w.add(ctx, held, name); err != nil {
			return nil, err
		}
	}
	for _, id := range runs {
		for _, name := range archive.Files(id) {
			if err := w.add(ctx, held, name); err != nil {
				return nil, err
			}
		}
		if _, err := os.Lstat(filepath.Join(held, archive.Files(id)[0])); errors.Is(err, fs.ErrNotExist) {
			w.m.Missing = append(w.m.Missing, id)
		}
	}
	for _, name := range journals {
		if err := w.add(ctx, held, name); err != nil {
			return nil, err
		}
	}
	if err := w.close(); err != nil {
		return nil, fmt.Errorf("make a backup: %w", err)
	}
	if err := out.Commit(); err != nil {
		return nil, fmt.Errorf("make a backup: %w", err)
	}
	return &Made{Path: to, Runs: len(runs), Size: w.size}, nil
}

// heldPrefix begins the names of folders in which what is put into an archive is held; restoredPrefix of those in which an archive is
// unpacked.
const (
	heldPrefix     = ".backup-"
	restoredPrefix = ".restore-"
)

// abandoned is the age from which on such a folder is one that a killed process has left.
const abandoned = 48 * time.Hour

func sweep(dir string) {
	list, _ := os.ReadDir(dir) // the next one sees to it
	for _, f := range list {
		if info, err := f.Info(); err == nil && f.IsDir() && time.Since(info.ModTime()) > abandoned && (strings.HasPrefix(f.Name(), heldPrefix) || strings.HasPrefix(f.Name(), restoredPrefix)) {
			_ = os.RemoveAll(filepath.Join(dir, f.Name()))
		}
	}
}

// hold keeps in a folder what is to be put into an archive, as it is at one moment. Files of runs never change, so they are only kept from
// being removed, by another name.
func hold(ctx context.Context, s *store.Store, held string) (runs []string, h store.Head, err error) {
	unlock, err := archive.Lock(ctx, s)
	if err != nil {
		return nil, h, err
	}
	defer unlock()
	if runs, h, err = s.Snapshot(ctx, held); err != nil {
		return nil, h, err
	}
	for _, id := range runs {
		for _, name := range archive.Files(id) {
			to := filepath.Join(held, name)
			if err := os.MkdirAll(filepath.Dir(to), 0o700); err != nil {
				return nil, h, err
			}
			from := filepath.Join(s.Dir(), name)
			if os.Link(from, to) == nil {
				continue
			}
			if err := duplicate(from, to); err != nil && !errors.Is(err, fs.ErrNotExist) { // a run of which the file is missing
				return nil, h, err
			}
		}
	}
	return runs, h, nil
}

// holdJournals copies the journals, with the plans beside them, as far as they are written, and returns their names. Of one that is being
// written the last line may be cut off; whoever goes on with it looks at the store first.
func holdJournals(dir, held string) (journals []string, err error) {
	entries, err := os.ReadDir(filepath.Join(dir, store.JournalsFolder))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err == nil {
		err = os.Mkdir(filepath.Join(held, store.JournalsFolder), 0o700)
	}
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		name := store.JournalsFolder + "/" + e.Name()
		if !names.MatchString(name) {
			continue // the lock
		}
		if err := duplicate(filepath.Join(dir, name), filepath.Join(held, name)); err != nil {
			return nil, err
		}
		journals = append(journals, name)
	}
	return journals, nil
}

func duplicate(from, to string) error {
	in, err := replace.OpenToRead(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	return errors.Join(err, out.Close())
}

// writer writes an archive.
type writer struct {
	tar  *tar.Writer
	m    manifest
	size int64
}

// add adds a file that is held. One that is missing was missing when the backup was begun.
func (w *writer) add(ctx context.Context, held, name string) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	in, err := replace.OpenToRead(filepath.Join(held, name))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("make a backup: %w", err)
	}
	defer in.Close()
	info, err := in.Stat()
	if err != nil {
		return fmt.Errorf("make a backup: %w", err)
	}
	f := file{Name: filepath.ToSlash(name), Size: info.Size()}
	if err := w.header(f.Name, f.Size); err != nil {
		return fmt.Errorf("make a backup: %w", err)
	}
	sum := sha256.New()
	n, err := io.Copy(w.tar, io.TeeReader(in, sum))
	if err == nil && n != f.Size {
		err = io.ErrUnexpectedEOF
	}
	if err != nil {
		return fmt.Errorf("make a backup: %s: %w", name, err)
	}
	f.SHA256 = sum.Sum(nil)
	w.m.Files, w.size = append(w.m.Files, f), w.size+f.Size
	return nil
}

func (w *writer) header(name string, size int64) error {
	return w.tar.WriteHeader(&tar.Header{Name: name, Size: size, Mode: 0o600, ModTime: w.m.Made, Format: tar.FormatPAX})
}

func (w *writer) close() error {
	text, err := json.MarshalIndent(&w.m, "", " ")
	if err != nil {
		return err
	}
	sum := sha256.Sum256(text)
	for _, part := range []struct {
		name string
		text []byte
	}{{manifestName, text}, {sumName, []byte(hex.EncodeToString(sum[:]))}} {
		if err := w.header(part.name, int64(len(part.text))); err != nil {
			return err
		}
		if _, err := w.tar.Write(part.text); err != nil {
			return err
		}
	}
	return w.tar.Close()
}
