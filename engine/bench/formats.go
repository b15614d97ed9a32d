package main

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// formats are the ways to write a result that are measured, with what each needs to write all of it. The others follow from the first.
var formats = []struct {
	name string
	more []string
}{
	{"csv", nil}, {"ndjson", nil}, {"json", nil}, {"html", []string{"--max-rows", "0"}}, {"xlsx", nil},
}

// write measures reconcile in each format in turn, on a catalogue of which three of four items differ.
func (b *bench) write(t *table) error {
	dir, want, err := b.files(b.items, red)
	if err != nil {
		return err
	}
	runs, sizes := make([][]run, len(formats)), make([]int64, len(formats))
	for range b.pairs {
		for _, sample := range []bool{false, true} {
			for i, f := range formats {
				out := filepath.Join(dir, "ours."+f.name)
				r, err := execute(dir, sample, append([]string{b.program, "run", "--no-history", "--format", f.name, "--output", out}, f.more...)...)
				if err != nil {
					return err
				}
				if f.name == "csv" {
					err = checkOurs(out, want)
				}
				info, statErr := os.Stat(out)
				if err == nil {
					err = statErr
				}
				if err != nil {
					return err
				}
				runs[i], sizes[i] = append(runs[i], r), info.Size()
			}
		}
	}
	for i, f := range formats {
		t.add(fmt.Sprintf("%d items, %s, --format %s: %d MB", b.items, red.name, f.name, sizes[i]/1e6), runs[i], runs[0])
	}
	return nil
}

// keep measures runs that are kept against runs that are not.
func (b *bench) keep(t *table) error {
	for _, f := range []form{forms[0], red} {
		dir, want, err := b.files(b.items, f)
		if err != nil {
			return err
		}
		data := filepath.Join(dir, "data")
		var plain, kept []run
		var size int64
		for range b.pairs {
			for _, sample := range []bool{false, true} {
				r, err := b.ours(dir, sample, want)
				if err != nil {
					return err
				}
				plain = append(plain, r)
				if err := os.RemoveAll(data); err != nil {
					return err
				}
				if r, err = b.run(dir, sample, want, "--data", data); err != nil {
					return err
				}
				kept = append(kept, r)
				if size, err = sizeOf(data); err != nil {
					return err
				}
			}
		}
		t.add(fmt.Sprintf("%d items, %s, not kept", b.items, f.name), plain, plain)
		t.add(fmt.Sprintf("%d items, %s, kept: %d MB", b.items, f.name, size/1e6), kept, plain)
	}
	return nil
}

// sizeOf returns the size of the largest file in a folder: of what is kept, the run.
func sizeOf(dir string) (size int64, err error) {
	err = filepath.WalkDir(dir, func(_ string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		info, err := d.Info()
		if err == nil {
			size = max(size, info.Size())
		}
		return err
	})
	return size, err
}
