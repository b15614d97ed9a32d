package workbook

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"
)

// scanned returns what the scanner finds in a document, texts in one piece.
func scanned(from io.Reader) (string, error) {
	var b strings.Builder
	s := newScanner(from)
	for {
		k, err := s.next()
		switch {
		case err != nil:
			return "", err
		case k == done:
			return b.String(), nil
		case k == opening:
			fmt.Fprintf(&b, "\n<%s", s.name)
			for _, a := range s.attrs {
				fmt.Fprintf(&b, " %s=%q", a.name, a.value)
			}
			b.WriteString("\n")
		case k == closing:
			fmt.Fprintf(&b, "\n>%s\n", s.name)
		case k == chars:
			b.Write(s.text)
		}
	}
}

// decoded is scanned by the standard library.
func decoded(from io.Reader) (string, error) {
	var b strings.Builder
	d := xml.NewDecoder(from)
	for {
		token, err := d.Token()
		if err == io.EOF {
			return b.String(), nil
		}
		if err != nil {
			return "", err
		}
		switch token := token.(type) {
		case xml.StartElement:
			fmt.Fprintf(&b, "\n<%s", token.Name.Local)
			for _, a := range token.Attr {
				if a.Name.Space != "xmlns" && (a.Name.Space != "" || a.Name.Local != "xmlns") {
					fmt.Fprintf(&b, " %s=%q", a.Name.Local, blanks.Replace(a.Value))
				}
			}
			b.WriteString("\n")
		case xml.EndElement:
			fmt.Fprintf(&b, "\n>%s\n", token.Name.Local)
		case xml.CharData:
			b.Write(token)
		}
	}
}

// blanks are what XML makes of white space in attributes.
var blanks = strings.NewReplacer("\t", " ", "\n", " ", "\r", " ")

func TestScannerRefuses(t *testing.T) {
	for _, c := range []struct{ name, text string }{
		{"nothing", ""},
		{"white space alone", " \n"},
		{"a text alone", "x"},
		{"an end within an element", "<a><b></b>"},
		{"an end within a tag", "<a><b"},
		{"an end within a comment", "<a><!-- </a>"},
		{"an end within a reference", "<a>&am"},
		{"an end that is none", "<a></b>"},
		{"ends that cross", "<a><b></a></b>"},
		{"an end too many", "<a></a></a>"},
		{"a second root", "<a/><a/>"},
		{"text behind the root", "<a/>x"},
		{"a reference behind the root", "<a/>&#32;"},
		{"CDATA behind the root", "<a/><![CDATA[ ]]>"},
		{"a zero byte behind the root", "<a/>\x00"},
		{"text before the root", "x<a/>"},
		{"a bare &", "<a>R & B</a>"},
		{"an entity of HTML", "<a>&trade;</a>"},
		{"a character that may not be", "<a>&#1;</a>"},
		{"half a character", "<a>&#xD83D;</a>"},
		{"a character beyond all", "<a>&#x110000;</a>"},
		{"a control character", "<a>\x01</a>"},
		{"a control character in a comment", "<a><!-- \x01 --></a>"},
		{"a control character in CDATA", "<a><![CDATA[\x01]]></a>"},
		{"a control character in an attribute", "<a b='\x01'/>"},
		{"bytes that are no UTF-8", "<a>\xe9</a>"},
		{"a cut character", "<a>\xc3</a>"},
		{"an overlong character", "<a>\xc0\xaf</a>"},
		{"a surrogate", "<a>\xed\xa0\x80</a>"},
		{"U+FFFE", "<a>\uFFFE</a>"},
		{"]]> in a text", "<a>]]></a>"},
		{"-- in a comment", "<a><!-- -- --></a>"},
		{"a comment that ends with three", "<a><!-- ---></a>"},
		{"< in an attribute", `<a b="<"/>`},
		{"an attribute twice", `<a b="1" b="2"/>`},
		{"an attribute without quotes", `<a b=1/>`},
		{"an attribute without a value", `<a b/>`},
		{"attributes without a blank between", `<a b="1"c="2"/>`},
		{"a blank before a name", "< a/>"},
		{"a name of digits", "<1/>"},
		{"a name of a letter that XML does not know", "<\u355e/>"},
		{"a name that begins with a dot in the middle", "<\u00b7a/>"},
		{"an attribute's name that begins with a mark", "<a \u0301b='1'/>"},
		{"an instruction of such a name", "<?\u355eJ x?><a/>"},
		{"two colons", `<x:y:z xmlns:x="y"/>`},
		{"a prefix that is not declared", "<x:a/>"},
		{"a prefix of elsewhere", `<a><b xmlns:x="y"/><x:c/></a>`},
		{"an attribute's prefix that is not declared", `<a r:id="1"/>`},
		{"a document type", `<!DOCTYPE a><a/>`},
		{"another encoding", `<?xml version="1.0" encoding="utf-16"?><a/>`},
		{"no version", `<?xml encoding="utf-8"?><a/>`},
		{"another word for version", `<?xml vversion='>1.0'?><a/>`},
		{"a version behind the encoding", `<?xml encoding="utf-8" version="1.0"?><a/>`},
		{"standalone perhaps", `<?xml version="1.0" standalone="maybe"?><a/>`},
		{"more in the declaration", `<?xml version="1.0" standalone="no" lang="en"?><a/>`},
		{"a declaration later", `<a/><?xml version="1.0"?>`},
		{"UTF-16", "\xff\xfe<\x00a\x00/\x00>\x00"},
		{"too deep", strings.Repeat("<a>", mostDepth+1) + strings.Repeat("</a>", mostDepth+1)},
	} {
		t.Run(c.name, func(t *testing.T) {
			for _, from := range []io.Reader{strings.NewReader(c.text), iotest.OneByteReader(strings.NewReader(c.text))} {
				if got, err := scanned(from); err == nil {
					t.Errorf("accepted: %q", got)
				}
			}
		})
	}
}

