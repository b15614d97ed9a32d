package journal_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/engine/change"
	"github.com/reconcilehq/reconcile/engine/journal"
)

type fataler interface {
	Helper()
	Fatal(args ...any)
	Fatalf(format string, args ...any)
}

func must(t fataler, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// values are an expected and a desired value of each type.
var values = map[string][2]catalog.Value{
	"price": {catalog.NullValue(catalog.Number), catalog.NumberValue(catalog.Int(12))},
	"name":  {catalog.StringValue(""), catalog.StringValue("a <b> \"c\"\n")},
	"on":    {catalog.BoolValue(true), catalog.NullValue(catalog.Bool)},
	"tags":  {catalog.ListValue(nil), catalog.ListValue([]string{"x", ""})},
	"of":    {catalog.MapValue(nil), catalog.MapValue([]catalog.Entry{{Key: "Size", Value: "M"}})},
}

func changesOf(fields ...string) (list []journal.Change) {
	for i, f := range fields {
		c := journal.Change{Step: "item_fields", Name: "Bell", Type: values[f][0].Type()}
		c.Change = change.Change{Key: fmt.Sprintf("p-%d", i+1), Item: change.Ref{ID: "7", SKU: "A-1"}, Field: f, Expected: values[f][0], Desired: values[f][1]}
		list = append(list, c)
	}
	return list
}

// written returns the path of a journal in which of each kind something stands, and its text.
func written(t fataler, dir string) (path string, whole []byte) {
	t.Helper()
	path = filepath.Join(dir, "j.jsonl")
	must(t, os.RemoveAll(path))
	j, err := journal.Create(path, journal.Header{Plan: "p", MadeAt: time.Unix(1, 0).UTC()}, changesOf("price", "name", "on", "tags", "of"))
	must(t, err)
	must(t, j.Begin("ann"))
	must(t, j.Intend([]string{"p-1", "p-2", "p-3"}))
	must(t, j.Conclude(change.Outcome{Key: "p-1", Kind: change.Applied, Before: values["price"][0], After: values["price"][1]}))
	must(t, j.Conclude(change.Outcome{Key: "p-2", Kind: change.Failed, Reason: "503 <busy>"}))
	must(t, j.Conclude(change.Outcome{Key: "p-4", Kind: change.Skipped, Reason: "it was accepted meanwhile"}))
	must(t, j.Sync())
	must(t, j.Close())
	j, err = journal.OpenFile(path)
	must(t, err)
	must(t, j.Begin("bob"))
	must(t, j.Conclude(change.Outcome{Key: "p-3", Kind: change.Unknown}))
	must(t, j.Conclude(change.Outcome{Key: "p-3", Kind: change.Conflict, After: values["on"][0]}))
	must(t, j.Intend([]string{"p-2"}))
	must(t, j.End())
	must(t, j.Close())
	whole, err = os.ReadFile(path)
	must(t, err)
	return path, whole
}

func TestJournal(t *testing.T) {
	path, _ := written(t, t.TempDir())
	c, err := journal.ReadFile(path)
	must(t, err)
	said := ""
	for _, ch := range c.Changes {
		said += fmt.Sprintf("%s %d %s %q %q %q\n", ch.Field, ch.State, ch.Outcome.Kind, ch.Outcome.Before.Text(), ch.Outcome.After.Text(), ch.Outcome.Reason)
		if want := values[ch.Field]; !ch.Expected.Equal(want[0]) || !ch.Desired.Equal(want[1]) {
			t.Errorf("%s: %s, %s", ch.Field, ch.Expected.Text(), ch.Desired.Text())
		}
	}
	want := `price 2 applied "" "12" ""
name 1 failed "" "" "503 <busy>"
on 2 conflict "" "true" ""
tags 2 skipped "" "" "it was accepted meanwhile"
of 0 applied "" "" ""
`
	if said != want {
		t.Errorf("%s", said)
	}
	if len(c.Goes) != 2 || c.Goes[0].Ended || !c.Goes[1].Ended || c.Goes[1].By != "bob" || c.CutOff != 0 {
		t.Errorf("%+v, %d", c.Goes, c.CutOff)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm()&0o077 != 0 {
		t.Errorf("others may read it: %v %v", info.Mode(), err)
	}
	if _, err := journal.Create(path, journal.Header{}, nil); err == nil {
		t.Error("a journal that is there is made anew")
	}
}

// TestNever: what would mean that something is written twice cannot be noted, nor what became of something that was never sent.
func TestNever(t *testing.T) {
	path, _ := written(t, t.TempDir())
	for _, of := range []struct {
		what string
		note func(j *journal.Journal) error
	}{
		{"what is applied is sent", func(j *journal.Journal) error { return j.Intend([]string{"p-1"}) }},
		{"what was sent is sent", func(j *journal.Journal) error { return j.Intend([]string{"p-2"}) }},
		{"a conflict is sent", func(j *journal.Journal) error { return j.Intend([]string{"p-3"}) }},
		{"it is sent twice at once", func(j *journal.Journal) error { return j.Intend([]string{"p-4", "p-4"}) }},
		{"nobody knows it", func(j *journal.Journal) error { return j.Intend([]string{"p-9"}) }},
		{"what is applied is a conflict", func(j *journal.Journal) error {
			return j.Conclude(change.Outcome{Key: "p-1", Kind: change.Conflict})
		}},
		{"what was not sent is applied", func(j *journal.Journal) error {
			return j.Conclude(change.Outcome{Key: "p-5", Kind: change.Applied})
		}},
		{"another type", func(j *journal.Journal) error {
			return j.Conclude(change.Outcome{Key: "p-2", Kind: change.Applied, After: catalog.BoolValue(true)})
		}},
	} {
		j, err := journal.OpenFile(path)
		must(t, err)
		if err := of.note(j); err == nil {
			t.Errorf("%s, and it is noted", of.what)
		}
		must(t, j.Close())
		if _, err := journal.ReadFile(path); err != nil {
			t.Errorf("%s: %v", of.what, err)
		}
	}
}

// TestCutOff: wherever a journal is cut off, what stands before is read, and it can be gone on with.
func TestCutOff(t *testing.T) {
	dir := t.TempDir()
	path, whole := written(t, dir)
	first := bytes.IndexByte(whole, '\n') + 1
	begun := bytes.Index(whole, []byte(`{"begin"`))
	for end := first; end < len(whole); end += 13 {
		must(t, os.WriteFile(path, whole[:end], 0o600))
		lines := bytes.LastIndexByte(whole[:end], '\n') + 1
		c, err := journal.ReadFile(path)
		must(t, err)
		if c.CutOff != int64(end-lines) {
			t.Fatalf("cut off at %d: %d bytes are said to be", end, c.CutOff)
		}
		j, err := journal.OpenFile(path)
		must(t, err)
		must(t, j.Begin("eve"))
		must(t, j.Close())
		now, err := os.ReadFile(path)
		must(t, err)
		if !bytes.HasPrefix(now, whole[:lines]) {
			t.Fatalf("cut off at %d: what was whole has changed", end)
		}
		if c, err = journal.ReadFile(path); err != nil || c.Goes[len(c.Goes)-1].By != "eve" || c.CutOff != 0 || lines < begun && len(c.Goes) > 1 {
			t.Fatalf("cut off at %d and gone on: %v", end, err)
		}
	}
}

// TestDamage: any byte that is another one is found; but the end of the last line, without which that line is cut off.
func TestDamage(t *testing.T) {
	_, whole := written(t, t.TempDir())
	rapid.Check(t, func(t *rapid.T) {
		text := bytes.Clone(whole)
		switch at := rapid.IntRange(0, len(text)-2).Draw(t, "at"); rapid.IntRange(0, 2).Draw(t, "how") {
		case 0:
			text[at] ^= byte(rapid.IntRange(1, 255).Draw(t, "bits"))
		case 1:
			text = append(text[:at], text[at+1:]...)
		case 2: // a line is taken out
			lines := bytes.SplitAfter(text, []byte("\n"))
			i := rapid.IntRange(0, len(lines)-3).Draw(t, "line")
			text = bytes.Join(append(lines[:i:i], lines[i+1:]...), nil)
		}
		c, err := journal.Read(bytes.NewReader(text))
		var damaged *journal.DamagedError
		if !errors.As(err, &damaged) || damaged.Line == 0 {
			t.Fatalf("%v: %+v", err, c)
		}
	})
}

// TestVersion: a journal of another version of the format is none that is damaged.
func TestVersion(t *testing.T) {
	object := []byte(`{"journal":{"format_version":"2"}}`)
	sum := sha256.Sum256(append(make([]byte, 32), object...))
	_, err := journal.Read(strings.NewReader(hex.EncodeToString(sum[:]) + " " + string(object) + "\n"))
	var version *journal.VersionError
	if !errors.As(err, &version) || version.Version != "2" {
		t.Error(err)
	}
	if _, err := journal.Read(strings.NewReader("")); err == nil {
		t.Error("nothing is a journal")
	}
}

func FuzzRead(f *testing.F) {
	_, whole := written(f, f.TempDir())
	f.Add(whole)
	f.Add(whole[:len(whole)/2])
	f.Add([]byte("x {}\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		c, err := journal.Read(bytes.NewReader(text))
		if (c == nil) == (err == nil) {
			t.Fatal(c, err)
		}
	})
}
