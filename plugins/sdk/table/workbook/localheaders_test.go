package workbook

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"slices"
	"strings"
	"testing"
)

// stored is a workbook with one number whose parts are not compressed, so that their lengths and checksums stand before them, too.
func stored(t *testing.T, number string) []byte {
	t.Helper()
	p := simple(inSheet("", `<row><c><v>`+number+`</v></c></row>`, ""), "", "")
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for name, text := range p {
		f, err := w.CreateRaw(&zip.FileHeader{Name: name, Method: zip.Store, CompressedSize64: uint64(len(text)), UncompressedSize64: uint64(len(text)), CRC32: crc32.ChecksumIEEE([]byte(text))})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.Write([]byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// large writes where an archive's directory is as the ZIP64 format does: in 64 bits, in records before the last one.
func large(data []byte) []byte {
	end := len(data) - 22
	last := slices.Clone(data[end:])
	record := make([]byte, 56+20)
	copy(record, "PK\x06\x06")
	binary.LittleEndian.PutUint64(record[4:], 56-12)
	n := uint64(binary.LittleEndian.Uint16(last[10:]))
	binary.LittleEndian.PutUint64(record[24:], n)
	binary.LittleEndian.PutUint64(record[32:], n)
	binary.LittleEndian.PutUint64(record[40:], uint64(binary.LittleEndian.Uint32(last[12:])))
	binary.LittleEndian.PutUint64(record[48:], uint64(binary.LittleEndian.Uint32(last[16:])))
	copy(record[56:], "PK\x06\x07")
	binary.LittleEndian.PutUint64(record[56+8:], uint64(end))
	binary.LittleEndian.PutUint32(record[56+16:], 1)
	binary.LittleEndian.PutUint32(last[12:], elsewhere)
	binary.LittleEndian.PutUint32(last[16:], elsewhere)
	return slices.Concat(data[:end], record, last)
}

// TestLocalHeaders has an archive's directory say one thing of a part, and what stands before the part another.
func TestLocalHeaders(t *testing.T) {
	whole := stored(t, "1")
	const name = "xl/worksheets/sheet1.xml"
	at := bytes.Index(whole, []byte("PK\x03\x04")) // what stands before the part: its name stands in another part, too
	for !bytes.HasPrefix(whole[at+localLength:], []byte(name)) {
		at += 4 + bytes.Index(whole[at+4:], []byte("PK\x03\x04"))
	}
	changed := func(data []byte, place int, to ...byte) []byte {
		data = slices.Clone(data)
		copy(data[place:], to)
		return data
	}
	for what, c := range map[string]struct {
		data []byte
		want string
	}{
		"another name":                    {changed(whole, at+localLength+3, 'W'), `disagree: the part has another name than the directory says`},
		"another method":                  {changed(whole, at+8, 8), "another way to unpack it"},
		"encrypted":                       {changed(whole, at+6, whole[at+6]|1), "another way to unpack it"},
		"another checksum":                {changed(whole, at+14, whole[at+14]^1), "another checksum"},
		"another length":                  {changed(whole, at+22, whole[at+22]-1), "another length"},
		"another compressed length":       {changed(whole, at+18, whole[at+18]+1), "another length"},
		"in a large archive":              {large(changed(whole, at+14, whole[at+14]^1)), "another checksum"},
		"an entry that is not counted":    {changed(whole, len(whole)-22+8, whole[len(whole)-22+8]-1, 0, whole[len(whole)-22+10]-1, 0), ""},
		"a large archive without records": {changed(whole, len(whole)-22+16, 0xff, 0xff, 0xff, 0xff), ""},
	} {
		if got, err := read(c.data); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %q, error %v, want %q", what, got, err, c.want)
		}
	}
	for what, data := range map[string][]byte{"as it was": whole, "large": large(whole), "whose lengths stand behind the parts": simple(inSheet("", `<row><c><v>1</v></c></row>`, ""), "", "").zip(t)} {
		if got, err := read(data); err != nil || len(got) != 1 {
			t.Errorf("a workbook %s: %q, error %v", what, got, err)
		}
	}
}
