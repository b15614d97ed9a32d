package file

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/reconcilehq/reconcile/plugins/sdk/sdktest"
)

// A book is one that is going to be damaged.
type book struct {
	name  string
	data  []byte
	parts []part
	want  []string
	path  string // of the file that is written for each reading of it
}

func books(t testing.TB, rows int) []book {
	t.Helper()
	all := []book{{name: "plain", data: plainBook(t, sampleRows(rows))}, {name: "small", data: smallBook(t, sampleRows(rows))}, {name: "office", data: officeBook(t, sampleRows(rows))}}
	path := filepath.Join(t.TempDir(), "a.xlsx")
	for i := range all {
		b := &all[i]
		b.path = path
		b.parts = unzipped(t, b.data)
		var err error
		if b.want, err = readBook(t, path, b.data); err != nil || len(b.want) != rows {
			t.Fatalf("%s, undamaged: %d rows, %v", b.name, len(b.want), err)
		}
	}
	return all
}

func readBook(t testing.TB, path string, data []byte) ([]string, error) {
	t.Helper()
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	got, err := sdktest.Read(t.Context(), Connector(), sdktest.Settings{"path": path}, "sku", "name", "price", "qoh", "upc", "bin")
	return got.Items, err
}

// damage is a way to spoil a workbook. It returns nil where there is nothing of the kind to spoil.
type damage struct {
	name string
	do   func(t testing.TB, r *rand.Rand, b book) []byte
}

