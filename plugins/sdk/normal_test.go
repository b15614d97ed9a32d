package sdk

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/unicode/norm"

	"github.com/reconcilehq/reconcile/engine/catalog"
)

// pieces are what texts that change in NFC are made of: letters and marks apart, marks that stand alone, jamo, what
// composes with what comes before it, what decomposes, and the ends of lines.
var pieces = []string{"", "", "A-1", "Bell", "e", "n", "\u0301", "\u0303", "\u3099", "か", "は", "が", "\u1100", "\u1161", "\u11a8", "가", "é", "\u212b",
	"\u0958", "\u0327\u0301", "\u0301\u0327", "=", "\u0338", "\U0001d15e", "\U00011099\U000110ba", "\u0f71\u0f72\u0f74", "\r", "\n", "\r\n", "|", ":", "日本",
	"a" + strings.Repeat("\u0301", 40), strings.Repeat("\u0327", 33), strings.Repeat("x", 70)}

func randomText(r *rand.Rand) string {
	var b strings.Builder
	for range r.IntN(4) {
		b.WriteString(pieces[r.IntN(len(pieces))])
	}
	return b.String()
}

// sameText is what every source is to hand over, said in another way.
func sameText(s string) string {
	return strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(norm.NFC.String(s))
}

func randomMap(r *rand.Rand) map[string]string {
	m := map[string]string{}
	keys := map[string]bool{}
	for range r.IntN(4) {
		if key := randomText(r); !keys[sameText(key)] {
			keys[sameText(key)] = true
			m[key] = randomText(r)
		}
	}
	return m
}

// TestNormal has columns, rows and items give each value as it is by itself, whatever its neighbours are.
func TestNormal(t *testing.T) {
	fields := []Field{{Name: "s", Type: String}, {Name: "l", Type: List}, {Name: "m", Type: Map}, {Name: "i", Type: Map}}
	r := rand.New(rand.NewPCG(1, 2))
	for round := range 300 {
		n := 1 + r.IntN(12)
		var want []string
		var texts []string
		var lists [][]string
		var entries [][]Entry
		var few []map[string]string
		for range 3 {
			few = append(few, randomMap(r))
		}
		index := make([]int32, n)
		for i := range n {
			texts = append(texts, randomText(r))
			var list []string
			for range r.IntN(4) {
				list = append(list, randomText(r))
			}
			lists = append(lists, list)
			entries = append(entries, entriesOf(randomMap(r)))
			index[i] = int32(r.IntN(len(few)))
			want = append(want, shown(texts[i], lists[i], entries[i], entriesOf(few[index[i]]), sameText))
		}
		ways := map[string]func(w *Writer) error{
			"columns": func(w *Writer) error {
				fewEntries := make([][]Entry, len(few))
				for i, m := range few {
					fewEntries[i] = entriesOf(m)
				}
				return w.Batch(n, []catalog.Column{stringsOf(texts), listsOf(lists), mapsOf(entries),
					catalog.NewIndexedMaps(slices.Clone(index), mapsOf(fewEntries))})
			},
			"rows": func(w *Writer) error {
				for i := range n {
					w.String(0, texts[i])
					w.List(1, lists[i])
					w.Map(2, entries[i])
					w.Map(3, entriesOf(few[index[i]]))
					if err := w.End(); err != nil {
						return err
					}
				}
				return nil
			},
			"items": func(w *Writer) error {
				for i := range n {
					if err := w.writeItem(Item{"s": texts[i], "l": lists[i], "m": mapOf(entries[i]), "i": few[index[i]]}); err != nil {
						return err
					}
				}
				return nil
			},
		}
		for way, write := range ways {
			var got []string
			w, err := NewWriter(t.Context(), fields, func(b *catalog.Batch) error {
				for i := range b.Len() {
					asIs := func(s string) string { return s }
					got = append(got, shown(b.Column(0).Value(i).Str(), b.Column(1).Value(i).List(), b.Column(2).Value(i).Entries(), b.Column(3).Value(i).Entries(), asIs))
				}
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
			if err := write(w); err != nil {
				t.Fatalf("round %d, %s: %v", round, way, err)
			}
			if err := w.Flush(); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Fatalf("round %d: %s do not give each value by itself:\n%s", round, way, diff)
			}
		}
	}
}

// TestNeighbours has the smallest texts that run into one another.
func TestNeighbours(t *testing.T) {
	got := columnText(t, "か", "\u3099", "n", "\u0303", "ㅎ", "\u1112", "\u1161", "é")
	if diff := cmp.Diff([]string{"か", "\u3099", "n", "\u0303", "ㅎ", "\u1112", "\u1161", "é"}, got); diff != "" {
		t.Error(diff)
	}
	// One that is not in NFC has all of them laid out anew.
	if diff := cmp.Diff([]string{"か", "\u3099", "é", "\u0301"}, columnText(t, "か", "\u3099", "e\u0301", "\u0301")); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"a\n", "\nb", "\n\nc"}, columnText(t, "a\r", "\nb", "\r\n\rc")); diff != "" {
		t.Error(diff)
	}
}

