package file

import (
	"encoding/binary"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/reconcilehq/reconcile/plugins/sdk/sdktest"
)

// inUTF16 returns the text in UTF-16, in the byte order and without a mark.
func inUTF16(order binary.AppendByteOrder, text string) string {
	var b []byte
	for _, unit := range utf16.Encode([]rune(text)) {
		b = order.AppendUint16(b, unit)
	}
	return string(b)
}

func TestEncodings(t *testing.T) {
	const text = "sku,name\n1,Käse €5 🧀\n"
	items := []string{`{"sku":"1","name":"Käse €5 🧀"}`}
	le, be := inUTF16(binary.LittleEndian, text), inUTF16(binary.BigEndian, text)
	// Longer than one buffer, with characters across the buffers' ends whatever their size.
	long := strings.Repeat("é🧀x", 100_000)
	set := func(encoding string) sdktest.Settings { return sdktest.Settings{"encoding": encoding} }
	for _, c := range []csvCase{
		{name: "UTF-8", text: text, want: items},
		{name: "UTF-8 with mark", text: "\xef\xbb\xbf" + text, want: items},
		{name: "UTF-8 said", text: text, settings: set("utf-8"), want: items},
		{name: "UTF-16, low byte first", text: "\xff\xfe" + le, want: items},
		{name: "UTF-16, high byte first", text: "\xfe\xff" + be, want: items},
		{name: "UTF-16 said, without mark", text: le, settings: set("utf-16"), want: items},
		{name: "UTF-16 said, with mark", text: "\xfe\xff" + be, settings: set("utf-16"), want: items},
		{name: "long UTF-16", text: "\xff\xfe" + inUTF16(binary.LittleEndian, "sku,name\n1,"+long), want: []string{`{"sku":"1","name":"` + long + `"}`}},
		{name: "long UTF-8", text: "sku,name\n1," + long, want: []string{`{"sku":"1","name":"` + long + `"}`}},
		{name: "Windows-1252", text: "sku,name\n1,K\xe4se \x805\n2,plain\n", want: []string{`{"sku":"1","name":"Käse €5"}`, `{"sku":"2","name":"plain"}`}},
		{name: "UTF-8 that is damaged in one place", text: "sku,name\n1,ä\n2,Caf\xe9\n3,ü\n", err: `file "catalogue.csv": line 3 is not valid UTF-8, though other places are: mend what is damaged there, or say what the file is with encoding`},
		{name: "and before the good ones", text: "sku,name\n1,\xe4\n2,é\n", err: "line 2 is not valid UTF-8"},
		{name: "far from the good ones", text: "sku,name\n1,\xe4\n2," + strings.Repeat("x", 600_000) + "é\n", err: "line 2 is not valid UTF-8"},
		{name: "damaged, and said to be Windows-1252", text: "sku,name\n1,é\n2,\xe4\n", settings: set("windows-1252"), want: []string{`{"sku":"1","name":"Ã©"}`, `{"sku":"2","name":"ä"}`}},
		{name: "what Windows-1252 does not define", text: "sku,name\n1,\xe4\n2,\x81\n", err: `line 3 has the byte 0x81, which is no character in Windows-1252`},
		{name: "and where it is said", text: "sku,name\n1,\x9d\n", settings: set("windows-1252"), err: `line 2 has the byte 0x9D`},
		{name: "the guess is said", text: "sku;name\n1;\xe4\n", want: []string{`{"sku":"1","name":"ä"}`},
			notice: `file "catalogue.csv": fields parted by ";", encoding windows-1252, header in line 1 (guessed; can be set with delimiter, encoding, header_row)`},
		{name: "Windows-1252 at the very end", text: "sku,name\n1,caf\xe9", want: []string{`{"sku":"1","name":"café"}`}},
		{name: "Windows-1252 said", text: "sku,name\n1,ä\n", settings: set("windows-1252"), want: []string{`{"sku":"1","name":"Ã¤"}`}},
		{name: "UTF-8 said, but it is not", text: "sku,name\n1,a\n2,\xe4\n", settings: set("utf-8"), err: "line 3 is not valid UTF-8"},
		{name: "not what its mark says", text: "\xef\xbb\xbfsku\n1,\xe4\n", err: "line 2 is not valid UTF-8"},
		{name: "a mark that contradicts the setting", text: "\xff\xfe" + le, settings: set("utf-8"), err: "its byte order mark says utf-16, the setting encoding says utf-8"},
		{name: "UTF-8 cut off", text: "sku,name\n1,é\n2,\xc3", err: "cut off in the middle of a UTF-8 character"},
		{name: "UTF-16 cut off", text: "\xff\xfe" + le[:len(le)-1], err: "cut off in the middle of a UTF-16 character"},
		{name: "half a surrogate pair", text: "\xff\xfe" + inUTF16(binary.LittleEndian, "sku\n1\n") + "\x3e\xd8a\x00", err: "line 3: it is not valid UTF-16: half of a surrogate pair"},
		{name: "half a surrogate pair at the end", text: "\xff\xfe" + inUTF16(binary.LittleEndian, "sku\n") + "\x3e\xd8", err: "half of a surrogate pair"},
		{name: "the wrong half", text: "\xff\xfe" + inUTF16(binary.LittleEndian, "sku\n") + "\x00\xdca\x00", err: "half of a surrogate pair"},
		{name: "UTF-16 without mark", text: le, err: "line 1 has a NUL byte"},
		{name: "NUL bytes", text: "sku\n1\n\x00\n", err: "line 3 has a NUL byte"},
		{name: "NUL characters in UTF-16", text: "\xff\xfe" + inUTF16(binary.LittleEndian, "sku\n1\n\x00"), err: "line 3: it has a NUL character"},
		{name: "UTF-32", text: "\xff\xfe\x00\x00s\x00\x00\x00", err: "NUL byte"},
		{name: "a mark alone", text: "\xef\xbb\xbf", err: "is empty"},
		{name: "a workbook under a wrong name", text: "PK\x03\x04xx", err: "set format to xlsx"},
	} {
		t.Run(c.name, c.run)
	}
}
