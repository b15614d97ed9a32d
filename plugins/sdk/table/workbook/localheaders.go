package workbook

import (
	"archive/zip"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// What stands of each part in the archive's directory, and before the part itself, without texts; and the value of a 32-bit number that
// stands elsewhere, in 64 bits.
const (
	entryLength = 46
	localLength = 30
	elsewhere   = 1<<32 - 1
)

var errDirectory = errors.New("its directory is damaged: save it anew in a spreadsheet program")

// checkLocals holds what the archive's directory says of each part against what stands before the part. Programs read one or the other:
// where the two differ, it depends on the program what is in the workbook. directory is the place of the directory, length its length.
func checkLocals(r io.ReaderAt, directory, length int64, files []*zip.File) error {
	if length > mostPart {
		return errDirectory
	}
	text := make([]byte, length)
	if _, err := r.ReadAt(text, directory); err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	for _, file := range files { // which are in the directory's order
		if len(text) < entryLength || string(text[:4]) != "PK\x01\x02" {
			return errDirectory
		}
		name, extra, comment := int(binary.LittleEndian.Uint16(text[28:])), int(binary.LittleEndian.Uint16(text[30:])), int(binary.LittleEndian.Uint16(text[32:]))
		if len(text) < entryLength+name+extra+comment {
			return errDirectory
		}
		at, ok := placeOf(text[:entryLength], text[entryLength+name:entryLength+name+extra])
		if !ok {
			return errDirectory
		}
		if err := checkLocal(r, at, string(text[entryLength:entryLength+name]), file); err != nil {
			return err
		}
		text = text[entryLength+name+extra+comment:]
	}
	if len(text) > 0 { // an entry that is not counted
		return errDirectory
	}
	return nil
}

// largeDirectory returns where the directory begins, and its length, as the records of the ZIP64 format say that stand before the
// directory's last one, which is at a place.
func largeDirectory(r io.ReaderAt, at int64) (begins, length int64, err error) {
	var locator [20]byte
	var record [56]byte
	if _, err := r.ReadAt(locator[:], max(at-int64(len(locator)), 0)); err != nil || string(locator[:4]) != "PK\x06\x07" {
		return 0, 0, errDirectory
	}
	place := binary.LittleEndian.Uint64(locator[8:])
	if place > 1<<62 {
		return 0, 0, errDirectory
	}
	if _, err := r.ReadAt(record[:], int64(place)); err != nil || string(record[:4]) != "PK\x06\x06" {
		return 0, 0, errDirectory
	}
	begins, length = int64(binary.LittleEndian.Uint64(record[48:])), int64(binary.LittleEndian.Uint64(record[40:]))
	if begins < 0 || length < 0 {
		return 0, 0, errDirectory
	}
	return begins, length, nil
}

// placeOf returns where the part of a directory's entry begins. Of a large archive the extra fields say it.
func placeOf(entry, extra []byte) (int64, bool) {
	at := binary.LittleEndian.Uint32(entry[42:])
	if at != elsewhere {
		return int64(at), true
	}
	for len(extra) >= 4 {
		kind, n := binary.LittleEndian.Uint16(extra), int(binary.LittleEndian.Uint16(extra[2:]))
		if extra = extra[4:]; n > len(extra) {
			return 0, false
		}
		if kind != 1 { // that of the ZIP64 format, which has those numbers that do not fit the entry
			extra = extra[n:]
			continue
		}
		numbers := extra[:n]
		for _, length := range []uint32{binary.LittleEndian.Uint32(entry[24:]), binary.LittleEndian.Uint32(entry[20:])} {
			if length == elsewhere && len(numbers) >= 8 {
				numbers = numbers[8:]
			}
		}
		if len(numbers) < 8 {
			return 0, false
		}
		place := binary.LittleEndian.Uint64(numbers)
		return int64(place), place < 1<<62
	}
	return 0, false
}

// checkLocal holds a part's entry in the directory against what stands before the part.
func checkLocal(r io.ReaderAt, at int64, name string, file *zip.File) error {
	head := make([]byte, localLength+len(name))
	if _, err := r.ReadAt(head, at); err != nil {
		return errDirectory
	}
	number := func(at int) uint64 { return uint64(binary.LittleEndian.Uint32(head[at:])) }
	flags, method := binary.LittleEndian.Uint16(head[6:]), binary.LittleEndian.Uint16(head[8:])
	// A writer that did not know them yet puts them behind the part.
	later := flags&8 != 0
	agrees := func(local, listed uint64) bool { return local == listed || local == elsewhere || later && local == 0 }
	what := ""
	switch {
	case string(head[:4]) != "PK\x03\x04":
		return errDirectory
	case int(binary.LittleEndian.Uint16(head[26:])) != len(name) || string(head[localLength:]) != name:
		what = "another name"
	case method != file.Method || flags&1 != file.Flags&1:
		what = "another way to unpack it"
	case !agrees(number(14), uint64(file.CRC32)):
		what = "another checksum"
	case !agrees(number(18), file.CompressedSize64), !agrees(number(22), file.UncompressedSize64):
		what = "another length"
	default:
		return nil
	}
	return fmt.Errorf("its directory and its part %q disagree: the part has %s than the directory says; save it anew in a spreadsheet program", name, what)
}
