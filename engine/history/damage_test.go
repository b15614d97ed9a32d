package history

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"testing"

	"github.com/reconcilehq/reconcile/engine/report"
)

// tries is how many damages are tried: a small part of all, unless the full volume is asked for.
func tries(few, many int) int {
	if os.Getenv("RECONCILE_TEST_LONG") != "" {
		return many
	}
	return few
}

// keptBytes returns a run's file, and what can be read of it.
func keptBytes(t testing.TB) (file []byte, said string) {
	t.Helper()
	pos, store := drawShop(rand.New(rand.NewPCG(5, 6)), 270) // more than a block
	path := keepFile(t, runShop(t, compile(t, shopRules), pos, store))
	file, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if said, err = readAll(file); err != nil {
		t.Fatal(err)
	}
	return file, said
}

// readAll returns all that a run's file says.
func readAll(file []byte) (string, error) {
	run, err := read("run", bytes.NewReader(file), int64(len(file)))
	if err != nil {
		return "", err
	}
	var b bytes.Buffer
	for _, f := range report.Formats() {
		if f.Name == "json" {
			if err := f.Write(&b, run.Result(), report.Options{All: true, Unchecked: true}); err != nil {
				return "", err
			}
		}
	}
	err = readItems(run, &b)
	return b.String(), err
}

func readItems(run *Run, to io.Writer) error {
	for it, err := range run.Result().Items {
		if err != nil {
			return err
		}
		fmt.Fprintln(to, said(it, run.Result()))
	}
	found, err := run.Search("bell")
	if err != nil {
		return err
	}
	if found, err = run.Sort(found, By{Column: Name}); err != nil {
		return err
	}
	rows, err := run.Rows(found)
	for _, row := range rows {
		row.Outcome = nil
		fmt.Fprintln(to, row)
	}
	return err
}

// TestDamage damages a run's file in all ways that a disk and a network know: what is read is an error that says so, or what was
// written, and never something else.
func TestDamage(t *testing.T) {
	file, want := keptBytes(t)
	random := rand.New(rand.NewPCG(7, 8))
	check := func(what string, damaged []byte) {
		t.Helper()
		got, err := readAll(damaged)
		var damage *DamageError
		switch {
		case errors.As(err, &damage), errors.Is(err, ErrNewer):
		case err != nil:
			t.Errorf("%s: an error without a name: %v", what, err)
		case got != want:
			t.Errorf("%s: something else is read", what)
		}
	}
	for range tries(150, 2000) {
		size := random.IntN(len(file))
		check(fmt.Sprintf("cut off at %d", size), file[:size])
		at := random.IntN(len(file) - size)
		check(fmt.Sprintf("%d bytes missing at %d", size, at), append(append([]byte{}, file[:at]...), file[at+size:]...))
	}
	for n := range tries(400, 6000) {
		damaged := append([]byte{}, file...)
		at := random.IntN(len(file))
		switch {
		case n < headSize+tailSize: // each byte of its beginning and its end
			if at = n; n >= headSize {
				at = len(file) - 1 - (n - headSize)
			}
			fallthrough
		case n%2 == 0:
			damaged[at] ^= 1 << random.IntN(8)
			check(fmt.Sprintf("a bit of byte %d turned", at), damaged)
		default:
			clear(damaged[at:min(at+random.IntN(5000), len(file))])
			check(fmt.Sprintf("zeros from %d on", at), damaged)
		}
	}
	newer := append([]byte{}, file...)
	newer[len(head)]++
	if _, err := readAll(newer); !errors.Is(err, ErrNewer) {
		t.Errorf("a newer format: %v", err)
	}
}

// TestNonsense changes what a file says, with the checksums that it then has: nobody does that by accident, so something else may be
// read, but it must not panic.
func TestNonsense(t *testing.T) {
	file, _ := keptBytes(t)
	random := rand.New(rand.NewPCG(9, 10))
	run, err := read("run", bytes.NewReader(file), int64(len(file)))
	if err != nil {
		t.Fatal(err)
	}
	tail, err := run.readTail(int64(len(file)))
	if err != nil {
		t.Fatal(err)
	}
	sections := append(append([]part{}, run.blocks...), run.packs...)
	failed := 0
	for range tries(400, 6000) {
		b := append([]byte{}, file...)
		for range 1 + random.IntN(3) {
			n := random.IntN(len(sections) + 1)
			of := run.results
			if n < len(sections) {
				of = sections[n]
			}
			if of.size == 0 {
				continue
			}
			part := b[of.from:][:of.size]
			part[random.IntN(len(part))] = byte(random.IntN(256))
			if n < len(sections) {
				binary.LittleEndian.PutUint32(b[tail.index.from+int64(8*n)+4:], checksum(part))
			}
		}
		end := b[len(b)-tailSize:]
		for i, of := range []part{tail.outcomes, tail.about, tail.index} {
			binary.LittleEndian.PutUint32(end[12*i+8:], checksum(b[of.from:][:of.size]))
		}
		sum := tailSize - len(ending) - 4
		binary.LittleEndian.PutUint32(end[sum:], checksum(end[:sum]))
		changed, err := read("run", bytes.NewReader(b), int64(len(b)))
		if err == nil {
			err = readItems(changed, io.Discard)
		}
		var damage *DamageError
		switch {
		case errors.As(err, &damage):
			failed++
		case err != nil:
			t.Errorf("an error without a name: %v", err)
		}
	}
	if failed == 0 {
		t.Error("nothing was seen of all that")
	}
}
