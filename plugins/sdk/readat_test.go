package sdk

import (
	"testing"
	"time"

	sourcev1 "github.com/reconcilehq/reconcile/plugins/proto/source/v1"
)

// TestReadAt says which of the times that a connector gives is that of its data.
func TestReadAt(t *testing.T) {
	old, older := time.Now().Add(-time.Hour), time.Now().AddDate(-1, 0, 0)
	type said struct {
		at   time.Time
		file string
	}
	for _, c := range []struct {
		why  string
		said []said
		want said // of a zero time: when the read began
	}{
		{"nothing", nil, said{}},
		{"a file", []said{{old, "a.csv"}}, said{old, "a.csv"}},
		{"of several the oldest", []said{{old, "a.csv"}, {older, "b.csv"}, {old, "c.csv"}}, said{older, "b.csv"}},
		{"no file", []said{{old, ""}}, said{old, ""}},
		{"the zero time", []said{{time.Time{}, "a.csv"}}, said{}},
		{"the first second of Unix", []said{{time.Unix(0, 0), "a.csv"}}, said{}},
		{"the first second of FAT", []said{{time.Date(1980, 1, 1, 0, 0, 0, 0, time.Local), "a.csv"}}, said{}},
		{"a time to come", []said{{time.Now().Add(time.Hour), "a.csv"}}, said{}},
		{"one that is none beside one that is", []said{{time.Time{}, "a.csv"}, {old, "b.csv"}}, said{old, "b.csv"}},
	} {
		t.Run(c.why, func(t *testing.T) {
			before := time.Now()
			req := (&readStream{}).request(&sourcev1.ReadRequest{}, nil)
			after := time.Now()
			for _, s := range c.said {
				req.ReadAt(s.at, s.file)
			}
			var done sourcev1.Done
			req.dated(&done)
			at := done.GetReadAt().AsTime()
			if c.want.at.IsZero() && (at.Before(before) || at.After(after)) || !c.want.at.IsZero() && !at.Equal(c.want.at) || done.GetFile() != c.want.file {
				t.Errorf("the data are of %s, file %q", at, done.GetFile())
			}
		})
	}
	ReadRequest{}.ReadAt(old, "a.csv") // nobody wants to know
}