func columnText(t *testing.T, texts ...string) []string {
	t.Helper()
	c, err := normaliseColumn(stringsOf(texts))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for i := range c.Len() {
		got = append(got, c.Value(i).Str())
	}
	return got
}

// TestMeetingKeys has keys that are two as they were given, and one as they are sent.
func TestMeetingKeys(t *testing.T) {
	one, other := Entry{Key: "\u00e9", Value: "1"}, Entry{Key: "e\u0301", Value: "2"}
	for way, write := range map[string]func(w *Writer) error{
		"columns": func(w *Writer) error {
			return w.Batch(1, []catalog.Column{mapsOf([][]Entry{{one, other}})})
		},
		"indexed columns": func(w *Writer) error {
			return w.Batch(1, []catalog.Column{catalog.NewIndexedMaps([]int32{0}, mapsOf([][]Entry{{other, one}}))})
		},
		"rows": func(w *Writer) error {
			w.Map(0, []Entry{one, other})
			return w.End()
		},
		"items": func(w *Writer) error {
			return w.writeItem(Item{"m": map[string]string{one.Key: "1", other.Key: "2"}})
		},
	} {
		w, err := NewWriter(t.Context(), []Field{{Name: "m", Type: Map}}, func(*catalog.Batch) error { return nil })
		if err != nil {
			t.Fatal(err)
		}
		const want = `field "m": the map has the keys "e\u0301" and "\u00e9", which are the same text`
		if err := write(w); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want an error with %s", way, err, want)
		}
	}
}

// TestPlainColumns says that columns that are as they should be are sent as they lie.
func TestPlainColumns(t *testing.T) {
	for _, c := range []catalog.Column{stringsOf([]string{"a", "b\n"}), stringsOf([]string{"é", "が", ""}), listsOf([][]string{{"é"}, {}}),
		mapsOf([][]Entry{{{Key: "é", Value: "ü"}}})} {
		if same, err := normaliseColumn(c); err != nil || same != c {
			t.Errorf("%v was laid out anew (%v)", c, err)
		}
	}
}

func entriesOf(m map[string]string) []Entry {
	var entries []Entry
	for _, key := range slices.Sorted(maps.Keys(m)) {
		entries = append(entries, Entry{Key: key, Value: m[key]})
	}
	return entries
}

func mapOf(entries []Entry) map[string]string {
	m := map[string]string{}
	for _, e := range entries {
		m[e.Key] = e.Value
	}
	return m
}

func shown(text string, list []string, one, other []Entry, form func(string) string) string {
	sorted := func(entries []Entry) []string {
		var all []string
		for _, e := range entries {
			all = append(all, fmt.Sprintf("%+q:%+q", form(e.Key), form(e.Value)))
		}
		slices.Sort(all)
		return all
	}
	formed := make([]string, len(list))
	for i := range list {
		formed[i] = form(list[i])
	}
	return fmt.Sprintf("%+q %+q %s %s", form(text), formed, sorted(one), sorted(other))
}

func stringsOf(texts []string) *catalog.Strings {
	offsets := []int32{0}
	data := ""
	for _, s := range texts {
		data += s
		offsets = append(offsets, int32(len(data)))
	}
	return catalog.NewStrings(data, offsets)
}

func listsOf(lists [][]string) *catalog.Lists {
	var items []string
	offsets := []int32{0}
	for _, list := range lists {
		items = append(items, list...)
		offsets = append(offsets, int32(len(items)))
	}
	return catalog.NewLists(stringsOf(items), offsets)
}

func mapsOf(all [][]Entry) *catalog.Maps {
	var keys, values []string
	offsets := []int32{0}
	for _, entries := range all {
		for _, e := range entries {
			keys, values = append(keys, e.Key), append(values, e.Value)
		}
		offsets = append(offsets, int32(len(keys)))
	}
	return catalog.NewMaps(stringsOf(keys), stringsOf(values), offsets)
}