func TestScanner(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"texts", "<a> x <b>&lt;&amp;&#65;&#x1F514;</b>\r\ny\rz</a>", "\n<a\n x \n<b\n<&A🔔\n>b\n\ny\nz\n>a\n"},
		{"an empty element", `<a b = '1' c="&quot;>&#10;"/>`, "\n<a b=\"1\" c=\"\\\">\\n\"\n\n>a\n"},
		{"white space in attributes", "<a b='1\r\n2\r3\n4\t5'/>", "\n<a b=\"1 2 3 4 5\"\n\n>a\n"},
		{"what is passed over", "\ufeff<?xml version=\"1.0\"?>\n<!-- é --><?pi é?><a><!-- x --><![CDATA[<&>\r\n]]></a>\n<!-- x -->", "\n<a\n<&>\n\n>a\n"},
		{"a whole declaration", "<?xml version = '1.0' encoding='UTF-8'  standalone=\"yes\" ?><a/>", "\n<a\n\n>a\n"},
		{"prefixes", `<x:a xmlns:x="y" x:b="1" xml:space="preserve"></x:a >`, "\n<a b=\"1\" space=\"preserve\"\n\n>a\n"},
		{"names of other letters", `<é中 ñ·1="1"/>`, "\n<é中 ñ·1=\"1\"\n\n>é中\n"},
		{"a long text", "<a>" + strings.Repeat("é&amp;", 100_000) + "</a>", "\n<a\n" + strings.Repeat("é&", 100_000) + "\n>a\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			for _, from := range []io.Reader{strings.NewReader(c.text), iotest.OneByteReader(strings.NewReader(c.text)), iotest.DataErrReader(strings.NewReader(c.text))} {
				got, err := scanned(from)
				if err != nil || got != c.want {
					t.Errorf("%.200q, %v\nwant %.200q", got, err, c.want)
				}
			}
		})
	}
}

func TestScannerTellsErrorsOfItsReader(t *testing.T) {
	text := "<a>" + strings.Repeat("<b/>", 50_000) + "</a>"
	_, err := scanned(io.MultiReader(strings.NewReader(text), iotest.ErrReader(io.ErrClosedPipe)))
	if err != io.ErrClosedPipe {
		t.Errorf("error %v, although the reader failed behind the root element", err)
	}
}

// FuzzScanner holds the scanner against encoding/xml: what it accepts that accepts, too, and finds the same in it; and
// how the document comes in pieces does not matter.
func FuzzScanner(f *testing.F) {
	for _, text := range []string{`<a b="1"><c/>x&lt;</a>`, `<x:a xmlns:x="y">é</x:a>`, "<?xml version='1.0'?><!-- x --><a><![CDATA[]]></a>", "<a>\r\n</a>", "<a b='1\r\n2\r3\n'/>"} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		got, err := scanned(bytes.NewReader(text))
		pieces, other := scanned(iotest.OneByteReader(bytes.NewReader(text)))
		if got != pieces || (err == nil) != (other == nil) {
			t.Fatalf("%q: %q, %v; in pieces: %q, %v", text, got, err, pieces, other)
		}
		if err != nil {
			return
		}
		want, err := decoded(bytes.NewReader(bytes.TrimPrefix(text, []byte("\ufeff"))))
		if err != nil {
			t.Fatalf("%q is accepted, and encoding/xml says: %v", text, err)
		}
		if strings.Trim(want, " \n\t") != strings.Trim(got, " \n\t") && !bytes.Contains(text, []byte("&#")) {
			t.Fatalf("%q: %q, want %q", text, got, want)
		}
	})
}
