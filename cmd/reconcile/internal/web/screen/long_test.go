package screen

import (
	"strings"
	"testing"
)

func TestLongTexts(t *testing.T) {
	long := strings.Repeat("Gitarre ", 20)
	for _, c := range []struct {
		pos, store      string
		inRow, inStore  string
		marked, markedS Parted
	}{
		{"Bell", "Gong", "Bell", "Gong", Parted{Before: "Bell"}, Parted{Before: "Gong"}},
		{long + "alt", long + "neu", "…Gitarre Gitarre alt", "…Gitarre Gitarre neu", Parted{long, "alt", ""}, Parted{long, "neu", ""}},
		{long, long + "!", "…Gitarre Gitarre ", "…Gitarre Gitarre !", Parted{long, "", ""}, Parted{long, "!", ""}},
		{"a" + long, "b" + long, "a" + long[:39] + "…", "b" + long[:39] + "…", Parted{"", "a", long}, Parted{"", "b", long}},
		{strings.Repeat("ع", 50), strings.Repeat("ع", 61), "…" + strings.Repeat("ع", 16), "…" + strings.Repeat("ع", 27), Parted{strings.Repeat("ع", 50), "", ""}, Parted{strings.Repeat("ع", 50), strings.Repeat("ع", 11), ""}},
		{long, "", long[:40] + "…", "", Parted{Before: long}, Parted{}},
	} {
		d := Difference{Field: "name", Pos: c.pos, Store: c.store, differs: true}
		if got := d.InRow(); got.Pos != c.inRow || got.Store != c.inStore {
			t.Errorf("a row has %q and %q, not %q and %q", got.Pos, got.Store, c.inRow, c.inStore)
		}
		if pos, store := d.Marked(0), d.Marked(1); pos != c.marked || store != c.markedS {
			t.Errorf("%.20q, %.20q: marked are %q and %q", c.pos, c.store, pos, store)
		}
	}
}