// damages are done to bytes of the file, or to its parts, with checksums that are right again.
var damages = []damage{
	{"a byte changed", func(_ testing.TB, r *rand.Rand, b book) []byte {
		data := slices.Clone(b.data)
		data[r.IntN(len(data))] ^= byte(1 + r.IntN(255))
		return data
	}},
	{"a few bytes changed at the end, where the directory is", func(_ testing.TB, r *rand.Rand, b book) []byte {
		data := slices.Clone(b.data)
		for range 1 + r.IntN(3) {
			data[len(data)-1-r.IntN(min(len(data), 900))] = byte(r.IntN(256))
		}
		return data
	}},
	{"a piece without bytes", func(_ testing.TB, r *rand.Rand, b book) []byte {
		data := slices.Clone(b.data)
		from := r.IntN(len(data))
		clear(data[from:min(len(data), from+1+r.IntN(2000))])
		return data
	}},
	{"cut", func(_ testing.TB, r *rand.Rand, b book) []byte { return b.data[:r.IntN(len(b.data))] }},
	{"a piece taken out", func(_ testing.TB, r *rand.Rand, b book) []byte {
		from := r.IntN(len(b.data))
		return slices.Delete(slices.Clone(b.data), from, min(len(b.data), from+1+r.IntN(500)))
	}},
	{"a part cut", inPart("", func(r *rand.Rand, text string) string { return text[:r.IntN(len(text))] })},
	{"a part without its end", inPart("", func(r *rand.Rand, text string) string { return text[:len(text)-1-r.IntN(40)] })},
	{"something behind a part's end", inPart("", func(r *rand.Rand, text string) string {
		return text + pick(r, "x", "<c/>", "</worksheet>", "\x00", "&amp;")
	})},
	{"what XML does not allow", inPart("", func(r *rand.Rand, text string) string {
		return insert(r, text, pick(r, "&", "&trade;", "&#1;", "&#xFFFE;", "\x01", "\x0b", "\xff", "\xc3", "\xed\xa0\x80", "<", "<x"))
	})},
	{"what XML does not allow in a text", inPart("sheet1.xml", replaceOne(`</t>|</v>|</row>`, "&", "&nbsp;", "]]>", "\x00", "\xe9", "<b>", "</b>", "<!-- -- -->"))},
	{"entities", inPart("", func(_ *rand.Rand, text string) string {
		return strings.Replace(text, "?>", `?><!DOCTYPE a [<!ENTITY b "c">]>`, 1)
	})},
	{"another encoding", inPart("", func(_ *rand.Rand, text string) string {
		return strings.Replace(text, "UTF-8", "windows-1252", 1)
	})},
	{"a wrong tag", inPart("sheet1.xml", replaceOne(`</?(row|c|v|is|t|sheetData|worksheet)\b`, "<rwo", "</rwo", "<x:c", "</d"))},
	{"an element of another name", renamed("sheet1.xml", "row", "c", "v", "is", "t", "sheetData")},
	{"a string of another name", renamed("sharedStrings.xml", "si", "t", "sst")},
	{"an element gone", inPart("", replaceOne(`<(Relationship|Override|sheet|xf|sheetData|cellXfs|is|v)\b[^>]*/?>`, ""))},
	{"a row's number", inPart("sheet1.xml", func(r *rand.Rand, text string) string {
		rows := regexp.MustCompile(`<row r="\d+"`).FindAllStringIndex(text, -1)
		if len(rows) < 3 {
			return ""
		}
		at := rows[2+r.IntN(len(rows)-2)]
		return text[:at[0]] + `<row r="` + pick(r, "1", "0", "-3", "x", "", "99999999", "1e3", "2") + `"` + text[at[1]:]
	})},
	{"a cell's reference", inPart("sheet1.xml", replaceOne(`<c r="[B-F]\d+"`, `<c r="A1"`, `<c r=""`, `<c r="B"`, `<c r="7"`, `<c r="ZZZZ3"`, `<c r="b3"`, `<c r="A1:B2"`))},
	{"a cell beyond", inPart("sheet1.xml", func(r *rand.Rand, text string) string {
		if !strings.Contains(text, "<dimension ref=\"A1:") {
			return ""
		}
		return replaceOne(`<c r="F`, `<c r="G`, `<c r="XFD`)(r, text)
	})},
	{"the last rows gone", inPart("sheet1.xml", func(r *rand.Rand, text string) string {
		rows := regexp.MustCompile(`<row\b`).FindAllStringIndex(text, -1)
		if !strings.Contains(text, "<dimension ref=\"A1:") {
			return ""
		}
		return text[:rows[1+r.IntN(len(rows)-1)][0]] + text[strings.Index(text, "</sheetData>"):]
	})},
	{"a number that is none", inPart("sheet1.xml", replaceOne(`</v>`, "x</v>", " 7</v>", "e</v>", "<v>1</v></v>", "</v><v>3</v>"))},
	{"a format that is not there", inPart("sheet1.xml", replaceOne(` s="\d+"`, ` s="99"`, ` s="-1"`, ` s="x"`))},
	{"a type that is not there", inPart("sheet1.xml", replaceOne(` t="\w+"`, ` t="x"`, ` t=""`, ` t="e"`, ` t="b"`))},
	{"a string that is not there", inPart("sheet1.xml", replaceOne(`t="s"><v>\d+</v>`, `t="s"><v>99999</v>`, `t="s"><v>-1</v>`, `t="s"><v></v>`, `t="s"><v>1.5</v>`, `t="s"/>`))},
	{"fewer strings", inPart("sharedStrings.xml", func(r *rand.Rand, text string) string {
		all := regexp.MustCompile(`(?s)<si>.*?</si>`).FindAllStringIndex(text, -1)
		from := r.IntN(len(all))
		return text[:all[from][0]] + text[all[min(len(all)-1, from+r.IntN(5))][1]:]
	})},
	{"a part gone", func(t testing.TB, r *rand.Rand, b book) []byte {
		at := r.IntN(len(b.parts))
		return stored(t, slices.Delete(slices.Clone(b.parts), at, at+1))
	}},
	{"a part twice", func(t testing.TB, r *rand.Rand, b book) []byte {
		p := b.parts[r.IntN(len(b.parts))]
		p.name = pick(r, p.name, strings.ToUpper(p.name), "/"+p.name, strings.ReplaceAll(p.name, "/", `\`))
		p.text = pick(r, "", p.text, p.text[:len(p.text)/2])
		return stored(t, append(slices.Clone(b.parts), p))
	}},
	{"relations to elsewhere", inPart(".rels", replaceOne(`Target="[^"]*"`, `Target="nowhere.xml"`, `Target=""`, `Target="../[Content_Types].xml"`, `Target="/xl/workbook.xml"`, `Target="sharedStrings.xml"`))},
	{"relations of another kind", inPart(".rels", replaceOne(`(worksheet|officeDocument|styles|sharedStrings)"`, `chartsheet"`, `theme"`, `styles"`, `worksheet"`))},
	{"relations of another id", inPart(".rels", replaceOne(` Id="[^"]*"`, ` Id="rId1"`, ` Id="rId99"`, ` Id=""`))},
	{"other types of content", inPart("[Content_Types].xml", replaceOne(`ContentType="[^"]*"`, `ContentType="text/plain"`, `ContentType=""`, `ContentType="`+typeBase+`styles+xml"`))},
}

// inPart changes a part whose name ends so, one at random if there are several. change returns "" if it cannot.
func inPart(suffix string, change func(*rand.Rand, string) string) func(testing.TB, *rand.Rand, book) []byte {
	return func(t testing.TB, r *rand.Rand, b book) []byte {
		var of []int
		for i, p := range b.parts {
			if strings.HasSuffix(p.name, suffix) {
				of = append(of, i)
			}
		}
		if len(of) == 0 {
			return nil
		}
		parts := slices.Clone(b.parts)
		at := of[r.IntN(len(of))]
		if parts[at].text = change(r, parts[at].text); parts[at].text == b.parts[at].text {
			return nil
		}
		return stored(t, parts)
	}
}

// replaceOne replaces one occurrence of a pattern with one of the texts.
func replaceOne(pattern string, with ...string) func(*rand.Rand, string) string {
	search := regexp.MustCompile(pattern)
	return func(r *rand.Rand, text string) string {
		all := search.FindAllStringIndex(text, -1)
		if len(all) == 0 {
			return text
		}
		at := all[r.IntN(len(all))]
		return text[:at[0]] + pick(r, with...) + text[at[1]:]
	}
}

// renamed gives one element of a part, beginning and end, another name: the part stays well-formed.
func renamed(suffix string, names ...string) func(testing.TB, *rand.Rand, book) []byte {
	return inPart(suffix, func(r *rand.Rand, text string) string {
		name := pick(r, names...)
		all := regexp.MustCompile(`<`+name+`\b[^>/]*>`).FindAllStringIndex(text, -1)
		if len(all) == 0 {
			return text
		}
		at := all[r.IntN(len(all))]
		end := "</" + name + ">"
		other := name + "x"
		tail := text[at[1]:]
		i := strings.Index(tail, end)
		return text[:at[0]+1] + other + text[at[0]+1+len(name):at[1]] + tail[:i] + "</" + other + ">" + tail[i+len(end):]
	})
}

func insert(r *rand.Rand, text, what string) string {
	at := r.IntN(len(text))
	return text[:at] + what + text[at:]
}

func pick(r *rand.Rand, of ...string) string { return of[r.IntN(len(of))] }

// spoil does one damage, and reports whether it did any harm. Whatever is read then must be what was in the book, and an error must say what
// to do.
func spoil(t testing.TB, r *rand.Rand, b book, d damage) (noticed, done bool) {
	t.Helper()
	data := d.do(t, r, b)
	if data == nil {
		return false, false
	}
	got, err := readBook(t, b.path, data)
	if err == nil && !slices.Equal(got, b.want) {
		kept := filepath.Join(os.TempDir(), "damaged.xlsx")
		_ = os.WriteFile(kept, data, 0o600)
		t.Fatalf("%s, %s: %d rows were read, other ones than there were, and no error; it is kept as %s", b.name, d.name, len(got), kept)
	}
	if err != nil && !remedy.MatchString(err.Error()) {
		t.Errorf("%s, %s: %v, which does not say what to do", b.name, d.name, err)
	}
	return err != nil, true
}

// remedy is what errors say of what to do.
var remedy = regexp.MustCompile(`\b(save it|export|mend|set|say|name another|rename|give the cell|have it)\b`)

// TestDamagedWorkbooks holds the promise that a damaged workbook is an error or, where the damage is in what does not
// matter, read as if it were whole.
func TestDamagedWorkbooks(t *testing.T) {
	runs := 60
	if os.Getenv("RECONCILE_TEST_LONG") != "" {
		runs = 400
	}
	r := rand.New(rand.NewPCG(10, 2))
	all := books(t, 1000)
	noticed, done := 0, map[string]int{}
	for i := 0; i < runs; {
		d := damages[r.IntN(len(damages))]
		if i < len(damages) {
			d = damages[i] // each at least once
		}
		saw, did := spoil(t, r, all[r.IntN(len(all))], d)
		if !did {
			continue
		}
		i++
		if done[d.name]++; saw {
			noticed++
		}
	}
	if noticed < runs*3/4 {
		t.Errorf("only %d of %d damages were noticed: they do no harm", noticed, runs)
	}
	if len(done) < len(damages) {
		t.Errorf("%d of %d kinds of damage were done: %v", len(done), len(damages), fmt.Sprint(done))
	}
}

func FuzzDamagedWorkbooks(f *testing.F) {
	all := books(f, 12)
	for kind := range damages {
		f.Add(uint8(kind), uint8(kind), uint64(kind))
	}
	f.Fuzz(func(t *testing.T, kind, which uint8, seed uint64) {
		spoil(t, rand.New(rand.NewPCG(seed, 0)), all[int(which)%len(all)], damages[int(kind)%len(damages)])
	})
}
